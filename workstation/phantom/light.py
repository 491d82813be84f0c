"""How the still life looks from where the painter stands: which thing shows where, its form and its light."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
import numpy.typing as npt

from workstation.phantom.planes import doubled, softened
from workstation.phantom.scene import BACK, THROWN, Scene
from workstation.phantom.shapes import Array, Distance, Points, Solid

TILT = radians(19.0)
"""How far the painter looks down."""
UP = (0.0, cos(TILT), -sin(TILT))
AHEAD = (0.0, -sin(TILT), -cos(TILT))
SUN = tuple((np.array([-0.66, 0.62, 0.52]) / np.linalg.norm([-0.66, 0.62, 0.52])).tolist())
FAR = 420.0
"""How far from the middle of the panel the painter stands."""
WALL, LEDGE = 0, 1
"""The first two numbers of `Sight.thing`; solids follow in their order, the cloth last."""


@dataclass(frozen=True)
class Sight:
    """What meets the eye at every point of a grid: rows × columns."""

    thing: npt.NDArray[np.int16]
    place: Points
    normal: Points
    lit: Array
    """How much of the window's light arrives: 0 in shadow."""
    open: Array
    """How much of the room's light arrives."""
    bounce: Array
    """(h, w, 3) light thrown back by things near by."""


def look(scene: Scene, across: Array, up: Array) -> Sight:
    """See the scene at screen positions `across` (columns) and `up` (rows), in millimetres."""
    across, up = across.astype(np.float32)[None, :], up.astype(np.float32)[:, None]
    shape = (up.size, across.size)
    eye = (across, UP[1] * up - FAR * AHEAD[1], UP[2] * up - FAR * AHEAD[2])
    depth = np.broadcast_to((BACK - eye[2]) / AHEAD[2], shape).copy()
    thing = np.zeros(shape, np.int16)
    _see_ledge(scene, eye, depth, thing)
    for index, solid in enumerate(scene.solids):
        _see_solid(solid, index + 2, eye, (across, up), depth, thing)
    points = (eye[0] + np.zeros_like(depth), eye[1] + AHEAD[1] * depth, eye[2] + AHEAD[2] * depth)
    normal = _normals(scene, thing, points)
    lit = _shadows(scene, points, normal)
    opened, bounce = _surroundings(scene, points, normal, thing)
    _tell_cloth(scene, points, thing)
    return Sight(thing, points, normal, lit, opened, bounce)


def things(thing: npt.NDArray[np.int16]) -> list[tuple[int, Array]]:
    """Return every thing that shows, with the flat numbers of the points where it does."""
    order = np.argsort(thing, axis=None, kind="stable")
    counts = np.bincount(thing.ravel())
    parts = np.split(order, np.cumsum(counts)[:-1])
    return [(index, part) for index, part in enumerate(parts) if part.size]


def _see_ledge(scene: Scene, eye: Points, depth: Array, thing: npt.NDArray[np.int16]) -> None:
    """March to the ledge, started just above the plane its cloth can reach."""
    start = np.maximum((14.0 - eye[1]) / AHEAD[1], (110.0 - eye[2]) / AHEAD[2])
    first = np.flatnonzero(start[:, 0] < depth[:, 0])[0]  # the wall's foot is level, and all below is ledge
    limit = depth[first:]
    x, y, z, start = (
        part.ravel() for part in np.broadcast_arrays(eye[0], eye[1][first:], eye[2][first:], start[first:])
    )
    travelled, _ = _march(scene.ledge, (x, y, z), start, limit.ravel(), 24, 4.0)
    hit = travelled < limit.ravel()  # a ray that still grazes a fold is as good as there
    limit.ravel()[hit] = travelled[hit]
    thing[first:].ravel()[hit] = LEDGE


def _tell_cloth(scene: Scene, points: Points, thing: npt.NDArray[np.int16]) -> None:
    """Tell the cloth from the ledge it lies on."""
    here = np.flatnonzero(thing == LEDGE)
    x, y, z = (part.ravel()[here] for part in points)
    thing.ravel()[here[scene.cloth.covers((x, y, z)) > 0]] = len(scene.solids) + 2


