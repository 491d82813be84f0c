"""One window in a process of its own: a flat scan is opened in it and moved while it is seen small."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.giant_window import first_picture, new_window, peak_memory

STEPS = 24


def main(path: Path, how: str) -> None:
    """Print as JSON what the window took: with the levels being built `beside`, or `alone`."""
    watch = new_window()
    window = watch.window
    first = first_picture(watch, path)
    if how == "alone":
        window.keeping.stop()
        watch.until(lambda: not window.jobs.running)
    else:
        watch.until(lambda: _is_building(window))
    window.stage.zoom(2)
    moves = [(-350.0, -200.0)] * (STEPS // 4) + [(350.0, -200.0)] * (STEPS // 4)
    steps = [
        watch.step(lambda m=move: window.stage.push(*m)) for move in (*moves, *((-x, -y) for x, y in moves))
    ]
    taken, blocked = (np.array(figures) for figures in zip(*steps, strict=True))
    told = {
        "first": first,
        "median": float(np.median(taken)),
        "p95": float(np.percentile(taken, 95)),
        "blocked": float(np.percentile(blocked, 95)),
        "memory": peak_memory(),
        "still building": _is_building(window),
    }
    print(json.dumps(told), flush=True)
    os._exit(0)


def _is_building(window: Any) -> bool:
    return any(job.title.startswith("Building levels") for job in window.jobs.running)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
