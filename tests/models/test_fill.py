"""What theory promises of a spline in tension, and what a conservator relies on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fill import fill

Bits = npt.NDArray[np.bool_]


def disc(height: int, width: int, y: float, x: float, radius: float) -> Bits:
    rows, columns = np.mgrid[:height, :width]
    return np.asarray(np.hypot(rows - y, columns - x) < radius)


def surface(kind: str, height: int = 60, width: int = 70) -> npt.NDArray[np.float64]:
    y, x = np.mgrid[:height, :width] / 70
    surfaces = {
        "constant": 0.3 + 0 * x,
        "ramp": 0.1 + 0.3 * x + 0.4 * y,
        "saddle": 0.4 + x * x - y * y,
        "bowl": 0.2 + 0.5 * x * x + 0.2 * x * y + 0.3 * y * y,
        "cubic": 0.3 + 0.6 * x**3 - 0.5 * x * y * y,
    }
    return surfaces[kind][..., None]


@pytest.mark.parametrize("tension", [0.0, 0.3, 0.75, 1.0])
@pytest.mark.parametrize("kind", ["constant", "ramp"])
def test_an_even_slope_runs_on_through_the_hole(kind: str, tension: float) -> None:
    truth, hole = surface(kind), disc(60, 70, 30, 33, 14)
    damaged = np.where(hole[..., None], 9.0, truth)
    assert np.abs(fill(damaged, hole, hole, tension=tension, follow=0) - truth).max() < 1e-4
    assert np.abs(fill(damaged, hole, hole, tension=tension, follow=1) - truth).max() < 0.005


@pytest.mark.parametrize("kind", ["saddle", "bowl", "cubic"])
def test_a_plate_continues_curved_surfaces(kind: str) -> None:
    truth, hole = surface(kind), disc(60, 70, 30, 33, 9)
    filled = fill(np.where(hole[..., None], 0.0, truth), hole, hole, tension=0)
    assert np.abs(filled - truth).max() < 2e-4


def test_a_skin_flattens_a_bowl_where_a_plate_keeps_it() -> None:
    truth, hole = surface("bowl"), disc(60, 70, 30, 33, 14)
    errors = [np.abs(fill(truth, hole, hole, tension=t, follow=0) - truth).max() for t in (0.0, 0.5, 0.99)]
    assert errors[0] < errors[1] < errors[2]


def test_a_skin_does_not_overshoot_where_tones_rise_towards_the_hole() -> None:
    y, x = np.mgrid[:80, :80] - 40
    truth = (1 - 0.02 * np.hypot(y, x))[..., None]
    hole = disc(80, 80, 40, 40, 20)
    highest = truth[~hole].max()
    assert fill(truth, hole, hole, tension=0).max() > highest + 0.1
    assert fill(truth, hole, hole, tension=0.75, follow=0).max() < highest + 0.03


@pytest.mark.parametrize("angle", [0, 25, 45, 70, 90])
def test_a_contour_is_carried_on_across_a_crack(angle: float) -> None:
    y, x = np.mgrid[:80, :80] - 40
    across = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    truth = (1 / (1 + np.exp(-across)))[..., None]
    crack = np.abs(-x * np.sin(np.radians(angle)) + y * np.cos(np.radians(angle))) < 6
    followed, blended = (fill(truth, crack, crack, follow=follow) for follow in (1.0, 0.0))
    assert np.abs(followed - truth)[crack].mean() < 0.5 * np.abs(blended - truth)[crack].mean()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_kind_of_samples_is_filled_and_the_sound_ones_stay(dtype: type, channels: int) -> None:
    full = 1 if np.issubdtype(dtype, np.floating) else np.iinfo(dtype).max
    picture = (np.random.default_rng(0).random((40, 50, channels)) * full).astype(dtype)
    hole = disc(40, 50, 20, 20, 6)
    filled = fill(picture, hole, hole)
    assert filled.dtype == picture.dtype
    assert filled.shape == picture.shape
    assert np.array_equal(filled[~hole], picture[~hole])
    assert not np.array_equal(filled[hole], picture[hole])


@given(st.integers(0, 11), st.integers(0, 13))
@settings(max_examples=25, deadline=None)
def test_a_single_pixel_is_filled_wherever_it_lies(y: int, x: int) -> None:
    truth = surface("ramp", 12, 14)
    hole = np.zeros((12, 14), bool)
    hole[y, x] = True
    assert abs(fill(np.where(hole[..., None], 7.0, truth), hole, hole)[y, x, 0] - truth[y, x, 0]) < 0.01


@given(st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_damage_is_never_evidence(seed: int) -> None:
    random = np.random.default_rng(seed)
    picture = random.random((48, 48, 3))
    mine = disc(48, 48, random.uniform(0, 48), random.uniform(0, 48), random.uniform(1, 9))
    theirs = disc(48, 48, random.uniform(0, 48), random.uniform(0, 48), random.uniform(1, 9))
    other = np.where((mine | theirs)[..., None], random.random((48, 48, 3)), picture)
    results = [fill(pixels, mine, mine | theirs) for pixels in (picture, other)]
    assert np.array_equal(results[0][mine], results[1][mine])


def test_other_damage_that_is_near_is_bridged_but_left_as_it_is() -> None:
    truth = surface("ramp")
    mine, both = disc(60, 70, 30, 30, 8), disc(60, 70, 30, 30, 8) | disc(60, 70, 30, 44, 7)
    damaged = np.where(both[..., None], -5.0, truth)
    filled = fill(damaged, mine, both)
    assert np.abs(filled - truth)[mine].max() < 1e-3
    assert np.array_equal(filled[~mine], damaged[~mine])


@pytest.mark.parametrize("edge", ["top", "left", "corner", "all but a strip"])
def test_damage_at_the_border_is_filled_within_the_range_of_its_surroundings(edge: str) -> None:
    picture = np.random.default_rng(3).random((60, 70, 3)) * 0.2 + 0.4
    hole = np.zeros((60, 70), bool)
    parts = {"top": np.s_[:9], "left": np.s_[:, :9], "corner": np.s_[:9, :9], "all but a strip": np.s_[5:]}
    hole[parts[edge]] = True
    filled = fill(picture, hole, hole)
    assert filled[hole].min() > 0.35
    assert filled[hole].max() < 0.65


def test_one_sound_pixel_is_enough() -> None:
    hole = np.ones((20, 20), bool)
    hole[3, 4] = False
    picture = np.full((20, 20, 3), 40000, np.uint16)
    picture[hole] = 0
    assert np.abs(fill(picture, hole, hole).astype(int) - 40000).max() <= 60


def test_nothing_known_cannot_be_filled() -> None:
    hole = np.ones((5, 5), bool)
    with pytest.raises(ValueError, match="nothing is known"):
        fill(np.zeros((5, 5, 1)), hole, hole)


def test_the_same_damage_gives_the_same_bits_in_any_thread() -> None:
    picture = np.random.default_rng(1).random((90, 90, 3))
    hole = disc(90, 90, 40, 50, 25)
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: fill(picture, hole, hole), range(3)))
    assert all(np.array_equal(result, results[0]) for result in results)


def test_a_huge_hole_is_filled_from_its_rim_inwards(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = 0.2 + 0.5 * surface("ramp", 200, 210)[..., [0, 0, 0]] / 5
    hole = disc(200, 210, 100, 105, 90)
    at_once = fill(truth * ~hole[..., None], hole, hole, follow=0)
    monkeypatch.setattr("models.fill.MOST", 2000)
    monkeypatch.setattr("models.fill.DEEP", 12)
    in_parts = fill(truth * ~hole[..., None], hole, hole, follow=0)
    assert np.abs(in_parts - at_once).max() < 0.005
    assert np.array_equal(in_parts[~hole], truth[~hole])
    wanted = hole & (np.arange(210) < 100)
    partly = fill(truth * ~hole[..., None], wanted, hole, follow=0)
    assert np.array_equal(partly, np.where(wanted[..., None], in_parts, truth * ~hole[..., None]))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_gpu_fills_as_the_cpu_does(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = (np.random.default_rng(1).random((200, 200, 3)) * 65535).astype(np.uint16)
    hole = disc(200, 200, 100, 90, 60)
    results = []
    for device in ("cpu", "cuda", "cuda"):
        monkeypatch.setenv("WORKSTATION_DEVICE", device)
        results.append(fill(picture, hole, hole).astype(int))
    assert np.abs(results[0] - results[1]).max() <= 1
    assert np.array_equal(results[1], results[2])
