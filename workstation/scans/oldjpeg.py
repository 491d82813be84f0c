"""JPEG as TIFF 6 first had it: given up in 1995, read here by Pillow's libtiff, the whole picture at once."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from workstation.errors import ScanError
from workstation.portable import ReadOnlyFile
from workstation.scans.damaged import DamageLog
from workstation.scans.picture import MAX_PIXELS, PILLOW_RAISES, WholeGrid
from workstation.scans.source import Level, Pixels

warnings.filterwarnings("ignore", module=r"PIL\.TiffImagePlugin")  # what is wrong, our own sentence says
OLD_JPEG = 6
_MODES = {1: "L", 3: "RGB"}


def old_jpeg(path: Path, file: ReadOnlyFile, page: Any, frame: int, damage: DamageLog) -> WholeGrid:
    """Return the page as one piece, decoded on the first look; raise ScanError where that cannot be."""
    size, mode = (int(page.imagewidth), int(page.imagelength)), _MODES.get(int(page.samplesperpixel))
    if size[0] * size[1] > MAX_PIXELS or min(size) < 1:
        raise ScanError(f"{path} has too many pixels for old JPEG (TIFF 6). Save it as a TIFF in tiles.")
    if mode is None or page.dtype != np.uint8 or not _pillow_knows(file, frame, size):
        raise ScanError(f"{path} is compressed as old JPEG (TIFF 6) in a way that nobody reads. Convert it.")
    level = Level(size[1], size[0], int(page.samplesperpixel), np.dtype(np.uint8), (512, 512))

    def decode() -> Pixels:
        with Image.open(file.stream(), formats=("TIFF",)) as image:
            image.seek(frame)
            return np.asarray(image.convert(mode))

    return WholeGrid(level, file, decode, damage)


def _pillow_knows(file: ReadOnlyFile, frame: int, size: tuple[int, int]) -> bool:
    try:
        with Image.open(file.stream(), formats=("TIFF",)) as image:
            image.seek(frame)
            return image.size == size
    except PILLOW_RAISES:
        return False
