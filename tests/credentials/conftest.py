"""A studio of the test's own, and pictures to sign."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from workstation.credentials.certificates import Studio, create_studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export

RGB = np.random.default_rng(7).integers(0, 255, (96, 128, 3), dtype=np.uint8)
DEEP = np.random.default_rng(8).integers(0, 65535, (96, 128, 3), dtype=np.uint16)

Maker = Callable[[Path], None]


def pyramid(path: Path, big: bool) -> None:
    """Write three levels in SubIFDs."""
    with tifffile.TiffWriter(path, bigtiff=big) as file:
        options = {"photometric": "rgb", "tile": (32, 32), "metadata": None}
        file.write(DEEP, subifds=2, **options)
        for level in (1, 2):
            file.write(DEEP[:: 2**level, :: 2**level], subfiletype=1, **options)


def pages(path: Path) -> None:
    """Write a visible and an infrared page."""
    with tifffile.TiffWriter(path) as file:
        file.write(RGB, photometric="rgb", metadata=None)
        file.write(RGB[..., 0], photometric="minisblack", metadata=None)


INSIDE: dict[str, Maker] = {
    "striped.tif": lambda path: tifffile.imwrite(
        path, RGB, photometric="rgb", metadata=None, description="a"
    ),
    "tiled.tif": lambda path: tifffile.imwrite(path, DEEP, photometric="rgb", metadata=None, tile=(32, 32)),
    "motorola.tif": lambda path: tifffile.imwrite(
        path, DEEP, photometric="rgb", metadata=None, byteorder=">"
    ),
    "deflated.tif": lambda path: tifffile.imwrite(path, RGB, metadata=None, compression="deflate"),
    "levels.tif": lambda path: pyramid(path, big=False),
    "levels-big.tif": lambda path: pyramid(path, big=True),
    "flat-big.tif": lambda path: tifffile.imwrite(path, RGB, metadata=None, bigtiff=True, tile=(32, 32)),
    "pages.tif": pages,
    "described-twice.tif": lambda path: tifffile.imwrite(path, RGB, description="told by the user"),
    "picture.png": lambda path: Image.fromarray(RGB).save(path),
    "picture.jpg": lambda path: Image.fromarray(RGB).save(path, quality=90),
}
BESIDE: dict[str, Maker] = {
    "overlay.glb": lambda path: path.write_bytes(b"glTF\x02\0\0\0" + RGB.tobytes()) and None,
    "record.json": lambda path: path.write_text('{"steps": []}') and None,
    "broken.pdf": lambda path: path.write_bytes(b"%PDF-1.7\nnot really\n") and None,
}
CREATED = (Action("c2pa.created", "algorithmicMedia"),)


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return create_studio(tmp_path / "studio", studio="Museum of the Harbour", person="Ada Novak")


@pytest.fixture
def stranger(tmp_path: Path) -> Studio:
    return create_studio(tmp_path / "elsewhere", studio="Elsewhere", person="N. N.")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.tif"
    INSIDE["striped.tif"](path)
    return path


def signed(draft: Path, target: Path, studio: Studio) -> Path:
    """Sign a file as newly made."""
    export(draft, target, "scan", Content(draft.name, CREATED), studio, replace=True)
    return target


def opened(parent: Path, target: Path, studio: Studio) -> Path:
    """Sign a copy of a file as opened from it and edited."""
    actions = (Action("c2pa.opened"), Action("c2pa.edited", "algorithmicallyEnhanced", agent="fill-losses"))
    content = Content(target.name, actions, (Ingredient(parent, parent.name),))
    export(parent, target, "restored", content, studio)
    return target


def change_a_pixel(path: Path) -> None:
    """Change one bit of the picture's data, not of the padding that a credential has."""
    data = bytearray(path.read_bytes())
    row = data.find(RGB[40].tobytes())
    compressed = len(data) - 200 if path.suffix in (".png", ".jpg") else min(3000, len(data) // 2)
    data[row if row > 0 else compressed] ^= 1
    path.write_bytes(data)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Have the system refuse to write larger files, as a full disk does in the midst of one."""
    resource = pytest.importorskip("resource", reason="only POSIX systems can limit the size of files")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def thumbnail(edge: int = 64) -> bytes:
    """Return a small JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(RGB).resize((edge, edge)).save(buffer, "JPEG")
    return buffer.getvalue()
