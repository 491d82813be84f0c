"""Masks as files: 8-bit TIFFs, 0 or 255, in which all empty tiles are one; and any picture as a mask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from workstation.errors import MaskError
from workstation.jobs import Job
from workstation.operations.mask import TILE, Bits, Mask
from workstation.scans.opening import Scan, open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import Damage, Level, Metadata, Pixels, blocks, check_block

MAX_PIXELS = 1 << 42
"""A mask larger than any scan there is (4 terapixels) is refused."""
MAX_MARKED_TILES = 1 << 13
"""A mask may mark parts of so many tiles: 2 GiB in memory."""


class MaskSource:
    """A mask as a picture: 255 where it is marked."""

    damaged: tuple[Damage, ...] = ()

    def __init__(self, mask: Mask, pixels_per_mm: float | None = None) -> None:
        self._mask = mask
        self.levels = (Level(mask.height, mask.width, 1, np.dtype(np.uint8), (TILE, TILE)),)
        self.metadata = Metadata(pixels_per_mm=pixels_per_mm)

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return a block of 0 and 255."""
        check_block(self.levels[level], y0, y1, x0, x1)
        if not self._mask.any(y0, y1, x0, x1):
            return np.zeros((y1 - y0, x1 - x0, 1), np.uint8)
        return (self._mask.read(y0, y1, x0, x1).view(np.uint8) * np.uint8(255))[..., None]

    def close(self) -> None:
        """Nothing to give back."""


def write_mask(mask: Mask, target: Path) -> Job[Path]:
    """Write a mask that any programme can open; what nobody marked costs one tile in all."""
    return write_pyramid(MaskSource(mask.copy()), target, compression="deflate")


def read_mask(path: Path) -> Mask:
    """Read any picture as a mask: every pixel is marked that is neither black nor transparent.

    JPEG smears what is drawn: there every pixel is marked that is lighter than half. A mask with a damaged
    tile is refused: a part that silently went missing would let damage through.
    """
    with open_scan(path) as scan:
        level = scan.levels[0]
        if level.height * level.width > MAX_PIXELS:
            raise MaskError(f"{path} is {level.width} × {level.height} px, too large for a mask.")
        mask, smeared = Mask(level.height, level.width), scan.page.compression == "jpeg"
        for y0, x0, block in _blocks(scan):
            mask.write(y0, x0, _marked(block, smeared))
            if len(mask.tiles) > MAX_MARKED_TILES:
                raise MaskError(f"{path} marks too much of its picture to be held in memory.")
        if scan.damaged:
            raise MaskError(f"{path} has damaged tiles ({scan.damaged[0].reason}). Save the mask again.")
    return mask


def _marked(block: Pixels, smeared: bool) -> Bits:
    colours = block.shape[-1] - (block.shape[-1] in (2, 4))  # grey and RGB may bring an alpha channel
    limit = 127 if smeared else 0
    marked = np.asarray((block[..., :colours] > limit).any(axis=-1))
    return marked & (block[..., -1] != 0) if colours < block.shape[-1] else marked


def _blocks(scan: Scan) -> Iterator[tuple[int, int, Pixels]]:
    for place in blocks(scan.levels[0], TILE):
        block = scan.read(0, *place)
        if block.any():
            yield place[0], place[2], block
