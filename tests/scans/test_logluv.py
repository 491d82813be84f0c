"""Light values by logarithm: LogL of 16 bits and LogLuv of 32, in runs."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.scans.test_damage import classic
from tests.scans.test_opening import whole
from workstation.scans import logluv
from workstation.scans.logluv import light_decoder, light_of
from workstation.scans.opening import open_scan
from workstation.scans.source import Pixels


def runs_of(line: bytes) -> bytes:
    """Press one plane of one row: a run where bytes repeat, else literals."""
    out, at = bytearray(), 0
    while at < len(line):
        same = next(
            (i for i in range(at, min(at + 129, len(line))) if line[i] != line[at]), min(at + 129, len(line))
        )
        if same - at > 2:
            out += bytes((128 - 2 + same - at, line[at]))
            at = same
        else:
            out += bytes((1, line[at]))
            at += 1
    return bytes(out)


def light_tiff(path: Path, words: Pixels, cut: int = 0) -> Path:
    """Write 16-bit LogL or 32-bit LogLuv words in two strips."""
    height, width = words.shape
    planes = words.astype(words.dtype.newbyteorder(">")).view(np.uint8).reshape(height, width, -1)
    rows = [b"".join(runs_of(bytes(row[:, plane])) for plane in range(planes.shape[2])) for row in planes]
    half = height // 2
    strips = [b"".join(rows[:half]), b"".join(rows[half:])[: None if not cut else -cut]]
    places = (300, 300 + len(strips[0]))
    channels = 1 if words.dtype.itemsize == 2 else 3
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 16), (259, 3, 1, 34676),
        (262, 3, 1, 32844 if channels == 1 else 32845), (273, 4, 2, 250), (277, 3, 1, channels),
        (278, 4, 1, half), (279, 4, 2, 258), (339, 3, 1, 2),
    ]  # fmt: skip
    if channels == 3:
        entries = [entry for entry in entries if entry[0] not in (258, 339)]
        entries += [(258, 3, 3, 266), (339, 3, 3, 272)]
    tables = (
        np.array([*places, *map(len, strips)], "<u4").tobytes()
        + np.array([16] * 3 + [2] * 3, "<u2").tobytes()
    )
    path.write_bytes((classic(entries).ljust(250, b"\0") + tables).ljust(300, b"\0") + b"".join(strips))
    return path


def test_light_becomes_grey_by_its_square_root(tmp_path: Path) -> None:
    light = np.linspace(0.001, 2, 300).reshape(10, 30)
    words = ((np.log2(light) + 64) * 256).astype(np.uint16)
    words[:, :5] = 0
    pixels = whole(light_tiff(tmp_path / "s.tif", words))
    expected = np.minimum(256 * np.sqrt(np.clip(np.where(words > 0, light, 0), 0, 1)), 255)
    assert np.abs(pixels[..., 0] - expected).max() <= 2
    with open_scan(tmp_path / "s.tif") as scan:
        assert scan.page.made_from == "LogLuv light"


def test_white_light_in_colour_is_grey(tmp_path: Path) -> None:
    u, v = 4 / 19, 9 / 19  # of equal light of all colours
    words = np.full(
        (10, 20), ((64 - 2) * 256) << 16 | round(410 * u - 0.5) << 8 | round(410 * v - 0.5), np.uint32
    )
    pixels = whole(light_tiff(tmp_path / "s.tif", words))
    assert np.ptp(pixels, axis=2).max() <= 3
    assert np.abs(pixels.astype(int) - 128).max() <= 3


def test_light_that_is_cut_off_is_damage(tmp_path: Path) -> None:
    words = np.arange(200, dtype=np.uint16).reshape(10, 20) + 15000
    with open_scan(light_tiff(tmp_path / "s.tif", words, cut=30)) as scan:
        pixels = scan.read(0, 0, 10, 0, 20)
        (damage,) = scan.damaged
        assert "its data end too early" in damage.reason
        assert pixels[:5].any()
        assert not pixels[5:].any()


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x7f", b"\0\0" * 50, b"\0" * 7])
def test_runs_that_never_end_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="too early"):
        list(light_of(data, 4, 1000, 2))


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32])
@pytest.mark.parametrize("part", [7, 45])
def test_light_is_the_same_however_much_of_it_is_made_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: type[np.unsignedinteger[Any]], part: int
) -> None:
    words = np.random.default_rng(3).integers(0, np.iinfo(dtype).max, (10, 20), dtype)
    path = light_tiff(tmp_path / "s.tif", words)
    at_once = whole(path)
    monkeypatch.setattr(logluv, "_PART", part)
    assert at_once.any()
    assert np.abs(whole(path).astype(int) - at_once).max() <= 1


def test_a_large_piece_of_light_takes_little_memory_beside_its_pixels() -> None:
    rows, columns = 1000, 20 * 129
    data = b"".join(bytes((255, byte)) * 20 for byte in (0x3E, 0, 86, 194)) * rows
    page = SimpleNamespace(photometric=32845, is_tiled=True, tilelength=rows, tilewidth=columns)
    tracemalloc.start()
    try:
        (pixels,) = light_decoder(page)(data, 0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert pixels.shape == (1, rows, columns, 3)
    assert np.abs(pixels.astype(int) - 128).max() <= 3
    assert peak < pixels.nbytes + (64 << 20)
