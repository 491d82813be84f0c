"""Any route from colours to colours as one table, which Little CMS follows in one step: a device link.

Profiles made of tables, and the way by a print, take two to four steps that would be prepared anew for each
tile. Here the exact outcome is asked for once, on a grid. Little CMS is called directly, in the library that
imagecodecs brings; where that keeps its functions to itself (Windows), nothing is linked and the slower ways
are taken.
"""

from __future__ import annotations

import ctypes
import struct
import threading
import weakref
from ctypes import c_char_p, c_uint32, c_void_p
from functools import cache
from typing import Any

import numpy as np

from workstation.scans.lcms import Route, deep
from workstation.scans.source import Pixels

GRID = 65
"""Nodes along each side, 1.6 MB. Between them colours lie within ΔE00 0.5, at the edge of a print 0.6."""
_HEAD = 132
_SAMPLES = {1: 0x40019, 2: 0x4001A}
"""How Little CMS calls RGB of so many bytes a sample."""
_NO_CACHE, _ONE_TABLE, _LEAVE_WHITE = 0x40, 0x2, 0x4


class Linked:
    """A route as a table; any number of threads may convert at once."""

    def __init__(self, calls: Any, icc: bytes) -> None:
        self._calls, self._icc = calls, icc
        self._built: dict[int, c_void_p] = {}
        self._lock = threading.Lock()

    def __call__(self, block: Pixels) -> Pixels:
        """Convert (h, w, 3) of 8 or 16 bit; the same depth comes back."""
        size = block.itemsize
        if block.strides[1:] != (3 * size, size):
            block = np.ascontiguousarray(block)
        out = np.empty(block.shape, block.dtype)
        height, width, _ = block.shape
        lines = (width, height, block.strides[0], out.strides[0], 0, 0)
        self._calls.cmsDoTransformLineStride(
            self._transform(size), block.ctypes.data, out.ctypes.data, *lines
        )
        return out

    def _transform(self, size: int) -> c_void_p:
        with self._lock:
            if size not in self._built:
                self._built[size] = self._build(size)
            return self._built[size]

    def _build(self, size: int) -> c_void_p:
        calls, samples = self._calls, _SAMPLES[size]
        profile = c_void_p(calls.cmsOpenProfileFromMem(self._icc, len(self._icc)))
        flags = _NO_CACHE | _ONE_TABLE | _LEAVE_WHITE | GRID << 16
        built = c_void_p(calls.cmsCreateTransform(profile, samples, None, samples, 0, flags))
        calls.cmsCloseProfile(profile)
        if not built:
            raise MemoryError("Little CMS has no room for a table of colours")
        weakref.finalize(self, calls.cmsDeleteTransform, built)
        return built


def linked(route: Route) -> Linked | None:
    """Return a route as one table; None where Little CMS cannot be called directly."""
    calls = _calls()
    return Linked(calls, link_profile(route)) if calls is not None else None


def link_profile(route: Route) -> bytes:
    """Return a device link of version 2 of the ICC: what the route makes of every colour of a grid."""
    axis = np.rint(np.linspace(0, 65535, GRID)).astype(np.uint16)
    colours = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(GRID, -1, 3)
    found = deep(route, colours, exact=True)
    matrix = struct.pack(">9i", *(65536 if place % 4 == 0 else 0 for place in range(9)))
    straight = struct.pack(">6H", *(0, 65535) * 3)
    sizes = struct.pack(">4B", 3, 3, GRID, 0) + matrix + struct.pack(">2H", 2, 2)
    table = b"mft2\0\0\0\0" + sizes + straight + found.astype(">u2").tobytes() + straight
    size = _HEAD + 12 + len(table)
    head = struct.pack(">I4sI4s4s4s", size, b"", 0x02400000, b"link", b"RGB ", b"RGB ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    listed = struct.pack(">I4sII", 1, b"A2B0", _HEAD + 12, len(table))
    return head.ljust(128, b"\0") + listed + table


@cache
def _calls() -> Any:
    """Return the functions of Little CMS that imagecodecs itself uses; None where they are not to be had."""
    try:
        import imagecodecs._cms

        calls = ctypes.CDLL(imagecodecs._cms.__file__)
        calls.cmsOpenProfileFromMem.restype = calls.cmsCreateTransform.restype = c_void_p
        calls.cmsOpenProfileFromMem.argtypes = (c_char_p, c_uint32)
        calls.cmsCreateTransform.argtypes = (c_void_p, c_uint32, c_void_p, c_uint32, c_uint32, c_uint32)
        calls.cmsDoTransformLineStride.argtypes = (c_void_p, c_void_p, c_void_p, *(c_uint32,) * 6)
        calls.cmsDoTransformLineStride.restype = calls.cmsDeleteTransform.restype = None
        calls.cmsDeleteTransform.argtypes = (c_void_p,)
        calls.cmsCloseProfile.argtypes = (c_void_p,)
    except (ImportError, OSError, AttributeError):
        return None
    return calls
