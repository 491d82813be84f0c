"""The false colours and their legend: even steps, all of them shown, the numbers where they belong."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.colour import ciede2000, lab_from_srgb
from workstation.comparison.legend import BAR, MARGIN, PAPER, WIDTH, legend
from workstation.comparison.palette import NOT_COMPARED, palette
from workstation.comparison.statistics import Statistics

FOUND = Statistics(1_234_567, 1.234, 0.9, 4.2, 17.5, ((1, 0.4), (2, 0.1), (5, 0.00001)))


def test_the_palette_is_even_to_the_eye_and_always_rises_in_lightness() -> None:
    lab = lab_from_srgb(torch.from_numpy(palette() / 255))
    eighths = ciede2000(lab[32::32], lab[:-32:32])
    spans = torch.stack([ciede2000(lab[i + 1 : i + 33], lab[i : i + 32]).sum() for i in range(0, 224, 32)])
    assert (spans.max() / spans.min()) < 1.2  # rounding to 8 bits adds way among the dark colours
    assert eighths.min() > 8
    assert (lab[:, 0].diff() > 0).all()
    assert lab[0, 0] < 6
    assert lab[-1, 0] > 93


def test_the_grey_of_what_is_not_compared_is_no_colour_of_the_palette() -> None:
    distance = np.abs(palette().astype(int) - NOT_COMPARED.astype(int)).sum(axis=1)
    assert distance.min() > 60


def test_the_legend_shows_every_colour_in_order() -> None:
    row = legend()[120 + BAR // 2, MARGIN : WIDTH - MARGIN]
    shown = row[np.r_[True, (np.diff(row.astype(int), axis=0) != 0).any(axis=1)]]
    different = palette()[np.r_[True, (np.diff(palette().astype(int), axis=0) != 0).any(axis=1)]]
    assert np.array_equal(shown[:-1], different) or np.array_equal(shown, different)


@pytest.mark.parametrize("scale", [0.1, 0.5, 1, 3, 10, 12.5, 100])
def test_every_scale_has_a_legible_legend(scale: float) -> None:
    ticks = legend(scale)[120 + BAR + 6]
    dark = (ticks.max(axis=1) < 100).astype(int)
    count = int((np.diff(dark) == 1).sum())
    assert 6 <= count <= 16


def test_statistics_and_the_mask_get_their_own_lines() -> None:
    plain, masked, full = legend(), legend(masked=True), legend(statistics=FOUND, masked=True)
    assert plain.shape[0] < masked.shape[0] < full.shape[0]
    assert (plain == NOT_COMPARED).all(axis=2).sum() < 100
    assert (masked == NOT_COMPARED).all(axis=2).sum() > 1000
    assert (full[-150:] != PAPER).any()


def test_the_two_measures_are_named_differently() -> None:
    assert not np.array_equal(legend(measure="colour"), legend(measure="lightness"))
