"""What the things are made of and how their colour takes the light, in linear light."""

from __future__ import annotations

import numpy as np

from workstation.phantom.light import AHEAD, LEDGE, SUN, WALL, Sight, things
from workstation.phantom.noise import Floats, value_noise
from workstation.phantom.scene import FRONT, Scene
from workstation.phantom.shapes import Array, Solid


def _mixed(red: float, green: float, blue: float) -> Floats:
    return np.array((red, green, blue), np.float32)


WARM, COOL = _mixed(2.62, 2.30, 1.76), _mixed(0.20, 0.225, 0.262)
"""The light of the window and the light of the room."""
LINEN = _mixed(0.74, 0.71, 0.63)


def colours(scene: Scene, sight: Sight) -> Floats:
    """Return the colour of every point of the grid as the painter would mix it (h, w, 3), linear."""
    facing = sum(n * s for n, s in zip(sight.normal, SUN, strict=True))
    body, gloss, soft = _materials(scene, sight)
    wrapped = np.clip((facing + soft) / (1 + soft), 0, 1)
    room = sight.open * (np.float32(0.62) + np.float32(0.38) * sight.normal[1])
    shine = _shine(sight) * gloss * (np.float32(0.25) + np.float32(0.75) * sight.lit)
    sheen = (1 - np.clip(-_along(sight.normal), 0, 1)) ** 3 * gloss * np.float32(0.16) * sight.open
    direct, light = wrapped * sight.lit, np.empty_like(body)
    for channel, (warm, cool) in enumerate(zip(WARM, COOL, strict=True)):
        arriving = direct * warm + room * cool + sight.bounce[..., channel]
        light[..., channel] = body[..., channel] * arriving + shine * warm + sheen * (cool + np.float32(0.1))
    return _toned(light)


def _along(normal: tuple[Array, Array, Array]) -> Array:
    along: Array = normal[1] * AHEAD[1] + normal[2] * AHEAD[2]
    return along


def _shine(sight: Sight) -> Array:
    """Return the mirror image of the window: sharp-edged with a glow round it."""
    half = np.array(SUN) - np.array(AHEAD)
    half /= np.linalg.norm(half)
    toward = np.clip(sum(n * h for n, h in zip(sight.normal, half.tolist(), strict=True)), 0, 1)
    shine: Array = 1.1 * np.clip((toward - 0.982) / 0.008, 0, 1) + 0.26 * toward**26
    return shine


def _toned(light: Floats) -> Floats:
    """Bring the range of light into the range of paint, shoulders rounded, shadows warm."""
    paint = light * (1 + np.float32(0.16) * light) / (1 + light * np.float32(1.12))
    warm = paint * _mixed(1.02, 1.0, 0.96) + _mixed(0.0050, 0.0036, 0.0024)
    toned: Floats = np.clip(warm, 0.002, 0.93)
    return toned


def _materials(scene: Scene, sight: Sight) -> tuple[Floats, Floats, Floats]:
    """Return body colour, gloss and softness (how far light creeps round) for the whole grid."""
    shape, size = sight.thing.shape, sight.thing.size
    body, gloss, soft = (np.zeros(wide, np.float32) for wide in ((size, 3), size, size))
    flat = [part.ravel() for part in sight.place]
    for index, here in things(sight.thing):
        x, y, z = (part[here] for part in flat)
        if index in (WALL, LEDGE):
            body[here] = _wall(scene, x, y, z) if index == WALL else _ledge(scene, x, y, z)
            soft[here] = 0.05 if index == WALL else 0.03
        elif index == len(scene.solids) + 2:
            body[here], soft[here] = LINEN, 0.22
        else:
            solid = scene.solids[index - 2]
            body[here], gloss[here], soft[here] = _solid(solid, solid.local((x, y, z)), scene.seed)
    return body.reshape(*shape, 3), gloss.reshape(shape), soft.reshape(shape)


def _wall(scene: Scene, x: Array, y: Array, z: Array) -> Array:
    """A dark plastered wall, lighter to the right where the light falls past the jug."""
    glow = np.exp(-(((x - 120) / 150) ** 2) - ((y - 70) / 130) ** 2)
    cloud = value_noise(x, y, 46, scene.seed + 51) + np.float32(0.6) * value_noise(
        x / 17, y / 21, 1.0, scene.seed + 52
    )
    value = (0.030 + 0.105 * glow) * (1 + 0.16 * cloud) * 0.62
    colour: Array = value[:, None] * (_mixed(0.96, 0.80, 0.56) + glow[:, None] * _mixed(-0.03, 0.06, 0.10))
    return colour


