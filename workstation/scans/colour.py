"""From a scan's own colours to those of a display, block by block, by its ICC profile; without one by sRGB.

8 bit stays 8 and everything deeper is shown with 16, so that tones can be spread afterwards. Only what is
looked at is ever converted: no operation sees the outcome.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from workstation.scans.lattice import lattice_of
from workstation.scans.lcms import RELATIVE, ProfileError, Route, deep, space_of
from workstation.scans.profiles import srgb_profile
from workstation.scans.shaper import STEPS, TOP, chart, shaper_of
from workstation.scans.source import Level, Pixels

NO_PROFILE = "none: taken as sRGB"
SAME = 0.5 / 255
"""A conversion that moves no colour of the chart further than this, of the whole range, is none."""


@dataclass(frozen=True, slots=True)
class Display:
    """What colours are shown through."""

    profile: bytes | None = None
    """The ICC profile of the screen; None is sRGB."""
    intent: int = RELATIVE
    black_point: bool = True
    proof: bytes | None = None
    """The profile of a printer whose print is simulated."""


SRGB = Display()
_building = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Conversion:
    """From samples of one kind to a display's: 8-bit or 16-bit RGB."""

    note: str
    """What had to be assumed; empty where the scan's own profile is followed."""
    work: Callable[[Pixels], Pixels] | None
    """None where scan and display mean the same colours by the same numbers."""
    white: int | None = None
    """The sample that is white, where it is not the type's highest."""

    def __call__(self, block: Pixels) -> Pixels:
        """Return (h, w, 3) of 8 or 16 bit for a block of grey or RGB; further channels are left out."""
        samples = _samples(block[..., : 3 if block.shape[-1] >= 3 else 1], self.white)
        if self.work is not None:
            return self.work(samples)
        return np.ascontiguousarray(np.broadcast_to(samples, (*samples.shape[:2], 3)))


PLAIN = Conversion(NO_PROFILE, None)


def conversion(
    icc: bytes | None, channels: int, display: Display = SRGB, white: int | None = None
) -> Conversion:
    """Return how a scan of so many channels with such a profile is shown; never an error."""
    if is_plain(icc, display):
        return replace(PLAIN, white=white)
    with _building:  # several threads look at a new scan at once
        return replace(_conversion(icc, channels >= 3, display), white=white)


def is_plain(icc: bytes | None, display: Display) -> bool:
    """Tell whether nothing is to be converted, without working anything out."""
    return not icc and display.profile is None and display.proof is None


def shown_dtype(level: Level) -> np.dtype[Any]:
    """Return the type of a level's converted samples."""
    return np.dtype(np.uint8 if level.dtype in (np.uint8, np.bool_) else np.uint16)


@lru_cache(maxsize=8)  # one may take 17 MB
def _conversion(icc: bytes | None, colour: bool, display: Display) -> Conversion:
    source, note = _usable(icc, colour)
    for profile, words in ((source, note), (srgb_profile(), "its profile cannot be followed: taken as sRGB")):
        for seen_through in (display, Display()):
            try:
                return Conversion(words, _work(profile, colour, seen_through))
            except ProfileError:
                continue
    raise AssertionError("sRGB to sRGB is always possible")


def _usable(icc: bytes | None, colour: bool) -> tuple[bytes, str]:
    """Return the profile to follow, and what had to be assumed."""
    if not icc:
        return srgb_profile(), NO_PROFILE
    try:
        space = space_of(icc)
        if space == "cmyk" or (colour and space == "gray"):
            raise ProfileError("is for another kind of colour")
    except ProfileError as error:
        return srgb_profile(), f"its profile {error}: taken as sRGB"
    return icc, ""


def _work(source: bytes, colour: bool, display: Display) -> Callable[[Pixels], Pixels] | None:
    route = Route(
        source, display.profile or srgb_profile(), display.intent, display.black_point, display.proof
    )
    if space_of(route.target) != "rgb":
        raise ProfileError("is not a display's")
    if not colour:
        return _grey_work(route)
    reference = deep(route, chart(), exact=True)
    if _is_near(reference, chart()):
        return None
    return shaper_of(route) or lattice_of(route)


def _grey_work(route: Route) -> Callable[[Pixels], Pixels] | None:
    """Grey has so few values that Little CMS is asked for each of them once."""
    ramp = np.arange(STEPS, dtype=np.uint16)[None, :, None]
    is_rgb = space_of(route.source) == "rgb"
    table = deep(route, np.repeat(ramp, 3, axis=2) if is_rgb else ramp, exact=True)[0]
    if _is_near(table, ramp[0]):
        return None
    small = np.rint(table[::257] / 257).astype(np.uint8)
    return lambda block: (small if block.dtype == np.uint8 else table).take(block[..., 0], axis=0)


def _is_near(found: Pixels, wanted: Pixels) -> bool:
    return bool(np.abs(found.astype(np.int64) - wanted.astype(np.int64)).max() <= SAME * TOP)


def _samples(block: Pixels, white: int | None) -> Pixels:
    """Return 8 or 16-bit samples: integers scaled by their white or type's range, floats taken as 0 to 1."""
    if white and block.dtype.kind == "u":
        block = stretched(block, white)
    if block.dtype in (np.uint8, np.uint16):
        return block
    if block.dtype == np.bool_:
        return block.astype(np.uint8) * np.uint8(255)
    if block.dtype.kind == "f":
        light = np.nan_to_num(block.astype(np.float32), nan=0, posinf=1, neginf=0)
        return (np.clip(light, 0, 1) * TOP + 0.5).astype(np.uint16)
    top = np.iinfo(block.dtype).max
    return (np.clip(block, 0, None).astype(np.float64) * (TOP / top) + 0.5).astype(np.uint16)


def stretched(block: Pixels, white: int) -> Pixels:
    """Return samples of 0 to white over the whole range of their type."""
    top = int(np.iinfo(block.dtype).max)
    scaled = np.minimum(block, min(white, top)).astype(np.float64) * (top / min(white, top))
    return (scaled + 0.5).astype(block.dtype)


def check_profile(icc: bytes, proof: bool = False) -> None:
    """Raise ProfileError unless a profile can serve as a display's, or for a soft proof."""
    if not proof and space_of(icc) != "rgb":
        raise ProfileError("is not a display's")
    route = Route(srgb_profile(), srgb_profile() if proof else icc, proof=icc if proof else None)
    deep(route, chart(), exact=True)
