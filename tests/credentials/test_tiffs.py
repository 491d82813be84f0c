"""Credentials inside TIFFs of every layout: nothing else changes for any reader, and it can be undone."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.credentials.conftest import RGB, opened, pages, pyramid, signed
from tests.credentials.test_door import stock_state
from tests.magick import magick_view
from tests.vips import vips_pages
from workstation.credentials.certificates import Studio
from workstation.credentials.formats import sidecar_of, tiff_layout
from workstation.credentials.tiffs import room_in, unsigned_copy
from workstation.credentials.verifying import verify
from workstation.errors import CredentialError, UsageError

Maker = Callable[[Path], object]
GREY, FLOATS = RGB[..., 0], (RGB / 255).astype(np.float32)
PRIVATE = [(65000, 7, 5, b"notes", True), (65001, 3, 1, 42, True)]


def plain(pixels: Any = RGB, **options: Any) -> Maker:
    return lambda path: tifffile.imwrite(path, pixels, **{"photometric": "rgb", "metadata": None, **options})


def page_pyramid(path: Path) -> None:
    with tifffile.TiffWriter(path) as file:
        for level in range(3):
            options = {"photometric": "rgb", "tile": (32, 32), "metadata": None}
            file.write(RGB[:: 2**level, :: 2**level], subfiletype=int(level > 0), **options)


def repeated(path: Path) -> None:
    tifffile.imwrite(path, RGB, photometric="rgb", description="told by the user")  # and tag 270 once more


def first_directory_last(path: Path) -> None:
    """Write a TIFF whose directory lies behind its pixels, at an odd size."""
    entries = [(256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
               (273, 4, 1, 8), (277, 3, 1, 1), (278, 3, 1, 8), (279, 4, 1, 64)]  # fmt: skip
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    directory = struct.pack("<H", len(entries)) + packed + struct.pack("<I", 0)
    path.write_bytes(b"II*\0" + struct.pack("<I", 72) + bytes(range(64)) + directory + b"x")


LAYOUTS: dict[str, Maker] = {
    "strips": plain(),
    "strips of one row": plain(rowsperstrip=1),
    "tiles": plain(tile=(32, 32)),
    "planar": plain(np.moveaxis(RGB, -1, 0), planarconfig="separate"),
    "planar tiles": plain(np.moveaxis(RGB, -1, 0), planarconfig="separate", tile=(32, 32)),
    "big-endian": plain(byteorder=">"),
    "deflate": plain(compression="zlib", predictor=True, tile=(32, 32)),
    "lzw": plain(compression="lzw"),
    "packbits": plain(compression="packbits"),
    "zstd": plain(compression="zstd", tile=(32, 32)),
    "jpeg": plain(compression="jpeg", tile=(32, 32)),
    "jpeg 2000": plain(compression="jpeg2000", tile=(32, 32)),
    "webp": plain(compression="webp", tile=(32, 32)),
    "jpeg xl": plain(compression="jpegxl", tile=(32, 32)),
    "grey": plain(GREY, photometric="minisblack"),
    "16 bit": plain(RGB.astype(np.uint16) * 257),
    "floats": plain(FLOATS),
    "one bit": plain(GREY > 100, photometric="minisblack"),
    "alpha": plain(np.dstack([RGB, GREY]), extrasamples=["unassalpha"]),
    "profile and private tags": plain(iccprofile=b"a profile", extratags=PRIVATE),
    "bigtiff": plain(bigtiff=True, tile=(32, 32)),
    "big-endian bigtiff": plain(bigtiff=True, byteorder=">"),
    "pyramid in pages": page_pyramid,
    "pyramid below": lambda path: pyramid(path, big=False),
    "bigtiff pyramid below": lambda path: pyramid(path, big=True),
    "pages": pages,
    "ome": lambda path: tifffile.imwrite(path, np.stack([GREY] * 3), ome=True, photometric="minisblack"),
    "imagej": lambda path: tifffile.imwrite(path, np.stack([GREY] * 3), imagej=True),
    "a tag twice": repeated,
    "directory last, odd size": first_directory_last,
}
UNREAD_BY_THE_LIBRARY = ("bigtiff pyramid below",)
"""c2pa-rs 0.91 takes pointers of 8 bytes for such of 4."""

UNREAD_BY_VIPS = ("jpeg 2000", "jpeg xl", "planar tiles")
"""Of these Debian's libvips 8.14 gives other pixels at each reading, or none."""


