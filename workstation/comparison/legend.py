"""The legend of a difference map: its colours with their numbers, and what was measured.

Only Pillow's own letters are used, so that it looks the same everywhere; they lack the Δ, which is drawn.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from workstation.comparison.difference import SCALE
from workstation.comparison.pairing import Measure
from workstation.comparison.palette import NOT_COMPARED, palette
from workstation.comparison.statistics import Statistics

WIDTH, MARGIN, BAR = 1200, 60, 72
PAPER, INK, PALE = (250, 250, 250), (28, 28, 28), (110, 110, 110)


def legend(
    scale: float = SCALE,
    measure: Measure = "colour",
    statistics: Statistics | None = None,
    masked: bool = False,
) -> npt.NDArray[np.uint8]:
    """Draw the legend and return it as (h, w, 3) sRGB."""
    height = 330 + (190 if statistics else 0) + (70 if masked else 0)
    sheet = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    kind = "Colour" if measure == "colour" else "Lightness"
    _write(draw, MARGIN, 42, f"{kind} difference ΔE00", 40)
    _write(draw, WIDTH - MARGIN, 50, "CIEDE2000", 28, PALE, "right")
    _draw_bar(sheet, draw, 120, scale)
    top = 310
    if masked:
        _draw_swatch(draw, top)
        top += 70
    if statistics:
        _draw_numbers(draw, top, statistics)
    return np.asarray(sheet)


def _draw_bar(sheet: Image.Image, draw: ImageDraw.ImageDraw, top: int, scale: float) -> None:
    places = np.linspace(0, 255, WIDTH - 2 * MARGIN).round().astype(int)
    colours = np.repeat(palette()[places][None], BAR, axis=0)
    sheet.paste(Image.fromarray(colours), (MARGIN, top))
    draw.rectangle((MARGIN - 1, top - 1, WIDTH - MARGIN, top + BAR), outline=PALE)
    for step in _steps(scale):
        x = MARGIN + round(step / scale * (WIDTH - 2 * MARGIN - 1))
        draw.line((x, top + BAR, x, top + BAR + 12), fill=INK, width=2)
        _write(draw, x, top + BAR + 20, f"{step:g}", 28, align="middle")
    _write(draw, MARGIN, top + BAR + 62, "no difference", 24, PALE)
    _write(draw, WIDTH - MARGIN, top + BAR + 62, f"{scale:g} or more", 24, PALE, "right")


def _steps(scale: float) -> list[float]:
    """Return round numbers from 0 to the scale, about ten of them."""
    wanted = scale / 10
    power = 10.0 ** np.floor(np.log10(wanted))
    step = float(min((f * power for f in (1, 2, 5, 10)), key=lambda s: abs(np.log(s / wanted))))
    return [round(index * step, 6) for index in range(int(scale / step + 1e-6) + 1)]


def _draw_swatch(draw: ImageDraw.ImageDraw, top: int) -> None:
    draw.rectangle((MARGIN, top, MARGIN + 60, top + 36), fill=tuple(NOT_COMPARED.tolist()))
    _write(draw, MARGIN + 80, top + 2, "not compared: outside the mask", 28)


def _draw_numbers(draw: ImageDraw.ImageDraw, top: int, found: Statistics) -> None:
    draw.line((MARGIN, top, WIDTH - MARGIN, top), fill=(215, 215, 215), width=2)
    entries = [("mean", f"{found.mean:.2f}"), ("median", f"{found.median:.2f}")]
    entries += [("95 % below", f"{found.p95:.2f}"), ("largest", f"{found.largest:.2f}")]
    entries += [(f"above {limit}", _percent(share)) for limit, share in found.above]
    width = (WIDTH - 2 * MARGIN) / len(entries)
    for index, (name, number) in enumerate(entries):
        x = round(MARGIN + index * width)
        _write(draw, x, top + 26, name, 24, PALE)
        _write(draw, x, top + 62, number, 32)
    _write(draw, MARGIN, top + 124, f"over {_grouped(found.pixels)} px", 24, PALE)


def _percent(share: float) -> str:
    if 0 < share < 0.0001:
        return "< 0.01 %"
    return f"{100 * share:.2f} %" if share < 0.0995 else f"{100 * share:.1f} %"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


@lru_cache(maxsize=8)
def _letters(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _write(
    draw: ImageDraw.ImageDraw,
    x: float,
    y: float,
    text: str,
    size: int,
    colour: tuple[int, int, int] = INK,
    align: str = "left",
) -> None:
    """Write text at (x, y); a Δ is drawn as a triangle of the letters' height."""
    letters = _letters(size)
    before, delta, after = text.partition("Δ")
    room = size * 0.78 if delta else 0.0
    width = letters.getlength(before) + room + letters.getlength(after)
    x -= {"left": 0.0, "middle": width / 2, "right": width}[align]
    draw.text((x, y), before, fill=colour, font=letters)
    if delta:
        left = x + letters.getlength(before)
        _, top, _, bottom = letters.getbbox("E")
        corners = [(left + 2, y + bottom - 2), (left + room / 2, y + top), (left + room - 3, y + bottom - 2)]
        draw.polygon(corners, outline=colour, width=max(size // 11, 2))
        draw.text((left + room, y), after, fill=colour, font=letters)