def _see_solid(
    solid: Solid, index: int, eye: Points, screen: tuple[Array, Array], depth: Array, thing: Array
) -> None:
    """March through the ball round the solid, where it is in sight."""
    cx, cy = solid.middle[0], sum(m * u for m, u in zip(solid.middle, UP, strict=True))
    away = sum(m * a for m, a in zip(solid.middle, AHEAD, strict=True)) + FAR
    columns = _range(screen[0][0], cx, solid.reach)
    rows = _range(-screen[1][:, 0], -cy, solid.reach)
    room = solid.reach**2 - (screen[0][:, columns] - cx) ** 2 - (screen[1][rows] - cy) ** 2
    i, j = np.nonzero(room > 0)
    half = np.sqrt(room[i, j])
    i, j = i + rows.start, j + columns.start
    rays = eye[0][0, j], eye[1][i, 0], eye[2][i, 0]
    limit = np.minimum(depth[i, j], away + half)
    travelled, hit = _march(solid.distance, rays, away - half, limit, 28)
    depth[i[hit], j[hit]] = travelled[hit]
    thing[i[hit], j[hit]] = index


def _range(axis: Array, middle: float, reach: float) -> slice:
    first, end = np.searchsorted(axis, (middle - reach, middle + reach)).tolist()
    return slice(first, end)


def _march(
    distance: Distance, rays: Points, start: Array, limit: Array, steps: int, eager: float = 1.0
) -> tuple[Array, Array]:
    """Walk along each ray until it meets the surface; return how far, and whether it did.

    Where the way to the surface shrinks slower than the walk is long, up to `eager` times the way is gone.
    """
    travelled, hit = start.copy(), np.zeros(start.size, bool)
    before, gone = np.full(start.size, np.inf, np.float32), np.zeros(start.size, np.float32)
    active = np.flatnonzero(travelled < limit)
    for _ in range(steps):
        if not active.size:
            break
        reached = travelled[active]
        x, y, z = (ray[active] for ray in rays)
        far = distance((x, y + AHEAD[1] * reached, z + AHEAD[2] * reached))
        step = far
        if eager > 1:
            step = far * np.clip(gone[active] / (before[active] - far), 1, eager)
            before[active], gone[active] = far, step
        reached += step
        travelled[active] = reached
        touching = np.abs(far) < 0.04
        hit[active[touching]] = True
        active = active[~touching & (reached < limit[active])]
    return travelled, hit & (travelled < limit)


def _normals(scene: Scene, thing: npt.NDArray[np.int16], points: Points) -> Points:
    normal = [np.full(thing.size, toward, np.float32) for toward in (0, 0, 1)]
    flat = [part.ravel() for part in points]
    for index, here in things(thing):
        if index == WALL:
            continue
        shape = scene.ledge if index == LEDGE else scene.solids[index - 2].distance
        for axis, slope in zip(
            normal, _slope(shape, [part[here] for part in flat], 0.8 if index == LEDGE else 0.3), strict=True
        ):
            axis[here] = slope
    x, y, z = (axis.reshape(thing.shape) for axis in normal)
    return x, y, z


def _slope(shape: Distance, at: list[Array], reach: float) -> list[Array]:
    """Return the way out of a shape, from its distance at the corners of a small tetrahedron."""
    slopes = [np.zeros_like(part) for part in at]
    for corner in ((1, -1, -1), (-1, -1, 1), (-1, 1, -1), (1, 1, 1)):
        x, y, z = (part + reach * way for part, way in zip(at, corner, strict=True))
        far = shape((x, y, z))
        for slope, way in zip(slopes, corner, strict=True):
            slope += way * far
    length = np.sqrt(slopes[0] ** 2 + slopes[1] ** 2 + slopes[2] ** 2) + 1e-9
    return [slope / length for slope in slopes]


def _shadows(scene: Scene, points: Points, normal: Points) -> Array:
    """Walk from every second point towards the window: what comes close to a solid is half shaded."""
    coarse = [(p[::2, ::2] + 1.2 * n[::2, ::2]) for p, n in zip(points, normal, strict=True)]
    aside = SUN[2] * coarse[0] - SUN[0] * coarse[2]  # the same all along a ray of light
    order = np.argsort(aside, axis=None)
    sides = aside.ravel()[order]
    x, y, z = (part.ravel()[order] for part in coarse)
    lit = np.ones(order.size, np.float32)
    for solid in scene.solids:
        wide = (solid.reach * 1.12 + 2) * float(np.hypot(SUN[0], SUN[2]))
        place = SUN[2] * solid.middle[0] - SUN[0] * solid.middle[2]
        part = _range(sides, place, wide)
        _cast(solid, (x[part], y[part], z[part]), lit[part])
    spread = np.empty_like(lit)
    spread[order] = lit
    return doubled(softened(spread.reshape(aside.shape), 0.7), points[0].shape)