def _ledge(scene: Scene, x: Array, y: Array, z: Array) -> Array:
    veins = value_noise(x / 30 + z / 50, y / 10 + z / 14, 1.0, scene.seed + 61)
    flecks = value_noise(x / 3.1, y / 3 + z / 5, 1.0, scene.seed + 62)
    value = (1 + 0.22 * veins + 0.14 * flecks) * np.where(z > FRONT - 1, np.float32(0.085), np.float32(0.155))
    stone: Array = value[:, None] * _mixed(1.0, 0.86, 0.66)
    return stone


def _solid(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> tuple[Array, float, float]:
    mixers = {
        "glaze": (_stoneware, 0.85, 0.06), "pewter": (_pewter, 0.55, 0.05), "pear": (_pear, 0.30, 0.16),
        "lemon": (_lemon, 0.34, 0.16), "cut lemon": (_cut_lemon, 0.22, 0.22), "apple": (_apple, 0.55, 0.10),
        "leaf": (_leaf, 0.16, 0.25), "grape": (_grape, 0.34, 0.35), "stem": (_stem, 0.1, 0.1),
    }  # fmt: skip
    mixer, gloss, soft = mixers[solid.material]
    return mixer(solid, spot, seed), gloss, soft


def _blend(share: Array, one: tuple[float, float, float], other: tuple[float, float, float]) -> Array:
    share = np.clip(share, 0, 1)[:, None]
    mixed: Array = _mixed(*one) * (1 - share) + _mixed(*other) * share
    return mixed


def _stoneware(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> Array:
    """Grey salt-glazed stoneware with bands and flowers in cobalt blue."""
    x, y, z = spot
    angle = np.arctan2(x, z)
    uneven = value_noise(angle * 5, y / 9, 1.0, seed + 71)
    blue = np.zeros_like(y)
    if solid.name == "jug":
        for low, high in ((12, 16), (33, 35.5), (97, 101), (112, 114), (146, 150)):
            blue = np.maximum(
                blue, np.clip((0.5 * (high - low) + 0.5 * uneven - np.abs(y - 0.5 * (low + high))), 0, 1)
            )
        blue = np.maximum(blue, _flowers(angle, y))
    grey = _blend(0.5 + 0.5 * uneven, (0.235, 0.225, 0.20), (0.165, 0.168, 0.162))
    mixed: Array = grey * (1 - 0.9 * blue[:, None]) + 0.9 * blue[:, None] * _mixed(0.018, 0.034, 0.125)
    if solid.name == "jug":
        mixed[(y > 157.4) & (np.hypot(x, z) < 23)] = (0.012, 0.010, 0.008)
    return mixed


def _flowers(angle: Array, y: Array) -> Array:
    """Six-petalled flowers round the belly, with a leaf scroll between them."""
    turn = (angle + 0.35) * 5 / np.pi
    cell = np.round(turn)
    u, v = (turn - cell) * np.pi / 5 * 48, y - 66
    far, petal = np.hypot(u, v), np.arctan2(v, u)
    flower = np.clip(1.6 - np.abs(far - 11.5 - 3.6 * np.cos(6 * petal)) * 0.62, 0, 1)
    heart = np.clip(4.4 - far, 0, 1)
    scroll = np.clip(1.3 - np.abs(v - 21 - 4.5 * np.sin(u * 0.42)) * 0.8, 0, 1) * (np.abs(v - 21) < 7)
    drawn: Array = np.maximum(np.maximum(flower, heart), scroll)
    return drawn


def _pewter(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> Array:
    x, _, z = spot
    far = np.hypot(x, z)
    rings = 0.06 * np.cos(far / 1.1) + 0.10 * value_noise(x / 14, z / 14, 1.0, seed + 72)
    colour: Array = (0.27 * (1 + rings))[:, None] * _mixed(0.97, 1.0, 1.0)
    return colour


def _pear(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> Array:
    x, y, z = spot
    side = np.sin(np.arctan2(z, x) + 2.2 * solid.tint + 0.9)
    cloud = value_noise(x / 16 + 5, y / 20 + z / 18, 1.0, seed + 73)
    skin = _blend(0.55 + 0.5 * cloud - y / 110, (0.50, 0.37, 0.055), (0.34, 0.33, 0.06))
    blush = np.clip(side * 1.15 - 0.25 + 0.35 * cloud, 0, 1)[:, None]
    skin = skin * (1 - 0.85 * blush) + 0.85 * blush * _mixed(0.46, 0.11, 0.025)
    russet = np.clip(value_noise(x / 2.0, y / 2.2 + z / 2.0, 1.0, seed + 74) * 3 - 1.9, 0, 1)[:, None]
    top = np.clip((y - 40) / 9, 0, 1)[:, None] + np.clip((-26 - y) / 4, 0, 1)[:, None]
    colour: Array = skin * (1 - 0.35 * russet - 0.45 * np.clip(top, 0, 1))
    return colour


def _lemon(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> Array:
    x, y, z = spot
    pores = value_noise(x / 1.9, y / 1.9 + z / 1.7, 1.0, seed + 75)
    green = np.clip((np.abs(y) - 24) / 12, 0, 1)
    colour: Array = _blend(0.7 * green, (0.74, 0.52, 0.04), (0.52, 0.46, 0.06)) * (1 - 0.09 * pores[:, None])
    return colour


def _cut_lemon(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> Array:
    """The cut face: rind, pith, ten segments of flesh; behind it the rind's outside."""
    x, y, z = spot
    far, angle = np.hypot(x, y), np.arctan2(y, x)
    wall = np.abs((angle * 10 / (2 * np.pi)) % 1 - 0.5) * 2 * np.pi / 10 * far
    pulp = value_noise(far / 5.5, angle * 9, 1.0, seed + 76)
    flesh = _blend(0.5 + 0.5 * pulp, (0.66, 0.50, 0.09), (0.80, 0.66, 0.22))
    pith = np.maximum(
        np.clip(1.5 - (np.pi / 10 * far - wall) * 1.1, 0, 1) * (far > 2), np.clip((far - 19.6) / 1.2, 0, 1)
    )
    pith = np.maximum(pith, np.clip(3.4 - far, 0, 1))[:, None]
    face = flesh * (1 - pith) + pith * _mixed(0.80, 0.75, 0.54)
    rim = np.clip((far - 23.4) / 0.8, 0, 1)[:, None]
    face = face * (1 - rim) + rim * _mixed(0.74, 0.52, 0.04)
    return np.where((z > -0.6)[:, None], face, _lemon(solid, (x, z, y), seed))


def _apple(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> Array:
    x, y, z = spot
    angle = np.arctan2(z, x)
    streaks = value_noise(np.cos(angle) * 13, np.sin(angle) * 13 + y / 60, 1.0, seed + 77)
    cloud = value_noise(np.cos(angle) * 1.8, np.sin(angle) * 1.8 + y / 45, 1.0, seed + 78)
    gold = np.clip(0.05 + 0.75 * cloud + 0.32 * streaks + np.clip((np.abs(y - 2) - 17) / 16, 0, 1), 0, 0.9)
    return _blend(gold, (0.36, 0.022, 0.018), (0.56, 0.36, 0.07))


def _grape(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> Array:
    x, y, z = spot
    bloom = 0.5 + 0.5 * value_noise(x / 5 + 9 * solid.tint, y / 5 + z / 6, 1.0, seed + 79)
    skin = _blend(np.full_like(x, 0.5 + 0.5 * solid.tint), (0.115, 0.016, 0.045), (0.055, 0.020, 0.070))
    colour: Array = skin * (1 - 0.45 * bloom[:, None]) + 0.45 * bloom[:, None] * _mixed(0.13, 0.12, 0.17)
    return colour


def _leaf(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> Array:
    """A leaf in autumn: green between paler veins, brown at the rim."""
    x, _, z = spot
    far, angle = np.hypot(x, z), np.arctan2(z, x)
    vein = np.clip(1 - np.abs(np.sin(2.5 * angle)) * far / 2.2, 0, 1)
    side = np.clip(1 - np.abs(np.sin(far / 2.6 + 2 * np.abs(np.sin(2.5 * angle)))) * 3, 0, 1) * 0.35
    brown = np.clip(
        (far - 17) / 12 + 0.6 * value_noise(x / 8, z / 8, 1.0, seed + 80) + 0.3 * solid.tint, 0, 1
    )
    green = _blend(brown, (0.085, 0.125, 0.028), (0.20, 0.105, 0.030))
    share = np.maximum(vein, side)[:, None] * 0.7
    colour: Array = green * (1 - share) + share * _mixed(0.24, 0.25, 0.09)
    return colour


def _stem(solid: Solid, spot: tuple[Array, Array, Array], seed: int) -> Array:
    return _blend(np.clip(spot[1] / 21, 0, 1), (0.17, 0.13, 0.05), (0.10, 0.065, 0.035))
