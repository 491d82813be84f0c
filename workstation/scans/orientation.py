"""How a picture that is stored lying on its side or mirrored (TIFF and EXIF tag 274) becomes upright."""

from __future__ import annotations

from workstation.scans.source import Box

MIRRORED, UPSIDE_DOWN, ON_ITS_SIDE = (2, 3, 6, 7), (3, 4, 7, 8), (5, 6, 7, 8)


def turned_box(box: Box, size: tuple[int, int], orientation: int) -> Box:
    """Return where a part of a level of `size` rows and columns, as the file has it, lies upright."""
    y0, y1, x0, x1 = box
    height, width = size
    if orientation in ON_ITS_SIDE:
        y0, y1, x0, x1, height, width = x0, x1, y0, y1, width, height
    if orientation in MIRRORED:
        x0, x1 = width - x1, width - x0
    if orientation in UPSIDE_DOWN:
        y0, y1 = height - y1, height - y0
    return y0, y1, x0, x1
