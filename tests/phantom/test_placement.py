from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.phantom.noise import Doubles
from workstation.phantom.phantom import KINDS, Phantom
from workstation.phantom.picture import Picture
from workstation.phantom.placement import Warp, askew

PANEL = Phantom(1000, seed=7)


@given(x=st.floats(0, 400), y=st.floats(0, 300), kind=st.sampled_from(KINDS))
def test_millimetres_to_pixels_and_back_is_where_it_began(x: float, y: float, kind: str) -> None:
    place = PANEL.placement(kind)
    assert place.to_mm(place.to_pixels([[x, y]])) == pytest.approx(np.array([[x, y]]), abs=1e-6)


def test_pixels_are_counted_from_the_middle_of_the_first() -> None:
    assert PANEL.placement("VIS").to_mm([[0, 0]]) == pytest.approx(np.array([[0.2, 0.2]]))
    assert PANEL.placement("VIS").to_pixels([[400, 300]]) == pytest.approx(np.array([[999.5, 749.5]]))


@given(turn=st.floats(-10, 10), dense=st.floats(0.5, 20), amount=st.floats(0, 1))
def test_a_picture_askew_has_the_panel_in_its_middle(turn: float, dense: float, amount: float) -> None:
    size = (round(400 * dense), round(300 * dense))
    place = askew((400, 300), size, dense, turn, warp=Warp(amount, (400, 300)))
    middle = place.to_mm([[(size[0] - 1) / 2, (size[1] - 1) / 2]])
    assert np.hypot(*(middle[0] - (200, 150))) <= 1.5 * amount + 1e-9


@pytest.mark.parametrize("kind", ["IRR", "UVF", "XR"])
def test_the_losses_of_the_truth_lie_in_every_layer_where_its_placement_says(kind: str) -> None:
    picture = PANEL.layer(kind)
    spots = PANEL._panel.losses
    inside = (spots.radius > 3) & (spots.x > 15) & (spots.y > 15)
    found = [_offset(picture, x, y) for x, y in zip(spots.x[inside], spots.y[inside], strict=True)]
    assert np.median(np.hypot(*np.array(found).T)) < 0.5


def _offset(picture: Picture, x: float, y: float) -> Doubles:
    """Return by how many pixels a loss is off in a layer: by correlation with the loss mask placed there."""
    half, place = 24, picture.placement
    column, row = np.round(place.to_pixels([[x, y]])[0]).astype(int)
    rows, columns = np.mgrid[row - half : row + half, column - half : column + half]
    seen = picture.read(0, row - half, row + half, column - half, column + half).mean(-1).astype(float)
    mm = place.to_mm(np.stack([columns.ravel(), rows.ravel()], -1).astype(float))
    pixels = np.round(PANEL.placement("VIS").to_pixels(mm)).astype(int)
    mask = PANEL.truth().loss_mask(0, 750, 0, 1000)
    truth = mask[pixels[:, 1].clip(0, 749), pixels[:, 0].clip(0, 999)].reshape(seen.shape).astype(float)
    return _shift(seen, truth)


def _shift(seen: Doubles, truth: Doubles) -> Doubles:
    """Return the shift that best explains the picture's edges by the mask's, to a fraction of a pixel."""
    from scipy.ndimage import gaussian_gradient_magnitude

    window = np.outer(np.hanning(len(seen)), np.hanning(len(seen)))
    edges = [gaussian_gradient_magnitude(part, 1.0) * window for part in (seen, truth)]
    spectra = [np.fft.fft2(part - part.mean()) for part in edges]
    match = np.fft.fftshift(np.fft.ifft2(spectra[0] * np.conj(spectra[1])).real)
    middle = len(seen) // 2
    near = match[middle - 5 : middle + 6, middle - 5 : middle + 6]
    r, c = np.unravel_index(near[1:-1, 1:-1].argmax(), (9, 9))
    peak = near[r : r + 3, c : c + 3]
    down = (peak[0, 1] - peak[2, 1]) / (2 * (peak[0, 1] - 2 * peak[1, 1] + peak[2, 1]))
    across = (peak[1, 0] - peak[1, 2]) / (2 * (peak[1, 0] - 2 * peak[1, 1] + peak[1, 2]))
    return np.array([r + down - 4, c + across - 4])
