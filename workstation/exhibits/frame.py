"""Where a millimetre of the painting lies: in metres of the scene, and on the pixels of a texture.

Every texture of an exhibit has the same frame. Its sides are powers of two, as phones want them; the picture
keeps its shape and fills it from the upper left corner; what remains repeats the picture's edge.
"""

from __future__ import annotations

from dataclasses import dataclass

from workstation.errors import ExhibitError

LARGEST_TEXTURE = 4096
"""Older phones cannot show a larger one."""
SHAPE_TOLERANCE = 0.01
"""A wrong shape shifts an overlay: one per cent is about half a pixel on a phone."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A painting of so many millimetres on a texture of so many pixels."""

    width_mm: float
    height_mm: float
    picture: tuple[int, int]
    """Width and height of the painting on the texture, in pixels."""
    texture: tuple[int, int]

    @property
    def used(self) -> tuple[float, float]:
        """How much of the texture's width and height the picture fills."""
        return self.picture[0] / self.texture[0], self.picture[1] / self.texture[1]

    def metres(self, x_mm: float, y_mm: float, lift: float = 0.0) -> tuple[float, float, float]:
        """Return the place in the scene of a point counted from the painting's upper left corner."""
        return x_mm / 1000 - self.width_mm / 2000, self.height_mm / 2000 - y_mm / 1000, lift

    def texel(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Return the column and row of the same point on the texture, in pixels."""
        return x_mm / self.width_mm * self.picture[0], y_mm / self.height_mm * self.picture[1]


def fitted(width_mm: float, height_mm: float, scan: tuple[int, int], largest: int = 2048) -> Frame:
    """Choose the texture for a painting: never finer than its scan, never larger than `largest`."""
    longest = max(width_mm, height_mm)
    pixels = min(largest, max(scan))
    across, down = (max(1, round(pixels * side / longest)) for side in (width_mm, height_mm))
    return Frame(width_mm, height_mm, (across, down), (_power_of_two(across), _power_of_two(down)))


def check_shape(width_mm: float, height_mm: float, scan: tuple[int, int], name: str) -> None:
    """Raise ExhibitError unless a picture has the painting's proportions."""
    off = (scan[0] / scan[1]) / (width_mm / height_mm) - 1
    if abs(off) > SHAPE_TOLERANCE:
        raise ExhibitError(
            f"{name} is {scan[0]} × {scan[1]} px, which is not the shape of a painting of {width_mm:g} × "
            f"{height_mm:g} mm ({100 * off:+.1f} %). Measure the painting again or crop the picture to it."
        )


def _power_of_two(number: int) -> int:
    return 1 << (number - 1).bit_length()
