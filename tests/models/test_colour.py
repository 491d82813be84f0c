"""The colour formulas against published numbers and against scikit-image."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import colour

# Table 1 of G. Sharma, W. Wu, E. N. Dalal: "The CIEDE2000 Color-Difference Formula: Implementation Notes,
# Supplementary Test Data, and Mathematical Observations", Color Research & Application 30 (2005), 21-30:
# L1 a1 b1, L2 a2 b2, ΔE00. Each pair aims at one trap of the formula.
PAIRS = np.array(
    [
        (50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425),
        (50, 3.1571, -77.2803, 50, 0, -82.7485, 2.8615),
        (50, 2.8361, -74.0200, 50, 0, -82.7485, 3.4412),
        (50, -1.3802, -84.2814, 50, 0, -82.7485, 1.0000),
        (50, -1.1848, -84.8006, 50, 0, -82.7485, 1.0000),
        (50, -0.9009, -85.5211, 50, 0, -82.7485, 1.0000),
        (50, 0, 0, 50, -1, 2, 2.3669),
        (50, -1, 2, 50, 0, 0, 2.3669),
        (50, 2.4900, -0.0010, 50, -2.4900, 0.0009, 7.1792),
        (50, 2.4900, -0.0010, 50, -2.4900, 0.0010, 7.1792),
        (50, 2.4900, -0.0010, 50, -2.4900, 0.0011, 7.2195),
        (50, 2.4900, -0.0010, 50, -2.4900, 0.0012, 7.2195),
        (50, -0.0010, 2.4900, 50, 0.0009, -2.4900, 4.8045),
        (50, -0.0010, 2.4900, 50, 0.0010, -2.4900, 4.8045),
        (50, -0.0010, 2.4900, 50, 0.0011, -2.4900, 4.7461),
        (50, 2.5, 0, 50, 0, -2.5, 4.3065),
        (50, 2.5, 0, 73, 25, -18, 27.1492),
        (50, 2.5, 0, 61, -5, 29, 22.8977),
        (50, 2.5, 0, 56, -27, -3, 31.9030),
        (50, 2.5, 0, 58, 24, 15, 19.4535),
        (50, 2.5, 0, 50, 3.1736, 0.5854, 1.0000),
        (50, 2.5, 0, 50, 3.2972, 0, 1.0000),
        (50, 2.5, 0, 50, 1.8634, 0.5757, 1.0000),
        (50, 2.5, 0, 50, 3.2592, 0.3350, 1.0000),
        (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
        (63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630),
        (61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731),
        (35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645),
        (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
        (36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146),
        (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
        (90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381),
        (6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377),
        (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
    ]
)
Lab = list[float]
colours = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 5.1e-5), (torch.float32, 1e-4)])
def test_the_34_published_pairs_come_out_to_their_last_digit(dtype: torch.dtype, tolerance: float) -> None:
    first = torch.tensor(PAIRS[:, :3], dtype=dtype)
    second = torch.tensor(PAIRS[:, 3:6], dtype=dtype)
    for found in (colour.ciede2000(first, second), colour.ciede2000(second, first)):
        assert found.dtype == dtype
        assert np.abs(found.numpy() - PAIRS[:, 6]).max() < tolerance


def _by_the_paper(first: Lab, second: Lab) -> float:
    """The paper's equations 2 to 22 in degrees, one pair at a time, as plainly as they can be written."""
    l1, a1, b1, l2, a2, b2 = *first, *second
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    c1, c2 = math.hypot((1 + g) * a1, b1), math.hypot((1 + g) * a2, b2)
    h1 = math.degrees(math.atan2(b1, (1 + g) * a1)) % 360
    h2 = math.degrees(math.atan2(b2, (1 + g) * a2)) % 360
    turn = h2 - h1 - (360 if h2 - h1 > 180 else 0) + (360 if h2 - h1 < -180 else 0)
    hue = (h1 + h2) / 2
    if abs(h1 - h2) > 180:
        hue += 180 if h1 + h2 < 360 else -180
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    weights = ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.20, 4, -63))
    t = 1 + sum(weight * math.cos(math.radians(n * hue + at)) for weight, n, at in weights)
    rc = 2 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    rt = -rc * math.sin(math.radians(2 * 30 * math.exp(-(((hue - 275) / 25) ** 2))))
    dl = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    return math.sqrt(dl**2 + dc**2 + dh**2 + rt * dc * dh)


