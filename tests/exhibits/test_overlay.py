"""The textures of an exhibit: right colours, only what was changed, and no giant reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.comparison.pictures import Levels, noisy, painted
from workstation.errors import ExhibitError
from workstation.exhibits import averaging
from workstation.exhibits import overlay as textures
from workstation.exhibits.averaging import Means, Read
from workstation.exhibits.frame import Frame, fitted
from workstation.exhibits.overlay import Texture, overlay
from workstation.jobs import finish
from workstation.scans.profiles import srgb_profile
from workstation.scans.source import ArraySource, Damage, Level, Metadata, Pixels, TileSource


def averaged(read: Read, size: tuple[int, int], target: tuple[int, int]) -> Means:
    return finish(averaging.averaged(read, size, target))


def picture(source: TileSource, frame: Frame, name: str) -> Texture:
    return finish(textures.picture(source, frame, name))


def changed(before: TileSource, after: TileSource, frame: Frame, name: str) -> Means:
    return finish(textures.changed(before, after, frame, name))


def marked(mask: TileSource, of: TileSource, frame: Frame, name: str) -> Means:
    return finish(textures.marked(mask, of, frame, name))


class Giant:
    """A painting of 925,000 × 775,000 px, computed as it is read, that counts what is asked of it."""

    def __init__(self, levels: int, channels: int = 3) -> None:
        sizes = [(-(-775_000 >> n), -(-925_000 >> n)) for n in range(levels)]
        self.levels = tuple(Level(h, w, channels, np.dtype(np.uint8), (512, 512)) for h, w in sizes)
        self.metadata = Metadata()
        self.damaged: tuple[Damage, ...] = ()
        self.read_levels: set[int] = set()
        self.largest = 0

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        self.read_levels.add(level)
        self.largest = max(self.largest, (y1 - y0) * (x1 - x0))
        size = self.levels[level]
        row = (np.arange(x0, x1) * 255 // size.width).astype(np.uint8)
        return np.broadcast_to(row[None, :, None], (y1 - y0, x1 - x0, size.channels)).copy()

    def close(self) -> None:
        """Nothing to give back."""


def frame_of(width: int, height: int, largest: int = 64) -> Frame:
    return fitted(width, height, (width, height), largest)


@settings(deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 40), st.integers(1, 40))
def test_each_new_pixel_is_the_mean_of_its_area(high: int, wide: int, down: int, across: int) -> None:
    full = np.random.default_rng(high * 71 + wide).integers(0, 255, (high, wide, 2)).astype(np.uint8)
    found = averaged(lambda y0, y1, x0, x1: full[y0:y1, x0:x1], (wide, high), (across, down))
    repeated = full.repeat(down, 0).repeat(across, 1).reshape(down, high, across, wide, 2)
    assert np.abs(found - repeated.mean(axis=(1, 3))).max() < 1e-3


def test_a_giant_scan_is_never_read_at_full_resolution() -> None:
    giant = Giant(levels=11)
    texture = picture(giant, fitted(925, 775, (925_000, 775_000), 512), "giant.tif")
    assert texture.shape == (512, 512, 3)
    assert giant.read_levels == {10}
    assert giant.largest < 2_000_000
    assert np.abs(texture[10, :, 0].astype(int) - np.arange(512) * 255 // 512).max() <= 1


def test_a_giant_scan_without_levels_is_refused_at_once() -> None:
    giant = Giant(levels=2)
    with pytest.raises(ExhibitError, match=r"no coarser levels.*workstation pyramid"):
        picture(giant, frame_of(925, 775), "giant.tif")
    assert giant.read_levels == set()


def test_sixteen_bits_floats_and_greys_become_eight_bit_colours() -> None:
    eight = painted(40, 60)
    frame = frame_of(60, 40)
    plain = picture(ArraySource(eight), frame, "a")
    assert np.array_equal(plain[:40, :60], eight)
    assert np.array_equal(picture(ArraySource(eight.astype(np.uint16) * 257), frame, "a"), plain)
    assert np.array_equal(picture(ArraySource((eight / 255).astype(np.float32)), frame, "a"), plain)
    grey = picture(ArraySource(eight[..., :1].copy()), frame, "a")
    assert np.array_equal(grey[..., 0], grey[..., 2])
    broken = np.full((40, 60, 1), np.nan, np.float32)
    assert not picture(ArraySource(broken), frame, "a").any()


def test_what_remains_of_the_texture_repeats_the_pictures_edge() -> None:
    texture = picture(ArraySource(painted(40, 60)), frame_of(60, 40), "a")
    assert texture.shape == (64, 64, 3)
    assert (texture[40:, :60] == texture[39, :60]).all()
    assert (texture[:, 60:] == texture[:, 59:60]).all()


def test_a_colour_profile_is_turned_into_srgb() -> None:
    lab_like = srgb_profile()
    frame = frame_of(60, 40)
    plain = picture(ArraySource(painted(40, 60)), frame, "a")
    same = picture(ArraySource(painted(40, 60), Metadata(icc=lab_like)), frame, "a")
    assert np.abs(same.astype(int) - plain).max() <= 1
    with pytest.raises(ExhibitError, match=r"colour profile of a"):
        picture(ArraySource(painted(40, 60), Metadata(icc=b"no profile")), frame, "a")


def test_only_what_was_changed_is_opaque() -> None:
    before = painted(128, 256)
    after = before.copy()
    after[40:80, 100:140] = noisy(after[40:80, 100:140], 40) ^ 1
    frame = frame_of(256, 128, 256)
    shown = changed(ArraySource(before), ArraySource(after), frame, "after.tif")
    colours = picture(ArraySource(after), frame, "after.tif")
    rgba = overlay(colours, shown, frame)
    differs = (before != after).any(axis=2)
    assert np.array_equal(rgba[..., 3] == 255, differs)
    assert (rgba[..., 3][~differs] == 0).all()
    assert np.array_equal(rgba[differs][:, :3], after[differs])


def test_a_single_changed_pixel_stays_visible_in_a_small_texture() -> None:
    before = painted(400, 400)
    after = before.copy()
    after[123, 321] ^= 128
    frame = frame_of(400, 400, 64)
    shown = changed(ArraySource(before), ArraySource(after), frame, "a")
    alpha = overlay(picture(ArraySource(after), frame, "a"), shown, frame)[..., 3]
    assert alpha[int(123 / 400 * 64), int(321 / 400 * 64)] > 0
    assert (alpha > 0).sum() == 1


def test_changes_are_looked_for_at_a_level_both_scans_have() -> None:
    before, after = Levels(painted(256, 256), 4), Levels(noisy(painted(256, 256), 30), 3)
    changed(before, after, frame_of(256, 256, 32), "a")
    assert set(before.read_levels) == set(after.read_levels) == {2}


def test_scans_that_cannot_be_told_apart_pixel_by_pixel_are_refused_in_one_sentence() -> None:
    frame = frame_of(40, 40)
    eight, wide = ArraySource(painted(40, 40)), ArraySource(painted(40, 40).astype(np.uint16))
    with pytest.raises(ExhibitError, match=r'after.tif has other channels or another bit depth.*"whole"'):
        changed(eight, wide, frame, "after.tif")
    with pytest.raises(ExhibitError, match=r"after.tif cannot show its changes"):
        changed(eight, ArraySource(painted(44, 40)), frame, "after.tif")


def test_a_mask_shows_as_much_of_a_pixel_as_it_marks() -> None:
    mask = np.zeros((128, 128, 1), np.uint8)
    mask[0:3, 0:2] = 255
    shown = marked(ArraySource(mask), ArraySource(painted(128, 128)), frame_of(128, 128, 64), "mask.tif")
    assert shown[0, 0, 0] == pytest.approx(1)
    assert shown[1, 0, 0] == pytest.approx(0.5)
    assert shown.sum() == pytest.approx(1.5)


def test_a_giant_mask_is_read_at_a_coarser_level_where_it_has_one() -> None:
    mask, of = Giant(levels=11, channels=1), Giant(levels=11)
    shown = marked(mask, of, fitted(925, 775, (925_000, 775_000), 256), "mask.tif")
    assert mask.read_levels == {10}
    assert shown[:, 20:].min() == 1


def test_a_mask_of_another_size_is_refused_in_one_sentence() -> None:
    mask = ArraySource(np.zeros((10, 12, 1), np.uint8))
    with pytest.raises(ExhibitError, match=r"mask.tif is 12 × 10 px, its picture 40 × 40 px"):
        marked(mask, ArraySource(painted(40, 40)), frame_of(40, 40), "mask.tif")


def test_what_nobody_sees_costs_little_and_leaves_no_fringe() -> None:
    import zlib

    colours = noisy(painted(256, 256), 30)
    frame = frame_of(256, 256, 256)
    shown = np.zeros((256, 256, 1), np.float32)
    shown[100:110, 100:110] = 1
    rgba = overlay(colours, shown, frame)
    assert len(zlib.compress(rgba.tobytes())) < len(zlib.compress(colours.tobytes())) / 5
    assert np.array_equal(rgba[96:114, 96:114, :3], colours[96:114, 96:114])
