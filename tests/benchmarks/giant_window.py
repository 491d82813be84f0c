"""One window in a process of its own: a giant is opened in it, moved, and looked at in 200 places."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PyQt6.QtCore import QEventLoop, QPointF, QTimer

STEPS, VIEWS = 40, 200
LONGEST = 60.0
"""Seconds after which a step has failed."""


class Watch:
    """Waits in the event loop until a picture is complete on the screen; times how long that loop stood."""

    def __init__(self, application: Any, window: Any) -> None:
        self.application, self.window = application, window
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._drawn = self._loaded = 0.0
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
        """Do something and return the ms until its picture was complete, and the longest block."""
        self.rest()
        start = self._last = time.perf_counter()
        self.gaps.clear()
        self._drawn = self._loaded = 0.0
        act()
        self.until(self.complete)
        beats = len(self.gaps)
        self.until(lambda: len(self.gaps) > beats)  # what Qt does after the drawing blocks it as well
        return (self._drawn - start) * 1000, max(self.gaps, default=0.0) * 1000

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


def main(path: Path) -> None:
    """Print as JSON what the window took."""
    watch = _window()
    first = _first_picture(watch, path)
    found = {"first picture, s": [first] * 3}
    blocks: list[float] = []

    def timed(name: str, acts: list[Callable[[], None]]) -> None:
        taken = [watch.step(act) for act in acts]
        blocks.extend(block for _, block in taken)
        found[name] = spread_of([step for step, _ in taken])

    stage, rng = watch.window.stage, np.random.default_rng(0)
    watch.step(stage.actual)
    timed("pan, ms", [lambda: stage.push(-350, -200)] * STEPS)
    timed("zoom, ms", [lambda f=f: stage.zoom(f) for f in [0.5] * 9 + [2] * 9 + [0.5] * 9 + [2] * 9])
    places = [_look(watch, rng) for _ in range(VIEWS)]
    timed("random view, ms", places)
    timed("view seen before, ms", [act for _ in range(STEPS // 2) for act in places[:2]][2:])
    found["event loop blocked by a step, ms"] = spread_of(blocks)
    bare = [watch.step(stage.canvas.surface.update)[1] for _ in range(STEPS)]
    found["the same by a mere repaint, ms"] = spread_of(bare)
    found["memory after 200 views, MB"] = [_peak()] * 3
    assert _coloured(watch.window), "the canvas stayed empty"
    print(json.dumps(found), flush=True)
    os._exit(0)


def spread_of(figures: list[float]) -> list[float]:
    """Return the median, the 95th percentile and the worst."""
    return [float(np.percentile(figures, share)) for share in (50, 95, 100)]


def _window() -> Watch:
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


def _first_picture(watch: Watch, path: Path) -> float:
    watch.watch_drawing()
    started = time.perf_counter()
    watch.window.open([path])
    watch.until(lambda: bool(watch.window.table.layers))
    watch.watch_layer()
    watch._drawn, watch._loaded = 0.0, time.perf_counter()
    watch.until(watch.complete)
    return watch._drawn - started


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


def _peak() -> float:
    return int(re.findall(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[0]) / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