def _random_pairs() -> tuple[torch.Tensor, torch.Tensor]:
    draw = np.random.default_rng(1)
    low, high = (0, -100, -100), (100, 100, 100)
    first, second = draw.uniform(low, high, (5_000, 3)), draw.uniform(low, high, (5_000, 3))
    return torch.from_numpy(first), torch.from_numpy(second)


def test_random_colours_differ_as_the_papers_equations_say() -> None:
    first, second = _random_pairs()
    plain = [_by_the_paper(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    assert np.abs(colour.ciede2000(first, second).numpy() - plain).max() < 1e-9


def test_random_colours_differ_as_scikit_image_says() -> None:
    from skimage.color import deltaE_ciede2000

    first, second = _random_pairs()
    theirs = deltaE_ciede2000(first.numpy(), second.numpy())
    assert np.abs(colour.ciede2000(first, second).numpy() - theirs).max() < 1e-9


def test_single_precision_stays_within_a_thousandth_on_near_colours() -> None:
    draw = np.random.default_rng(2)
    first = draw.uniform((0, -80, -80), (100, 80, 80), (20_000, 3))
    second = first + draw.normal(0, 2, first.shape)
    exact = colour.ciede2000(torch.from_numpy(first), torch.from_numpy(second))
    quick = colour.ciede2000(torch.from_numpy(first).float(), torch.from_numpy(second).float())
    assert (exact - quick.double()).abs().max() < 2e-3
    assert (exact - quick.double()).abs().mean() < 5e-6


@settings(deadline=None)
@given(colours, colours)
def test_a_difference_is_symmetric_never_negative_and_zero_only_to_itself(
    a: tuple[float, float, float], b: tuple[float, float, float]
) -> None:
    first, second = (colour.lab_from_srgb(torch.tensor(c, dtype=torch.float64)) for c in (a, b))
    there, back = colour.ciede2000(first, second), colour.ciede2000(second, first)
    assert math.isclose(there, back, abs_tol=1e-9)
    assert there >= 0
    assert colour.ciede2000(first, first) == 0


@settings(deadline=None)
@given(colours)
def test_every_colour_survives_the_way_to_cielab_and_back(code: tuple[float, float, float]) -> None:
    coded = torch.tensor(code, dtype=torch.float64)
    assert torch.allclose(colour.srgb_from_lab(colour.lab_from_srgb(coded)), coded, atol=1e-9)


def test_white_is_exactly_100_0_0_and_greys_have_no_chroma() -> None:
    greys = torch.linspace(0, 1, 256, dtype=torch.float64)[:, None].expand(256, 3)
    lab = colour.lab_from_srgb(greys)
    assert torch.allclose(lab[-1], torch.tensor([100.0, 0, 0], dtype=torch.float64), atol=1e-4)
    assert lab[:, 1:].abs().max() < 1e-4
    assert (lab[:, 0].diff() > 0).all()


def test_the_corners_of_srgb_have_the_d50_values_of_the_icc_profile() -> None:
    # Lindbloom's CIE colour calculator: sRGB with Bradford adaptation to D50.
    red, blue = colour.lab_from_srgb(torch.tensor([[1.0, 0, 0], [0, 0, 1.0]], dtype=torch.float64))
    assert torch.allclose(red, torch.tensor([54.29, 80.81, 69.89], dtype=torch.float64), atol=0.02)
    assert torch.allclose(blue, torch.tensor([29.57, 68.30, -112.03], dtype=torch.float64), atol=0.02)


def test_littlecms_gives_the_same_cielab() -> None:
    from PIL import Image, ImageCms

    picture = np.random.default_rng(3).integers(0, 256, (32, 32, 3), np.uint8)
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB", 5003), "RGB", "LAB", 1
    )
    theirs = ImageCms.applyTransform(Image.fromarray(picture), transform)
    assert theirs is not None
    bands = np.dstack([np.asarray(band) for band in theirs.split()]).astype(np.float64)
    bands[..., 0] *= 100 / 255
    bands[..., 1:] -= 128
    ours = colour.lab_from_srgb(torch.from_numpy(picture / 255)).numpy()
    assert np.abs(ours - bands).max() < 1.5
