"""ICC profiles: what one calls itself, what it is for, and the profile of pixels that we turned into sRGB."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import ImageCms

_DATE, _ID = slice(24, 36), slice(84, 100)


def profile_name(icc: bytes | None) -> str | None:
    """Return the profile's description, "unreadable profile" for a damaged one, None where there is none."""
    if not icc:
        return None
    try:
        profile = ImageCms.getOpenProfile(BytesIO(icc))
        return ImageCms.getProfileDescription(profile).strip() or "unnamed profile"
    except (OSError, ImageCms.PyCMSError):
        return "unreadable profile"


def profile_space(icc: bytes) -> str | None:
    """Return the colours that a profile describes ("RGB", "CMYK", "GRAY"), None for a damaged one."""
    try:
        return ImageCms.getOpenProfile(BytesIO(icc)).profile.xcolor_space.strip()
    except (OSError, ImageCms.PyCMSError):
        return None


@cache
def srgb_profile() -> bytes:
    """Return an sRGB profile that is the same bytes every time: it bears a fixed date."""
    icc = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    icc[_DATE] = bytes((7, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))  # the year 2000
    icc[_ID] = bytes(16)  # no checksum
    return bytes(icc)
