"""How the still life looks from where the painter stands: which thing shows where, its form and its light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workstation.phantom.scene import BACK, THROWN, Scene
from workstation.phantom.shapes import Array, Distance, Points, Solid

TILT = np.deg2rad(19.0)
"""How far the painter looks down."""
UP = (0.0, float(np.cos(TILT)), -float(np.sin(TILT)))
AHEAD = (0.0, -float(np.sin(TILT)), -float(np.cos(TILT)))
SUN = tuple(np.array([-0.66, 0.62, 0.52]) / np.linalg.norm([-0.66, 0.62, 0.52]))
FAR = 900.0
WALL, LEDGE = 0, 1
"""The first two numbers of `Sight.thing`; solids follow in their order."""


@dataclass(frozen=True)
class Sight:
    """What meets the eye at every point of a grid: rows × columns."""

    thing: npt.NDArray[np.int16]
    place: tuple[Array, Array, Array]
    normal: tuple[Array, Array, Array]
    lit: Array
    """How much of the window's light arrives: 0 in shadow."""
    open: Array
    """How much of the room's light arrives."""
    bounce: Array
    """(h, w, 3) light thrown back by things near by."""


def look(scene: Scene, across: Array, up: Array) -> Sight:
    """See the scene at screen positions `across` (columns) and `up` (rows), in millimetres."""
    sx, sy = (part.astype(np.float64) for part in np.meshgrid(across, up))
    start = tuple(u * sy - a * 420 for u, a in zip(UP, AHEAD, strict=True))
    eye = (sx + start[0] * 0, np.broadcast_to(start[1], sx.shape), np.broadcast_to(start[2], sx.shape))
    depth, thing = _wall_depth(eye), np.zeros(sx.shape, np.int16)
    _see_ledge(scene, eye, depth, thing)
    for index, solid in enumerate(scene.solids):
        _see_solid(solid, index + 2, eye, (sx, sy), depth, thing)
    place = tuple(e + a * depth for e, a in zip(eye, AHEAD, strict=True))
    points: Points = (place[0], place[1], place[2])
    normal = _normals(scene, thing, points)
    lit = _shadows(scene, points, normal)
    opened, bounce = _surroundings(scene, points, normal, thing)
    return Sight(thing, points, normal, lit, opened, bounce)


def _wall_depth(eye: Points) -> Array:
    depth: Array = (BACK - eye[2]) / AHEAD[2]
    return depth


def _see_ledge(scene: Scene, eye: Points, depth: Array, thing: npt.NDArray[np.int16]) -> None:
    """March to the ledge, started just above the plane its cloth can reach."""
    flat = (14.0 - eye[1]) / AHEAD[1]
    front = (110.0 - eye[2]) / AHEAD[2]
    start = np.maximum(np.minimum(flat, depth), front)
    near = np.flatnonzero(start.ravel() < depth.ravel())
    travelled, hit = _march(scene.ledge, eye, near, start.ravel()[near], depth.ravel()[near], 46)
    depth.ravel()[near[hit]] = travelled[hit]
    thing.ravel()[near[hit]] = LEDGE


def _see_solid(
    solid: Solid,
    index: int,
    eye: Points,
    screen: tuple[Array, Array],
    depth: Array,
    thing: npt.NDArray[np.int16],
) -> None:
    middle = [c - e0 for c, e0 in zip(solid.centre, (0, 0, 0), strict=True)]
    cx, cy = middle[0], sum(m * u for m, u in zip(middle, UP, strict=True))
    away = sum(m * a for m, a in zip(middle, AHEAD, strict=True)) + 420
    near = np.flatnonzero(((screen[0] - cx) ** 2 + (screen[1] - cy) ** 2).ravel() < solid.reach**2)
    if not near.size:
        return
    limit = np.minimum(depth.ravel()[near], away + solid.reach)
    start = np.full(near.size, away - solid.reach)
    travelled, hit = _march(solid.distance, eye, near, start, limit, 48)
    depth.ravel()[near[hit]] = travelled[hit]
    thing.ravel()[near[hit]] = index


def _march(
    distance: Distance, eye: Points, near: Array, travelled: Array, limit: Array, steps: int
) -> tuple[Array, Array]:
    """Walk along each ray until it meets the surface; return how far, and whether it did."""
    travelled = travelled.copy()
    hit = np.zeros(near.size, bool)
    active = np.flatnonzero(travelled < limit)
    rays = tuple(part.ravel()[near] for part in eye)
    for _ in range(steps):
        if not active.size:
            break
        reached = travelled[active]
        x, y, z = (ray[active] + a * reached for ray, a in zip(rays, AHEAD, strict=True))
        step = distance((x, y, z))
        travelled[active] = reached + step
        touching = step < 0.03
        hit[active[touching]] = True
        active = active[~touching & (travelled[active] < limit[active])]
    return travelled, hit & (travelled < limit)


