"""Signing and verifying a giant BigTIFF against SHA-256 of the same file, in time and memory.

Run: python -m tests.benchmarks.bench_credentials [GIBIBYTES]

The file is sparse: its pixels take no room on the disk, so that reading costs what the memory costs
and what is measured is the work. Every case runs in a process of its own, in turn, three times; the median
counts. Sizes of credentials with a tile tree are told at the end.
"""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

RUNS = 3
CASES = {
    "SHA-256": "sha256_of(path)",
    "sign in place": "finish(sign_in_place(path, content_as_it_is(path), studio))",
    "verify": "verify(path, studio.anchor)",
    "unsign in place": "finish(unsign(path))",
}
TILED = "finish(sign_in_place(path, content_as_it_is(path), studio, tiles=True))"
NUMBERS_OF_TILES = (100, 10_000, 262_144, 1_000_000)
PREPARE = """
import sys
from pathlib import Path
from tests.benchmarks.bench_credentials import prepare
prepare(Path(sys.argv[1]), int(sys.argv[2]))
"""
SCRIPT = """
import json, resource, sys, time
from pathlib import Path
from workstation.credentials.certificates import load_studio
from workstation.credentials.door import sign_in_place, unsign
from workstation.credentials.plain import content_as_it_is
from workstation.credentials.verifying import verify
from workstation.files import sha256_of
from workstation.jobs import finish
folder, path = (Path(word) for word in sys.argv[2:])
studio = load_studio(folder)
verify(folder / "signing.pem", "")  # load the library first
start, used = time.perf_counter(), time.process_time()
result = eval(sys.argv[1])
taken, used = time.perf_counter() - start, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([taken, used, peak, str(getattr(result, "state", ""))]))
"""


SIZES = """
import json, os, resource, sys, time
from pathlib import Path
from tests.credentials.conftest import INSIDE
from workstation.credentials.certificates import load_studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import sign_in_place, unsign
from workstation.credentials.verifying import verify
from workstation.jobs import finish
from workstation.scans.tilehashes import TiledPage, TileHashes
folder, count = Path(sys.argv[1]), int(sys.argv[2])
studio, path = load_studio(folder / "studio"), folder / f"{count}.tif"
INSIDE["tiled.tif"](path)
before = path.stat().st_size
verify(path, "")  # load the library first
tiles = TileHashes((TiledPage(0, 512, 512 * count, 3, "|u1", (512, 512)),), os.urandom(count * 32))
told = Content("bench", (Action("c2pa.opened"),), (Ingredient(path, "scan"),), tiles=tiles)
start = time.perf_counter()
finish(sign_in_place(path, told, studio))
signed = time.perf_counter()
assert verify(path, studio.anchor).state == "trusted"
checked, peak = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([path.stat().st_size - before, signed - start, checked - signed, peak]))
"""


def main() -> None:
    """Print one row for each case: seconds, their ratio to hashing, CPU seconds, peak memory, verdict."""
    size = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "scan.tif"
        subprocess.run([sys.executable, "-c", PREPARE, name, str(int(size * 1024))], check=True)
        before = (path.stat().st_size, _ends(path))
        print(
            f"{time.strftime('%Y-%m-%d')}, BigTIFF of {path.stat().st_size / 2**30:.2f} GiB, {RUNS} runs each"
        )
        print(f"{'case':16} {'s':>8} {'× SHA-256':>10} {'CPU s':>8} {'peak MB':>8}  state")
        rows: dict[str, list[tuple[float, float, float, str]]] = {case: [] for case in CASES}
        for _ in range(RUNS):
            for case, code in CASES.items():
                rows[case].append(_run(code, folder / "studio", path))
            assert (path.stat().st_size, _ends(path)) == before, "undoing did not give the file back"
        base = median(row[0] for row in rows["SHA-256"])
        for case, found in rows.items():
            taken, used = (median(row[at] for row in found) for at in (0, 1))
            peak, states = max(row[2] for row in found), {row[3] for row in found}
            print(f"{case:16} {taken:8.2f} {taken / base:10.2f} {used:8.2f} {peak:8.0f}  {', '.join(states)}")
        taken, used, peak, _ = _run(TILED, folder / "studio", path)
        print(f"{'with all tiles':16} {taken:8.2f} {taken / base:10.2f} {used:8.2f} {peak:8.0f}  (once)")
        _sizes(folder)


def _sizes(folder: Path) -> None:
    print(f"\n{'tiles':>10} {'credential':>12} {'sign s':>8} {'verify s':>8} {'peak MB':>8}")
    for count in NUMBERS_OF_TILES:
        words = [sys.executable, "-c", SIZES, str(folder), str(count)]
        made = subprocess.run(words, capture_output=True, check=True, text=True)
        size, sign, verify, peak = json.loads(made.stdout)
        print(f"{count:10,} {size:12,} {sign:8.2f} {verify:8.2f} {peak:8.0f}")


def _run(code: str, studio: Path, path: Path) -> tuple[float, float, float, str]:
    words = [sys.executable, "-c", SCRIPT, code, str(studio), str(path)]
    made = subprocess.run(words, capture_output=True, check=True, text=True)
    taken, used, peak, state = json.loads(made.stdout)
    return taken, used, peak, state


def _ends(path: Path) -> str:
    """Return a hash of the first and last megabyte, between which there are only zeros."""
    with path.open("rb") as file:
        start = file.read(1 << 20)
        file.seek(-(1 << 20), 2)
        return hashlib.sha256(start + file.read()).hexdigest()


def prepare(folder: Path, mebibytes: int) -> None:
    """Make a studio and a sparse BigTIFF of tiles of 512 × 512 RGB pixels, without compression."""
    from workstation.credentials.certificates import create_studio

    create_studio(folder / "studio", studio="Bench", person="Bench")
    tile, across = 512 * 512 * 3, 160
    down = max(1, round(mebibytes * 2**20 / tile / across))
    count = across * down
    tags = [(256, 4, 1, across * 512), (257, 4, 1, down * 512), (258, 3, 3, 8 | 8 << 16 | 8 << 32),
            (259, 3, 1, 1), (262, 3, 1, 2), (277, 3, 1, 3), (322, 3, 1, 512), (323, 3, 1, 512)]  # fmt: skip
    start = 16
    pixels = start + 8 + (len(tags) + 2) * 20 + 8 + count * 16
    tags += [(324, 16, count, pixels - count * 16), (325, 16, count, pixels - count * 8)]
    with (folder / "scan.tif").open("wb") as file:
        file.write(b"II+\0" + struct.pack("<HHQ", 8, 0, start) + struct.pack("<Q", len(tags)))
        for tag in tags:
            file.write(struct.pack("<HHQQ", *tag))
        file.write(struct.pack("<Q", 0))
        file.write(struct.pack(f"<{count}Q", *(pixels + at * tile for at in range(count))))
        file.write(struct.pack(f"<{count}Q", *[tile] * count))
        file.truncate(pixels + count * tile)


if __name__ == "__main__":
    main()
