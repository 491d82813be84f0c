"""Colour maps computed so that equal steps of the value are equal steps to the eye."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.colour import ciede2000, srgb_from_lab

PATH = 4096


def even_palette(anchors: Sequence[tuple[float, float, float, float]], steps: int) -> npt.NDArray[np.uint8]:
    """Return `steps` sRGB colours along a path through CIELAB, evenly spaced by CIEDE2000.

    An anchor is (place 0…1, L*, hue in degrees, share of the chroma that sRGB can show at that L* and hue).
    """
    path = _path(torch.tensor(anchors, dtype=torch.float64))
    length = ciede2000(path[1:], path[:-1]).cumsum(0)
    length = torch.cat((length.new_zeros(1), length)) / length[-1]
    wanted = torch.linspace(0, 1, steps, dtype=torch.float64)
    even = torch.stack([_interpolated(wanted, length, band) for band in path.unbind(-1)], -1)
    codes = (srgb_from_lab(even).clamp(0, 1) * 255).round().to(torch.uint8)
    found: npt.NDArray[np.uint8] = codes.numpy()
    return found


def _path(anchors: Tensor) -> Tensor:
    place = torch.linspace(0, 1, PATH, dtype=torch.float64)
    lightness, hue, share = (_interpolated(place, anchors[:, 0], band) for band in anchors[:, 1:].unbind(-1))
    hue = _smooth(hue)
    chroma = _smooth(share * _most_chroma(lightness, hue))
    angle = hue * (math.pi / 180)
    return torch.stack((lightness, chroma * torch.cos(angle), chroma * torch.sin(angle)), -1)


def _interpolated(wanted: Tensor, places: Tensor, values: Tensor) -> Tensor:
    return torch.from_numpy(np.interp(wanted.numpy(), places.numpy(), values.numpy()))


def _smooth(values: Tensor, reach: int = PATH // 8) -> Tensor:
    """Round the corners at the anchors: a mean over `2 · reach + 1` places, the ends held."""
    padded = torch.cat(
        (
            2 * values[0] - values[1 : reach + 1].flip(0),
            values,
            2 * values[-1] - values[-reach - 1 : -1].flip(0),
        )
    )
    kernel = torch.hann_window(2 * reach + 3, periodic=False, dtype=torch.float64)[1:-1]
    return torch.nn.functional.conv1d(padded[None, None], (kernel / kernel.sum())[None, None])[0, 0]


def _most_chroma(lightness: Tensor, hue: Tensor) -> Tensor:
    """Return the largest chroma of each lightness and hue that sRGB can show, by bisection."""
    angle = hue * (math.pi / 180)
    low, high = torch.zeros_like(lightness), torch.full_like(lightness, 160.0)
    for _ in range(40):
        middle = (low + high) / 2
        colour = torch.stack((lightness, middle * torch.cos(angle), middle * torch.sin(angle)), -1)
        code = srgb_from_lab(colour)
        shown = ((code >= 0) & (code <= 1)).all(-1)
        low, high = torch.where(shown, middle, low), torch.where(shown, high, middle)
    return low
