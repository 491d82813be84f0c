from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operations.blocks import by_blocks, whole
from workstation.errors import OperationError
from workstation.operations.noise import SuppressNoise
from workstation.operations.operation import named
from workstation.scans.source import ArraySource, Pixels


def painted(height: int = 200, width: int = 230, channels: int = 3) -> Pixels:
    """Return soft tones with hard edges, from 0 to 1."""
    y, x = np.mgrid[:height, :width]
    tones = [
        0.5 + 0.3 * np.sin(x / 31 + k) * np.cos(y / 23) + 0.15 * (x > 90 + y / 4) for k in range(channels)
    ]
    return np.stack(tones, -1) * 0.9


def noisy(clean: Pixels, dtype: type = np.uint16, floor: float = 0.01, slope: float = 0.0) -> Pixels:
    sigma = np.sqrt(floor**2 + slope * clean)
    values = clean + np.random.default_rng(5).standard_normal(clean.shape) * sigma
    if np.issubdtype(dtype, np.floating):
        return values.astype(dtype)
    full = np.iinfo(dtype).max
    return np.clip(np.rint(values * full), 0, full).astype(dtype)


def psnr(pixels: Pixels, clean: Pixels) -> float:
    full = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    return float(-10 * np.log10(np.mean((pixels / full - clean) ** 2)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [37, 64, 150])
def test_any_block_split_gives_the_same_pixels(dtype: type, channels: int, size: int) -> None:
    scan = noisy(painted(channels=channels), dtype, slope=0.0005)
    operation = SuppressNoise()
    state = operation.fit(ArraySource(scan), None)
    assert np.count_nonzero(by_blocks(operation, scan, state, size) != whole(operation, scan, state)) == 0


@given(st.integers(1, 40), st.integers(1, 40), st.integers(5, 20), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_pictures_of_any_size_are_split_alike(height: int, width: int, size: int, seed: int) -> None:
    scan = np.random.default_rng(seed).integers(0, 65536, (height, width, 3)).astype(np.uint16)
    operation = SuppressNoise(expected=5.0)
    state = operation.fit(ArraySource(scan), None)
    assert np.array_equal(by_blocks(operation, scan, state, size), whole(operation, scan, state))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_noise_goes_and_edges_stay(dtype: type) -> None:
    clean = painted()
    scan = noisy(clean, dtype, floor=0.03)
    operation = SuppressNoise(strength=1.0)
    calm = whole(operation, scan, operation.fit(ArraySource(scan), None))
    assert psnr(calm, clean) > psnr(scan, clean) + 9
    edge = clean[:, 140:150].std(1).mean()
    assert (
        abs(
            float((calm / (1 if dtype is np.float32 else np.iinfo(dtype).max))[:, 140:150].std(1).mean())
            - edge
        )
        < 0.01
    )


@pytest.mark.parametrize(("floor", "slope"), [(0.01, 0.0), (0.002, 0.0), (0.01, 0.001)])
def test_the_noise_is_measured_at_each_brightness(floor: float, slope: float) -> None:
    scan = noisy(painted(400, 400), floor=floor, slope=slope)
    for levels, sigmas in SuppressNoise().fit(ArraySource(scan), None)["noise"]:
        truth = np.sqrt(floor**2 + slope * np.array(levels) / 65535) * 65535
        assert np.allclose(sigmas, truth, rtol=0.2)


def test_a_scan_without_noise_stays_as_it_is() -> None:
    scan = noisy(np.full((64, 64, 3), 0.4), floor=0.0)
    operation = SuppressNoise(strength=1.0)
    assert np.array_equal(whole(operation, scan, operation.fit(ArraySource(scan), None)), scan)


def test_strength_nothing_leaves_the_scan_as_it_is_and_alpha_always_stays() -> None:
    scan = noisy(painted(channels=4), np.uint8, floor=0.05)
    operation = SuppressNoise(strength=0.0)
    assert np.array_equal(whole(operation, scan, operation.fit(ArraySource(scan), None)), scan)
    strong = SuppressNoise(strength=1.0)
    calm = whole(strong, scan, strong.fit(ArraySource(scan), None))
    assert np.array_equal(calm[..., 3], scan[..., 3])
    assert not np.array_equal(calm[..., 0], scan[..., 0])


def test_a_stated_noise_level_is_used_instead_of_the_measured_one() -> None:
    state = SuppressNoise(expected=2.0).fit(ArraySource(noisy(painted())), None)
    assert state["noise"][0][1] == [pytest.approx(0.02 * 65535)]


def test_the_state_is_plain_and_the_same_each_time() -> None:
    source = ArraySource(noisy(painted()))
    states = [json.dumps(SuppressNoise().fit(source, None)) for _ in range(2)]
    assert states[0] == states[1]


def test_the_cost_of_measuring_does_not_grow_with_the_picture() -> None:
    class Counted(ArraySource):
        read_pixels = 0

        def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
            self.read_pixels += (y1 - y0) * (x1 - x0)
            return super().read(level, y0, y1, x0, x1)

    counts = []
    for side in (2000, 6000):
        source = Counted(np.zeros((side, side, 1), np.uint8))
        SuppressNoise().fit(source, None)
        counts.append(source.read_pixels)
    assert counts[0] == counts[1] <= 64 * 192 * 192


def test_a_preview_expects_less_noise_because_pixels_were_averaged() -> None:
    scan = noisy(painted(), floor=0.04)
    state = SuppressNoise().fit(ArraySource(scan), None)
    small = SuppressNoise(strength=1.0).at_scale(0.25)
    ours = np.abs(whole(small, scan, state).astype(float) - scan).mean()
    assert (
        0 < ours < 0.5 * np.abs(whole(SuppressNoise(strength=1.0), scan, state).astype(float) - scan).mean()
    )
    assert named("suppress-noise") is SuppressNoise


def test_a_float_picture_of_one_tone_is_refused_in_one_sentence() -> None:
    with pytest.raises(OperationError, match="one tone"):
        SuppressNoise().fit(ArraySource(np.full((40, 40, 3), 0.5, np.float32)), None)
