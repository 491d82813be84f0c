"""The ICC profile that the system has for the first screen, asked of the system itself.

Tried on Linux with X11 only. Under Wayland no programme is told. The branches for macOS (CoreGraphics) and
Windows (Pillow's call of GetICMProfile) follow the documentation and were not tried.
"""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import byref, c_char_p, c_int, c_long, c_uint32, c_ulong, c_void_p
from ctypes.util import find_library
from typing import Any

MOST_BYTES = 16 << 20
_PROPERTY = b"_ICC_PROFILE"


def screen_profile() -> bytes | None:
    """Return the profile; None where the system has none or does not say."""
    try:
        if sys.platform == "win32":
            return _by_windows()
        if sys.platform == "darwin":
            return _by_macos()
        return _by_x11() if os.environ.get("DISPLAY") else None
    except (OSError, AttributeError, ValueError):  # a library or a function of it is missing
        return None


def _by_x11() -> bytes | None:
    """Read the property that colord and xiccd put on the root window."""
    x11 = ctypes.CDLL(find_library("X11") or "libX11.so.6")
    x11.XOpenDisplay.restype = x11.XDefaultRootWindow.restype = c_void_p
    x11.XInternAtom.restype = c_ulong
    screen = c_void_p(x11.XOpenDisplay(None))
    if not screen:
        return None
    try:
        atom = x11.XInternAtom(screen, c_char_p(_PROPERTY), c_int(1))
        return _property(x11, screen, atom) if atom else None
    finally:
        x11.XCloseDisplay(screen)


def _property(x11: Any, screen: c_void_p, atom: int) -> bytes | None:
    kind, form, count, left, data = c_ulong(), c_int(), c_ulong(), c_ulong(), c_void_p()
    root = c_ulong(x11.XDefaultRootWindow(screen))
    quarter = c_long(MOST_BYTES // 4)  # counted in 32 bits
    answer = (byref(kind), byref(form), byref(count), byref(left), byref(data))
    x11.XGetWindowProperty(screen, root, c_ulong(atom), c_long(0), quarter, c_int(0), c_ulong(0), *answer)
    if not data:
        return None
    found = ctypes.string_at(data, count.value) if form.value == 8 else b""
    x11.XFree(data)
    return found or None


def _by_windows() -> bytes | None:
    from PIL import ImageCms

    profile = ImageCms.get_display_profile()
    return profile.tobytes() if profile is not None else None


def _by_macos() -> bytes | None:
    graphics = ctypes.CDLL(find_library("CoreGraphics") or "CoreGraphics")
    foundation = ctypes.CDLL(find_library("CoreFoundation") or "CoreFoundation")
    graphics.CGMainDisplayID.restype = c_uint32
    for call in (graphics.CGDisplayCopyColorSpace, graphics.CGColorSpaceCopyICCData):
        call.restype = c_void_p
    foundation.CFDataGetLength.restype, foundation.CFDataGetBytePtr.restype = c_long, c_void_p
    space = c_void_p(graphics.CGDisplayCopyColorSpace(c_uint32(graphics.CGMainDisplayID())))
    data = c_void_p(graphics.CGColorSpaceCopyICCData(space)) if space else c_void_p()
    if not data:
        return None
    found = ctypes.string_at(foundation.CFDataGetBytePtr(data), foundation.CFDataGetLength(data))
    for made in (data, space):
        foundation.CFRelease(made)
    return found or None
