"""What an aged varnish does to the light of a painting, found where its cleaned and uncleaned parts meet.

Light passes the varnish, is reflected by the paint and passes it again; some is scattered back on the way:

    seen = paint * transmission + haze        per colour channel, in linear light

The paint under the varnish is not known. But across the edge of a cleaned window it goes on much the same, so
short stretches on either side of the edge are compared, and the middle one of their ratios is taken: an edge
of a form that happens to run there does not count. A line fitted through the pairs is no use: its slope
suffers from every difference of paint. Haze is bounded by the darkest spots instead: paint is never
darker than black, so nothing under the varnish is darker than its haze.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

HAZE = 0.02
"""The most haze to assume, as a share of white, however light the darkest spot is."""
LEAST = 0.02
"""Transmission is never taken to be less: what is so dark cannot be brought back."""


@dataclass(frozen=True, slots=True)
class Varnish:
    """Transmission (both ways) and haze of each colour channel, in linear light."""

    transmission: tuple[float, ...]
    haze: tuple[float, ...]


class Pairs(NamedTuple):
    """Neighbouring stretches of the edge, in linear light: (pairs, channels) each."""

    cleaned: Array
    uncleaned: Array
    unrest: Array
    """How much the paint changes within the two stretches, relative to its lightness."""


def fitted(pairs: Pairs, darkest: Array) -> Varnish:
    """Fit to pairs; calm and light ones count most. `darkest` is the least light seen under the varnish."""
    haze = np.minimum(0.9 * darkest, HAZE)
    light = np.sqrt(np.maximum(pairs.cleaned * pairs.uncleaned, 1e-8))
    ratio = np.log(np.maximum(pairs.uncleaned - haze, 1e-4) / np.maximum(pairs.cleaned, 1e-4))
    weight = light / (0.05 + pairs.unrest)
    middle = [_middle(ratio[:, k], weight[:, k]) for k in range(ratio.shape[1])]
    transmission = np.clip(np.exp(middle), LEAST, 1.0)
    return Varnish(tuple(transmission.tolist()), tuple(haze.tolist()))


def paired_by_rank(cleaned: Array, uncleaned: Array) -> Pairs:
    """Pair (samples, channels) of two areas of like paint: dark with dark, light with light."""
    share = np.linspace(0.02, 0.98, 97)
    ours, theirs = np.quantile(cleaned, share, axis=0), np.quantile(uncleaned, share, axis=0)
    return Pairs(ours, theirs, np.zeros_like(ours))


def _middle(values: Array, weights: Array) -> float:
    """Return the weighted median."""
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def thinned(seen: Array, transmission: float, haze: float, strength: float) -> Array:
    """Return linear light of one channel under a varnish of which `strength` (0 to 1) has been taken off."""
    paint = np.maximum(seen - haze, 0) / transmission
    left = 1 - strength
    return np.asarray(paint * transmission**left + haze * left)


def decoded(values: Array) -> Array:
    """Turn sRGB values of 0 to 1 into linear light."""
    return np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4)


def encoded(light: Array) -> Array:
    """Turn linear light into sRGB values of 0 to 1."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
