"""A pyramid that is stopped, killed or damaged on its way goes on, and is the one that was never stopped."""

from __future__ import annotations

import errno
import gc
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scans.pictures import levels_of, picture, written
from workstation.errors import ScanError
from workstation.jobs import Job, Progress, finish
from workstation.portable import ReadOnlyFile
from workstation.scans import building, damaged, keeping
from workstation.scans.cache import TILES
from workstation.scans.checking import check_file
from workstation.scans.damaged import DamageLog
from workstation.scans.encoding import Compression
from workstation.scans.journal import BLANK_SLOT, Done, read_journal
from workstation.scans.opening import open_scan
from workstation.scans.pyramid import layout_of, write_pyramid
from workstation.scans.quarters import Quarters
from workstation.scans.recalling import Files
from workstation.scans.resuming import resume_pyramid
from workstation.scans.source import ArraySource, Damage, Pixels, TileSource, damage_from

ROOT = Path(__file__).resolve().parents[2]
ODD = (173, 417)


def steps(job: Job[object], most: int | None = None) -> list[Progress]:
    """Run a job, or its first steps only, and return what it told."""
    told: list[Progress] = []
    for progress in job:
        told.append(progress)
        if len(told) == most:
            job.close()
    return told


def all_levels(path: Path) -> list[Pixels]:
    with open_scan(path) as scan:
        assert finish_all(scan) == ()
        return [scan.read(i, 0, level.height, 0, level.width) for i, level in enumerate(scan.levels)]


def finish_all(scan: TileSource) -> tuple[Damage, ...]:
    for index, level in enumerate(scan.levels):
        scan.read(index, 0, level.height, 0, level.width)
    return scan.damaged


def same(ours: list[Pixels], theirs: list[Pixels]) -> bool:
    return len(ours) == len(theirs) and all(map(np.array_equal, ours, theirs))


def uninterrupted(source: TileSource, path: Path, compression: Compression, tile: int) -> list[Pixels]:
    finish(write_pyramid(source, path, compression=compression, tile=tile))
    return all_levels(path)


class Counting(ArraySource):
    """A source that knows how many blocks were read, and that one of them is damaged."""

    reads = 0

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        Counting.reads += 1
        if y0 == x0 == 0:
            self.damaged = (Damage(0, 0, 0, 0, "too short"),)
        return super().read(level, y0, y1, x0, x1)


def depth_of(journal: bytes) -> int:
    """Return the last byte of a journal's head: after lengths, magic word and key."""
    return journal[8 + 8 + 32]


