"""Colours that are not grey or RGB: they become the sRGB that others make, and their profile says so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from tests.scans.ink_profile import ink_profile
from tests.scans.pictures import picture
from tests.scans.test_opening import whole
from workstation.errors import ScanError
from workstation.scans.opening import describe, open_scan
from workstation.scans.profiles import srgb_profile
from workstation.scans.source import Pixels

LAYOUTS: dict[str, dict[str, Any]] = {
    "strips": {"rowsperstrip": 20},
    "tiles": {"tile": (64, 64), "compression": "zlib"},
    "planes": {"planarconfig": "separate"},
}


def save(path: Path, stored: Pixels, photometric: str, **options: Any) -> Path:
    data = np.moveaxis(stored, -1, 0) if options.get("planarconfig") else stored
    tifffile.imwrite(path, np.ascontiguousarray(data), photometric=photometric, metadata=None, **options)
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
def test_inks_without_a_profile_become_the_rgb_that_pillow_makes(tmp_path: Path, layout: str) -> None:
    inks = picture(90, 120, 4)
    path = save(tmp_path / "s.tif", inks, "separated", **LAYOUTS[layout])
    assert np.array_equal(whole(path), np.asarray(Image.fromarray(inks, "CMYK").convert("RGB")))


@pytest.mark.parametrize("dtype", ["u2", "f4"])
def test_deep_inks_stay_deep(tmp_path: Path, dtype: str) -> None:
    inks = picture(90, 120, 4, dtype)
    pixels = whole(save(tmp_path / "s.tif", inks, "separated"))
    top = 65535 if dtype == "u2" else 1
    light = 1 - inks.astype(float) / top
    assert pixels.dtype == dtype
    assert np.abs(pixels / top - light[..., :3] * light[..., 3:]).max() < (0.51 / 65535)


def test_inks_with_a_profile_become_the_srgb_that_their_profile_says(tmp_path: Path) -> None:
    inks, icc = picture(90, 120, 4), ink_profile()
    path = save(tmp_path / "s.tif", inks, "separated", iccprofile=icc)
    expected = ImageCms.profileToProfile(
        Image.fromarray(inks, "CMYK"),
        ImageCms.getOpenProfile(BytesIO(icc)),
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert np.abs(whole(path).astype(int) - np.asarray(expected)).max() <= 1
    plain = whole(save(tmp_path / "plain.tif", inks, "separated"))
    assert np.abs(whole(path).astype(int) - plain).max() > 20  # the profile does make a difference


@pytest.mark.parametrize("dtype", ["u2", "f4"])
def test_deep_inks_with_a_profile_are_as_the_shallow_ones(tmp_path: Path, dtype: str) -> None:
    inks, icc = picture(90, 120, 4), ink_profile()
    shallow = whole(save(tmp_path / "s.tif", inks, "separated", iccprofile=icc))
    deep = (inks.astype(np.uint16) * 257) if dtype == "u2" else (inks / np.float32(255))
    pixels = whole(save(tmp_path / "d.tif", deep, "separated", iccprofile=icc))
    assert pixels.dtype == dtype
    top = 65535 if dtype == "u2" else 1
    assert np.abs(pixels.astype(float) / top * 255 - shallow).max() < 1.5


def test_rgb_made_from_inks_bears_the_profile_of_srgb_and_not_that_of_inks(tmp_path: Path) -> None:
    path = save(tmp_path / "s.tif", picture(9, 9, 4), "separated", iccprofile=ink_profile())
    with open_scan(path) as scan:
        assert scan.metadata.icc == srgb_profile()
        assert scan.page.channels == 3
    assert describe(path).pages[0].made_from == "CMYK by its profile Ink for tests"
    with open_scan(save(tmp_path / "plain.tif", picture(9, 9, 4), "separated")) as scan:
        assert scan.page.made_from == "CMYK by a plain formula, for want of a usable profile"


def test_a_damaged_profile_of_inks_is_as_none(tmp_path: Path) -> None:
    inks = picture(20, 30, 4)
    path = save(tmp_path / "s.tif", inks, "separated", iccprofile=ink_profile()[:200] + bytes(400))
    assert np.array_equal(whole(path), np.asarray(Image.fromarray(inks, "CMYK").convert("RGB")))


def test_alpha_beside_inks_is_kept(tmp_path: Path) -> None:
    stored = picture(40, 50, 5)
    path = save(tmp_path / "s.tif", stored, "separated", extrasamples=["unassalpha"])
    pixels = whole(path)
    assert pixels.shape == (40, 50, 4)
    assert np.array_equal(pixels[..., 3], stored[..., 4])


def test_inks_that_are_not_cmyk_are_refused_by_name(tmp_path: Path) -> None:
    kinds = {"extrasamples": ["unspecified"] * 2, "extratags": [(332, 3, 1, 2, True)]}
    path = save(tmp_path / "s.tif", picture(9, 9, 6), "separated", **kinds)
    with pytest.raises(ScanError, match="in printing inks with 6 channels"):
        open_scan(path)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_cielab_becomes_the_srgb_that_lcms_makes(tmp_path: Path, dtype: str, layout: str) -> None:
    rgb = picture(90, 120, 3, dtype)
    shifted = imagecodecs.cms_transform(
        rgb, srgb_profile(), imagecodecs.cms_profile("lab4"), colorspace="rgb", outcolorspace="lab", intent=1
    )
    lab, deep = shifted.copy(), dtype == "u2"
    axes = (shifted[..., 1:] / (257 if deep else 1) - 128) * (256 if deep else 1)
    lab[..., 1:] = np.clip(np.rint(axes), -32768, 32767).astype("i2" if deep else "i1").view(lab.dtype)
    pixels = whole(save(tmp_path / "s.tif", lab, "cielab", **LAYOUTS[layout]))
    off = np.abs(pixels.astype(int) - rgb)
    if dtype == "u1":  # 8-bit CIELAB is coarser than 8-bit sRGB
        assert off.mean() < 1.5
        assert off.max() <= 12
    else:
        assert off.mean() < 20
        assert off.max() < 300


def test_icclab_is_cielab_with_shifted_axes(tmp_path: Path) -> None:
    lab = picture(40, 50, 3)
    shifted = lab ^ np.array([0, 128, 128], np.uint8)
    first = save(tmp_path / "s.tif", lab, "cielab")
    second = save(tmp_path / "i.tif", shifted, "icclab")
    assert np.array_equal(whole(first), whole(second))


def test_known_points_of_cielab(tmp_path: Path) -> None:
    lab = np.array([[[0, 0, 0], [255, 0, 0], [128, 0, 0], [136, 81, 70]]], np.uint8)
    pixels = whole(save(tmp_path / "s.tif", lab, "cielab"))
    assert pixels[0].tolist()[:3] == [[0, 0, 0], [255, 255, 255], [119, 119, 119]]
    assert np.abs(pixels[0, 3].astype(int) - (255, 0, 0)).max() <= 12  # L* 53.3 a* 81 b* 70: the red of sRGB
    with open_scan(tmp_path / "s.tif") as scan:
        assert scan.metadata.icc == srgb_profile()
        assert scan.page.made_from == "CIELAB under D50"


@pytest.mark.parametrize("kind", ["rgb", "minisblack"])
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_premultiplied_alpha_is_taken_out(tmp_path: Path, kind: str, dtype: str) -> None:
    colours = 3 if kind == "rgb" else 1
    straight = picture(90, 120, colours + 1, dtype)
    top = 1.0 if dtype == "f4" else float(np.iinfo(dtype).max)
    straight[:20, :20, -1] = 0
    share = straight[..., -1:] / top
    stored = straight.copy()
    stored[..., :-1] = (straight[..., :-1] * share + (0 if dtype == "f4" else 0.5)).astype(dtype)
    pixels = whole(save(tmp_path / "s.tif", stored, kind, extrasamples=["assocalpha"]))
    seen = share[..., 0] > 0
    assert np.array_equal(pixels[..., -1], straight[..., -1])
    assert not pixels[~seen][:, :-1].any()
    off = np.abs(pixels[seen].astype(float) - straight[seen]) * share[seen]
    assert off.max() <= (1e-6 if dtype == "f4" else 1.01)
    again = save(tmp_path / "u.tif", stored, kind, extrasamples=["unassalpha"])
    assert np.array_equal(whole(again), stored)


def test_a_jpeg_of_inks_becomes_srgb_too(tmp_path: Path) -> None:
    Image.fromarray(picture(90, 120, 4), "CMYK").save(tmp_path / "s.jpg", quality=95)
    with Image.open(tmp_path / "s.jpg") as image:
        expected = np.asarray(image.convert("RGB"))
    assert np.array_equal(whole(tmp_path / "s.jpg"), expected)
    with open_scan(tmp_path / "s.jpg") as scan:
        assert scan.metadata.icc == srgb_profile()


def test_many_threads_convert_inks_alike(tmp_path: Path) -> None:
    inks = picture(700, 900, 4)
    path = save(tmp_path / "s.tif", inks, "separated", iccprofile=ink_profile(), tile=(64, 64))
    expected = whole(path)

    def look(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        for _ in range(20):
            y, x = int(rng.integers(0, 500)), int(rng.integers(0, 700))
            if not np.array_equal(scan.read(0, y, y + 150, x, x + 150), expected[y : y + 150, x : x + 150]):
                return False
        return True

    with open_scan(path) as scan, ThreadPoolExecutor(8) as pool:
        assert all(pool.map(look, range(8)))


@pytest.mark.parametrize("alphas", [0, 1])
@pytest.mark.parametrize("layout", [{}, {"tile": (64, 64)}])
def test_spot_colours_beside_inks_are_left_out_and_that_is_said(
    tmp_path: Path, alphas: int, layout: dict[str, Any]
) -> None:
    inks = picture(90, 120, 6 + alphas)
    kinds = [2] * alphas + [0, 0]
    path = save(tmp_path / "s.tif", inks, "separated", extrasamples=kinds, **layout)
    pixels = whole(path)
    process = np.ascontiguousarray(inks[..., :4])
    assert np.array_equal(pixels[..., :3], np.asarray(Image.fromarray(process, "CMYK").convert("RGB")))
    assert np.array_equal(pixels[..., 3:], inks[..., 4 : 4 + alphas])
    made_from = describe(path).pages[0].made_from
    assert made_from is not None
    assert made_from.endswith(f"leaving out 2 of its {6 + alphas} channels")
