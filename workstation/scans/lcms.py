"""Little CMS, called with bytes of profiles: what it makes of 16 bits, and of what light they are.

A profile comes from a file that nobody vouches for: it is bounded in size, and whatever Little CMS says
against it becomes one ProfileError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ImageCms

from workstation.scans.source import Pixels

MOST_BYTES = 16 << 20
INTENTS = ("perceptual", "relative", "saturation", "absolute")
"""As the ICC counts them."""
RELATIVE = INTENTS.index("relative")
_SPACES = {b"RGB ": "rgb", b"GRAY": "gray", b"CMYK": "cmyk"}
_BLACK_POINT, _EXACT = ImageCms.Flags.BLACKPOINTCOMPENSATION, ImageCms.Flags.NOOPTIMIZE


class ProfileError(Exception):
    """A profile that cannot be followed; the message is the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Route:
    """From one profile to another, by way of a third one where a print is simulated."""

    source: bytes
    target: bytes
    intent: int = RELATIVE
    black_point: bool = True
    proof: bytes | None = None


def space_of(icc: bytes) -> str:
    """Return what a profile is about: rgb, gray or cmyk; ProfileError for anything else."""
    if len(icc) > MOST_BYTES:
        raise ProfileError("is too large")
    if len(icc) < 132 or icc[36:40] != b"acsp":
        raise ProfileError("is damaged")
    space = _SPACES.get(icc[16:20])
    if space is None:
        raise ProfileError("is for another kind of colour")
    return space


def deep(route: Route, block: Pixels, exact: bool = False) -> Pixels:
    """Convert 16-bit samples (h, w, 1, 3 or 4) to 16-bit RGB."""
    black = _BLACK_POINT if route.black_point else 0
    flags = int(black | (_EXACT if exact else 0))
    if route.proof is None:
        return _step(block, route.source, route.target, "rgb", np.uint16, route.intent, flags)
    print_ = _step(block, route.source, route.proof, space_of(route.proof), np.uint16, route.intent, flags)
    return _step(print_, route.proof, route.target, "rgb", np.uint16, RELATIVE, flags & ~int(_BLACK_POINT))


def light(icc: bytes, block: Pixels) -> npt.NDArray[np.float64]:
    """Return XYZ under D50 of 16-bit samples."""
    import imagecodecs

    return _step(block, icc, imagecodecs.cms_profile("xyz"), "xyz", np.float64, RELATIVE, int(_EXACT))


def _step(
    block: Pixels, source: bytes, target: bytes, space: str, dtype: Any, intent: int, flags: int
) -> Pixels:
    import imagecodecs

    try:
        out = imagecodecs.cms_transform(
            np.ascontiguousarray(block),
            source,
            target,
            colorspace=space_of(source),
            outcolorspace=space,
            outdtype=np.dtype(dtype).name,
            intent=intent,
            flags=flags,
        )
    except (RuntimeError, ValueError) as error:
        raise ProfileError("cannot be followed") from error
    return np.asarray(out).reshape(*block.shape[:2], -1)
