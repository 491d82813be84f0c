"""Thins a yellowed varnish virtually, by what a cleaned window of the same painting shows of the paint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
from annotated_types import Interval, Unit, doc

from workstation.errors import OperationError
from workstation.operations.edges import Strip, strips
from workstation.operations.operation import Operation, Rect, State, Window
from workstation.operations.sampling import Block, spread_blocks
from workstation.scans.source import Level, Pixels, TileSource, coarsest_below

if TYPE_CHECKING:
    from models.varnish import Pairs
    from workstation.operations.mask import Mask

SMALLEST = 16
"""Shorter side of a cleaned window, in px, below which its edge says too little."""
DARK = 0.002
"""The share of a painting that is taken for its darkest spots."""
NO_VARNISH = (
    "The cleaned window is no lighter than its surroundings, or too dark to tell, so no varnish shows. "
    "Mark another."
)
UNMARKED = Rect(0, 0, 0, 0)


@dataclass(frozen=True)
class ThinVarnish(Operation):
    """Thin a yellowed varnish virtually, as if the whole painting were cleaned like its cleaned window.

    Only colour and lightness change. The cleaned window itself stays as it is: it carries no varnish.
    """

    name: ClassVar[str] = "thin-varnish"
    action: ClassVar[str] = "c2pa.adjustedColor"
    digital_source: ClassVar[str] = "humanEdits"
    tolerance: ClassVar[float] = 1e-6
    gain: ClassVar[float] = 10.0
    """The slope of dark tones under a varnish that lets a third of the light pass; 3 was measured."""

    cleaned: Annotated[Rect, Unit("px"), doc("the window where the varnish has been taken off")] = UNMARKED
    uncleaned: Annotated[
        Rect,
        Unit("px"),
        doc(
            "a place of like paint under the varnish; not marked, the rim around the cleaned window is taken"
        ),
    ] = UNMARKED
    strength: Annotated[
        float, Interval(ge=0, le=1), Unit(""), doc("the share of the varnish that is taken off")
    ] = 1.0

    def halo(self, state: State) -> int:
        """Each pixel stands for itself."""
        return 0

    def keeps(self) -> tuple[Rect, ...]:
        """Return the cleaned window."""
        return (self.cleaned,)

    def fit(self, source: TileSource, mask: Mask | None) -> State:
        """Find transmission and haze of the varnish."""
        from models.varnish import fitted

        level = source.levels[0]
        _check_picture(level)
        _check_marked(self.cleaned, level, "cleaned window")
        if self.uncleaned == UNMARKED:
            pairs = _rim(source, self.cleaned)
        else:
            _check_marked(self.uncleaned, level, "uncleaned place")
            pairs = _places(source, self.cleaned, self.uncleaned)
        _check_varnished(pairs)
        found = fitted(pairs, _darkest(source, self.cleaned))
        if min(found.transmission) > 0.98:
            raise OperationError(NO_VARNISH)
        return {"transmission": list(found.transmission), "haze": list(found.haze)}

    def apply(self, window: Window, state: State) -> Pixels:
        """Thin the varnish of one block."""
        result = window.pixels.copy()
        for channel, (transmission, haze) in enumerate(
            zip(state["transmission"], state["haze"], strict=True)
        ):
            samples = window.pixels[..., channel]
            result[..., channel] = _thinned(samples, transmission, haze, self.strength)
        return result


def _thinned(samples: Pixels, transmission: float, haze: float, strength: float) -> Pixels:
    """Thin one channel; whole numbers go through a table, so equal samples give equal results anywhere."""
    from models.varnish import decoded, encoded, thinned

    if strength == 0:
        return samples
    if not np.issubdtype(samples.dtype, np.integer):
        light = decoded(samples.astype(np.float64))
        return np.asarray(encoded(thinned(light, transmission, haze, strength)), samples.dtype)
    full = np.iinfo(samples.dtype).max
    table = np.arange(full + 1) / full
    table = np.rint(encoded(thinned(decoded(table), transmission, haze, strength)) * full)
    return np.asarray(table.astype(samples.dtype)[samples])


def _check_picture(level: Level) -> None:
    if level.channels < 3:
        raise OperationError(
            "Varnish is known by its colour, and this picture is grey. Choose the colour scan."
        )
    if level.dtype.kind not in "uf" or (level.dtype.itemsize > 2 and level.dtype.kind == "u"):
        raise OperationError(f"Varnish is thinned in 8-bit, 16-bit and float pictures, not {level.dtype}.")


def _check_marked(rect: Rect, level: Level, what: str) -> None:
    if rect == UNMARKED:
        raise OperationError(f"No {what} is marked. Mark one: the colour of the varnish is learned there.")
    if rect.x + rect.width > level.width or rect.y + rect.height > level.height:
        raise OperationError(
            f"The {what} reaches beyond the picture ({level.width} × {level.height} px). Mark it inside."
        )
    if min(rect.width, rect.height) < SMALLEST:
        raise OperationError(f"The {what} is too small. Mark at least {SMALLEST} × {SMALLEST} px.")


def _check_varnished(pairs: Pairs) -> None:
    if not pairs.cleaned.any():
        raise OperationError("The cleaned window is black, so it says nothing of the varnish. Mark another.")
    ratio = np.median(pairs.uncleaned / np.maximum(pairs.cleaned, 1e-6), axis=0)
    if (np.abs(ratio - 1) < 0.03).all():
        raise OperationError(NO_VARNISH)


def _light(pixels: Pixels) -> npt.NDArray[np.float64]:
    """Return the linear light of the three colours."""
    from models.varnish import decoded

    full = np.iinfo(pixels.dtype).max if np.issubdtype(pixels.dtype, np.integer) else 1
    return decoded(pixels[..., :3].astype(np.float64) / full)


def _rim(source: TileSource, cleaned: Rect) -> Pairs:
    """Compare stretches on both sides of the cleaned window's edge."""
    from models.varnish import Pairs

    found = [_pair(strip) for strip in strips(source, cleaned)]
    if len(found) < 4:
        raise OperationError(
            "The cleaned window fills the picture, so nothing uncleaned lies beside it. "
            "Mark a smaller window, or an uncleaned place."
        )
    inside, outside, unrest = (np.array(values) for values in zip(*found, strict=True))
    return Pairs(inside, outside, unrest)


