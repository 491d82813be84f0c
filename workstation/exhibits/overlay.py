"""The pictures of an exhibit: a scan as a texture, and a texture that shows only what was changed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from workstation.comparison.pairing import pair
from workstation.errors import ExhibitError, UsageError
from workstation.exhibits.averaging import MOST_PIXELS, Means, averaged, check_readable, level_for
from workstation.exhibits.frame import Frame
from workstation.jobs import Job
from workstation.scans.source import Pixels, TileSource

Texture = npt.NDArray[np.uint8]
FLAT = 16
"""Side of the squares of one colour that lie, unseen, where an overlay is fully transparent."""


def picture(source: TileSource, frame: Frame, name: str) -> Job[Texture]:
    """Return a scan as an RGB texture in sRGB, read from its coarsest level that is fine enough."""
    level = level_for(source, *frame.picture)
    check_readable(source, level, name)
    size = source.levels[level]

    def read(y0: int, y1: int, x0: int, x1: int) -> Pixels:
        block = source.read(level, y0, y1, x0, x1)
        return np.nan_to_num(block).clip(0, 1) if size.dtype.kind == "f" else block

    means = yield from averaged(read, (size.width, size.height), frame.picture, f"Reading {name}")
    return _fill(_as_srgb(_eight_bits(means, size.dtype, name), source.metadata.icc, name), frame)


def overlay(colours: Texture, shown: Means, frame: Frame) -> Texture:
    """Return `colours` as an RGBA texture that is opaque as far as `shown` (0…1 for each pixel) says."""
    across, down = frame.picture
    alpha = np.zeros((*colours.shape[:2], 1), np.uint8)
    alpha[:down, :across] = np.ceil(shown.clip(0, 1) * 255).astype(np.uint8)
    return np.concatenate((_flattened(colours, alpha[..., 0] > 0), alpha), axis=2)


def changed(before: TileSource, after: TileSource, frame: Frame, name: str) -> Job[Means]:
    """Return which share of each pixel of the picture differs between two scans of the same size."""
    try:
        common = pair(before, after).levels
    except UsageError as error:
        raise ExhibitError(f"{name} cannot show its changes. {error}") from error
    level = min(level_for(after, *frame.picture), common - 1)
    check_readable(after, level, name)
    size = after.levels[level]

    def read(y0: int, y1: int, x0: int, x1: int) -> Pixels:
        first, second = before.read(level, y0, y1, x0, x1), after.read(level, y0, y1, x0, x1)
        return _differs(first, second, name)

    what = f"Finding what {name} changed"
    return (yield from averaged(read, (size.width, size.height), frame.picture, what))


def marked(mask: TileSource, of: TileSource, frame: Frame, name: str) -> Job[Means]:
    """Return which share of each pixel of the picture a mask marks; read in blocks, however large it is."""
    full, wanted = mask.levels[0], of.levels[0]
    if (full.width, full.height) != (wanted.width, wanted.height):
        raise ExhibitError(
            f"{name} is {full.width} × {full.height} px, its picture {wanted.width} × {wanted.height} px. "
            "Use a mask made for this picture."
        )

    size, level = full, 0
    if full.width * full.height > MOST_PIXELS:
        level = level_for(mask, *frame.picture)
        size = mask.levels[level]

    def read(y0: int, y1: int, x0: int, x1: int) -> Pixels:
        return np.asarray(mask.read(level, y0, y1, x0, x1).any(axis=2, keepdims=True))

    return (yield from averaged(read, (size.width, size.height), frame.picture, f"Reading {name}"))


def _differs(first: Pixels, second: Pixels, name: str) -> Pixels:
    if first.shape != second.shape or first.dtype != second.dtype:
        raise ExhibitError(
            f"{name} has other channels or another bit depth than the base picture, so its changes cannot be "
            'told. Give it a mask, or show it whole ("show": "whole").'
        )
    return np.asarray((first != second).any(axis=2, keepdims=True))


def _eight_bits(means: Means, dtype: np.dtype[Any], name: str) -> Texture:
    if dtype.kind not in "uf" or means.shape[2] > 4:
        raise ExhibitError(
            f"{name} has samples or channels that no phone can show; grey and RGB can be used."
        )
    scale = 255 / np.iinfo(dtype).max if dtype.kind == "u" else 255.0
    colours = means[..., :3] if means.shape[2] >= 3 else means[..., :1]
    return np.asarray((colours * scale).clip(0, 255).round(), np.uint8)


def _as_srgb(codes: Texture, icc: bytes | None, name: str) -> Texture:
    grey = codes.shape[2] == 1
    if icc is None:
        return np.repeat(codes, 3, axis=2) if grey else codes
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(icc))
        image = Image.fromarray(codes[..., 0] if grey else codes)
        shown = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (OSError, ImageCms.PyCMSError) as error:
        raise ExhibitError(
            f"The colour profile of {name} cannot be used. Save the picture again with a profile that fits."
        ) from error
    return np.asarray(shown, np.uint8)


def _fill(codes: Texture, frame: Frame) -> Texture:
    right, below = frame.texture[0] - codes.shape[1], frame.texture[1] - codes.shape[0]
    return np.pad(codes, ((0, below), (0, right), (0, 0)), "edge")


def _flattened(colours: Texture, seen: npt.NDArray[np.bool_]) -> Texture:
    """Replace what nobody sees by squares of its mean colour: no fringes, and a small file.

    A viewer mixes neighbouring pixels, so whole squares around all that is seen keep their colours.
    """
    high, wide = seen.shape
    down, across = -(-high // FLAT), -(-wide // FLAT)
    padding = ((0, down * FLAT - high), (0, across * FLAT - wide))
    squares = np.pad(colours, (*padding, (0, 0)), "edge").reshape(down, FLAT, across, FLAT, 3)
    kept = np.asarray(np.pad(seen, padding).reshape(down, FLAT, across, FLAT).any(axis=(1, 3)))
    near = np.asarray(np.lib.stride_tricks.sliding_window_view(np.pad(kept, 1), (3, 3)).any(axis=(2, 3)))
    means = squares.mean(axis=(1, 3), keepdims=True).round().astype(np.uint8)
    result = np.where(near[:, None, :, None, None], squares, means)
    return np.asarray(result.reshape(down * FLAT, across * FLAT, 3)[:high, :wide], np.uint8)
