"""Operations over sources: the pixels never depend on how a reader cuts its blocks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from workstation.errors import MaskError
from workstation.operations.mask import Mask
from workstation.operations.operation import Kind, Operation, Rect, State, Window
from workstation.operations.regions import Region
from workstation.operations.treated import TreatedSource, pieces, reduced
from workstation.operations.treatment import Step
from workstation.scans.source import ArraySource, Level, Pixels


@dataclass(frozen=True)
class Blur(Operation):
    """Mean of the 5 × 5 neighbours that exist: a field operation with a known answer."""

    def halo(self, state: State) -> int:
        return 2

    def apply(self, window: Window, state: State) -> Pixels:
        padded = np.pad(window.pixels.astype(np.int64), ((2, 2), (2, 2), (0, 0)))
        there = np.pad(np.ones(window.pixels.shape[:2], np.int64), 2)
        height, width = window.pixels.shape[:2]
        shifts = [(dy, dx) for dy in range(5) for dx in range(5)]
        total = sum(padded[dy : dy + height, dx : dx + width] for dy, dx in shifts)
        count = sum(there[dy : dy + height, dx : dx + width] for dy, dx in shifts)
        return np.asarray(total // count[..., None]).astype(window.pixels.dtype)


@dataclass(frozen=True)
class Careful(Blur):
    """A blur that leaves a rectangle alone."""

    def keeps(self) -> tuple[Rect, ...]:
        return (Rect(10, 20, 100, 30),)


@dataclass(frozen=True)
class MeanOfRim(Operation):
    """Each region becomes the mean of the known pixels around it: a region operation with a known answer."""

    kind: ClassVar[Kind] = "region"
    needs_mask: ClassVar[bool] = True

    def halo(self, state: State) -> int:
        return 4

    def apply(self, window: Window, state: State) -> Pixels:
        result = window.pixels.copy()
        result[window.mask] = window.pixels[~window.unknown].mean(axis=0).astype(result.dtype)
        return result


@pytest.fixture(scope="module")
def picture() -> Pixels:
    return np.random.default_rng(1).integers(0, 65535, (1500, 1700, 3), np.uint16)


@pytest.fixture(scope="module")
def mask() -> Mask:
    rng = np.random.default_rng(2)
    mask = Mask(1500, 1700)
    for _ in range(60):
        y, x = int(rng.integers(0, 1490)), int(rng.integers(0, 1690))
        mask.add(y, x, np.ones((int(rng.integers(1, 60)), int(rng.integers(1, 60))), bool))
    return mask


def read_in_blocks(source: TreatedSource, size: int) -> Pixels:
    level = source.levels[0]
    result = np.zeros((level.height, level.width, level.channels), level.dtype)

    def one(place: tuple[int, int]) -> None:
        y, x = place
        y1, x1 = min(y + size, level.height), min(x + size, level.width)
        result[y:y1, x:x1] = source.read(0, y, y1, x, x1)

    places = [(y, x) for y in range(0, level.height, size) for x in range(0, level.width, size)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(one, places))
    return result


@pytest.mark.parametrize("size", [97, 512, 640])
@pytest.mark.parametrize("operation", [Blur(), MeanOfRim()])
def test_any_block_size_gives_the_pixels_of_the_whole_picture(
    picture: Pixels, mask: Mask, operation: Operation, size: int
) -> None:
    step = Step(operation, mask)
    whole = TreatedSource(ArraySource(picture), step, {}).read(0, 0, 1500, 0, 1700)
    blocks = read_in_blocks(TreatedSource(ArraySource(picture), step, {}), size)
    assert np.count_nonzero(blocks != whole) == 0
    outside = ~mask.read(0, 1500, 0, 1700)
    assert np.array_equal(whole[outside], picture[outside])
    assert (whole != picture).any()


def test_a_field_operation_without_a_mask_acts_everywhere(picture: Pixels) -> None:
    small = picture[:64, :64]
    whole = TreatedSource(ArraySource(small), Step(Blur()), {}).read(0, 0, 64, 0, 64)
    assert whole[30, 30, 0] == int(small[28:33, 28:33, 0].astype(int).sum()) // 25


@pytest.mark.parametrize("masked", [False, True])
def test_what_an_operation_keeps_stays_as_it_is(picture: Pixels, masked: bool) -> None:
    small, mask = picture[:300, :400], Mask.whole(300, 400) if masked else None
    source = TreatedSource(ArraySource(small), Step(Careful(), mask), {})
    result = source.read(0, 0, 300, 0, 400)
    changed = (result != small).any(axis=-1)
    assert not changed[20:50, 10:110].any()
    assert changed[:20].any()
    assert np.array_equal(read_in_blocks(source, 64), result)


def test_a_region_that_is_a_crack_network_is_cut_by_a_grid_fixed_on_the_picture() -> None:
    network = Region(0, 100, 5000, 1000, 3100, 20_000)
    cut = list(pieces(network))
    assert {(p.y0, p.y1) for p in cut} == {
        (100, 1024),
        (1024, 2048),
        (2048, 3072),
        (3072, 4096),
        (4096, 5000),
    }
    assert {(p.x0, p.x1) for p in cut} == {(1000, 1024), (1024, 2048), (2048, 3072), (3072, 3100)}
    assert {p.margin for p in cut} == {128}


def test_a_large_network_gives_the_same_pixels_for_any_block_size() -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 255, (2600, 300, 1), np.uint8)
    mask = Mask(2600, 300)
    mask.add(10, 100, np.ones((2500, 3), bool))
    step = Step(MeanOfRim(), mask)
    whole = TreatedSource(ArraySource(picture), step, {}).read(0, 0, 2600, 0, 300)
    blocks = read_in_blocks(TreatedSource(ArraySource(picture), step, {}), 256)
    assert np.array_equal(whole, blocks)


def test_an_operation_that_needs_a_mask_says_so(picture: Pixels) -> None:
    with pytest.raises(MaskError, match="needs a mask"):
        TreatedSource(ArraySource(picture), Step(MeanOfRim()), {})


def test_a_mask_changed_afterwards_does_not_change_the_treatment(picture: Pixels) -> None:
    mask = Mask(1500, 1700)
    source = TreatedSource(ArraySource(picture), Step(MeanOfRim(), mask), {})
    mask.add(0, 0, np.ones((50, 50), bool))
    assert np.array_equal(source.read(0, 0, 100, 0, 100), picture[:100, :100])


def test_a_coarser_mask_is_marked_wherever_the_fine_one_is(mask: Mask) -> None:
    level = Level(375, 425, 3, np.dtype(np.uint8), (512, 512))
    small = reduced(mask, level).read(0, 375, 0, 425)
    fine = mask.read(0, 1500, 0, 1700)
    assert np.array_equal(small, fine.reshape(375, 4, 425, 4).any(axis=(1, 3)))