def _pair(strip: Strip) -> tuple[Any, Any, Any]:
    """Return the light inside and outside close to the edge, and how much it varies farther off."""
    inside, outside = _light(strip.inside), _light(strip.outside)
    near = (inside[: len(inside) // 2].mean((0, 1)), outside[: len(outside) // 2].mean((0, 1)))
    unrest = sum(
        part.std((0, 1)) / (mean + 0.005) for part, mean in zip((inside, outside), near, strict=True)
    )
    return *near, unrest


def _places(source: TileSource, cleaned: Rect, uncleaned: Rect) -> Pairs:
    """Compare two places of like paint."""
    from models.varnish import paired_by_rank

    return paired_by_rank(_area(source, cleaned), _area(source, uncleaned))


def _area(source: TileSource, rect: Rect) -> npt.NDArray[np.float64]:
    """Return the light of a marked place, from a level where it is of moderate size."""
    level, scale = 0, 1.0
    while rect.width * rect.height * scale**2 > 1 << 20 and level + 1 < len(source.levels):
        level += 1
        scale = source.levels[level].width / source.levels[0].width
    shape = source.levels[level]
    y0, x0 = int(rect.y * scale), int(rect.x * scale)
    y1 = min(y0 + min(max(int(rect.height * scale), 1), 1024), shape.height)
    x1 = min(x0 + min(max(int(rect.width * scale), 1), 1024), shape.width)
    return _light(source.read(level, y0, y1, x0, x1)).reshape(-1, 3)


def _darkest(source: TileSource, cleaned: Rect) -> npt.NDArray[np.float64]:
    """Return the least light under the varnish, without true black: that is what lies around a painting."""
    index = coarsest_below(source, 1 << 20)
    scale = source.levels[index].width / source.levels[0].width
    parts = [_varnished(block, cleaned, scale) for block in spread_blocks(source, index)]
    pixels = np.concatenate(parts)
    seen = pixels[(pixels > 0).any(1)]
    if not len(seen):
        raise OperationError(
            "Beside the cleaned window the picture is black, so no varnish shows. Mark it anew."
        )
    return np.asarray(np.quantile(_light(seen[None])[0], DARK, axis=0))


def _varnished(block: Block, cleaned: Rect, scale: float) -> Pixels:
    """Return the block's colours, (pixels, 3), that do not belong to the cleaned window."""
    rows, columns = np.indices(block.pixels.shape[:2])
    y, x = (rows + block.y) / scale, (columns + block.x) / scale
    inside = (y >= cleaned.y - 1 / scale) & (y <= cleaned.y + cleaned.height)
    inside &= (x >= cleaned.x - 1 / scale) & (x <= cleaned.x + cleaned.width)
    return np.asarray(block.pixels[~inside][:, :3])
