from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QImage, QPainter, QTransform

from tests.widgets.conftest import Bench
from widgets import saving
from widgets.painting import outline, samples, stroke
from widgets.tint import MaskTint
from workstation.errors import MaskError
from workstation.operations.mask import Mask
from workstation.scans.source import Pixels

places = st.floats(-300, 1500, allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(places, places, places, places, st.floats(0.5, 80))
def test_a_stroke_marks_exactly_the_pixels_whose_centres_it_covers(
    x0: float, y0: float, x1: float, y1: float, radius: float
) -> None:
    mask = Mask(1100, 1200)
    stroke(mask, QPointF(x0, y0), QPointF(x1, y1), radius)
    ys, xs = np.mgrid[0:1100, 0:1200] + 0.5
    dx, dy = x1 - x0, y1 - y0
    length = math.hypot(dx, dy)
    along = np.clip(((xs - x0) * dx + (ys - y0) * dy) / max(length**2, 1e-12), 0, 1)
    distance = np.hypot(xs - x0 - along * dx, ys - y0 - along * dy)
    wanted, found = distance <= radius, mask.read(0, 1100, 0, 1200)
    assert not (wanted != found)[abs(distance - radius) > 1e-6].any()


def test_an_outline_marks_its_inside_and_the_eraser_takes_it_out_again() -> None:
    mask = Mask(2000, 2000)
    corners = [QPointF(100, 100), QPointF(1500, 100), QPointF(1500, 900), QPointF(100, 900)]
    place = outline(mask, corners)
    assert mask.area == 1400 * 800
    assert place.contains(1499, 899)
    stroke(mask, QPointF(0, 500), QPointF(2000, 500), 2000, mark=False)
    assert mask.area == 0


def test_a_slip_of_the_hand_over_a_giant_scan_is_refused_and_costs_nothing() -> None:
    mask = Mask(700_000, 900_000)
    with pytest.raises(MaskError, match="Zoom in"):
        stroke(mask, QPointF(0, 0), QPointF(900_000, 700_000), 5000)
    assert mask.area == 0


def test_a_thin_mark_stays_visible_from_afar() -> None:
    mask = Mask(20_000, 20_000)
    stroke(mask, QPointF(3000, 3000), QPointF(17_000, 3000), 0.6)
    grey = tinted(MaskTint(), mask)
    assert (grey[28:32, 40:160].max(axis=0) > 40).all()


def tinted(tint: MaskTint, mask: Mask) -> Pixels:
    """Return how light a mask is drawn over black, a hundred of its pixels to one."""
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    tint.draw(painter, mask, QTransform.fromScale(0.01, 0.01), QRectF(0, 0, 200, 200))
    painter.end()
    return samples(image.convertToFormat(QImage.Format.Format_Grayscale8))


def test_each_layers_own_mask_is_drawn_whatever_was_drawn_before() -> None:
    first, second = Mask(20_000, 20_000), Mask(20_000, 20_000)
    stroke(first, QPointF(3100, 3100), QPointF(3200, 3100), 40)
    stroke(second, QPointF(3500, 3500), QPointF(3550, 3500), 40)
    tint = MaskTint()
    for mask in (first, second, first):
        assert np.array_equal(tinted(tint, mask), tinted(MaskTint(), mask))


def test_what_is_added_to_a_mask_is_drawn_once_its_place_is_told() -> None:
    mask, tint = Mask(20_000, 20_000), MaskTint()
    stroke(mask, QPointF(3100, 3100), QPointF(3200, 3100), 40)
    before = tinted(tint, mask)
    tint.forget(stroke(mask, QPointF(3400, 3400), QPointF(3500, 3400), 40))
    after = tinted(tint, mask)
    assert not np.array_equal(before, after)
    assert np.array_equal(after, tinted(MaskTint(), mask))


def test_what_the_brush_paints_is_tinted_where_it_was_painted(bench: Bench, red: Pixels) -> None:
    layer = bench.lay(red)
    bench.do("brush")
    bench.drag((0.5, 0.5), (0.52, 0.5))
    centre = layer.mask.read(59, 61, 79, 81)
    assert centre.any()
    assert not layer.mask.read(0, 10, 0, 10).any()
    overlay = bench.window.stage.overlay
    image = QImage(overlay.size(), QImage.Format.Format_ARGB32)
    image.fill(0)
    overlay.render(image, flags=overlay.RenderFlag(0))
    assert image.pixelColor(overlay.width() // 2, overlay.height() // 2).alpha() > 0
    assert image.pixelColor(overlay.width() // 2, overlay.height() // 4).alpha() == 0


def test_strokes_are_undone_and_redone_one_by_one(bench: Bench, red: Pixels) -> None:
    layer = bench.lay(red)
    bench.do("brush")
    areas = [0]
    for x in (0.4, 0.5, 0.6):
        bench.drag((x, 0.4), (x, 0.5))
        areas.append(layer.mask.area)
    assert areas == sorted(set(areas))
    for area in areas[-2::-1]:
        bench.do("undo")
        assert layer.mask.area == area
    for area in areas[1:]:
        bench.do("redo")
        assert layer.mask.area == area
    bench.do("clear")
    assert layer.mask.area == 0
    bench.do("undo")
    assert layer.mask.area == areas[-1]


def test_the_eraser_and_the_lasso_work_on_the_same_mask(bench: Bench, red: Pixels) -> None:
    layer = bench.lay(red)
    bench.do("lasso")
    bench.drag((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    whole = layer.mask.area
    bench.do("eraser")
    bench.drag((0.5, 0.3), (0.5, 0.7))
    assert 0 < layer.mask.area < whole


def test_a_mask_is_saved_loaded_and_refused_where_it_does_not_fit(
    bench: Bench, red: Pixels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = bench.lay(red)
    bench.do("lasso")
    bench.drag((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    sha256, target = layer.mask.sha256(), tmp_path / "mask.tif"
    monkeypatch.setattr(saving, "ask_target", lambda *_: target)
    monkeypatch.setattr(saving, "ask_mask", lambda *_: target)
    bench.do("save-mask")
    bench.wait(lambda: target.is_file() and not bench.window.jobs.running)
    bench.do("clear")
    bench.do("load-mask")
    bench.wait(lambda: layer.mask.tiles)
    assert layer.mask.sha256() == sha256
    other = bench.lay(red[:50])
    bench.do("load-mask")
    bench.wait(lambda: "mask is 160 × 120 px" in bench.window.messages.text)
    assert not other.mask.tiles
