"""How a picture lies on its painting: pixels to millimetres and back.

Pixel coordinates are (column, row) with pixel middles at whole numbers; millimetres are (x, y) from the
panel's upper left corner, x to the right and y down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workstation.phantom.noise import Doubles


@dataclass(frozen=True)
class Warp:
    """A smooth bulge on top of a matrix, such as a bent film has: the same few waves everywhere."""

    amount: float
    """The largest displacement, in mm."""
    size: tuple[float, float]
    """The panel's size, in mm."""
    phase: float = 0.0

    def shift(self, x: Doubles, y: Doubles) -> tuple[Doubles, Doubles]:
        """Return by how many millimetres points are displaced."""
        u, v = x * (2 * np.pi / self.size[0]), y * (2 * np.pi / self.size[1])
        across = (
            np.sin(0.8 * u + 0.5 * v + self.phase) * 0.7 + np.sin(1.3 * v - 0.4 * u + 2 * self.phase) * 0.3
        )
        down = np.cos(0.7 * v - 0.6 * u + self.phase) * 0.6 + np.sin(1.1 * u + 0.3 * v + 1.0) * 0.4
        return self.amount * across / 1.4, self.amount * down / 1.4


@dataclass(frozen=True)
class Placement:
    """Where the pixels of one picture lie on the painting: a matrix, then perhaps a smooth warp."""

    matrix: npt.NDArray[np.float64]
    """3 × 3: (column, row, 1) to (x, y, 1) in millimetres."""
    warp: Warp | None = None

    def to_mm(self, points: npt.ArrayLike) -> Doubles:
        """Return the places on the painting (n × 2, mm) of pixel positions (n × 2)."""
        column, row = np.asarray(points, np.float64).reshape(-1, 2).T
        return np.stack(self.mm(column, row), -1)

    def to_pixels(self, points: npt.ArrayLike) -> Doubles:
        """Return the pixel positions (n × 2) of places on the painting (n × 2, mm)."""
        wanted = np.asarray(points, np.float64).reshape(-1, 2)
        flat = wanted.copy()
        if self.warp is not None:
            for _ in range(30):
                flat = wanted - np.stack(self.warp.shift(flat[:, 0], flat[:, 1]), -1)
        back = np.linalg.inv(self.matrix)
        pixels: Doubles = flat @ back[:2, :2].T + back[:2, 2]
        return pixels

    def mm(self, column: Doubles, row: Doubles) -> tuple[Doubles, Doubles]:
        """Return x and y in mm for columns and rows of any (broadcastable) shape."""
        m = self.matrix
        x = m[0, 0] * column + m[0, 1] * row + m[0, 2]
        y = m[1, 0] * column + m[1, 1] * row + m[1, 2]
        if self.warp is None:
            return x, y
        across, down = self.warp.shift(x, y)
        return x + across, y + down


def straight(pixels_per_mm: float) -> Placement:
    """Place a picture that shows exactly the panel."""
    pitch = 1 / pixels_per_mm
    return Placement(np.array([[pitch, 0, pitch / 2], [0, pitch, pitch / 2], [0, 0, 1.0]]))


def askew(
    size_mm: tuple[float, float], size_px: tuple[int, int], pixels_per_mm: float, degrees: float,
    stretch: float = 1.0, shift: tuple[float, float] = (0.0, 0.0), warp: Warp | None = None,
) -> Placement:  # fmt: skip
    """Place a picture taken a little turned, stretched across and off the middle (shift in mm)."""
    angle, pitch = np.deg2rad(degrees), 1 / pixels_per_mm
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([pitch * stretch, pitch])
    middle = np.array([size_px[0] - 1, size_px[1] - 1]) / 2
    move = np.array(size_mm) / 2 + np.array(shift) - linear @ middle
    matrix = np.eye(3)
    matrix[:2, :2], matrix[:2, 2] = linear, move
    return Placement(matrix, warp)
