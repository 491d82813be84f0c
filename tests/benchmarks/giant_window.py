"""One window in a process of its own: a giant is opened in it, moved, and looked at in many places.

The same window also shows the arrays of tifffile + zarr or of dask, in place of ours and all else alike.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PyQt6.QtCore import QEventLoop, QPointF, QTimer

STEPS, VIEWS = 40, 200
FEWER = 4
"""Others make so many times fewer steps: they take minutes as it is."""
LONGEST = 60.0
"""Seconds after which a step has failed."""


class Watch:
    """Waits in the event loop until a picture is complete on the screen; times how long that loop stood."""

    def __init__(self, application: Any, window: Any) -> None:
        self.application, self.window = application, window
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._drawn = self._loaded = self.worked = 0.0
        self._heart = QTimer()
        self._heart.timeout.connect(self._beat)
        self._heart.start(1)

    def watch_drawing(self) -> None:
        """Begin to note when the canvas was drawn."""
        self.window.stage.canvas._viewer.canvas._scene_canvas.events.draw.connect(
            self._note_drawn, position="last"
        )

    def watch_layer(self) -> None:
        """Begin to note when the layer's pixels have come."""
        self.image.events.set_data.connect(self._note_loaded)

    @property
    def image(self) -> Any:
        """The layer on the canvas."""
        return next(iter(self.window.stage.canvas._images.values()))

    def until(self, done: Callable[[], bool]) -> None:
        """Let the window live until something is so."""
        end = time.perf_counter() + LONGEST
        while not done():
            self.application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.perf_counter() > end:
                raise SystemExit("the window did not come to rest")

    def step(self, act: Callable[[], None]) -> tuple[float, float]:
        """Do something and return the ms until its picture was complete and shown, and the longest block."""
        self.rest()
        start = self._last = time.perf_counter()
        worked = time.thread_time()
        self.gaps.clear()
        self._drawn = self._loaded = 0.0
        act()
        self.until(self.complete)
        beats = len(self.gaps)
        self.until(lambda: len(self.gaps) > beats)  # Qt has brought the drawing to the screen by then
        self.worked = (time.thread_time() - worked) * 1000
        return (self._last - start) * 1000, max(self.gaps, default=0.0) * 1000

    def repaint(self) -> None:
        """Have the canvas drawn again, as it is."""
        self.window.stage.canvas._viewer.canvas._scene_canvas.update()

    def complete(self) -> bool:
        """Whether all pixels asked for are on the screen."""
        return bool(self._drawn > self._loaded and self.image.loaded)

    def rest(self) -> None:
        """Let everything that is still going on come to its end."""
        quiet = time.perf_counter() + 0.06
        self.until(lambda: time.perf_counter() > quiet)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now

    def _note_drawn(self, *_: object) -> None:
        self._drawn = time.perf_counter()

    def _note_loaded(self, *_: object) -> None:
        self._loaded = time.perf_counter()


def main(path: Path, arrays: str = "ours", within: int = 0) -> None:
    """Print as JSON what the window took; the process ends after `within` seconds, done or not."""
    signal.alarm(within)
    watch, fewer = new_window(), 1
    if arrays != "ours":
        fewer = FEWER
        show_instead(path, arrays)
    first = first_picture(watch, path)
    found = {"first picture, s": [first] * 3}
    blocks: list[float] = []
    worked: list[float] = []

    def timed(name: str, acts: list[Callable[[], None]]) -> None:
        taken = []
        for act in acts:
            taken.append(watch.step(act))
            worked.append(watch.worked)
        blocks.extend(block for _, block in taken)
        found[name] = spread_of([step for step, _ in taken])

    stage, rng = watch.window.stage, np.random.default_rng(0)
    watch.step(stage.actual)
    timed("pan, ms", [lambda: stage.push(-350, -200)] * (STEPS // fewer))
    there_and_back = [0.5] * 9 + [2] * 9
    timed("zoom, ms", [lambda f=f: stage.zoom(f) for f in there_and_back * (2 if fewer == 1 else 1)])
    places = [_look(watch, rng) for _ in range(VIEWS // fewer)]
    timed("random view, ms", places)
    timed("view seen before, ms", [act for _ in range(STEPS // fewer // 2) for act in places[:2]][2:])
    found["event loop blocked by a step, ms"] = spread_of(blocks)
    bare = [watch.step(watch.repaint)[1] for _ in range(STEPS)]
    found["the same by a mere repaint, ms"] = spread_of(bare)
    found["CPU of the window's thread, a step, ms"] = spread_of(worked)
    found["memory after all views, MB"] = [peak_memory()] * 3
    assert _coloured(watch.window), "the canvas stayed empty"
    print(json.dumps(found), flush=True)
    os._exit(0)


def spread_of(figures: list[float]) -> list[float]:
    """Return the median, the 95th percentile and the worst."""
    return [float(np.percentile(figures, share)) for share in (50, 95, 100)]


def show_instead(path: Path, arrays: str) -> None:
    """Let the canvas have other arrays than ours."""
    import widgets.stage

    def others(*_: object) -> list[Any]:
        return zarr_levels(path) if arrays == "zarr" else dask_levels(path)

    module: Any = sys.modules.get("widgets.pictures", widgets.stage)
    module.arrays_of = others


def zarr_levels(path: Path) -> list[Any]:
    """Return the levels as tifffile hands them over to zarr."""
    import tifffile
    import zarr

    group = zarr.open_group(tifffile.TiffFile(path).aszarr(), mode="r")
    return [group[str(level)] for level in range(len(list(group)))]


def dask_levels(path: Path) -> list[Any]:
    """Return the same as dask arrays."""
    import dask.array

    return [dask.array.from_zarr(level) for level in zarr_levels(path)]


def new_window() -> Watch:
    from widgets.application import make_application
    from workstation.app import make_window

    application = make_application()
    window = make_window()
    window.resize(1600, 1000)
    window.show()
    watch = Watch(application, window)
    ready: list[bool] = []
    window.ready.connect(lambda: ready.append(True))
    window.load_canvas()
    watch.until(lambda: bool(ready))
    for _ in range(10):
        watch.rest()
    return watch


def first_picture(watch: Watch, path: Path) -> float:
    watch.watch_drawing()
    started = time.perf_counter()
    watch.window.open([path])
    watch.until(lambda: bool(watch.window.table.layers))
    watch.watch_layer()
    watch._drawn, watch._loaded = 0.0, time.perf_counter()
    watch.until(watch.complete)
    beats = len(watch.gaps)
    watch.until(lambda: len(watch.gaps) > beats)
    return watch._last - started


def _look(watch: Watch, rng: np.random.Generator) -> Callable[[], None]:
    """Return the way to a random place at a random scale."""
    extent = watch.window.table.extent
    place = QPointF(*(rng.uniform(0.05, 0.95) * size for size in (extent.width(), extent.height())))
    zoom = watch.window.table.current.px_per_unit / 2 ** rng.uniform(0, 8)

    def look() -> None:
        from dataclasses import replace

        canvas = watch.window.stage.canvas
        canvas.look(replace(canvas.view, x=place.x(), y=place.y(), zoom=zoom))

    return look


def _coloured(window: Any) -> bool:
    image = window.stage.canvas.framebuffer()
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    return max(middle.red(), middle.green()) - middle.blue() > 5


def peak_memory() -> float:
    return int(re.findall(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[0]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3], *map(int, sys.argv[3:4]))
