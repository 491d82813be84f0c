"""How the stored samples of a scan become linear light: by its own colour profile, else by sRGB.

Profiles of three curves and a matrix (sRGB, Adobe RGB, eciRGB, ProPhoto …) and of one grey curve are followed
exactly. Profiles made of tables are not: the samples are then taken as sRGB, and `name` says so.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workstation.errors import ScanError
from workstation.scans.colour import stretched
from workstation.scans.source import Pixels, TileSource

Curve: TypeAlias = npt.NDArray[np.float32]
"""Linear light for 65,536 evenly spaced samples from 0 to 1."""
Matrix: TypeAlias = tuple[tuple[float, float, float], ...]
Linear: TypeAlias = npt.NDArray[np.float32]

STEEPEST = 16
"""No profile of a picture has a larger exponent: it is damaged."""
STEPS = 65_536
MAX_TAGS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """Three curves to linear light, and the matrix from there to XYZ under D50."""

    name: str
    curves: tuple[Curve, Curve, Curve]
    matrix: Matrix
    white: int | None = None
    """The sample that is white, where it is not the type's highest."""

    def linear(self, block: Pixels) -> Linear:
        """Return (3, h, w) linear light of grey or RGB samples; a fourth (or second) channel is left out."""
        channels = (0, 1, 2) if block.shape[-1] >= 3 else (0, 0, 0)
        if self.white and block.dtype.kind == "u":
            block = stretched(block, self.white)
        light = np.empty((3, *block.shape[:2]), np.float32)
        for index, (channel, curve) in enumerate(zip(channels, self.curves, strict=True)):
            light[index] = _looked_up(block[..., channel], curve)
        return light


def _looked_up(samples: Pixels, curve: Curve) -> Linear:
    if samples.dtype == np.uint8:
        return np.take(curve[::257], samples)  # 255 × 257 = 65,535: the same places on the curve
    if samples.dtype == np.uint16:
        return np.take(curve, samples)
    if samples.dtype.kind == "f":
        near: npt.NDArray[np.float64] = np.nan_to_num(samples, posinf=1, neginf=0).clip(0, 1) * (STEPS - 1)
        return np.asarray(np.interp(near, np.arange(STEPS), curve), np.float32)
    raise ScanError(f"Samples of the kind {samples.dtype} cannot be compared; 8 or 16 bit or float can.")


def encoding_of(source: TileSource) -> Encoding:
    """Return how the samples of a scan are to be read."""
    return replace(_encoding(source), white=source.metadata.white)


def _encoding(source: TileSource) -> Encoding:
    icc = source.metadata.icc
    if icc is None:
        return _srgb("sRGB, assumed")
    try:
        return _from_profile(icc, source.levels[0].channels)
    except (struct.error, KeyError, ValueError, IndexError, OverflowError):
        return _srgb("sRGB, assumed: its own profile cannot be followed")


def _srgb(name: str) -> Encoding:
    curve = _parametric(3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    return Encoding(name, (curve, curve, curve), _srgb_matrix())


def _srgb_matrix() -> Matrix:
    from models.colour import SRGB_TO_XYZ_D50

    return SRGB_TO_XYZ_D50


def _from_profile(icc: bytes, channels: int) -> Encoding:
    tags, space = _tags(icc), icc[16:20]
    if space == b"GRAY" and channels < 3:
        curve = _curve(tags[b"kTRC"])
        return Encoding(_title(tags), (curve, curve, curve), _srgb_matrix())
    if space != b"RGB " or channels < 3 or icc[20:24] != b"XYZ ":
        raise ValueError(space)
    red, green, blue = (_triple(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ"))
    matrix = tuple(zip(red, green, blue, strict=True))
    first, second, third = (_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
    return Encoding(_title(tags), (first, second, third), matrix)


def _tags(icc: bytes) -> dict[bytes, bytes]:
    if icc[36:40] != b"acsp":
        raise ValueError("no profile")
    (count,) = struct.unpack_from(">I", icc, 128)
    found = {}
    for index in range(min(count, MAX_TAGS)):
        name, offset, size = struct.unpack_from(">4sII", icc, 132 + 12 * index)
        found[name] = icc[offset : offset + size]
    return found


def _triple(tag: bytes) -> tuple[float, float, float]:
    x, y, z = struct.unpack_from(">3i", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _curve(tag: bytes) -> Curve:
    kind = tag[:4]
    if kind == b"para":
        (form,) = struct.unpack_from(">H", tag, 8)
        count = (1, 3, 4, 5, 7)[form]
        return _parametric(form, tuple(v / 65536 for v in struct.unpack_from(f">{count}i", tag, 12)))
    (count,) = struct.unpack_from(">I", tag, 8)
    if kind != b"curv" or count > STEPS:
        raise ValueError(kind)
    if count < 2:
        gamma = struct.unpack_from(">H", tag, 12)[0] / 256 if count else 1.0
        return _parametric(0, (gamma,))
    points = np.array(struct.unpack_from(f">{count}H", tag, 12)) / 65535
    return np.interp(_places(), np.linspace(0, 1, count), points).astype(np.float32)


def _places() -> npt.NDArray[np.float64]:
    return np.linspace(0, 1, STEPS)


def _parametric(form: int, values: tuple[float, ...]) -> Curve:
    """Tabulate one of the five curve forms of the ICC's parametricCurveType (0 to 4)."""
    x = _places()
    gamma, a, b, *rest = (*values, 1.0, 0.0)[: max(len(values), 3)]
    if form in (1, 2):
        low, cut, lift = 0.0, -b / a if a else 0.0, rest[0] if form == 2 else 0.0
        offset = lift
    else:
        low, cut = (rest[0], rest[1]) if form >= 3 else (0.0, 0.0)
        lift, offset = (rest[2], rest[3]) if form == 4 else (0.0, 0.0)
    if not 0 < gamma <= STEEPEST:
        raise ValueError(gamma)
    above = np.maximum(a * x + b, 0) ** gamma + lift
    return np.where(x >= cut, above, low * x + offset).clip(0, 1).astype(np.float32)


def _title(tags: dict[bytes, bytes]) -> str:
    tag = tags.get(b"desc", b"")
    if tag[:4] == b"desc":
        (size,) = struct.unpack_from(">I", tag, 8)
        text = tag[12 : 12 + min(size, 200)].split(b"\0")[0].decode("ascii", "replace")
    elif tag[:4] == b"mluc":
        size, offset = struct.unpack_from(">II", tag, 20)
        text = tag[offset : offset + min(size, 400)].decode("utf-16-be", "replace")
    else:
        text = ""
    clean = "".join(letter for letter in text if letter.isprintable()).strip()
    return clean or "its own profile, without a name"
