"""Takes white noise out of a picture: every 8 × 8 window is cosine-transformed, small waves are dropped.

Windows lie at every pixel, so the result does not depend on where a block begins. Each step is one addition,
subtraction, multiplication or comparison of float32, which IEEE 754 rounds in exactly one way: a pixel comes
out with the same bits whatever the block, the vector unit or the device. That is why there is no matrix
product, convolution, fused multiply-add or FFT here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

SIZE = 8
"""Side of a window; a pixel is touched by nothing farther than SIZE - 1."""
PIECE, WHOLE = (128, 512), (4096, 4096)
"""What is worked on at a time on a CPU and on a GPU; any size gives the same pixels, others are slower."""
THRESHOLD = 2.7
"""Waves below this many sigma are noise."""


def shrink(planes: Tensor, threshold: float = THRESHOLD) -> Tensor:
    """Return (channels, h, w) float32 planes of unit noise without that noise."""
    height, width = planes.shape[1:]
    short = (0, max(SIZE - width, 0), 0, max(SIZE - height, 0))
    if any(short):
        planes = functional.pad(planes[None], short, mode="replicate")[0]
    result = torch.empty_like(planes)
    piece = PIECE if planes.device.type == "cpu" else WHOLE
    for rows, columns in _pieces(planes.shape[1], planes.shape[2], piece):
        for plane, target in zip(planes, result, strict=True):
            _piece(plane, target, rows, columns, threshold)
    return result[:, :height, :width]


def _pieces(height: int, width: int, piece: tuple[int, int]) -> Iterator[tuple[slice, slice]]:
    """Cut into pieces that stay in the processor's cache."""
    for top in range(0, height, piece[0]):
        for left in range(0, width, piece[1]):
            yield slice(top, min(top + piece[0], height)), slice(left, min(left + piece[1], width))


def _piece(plane: Tensor, target: Tensor, rows: slice, columns: slice, threshold: float) -> None:
    reach = SIZE - 1
    top, left = max(rows.start - reach, 0), max(columns.start - reach, 0)
    calm = _plane(plane[top : rows.stop + reach, left : columns.stop + reach], threshold)
    target[rows, columns] = calm[rows.start - top :, columns.start - left :][
        : rows.stop - rows.start, : columns.stop - columns.start
    ]


def _plane(plane: Tensor, threshold: float) -> Tensor:
    height, width = plane.shape[0] - SIZE + 1, plane.shape[1] - SIZE + 1
    waves = _forward([plane[k : k + height] for k in range(SIZE)])
    kept = [_columns(wave, threshold, width, first=k == 0) for k, wave in enumerate(waves)]
    result = torch.zeros_like(plane)
    for k, part in enumerate(_backward(kept)):
        result[k : k + height] += part
    return result * _share(plane)


def _columns(rows: Tensor, threshold: float, width: int, *, first: bool) -> Tensor:
    """Transform along the rows, drop what is small, and add up what the windows give back."""
    waves = _forward([rows[:, k : k + width] for k in range(SIZE)])
    kept = [
        wave if first and k == 0 else functional.hardshrink(wave, threshold) for k, wave in enumerate(waves)
    ]
    result = torch.zeros_like(rows)
    for k, part in enumerate(_backward(kept)):
        result[:, k : k + width] += part
    return result


def _share(plane: Tensor) -> Tensor:
    """Return 1 / (how many windows hold each pixel): 1/64 but near the border of the picture."""
    rows, columns = (
        torch.minimum(count, count.flip(0)).clamp_max(min(SIZE, len(count) - SIZE + 1))
        for count in (torch.arange(1.0, size + 1, device=plane.device) for size in plane.shape)
    )
    return 1 / (rows[:, None] * columns)


C = [math.cos(k * math.pi / 16) / 2 for k in range(8)]
"""The factors of the orthonormal 8-point cosine transform."""
ODD = ((1, 3, 5, 7), (3, -7, -1, -5), (5, -1, 7, 3), (7, -5, 3, -1))
"""Wave 1, 3, 5, 7 of the four differences: index of the factor, with its sign."""


def _forward(x: list[Tensor]) -> list[Tensor]:
    """Return the 8 waves of 8 samples, each a plane."""
    plus = [x[k] + x[7 - k] for k in range(4)]
    minus = [x[k] - x[7 - k] for k in range(4)]
    a, b, c, d = plus[0] + plus[3], plus[1] + plus[2], plus[0] - plus[3], plus[1] - plus[2]
    odd = [_mix(minus, row) for row in ODD]
    even = [(a + b) * C[4], c * C[2] + d * C[6], (a - b) * C[4], c * C[6] - d * C[2]]
    return [wave for pair in zip(even, odd, strict=True) for wave in pair]


def _backward(waves: list[Tensor]) -> list[Tensor]:
    """Return the 8 samples of 8 waves: the transpose of `_forward`."""
    low, high = waves[0] * C[4], waves[4] * C[4]
    a, b = low + high, low - high
    c, d = waves[2] * C[2] + waves[6] * C[6], waves[2] * C[6] - waves[6] * C[2]
    plus = [a + c, b + d, b - d, a - c]
    minus = [_mix(waves[1::2], row) for row in ODD]
    first = [p + m for p, m in zip(plus, minus, strict=True)]
    return first + [p - m for p, m in zip(plus[::-1], minus[::-1], strict=True)]


def _mix(parts: list[Tensor], factors: tuple[int, ...]) -> Tensor:
    result = parts[0] * math.copysign(C[abs(factors[0])], factors[0])
    for part, factor in zip(parts[1:], factors[1:], strict=True):
        result += part * math.copysign(C[abs(factor)], factor)
    return result