def _normals(scene: Scene, thing: npt.NDArray[np.int16], points: Points) -> Points:
    normal = [np.zeros(thing.shape), np.zeros(thing.shape), np.ones(thing.shape)]
    shapes = [(LEDGE, scene.ledge), *((i + 2, solid.distance) for i, solid in enumerate(scene.solids))]
    for index, shape in shapes:
        here = np.flatnonzero(thing.ravel() == index)
        if here.size:
            for axis, slope in enumerate(_slope(shape, points, here)):
                normal[axis].ravel()[here] = slope
    return normal[0], normal[1], normal[2]


def _slope(shape: Distance, points: Points, here: Array) -> list[Array]:
    at = [part.ravel()[here] for part in points]
    reach, slopes = 0.35, []
    for axis in range(3):
        ahead, behind = list(at), list(at)
        ahead[axis], behind[axis] = at[axis] + reach, at[axis] - reach
        slopes.append(shape((ahead[0], ahead[1], ahead[2])) - shape((behind[0], behind[1], behind[2])))
    length = np.sqrt(slopes[0] ** 2 + slopes[1] ** 2 + slopes[2] ** 2) + 1e-9
    return [slope / length for slope in slopes]


def _shadows(scene: Scene, points: Points, normal: Points) -> Array:
    """Walk from every second point towards the window: what comes close to a solid is half shaded."""
    coarse = tuple(p[::2, ::2] + 1.2 * n[::2, ::2] for p, n in zip(points, normal, strict=True))
    lit = np.ones(coarse[0].shape)
    for solid in scene.solids:
        _cast(solid, coarse, lit)
    return _enlarged(lit, points[0].shape)


def _cast(solid: Solid, points: tuple[Array, ...], lit: Array) -> None:
    offset = [c - p for p, c in zip(points, solid.centre, strict=True)]
    along = sum(o * s for o, s in zip(offset, SUN, strict=True))
    miss = sum(o * o for o in offset) - along**2
    wide = solid.reach * 1.12 + 2
    near = np.flatnonzero(((miss < wide**2) & (along > -solid.reach)).ravel())
    travelled = np.maximum(along.ravel()[near] - wide, 2.0)
    end = along.ravel()[near] + wide
    least = np.ones(near.size)
    rays = [p.ravel()[near] for p in points]
    for _ in range(14):
        far = solid.distance(tuple(ray + s * travelled for ray, s in zip(rays, SUN, strict=True)))
        inside = travelled < end
        least = np.where(inside, np.minimum(least, 0.5 + 4.5 * far / travelled), least)
        travelled = travelled + np.maximum(far, 1.6)
    soft = np.clip(least, 0, 1)
    lit.ravel()[near] *= soft * soft * (3 - 2 * soft)


def _surroundings(scene: Scene, points: Points, normal: Points, thing: Array) -> tuple[Array, Array]:
    """Return how open to the room every second point is, and what colour its neighbours throw on it."""
    spot = [p[::2, ::2] for p in points]
    face = [n[::2, ::2] for n in normal]
    opened, bounce = np.ones(spot[0].shape), np.zeros((*spot[0].shape, 3))
    here = thing[::2, ::2]
    for index, solid in enumerate(scene.solids):
        part = _about(solid, spot)
        hidden = _hidden(solid, [s[part] for s in spot], [f[part] for f in face])
        hidden = np.where(here[part] == index + 2, 0.0, hidden)
        opened[part] *= 1 - hidden
        bounce[part] += hidden[..., None] * np.array(THROWN[solid.material])
    above = np.clip(-face[1] * 0.5 + 0.5, 0, 1) * np.exp(-np.clip(spot[1], 0, None) / 45)
    bounce += above[..., None] * np.array(THROWN["ledge"])
    shape = points[0].shape
    return _enlarged(opened, shape), np.stack([_enlarged(bounce[..., k], shape) for k in range(3)], -1)


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


def _enlarged(coarse: Array, shape: tuple[int, ...]) -> Array:
    """Spread every second sample over the whole grid, a little softened."""
    from scipy.ndimage import gaussian_filter, map_coordinates

    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32) / 2
    fine: Array = map_coordinates(gaussian_filter(coarse, 0.7), [rows, columns], order=1, mode="nearest")
    return fine
