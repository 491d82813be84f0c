"""A small exhibit with its pictures, made up for the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.comparison.pictures import noisy, painted

WORDS = {"en": "A harbour", "de": "Ein Hafen"}


def values() -> dict[str, Any]:
    """Return a description that uses everything."""
    return {
        "//": "a comment",
        "exhibit": 1,
        "languages": ["en", "de"],
        "title": dict(WORDS),
        "alt": dict(WORDS),
        "copyright": "Museum",
        "texture_px": 256,
        "painting": {"width_mm": 400, "height_mm": 300, "picture": "scan.png"},
        "overlays": [
            {
                "picture": "restored.png",
                "show": "changes",
                "mask": "mask.png",
                "title": dict(WORDS),
                "alt": dict(WORDS),
            },
            {"picture": "infrared.png", "opacity": 0.8, "title": dict(WORDS), "alt": dict(WORDS)},
        ],
        "hotspots": [{"mm": [100, 75.5], "title": dict(WORDS), "text": dict(WORDS), "alt": dict(WORDS)}],
    }


def written(folder: Path, description: dict[str, Any] | None = None) -> Path:
    """Write the pictures and the description, and return the description's path."""
    scan = painted(300, 400)
    restored, mask = scan.copy(), np.zeros((300, 400), np.uint8)
    restored[100:160, 200:260] = 255 - noisy(scan[100:160, 200:260], 30)
    mask[90:140, 190:270] = 255
    grey = 255 - scan[::2, ::2, 1]
    for name, pixels in (("scan", scan), ("restored", restored), ("mask", mask), ("infrared", grey)):
        Image.fromarray(pixels).save(folder / f"{name}.png")
    target = folder / "harbour.json"
    target.write_text(json.dumps(values() if description is None else description), encoding="utf-8")
    return target
