"""Small TIFFs of every layout that we read: where the fuzzer starts from, all of them made here."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import tifffile

from tests.scans.pictures import picture, written
from tests.scans.test_damage import PLAIN, classic
from tests.scans.test_logluv import light_tiff
from tests.scans.test_ycbcr import packed_tiff
from workstation.scans.source import Metadata, Pixels

HEIGHT, WIDTH = 20, 36
_TILES = {"tile": (16, 16)}
_PALETTE = np.arange(768, dtype=np.uint16).reshape(3, 256) * 85
_LAYOUTS: dict[str, tuple[int, str, dict[str, Any]]] = {
    "strips": (3, "u1", {"rowsperstrip": 7}),
    "tiles": (3, "u1", _TILES),
    "planar": (3, "u2", {"planarconfig": "separate", "rowsperstrip": 8}),
    "planar tiles": (4, "u1", {"planarconfig": "separate", **_TILES}),
    "palette": (1, "u1", {"photometric": "palette", "colormap": _PALETTE}),
    "inks": (4, "u1", {"photometric": "separated", "compression": "packbits"}),
    "inks and alpha": (5, "u2", {"photometric": "separated", "extrasamples": ["unassalpha"]}),
    "lab": (3, "u1", {"photometric": "cielab", "compression": "lzw"}),
    "icclab": (3, "u2", {"photometric": "icclab", **_TILES}),
    "white is zero": (1, "u2", {"photometric": "miniswhite"}),
    "associated": (4, "u1", {"extrasamples": ["assocalpha"]}),
    "lzw": (3, "u1", {"compression": "lzw", "predictor": True}),
    "deflate": (3, "u2", {"compression": "zlib", "predictor": True, **_TILES}),
    "zstd": (3, "u1", {"compression": "zstd", "predictor": True, **_TILES}),
    "float": (1, "f4", {"compression": "zlib", "predictor": 3}),
    "half": (3, "f2", {"compression": "zstd"}),
    "double": (1, "f8", {}),
    "lzma": (1, "u1", {"compression": "lzma"}),
    "jpeg": (3, "u1", {"compression": "jpeg", **_TILES}),
    "grey jpeg": (1, "u1", {"compression": "jpeg", "rowsperstrip": 16}),
    "jpeg2000": (3, "u1", {"compression": "jpeg2000", **_TILES}),
    "jpegxl": (3, "u1", {"compression": "jpegxl", **_TILES}),
    "webp": (3, "u1", {"compression": "webp", **_TILES}),
    "lerc": (1, "f4", {"compression": "lerc", **_TILES}),
    "12 bit": (1, "u2", {"bitspersample": 12}),
    "signed": (1, "i4", {"rowsperstrip": 9}),
    "resolution": (1, "u1", {"resolution": (300, 300), "description": "a scan", "software": "x"}),
}  # fmt: skip


def seeds(folder: Path) -> dict[str, bytes]:
    """Return one file for every layout; `folder` is where those are written that need a path."""
    found = {name: _saved(*layout) for name, layout in _LAYOUTS.items()}
    for order in "<>":
        for big in (False, True):
            kind = f"{'big' if big else 'classic'} {'little' if order == '<' else 'big'} endian"
            found[kind] = _saved(3, "u2", {"rowsperstrip": 9}, order, big)
    found |= {name: path.read_bytes() for name, path in _written(folder).items()}
    found["pages"] = _pages(subifds=0)
    found["subifds"] = _pages(subifds=2)
    found["plain"] = classic(PLAIN, rest=bytes(100))
    found |= {f"fax {number}": _fax(number) for number in (2, 3, 4)}
    return found


def _saved(channels: int, dtype: str, options: dict[str, Any], order: str = "<", big: bool = False) -> bytes:
    pixels, file = picture(HEIGHT, WIDTH, channels, dtype), BytesIO()
    if options.get("bitspersample") == 12:
        pixels = pixels >> 4
    if options.get("planarconfig") == "separate":
        pixels = np.moveaxis(pixels, -1, 0)
    kind = "rgb" if channels in (3, 4) else "minisblack"
    tifffile.imwrite(
        file,
        np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels),
        byteorder=order,
        bigtiff=big,
        **{"photometric": kind, "metadata": None, **options},
    )
    return file.getvalue()


def _written(folder: Path) -> dict[str, Path]:
    """Return our own pyramids, and what tifffile cannot write."""
    colours, words = Metadata(pixels_per_mm=20.0, icc=imagecodecs.cms_profile("srgb"), xmp=b"<x/>"), _words()
    found = {
        f"pyramid {name}": written(picture(HEIGHT, WIDTH), folder / f"{name}.tif", name, 16, colours)  # type: ignore[arg-type]
        for name in ("none", "deflate", "zstd", "lzw", "jpeg")
    }
    found["shared colour"] = packed_tiff(folder / "y.tif", picture(HEIGHT, WIDTH), 2, 2)
    found["logluv"] = light_tiff(folder / "luv.tif", words.astype(np.uint32) << 16 | 0x6090)
    found["logl"] = light_tiff(folder / "l.tif", words.astype(np.uint16))
    return found


def _words() -> Pixels:
    return np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 97 + 0x3F80


def _pages(subifds: int) -> bytes:
    file, pixels = BytesIO(), picture(HEIGHT, WIDTH)
    with tifffile.TiffWriter(file) as tiff:
        for page in range(2):
            named = {"metadata": None, "photometric": "rgb", "extratags": [(285, 2, 0, f"page {page}", True)]}
            tiff.write(pixels, subifds=subifds, rowsperstrip=8, **named)
            for step in range(subifds):
                reduced = np.ascontiguousarray(pixels[:: 2 << step, :: 2 << step])
                tiff.write(reduced, subfiletype=1, metadata=None, photometric="rgb")
    return file.getvalue()


def _fax(compression: int) -> bytes:
    """Return a black and white page; the bytes are one white row again and again, as far as they are any."""
    entries = [
        (code, kind, count, value) for code, kind, count, value in PLAIN if code not in (258, 259, 279)
    ]
    entries += [(258, 3, 1, 1), (259, 3, 1, compression), (279, 4, 1, 40)]
    return classic(entries, rest=b"\x80\x0b\x20\x4d\x9a\xff\x00\x35" * 40)
