from __future__ import annotations

import numpy as np
import pytest

from workstation.errors import OperationError, UsageError
from workstation.operations.losses import FillLosses
from workstation.operations.operation import Window, build, named


def test_the_operation_is_known_by_its_name() -> None:
    assert named("fill-losses") is FillLosses
    assert FillLosses.kind == "region"
    assert FillLosses.needs_mask
    assert build("fill-losses", {"tension": "0.4"}) == FillLosses(tension=0.4)


def test_only_the_marked_pixels_change() -> None:
    random = np.random.default_rng(0)
    pixels = (random.random((50, 60, 3)) * 65535).astype(np.uint16)
    mask, unknown = np.zeros((50, 60), bool), np.zeros((50, 60), bool)
    mask[10:20, 10:22] = unknown[10:20, 10:22] = True
    unknown[30:40, 5:12] = True
    filled = FillLosses().apply(Window(pixels, mask, unknown), {})
    assert filled.dtype == np.uint16
    assert np.array_equal(filled[~mask], pixels[~mask])
    assert not np.array_equal(filled[mask], pixels[mask])


def test_the_window_given_is_not_changed() -> None:
    pixels = (np.random.default_rng(0).random((20, 20, 3)) * 255).astype(np.uint8)
    before, mask = pixels.copy(), np.eye(20, dtype=bool)
    FillLosses().apply(Window(pixels, mask, mask), {})
    assert np.array_equal(pixels, before)


def test_an_empty_mask_leaves_the_window_as_it_is() -> None:
    pixels, nowhere = np.ones((4, 4, 3), np.uint8), np.zeros((4, 4), bool)
    assert np.array_equal(FillLosses().apply(Window(pixels, nowhere, nowhere), {}), pixels)


def test_a_window_without_sound_paint_is_refused_in_one_sentence() -> None:
    everywhere = np.ones((8, 8), bool)
    with pytest.raises(OperationError, match="No sound pixel"):
        FillLosses().apply(Window(np.zeros((8, 8, 3), np.uint8), everywhere, everywhere), {})


def test_a_tension_beyond_its_range_is_refused() -> None:
    with pytest.raises(UsageError, match="tension"):
        FillLosses(tension=1.5)
