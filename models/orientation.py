"""Which way the forms of a picture run, seen from sound pixels only and carried on into the damage."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

GRAIN = 1.0
"""Gaussian sigma, in px, that quietens the grain before slopes are taken."""
REACH = 4.0
"""Gaussian sigma, in px, of the neighbourhood that agrees on a direction."""
DOUBT = 3e-6
"""Mean squared slope per px (full range = 1) below which a direction is not believed."""


class Orientation(NamedTuple):
    """Per pixel: the unit vector across the forms, and 0 (no direction) to 1 (one direction)."""

    x: Tensor
    y: Tensor
    coherence: Tensor


def orientation(picture: Tensor, unknown: Tensor) -> Orientation:
    """Find the direction everywhere in a (channels, h, w) picture of range 1 with (h, w) unknown pixels."""
    sound = (~unknown).to(picture.dtype)
    tensor, weight = _slopes(picture, sound)
    tensor, weight = gaussian(tensor * weight, REACH), gaussian(weight, REACH)
    xx, xy, yy = _spread(tensor, weight)
    difference = torch.sqrt((xx - yy) ** 2 + 4 * xy**2)
    angle = 0.5 * torch.atan2(2 * xy, xx - yy)
    return Orientation(torch.cos(angle), torch.sin(angle), difference / (xx + yy + DOUBT))


def _slopes(picture: Tensor, sound: Tensor) -> tuple[Tensor, Tensor]:
    """Return the structure tensor (xx, xy, yy) before it is averaged, and where it is evidence."""
    weight = gaussian(sound[None], GRAIN)
    calm = gaussian(picture * sound, GRAIN) / weight.clamp_min(1e-6)
    x = functional.pad((calm[:, :, 2:] - calm[:, :, :-2]) / 2, (1, 1))
    y = functional.pad((calm[:, 2:] - calm[:, :-2]) / 2, (0, 0, 1, 1))
    evidence = -functional.max_pool2d(-functional.pad(sound, (1, 1, 1, 1))[None, None], 3, 1)[0]
    return torch.stack([(x * x).mean(0), (x * y).mean(0), (y * y).mean(0)]), evidence


def _spread(tensor: Tensor, weight: Tensor) -> Tensor:
    """Divide by the weight; where no sound pixel is near, take what lies around, coarser and coarser."""
    found = tensor / weight.clamp_min(1e-6)
    missing = weight[0] < 1e-4
    if not missing.any() or min(weight.shape[-2:]) < 2:
        return found
    half = _spread(_halve(tensor), _halve(weight))
    wide = functional.interpolate(half[None], scale_factor=2, mode="bilinear", align_corners=False)[0]
    return torch.where(missing, wide[:, : weight.shape[-2], : weight.shape[-1]], found)


def _halve(planes: Tensor) -> Tensor:
    height, width = planes.shape[-2:]
    even = functional.pad(planes, (0, width % 2, 0, height % 2))
    return functional.avg_pool2d(even[None], 2)[0]


def gaussian(planes: Tensor, sigma: float) -> Tensor:
    """Blur (channels, h, w) planes; beyond the border lies zero."""
    reach = int(4 * sigma + 0.5)
    taps = [torch.exp(torch.tensor(-0.5 * (k / sigma) ** 2)).item() for k in range(reach + 1)]
    total = taps[0] + 2 * sum(taps[1:])
    return _along(_along(planes, [t / total for t in taps]).mT, [t / total for t in taps]).mT.contiguous()


def _along(planes: Tensor, taps: list[float]) -> Tensor:
    result = planes * taps[0]
    width = planes.shape[-1]
    for k, tap in enumerate(taps[1:], 1):
        if k < width:
            result[..., k:].add_(planes[..., :-k], alpha=tap)
            result[..., :-k].add_(planes[..., k:], alpha=tap)
    return result
