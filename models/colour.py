"""Colour as numbers: sRGB, linear light, XYZ, CIELAB and CIEDE2000, for any torch device and float type.

CIELAB is taken under D50, as FADGI, ISO 19264 and ICC profiles do: linear sRGB is led from its own white D65
to D50 by the Bradford transform that the ICC's sRGB profile uses. Colours lie in the last axis.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.device import choose

Planes: TypeAlias = tuple[Tensor, Tensor, Tensor]
Matrix: TypeAlias = tuple[tuple[float, float, float], ...]

SRGB_TO_XYZ_D50: Matrix = (
    (0.4360747, 0.3850649, 0.1430804),
    (0.2225045, 0.7168786, 0.0606169),
    (0.0139322, 0.0971045, 0.7141733),
)
"""IEC 61966-2-1 primaries, Bradford-adapted from D65 to D50 (Lindbloom's table)."""
D50: tuple[float, float, float] = (0.9642200, 1.0000000, 0.8252100)
"""The white of CIELAB here: the sums of the rows above, so that sRGB white is L* 100, a* 0, b* 0."""

STRIP = 1 << 18
"""Pixels that are compared at a time: few enough that what is computed stays in the processor's cache."""

_DELTA = 6 / 29
_25_TO_7 = 25.0**7


def linear_from_srgb(coded: Tensor) -> Tensor:
    """Undo the sRGB curve: 0…1 as stored → 0…1 in linear light."""
    bright = ((coded.clamp(min=0) + 0.055) / 1.055) ** 2.4
    return torch.where(coded <= 0.04045, coded / 12.92, bright)


def srgb_from_linear(linear: Tensor) -> Tensor:
    """Apply the sRGB curve: 0…1 in linear light → 0…1 as stored."""
    bright = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear <= 0.0031308, linear * 12.92, bright)


def xyz_from_linear(linear: Tensor, matrix: Matrix = SRGB_TO_XYZ_D50) -> Tensor:
    """Return XYZ under D50 of linear RGB; `matrix` is that of the RGB space, sRGB unless said."""
    return torch.stack(_mixed(_planes(linear), matrix), -1)


def linear_from_xyz(xyz: Tensor, matrix: Matrix = SRGB_TO_XYZ_D50) -> Tensor:
    """Return linear RGB of XYZ under D50; outside 0…1 where the RGB space cannot show the colour."""
    first, second, third = torch.linalg.inv(torch.tensor(matrix, dtype=torch.float64)).tolist()
    return torch.stack(_mixed(_planes(xyz), (first, second, third)), -1)


def lab_from_xyz(xyz: Tensor) -> Tensor:
    """Return CIELAB of XYZ, both under D50."""
    return torch.stack(_lab(_planes(xyz)), -1)


def _planes(colours: Tensor) -> Planes:
    # Contiguous: torch then computes every pixel in the same way wherever it lies in its block.
    first, second, third = (plane.contiguous() for plane in colours.unbind(-1))
    return first, second, third


def _mixed(planes: Planes, matrix: Matrix) -> Planes:
    a, b, c = planes
    first, second, third = (row[0] * a + row[1] * b + row[2] * c for row in matrix)
    return first, second, third


