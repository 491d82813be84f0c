"""What the channels of a scan are (grey or RGB, alpha, infrared) is what a picture made from it says too."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.scans.inks import grey_profile
from tests.scans.pictures import picture
from tests.scans.tagged import tiff
from tests.scans.test_opening import whole
from tests.vips import vips_colours, vips_level
from workstation.errors import UsageError
from workstation.jobs import finish
from workstation.scans.colour import Display
from workstation.scans.facts import facts_of
from workstation.scans.opening import open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.resuming import resume_pyramid
from workstation.scans.shown import Shown
from workstation.scans.source import Pixels
from workstation.scans.source import colours_of as colours_seen
from workstation.scans.thumbnail import thumbnail

SOURCES: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = [
    ("rgb", (0,), (0,)),
    ("rgb", (2,), (2,)),
    ("rgb", (1,), (2,)),
    ("rgb", (2, 0), (2, 0)),
    ("rgb", (0, 2), (0, 2)),
    ("rgb", (0, 1), (0, 2)),
    ("rgb", (0, 0, 0), (0, 0, 0)),
    ("minisblack", (0,), (0,)),
    ("minisblack", (1,), (2,)),
    ("minisblack", (0, 0), (0, 0)),
    ("minisblack", (0, 0, 0), (0, 0, 0)),
    ("minisblack", (2, 0), (2, 0)),
    ("miniswhite", (2,), (2,)),
    ("miniswhite", (0, 0), (0, 0)),
]
"""Colours and further channels of a file, and what a pyramid of it has to say of the latter."""


def save(path: Path, pixels: Pixels, photometric: str, extra: tuple[int, ...], **options: Any) -> Path:
    how = {"planarconfig": "contig", "extrasamples": extra, "metadata": None, **options}
    tifffile.imwrite(path, pixels, photometric=photometric, **how)
    return path


def colours_of(photometric: str) -> int:
    return 3 if photometric == "rgb" else 1


@pytest.fixture(params=SOURCES, ids=str)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path, int, tuple[int, ...]]:
    """Return a scan, a pyramid of it, and what the pyramid has to say of colours and further channels."""
    photometric, extra, expected = request.param
    colours = colours_of(photometric)
    path = save(tmp_path / "s.tif", picture(600, 700, colours + len(extra)), photometric, extra)
    with open_scan(path) as scan:
        finish(write_pyramid(scan, tmp_path / "p.tif"))
    return path, tmp_path / "p.tif", colours, expected


def test_other_programmes_find_in_a_pyramid_the_channels_of_the_scan(
    made: tuple[Path, Path, int, tuple[int, ...]],
) -> None:
    _, pyramid, colours, extra = made
    with tifffile.TiffFile(pyramid) as file:
        levels = file.series[0].levels
        assert len(levels) == 2
        for page in (level.keyframe for level in levels):
            assert int(page.photometric) == (2 if colours == 3 else 1)
            assert page.samplesperpixel == colours + len(extra)
            assert tuple(map(int, page.extrasamples)) == extra
        assert np.array_equal(file.pages.first.asarray(), whole(pyramid))
    assert vips_colours(pyramid) == (colours + len(extra), "srgb" if colours == 3 else "b-w")
    assert np.array_equal(vips_level(pyramid, 0), whole(pyramid))


def test_pillow_finds_alpha_in_a_pyramid_where_the_scan_had_it_and_nowhere_else(tmp_path: Path) -> None:
    modes = {("rgb", (0,)): "RGB", ("rgb", (1,)): "RGBA", ("rgb", (0, 0)): "RGB", ("minisblack", (0,)): "L"}
    for number, ((photometric, extra), mode) in enumerate(modes.items()):
        pixels = picture(20, 30, colours_of(photometric) + len(extra))
        with open_scan(save(tmp_path / f"{number}.tif", pixels, photometric, extra)) as scan:
            finish(write_pyramid(scan, tmp_path / f"p{number}.tif", compression="deflate"))
        with Image.open(tmp_path / f"p{number}.tif") as image:
            assert image.mode == mode


def test_a_pyramid_is_read_as_the_scan_that_it_was_made_from(
    made: tuple[Path, Path, int, tuple[int, ...]], tmp_path: Path
) -> None:
    path, pyramid, _, extra = made
    assert np.array_equal(whole(pyramid), whole(path))
    with open_scan(path) as scan, open_scan(pyramid) as again:
        assert again.metadata == scan.metadata
        assert again.metadata.extra == extra
        assert facts_of(again).colour == facts_of(scan).colour
        finish(resume_pyramid(again, tmp_path / "r.tif"))
    with open_scan(tmp_path / "r.tif") as once_more:
        assert once_more.metadata.extra == extra


@pytest.mark.parametrize(
    ("photometric", "extra", "words"),
    [
        ("rgb", (0,), "RGB with 1 further channel"),
        ("rgb", (2,), "RGB with alpha"),
        ("rgb", (2, 0, 0), "RGB with alpha and 2 further channels"),
        ("minisblack", (0, 0), "grey with 2 further channels"),
        ("minisblack", (1,), "grey with alpha"),
    ],
)
def test_infrared_beside_colours_is_not_called_alpha(
    tmp_path: Path, photometric: str, extra: tuple[int, ...], words: str
) -> None:
    pixels = picture(9, 9, colours_of(photometric) + len(extra))
    with open_scan(save(tmp_path / "s.tif", pixels, photometric, extra)) as scan:
        assert facts_of(scan).colour == words


def test_a_file_that_does_not_say_what_its_fourth_channel_is_calls_it_alpha_nowhere(tmp_path: Path) -> None:
    (tmp_path / "s.tif").write_bytes(tiff(picture(9, 9, 4), {262: (3, struct.pack("<H", 2))}))
    with open_scan(tmp_path / "s.tif") as scan:
        finish(write_pyramid(scan, tmp_path / "p.tif"))
    with tifffile.TiffFile(tmp_path / "p.tif") as file:
        assert file.pages.first.extrasamples == (0,)


def test_jpeg_refuses_grey_with_further_channels_as_if_they_were_colours(tmp_path: Path) -> None:
    path = save(tmp_path / "s.tif", picture(9, 9, 3), "minisblack", (0, 0))
    with open_scan(path) as scan, pytest.raises(UsageError, match="grey with 2 further channels"):
        finish(write_pyramid(scan, tmp_path / "p.tif", compression="jpeg"))


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("layout", [{}, {"tile": (64, 64)}, {"planarconfig": "separate"}])
def test_alpha_beside_a_negative_is_not_turned(tmp_path: Path, dtype: str, layout: dict[str, Any]) -> None:
    stored = picture(90, 120, 2, dtype)
    data = np.moveaxis(stored, -1, 0) if "planarconfig" in layout else stored
    path = save(tmp_path / "s.tif", np.ascontiguousarray(data), "miniswhite", (2,), **layout)
    assert np.array_equal(whole(path)[..., 0], np.iinfo(dtype).max - stored[..., 0])
    assert np.array_equal(whole(path)[..., 1], stored[..., 1])
    if "planarconfig" not in layout:  # libvips takes planes of such files for others
        assert np.array_equal(vips_level(path, 0), whole(path))


@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_alpha_is_taken_out_of_a_negative_as_it_is_of_a_positive(tmp_path: Path, dtype: str) -> None:
    light = picture(90, 120, 2, dtype)
    light[..., 0] = np.minimum(light[..., 0], light[..., 1])
    negative = light.copy()
    negative[..., 0] = np.iinfo(dtype).max - light[..., 0]
    positive = save(tmp_path / "p.tif", light, "minisblack", (1,))
    assert np.array_equal(whole(save(tmp_path / "n.tif", negative, "miniswhite", (1,))), whole(positive))
    assert not np.array_equal(whole(positive), light)
    off = np.abs(vips_level(tmp_path / "n.tif", 0).astype(int) - whole(positive))
    assert off.max() <= 1


def test_alpha_is_taken_out_of_few_bits_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    grey, alpha = rng.integers(0, 16, (2, 30, 40))
    packed = ((grey * alpha + 7) // 15 << 4 | alpha).astype(np.uint8)[..., None]
    shorts = {258: (4, 4), 277: (2,), 338: (1,)}
    tags = {code: (3, struct.pack(f"<{len(values)}H", *values)) for code, values in shorts.items()}
    (tmp_path / "s.tif").write_bytes(tiff(packed, tags))
    found = whole(tmp_path / "s.tif")
    assert np.array_equal(found[..., 1], alpha * 17)
    off = np.abs(found[..., 0] - grey * 17.0) * alpha / 15
    assert off.max() <= 9  # half a step of 4 bits, seen through its alpha
    assert not found[..., 0][alpha == 0].any()


def test_a_channel_beside_ycbcr_stays_as_it_is(tmp_path: Path) -> None:
    stored = picture(30, 40, 4)
    tags = {262: (3, struct.pack("<H", 6)), 530: (3, struct.pack("<2H", 1, 1))}
    (tmp_path / "s.tif").write_bytes(tiff(stored, {**tags, 338: (3, struct.pack("<H", 2))}))
    (tmp_path / "plain.tif").write_bytes(tiff(np.ascontiguousarray(stored[..., :3]), tags))
    found = whole(tmp_path / "s.tif")
    assert np.array_equal(found[..., 3], stored[..., 3])
    assert np.array_equal(found[..., :3], whole(tmp_path / "plain.tif"))


@pytest.mark.parametrize("icc", [None, grey_profile(1.8)])
def test_grey_beside_infrared_and_ultraviolet_is_seen_grey(tmp_path: Path, icc: bytes | None) -> None:
    pixels = picture(64, 64, 3)
    pixels[..., 1:] = 255 - pixels[..., 1:]
    path = save(tmp_path / "s.tif", pixels, "minisblack", (0, 0), iccprofile=icc)
    with open_scan(path) as scan:
        shown = np.asarray(Image.open(BytesIO(thumbnail(scan, 64, quality=100)))).astype(int)
        assert np.ptp(shown, axis=-1).max() <= 2
        seen = Shown(scan, Display())
        assert colours_seen(seen) == (3 if icc else 1)
        block = seen.read(0, 0, 64, 0, 64).astype(int)[..., : colours_seen(seen)]
        assert np.ptp(block, axis=-1).max() == 0
        assert np.corrcoef(block[..., 0].ravel(), pixels[..., 0].ravel())[0, 1] > 0.99