def _cast(solid: Solid, points: Points, lit: Array) -> None:
    """Darken the points that a solid hides from the window, in place."""
    offset = [c - p for p, c in zip(points, solid.middle, strict=True)]
    along = sum(o * s for o, s in zip(offset, SUN, strict=True))
    wide = solid.reach * 1.12 + 2
    room = wide**2 - (sum(o * o for o in offset) - along**2)
    near = np.flatnonzero((room > 0) & (along > -solid.reach))
    along, half = along[near], np.sqrt(room[near])
    travelled, end = np.maximum(along - half, 2.0), along + half
    rays = [p[near] for p in points]
    least = np.ones(near.size, np.float32)
    active = np.flatnonzero(travelled < end)
    for _ in range(14):
        reached = travelled[active]
        x, y, z = (ray[active] + s * reached for ray, s in zip(rays, SUN, strict=True))
        far = solid.distance((x, y, z))
        least[active] = np.minimum(least[active], 0.5 + 4.5 * far / reached)
        travelled[active] = reached + np.maximum(far, 1.6)
        active = active[(travelled[active] < end[active]) & (least[active] > 0)]
    soft = np.clip(least, 0, 1)
    lit[near] *= soft * soft * (3 - 2 * soft)


def _surroundings(scene: Scene, points: Points, normal: Points, thing: Array) -> tuple[Array, Array]:
    """Return how open to the room every second point is, and what colour its neighbours throw on it."""
    spot = [np.ascontiguousarray(p[::2, ::2]) for p in points]
    face = [np.ascontiguousarray(n[::2, ::2]) for n in normal]
    opened, bounce = np.ones_like(spot[0]), np.zeros((*spot[0].shape, 3), np.float32)
    here = thing[::2, ::2]
    for index, solid in enumerate(scene.solids):
        part = _about(solid, spot)
        hidden = _hidden(solid, [s[part] for s in spot], [f[part] for f in face])
        hidden[here[part] == index + 2] = 0
        opened[part] *= 1 - hidden
        for channel, thrown in enumerate(THROWN[solid.material]):
            bounce[*part, channel] += hidden * thrown
    above = np.clip(-face[1] * 0.5 + 0.5, 0, 1) * np.exp(-np.maximum(spot[1], 0) / 45)
    bounce += above[..., None] * np.array(THROWN["ledge"], np.float32)
    shape = points[0].shape
    return doubled(softened(opened, 0.7), shape), doubled(softened(bounce, 0.7), shape)


def _about(solid: Solid, spot: list[Array]) -> tuple[slice, slice]:
    """Return the columns near a solid; farther off it hides next to nothing."""
    x = spot[0][0]
    reach = 6 * _bulk(solid)[0]
    return slice(None), slice(
        *np.searchsorted(x, (solid.centre[0] - reach, solid.centre[0] + reach)).tolist()
    )


def _hidden(solid: Solid, spot: list[Array], face: list[Array]) -> Array:
    """Return the share of the view from each spot that a ball in the solid's place takes up."""
    radius, middle = _bulk(solid)
    offset = [c - s for s, c in zip(spot, middle, strict=True)]
    far2 = sum(o * o for o in offset) + 1e-6
    far = np.sqrt(far2)
    facing = sum(f * o for f, o in zip(face, offset, strict=True)) / far
    share: Array = np.clip(0.35 + 0.65 * facing, 0, 1) * np.clip(radius**2 / far2, 0, 0.9)
    return share


def _bulk(solid: Solid) -> tuple[float, tuple[float, float, float]]:
    x, y, z = solid.centre
    bulk = {
        "jug": (46.0, (x, y + 62, z)),
        "plate": (16.0, (x, y - 9, z)),
        "rim": (8.0, (x, y, z)),
        "brim": (2.0, (x, y, z)),
        "handle": (8.0, (x, y, z)),
    }
    slim = 3.0 if solid.material == "stem" else solid.reach * (1.0 if solid.material == "grape" else 0.72)
    return bulk.get(solid.name, (slim, solid.centre))
