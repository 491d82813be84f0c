"""The Khronos validator as a judge of our GLB files; tests skip where Node or the validator is absent."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.node import node

FOLDER = Path(__file__).resolve().parents[1] / "khronos"


def judged(glb: Path) -> dict[str, Any]:
    """Return the validator's report on a file."""
    if not (FOLDER / "node_modules" / "gltf-validator").is_dir():
        pytest.skip("the Khronos validator is not installed: npm ci --ignore-scripts in tests/khronos")
    done = subprocess.run(
        [node(), str(FOLDER / "validate.js"), str(glb)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def assert_clean(glb: Path) -> dict[str, Any]:
    """Assert that the validator has nothing at all to say, and return its report."""
    report = judged(glb)
    issues = report["issues"]
    found = [issues[kind] for kind in ("numErrors", "numWarnings", "numInfos", "numHints")]
    assert found == [0, 0, 0, 0], issues["messages"]
    return report
