"""A replay against the render it repeats: time and memory, for each operation and all after one another.

Each part is done by a process of its own. The replay judges the credential, hashes the scan, computes every
pixel and compares it; the render writes two pyramids besides, reads them back and signs them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.processes import run
from workstation.credentials.certificates import create_studio, load_studio
from workstation.demonstration import treatment
from workstation.jobs import finish
from workstation.operations.noise import SuppressNoise
from workstation.operations.treatment import Step, Treatment
from workstation.phantom.exporting import export_phantom, scan_name
from workstation.phantom.phantom import Phantom

WIDTHS = (2000, 4000)
OURSELVES: list[object] = [sys.executable, "-m", "tests.benchmarks.bench_replay"]
WORKS = ("thin-varnish", "fill-losses", "suppress-noise", "all three")


def main() -> None:
    """Print for each treatment what render and replay took."""
    print(f"{'treatment':15} {'px':>11}   {'render':>8} {'CPU':>7} {'memory':>8}", end="")
    print(f"   {'replay':>8} {'CPU':>7} {'memory':>8}   {'share':>6}")
    with tempfile.TemporaryDirectory() as name:
        os.environ["WORKSTATION_HOME"] = str(Path(name) / "home")
        create_studio(Path(name) / "studio", studio="Benchmark", person="Benchmark")
        for width in WIDTHS:
            run([*OURSELVES, "make", name, width, ""])
            for work in WORKS:
                render = run([*OURSELVES, "render", name, width, work])
                replay = run([*OURSELVES, "replay", name, width, work])
                both = "   ".join(
                    f"{t.wall:6.1f} s {t.cpu:5.1f} s {t.megabytes:5.0f} MB" for t in (render, replay)
                )
                size = f"{width} × {width * 3 // 4}"
                print(f"{work:15} {size:>11}   {both}   {100 * replay.wall / render.wall:4.0f} %", flush=True)


def _treatment(work: str, width: int) -> Treatment:
    varnish, losses = treatment(Phantom(width)).steps
    steps = {"thin-varnish": varnish, "fill-losses": losses, "suppress-noise": Step(SuppressNoise())}
    return Treatment(tuple(steps.values()) if work == "all three" else (steps[work],))


def _work(part: str, folder: Path, width: int, work: str) -> None:
    """Do one part of the measurement in this process."""
    from workstation.credentials.recalling import recall
    from workstation.operations.exporting import restore
    from workstation.operations.replaying import Asked, replay

    studio = load_studio(folder / "studio")
    scan = folder / f"{width}" / scan_name(Phantom(width), "VIS")
    result = folder / f"{width}-{work}.tif"
    if part == "make":
        finish(export_phantom(Phantom(width), scan.parent, studio, ("VIS",), truth=False))
    elif part == "render":
        finish(restore(scan, _treatment(work, width), result, studio))
    else:
        done = finish(replay(Asked(result, scan), recall(result, studio.anchor)))
        assert done.state == "identical", done


if __name__ == "__main__":
    _work(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
