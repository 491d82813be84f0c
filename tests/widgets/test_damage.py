from __future__ import annotations

from pathlib import Path

import numpy as np
import tifffile
from PyQt6.QtWidgets import QApplication

from tests.scans.test_hatch import flipped
from tests.widgets.conftest import Bench
from widgets.damage_list import DamageList
from widgets.lighttable import LightTable, TableLayer
from workstation.scans.source import NOWHERE, ArraySource, Box, Damage, Pixels

STRIPES = {(0, 0, 0), (255, 0, 255)}


def near(pixels: Pixels, x: float, y: float) -> set[tuple[int, ...]]:
    """Return the colours of 40 px at a part of what was seen."""
    row, column = int(y * pixels.shape[0]), int(x * pixels.shape[1])
    return {tuple(colour) for colour in pixels[row, column : column + 40].tolist()}


def test_a_damaged_tile_is_a_hatch_on_the_canvas_and_stands_in_the_lists(
    bench: Bench, tmp_path: Path
) -> None:
    layer = bench.open(flipped(tmp_path / "broken.tif", 3))
    bench.window.stage.canvas.smooth(False)
    damage = bench.window.tasks.widget(0).damage
    bench.wait(lambda: damage.list.count() == 1)
    assert damage.head.text() == "1 damaged tile"
    assert "1 damaged tile" in bench.window.layers.row_of(layer)._facts._whole
    bench.do("actual")
    damage.list.itemActivated.emit(damage.list.item(0))
    bench.wait(lambda: near(bench.seen(), 0.5, 0.5) == STRIPES)
    assert abs(bench.window.stage.canvas.view.x - (256 + 500) / 2 / layer.px_per_unit) < 1e-6
    assert layer.scan.damaged[0].row == 1


def test_the_hatch_is_part_of_its_layer_for_opacity_and_curtain(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "under.tif"
    tifffile.imwrite(
        path, np.full((600, 500, 3), (20, 200, 20), np.uint8), tile=(256, 256), photometric="rgb"
    )
    under = bench.open(path)
    layer = bench.open(flipped(tmp_path / "broken.tif", 0))
    for _ in range(2):  # the window's canvas takes its size from the first picture's fit
        bench.window.stage.fit()
    bench.window.stage.canvas.smooth(False)
    bench.window.table.look(layer, opacity=0.5)
    extent = layer.extent
    spot = bench.window.stage.canvas.view.to_screen().map(extent.center() - extent.bottomRight() * 0.25)

    def colours() -> set[tuple[int, ...]]:
        row = bench.seen()[int(spot.y()), int(spot.x()) : int(spot.x()) + 40]
        return {tuple(round(v / 10) for v in colour) for colour in row.tolist()}

    mixed = {(1, 10, 1), (14, 10, 14)}
    bench.wait(lambda: colours() == mixed)
    bench.do("curtain")
    bench.window.comparison.set(first=under.key, second=layer.key, position=0.99)
    bench.wait(lambda: colours() == {(2, 20, 2)})
    bench.window.comparison.set(position=0.01)
    bench.wait(lambda: colours() == {(0, 0, 0), (26, 0, 26)})


def test_the_ring_around_a_view_at_rest_is_in_the_cache_before_anybody_moves(
    bench: Bench, tmp_path: Path
) -> None:
    from workstation.scans.cache import TILES

    path = tmp_path / "wide.tif"
    noise = np.random.default_rng(4).integers(0, 256, (4096, 4096), np.uint8)
    tifffile.imwrite(path, noise, tile=(256, 256), compression="zstd", resolution=(508, 508))
    bench.open(path)
    stage = bench.window.stage
    stage.actual()
    bench.wait(lambda: stage.canvas.complete and stage.canvas.seen()[0][0].index == 0)
    _, (y0, y1, x0, x1) = stage.canvas.seen()[0]
    ring = ((y1 - y0) // 256 + 2) * ((x1 - x0) // 256 + 2)
    bench.wait(lambda: sum(tile.shape[0] == 256 for tile in list(TILES._tiles.values())) >= ring)


def broken(key: str, *boxes: Box) -> TableLayer:
    """Return a layer with a damaged tile at each box."""
    source = ArraySource(np.ones((64, 64), np.uint8))
    source.damaged = tuple(Damage(0, 0, row, 0, f"tile {row}", box) for row, box in enumerate(boxes, 5))
    return TableLayer(key, key, "VIS", source, np.eye(3))


def test_the_chosen_row_stays_whatever_is_found_and_other_layers_change_nothing(qapp: QApplication) -> None:
    table = LightTable()
    shown = DamageList(table)
    other, layer = broken("other"), broken("layer", (0, 8, 0, 8), (8, 16, 0, 8))
    for each in (other, layer):
        table.add(each)
    shown.list.setCurrentRow(1)
    row = shown.list.item(1)
    table.damage_found.emit(other)
    assert shown.list.item(1) is row
    layer.scan.damaged = (Damage(0, 0, 1, 0, "new", (0, 2, 0, 2)), *layer.scan.damaged)
    table.damage_found.emit(layer)
    assert shown.list.count() == 3
    assert shown.list.currentItem().text() == "Level 0, row 6, column 0: tile 6"
    table.choose(other)
    assert shown.list.count() == 0


def test_damage_without_a_known_place_is_said_to_be_so_and_leads_nowhere(qapp: QApplication) -> None:
    table = LightTable()
    shown, wanted = DamageList(table), []
    table.place_wanted.connect(wanted.append)
    table.add(broken("layer", NOWHERE))
    item = shown.list.item(0)
    assert item.text() == "Place unknown: tile 5"
    assert not item.toolTip()
    assert "stripes" not in shown.words.text()
    shown.list.itemActivated.emit(item)
    assert wanted == []
    table.add(broken("placed", (0, 8, 0, 8)))
    assert "stripes" in shown.words.text()
    shown.list.itemActivated.emit(shown.list.item(0))
    assert len(wanted) == 1
