from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scans.pictures import picture
from workstation.scans.reduce import halve

INTEGERS = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")


def by_hand(pixels: np.ndarray) -> np.ndarray:
    """The definition, pixel by pixel, with Python's own unbounded integers and exact floats."""
    height, width, channels = pixels.shape
    out = np.empty((-(-height // 2), -(-width // 2), channels), pixels.dtype)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            rows, columns = (2 * y, min(2 * y + 1, height - 1)), (2 * x, min(2 * x + 1, width - 1))
            for c in range(channels):
                four = [pixels[row, column, c].item() for row in rows for column in columns]
                out[y, x, c] = (sum(four) + 2) // 4 if pixels.dtype.kind != "f" else sum(four) / 4
    return out


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    channels=st.integers(1, 5),
    dtype=st.sampled_from(INTEGERS),
    seed=st.integers(0, 1000),
)
def test_every_pixel_is_the_rounded_mean_of_its_four(
    height: int, width: int, channels: int, dtype: str, seed: int
) -> None:
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(seed)
    pixels = rng.integers(limits.min, limits.max, (height, width, channels), dtype, endpoint=True)
    assert np.array_equal(halve(pixels), by_hand(pixels))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_floats_are_plain_means(dtype: str) -> None:
    pixels = (np.random.default_rng(1).integers(0, 64, (7, 9, 2)) / 8).astype(dtype)
    assert np.array_equal(halve(pixels), by_hand(pixels))


def test_halving_in_blocks_gives_the_same_pixels() -> None:
    pixels = picture(101, 77, 4)
    whole = halve(pixels)
    assert np.array_equal(halve(pixels[20:60, 30:]), whole[10:30, 15:])


@pytest.mark.parametrize("channels", range(1, 6))
@pytest.mark.parametrize("dtype", INTEGERS[:6])
def test_wide_pictures_are_halved_by_the_same_rule(dtype: str, channels: int) -> None:
    limits = np.iinfo(dtype)
    shape = (38, 262, channels)
    pixels = np.random.default_rng(2).integers(limits.min, limits.max, shape, dtype, endpoint=True)
    wide = pixels.astype(np.int64).reshape(19, 2, 131, 2, channels)
    assert np.array_equal(halve(pixels), (wide.sum(axis=(1, 3)) + 2) >> 2)
    pixels.flags.writeable = False
    assert np.array_equal(halve(pixels[:, 1:]), halve(pixels[:, 1:].copy()))
