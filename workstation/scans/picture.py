"""JPEG and PNG: small enough to be decoded whole, when somebody first looks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from PIL import Image, UnidentifiedImageError

from workstation.errors import ScanError
from workstation.portable import ReadOnlyFile
from workstation.scans.cache import Share
from workstation.scans.damaged import DamageLog
from workstation.scans.identity import check_still
from workstation.scans.inks import rgb_from_inks
from workstation.scans.jpegmarks import broken_jpeg
from workstation.scans.kinds import kind_of
from workstation.scans.pieces import MAX_RATIO, PLAUSIBLE
from workstation.scans.pngrows import saved_rows
from workstation.scans.profiles import profile_name
from workstation.scans.scan import Look, PageInfo, Parts, Strips
from workstation.scans.segments import metadata_of_picture
from workstation.scans.source import NOWHERE, Level, Pixels
from workstation.scans.stacking import add_coarser
from workstation.scans.upright import orientation_of, upright

MAX_PIXELS = 1 << 28
"""A picture that can only be decoded whole may have so many pixels."""
MAX_BYTES = 1 << 30
PILLOW_RAISES = (
    OSError, SyntaxError, ValueError, RuntimeError, EOFError, LookupError, TypeError, ArithmeticError,
)  # fmt: skip
"""What Pillow raises for damaged files."""
_MODES = {"1": "L", "L": "L", "P": "RGB", "RGB": "RGB", "RGBA": "RGBA", "LA": "LA", "I;16": "I;16"}
_FORMATS = ("JPEG", "PNG")
_CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4, "LA": 2, "I;16": 1}

Decode: TypeAlias = Callable[[IO[bytes]], Pixels]

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # one limit, checked below with our own sentence


class WholeGrid:
    """A picture decoded at once by `decode`, on the first look, and kept.

    That may be long after its profile and its orientation were read: ChangedError where `file` has been
    written to since then.
    """

    strips: Strips = "none"

    def __init__(
        self,
        level: Level,
        file: ReadOnlyFile,
        decode: Callable[[], Pixels],
        damage: DamageLog,
        has_checksums: bool = False,
    ) -> None:
        self.level = level
        self._file = file
        self._has_checksums = has_checksums
        self._decode = decode
        self._damage = damage
        self._lock = threading.Lock()
        self._pixels: Pixels | None = None

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block; all zeros where the picture cannot be decoded."""
        return self._whole()[y0:y1, x0:x1].copy()

    def has_checksums(self) -> bool:
        """Tell whether any changed bit would be found."""
        return self._has_checksums

    def steps(self) -> int:
        """Return 1: it is decoded whole or not at all."""
        return 1

    def looks(self) -> Iterator[Look]:
        """Yield the one look."""
        yield Look(0, 0, self._look)

    def drop(self) -> None:
        """Give the memory back."""
        self._pixels = None

    def _look(self) -> None:
        self._whole()

    def _whole(self) -> Pixels:
        with self._lock:
            if self._pixels is None:
                check_still(self._file)
                pixels = self._decoded()
                check_still(self._file)
                self._pixels = pixels
            return self._pixels

    def _decoded(self) -> Pixels:
        shape = (self.level.height, self.level.width, self.level.channels)
        try:
            return np.ascontiguousarray(self._decode().reshape(shape).astype(self.level.dtype, copy=False))
        except PILLOW_RAISES as error:
            box, size = (0, shape[0], 0, shape[1]), (shape[0], shape[1])
            self._damage.add(0, 0, 0, str(error)[:200], box, size, passing=_is_passing(error))
            return np.zeros(shape, self.level.dtype)


def open_picture(path: Path, page: int) -> Parts:
    """Open a JPEG or PNG; raise ScanError where that cannot be."""
    if page != 0:
        raise ScanError(f"{path} has one page, counted from 0; there is no page {page}.")
    file = ReadOnlyFile(path)
    try:
        return _opened(path, file)
    except BaseException:
        file.close()
        raise


def _opened(path: Path, file: ReadOnlyFile) -> Parts:
    try:
        with Image.open(file.stream(), formats=_FORMATS) as image:
            return _parts(path, file, image)
    except Image.DecompressionBombError as error:
        raise ScanError(f"{path} has too many pixels for its format. Save it as a TIFF in tiles.") from error
    except UnidentifiedImageError as error:
        raise ScanError(f"{path} is not a picture that can be read: its head is damaged.") from error
    except (OSError, SyntaxError, ValueError, OverflowError) as error:
        raise ScanError(f"{path} is not a picture that can be read: {str(error)[:200]}.") from error


