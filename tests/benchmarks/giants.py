"""Test scans as large as the largest ever published, made in seconds on little disk.

All tiles of all levels are 64 real JPEGs. Each begins with a thousand nested comments, so that it can be
entered at a thousand places: to a reader the places are different tiles, and no cache takes one for another.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workstation.scans.encoding import encoding_for
from workstation.scans.growing import GrowingFile
from workstation.scans.reduce import halved_size
from workstation.scans.source import Metadata, Pixels
from workstation.scans.tables import Layout, Tiled, append_directories

SIDE = 8
"""So many real tiles stand in a row and in a column."""
DOORS = 1000
_DOOR = 6


@dataclass(frozen=True)
class Giant:
    """The size of a published scan."""

    name: str
    width: int
    height: int


NIGHT_WATCH = Giant("717 gigapixels", 925_000, 775_000)
PANORAMA = Giant("1.6 terapixels", 4_000_000, 400_000)


def make_giant(target: Path, width: int, height: int, tile: int = 512) -> None:
    """Write a pyramid of that size whose tiles are few."""
    encoding = encoding_for("jpeg", 3, np.dtype(np.uint8))
    file = GrowingFile(target)
    try:
        picture = _picture(SIDE * tile)
        parts = [
            picture[y : y + tile, x : x + tile]
            for y in range(0, SIDE * tile, tile)
            for x in range(0, SIDE * tile, tile)
        ]
        placed = [_append(file, encoding.encode(np.ascontiguousarray(part))) for part in parts]
        levels = [_tiled(placed, *size, tile) for size in _sizes(width, height, tile)]
        layout = Layout(3, np.dtype(np.uint8), tile, encoding)
        file.begin(append_directories(file, file.end, layout, levels, Metadata(pixels_per_mm=200.0)))
    finally:
        file.close()


def _append(file: GrowingFile, encoded: bytes) -> tuple[int, int]:
    """Write one tile behind its doors: each a start of image and a comment that reaches to the last."""
    end = DOORS * _DOOR
    doors = b"".join(b"\xff\xd8\xff\xfe" + struct.pack(">H", end - at - 4) for at in range(0, end, _DOOR))
    data = doors + encoded[2:]
    return file.append(data), len(data)


def _tiled(placed: list[tuple[int, int]], width: int, height: int, tile: int) -> Tiled:
    down, across = -(-height // tile), -(-width // tile)
    rows, columns = np.arange(down)[:, None], np.arange(across)[None]
    which = (rows % SIDE * SIDE + columns % SIDE).ravel()
    door = ((rows // SIDE * 31 + columns // SIDE) % DOORS * _DOOR).ravel()
    starts, lengths = (np.array(values, np.int64) for values in zip(*placed, strict=True))
    return Tiled(
        height, width, (starts[which] + door).astype(np.uint64), (lengths[which] - door).astype(np.uint32)
    )


def _sizes(width: int, height: int, tile: int) -> list[tuple[int, int]]:
    sizes = [(width, height)]
    while max(sizes[-1]) > tile:
        sizes.append((halved_size(sizes[-1][0]), halved_size(sizes[-1][1])))
    return sizes


def _picture(side: int) -> Pixels:
    """Return soft forms with fine noise, warm like a painting."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side].astype(np.float32)
    picture = np.empty((side, side, 3), np.uint8)
    forms = np.sin(y / 190) + np.cos(x / 110) + 0.2 * np.sin((x + y) / 7)
    for channel, middle in enumerate((150, 115, 80)):
        noise = rng.normal(scale=6, size=(side, side)).astype(np.float32)
        picture[..., channel] = np.clip(forms * 30 + middle + noise, 0, 255)
    return picture


if __name__ == "__main__":
    make_giant(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
