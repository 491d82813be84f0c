"""What an ICC profile calls itself."""

from __future__ import annotations

from io import BytesIO

from PIL import ImageCms


def profile_name(icc: bytes | None) -> str | None:
    """Return the profile's description, "unreadable profile" for a damaged one, None where there is none."""
    if not icc:
        return None
    try:
        profile = ImageCms.getOpenProfile(BytesIO(icc))
        return ImageCms.getProfileDescription(profile).strip() or "unnamed profile"
    except (OSError, ImageCms.PyCMSError):
        return "unreadable profile"
