"""ICC profiles for tests: of curves and a matrix, of one grey curve, and of tables."""

from __future__ import annotations

import struct
from functools import cache

import imagecodecs
import numpy as np
from PIL import ImageCms

from workstation.scans.profiles import srgb_profile
from workstation.scans.source import Pixels

D50, D65 = (0.3457, 0.3585), (0.3127, 0.3290)
ADOBE = (0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
ECI = (0.67, 0.33, 0.21, 0.71, 0.14, 0.08)
_PAPER, _SOOT = 0.82, 0.1
"""What paper adds to full ink, and the light of full ink, in sRGB as stored."""
PROPHOTO = (0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)


@cache  # Little CMS writes the time into a profile
def matrix_profile(
    primaries: tuple[float, ...] = ADOBE, white: tuple[float, float] = D65, gamma: float = 2.19921875
) -> bytes:
    """Return an RGB profile of one gamma."""
    made: bytes = imagecodecs.cms_profile("rgb", whitepoint=white, primaries=primaries, gamma=gamma)
    return made


@cache
def grey_profile(gamma: float = 1.8) -> bytes:
    """Return a grey profile of one gamma."""
    made: bytes = imagecodecs.cms_profile("gray", whitepoint=D50, gamma=gamma)
    return made


def lab_of(pixels: Pixels, icc: bytes) -> Pixels:
    """Return CIELAB under D50 of 8 or 16-bit RGB: (h, w, 3)."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    space = "gray" if pixels.shape[-1] == 1 else "rgb"
    found = imagecodecs.cms_transform(
        np.ascontiguousarray(pixels), icc, lab, colorspace=space, outcolorspace="lab", outdtype="float64",
        intent=1, flags=256,
    )  # fmt: skip
    return np.asarray(found).reshape(*pixels.shape[:2], 3)


@cache
def table_profile(gamma: float = 2.0, cross: float = 0.15, grid: int = 17) -> bytes:
    """Return a display's profile made of tables: colours that no matrix and curves give."""
    axis = np.linspace(0, 1, grid)
    rgb = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(1, -1, 3)
    mixed = np.clip(rgb ** (gamma / 2.2) * (1 - cross) + cross * rgb[..., ::-1] * rgb, 0, 1)
    lab = lab_of((mixed * 65535 + 0.5).astype(np.uint16), srgb_profile())[0]
    there = _packed(_encoded(lab), 3, 3, grid)
    back = _packed(_nearest_rgb(axis), 3, 3, grid)
    tags = {
        b"desc": _described("Tables"),
        b"wtpt": _xyz(0.9642, 1.0, 0.8249),
        b"cprt": b"text\0\0\0\0x\0\0\0",
    }
    return _profile(b"mntr", b"RGB ", b"Lab ", tags | {b"A2B0": there, b"B2A0": back})


@cache
def press_profile(grid: int = 9) -> bytes:
    """Return the profile of a printing press of four inks: dull colours, both ways by tables."""
    axis = np.linspace(0, 1, grid)
    inks = np.stack(np.meshgrid(axis, axis, axis, axis, indexing="ij"), -1).reshape(-1, 4)
    light = _PAPER * (1 - inks[:, :3]) * (1 - inks[:, 3:]) + _SOOT
    lab = lab_of((light * 65535 + 0.5).astype(np.uint16)[None], srgb_profile())[0]
    there = _packed(_encoded(lab), 4, 3, grid)
    back = _packed(_inks_for(_nearest_rgb(np.linspace(0, 1, 17)) / 65535), 3, 4, 17)
    tags = {
        b"desc": _described("Press"),
        b"wtpt": _xyz(0.9642, 1.0, 0.8249),
        b"cprt": b"text\0\0\0\0x\0\0\0",
    }
    return _profile(b"prtr", b"CMYK", b"Lab ", tags | {b"A2B0": there, b"B2A0": back})


def _inks_for(rgb: Pixels) -> Pixels:
    """Return the inks, in 16 bits, that come nearest to sRGB colours of 0 to 1."""
    light = np.clip((rgb - _SOOT) / _PAPER, 0, 1)
    most = np.maximum(light.max(axis=1, keepdims=True), 1e-6)
    inks = np.concatenate([1 - light / most, 1 - most], axis=1)
    return np.asarray(np.clip(inks, 0, 1) * 65535 + 0.5).astype(np.uint16)


def _nearest_rgb(axis: Pixels) -> Pixels:
    """Return the sRGB of a grid over CIELAB: a printer that mixes a little when it prints."""
    lab = np.stack(
        np.meshgrid(axis * 65535 / 652.8, axis * 256 - 128, axis * 256 - 128, indexing="ij"), -1
    ).reshape(1, -1, 3)
    source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    found = imagecodecs.cms_transform(
        lab, source, srgb_profile(), colorspace="lab", outcolorspace="rgb", outdtype="uint16", intent=1,
        flags=256,
    )  # fmt: skip
    return np.asarray(found).reshape(-1, 3)


def _encoded(lab: Pixels) -> Pixels:
    """Return CIELAB in 16 bits as version 2 of the ICC wants it."""
    scaled = np.stack([lab[:, 0] * 652.8, (lab[:, 1] + 128) * 256, (lab[:, 2] + 128) * 256], -1)
    return np.clip(scaled + 0.5, 0, 65535).astype(np.uint16)


def _packed(table: Pixels, inputs: int, outputs: int, grid: int) -> bytes:
    identity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    head = b"mft2\0\0\0\0" + bytes([inputs, outputs, grid, 0]) + identity + struct.pack(">HH", 2, 2)
    ramp = struct.pack(">HH", 0, 65535)
    return head + ramp * inputs + table.astype(">u2").tobytes() + ramp * outputs


def _described(text: str) -> bytes:
    data = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(data)) + data + bytes(78)


def _xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in (x, y, z)))


def _profile(kind: bytes, space: bytes, through: bytes, tags: dict[bytes, bytes]) -> bytes:
    start = 132 + 12 * len(tags)
    listed, data = b"", b""
    for name, tag in tags.items():
        tag += bytes(-len(tag) % 4)
        listed += struct.pack(">4sII", name, start + len(data), len(tag))
        data += tag
    head = struct.pack(">I4sI4s4s4s", start + len(data), b"\0\0\0\0", 0x02400000, kind, space, through)
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + listed + data
