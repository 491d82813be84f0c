"""Throw changed TIFFs at the reader until something breaks, guided by the lines they reach (atheris).

    make fuzz                 ten minutes, both targets
    make fuzz SECONDS=60

A finding ends the run and leaves its bytes in a file named crash-…, timeout-… or oom-…. Once it is mended,
take it into the corpus by `python -m tests.fuzz.corpus add FILE…`; `make test` replays that.
"""

from __future__ import annotations

import os
import random
import struct
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["workstation.scans", "tifffile"]):
    from tests.fuzz.corpus import corpus
    from tests.fuzz.seeds import seeds
    from tests.fuzz.targets import TARGETS, look
    from workstation.scans import crew

_NUMBERS = (*range(10), 15, 16, 17, 31, 32, 255, 256, 4095, 65535, 1 << 24, 2**31 - 1, 2**31, 2**32 - 1)
_LARGEST = 1 << 16


def main(target: str, seconds: int) -> None:
    """Fuzz one target for so many seconds."""
    crew.THREADS = 1  # a finding must come again from the same bytes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(os.environ.get("CORPUS", name))
        folder.mkdir(exist_ok=True)
        _start_with(folder)
        limits = ["-timeout=5", "-rss_limit_mb=1024", f"-max_len={_LARGEST}", f"-max_total_time={seconds}"]
        atheris.Setup(
            [sys.argv[0], *limits, "-print_final_stats=1", *_more(), str(folder)],
            lambda data: look(TARGETS[target], data),
            custom_mutator=_mutated,
        )
        atheris.Fuzz()


def _start_with(folder: Path) -> None:
    """Write the seeds, what was found before, and any small TIFFs in the folder named by SEEDS.

    What the run reaches is kept where CORPUS names a folder.
    """
    scratch = folder / "scratch"
    scratch.mkdir()
    for name, data in (seeds(scratch) | corpus()).items():
        (folder / name.replace(" ", "-").replace("/", "-")).write_bytes(data)
    for path in scratch.iterdir():
        path.unlink()
    scratch.rmdir()
    for path in sorted(Path(os.environ["SEEDS"]).rglob("*")) if "SEEDS" in os.environ else ():
        if path.is_file() and path.stat().st_size <= _LARGEST and path.suffix != ".json":
            (folder / f"seed-{path.name}").write_bytes(path.read_bytes())


def _more() -> list[str]:
    """Return further options of libFuzzer, such as the place where findings go."""
    return os.environ.get("FUZZER", "").split()


def _mutated(data: bytes, most: int, seed: int) -> bytes:
    """Change bytes blindly, or fields of the first directory, which blind changes seldom keep whole."""
    dice = random.Random(seed)
    fields = _fields(data)
    if not fields or dice.random() < 0.5:
        return bytes(atheris.Mutate(data, most))
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        at, size = dice.choice(fields)
        value = dice.choice(_NUMBERS) if dice.random() < 0.7 else dice.randrange(len(data) + 16)
        order = "little" if data[:1] == b"I" else "big"
        changed[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, order)  # type: ignore[arg-type]
    return bytes(changed[:most])


def _fields(data: bytes) -> list[tuple[int, int]]:
    """Return place and size of the fields of the first directory of a TIFF: code, kind, count and value."""
    try:
        order = "<" if data[:2] == b"II" else ">"
        big = struct.unpack(order + "H", data[2:4])[0] == 43
        first = struct.unpack(order + ("Q" if big else "I"), data[8:16] if big else data[4:8])[0]
        count = struct.unpack(order + ("Q" if big else "H"), data[first : first + (8 if big else 2)])[0]
    except struct.error:
        return []
    head, size = (8, 20) if big else (2, 12)
    parts = ((0, 2), (2, 2), (4, 8), (12, 8)) if big else ((0, 2), (2, 2), (4, 4), (8, 4), (8, 2))
    starts = range(first + head, min(first + head + min(count, 40) * size, len(data) - size), size)
    return [(start + at, length) for start in starts for at, length in parts]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
