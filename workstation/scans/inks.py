"""Printing inks (CMYK) as sRGB: by the scan's own ICC profile, else by a plain formula.

The formula is red = (1 - cyan) × (1 - black), and so on: what Pillow and most viewers do without a profile.
With a profile it is relative colorimetric with black point compensation. 16 bit stays 16 bit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np

from workstation.scans.profiles import profile_name, profile_space, srgb_profile
from workstation.scans.source import Pixels

Converter = Callable[[Pixels], Pixels]


def rgb_from_inks(icc: bytes | None) -> tuple[Converter, str]:
    """Return what turns (h, w, 4 inks and perhaps alpha) into RGB and alpha, and in words how."""
    if icc is not None and _can_convert(icc):
        return _Profiled(icc), f"CMYK by its profile {profile_name(icc)}"
    return plain_rgb, "CMYK by a plain formula, for want of a usable profile"


def _can_convert(icc: bytes) -> bool:
    """Tell whether a profile is one of inks, and whole."""
    from PIL import ImageCms

    try:
        return profile_space(icc) == "CMYK" and _transform(icc) is not None
    except (OSError, ValueError, ImageCms.PyCMSError):
        return False


@lru_cache(maxsize=8)
def _transform(icc: bytes) -> Any:
    """Build a profile's transform once: it takes 0.1 s. All threads share it: it has no cache of its own."""
    from PIL import ImageCms

    own, srgb = (ImageCms.getOpenProfile(BytesIO(profile)) for profile in (icc, srgb_profile()))
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOCACHE
    return ImageCms.buildTransform(own, srgb, "CMYK", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC, flags)


def plain_rgb(block: Pixels) -> Pixels:
    """Turn inks into RGB without a profile; a fifth channel stays as it is."""
    if block.dtype.kind == "f":
        light = 1 - np.clip(block[..., :4], 0, 1)
        rgb = light[..., :3] * light[..., 3:]
    else:
        top = np.uint32(np.iinfo(block.dtype).max)
        paper = top - block[..., 3:4].astype(np.uint32)
        rgb = (paper - (block[..., :3] * paper + top // 2) // top).astype(block.dtype)
    return np.concatenate((rgb, block[..., 4:]), axis=-1)


class _Profiled:
    """Conversion by a profile, safe in many threads."""

    def __init__(self, icc: bytes) -> None:
        self._icc = icc

    def __call__(self, block: Pixels) -> Pixels:
        if block.dtype == np.uint8:
            rgb = self._eight_bits(block)
        elif block.dtype == np.uint16:
            rgb = self._sixteen_bits(block)
        else:
            deep = np.asarray(np.clip(np.nan_to_num(block), 0, 1) * 65535 + 0.5).astype(np.uint16)
            rgb = (self._sixteen_bits(deep) / np.float32(65535)).astype(block.dtype)
        return np.concatenate((rgb, block[..., 4:]), axis=-1)

    def _eight_bits(self, block: Pixels) -> Pixels:
        from PIL import Image

        inks = np.ascontiguousarray(block[..., :4])
        size = (inks.shape[1], inks.shape[0])
        return np.asarray(
            _transform(self._icc).apply(Image.frombuffer("CMYK", size, inks, "raw", "CMYK", 0, 1))
        )

    def _sixteen_bits(self, block: Pixels) -> Pixels:
        """Convert by imagecodecs: Pillow has no transform of 16 bits."""
        import imagecodecs

        return np.asarray(
            imagecodecs.cms_transform(
                np.ascontiguousarray(block[..., :4]),
                self._icc,
                srgb_profile(),
                colorspace="cmyk",
                outcolorspace="rgb",
                intent=1,
                flags=0x2000,
            )
        )