UNREAD_BY_MAGICK = ("jpeg 2000", "jpeg xl")
"""Debian's libtiff has no reader for these compressions."""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_signed_tiff_is_to_every_reader_what_it_was_and_can_be_again(
    layout: str, tmp_path: Path, studio: Studio
) -> None:
    path, target = tmp_path / "before.tif", tmp_path / "signed.tif"
    LAYOUTS[layout](path)
    signed(path, target, studio)
    assert not sidecar_of(target).exists()
    assert verify(target, studio.anchor).state == "trusted"
    if layout not in UNREAD_BY_THE_LIBRARY:
        assert stock_state(target, studio.anchor) == "Trusted"
    assert as_told(target) == as_told(path)
    if layout not in UNREAD_BY_VIPS:
        for one, other in zip(vips_pages(path), vips_pages(target), strict=True):
            assert other is not None
            assert np.array_equal(one, other)
    unsigned_copy(target, tmp_path / "again.tif")
    assert (tmp_path / "again.tif").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_imagemagick_sees_the_same_pages_pixels_and_properties(
    layout: str, tmp_path: Path, studio: Studio
) -> None:
    LAYOUTS[layout](path := tmp_path / "before.tif")
    if not (before := magick_view(path)) and layout in UNREAD_BY_MAGICK:
        pytest.skip("this ImageMagick cannot read the compression, signed or not")
    assert before != []
    for generation in ("once", "twice"):
        path = opened(path, tmp_path / f"{generation}.tif", studio)
        assert magick_view(path) == before


def as_told(path: Path) -> list[tuple[Any, ...]]:
    """Return what tifffile says of each page and level: pixels, and tags without where they lie."""
    found = []
    with tifffile.TiffFile(path) as file:
        below = (part for page in file.pages for part in page.pages or ())
        for page in [*file.pages, *below]:
            tags = sorted((tag.code, str(tag.value)) for tag in page.tags.values() if tag.code != 52545)
            found.append((page.asarray().tobytes(), tags))
        names = [(series.kind, series.shape, len(series.levels)) for series in file.series]
    return [*found, (b"", names)]


@pytest.mark.parametrize("layout", ["strips", "bigtiff pyramid below", "pages"])
def test_a_file_signed_again_and_again_is_undone_one_by_one(
    layout: str, tmp_path: Path, studio: Studio
) -> None:
    files = [tmp_path / f"{number}.tif" for number in range(4)]
    LAYOUTS[layout](files[0])
    for before, after in pairwise(files):
        opened(before, after, studio)
    verdict = verify(files[3], studio.anchor)
    assert verdict.state == "trusted"
    assert len(verdict.ancestors) == 3
    for number in (3, 2, 1):
        unsigned_copy(files[number], back := tmp_path / f"back-{number}.tif")
        assert back.read_bytes() == files[number - 1].read_bytes()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_bit_is_found(data: st.DataObject, tmp_path: Path, studio: Studio) -> None:
    layout = data.draw(st.sampled_from(["strips", "bigtiff pyramid below", "pages"]))
    target = tmp_path / f"{layout}.tif"
    if not target.exists():
        LAYOUTS[layout](tmp_path / "draft.tif")
        signed(tmp_path / "draft.tif", target, studio)
    found = tiff_layout(target)
    assert found is not None
    whole = bytearray(target.read_bytes())
    at = data.draw(st.integers(0, found.places[-1].start - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    (changed := tmp_path / "changed.tif").write_bytes(whole)
    assert verify(changed, studio.anchor).state in ("altered", "damaged", "none", "unsupported")


def test_what_is_not_known_to_be_undone_is_not_undone(tmp_path: Path, studio: Studio) -> None:
    plain()(path := tmp_path / "plain.tif")
    with pytest.raises(CredentialError, match=r"plain\.tif is no TIFF with a credential inside"):
        unsigned_copy(path, tmp_path / "a.tif")
    target = signed(path, tmp_path / "signed.tif", studio)
    shutil.copy(target, before := tmp_path / "before.tif")
    with pytest.raises(UsageError, match="exists"):
        unsigned_copy(target, before)
    data = target.read_bytes()
    (tmp_path / "foreign.tif").write_bytes(data.replace(b"WORKSTATION UNSIGN", b"SOMEBODY ELSE SAYS"))
    with pytest.raises(CredentialError, match="not signed by this programme"):
        unsigned_copy(tmp_path / "foreign.tif", tmp_path / "a.tif")
    at = data.index(b"WORKSTATION UNSIGN") + 24
    (tmp_path / "wrong.tif").write_bytes(data[:at] + struct.pack("<Q", 1 << 40) + data[at + 8 :])
    with pytest.raises(CredentialError, match="does not fit it"):
        unsigned_copy(tmp_path / "wrong.tif", tmp_path / "a.tif")
    assert sorted(file.name for file in tmp_path.glob("*.tif")) == [
        "before.tif", "foreign.tif", "plain.tif", "signed.tif", "wrong.tif",
    ]  # fmt: skip


def test_a_classic_tiff_at_the_end_of_its_reach_is_signed_beside(tmp_path: Path, studio: Studio) -> None:
    path = tmp_path / "long.tif"
    plain(tile=(32, 32))(path)
    with path.open("r+b") as file:
        file.truncate((1 << 32) - 500)  # takes no room on the disk
    with pytest.raises(CredentialError, match="cannot carry its credential inside"):
        room_in(path, 4000)
    assert path.stat().st_size == (1 << 32) - 500
