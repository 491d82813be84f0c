"""ImageMagick as a third reader of our TIFFs; tests skip where it is absent."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_TELL = "%p of %n, %wx%h %O, %m, %[channels], %z bit, %xx%y %U, %[orientation], pixels %#\\n%[*]\\n"


def magick_view(path: Path) -> list[str]:
    """Return what ImageMagick says of each page: size, hash of its pixels, properties; [] = unread.

    ImageMagick 6 is called identify, 7 magick.
    """
    words = next(([name] for name in ("identify", "magick") if shutil.which(name)), None)
    if words is None:
        pytest.skip("ImageMagick is not installed")
    words += ["identify"] * (words == ["magick"])
    told = [*words, "-quiet", "-format", _TELL, str(path)]
    done = subprocess.run(told, capture_output=True, text=True, errors="replace", timeout=60)
    changing = ("date:", "filename", "tempfile")
    found = [line.strip() for line in done.stdout.splitlines() if not line.strip().startswith(changing)]
    return [] if done.returncode else found
