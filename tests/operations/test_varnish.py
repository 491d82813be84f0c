from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest

from models.varnish import decoded, encoded, thinned
from tests.operations.blocks import by_blocks, whole
from workstation.errors import OperationError
from workstation.operations.operation import Rect, build
from workstation.operations.varnish import ThinVarnish
from workstation.scans.source import ArraySource, Level, Pixels

TRANSMISSION = np.array([0.74, 0.52, 0.2])
HAZE = np.array([0.012, 0.011, 0.008])
WINDOW = Rect(80, 70, 60, 60)


def paint(side: int = 220) -> npt.NDArray[np.float64]:
    """Return the linear light of tones that wander slowly, dark to light, in all colours."""
    y, x = np.mgrid[:side, :side] * (220 / side)
    tones = [0.32 + 0.31 * np.sin(x / (9 + 3 * k) + k) * np.cos(y / (11 - 2 * k)) for k in range(3)]
    return np.stack(tones, -1)


def scan(light: npt.NDArray[np.float64], dtype: type = np.uint16, window: Rect = WINDOW) -> Pixels:
    seen = light * TRANSMISSION + HAZE
    clean = np.s_[window.y : window.y + window.height, window.x : window.x + window.width]
    seen[clean] = light[clean]
    if np.issubdtype(dtype, np.floating):
        return encoded(seen).astype(dtype)
    return np.rint(encoded(seen) * np.iinfo(dtype).max).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_transmission_and_haze_are_found_from_the_rim_of_the_cleaned_window(dtype: type) -> None:
    state = ThinVarnish(cleaned=WINDOW).fit(ArraySource(scan(paint(), dtype)), None)
    assert np.allclose(state["transmission"], TRANSMISSION, rtol=0.1)
    assert np.allclose(state["haze"], HAZE, atol=0.01)
    json.dumps(state)


def test_the_painting_comes_out_as_if_it_were_cleaned() -> None:
    light = paint()
    pixels = scan(light)
    operation = ThinVarnish(cleaned=WINDOW)
    result = whole(operation, pixels, operation.fit(ArraySource(pixels), None)) / 65535
    outside = np.ones(light.shape[:2], bool)
    outside[WINDOW.y : WINDOW.y + WINDOW.height, WINDOW.x : WINDOW.x + WINDOW.width] = False
    before = np.abs(pixels / 65535 - encoded(light))[outside].mean()
    assert np.abs(result - encoded(light))[outside].mean() < 0.2 * before


def test_a_place_of_like_paint_can_be_marked_instead() -> None:
    light = np.tile(paint()[:110, :110], (2, 2, 1))
    window = Rect(0, 0, 110, 110)
    operation = ThinVarnish(cleaned=window, uncleaned=Rect(110, 110, 110, 110))
    state = operation.fit(ArraySource(scan(light, window=window)), None)
    assert np.allclose(state["transmission"], TRANSMISSION, rtol=0.1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("size", [33, 64, 101])
def test_any_block_split_gives_the_same_pixels(dtype: type, size: int) -> None:
    pixels = scan(paint(), dtype)
    operation = ThinVarnish(cleaned=WINDOW, strength=0.7)
    state = operation.fit(ArraySource(pixels), None)
    assert np.count_nonzero(by_blocks(operation, pixels, state, size) != whole(operation, pixels, state)) == 0


def test_half_the_varnish_twice_is_all_of_it() -> None:
    seen = np.linspace(0.02, 0.3, 20)
    paint_light = (seen - 0.01) / 0.3
    half = thinned(seen, 0.3, 0.01, 0.5)
    assert np.allclose(half, paint_light * 0.3**0.5 + 0.005)
    assert np.allclose(thinned(half, 0.3**0.5, 0.005, 1.0), paint_light)


def test_strength_nothing_leaves_every_sample_as_it_is_and_alpha_stays() -> None:
    pixels = np.dstack([scan(paint()), np.full((220, 220), 77, np.uint16)])
    state = ThinVarnish(cleaned=WINDOW).fit(ArraySource(pixels), None)
    assert np.array_equal(whole(ThinVarnish(cleaned=WINDOW, strength=0.0), pixels, state), pixels)
    assert (whole(ThinVarnish(cleaned=WINDOW), pixels, state)[..., 3] == 77).all()


def test_the_tone_curve_and_back_is_the_identity() -> None:
    values = np.arange(65536) / 65535
    assert np.abs(encoded(decoded(values)) - values).max() < 1e-7


def test_only_a_few_places_of_a_large_pyramid_are_read() -> None:
    class Pyramid(ArraySource):
        """A picture of 40,000 px whose pixels exist only when asked for."""

        def __init__(self) -> None:
            super().__init__(scan(paint()))
            self.levels = tuple(
                Level(220 << k, 220 << k, 3, np.dtype(np.uint16), (512, 512)) for k in range(8, -1, -1)
            )
            self.seen = 0

        def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
            self.seen += (y1 - y0) * (x1 - x0)
            times = 1 << (8 - level)
            return self._pixels[np.arange(y0, y1)[:, None] // times, np.arange(x0, x1) // times]

    source = Pyramid()
    window = Rect(*(value << 8 for value in WINDOW))
    state = ThinVarnish(cleaned=window).fit(source, None)
    assert np.allclose(state["transmission"], TRANSMISSION, rtol=0.12)
    assert source.seen < 12_000_000


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        (ThinVarnish(), "No cleaned window is marked"),
        (ThinVarnish(cleaned=Rect(200, 10, 60, 60)), "reaches beyond the picture"),
        (ThinVarnish(cleaned=Rect(10, 10, 5, 50)), "too small"),
        (ThinVarnish(cleaned=WINDOW, uncleaned=Rect(0, 0, 900, 40)), "uncleaned place reaches beyond"),
        (ThinVarnish(cleaned=Rect(0, 0, 220, 220)), "fills the picture"),
        (ThinVarnish(cleaned=Rect(2, 2, 40, 40)), "no lighter"),
    ],
)
def test_marks_that_cannot_be_used_are_refused_in_one_sentence(operation: ThinVarnish, sentence: str) -> None:
    pixels = scan(np.full((220, 220, 3), 0.4))
    with pytest.raises(OperationError, match=sentence):
        operation.fit(ArraySource(pixels), None)


def test_a_grey_or_a_black_picture_is_refused() -> None:
    operation = build("thin-varnish", {"cleaned": "80,70,60,60"})
    with pytest.raises(OperationError, match="grey"):
        operation.fit(ArraySource(np.zeros((220, 220, 1), np.uint8)), None)
    with pytest.raises(OperationError, match="black"):
        operation.fit(ArraySource(np.zeros((220, 220, 3), np.uint8)), None)


def test_paint_that_is_even_still_shows_its_varnish() -> None:
    state = ThinVarnish(cleaned=WINDOW).fit(ArraySource(scan(np.full((220, 220, 3), 0.4))), None)
    assert np.allclose(state["transmission"], TRANSMISSION, rtol=0.2)


def test_a_dark_window_that_the_haze_outshines_is_still_of_use() -> None:
    pixels = scan(0.06 * paint())
    before = pixels[WINDOW.y - 10 : WINDOW.y, WINDOW.x : WINDOW.x + 60].mean()
    assert before > pixels[WINDOW.y : WINDOW.y + 10, WINDOW.x : WINDOW.x + 60].mean()
    operation = ThinVarnish(cleaned=WINDOW)
    state = operation.fit(ArraySource(pixels), None)
    assert max(state["transmission"]) < 1
    assert max(state["haze"]) > 0.005
