"""340 odd, old and malformed TIFFs, each in a process of its own with 1 GB and 20 s: what becomes of them.

The files lie beside the project where present; what two other decoders agree on is in their `expected.json`.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import time
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.benchmarks.format_reading import read
from tests.conftest import SHARED

SECONDS, GIGABYTE = 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one file."""

    name: str
    outcome: str
    seconds: float
    megabytes: float
    words: str


def main() -> None:
    """Print how many files had which outcome, the worst of them, and all that are not as they should be."""
    folder = SHARED / "tiffs"
    if not folder.is_dir():
        print("the folder of odd TIFFs is not here")
        return
    facts = json.loads((folder / "expected.json").read_text())
    found = [_look(folder, name, facts[name]) for name in facts]
    for outcome, number in Counter(one.outcome for one in found).most_common():
        print(f"  {number:4}  {outcome}")
    slowest, heaviest = max(found, key=lambda one: one.seconds), max(found, key=lambda one: one.megabytes)
    print(f"  slowest {slowest.seconds:.1f} s ({slowest.name})")
    print(f"  most memory {heaviest.megabytes:.0f} MB ({heaviest.name})")
    for one in found:
        if one.outcome in ("differs", "crash", "too slow", "traceback", "not one sentence"):
            print(f"  {one.outcome}: {one.name}: {one.words}")
        if one.outcome.startswith("refused") and "damaged" not in one.words:
            print(f"  not read: {one.words}")


def _look(folder: Path, name: str, fact: dict[str, Any]) -> Found:
    started = time.perf_counter()
    processes = multiprocessing.get_context("fork")
    ours, theirs = processes.Pipe()
    child = processes.Process(target=_child, args=(theirs, folder / name, fact))
    child.start()
    theirs.close()
    child.join(SECONDS)
    seconds = time.perf_counter() - started
    if child.is_alive():
        child.kill()
        return Found(name, "too slow", seconds, 0, "")
    if child.exitcode:
        return Found(name, "crash", seconds, 0, f"ended by signal {-child.exitcode}")
    answer = ours.recv()
    return Found(
        name, answer["outcome"], seconds, answer["megabytes"], answer["words"].replace(str(folder), "…")
    )


def _child(answers: Connection, path: Path, fact: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (GIGABYTE, GIGABYTE))
    os.nice(5)
    try:
        answers.send(read(path, fact))
    except Exception as error:  # noqa: BLE001  (any is a finding)
        answers.send({"outcome": "traceback", "words": repr(error), "megabytes": 0.0})


if __name__ == "__main__":
    main()
