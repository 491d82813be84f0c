"""How strong the noise of a scan is at each brightness, and the scan without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.device import choose
from models.shrink import SIZE, shrink

REACH = SIZE - 1
"""How many pixels around a block its result depends on."""
BINS = 12
CALMEST = 0.15
"""Share of the windows of one brightness that are taken as free of forms."""
TABLE = 1 << 14
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Noise sigma of one channel at rising brightness, in samples."""

    levels: tuple[float, ...]
    sigmas: tuple[float, ...]


def measure(blocks: list[npt.NDArray[Any]], low: float, high: float) -> Curve:
    """Measure one channel's noise in (h, w) blocks whose samples lie between `low` and `high`.

    Windows are chosen by their slow waves and measured by their fast ones, which white noise fills alike: so
    the choice does not make the noise look smaller.
    """
    from scipy.fft import dctn

    windows = _windows(blocks, low, high)
    if len(windows) < BINS:
        return Curve((low,), (0.0,))
    waves = np.abs(dctn(windows, axes=(1, 2), norm="ortho"))
    means = windows.mean((1, 2))
    order = np.argsort(means, kind="stable")
    speed = np.add.outer(np.arange(SIZE), np.arange(SIZE))
    slow, fast = waves[:, (speed > 0) & (speed < 5)], waves[:, speed >= SIZE]
    bins = np.array_split(order, min(BINS, len(windows) // 60 + 1))
    sigmas = [_sigma(slow[chosen], fast[chosen]) for chosen in bins]
    return Curve(tuple(float(np.mean(means[chosen])) for chosen in bins), tuple(_steady(sigmas)))


def _windows(blocks: list[npt.NDArray[Any]], low: float, high: float) -> Array:
    """Cut blocks into windows, without those at the ends of the range: noise is cut off there."""
    parts = []
    for block in blocks:
        rows, columns = block.shape[0] // SIZE, block.shape[1] // SIZE
        cut = block[: rows * SIZE, : columns * SIZE].reshape(rows, SIZE, columns, SIZE)
        parts.append(cut.swapaxes(1, 2).reshape(-1, SIZE, SIZE).astype(np.float64))
    windows = np.concatenate(parts) if parts else np.zeros((0, SIZE, SIZE))
    inside = np.isfinite(windows) & (windows > low) & (windows < high)
    return np.asarray(windows[inside.all((1, 2))])


def _sigma(slow: Array, fast: Array) -> float:
    count = max(int(len(slow) * CALMEST), min(len(slow), 10))
    calm = np.argsort((slow**2).sum(1), kind="stable")[:count]
    return float(np.median(fast[calm]) * 1.4826)


def _steady(sigmas: list[float]) -> list[float]:
    """Take the median of each with its neighbours: one bin full of brushwork shall not count."""
    padded = [sigmas[0], *sigmas, sigmas[-1]]
    return [float(np.median(padded[k : k + 3])) for k in range(len(sigmas))]


def quieten(
    pixels: npt.NDArray[Any], curves: list[Curve], low: float, high: float, strength: float
) -> npt.NDArray[Any]:
    """Return (h, w, channels) pixels with `strength` (0 to 1) of their noise taken out.

    Brightness is bent so that noise is 1 everywhere, quietened, and bent back; as many channels are worked on
    as there are curves, further ones (alpha) stay.
    """
    if strength == 0:
        return pixels.copy()
    device = choose()
    tables = [_Bend(curve, low, high, pixels.dtype, device) for curve in curves]
    samples = [torch.from_numpy(pixels[..., k].astype(np.float32)).to(device) for k in range(len(curves))]
    bent = [table.bend(plane) for table, plane in zip(tables, samples, strict=True)]
    calm = _joined(shrink(_parted(bent)))
    result = pixels.copy()
    for k, (table, plane) in enumerate(zip(tables, calm, strict=True)):
        mixed = samples[k] + (table.back(plane) - samples[k]) * strength
        result[..., k] = _as(mixed, pixels.dtype)
    return result


class _Bend:
    """A table from samples to units of noise, and the way back."""

    def __init__(
        self, curve: Curve, low: float, high: float, dtype: np.dtype[Any], device: torch.device
    ) -> None:
        whole = np.issubdtype(dtype, np.integer)
        self.low, steps = low, int(high - low) if whole and high - low < 1 << 16 else TABLE
        self.step = (high - low) / steps
        grid = low + self.step * np.arange(steps + 1)
        least = 0.3 * (self.step if whole else (high - low) * 1e-5)
        sigma = np.maximum(np.interp(grid, curve.levels, curve.sigmas), least)
        slope = self.step * 2 / (sigma[1:] + sigma[:-1])
        table = np.concatenate([[0.0], np.cumsum(slope)])
        self.unit = table[-1] / TABLE
        back = np.interp(np.arange(TABLE + 1) * self.unit, table, grid)
        self.there, self.again = (torch.from_numpy(t.astype(np.float32)).to(device) for t in (table, back))

    def bend(self, samples: Tensor) -> Tensor:
        """Turn samples into units of noise."""
        return _look_up(self.there, (samples - self.low) * (1 / self.step))

    def back(self, values: Tensor) -> Tensor:
        """Turn units of noise into samples."""
        return _look_up(self.again, values * (1 / self.unit))


def _look_up(table: Tensor, place: Tensor) -> Tensor:
    """Interpolate in the table; beyond its ends its last slope goes on."""
    index = place.floor().long().clamp(0, len(table) - 2)
    start = table[index]
    return start + (place - index) * (table[index + 1] - start)


def _parted(colours: list[Tensor]) -> Tensor:
    """Part lightness from colour, so that forms stand out from noise; noise stays 1 in each."""
    if len(colours) != 3:
        return torch.stack(colours)
    red, green, blue = colours
    light = (red + green + blue) * 3**-0.5
    return torch.stack([light, (red - blue) * 2**-0.5, (red + blue - green * 2) * 6**-0.5])


def _joined(parts: Tensor) -> list[Tensor]:
    if len(parts) != 3:
        return list(parts)
    light, warm, violet = parts[0] * 3**-0.5, parts[1] * 2**-0.5, parts[2] * 6**-0.5
    return [light + warm + violet, light - violet * 2, light - warm + violet]


def _as(values: Tensor, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    if np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)
        values = values.round().clamp(limits.min, limits.max)
    return values.cpu().numpy().astype(dtype)
