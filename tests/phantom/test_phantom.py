from __future__ import annotations

import tracemalloc
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workstation.errors import UsageError
from workstation.phantom.appearance import NEW, Condition
from workstation.phantom.phantom import KINDS, Phantom
from workstation.phantom.picture import Picture

SEED = 7
PANEL = Phantom(800, seed=SEED)


def whole(picture: Picture, level: int = 0) -> npt.NDArray[Any]:
    shape = picture.levels[level]
    return picture.read(level, 0, shape.height, 0, shape.width)


@cache
def seen(kind: str) -> npt.NDArray[Any]:
    return whole(PANEL.layer(kind))


@cache
def state(condition: Condition) -> npt.NDArray[Any]:
    return whole(PANEL.visible(condition))


def test_the_same_seed_gives_the_same_pixels_and_another_seed_another_painting() -> None:
    again = Phantom(800, seed=SEED).layer("VIS").read(0, 100, 300, 200, 500)
    assert np.array_equal(again, seen("VIS")[100:300, 200:500])
    other = Phantom(800, seed=SEED + 1).layer("VIS").read(0, 100, 300, 200, 500)
    assert (other != again).mean() > 0.9


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(KINDS),
    box=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_any_block_has_the_same_samples_as_the_whole(kind: str, box: tuple[float, ...]) -> None:
    picture, pixels = PANEL.layer(kind), seen(kind)
    height, width = pixels.shape[:2]
    y0, x0 = int(box[0] * (height - 1)), int(box[1] * (width - 1))
    y1, x1 = y0 + 1 + int(box[2] * min(height - y0 - 1, 130)), x0 + 1 + int(box[3] * min(width - x0 - 1, 130))
    assert np.array_equal(picture.read(0, y0, y1, x0, x1), pixels[y0:y1, x0:x1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_coarse_level_shows_the_mean_of_the_finer_one(kind: str) -> None:
    picture = Phantom(1600, seed=SEED).layer(kind)
    fine = picture.read(0, 160, 416, 240, 496) / 65535
    coarse = picture.read(1, 80, 208, 120, 248) / 65535
    mean = fine.reshape(128, 2, 128, 2, -1).mean((1, 3))
    assert np.abs(mean.mean((0, 1)) - coarse.mean((0, 1))).max() < 0.006
    assert np.abs(mean - coarse).mean() < 0.02


def test_more_pixels_show_the_same_painting_finer() -> None:
    fine = Phantom(3200, seed=SEED).layer("VIS").read(0, 800, 1200, 1000, 1400) / 65535
    mean = fine.reshape(100, 4, 100, 4, 3).mean((1, 3))
    coarse = seen("VIS")[200:300, 250:350] / 65535
    assert np.abs(mean.mean((0, 1)) - coarse.mean((0, 1))).max() < 0.012
    assert np.corrcoef(mean.ravel(), coarse.ravel())[0, 1] > 0.97


def test_pixels_differ_from_the_undamaged_state_exactly_where_a_mask_is() -> None:
    truth = PANEL.truth()
    new, damaged = state(NEW), state(Condition(True, True, False, False, False))
    height, width = new.shape[:2]
    cracks, losses = truth.crack_mask(0, height, 0, width), truth.loss_mask(0, height, 0, width)
    changed = (new != damaged).any(-1)
    assert not (changed & ~(cracks | losses)).any()
    assert (changed & (cracks | losses)).sum() > 0.98 * (cracks | losses).sum()
    assert not (cracks & losses).any()
    assert 0.01 < cracks.mean() < 0.15
    assert 0.002 < losses.mean() < 0.05


def test_with_the_same_varnish_and_grain_only_masked_pixels_differ() -> None:
    whole_paint = state(Condition(cracks=False, losses=False))
    marked = PANEL.truth().crack_mask(0, 600, 0, 800) | PANEL.truth().loss_mask(0, 600, 0, 800)
    assert np.array_equal(whole_paint[~marked], seen("VIS")[~marked])


def test_the_varnish_is_the_one_the_truth_tells_and_the_window_has_none() -> None:
    truth = PANEL.truth()
    bare = Condition(varnish=False, noise=False)
    clean = linear(state(bare))
    coated = linear(state(Condition(noise=False)))
    share, haze = truth.varnish(0, 600, 0, 800)
    whole_range = clean < 0.999
    assert np.abs(clean * share + haze - coated)[whole_range].max() < 1e-4
    x, y, width, height = truth.cleaned_window
    inside = np.s_[y : y + height, x : x + width]
    assert np.array_equal(state(bare)[inside], state(Condition(noise=False))[inside])
    assert np.all(share[inside] == 1)
    assert 0.02 < width * height / (600 * 800) < 0.12
    assert share[:, : x - 4].mean((0, 1))[2] < 0.5 < share[:, : x - 4].mean((0, 1))[0]


def linear(samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
    encoded = samples / 65535
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def test_faded_lake_is_paler_and_what_the_frame_covered_is_not() -> None:
    difference = np.abs(state(NEW).astype(float) - state(Condition(False, False, True, False, False))).mean(
        -1
    )
    assert difference[:5].max() == 0
    assert difference[:, :5].max() == 0
    assert 0.02 < (difference > 655).mean() < 0.25


def test_it_is_a_picture_and_not_noise() -> None:
    grey = state(NEW).mean(-1) / 65535
    neighbours = np.corrcoef(grey[:, :-1].ravel(), grey[:, 1:].ravel())[0, 1]
    far = np.corrcoef(grey[:, :-40].ravel(), grey[:, 40:].ravel())[0, 1]
    assert neighbours > 0.98
    assert 0.2 < far < 0.85
    assert np.percentile(grey, 5) < 0.25
    assert np.percentile(grey, 99) > 0.75
    spectrum = np.abs(np.fft.rfft2(grey - grey.mean())) ** 2
    down, across = np.meshgrid(np.fft.fftfreq(600), np.fft.rfftfreq(800), indexing="ij")
    frequency = np.hypot(down, across)
    bands = [spectrum[(frequency > low) & (frequency <= 2 * low)].mean() for low in (0.01, 0.03, 0.1, 0.2)]
    slope = np.polyfit(np.log([0.015, 0.045, 0.15, 0.3]), np.log(bands), 1)[0]
    assert -4 < slope < -2  # paintings fall off about as frequency to the power of -2 to -3


def test_a_phantom_of_forty_gigapixels_reads_a_tile_in_little_memory() -> None:
    huge = Phantom(231_000, 173_250, seed=SEED)
    picture = huge.layer("VIS")
    picture.read(0, 80_000, 80_032, 110_000, 110_032)  # the strokes themselves are made here
    tracemalloc.start()
    tile = picture.read(0, 80_000, 80_512, 110_000, 110_512)
    coarse = picture.levels[-1]
    picture.read(len(picture.levels) - 1, 0, coarse.height, 0, coarse.width)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert tile.shape == (512, 512, 3)
    assert tile.std() > 0
    assert peak < 150e6


def test_wrong_sizes_are_refused_in_a_sentence() -> None:
    for words in ({"width_px": 3}, {"width_px": 4000, "height_px": 100}, {"seed": -1}, {"bits": 12}):
        with pytest.raises(UsageError, match=r"\.$"):
            Phantom(**words)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="has no layer"):
        Phantom().layer("TL")


def test_a_phantom_of_eight_bits_is_the_same_painting() -> None:
    small = Phantom(800, seed=SEED, bits=8).layer("VIS").read(0, 200, 260, 100, 200)
    assert small.dtype == np.uint8
    assert np.abs(small / 255 - seen("VIS")[200:260, 100:200] / 65535).max() < 0.003