def _parts(path: Path, file: ReadOnlyFile, image: Image.Image) -> Parts:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ScanError(f"{path} has too many pixels for its format. Save it as a TIFF in tiles.")
    channels, dtype, decode, made_from = _contents(path, file, image)
    _check_room(file, width * height * channels * dtype.itemsize)
    is_png = image.format == "PNG"
    orientation = _orientation(image)
    damage, share = DamageLog(0, orientation), Share()
    decoded = (_saving if is_png else _watched)(file, decode, damage)
    level = Level(height, width, channels, dtype, (512, 512))
    whole = WholeGrid(level, file, decoded, damage, is_png)
    grids = add_coarser(upright(whole, orientation), share)
    metadata = metadata_of_picture(path, image, orientation, made_from)
    info = PageInfo(
        index=0,
        name=None,
        kind=kind_of(metadata.description, path.stem),
        width=grids[0].level.width,
        height=grids[0].level.height,
        channels=channels,
        dtype=str(dtype),
        compression="deflate" if is_png else "jpeg",
        levels=1,
        icc=profile_name(metadata.icc),
        pixels_per_mm=metadata.pixels_per_mm,
        made_from=made_from,
        orientation=orientation,
    )

    def close() -> None:
        whole.drop()
        share.forget()
        file.close()

    return Parts(info, grids, (0,), metadata, damage, close, share)


def _check_room(file: ReadOnlyFile, nbytes: int) -> None:
    """Refuse what fills the memory; to look for EXIF in a PNG already decodes it."""
    if nbytes > MAX_BYTES:
        raise ScanError(f"{file.path} is too large for its format. Save it as a TIFF in tiles.")
    if nbytes > max(PLAUSIBLE, MAX_RATIO * file.size):
        raise ScanError(
            f"{file.path} is damaged: it is too short for the size that it says. Get a good copy."
        )


def _orientation(image: Image.Image) -> int:
    """Return how the picture lies; Pillow looks for that behind the pixels of a PNG too, damaged or not."""
    try:
        exif = image.getexif()
    except PILLOW_RAISES:
        if image.format != "PNG":
            raise
        exif = Image.Exif()
        exif.load(image.info.get("exif") or b"")
    return orientation_of(exif.get(274))


def _contents(
    path: Path, file: ReadOnlyFile, image: Image.Image
) -> tuple[int, np.dtype[Any], Decode, str | None]:
    """Return channels, type, how to decode, and which other colours the picture is made from."""
    deep = _channels_of_deep_png(file.read_at(0, 26))
    if deep:
        return deep, np.dtype(np.uint16), lambda stream: _deep_png(stream, deep), None
    if image.mode == "CMYK":
        to_rgb, made_from = rgb_from_inks(image.info.get("icc_profile"))
        return 3, np.dtype(np.uint8), lambda stream: to_rgb(_by_pillow(stream, "CMYK")), made_from
    mode = "RGBA" if image.mode == "P" and "transparency" in image.info else _MODES.get(image.mode)
    if mode is None:
        raise ScanError(f"{path} has the colour mode {image.mode}. Convert it to RGB or grey first.")
    dtype = np.dtype(np.uint16 if mode == "I;16" else np.uint8)
    return _CHANNELS[mode], dtype, lambda stream: _by_pillow(stream, mode), None


def _saving(file: ReadOnlyFile, decode: Decode, damage: DamageLog) -> Callable[[], Pixels]:
    """Return what decodes a PNG, or of one that is damaged inside the rows before the damage."""

    def saving() -> Pixels:
        try:
            return decode(file.stream())
        except PILLOW_RAISES as error:
            saved = None if _is_passing(error) else saved_rows(file.stream().read())
            if saved is None:
                raise
            pixels = np.array(decode(BytesIO(saved.png)))
            pixels[saved.rows :] = 0
            height, width = pixels.shape[:2]
            box = (saved.rows, height, 0, width) if saved.rows < height else NOWHERE
            damage.add(0, 0, 0, str(error)[:200], box, (height, width))
            return pixels

    return saving


def _is_passing(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno is not None  # Pillow's own have none


def _watched(file: ReadOnlyFile, decode: Decode, damage: DamageLog) -> Callable[[], Pixels]:
    """Return what decodes a JPEG and names what its decoder passes over in silence."""

    def watched() -> Pixels:
        # first this: what cannot be decoded has a place, what only looks wrong has none
        pixels = decode(file.stream())
        broken = broken_jpeg(file.stream().read(), alone=False)
        if broken:
            damage.add(0, 0, 0, broken, NOWHERE)
        return pixels

    return watched


def _by_pillow(stream: IO[bytes], mode: str) -> Pixels:
    with Image.open(stream, formats=_FORMATS) as image:
        return np.asarray(image if image.mode == mode else image.convert(mode))


def _channels_of_deep_png(head: bytes) -> int:
    """Return the channels of a PNG of 16 bits, 0 for any other picture."""
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[24:25] != b"\x10":
        return 0
    return {0: 1, 2: 3, 4: 2, 6: 4}.get(head[25], 0)


def _deep_png(stream: IO[bytes], channels: int) -> Pixels:
    """Decode a PNG of 16 bits, which Pillow would cut down to 8."""
    import imagecodecs

    pixels = np.atleast_3d(imagecodecs.png_decode(stream.read()))
    return pixels[..., :channels]  # a transparent colour may have become one channel more