@pytest.mark.parametrize(("limit", "depth"), [(1 << 30, 2), (100_000, 1), (50_000, 0)])
@pytest.mark.parametrize("compression", ["jpeg", "zstd", "none"])
def test_a_stopped_pyramid_goes_on_at_every_depth_of_its_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compression: Compression, limit: int, depth: int
) -> None:
    monkeypatch.setattr(TILES, "limit", limit)
    source, draft = ArraySource(picture(*ODD)), tmp_path / "p.tif"
    expected = uninterrupted(source, tmp_path / "whole.tif", compression, 16)
    for most in (3, 9, 15):
        steps(resume_pyramid(source, draft, compression=compression, tile=16), most)
    assert depth_of(Files(draft).journal.read_bytes()) == depth
    last = steps(resume_pyramid(source, draft, compression=compression, tile=16))
    assert last[-1].already > 0
    assert same(all_levels(draft), expected)


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(1, 200),
    width=st.integers(1, 200),
    channels=st.integers(1, 4),
    dtype=st.sampled_from(["u1", "u2", "f2", "f4"]),
    stops=st.lists(st.integers(1, 12), max_size=4),
)
def test_a_picture_of_any_shape_goes_on(
    tmp_path_factory: pytest.TempPathFactory,
    height: int,
    width: int,
    channels: int,
    dtype: str,
    stops: list[int],
) -> None:
    pixels = picture(height, width, channels, dtype, seed=height * 201 + width)
    pixels[: height // 2, : width // 3] = 0
    source, draft = ArraySource(pixels), tmp_path_factory.mktemp("any") / "p.tif"
    for most in stops:
        steps(resume_pyramid(source, draft, tile=16), most)
    finish(resume_pyramid(source, draft, tile=16))
    assert same(all_levels(draft), levels_of(pixels, len(all_levels(draft))))


def test_nothing_is_written_down_of_a_source_that_may_have_been_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SECONDS", 0.0)
    right, wrong, draft = picture(640, 640), picture(640, 640, seed=5), tmp_path / "p.tif"

    def touched() -> None:
        raise ScanError("touched")

    steps(resume_pyramid(ArraySource(right), draft, tile=16), 30)
    for most in (None, 20):
        with pytest.raises(ScanError, match="touched"):
            steps(resume_pyramid(ArraySource(wrong), draft, tile=16, witness=touched), most)
    last = steps(resume_pyramid(ArraySource(right), draft, tile=16))
    assert last[0].what == "checking what is there"
    assert last[-1].already >= 20
    assert same(all_levels(draft), levels_of(right, len(all_levels(draft))))


def test_a_source_of_more_damage_than_has_names_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(damaged, "MOST_DAMAGE", 1)
    with pytest.raises(ScanError, match="damaged in 1 places or more"):
        finish(resume_pyramid(Counting(picture(640, 640)), tmp_path / "p.tif", tile=16))


def test_what_is_done_is_not_read_again_and_progress_begins_there(tmp_path: Path) -> None:
    source, draft = Counting(picture(640, 640)), tmp_path / "p.tif"
    first = steps(resume_pyramid(source, draft, tile=16), 60)
    before, Counting.reads = Counting.reads, 0
    second = steps(resume_pyramid(source, draft, tile=16))
    assert before + Counting.reads <= 100 + 9  # 9: what was under way when it was stopped
    assert Counting.reads < 45
    assert first[-1].what == "Writing p.tif"
    assert second[0].what == "checking what is there"
    assert second[-1].what == "Going on with p.tif"
    assert second[-1].done == second[-1].total == 100
    assert second[-1].already >= 60


def test_damage_that_only_an_earlier_run_has_seen_is_told(tmp_path: Path) -> None:
    pixels, draft = picture(640, 640), tmp_path / "p.tif"
    steps(resume_pyramid(Counting(pixels), draft, tile=16), 60)
    fresh = Counting(pixels)
    assert finish(resume_pyramid(fresh, draft, tile=16)) == (Damage(0, 0, 0, 0, "too short"),)
    assert fresh.damaged == ()


def test_what_could_not_be_read_just_now_is_read_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, draft = written(picture(640, 640), tmp_path / "scan.tif", tile=64), tmp_path / "p.tif"
    with tifffile.TiffFile(path) as file:
        away, read_at = file.pages.first.dataoffsets[77], ReadOnlyFile.read_at

    def failing(file: ReadOnlyFile, offset: int, count: int) -> bytes:
        if offset == away and file.size == path.stat().st_size:
            raise OSError(errno.EIO, "Input/output error")
        return read_at(file, offset, count)

    monkeypatch.setattr(ReadOnlyFile, "read_at", failing)
    with open_scan(path) as scan, pytest.raises(ScanError, match=r"row 7, column 7.*Input/output error"):
        finish(resume_pyramid(scan, draft, tile=16))
    with open_scan(path) as scan, pytest.raises(ScanError, match="could not be read"):
        finish(write_pyramid(scan, tmp_path / "at once.tif"))
    (named,) = finish(check_file(path))
    assert named.passing
    assert (named.row, named.column) == (7, 7)
    monkeypatch.undo()
    with open_scan(path) as scan:
        last = steps(resume_pyramid(scan, draft, tile=16))
    assert last[-1].already > 50
    assert same(all_levels(draft), levels_of(picture(640, 640), len(all_levels(draft))))


@pytest.mark.parametrize(
    "wrong",
    [
        {"box": [0, 1, 2]},
        {"box": [0, 1, 2, "3"]},
        {"box": 5},
        {"last_level": "x"},
        {"passing": 1},
        {"row": []},
    ],
)
def test_damage_in_a_journal_is_checked(wrong: dict[str, object]) -> None:
    whole = Damage(0, 0, 3, 1, "too short", (0, 8, 4, 12), 2, passing=True)
    told = json.loads(json.dumps(asdict(whole)))
    assert damage_from(told) == whole
    assert len({damage_from(told), whole}) == 1
    with pytest.raises((TypeError, ValueError)):
        damage_from(told | wrong)


def test_a_reading_that_failed_just_now_is_named_beside_what_is_cut_off() -> None:
    log = DamageLog(0)
    log.add(0, 4, 0, "cut off")
    log.add(0, 4, 0, "the disk cannot read it", passing=True)
    log.add(0, 4, 0, "cut off")
    assert [found.passing for found in log.all()] == [True]


def test_what_was_recalled_is_let_go_once_it_is_in_place(tmp_path: Path) -> None:
    source, draft = ArraySource(picture(640, 640)), tmp_path / "p.tif"
    steps(resume_pyramid(source, draft, tile=16), 60)
    gc.collect()
    going_on = resume_pyramid(source, draft, tile=16)
    assert any(progress.what.startswith("Going on") for progress in going_on)
    assert len([thing for thing in gc.get_objects() if isinstance(thing, Done)]) < 60
    going_on.close()


def test_a_finished_draft_is_only_checked(tmp_path: Path) -> None:
    source, draft = Counting(picture(*ODD)), tmp_path / "p.tif"
    finish(resume_pyramid(source, draft, tile=16, compression="jpeg"))
    expected, Counting.reads = all_levels(draft), 0
    finish(resume_pyramid(source, draft, tile=16, compression="jpeg"))
    assert Counting.reads == 0
    assert same(all_levels(draft), expected)


def test_other_work_begins_anew_in_the_same_place(tmp_path: Path) -> None:
    draft = tmp_path / "p.tif"
    steps(resume_pyramid(ArraySource(picture(*ODD)), draft, tile=16, facts=(1.5,)), 20)
    told = steps(resume_pyramid(ArraySource(picture(*ODD, seed=1)), draft, tile=16, facts=(1.6,)))
    assert told[0].what == "Writing p.tif"
    assert same(all_levels(draft)[:1], [picture(*ODD, seed=1)])


def test_a_draft_of_heavy_pixels_goes_on_but_never_one_of_larger_tiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, draft = ArraySource(picture(*ODD, 16, "f4")), tmp_path / "p.tif"
    steps(resume_pyramid(source, draft, tile=32), 20)
    monkeypatch.setattr(building, "BLOCK_BYTES", 16 * 16 * 64)
    assert steps(resume_pyramid(source, draft, tile=32), 60)[0].what == "Writing p.tif"
    last = steps(resume_pyramid(source, draft, tile=32))[-1]
    assert last.what == "Going on with p.tif"
    assert last.already >= 50
    assert same(all_levels(draft), levels_of(picture(*ODD, 16, "f4"), 6))
    with tifffile.TiffFile(draft) as file:
        assert file.pages.first.tilewidth == 16


def test_slots_are_written_again_where_they_are_free(tmp_path: Path) -> None:
    layout = layout_of(ArraySource(picture(32, 32)), "jpeg", 16)
    (tmp_path / "q").touch()
    quarters = Quarters(tmp_path / "q", layout, taken=[0, 3])
    assert [quarters.put(picture(8, 8, seed=seed))[0] for seed in range(3)] == [2, 1, 4]
    quarters.reuse([1, BLANK_SLOT])
    assert quarters.put(picture(8, 8))[0] == 1
    assert quarters.put(picture(8, 8) * 0)[0] == BLANK_SLOT
    quarters.close()


def test_a_journal_that_is_written_all_the_time_is_as_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SECONDS", 0.0)
    source, draft = ArraySource(picture(*ODD)), tmp_path / "p.tif"
    for most in (6, 10, None):
        steps(resume_pyramid(source, draft, tile=16), most)
    assert same(all_levels(draft), levels_of(picture(*ODD), len(all_levels(draft))))


def flip(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def cut(path: Path, rng: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])


def lengthen(path: Path, rng: random.Random) -> None:
    path.write_bytes(path.read_bytes() + rng.randbytes(rng.randrange(1, 5000)))


def zero(path: Path, rng: random.Random) -> None:
    """Lose a page of the file, as a power cut does."""
    data, at = bytearray(path.read_bytes()), rng.randrange(path.stat().st_size)
    part = data[at : at + 4096]
    data[at : at + 4096] = bytes(len(part))
    path.write_bytes(data)


def lose(path: Path, rng: random.Random) -> None:
    path.unlink()


@pytest.mark.parametrize("what", ["draft", "journal", "quarters"])
@pytest.mark.parametrize("harm", [flip, cut, lengthen, zero, lose])
@pytest.mark.parametrize("most", [9, None])
def test_damage_to_what_is_kept_never_reaches_the_picture(
    tmp_path: Path, what: str, harm: Callable[[Path, random.Random], None], most: int | None
) -> None:
    source, draft = ArraySource(picture(*ODD)), tmp_path / "p.tif"
    expected = uninterrupted(source, tmp_path / "whole.tif", "jpeg", 16)
    for seed in range(2):
        rng = random.Random(f"{what} {harm.__name__} {most} {seed}")
        for path in tmp_path.glob("p.tif*"):
            path.unlink()
        steps(resume_pyramid(source, draft, compression="jpeg", tile=16), most)
        for _ in range(1 + 4 * (harm is flip)):
            if getattr(Files(draft), what).stat().st_size:
                harm(getattr(Files(draft), what), rng)
        steps(resume_pyramid(source, draft, compression="jpeg", tile=16), 5)
        finish(resume_pyramid(source, draft, compression="jpeg", tile=16))
        assert same(all_levels(draft), expected)


def test_a_journal_of_noise_is_no_journal(tmp_path: Path) -> None:
    rng, path = random.Random(7), tmp_path / "p.tif.journal"
    for _ in range(200):
        path.write_bytes(rng.randbytes(rng.randrange(3000)))
        assert list(read_journal(path, bytes(32))) == []


KILLED = """
import sys
import time
from pathlib import Path
from tests.scans.pictures import picture
from workstation.scans.resuming import resume_pyramid
from workstation.scans import keeping
from workstation.scans.source import ArraySource
keeping.SECONDS = 0
for _ in resume_pyramid(ArraySource(picture(900, 1117)), Path(sys.argv[1]), compression="jpeg", tile=16):
    time.sleep(0.005)  # whoever kills it has work of his own on a busy machine
"""


def test_a_process_killed_again_and_again_comes_to_the_same_end(tmp_path: Path) -> None:
    source, draft = ArraySource(picture(900, 1117)), tmp_path / "p.tif"
    expected = uninterrupted(source, tmp_path / "whole.tif", "jpeg", 16)
    rng = random.Random(3)
    assert [kill_in_the_middle(draft, rng) for _ in range(3)] == [-signal.SIGKILL] * 3
    told = steps(resume_pyramid(source, draft, compression="jpeg", tile=16))
    assert 0 < told[-1].already <= told[-1].total  # the last may have come after the last tile
    assert same(all_levels(draft), expected)


def kill_in_the_middle(draft: Path, rng: random.Random) -> int:
    """Run the pyramid in a process of its own and kill that after some more records of its journal."""
    journal = Files(draft).journal
    enough = (journal.stat().st_size if journal.exists() else 0) + rng.randrange(100, 14_000)
    line = [sys.executable, "-c", KILLED, str(draft)]
    with subprocess.Popen(line, cwd=ROOT) as process:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            if journal.exists() and journal.stat().st_size > enough:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.002)
    return process.returncode
