"""One TIFF read to its end in a process of its own: opened, refused in one sentence, or as others read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.scans.test_damage import one_sentence
from tests.scans.test_real_tiffs import outcome, refusal
from workstation.jobs import finish
from workstation.scans.checking import check_file


def read(path: Path, fact: dict[str, Any]) -> dict[str, Any]:
    """Return what became of a file, in words, and the most memory that this process had."""
    words = refusal(path)
    if words is not None:
        kind = "refused in one sentence" if one_sentence(words) else "not one sentence"
        return {"outcome": kind, "words": words, "megabytes": _megabytes()}
    damage = finish(check_file(path))
    kind, words = "opened, damage named" if damage else "opened", ""
    if fact.get("mean_agrees_with"):
        words = outcome(path, fact)
        kind = "pixels as two decoders agree" if words == "equal" else "differs"
    return {"outcome": kind, "words": words, "megabytes": _megabytes()}


def _megabytes() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
