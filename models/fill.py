"""Fills unknown pixels of a picture from the sound ones around them, without any learned weights.

The fill is the surface of least energy between a thin plate and a stretched skin (a spline in tension, Smith
and Wessel 1990). The tension follows the forms of the picture: strong along an edge, weak across it, so that
a contour runs on through a crack instead of fading in it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.device import choose
from models.multigrid import hierarchy, solve
from models.orientation import orientation
from models.stencil import OFFSETS, Tension, weights

Array = npt.NDArray[np.float64]
Bits = npt.NDArray[np.bool_]

MOST = 500_000
"""Unknown pixels that are solved for at once; of a larger hole, only the rim is solved at full resolution."""
DEEP = 64
"""Depth of that rim, in px."""

TENSION = 0.75
"""Skin (1) or plate (0); measured best for cracks and losses alike."""
LEAST = 0.1
"""Floor of 1 - coherence; its cube is the share of the tension that is left across a sharp edge."""
FLOOR = 1e-9
"""Tension everywhere: it decides where too little is known for a plate (one sound pixel, one sound row)."""
TOLERANCE = 2e-6
"""Accuracy of the solution, full range = 1: an eighth of a 16-bit step."""


def fill(
    pixels: npt.NDArray[Any], wanted: Bits, unknown: Bits, *, tension: float = TENSION, follow: float = 1.0
) -> npt.NDArray[Any]:
    """Return (h, w, channels) pixels with the `wanted` ones filled; `unknown` ones are no evidence.

    `tension` 0 is the plate, 1 the skin; `follow` 0 pulls the same in all directions, 1 along the forms.
    """
    unknown = unknown | wanted
    if unknown.all():
        raise ValueError("nothing is known to fill from")
    if not wanted.any():
        return pixels.copy()
    low, full = _range(pixels, ~unknown)
    sound = np.where(unknown[..., None], 0, (pixels - low) / full)
    joined = _joined(wanted, unknown)
    if np.count_nonzero(joined) > MOST:
        sound, deep = _deep(sound, joined, unknown, tension, follow)
        here = deep & wanted
        pixels = _placed(pixels, here, np.argwhere(here), torch.from_numpy(sound[here] * full + low))
        joined, unknown, wanted = joined & ~deep, unknown & ~deep, wanted & ~deep
    picture = torch.from_numpy(sound).to(choose())
    places = np.argwhere(joined)
    skin = _skin(picture, torch.from_numpy(unknown).to(choose()), tension, follow)
    solution = _solved(picture, places, skin)
    return _placed(pixels, wanted, places, solution * full + low)


def _deep(sound: Array, joined: Bits, unknown: Bits, tension: float, follow: float) -> tuple[Array, Bits]:
    """Fill what lies deep in a huge hole from a picture of half the size: there the fill is smooth anyway."""
    from scipy.ndimage import distance_transform_cdt

    padded = np.pad(joined, 1, constant_values=True)
    deep = np.asarray(distance_transform_cdt(padded, "chessboard")[1:-1, 1:-1] > DEEP) & joined
    known = ~unknown
    weight = _halved(known.astype(np.float64)[..., None])
    half = _halved(sound * known[..., None]) / np.maximum(weight, 0.25)
    blind = weight[..., 0] == 0
    half = fill(half, blind, blind, tension=tension, follow=follow)
    wide = half.repeat(2, 0).repeat(2, 1)[: deep.shape[0], : deep.shape[1]]
    return np.where(deep[..., None], wide, sound), deep


def _halved(planes: Array) -> Array:
    """Return the means of 2 × 2 pixels."""
    even = np.pad(planes, ((0, planes.shape[0] % 2), (0, planes.shape[1] % 2), (0, 0)))
    return np.asarray((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4)


def _joined(wanted: Bits, unknown: Bits) -> Bits:
    """Return the unknown pixels whose equations hang together with those of the wanted ones."""
    from scipy.ndimage import binary_dilation, label

    square = np.ones((3, 3), bool)
    parts, _ = label(binary_dilation(unknown, square), square)
    chosen = np.zeros(int(parts.max()) + 1, bool)
    chosen[parts[wanted]] = True
    return np.asarray(unknown & chosen[parts])


def _range(pixels: npt.NDArray[Any], known: Bits) -> tuple[float, float]:
    """Return the zero and the full range of the samples."""
    if np.issubdtype(pixels.dtype, np.integer):
        return 0.0, float(np.iinfo(pixels.dtype).max)
    seen = pixels[known]
    return float(seen.min()), max(float(seen.max()) - float(seen.min()), 1e-12)


def _skin(picture: Tensor, unknown: Tensor, tension: float, follow: float) -> Tension:
    """Return the tension per cell, relative to a plate of stiffness 1."""
    forms = orientation(picture.permute(2, 0, 1).float().contiguous(), unknown)
    along = min(tension, 0.99) / (1 - min(tension, 0.99))
    across = along * (1 - follow * forms.coherence.clamp(0, 1)).clamp_min(LEAST) ** 3
    less, x, y = along - across, forms.x, forms.y
    return Tension(along - less * x * x + FLOOR, -less * x * y, along - less * y * y + FLOOR)


def _solved(picture: Tensor, places: npt.NDArray[np.int64], skin: Tension) -> Tensor:
    """Set up and solve the equations of the pixels at `places`: (n, channels)."""
    from scipy.ndimage import distance_transform_cdt
    from scipy.sparse import coo_matrix

    height, width = picture.shape[:2]
    device, count = picture.device, len(places)
    rows, columns = torch.from_numpy(np.ascontiguousarray(places.T)).to(device)
    number = torch.full((height * width,), -1, dtype=torch.int64, device=device)
    number[rows * width + columns] = torch.arange(count, device=device)
    values = weights(rows, columns, (height, width), skin)
    right = torch.zeros(count, picture.shape[2], dtype=torch.float64, device=device)
    beside = torch.empty_like(values, dtype=torch.int64)
    for k, (y, x) in enumerate(OFFSETS):
        place = (rows + y).clamp(0, height - 1) * width + (columns + x).clamp(0, width - 1)
        beside[k] = number[place]
        known = torch.where(beside[k] < 0, values[k], 0.0)
        right.addcmul_(known[:, None], picture.reshape(height * width, -1)[place], value=-1)
    inner = ((beside >= 0) & (values != 0)).cpu().numpy()
    own = np.broadcast_to(np.arange(count), inner.shape)[inner]
    entries = (own, beside.cpu().numpy()[inner])
    matrix = coo_matrix((values.cpu().numpy()[inner], entries), (count, count)).tocsr()
    hole = np.zeros((height + 2, width + 2), bool)
    hole[places[:, 0] + 1, places[:, 1] + 1] = True
    wide = float(distance_transform_cdt(hole, "chessboard").max())
    return solve(hierarchy(matrix, places, wide, device), right, TOLERANCE)


def _placed(
    pixels: npt.NDArray[Any], wanted: Bits, places: npt.NDArray[np.int64], solution: Tensor
) -> npt.NDArray[Any]:
    """Put the solution where it is wanted, rounded and clipped to what the samples can hold."""
    keep = wanted[places[:, 0], places[:, 1]]
    values = solution.cpu().numpy()[keep]
    if np.issubdtype(pixels.dtype, np.integer):
        limits = np.iinfo(pixels.dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    result = pixels.copy()
    result[places[keep, 0], places[keep, 1]] = values.astype(pixels.dtype)
    return result
