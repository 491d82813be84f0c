"""How soon the window is there, and how soon the demonstration painting: each time in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from statistics import median
from typing import Any

RUNS = 3
CHILD = """
import json, os, sys, time
start = time.perf_counter()
from widgets.application import make_application
from workstation.app import make_window
application = make_application()
window = make_window()
window.show()
application.processEvents()
shown = time.perf_counter() - start, time.process_time()
gaps, last = [], [time.perf_counter()]
def tick():
    now = time.perf_counter(); gaps.append(now - last[0]); last[0] = now
from PyQt6.QtCore import QEventLoop, QTimer
timer = QTimer(); timer.timeout.connect(tick); timer.start(10)
window.load_canvas()
window.ready.connect(window.demonstrate)
def live(): # a busy loop here would be charged to the window
    application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
while not window.table.layers:
    live()
importing = sorted(gaps)
def coloured():
    image = window.stage.canvas.framebuffer()
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    return max(middle.red(), middle.green()) - middle.blue() > 5
while not coloured():
    live()
painted = time.perf_counter() - start, time.process_time()
assert "torch" not in sys.modules
memory = int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))) / 1024
print(json.dumps({
    "window": shown, "picture": painted, "gap95": importing[int(0.95 * len(importing))], "gap": importing[-1],
    "memory": memory,
}), flush=True)
os._exit(0)
"""


def main() -> None:
    """Print one table: the first start of all paints the demonstration, the later ones open its files."""
    with tempfile.TemporaryDirectory() as home:
        first = _measure(home)
        _paint(home)
        found = [_measure(home) for _ in range(RUNS)]
    print(f"{'window (median of ' + str(RUNS) + ')':44} {'wall s':>8} {'CPU s':>8}")
    for name, key in (("own window visible", "window"), ("demonstration painting visible", "picture")):
        wall, spent = (median(run[key][part] for run in found) for part in (0, 1))
        print(f"{name:44} {wall:8.2f} {spent:8.2f}")
    wall, spent = first["picture"]
    print(f"{'the same where it was never painted (once)':44} {wall:8.2f} {spent:8.2f}")
    for name, key in (
        ("timer gap while loading, 95 %", "gap95"),
        ("timer gap while loading, largest", "gap"),
    ):
        print(f"{name:44} {median(run[key] for run in found):8.3f}")
    print(f"{'memory at its peak, MB':44} {median(run['memory'] for run in found):8.0f}")


def _paint(home: str) -> None:
    """Paint all layers of the demonstration, as `make run` does while it sets up."""
    environment = {**os.environ, "WORKSTATION_HOME": home}
    subprocess.run([sys.executable, "-m", "workstation.phantom.kept"], env=environment, check=True)


def _measure(home: str) -> dict[str, Any]:
    prefix = [] if os.environ.get("DISPLAY") else ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
    command = [*prefix, sys.executable, "-W", "ignore", "-c", CHILD]
    environment = {**os.environ, "WORKSTATION_HOME": home}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    main()