def _lab(xyz: Planes) -> Planes:
    x, y, z = (_lab_curve(plane / white) for plane, white in zip(xyz, D50, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _lab_curve(ratio: Tensor) -> Tensor:
    root = _cube_root(ratio.clamp(min=_DELTA**3))
    return torch.where(ratio > _DELTA**3, root, ratio / (3 * _DELTA**2) + 4 / 29)


def _cube_root(values: Tensor) -> Tensor:
    # Not pow: torch rounds it differently at the end of a block, and a pixel must not know where it lies.
    near = torch.exp(torch.log(values) / 3)
    return near - (near - values / (near * near)) / 3


def xyz_from_lab(lab: Tensor) -> Tensor:
    """Return XYZ of CIELAB, both under D50."""
    lightness, a, b = lab.unbind(-1)
    y = (lightness + 16) / 116
    f = torch.stack((y + a / 500, y, y - b / 200), -1)
    ratio = torch.where(f > _DELTA, f**3, 3 * _DELTA**2 * (f - 4 / 29))
    return ratio * lab.new_tensor(D50)


def lab_from_srgb(coded: Tensor) -> Tensor:
    """Return CIELAB (D50) of sRGB as stored, 0…1."""
    return lab_from_xyz(xyz_from_linear(linear_from_srgb(coded)))


def srgb_from_lab(lab: Tensor) -> Tensor:
    """Return sRGB as stored of CIELAB (D50); outside 0…1 where sRGB cannot show the colour."""
    return srgb_from_linear(linear_from_xyz(xyz_from_lab(lab)))


def ciede2000(first: Tensor, second: Tensor) -> Tensor:
    """Return ΔE00 of two arrays of CIELAB colours by Sharma, Wu and Dalal (2005), with kL = kC = kH = 1."""
    return _ciede2000(_planes(first), _planes(second))


def _ciede2000(first: Planes, second: Planes) -> Tensor:
    (l1, a1, b1), (l2, a2, b2) = first, second
    g = _chroma_weight((torch.hypot(a1, b1) + torch.hypot(a2, b2)) / 2)
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = torch.hypot(a1, b1), torch.hypot(a2, b2)
    turn, hue = _hues(a1, b1, a2, b2)
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    off = (lightness - 50) ** 2
    dl = (l2 - l1) / (1 + 0.015 * off / torch.sqrt(20 + off))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * torch.sqrt(c1 * c2) * torch.sin(turn / 2) / (1 + 0.015 * chroma * _hue_weight(hue))
    square = dl**2 + dc**2 + dh**2 + _rotation(chroma, hue) * dc * dh
    return torch.sqrt(square.clamp(min=0))


def _chroma_weight(mean_chroma: Tensor) -> Tensor:
    power = mean_chroma**7
    return 0.5 * (1 - torch.sqrt(power / (power + _25_TO_7)))


def _hues(a1: Tensor, b1: Tensor, a2: Tensor, b2: Tensor) -> tuple[Tensor, Tensor]:
    """Return the hue difference within ±π and the mean hue, in radians.

    A grey has no hue: the difference is then 0 and the mean is the other colour's hue (the paper's note 5).
    Hues exactly opposite have two means; the paper takes half their sum, and so do we within rounding.
    """
    full = 2 * math.pi
    h1, h2 = torch.atan2(b1, a1) % full, torch.atan2(b2, a2) % full
    grey = ((a1 == 0) & (b1 == 0)) | ((a2 == 0) & (b2 == 0))
    apart = h2 - h1
    far = apart.abs() > math.pi * (1 + 8 * torch.finfo(apart.dtype).eps)
    turn = torch.where(far, apart - full * torch.sign(apart), apart)
    total = h1 + h2
    mean = total / 2
    mean = torch.where(far, torch.where(total < full, mean + math.pi, mean - math.pi), mean)
    return torch.where(grey, 0, turn), torch.where(grey, total, mean)


def _hue_weight(hue: Tensor) -> Tensor:
    degree = math.pi / 180
    return (
        1
        - 0.17 * torch.cos(hue - 30 * degree)
        + 0.24 * torch.cos(2 * hue)
        + 0.32 * torch.cos(3 * hue + 6 * degree)
        - 0.20 * torch.cos(4 * hue - 63 * degree)
    )


def _rotation(mean_chroma: Tensor, hue: Tensor) -> Tensor:
    power = mean_chroma**7
    away = (hue * (180 / math.pi) - 275) / 25
    theta = (math.pi / 3) * torch.exp(-(away**2))  # twice 30 degrees
    return -2 * torch.sqrt(power / (power + _25_TO_7)) * torch.sin(theta)


def difference(
    first: npt.NDArray[np.float32],
    second: npt.NDArray[np.float32],
    matrices: tuple[Matrix, Matrix] = (SRGB_TO_XYZ_D50, SRGB_TO_XYZ_D50),
    only_lightness: bool = False,
) -> npt.NDArray[np.float32]:
    """Return ΔE00 of two (3, h, w) pictures in linear light, each with the matrix of its RGB space."""
    device = choose()
    found = np.empty(first.shape[1:], np.float32)
    step = max(1, STRIP // first.shape[2])
    for y in range(0, first.shape[1], step):
        one, other = (
            _lab(_mixed(_strip(picture[:, y : y + step], device), matrix))
            for picture, matrix in zip((first, second), matrices, strict=True)
        )
        if only_lightness:
            none = torch.zeros_like(one[0])
            one, other = (one[0], none, none), (other[0], none, none)
        found[y : y + step] = _ciede2000(one, other).cpu().numpy()
    return found


def _strip(picture: npt.NDArray[np.float32], device: torch.device) -> Planes:
    red, green, blue = torch.from_numpy(picture).to(device).unbind(0)
    return red, green, blue
