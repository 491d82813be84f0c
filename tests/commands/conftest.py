"""What the tests of commands share: a small scan with losses, and a way to run a command as a script does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
import tifffile
from PIL import Image

from workstation.__main__ import main

Told: TypeAlias = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def desk(tmp_path: Path, own_studio: object) -> Path:
    """Return a folder with scan.tif (colour, 16 bit, tiled) and losses.png, and a studio that can sign."""
    folder = tmp_path / "desk"
    folder.mkdir()
    rows, columns = np.mgrid[0:120, 0:160]
    grey = 20_000 + 200 * rows + 90 * columns + np.random.default_rng(1).integers(0, 900, rows.shape)
    pixels = np.dstack([grey, grey - 3_000, grey - 9_000]).astype(np.uint16)
    tifffile.imwrite(
        folder / "scan.tif", pixels, photometric="rgb", tile=(64, 64), compression="zlib", metadata=None
    )
    marked = np.zeros((120, 160), np.uint8)
    marked[30:34, 20:60] = 255
    Image.fromarray(marked).save(folder / "losses.png")
    return folder


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Return a function that runs a command with --json and returns its exit status and its one answer."""

    def run(*words: object) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        status = main([*map(str, words), "--json"])
        printed = capsys.readouterr()
        answer: dict[str, Any] = json.loads(printed.out)
        if status == 2:
            assert printed.err == answer["error"]["message"] + "\n"
            assert "\n" not in answer["error"]["message"]
        return status, answer

    return run


def contents(folder: Path) -> dict[str, str]:
    """Return every file below a folder, hidden ones too, with its hash: equal before and after = unharmed."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(files)
    }
