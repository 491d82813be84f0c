from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QWidget

from tests.widgets.conftest import Bench
from widgets.lighttable import TableLayer, place_of
from workstation.scans.source import Level, Metadata, Pixels


@pytest.fixture(params=["processor", "card"], autouse=True)
def drawn_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the window be put together as it is without a graphics card, and as it is with one."""
    import widgets.canvas

    monkeypatch.setattr(widgets.canvas, "drawn_by_processor", lambda _: request.param == "processor")


def test_every_private_name_of_napari_is_still_there(bench: Bench, red: Pixels) -> None:
    from widgets.canvas import PRIVATE

    layer = bench.lay(red)
    canvas: Any = bench.window.stage.canvas
    visual = canvas._viewer.canvas.layer_to_visual[canvas._images[layer.key]]
    holders = (canvas._viewer.canvas, visual, visual._layer_node, canvas._model, canvas._images[layer.key])
    for name in PRIVATE:
        assert any(hasattr(holder, name) for holder in holders), name


def test_every_private_name_of_vispy_that_is_changed_is_still_there() -> None:
    from vispy.visuals._scalable_textures import GPUScaledTexture2D

    from widgets.drawing import FlatImage, ImageNode, RoomyTexture

    for ours, theirs in ((FlatImage, ImageNode), (RoomyTexture, GPUScaledTexture2D)):
        own = {name for name in vars(ours) if not name.startswith("__")} - {"_unchanged", "_follow_tones"}
        for name in own - {"_changes_nothing"}:
            assert hasattr(theirs, name), name
    assert {"texture_lookup", "clim", "clim_float", "gamma", "gamma_float"} <= set(ImageNode._func_templates)


class Watched:
    """A picture of many levels that notes which threads read it, and may change its colour."""

    def __init__(self) -> None:
        self.levels = tuple(Level(600 >> k, 800 >> k, 3, np.dtype(np.uint8), (64, 64)) for k in range(3))
        self.metadata, self.damaged = Metadata(pixels_per_mm=2.0), ()
        self.threads: set[int] = set()
        self.value = 50

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        self.threads.add(threading.get_ident())
        return np.full((y1 - y0, x1 - x0, 3), self.value, np.uint8)

    def close(self) -> None:
        """Nothing to give back."""


def test_no_pixel_is_read_in_the_windows_own_thread_and_a_refresh_reads_the_coarsest_level_again(
    bench: Bench,
) -> None:
    source, stage = Watched(), bench.window.stage
    place, in_mm = place_of(source)
    layer = TableLayer("watched", "VIS", "VIS", source, place, in_mm)
    bench.window.table.add(layer)
    stage.canvas.look(replace(stage.canvas.view.fitted(layer.extent), zoom=0.2))
    bench.wait(lambda: bench.at(0.5, 0.5) == [50, 50, 50])
    source.value = 180
    stage.canvas.refresh("watched")
    bench.wait(lambda: bench.at(0.5, 0.5) == [180, 180, 180])
    assert source.threads
    assert threading.get_ident() not in source.threads


def test_pixels_reach_the_screen_unchanged_at_one_to_one(bench: Bench) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (64, 96, 3), np.uint8)
    bench.lay(picture)
    bench.window.stage.actual()
    bench.window.stage.canvas.smooth(False)
    view = bench.window.stage.canvas.view
    corner = view.to_screen().map(QPointF(0, 0))
    bench.window.stage.push(round(corner.x()) - corner.x(), round(corner.y()) - corner.y())
    corner = bench.window.stage.canvas.view.to_screen().map(QPointF(0, 0))
    top, left = round(corner.y()), round(corner.x())
    bench.wait(lambda: np.array_equal(bench.seen()[top : top + 64, left : left + 96], picture))


def test_the_window_shows_what_is_drawn_and_the_glass_over_it(bench: Bench, red: Pixels) -> None:
    bench.lay(red)
    bench.wait(lambda: bench.at(0.5, 0.5) == [200, 20, 20])
    stage = bench.window.stage
    stage.overlay.layers.append(lambda painter, _: painter.fillRect(10, 10, 20, 20, QColor(1, 2, 3)))
    image = QImage(stage.overlay.size(), QImage.Format.Format_RGB32)
    stage.canvas.render(image)
    assert image.pixelColor(image.rect().center()).getRgb()[:3] == (200, 20, 20)
    assert image.pixelColor(20, 20).getRgb()[:3] == (1, 2, 3)


def test_every_change_reaches_the_window_unasked(bench: Bench, red: Pixels) -> None:
    layer, stage = bench.lay(red), bench.window.stage

    def middle() -> tuple[int, ...]:
        image = QImage(stage.overlay.size(), QImage.Format.Format_RGB32)
        stage.canvas.render(image)  # as the window has it: nothing is asked to draw
        return tuple(image.pixelColor(image.rect().center()).getRgb()[:3] or ())

    bench.wait(lambda: middle() == (200, 20, 20))
    stage.canvas.tone(layer.key, 0.0, 510.0, 1.0)
    bench.wait(lambda: middle() == (100, 10, 10))
    stage.push(-5000, 0)
    bench.wait(lambda: max(middle()) - min(middle()) < 5)
    stage.push(5000, 0)
    bench.wait(lambda: middle() == (100, 10, 10))
    bench.window.resize(900, 600)
    bench.wait(lambda: stage.canvas.surface.height() < 500 and middle() == (100, 10, 10))
    assert stage.overlay.size() == stage.canvas.surface.size()


def test_what_the_glass_leaves_goes_to_the_window_and_not_to_napari(bench: Bench, red: Pixels) -> None:
    bench.lay(red)
    stage = bench.window.stage
    above: list[QWidget] = []
    widget = stage.overlay.parentWidget()
    while widget is not None:
        above.append(widget)
        widget = widget.parentWidget()
    assert next(widget for widget in above if widget.acceptDrops()) is bench.window
    assert not [widget for widget in above if type(widget).__module__.startswith(("napari", "vispy"))]
    QTest.keyClick(stage.overlay, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(stage.overlay, Qt.Key.Key_2)
    assert stage.canvas._model.dims.ndisplay == 2
    assert stage.canvas.keys


def test_a_fine_screen_gets_a_level_as_fine(bench: Bench) -> None:
    giant, stage = Giant(), bench.window.stage
    place, _ = place_of(giant)
    bench.window.table.add(TableLayer("giant", "Giant", "VIS", giant, place))
    bench.wait(lambda: bench.at(0.5, 0.5)[0] >= 20 * 9)
    image = stage.canvas._images["giant"]
    coarse, image.ratio = image.data_level, 4.0
    stage.push(3, 0)
    bench.wait(lambda: bench.at(0.5, 0.5) == [20 * (coarse - 2)] * 3)


def test_samples_are_as_deep_on_the_screen_as_in_the_scan(bench: Bench) -> None:
    ramp = np.linspace(30_000, 30_600, 256).astype(np.uint16)
    layer = bench.lay(np.broadcast_to(ramp[None, :, None], (64, 256, 3)).copy())
    bench.window.stage.actual()
    bench.window.stage.canvas.smooth(False)
    bench.window.stage.canvas.tone(layer.key, 30_000, 30_600, 1.0)
    bench.wait(lambda: len(np.unique(bench.seen()[bench.seen().shape[0] // 2, :, 0])) > 200)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_tones_stretch_what_is_seen_and_leave_it_as_it_was(
    bench: Bench, dtype: type[np.generic], channels: int
) -> None:
    white = 1.0 if dtype is np.float32 else float(np.iinfo(dtype).max)
    layer = bench.lay(np.full((40, 40, channels), white * 0.4, dtype))
    tone = partial(bench.window.stage.canvas.tone, layer.key)
    for low, high, gamma in (
        (0.0, 1.0, 1.0),
        (0.2, 0.6, 1.0),
        (0.0, 1.0, 2.0),
        (0.3, 0.8, 0.5),
        (0.0, 1.0, 1.0),
    ):
        tone(low * white, high * white, gamma)
        wanted = 255 * ((0.4 - low) / (high - low)) ** gamma
        bench.wait(lambda wanted=wanted: max(abs(v - wanted) for v in bench.at(0.5, 0.5)) <= 1)


def test_the_edge_of_a_picture_shows_nothing_of_what_was_drawn_before_it(bench: Bench) -> None:
    source, stage = Watched(), bench.window.stage
    place, in_mm = place_of(source)
    layer = TableLayer("watched", "VIS", "VIS", source, place, in_mm)
    bench.window.table.add(layer)
    stage.actual()
    bench.wait(lambda: bench.at(0.5, 0.5) == [50, 50, 50])
    source.value = 180
    stage.canvas.look(replace(stage.canvas.view, zoom=stage.canvas.view.zoom * 16).centred(QPointF(400, 300)))
    stage.canvas.refresh("watched")
    bench.wait(lambda: bench.at(0.4, 0.4) == [180, 180, 180])
    colours = {tuple(colour) for colour in bench.seen().reshape(-1, 3).tolist()}
    assert len(colours) == 2, "the scan's own grey and that around it"


def test_a_picture_is_taken_away_in_the_canvas_own_graphics_context(bench: Bench, red: Pixels) -> None:
    from PyQt6.QtGui import QOffscreenSurface, QOpenGLContext

    layer = bench.lay(red)
    bench.seen()
    canvas = bench.window.stage.canvas
    other, surface = QOpenGLContext(), QOffscreenSurface()
    surface.create()
    assert other.create()
    assert other.makeCurrent(surface)
    canvas.remove(layer.key)
    assert QOpenGLContext.currentContext() == canvas._viewer.canvas.native.context()


def test_a_sixteen_bit_scan_is_shown_over_its_full_range(bench: Bench) -> None:
    bench.lay(np.full((40, 40, 1), 32768, np.uint16))
    bench.wait(lambda: abs(bench.at(0.5, 0.5)[0] - 128) <= 1)


def test_layers_lie_where_their_millimetres_say(bench: Bench, red: Pixels, blue: Pixels) -> None:
    bench.lay(red, pixels_per_mm=2.0)
    small = bench.lay(blue[:60, :80], "detail", pixels_per_mm=2.0)
    bench.window.stage.fit()
    to_screen = bench.window.stage.canvas.view.to_screen()
    for place, colour in ((QPointF(39.5, 29.5), [20, 20, 200]), (QPointF(40.5, 30.5), [200, 20, 20])):
        spot = to_screen.map(place)
        row, column = int(spot.y()), int(spot.x())
        bench.wait(lambda row=row, column=column, colour=colour: bench.seen()[row, column].tolist() == colour)
    assert small.extent.width() == 40.0


def test_the_curtain_shows_one_layer_left_and_the_other_right(
    bench: Bench, red: Pixels, blue: Pixels
) -> None:
    first, second = bench.lay(red, "VIS"), bench.lay(blue, "IRR")
    bench.do("curtain")
    bench.window.comparison.set(first=first.key, second=second.key, position=0.5)
    bench.wait(lambda: bench.at(0.45, 0.5) == [200, 20, 20])
    bench.wait(lambda: bench.at(0.55, 0.5) == [20, 20, 200])
    bench.drag((0.5, 0.5), (0.55, 0.5), (0.6, 0.5))
    assert abs(bench.window.comparison.setting.position - 0.6) < 0.01
    bench.wait(lambda: bench.at(0.55, 0.5) == [200, 20, 20])


def test_a_curtain_from_above_splits_top_and_bottom(bench: Bench, red: Pixels, blue: Pixels) -> None:
    first, second = bench.lay(red, "VIS"), bench.lay(blue, "IRR")
    bench.do("curtain")
    bench.window.comparison.set(first=first.key, second=second.key, position=0.5, upright=False)
    bench.wait(lambda: bench.at(0.5, 0.45) == [200, 20, 20])
    bench.wait(lambda: bench.at(0.5, 0.55) == [20, 20, 200])


def test_the_lens_shows_the_other_layer_inside_a_circle(bench: Bench, red: Pixels, blue: Pixels) -> None:
    first, second = bench.lay(red, "VIS"), bench.lay(blue, "IRR")
    bench.do("lens")
    bench.window.comparison.set(first=first.key, second=second.key, radius=60.0)
    centre = bench.window.stage.overlay.rect().center()
    bench.window.stage._curtain.follow(QPointF(centre))
    bench.wait(lambda: bench.at(0.5, 0.5) == [20, 20, 200])
    bench.wait(lambda: bench.at(0.3, 0.5) == [200, 20, 20])


def test_blend_mixes_and_blink_alternates(bench: Bench, red: Pixels, blue: Pixels) -> None:
    first, second = bench.lay(red, "VIS"), bench.lay(blue, "IRR")
    bench.do("blend")
    bench.window.comparison.set(first=first.key, second=second.key, mix=0.5)
    bench.wait(lambda: all(abs(found - 110) <= 2 for found in bench.at(0.5, 0.5)[::2]))
    bench.do("blink")
    bench.window.stage._blinker.stop()  # on a slow machine its own beat would come between
    seen = set()
    for _ in range(2):
        bench.window.stage._blink()
        seen.add(tuple(bench.at(0.5, 0.5)))
    assert seen == {(200, 20, 20), (20, 20, 200)}


def test_a_cut_that_is_off_hides_nothing(bench: Bench, red: Pixels) -> None:
    from widgets.canvas import Cut

    layer = bench.lay(red)
    bench.window.stage.canvas.cut(layer.key, Cut("curtain", 1e6, 0.0))
    bench.wait(lambda: bench.at(0.5, 0.5) != [200, 20, 20])
    bench.window.stage.canvas.cut(layer.key, Cut())
    bench.wait(lambda: bench.at(0.5, 0.5) == [200, 20, 20])


class Giant:
    """A picture of 900,000 × 700,000 px that exists only where it is read."""

    def __init__(self) -> None:
        sizes = [(-(-700_000 // 2**k), -(-900_000 // 2**k)) for k in range(12)]
        self.levels = tuple(Level(h, w, 3, np.dtype(np.uint8), (512, 512)) for h, w in sizes)
        self.metadata, self.damaged = Metadata(pixels_per_mm=200.0), ()
        self.largest = 0

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        self.largest = max(self.largest, (y1 - y0) * (x1 - x0))
        return np.full((y1 - y0, x1 - x0, 3), 20 * level, np.uint8)

    def close(self) -> None:
        """Nothing to give back."""


def test_a_giant_scan_is_read_only_where_and_as_finely_as_it_is_seen(bench: Bench) -> None:
    from widgets.lighttable import TableLayer, place_of

    giant = Giant()
    place, _ = place_of(giant)
    bench.window.table.add(TableLayer("giant", "Giant", "VIS", giant, place))
    bench.wait(lambda: bench.at(0.5, 0.5)[0] >= 20 * 9)
    bench.do("actual")
    bench.wait(lambda: bench.at(0.5, 0.5) == [0, 0, 0])
    assert giant.largest < 12_000_000
