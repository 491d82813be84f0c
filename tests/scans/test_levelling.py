"""Levels that flat scans lack: built beside, kept, used, and never taken for another scan's."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from tests.scans.pictures import levels_of, picture, written
from tests.scans.test_opening import KINDS, save
from workstation.errors import CancelledError, ScanError, TooLargeError
from workstation.jobs import finish
from workstation.portable import ReadOnlyFile, claimed, unclaim
from workstation.scans import damaged, kept, levelling, opening, stacking
from workstation.scans.checking import check_file
from workstation.scans.kept import KeptGrid, clear_kept, lacks_levels, list_kept
from workstation.scans.opening import describe, open_scan
from workstation.scans.scan import Scan, Strips
from workstation.scans.source import Level, Pixels
from workstation.scans.tiff import open_tiff

SMALL = 50_000
"""What counts as large in these tests."""


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "COSTLY_PIXELS", SMALL)
    monkeypatch.setattr(opening, "LARGE_PIXELS", SMALL)


def build(path: Path, page: int = 0) -> bool:
    with open_scan(path, page) as scan:
        return finish(levelling.build_levels(scan))


def kept_levels(path: Path, page: int = 0) -> list[Pixels]:
    """Return all levels of a scan, all coarser ones of which must come from where they are kept."""
    with open_scan(path, page) as scan:
        for level in range(len(scan.levels)):
            assert (level in scan.stored) != isinstance(scan.grid(level), KeptGrid)
        return [scan.read(k, 0, level.height, 0, level.width) for k, level in enumerate(scan.levels)]


def flat(path: Path, height: int = 801, width: int = 933, **options: Any) -> Path:
    return save(path, picture(height, width), **{"compression": "zlib", "rowsperstrip": 7, **options})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(801, 933), (1251, 300)])
def test_kept_levels_are_the_halves_bit_for_bit(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    pixels = picture(*size)
    path = save(tmp_path / "s.tif", pixels, **KINDS[kind])
    assert build(path)
    found = kept_levels(path)
    assert all(map(np.array_equal, found, levels_of(pixels, len(found))))


@pytest.mark.parametrize(
    ("dtype", "channels"),
    [*product(["u1", "i1", "u2", "i2", "u4", "i4", "u8", "f2", "f4", "f8"], [3]), ("u1", 1), ("u2", 4)],
)
def test_every_type_of_sample_is_kept_bit_for_bit(tmp_path: Path, dtype: str, channels: int) -> None:
    pixels = picture(213, 1025, channels, dtype)
    path = save(tmp_path / "s.tif", pixels, compression="zlib", rowsperstrip=9)
    assert build(path)
    assert all(map(np.array_equal, kept_levels(path), levels_of(pixels, 3)))


@pytest.mark.parametrize("orientation", [2, 3, 4, 5, 6, 7, 8])
def test_mirrored_and_lying_scans_are_kept_upright(tmp_path: Path, orientation: int) -> None:
    path = flat(tmp_path / "s.tif", extratags=[(274, 3, 1, orientation, True)])
    with open_scan(path) as scan:
        expected = [scan.read(k, 0, level.height, 0, level.width) for k, level in enumerate(scan.levels)]
    assert build(path)
    assert all(map(np.array_equal, kept_levels(path), expected))


def test_of_a_pyramid_with_too_few_levels_the_missing_ones_are_kept(tmp_path: Path) -> None:
    levels = levels_of(picture(1700, 2100), 4)
    marked = np.clip(levels[1].astype(int) + 30, 0, 255).astype(np.uint8)  # not the halves of level 0
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        file.write(levels[0], tile=(128, 128), photometric="rgb", subifds=1, metadata=None)
        file.write(marked, tile=(128, 128), photometric="rgb", subfiletype=1, metadata=None)
    assert build(tmp_path / "s.tif")
    assert all(map(np.array_equal, kept_levels(tmp_path / "s.tif")[1:], levels_of(marked, 3)))


def test_a_flat_scan_with_a_small_picture_of_itself_gets_what_lies_between(tmp_path: Path) -> None:
    levels = levels_of(picture(801, 933), 4)
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        file.write(levels[0], rowsperstrip=9, compression="zlib", photometric="rgb", subifds=1, metadata=None)
        file.write(levels[3], photometric="rgb", subfiletype=1, metadata=None)
    assert build(tmp_path / "s.tif")
    assert all(map(np.array_equal, kept_levels(tmp_path / "s.tif"), levels))


def test_each_page_has_levels_of_its_own(tmp_path: Path) -> None:
    pages = [picture(801, 933, seed=seed) for seed in (1, 2)]
    with tifffile.TiffWriter(tmp_path / "s.tif") as file:
        for page in pages:
            file.write(page, photometric="rgb", compression="zlib", rowsperstrip=8, metadata=None)
    for index in (0, 1):
        assert build(tmp_path / "s.tif", index)
    for index, page in enumerate(pages):
        assert all(map(np.array_equal, kept_levels(tmp_path / "s.tif", index), levels_of(page, 2)))
    assert {(one.scan, one.page) for one in list_kept()} == {(tmp_path / "s.tif", 0), (tmp_path / "s.tif", 1)}


def test_what_opens_at_once_needs_no_levels(tmp_path: Path) -> None:
    assert not build(written(picture(801, 933), tmp_path / "pyramid.tif"))
    assert not build(save(tmp_path / "small.tif", picture(300, 300)))
    assert list_kept() == []


def test_levels_are_kept_of_a_scan_that_is_exact_at_first_sight_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LARGE_PIXELS", 1 << 30)
    path = flat(tmp_path / "s.tif", compression="zlib", rowsperstrip=4)
    with open_scan(path, to_look=True) as scan:
        last = scan.levels[-1]
        exact = scan.read(len(scan.levels) - 1, 0, last.height, 0, last.width)
        assert np.array_equal(exact, levels_of(scan.read(0, 0, 801, 0, 933), len(scan.levels))[-1])
        assert lacks_levels(scan)


def test_nothing_is_written_beside_the_scan_and_its_facts_stay_its_own(tmp_path: Path) -> None:
    (tmp_path / "museum").mkdir()
    path = flat(tmp_path / "museum" / "s.tif")
    before, facts = path.read_bytes(), describe(path)
    assert build(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["s.tif"]
    assert path.read_bytes() == before
    assert describe(path) == facts
    assert facts.pages[0].levels == 1
    with open_scan(path) as scan:
        assert scan.stored == (0,)
        assert scan.page == facts.pages[0]
    assert finish(check_file(path)) == ()


@pytest.mark.parametrize("change", ["pixels", "time", "both ends kept"])
def test_a_changed_scan_never_gets_the_old_levels(tmp_path: Path, change: str) -> None:
    path = flat(tmp_path / "s.tif", compression=None)
    assert build(path)
    times = path.stat()
    data = bytearray(path.read_bytes())
    if change == "pixels":
        data[1000] ^= 255
    if change == "both ends kept":
        data[len(data) // 16 * 8 : len(data) // 16 * 8 + 50] = bytes(50)
    path.write_bytes(data)
    if change != "time":
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    with open_scan(path) as scan:
        assert lacks_levels(scan)
        assert np.array_equal(levels_of(scan.read(0, 0, 801, 0, 933), 2)[1], scan.read(1, 0, 401, 0, 467))
    assert list_kept() == []


def test_a_scan_that_changes_while_its_levels_are_built_is_not_kept(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif", rowsperstrip=100)
    with open_scan(path) as scan:
        job = levelling.build_levels(scan)
        for _ in range(3):
            next(job)
        os.utime(path, ns=(1, 1))
        with pytest.raises(ScanError, match="was changed since it was opened"):
            finish(job)
    assert list_kept() == []
    assert _names(kept.folder()) == []


def test_damage_seen_while_building_is_known_to_whoever_uses_the_levels(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif", rowsperstrip=100, predictor=True)
    with tifffile.TiffFile(path) as file:
        offset = file.pages.first.dataoffsets[3]
    data = bytearray(path.read_bytes())
    data[offset : offset + 64] = bytes(64)
    path.write_bytes(data)
    with open_scan(path) as scan:
        finish(levelling.build_levels(scan))
        (damage,) = scan.damaged
    with open_scan(path) as again:
        assert again.damaged == (damage,)
        assert not again.read(1, 151, 199, 0, 467).any()
        assert again.read(1, 140, 149, 0, 467).all()
    assert (damage.level, damage.row, damage.column) == (0, 3, 0)
    assert len(finish(check_file(path))) == 1


def test_what_the_disk_could_not_read_is_not_kept_as_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read_at = flat(tmp_path / "s.tif", rowsperstrip=100), ReadOnlyFile.read_at
    monkeypatch.setattr(levelling, "_CACHE_BYTES", 1)  # nothing is known from before

    def failing(file: ReadOnlyFile, offset: int, count: int) -> bytes:
        if offset > 200_000 and threading.current_thread().name.startswith("levels"):
            raise OSError(errno.EIO, "Input/output error")
        return read_at(file, offset, count)

    monkeypatch.setattr(ReadOnlyFile, "read_at", failing)
    with pytest.raises(ScanError, match="could not be read everywhere"):
        build(path)
    monkeypatch.undo()
    assert list_kept() == []


def test_levels_of_a_heap_of_ruins_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(damaged, "MOST_DAMAGE", 4)
    path = flat(tmp_path / "s.tif", rowsperstrip=100)
    with tifffile.TiffFile(path) as file:
        offsets = file.pages.first.dataoffsets
    data = bytearray(path.read_bytes())
    for offset in offsets[:6]:
        data[offset : offset + 64] = bytes(64)
    path.write_bytes(data)
    with pytest.raises(ScanError, match="damaged in 4 places or more"):
        build(path)
    assert list_kept() == []


def test_a_disk_that_cannot_read_all_of_a_scan_still_lets_it_be_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read_at = flat(tmp_path / "s.tif", compression=None, rowsperstrip=100), ReadOnlyFile.read_at
    bad = path.stat().st_size // 2

    def failing(file: ReadOnlyFile, offset: int, count: int) -> bytes:
        if offset <= bad < offset + count:
            raise OSError(errno.EIO, "Input/output error")
        return read_at(file, offset, count)

    monkeypatch.setattr(ReadOnlyFile, "read_at", failing)
    with open_scan(path) as scan:
        assert scan.read(0, 0, 100, 0, 933).all()
        with pytest.raises(ScanError, match="could not be read everywhere: Input/output error"):
            finish(levelling.build_levels(scan))


@pytest.mark.parametrize(("width", "height", "tile"), [(60_000, 900, 256), (1_000_000, 20_000, 32)])
def test_levels_of_wide_scans_get_tiles_of_which_a_row_fits_into_memory(
    width: int, height: int, tile: int
) -> None:
    source, layout = levelling._plan(Wide(width, height), "s.tif")
    assert layout.tile == source.levels[0].tile[0] == tile
    assert tile * width // 2 * 3 <= levelling._MOST_ROOM


def test_a_scan_too_wide_for_its_levels_is_refused_in_one_sentence() -> None:
    with pytest.raises(TooLargeError, match=r"^s\.tif is too wide or too large to build"):
        levelling._plan(Wide(60_000_000, 900), "s.tif")


def test_wide_scans_get_small_tiles_bit_for_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levelling, "_ROOM", 100_000)
    path = flat(tmp_path / "s.tif")
    assert build(path)
    with open_tiff_scan(list_kept()[0].file) as held:
        assert held.levels[0].tile == (32, 32)
    found = kept_levels(path)
    assert all(map(np.array_equal, found, levels_of(picture(801, 933), len(found))))


class Wide:
    """A level of compressed strips of that size, which nobody reads."""

    strips: Strips = "rows"

    def __init__(self, width: int, height: int) -> None:
        self.level = Level(height, width, 3, np.dtype(np.uint8), (1, width))

    def read(self, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        raise AssertionError("nothing is to be read")


def open_tiff_scan(path: Path) -> Scan:
    return Scan(path, open_tiff(path, 0))


def test_an_open_scan_goes_over_to_the_kept_levels_while_others_read_it(tmp_path: Path) -> None:
    pixels = picture(1251, 933)
    path = save(tmp_path / "s.tif", pixels, compression="zlib", rowsperstrip=16)
    expected, wrong, stop = levels_of(pixels, 3), [], threading.Event()

    def read(scan: Scan, seed: int) -> None:
        rng = np.random.default_rng(seed)
        while not stop.is_set():
            k = int(rng.integers(1, len(scan.levels)))
            y, x = (int(rng.integers(0, side - 60)) for side in expected[k].shape[:2])
            if not np.array_equal(scan.read(k, y, y + 60, x, x + 60), expected[k][y : y + 60, x : x + 60]):
                wrong.append((k, y, x))

    with open_scan(path) as scan:
        threads = [threading.Thread(target=read, args=(scan, seed)) for seed in range(3)]
        for thread in threads:
            thread.start()
        finish(levelling.build_levels(scan))
        assert not lacks_levels(scan)
        stop.set()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_a_sketch_gives_way_to_the_exact_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacking, "SKETCHED_PIXELS", 1000)
    pixels = picture(5000, 60)
    path = save(tmp_path / "s.tif", pixels, rowsperstrip=16)
    exact = levels_of(pixels, 5)[4]
    with open_scan(path, to_look=True) as scan:
        first = scan.read(4, 0, 313, 0, 4)
        assert not np.array_equal(first, exact)
        assert np.abs(first.astype(int) - exact).max() < 20
        finish(levelling.build_levels(scan))
        assert np.array_equal(scan.read(4, 0, 313, 0, 4), exact)


def test_a_scan_that_is_closed_meanwhile_does_no_harm(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif")
    scan = open_scan(path)
    job = levelling.build_levels(scan)
    next(job)
    scan.close()
    assert finish(job)
    assert all(map(np.array_equal, kept_levels(path), levels_of(picture(801, 933), 2)))


def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    with open_scan(flat(tmp_path / "s.tif", 1500, 1300)) as scan:
        calls = iter(range(100))
        with pytest.raises(CancelledError):
            finish(levelling.build_levels(scan), stopped=lambda: next(calls) == 3)
        assert lacks_levels(scan)
    assert _names(kept.folder()) == []


def test_a_builder_that_is_killed_leaves_nothing_that_opens(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif", 1500, 1300)
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from workstation.scans import kept, levelling, opening\n"
        f"kept.COSTLY_PIXELS = {SMALL}\n"
        "job = levelling.build_levels(opening.open_scan(Path(sys.argv[1])))\n"
        "for _ in range(4): next(job)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode != 0
    assert any(name.endswith(".tif") for name in _names(kept.folder()))
    assert list_kept() == []
    with open_scan(path) as scan:
        assert lacks_levels(scan)
        finish(levelling.build_levels(scan))
    assert len(_names(kept.folder())) == 1
    assert all(map(np.array_equal, kept_levels(path), levels_of(picture(1500, 1300), 3)))


def test_of_two_who_want_the_same_levels_one_builds_and_the_other_waits(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif")
    with open_scan(path) as one, open_scan(path) as other:
        first, second = levelling.build_levels(one), levelling.build_levels(other)
        for _ in range(3):
            next(first)
        next(second)
        for _ in range(3):
            assert "another window" in next(second).what
        finish(first)
        made = list_kept()
        finish(second)
        assert not lacks_levels(other)
        assert list_kept()[0].file == made[0].file
        assert list_kept()[0].used >= made[0].used
    assert len(_names(kept.folder())) == 1


def test_who_waited_for_a_builder_that_gave_up_builds_itself(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif")
    lock = kept.place_of_levels(path, 0).with_suffix(".lock")
    lock.touch()
    handle = claimed(lock)
    assert handle is not None
    with open_scan(path) as scan:
        job = levelling.build_levels(scan)
        next(job)
        assert "another window" in next(job).what
        unclaim(handle)
        finish(job)
        assert not lacks_levels(scan)


def test_two_processes_build_the_same_levels_without_harm(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif")
    script = (
        "import sys; from pathlib import Path\n"
        "from workstation.jobs import finish\n"
        "from workstation.scans import kept, levelling, opening\n"
        f"kept.COSTLY_PIXELS = {SMALL}\n"
        "with opening.open_scan(Path(sys.argv[1])) as scan:\n"
        "    finish(levelling.build_levels(scan)); assert not kept.lacks_levels(scan)\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert len(_names(kept.folder())) == 1
    assert all(map(np.array_equal, kept_levels(path), levels_of(picture(801, 933), 2)))


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [flat(tmp_path / f"{name}.tif") for name in "abc"]
    for age, path in enumerate(paths):
        build(path)
        os.utime(kept.place_of_levels(path, 0), (age, age))
    with open_scan(paths[0]):  # used again, so b is the oldest
        pass
    sizes = [one.bytes for one in list_kept()]
    monkeypatch.setattr(kept, "LIMIT", sum(sizes) + sizes[0] // 2)
    build(flat(tmp_path / "d.tif"))
    assert {one.scan.stem for one in list_kept()} == {"a", "c", "d"}


def test_levels_without_room_are_refused_in_one_sentence_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(flat(tmp_path / "a.tif"))
    monkeypatch.setattr(kept, "LIMIT", 1000)
    with pytest.raises(TooLargeError, match="which has no room for them"):
        build(flat(tmp_path / "b.tif"))
    assert [one.scan.stem for one in list_kept()] == ["a"]


def test_room_is_asked_for_by_what_the_levels_will_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.repeat(picture(1, 1100), 1500, axis=0)
    path = save(tmp_path / "s.tif", pixels, compression="zlib", rowsperstrip=7)
    build(flat(tmp_path / "a.tif"))
    other = list_kept()[0].bytes
    monkeypatch.setattr(kept, "LIMIT", other + pixels.nbytes // 6)  # half of what halves take as they are
    assert build(path)
    assert len(list_kept()) == 2
    assert all(map(np.array_equal, kept_levels(path), levels_of(pixels, 3)))


def test_the_estimate_is_near_what_is_written(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif", 3000, 2600)
    with open_scan(path) as scan:
        source, layout = levelling._plan(scan.grid(0), "s.tif")
        told = levelling._bytes(source, layout)
    build(path)
    assert 0.8 < told / list_kept()[0].bytes < 1.25


def test_kept_files_that_another_process_removes_meanwhile_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(flat(tmp_path / "a.tif"))
    gone = kept.folder() / "gone.tif"
    monkeypatch.setattr(kept, "_files", lambda: [gone, *kept.folder().glob("[!.]*.tif")])
    kept.check_room(1000, "b.tif")
    kept.make_room(1000, "b.tif")
    assert clear_kept()[0] == 1


def test_a_kept_file_that_is_damaged_is_computed_instead_and_built_anew(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif")
    build(path)
    file = kept.place_of_levels(path, 0)
    data = bytearray(file.read_bytes())
    data[16:4096] = bytes(4080)
    file.write_bytes(data)
    with open_scan(path) as scan:
        assert np.array_equal(scan.read(1, 0, 401, 0, 467), levels_of(picture(801, 933), 2)[1])
        assert scan.damaged == ()
    assert not file.exists()
    assert build(path)


@pytest.mark.parametrize("what", [b"", b"II*\0rubbish", b"II*\0\x08\0\0\0\0\0"])
def test_rubbish_in_the_folder_is_never_used(tmp_path: Path, what: bytes) -> None:
    path = flat(tmp_path / "s.tif")
    kept.place_of_levels(path, 0).write_bytes(what)
    with open_scan(path) as scan:
        assert lacks_levels(scan)
    assert list_kept() == []


def test_levels_of_another_picture_under_the_scans_name_are_never_used(tmp_path: Path) -> None:
    path = flat(tmp_path / "s.tif")
    written(picture(401, 467), kept.place_of_levels(path, 0))
    with open_scan(path) as scan:
        assert lacks_levels(scan)


def test_kept_levels_are_cleared_for_one_scan_or_for_all(tmp_path: Path) -> None:
    paths = [flat(tmp_path / f"{name}.tif") for name in "abc"]
    for path in paths:
        build(path)
    assert clear_kept([paths[1]])[0] == 1
    assert {one.scan for one in list_kept()} == {paths[0], paths[2]}
    assert clear_kept()[0] == 2
    assert _names(kept.folder()) == []


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())
