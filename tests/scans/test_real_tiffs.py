"""340 odd, old and malformed TIFFs: none may crash, and what two decoders agree on we read too."""

from __future__ import annotations

import hashlib
import json
import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from tests.scans.test_damage import one_sentence
from tests.scans.test_opening import whole
from workstation.errors import ScanError
from workstation.scans.logluv import light_of
from workstation.scans.opening import describe, open_scan
from workstation.scans.source import Pixels


def expected(shared_data: Path) -> dict[str, dict[str, Any]]:
    return json.loads((shared_data / "tiffs" / "expected.json").read_text())


def digest(pixels: Pixels) -> str:
    little = np.ascontiguousarray(pixels).astype(pixels.dtype.newbyteorder("<"))
    return hashlib.sha256(little.tobytes()).hexdigest()[:32]


def as_stored(path: Path, pixels: Pixels, fact: dict[str, Any]) -> Pixels:
    """Turn our pixels back into what the file stores: indices of a palette, bits, planes."""
    if fact["photometric"] == "PALETTE":
        stored = tifffile.imread(path, key=0)
        with tifffile.TiffFile(path) as file:
            colours = file.pages.first.colormap
        small = (colours if colours.max() < 256 else colours >> 8).astype(np.uint8).T
        assert np.array_equal(small[stored.astype(int)], pixels)
        return stored
    if fact["photometric"] == "SEPARATED":
        return as_inks(path, pixels)
    if 1 in extras(path):
        stored = tifffile.imread(path, key=0)
        assert np.array_equal(pixels[..., -1], stored[..., -1])
        again = pixels[..., :-1].astype(float) * pixels[..., -1:] / np.iinfo(pixels.dtype).max
        assert np.abs(again - np.minimum(stored[..., :-1], stored[..., -1:])).max() <= 0.51
        return stored
    if fact["dtype"] == "bool":
        pixels = pixels == (0 if fact["photometric"] == "MINISWHITE" else 255)
    if len(fact["shape"]) == 2:
        return pixels[..., 0]
    return pixels if fact["shape"] == list(pixels.shape) else np.moveaxis(pixels, -1, 0)


def as_inks(path: Path, pixels: Pixels) -> Pixels:
    """Return the inks of a CMYK file without a profile, once ours are seen to be the plain formula's."""
    inks = tifffile.imread(path, key=0)
    last = np.moveaxis(inks, 0, -1) if inks.shape[0] == 4 else inks
    if inks.dtype.kind == "f":
        top = 1.0
    else:
        last = last.view(f"u{inks.itemsize}")
        top = float(np.iinfo(last.dtype).max)
    light = 1 - last[..., :4].astype(float) / top
    assert np.abs(pixels[..., :3] / top - light[..., :3] * light[..., 3:]).max() <= (
        0.5001 / top if top > 1 else 1e-6
    )
    assert np.array_equal(pixels[..., 3:], last[..., 4:])
    return inks


def extras(path: Path) -> tuple[int, ...]:
    with tifffile.TiffFile(path) as file:
        return tuple(int(kind) for kind in file.pages.first.extrasamples)


def test_no_file_gives_anything_but_pixels_or_one_sentence(shared_data: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refusals = [refusal(shared_data / "tiffs" / name) for name in expected(shared_data)]
    assert len(refusals) == 340
    assert all(one_sentence(text) for text in refusals if text)
    assert refusals.count(None) >= 212
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000


def refusal(path: Path) -> str | None:
    """Read a part of every level of every page; return the sentence where the file is refused."""
    try:
        for page in describe(path).pages:
            with open_scan(path, page.index) as scan:
                for index, level in enumerate(scan.levels):
                    scan.read(index, 0, min(level.height, 2048), 0, min(level.width, 2048))
    except ScanError as error:
        return str(error)
    return None


def test_what_two_decoders_agree_on_we_read_too(shared_data: Path) -> None:
    facts = {name: fact for name, fact in expected(shared_data).items() if fact.get("mean_agrees_with")}
    outcomes = [outcome(shared_data / "tiffs" / name, fact) for name, fact in facts.items()]
    assert [item for item in zip(facts, outcomes, strict=True) if item[1] != "equal"] == []
    assert len(outcomes) == 123


def outcome(path: Path, fact: dict[str, Any]) -> str:
    try:
        with open_scan(path) as scan:
            level = scan.levels[0]
            pixels = scan.read(0, 0, level.height, 0, level.width)
            damaged = scan.damaged
    except ScanError as error:
        return str(error)
    if damaged:
        return damaged[0].reason
    return "equal" if digest(as_stored(path, pixels, fact)) == fact["sha256_32"] else "differs"


def test_what_every_decoder_refuses_is_refused_or_named_damaged(shared_data: Path) -> None:
    for name, fact in expected(shared_data).items():
        if fact.get("must") != "refuse":
            continue
        try:
            with open_scan(shared_data / "tiffs" / name) as scan:
                level = scan.levels[0]
                scan.read(0, 0, level.height, 0, level.width)
                assert scan.damaged, name
        except ScanError:
            continue


@pytest.mark.parametrize("name", ["text.tif", "off_luv24.tif"])
def test_what_we_cannot_read_is_refused_with_a_reason(shared_data: Path, name: str) -> None:
    with pytest.raises(ScanError, match=r"compressed in a way|light values"):
        open_scan(shared_data / "tiffs" / "image-tiff" / "libtiffpic" / name)


@pytest.mark.parametrize("name", ["zackthecat.tif", "smallliz.tif"])
def test_old_jpeg_is_read_as_pillow_reads_it(shared_data: Path, name: str) -> None:
    path = shared_data / "tiffs" / "image-tiff" / "libtiffpic" / name
    with Image.open(path) as image:
        expected = np.asarray(image.convert("RGB"))
    assert expected.std() > 20
    assert np.array_equal(whole(path), expected)
    assert describe(path).pages[0].compression == "old jpeg"


@pytest.mark.parametrize("name", ["ycbcr-cat.tif"])
def test_shared_colour_is_read_as_pillow_reads_it(shared_data: Path, name: str) -> None:
    path = shared_data / "tiffs" / "image-tiff" / "libtiffpic" / name
    with Image.open(path) as image:
        expected = np.asarray(image.convert("RGB"))
    assert np.abs(whole(path).astype(int) - expected).max() <= 1


def test_light_values_are_those_that_libvips_reads(shared_data: Path) -> None:
    pyvips = pytest.importorskip("pyvips", reason="libvips is not installed", exc_type=ImportError)
    path = shared_data / "tiffs" / "image-tiff" / "libtiffpic" / "off_luv32.tif"
    expected = pyvips.Image.new_from_file(str(path)).numpy() / (95.047, 100, 108.8827)
    with tifffile.TiffFile(path) as file:
        page, data, rows = file.pages.first, path.read_bytes(), []
        for strip, (at, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
            height = min(page.rowsperstrip, page.imagelength - strip * page.rowsperstrip)
            rows += [light for *_, light in light_of(data[at : at + count], height, page.imagewidth, 4)]
    assert np.allclose(np.concatenate(rows), expected, rtol=1e-4)
