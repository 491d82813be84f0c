"""Drafts that outlive their process: whose they are, how long they stay, and what is said of them."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from workstation import portable
from workstation import resumable as module
from workstation.errors import (
    CancelledError,
    ChangedError,
    CredentialError,
    OperationError,
    ScanError,
    UsageError,
    WorkstationError,
    WriteError,
)
from workstation.files import drafts, replacing
from workstation.jobs import Job, Progress, finish
from workstation.resumable import KEPT, resumable
from workstation.unfinished import KEPT_DAYS, PREFIX, RESUMABLE, sweep

ROOT = Path(__file__).resolve().parents[1]
WORK = {"what": "pyramid", "scan": "a.tif"}


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "result.tif"


@pytest.fixture
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any work be worth keeping."""
    monkeypatch.setattr(module, "WORTH_SECONDS", 0.0)


def stopped(target: Path, error: BaseException, work: dict[str, str] = WORK) -> BaseException:
    """Begin work, leave something half done, and return the error that comes out."""
    with pytest.raises(BaseException) as caught, resumable(target, work) as folder:  # noqa: PT012
        (folder / "half").write_text("half")
        raise error
    return caught.value


def left(target: Path) -> list[Path]:
    return sorted(target.parent.glob(f"{PREFIX}*"))


def test_the_same_work_finds_what_was_left_and_other_work_does_not(target: Path, worth: None) -> None:
    stopped(target, KeyboardInterrupt())
    with resumable(target, WORK | {"scan": "b.tif"}) as folder:
        assert not (folder / "half").exists()
    stopped(target, KeyboardInterrupt())
    with resumable(target, WORK) as folder:
        assert (folder / "half").read_text() == "half"
    assert left(target) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), CancelledError("Stopped."), GeneratorExit()])
def test_stopped_work_is_kept_and_says_so(target: Path, worth: None, error: BaseException) -> None:
    found = stopped(target, error)
    assert isinstance(found, CancelledError)
    assert str(found) == f"Stopped. {KEPT}"
    assert len(left(target)) == 1


def test_a_job_that_is_closed_says_what_was_kept(target: Path, worth: None) -> None:
    def job() -> Job[None]:
        with resumable(target, WORK) as folder:
            (folder / "half").touch()
            while True:
                yield Progress(0, 1)

    with pytest.raises(CancelledError, match="start the same again"):
        finish(job(), stopped=lambda: True)


def test_a_moments_work_is_not_kept(target: Path) -> None:
    assert isinstance(stopped(target, KeyboardInterrupt()), KeyboardInterrupt)
    assert left(target) == []


def test_work_that_was_gone_on_with_is_kept_however_short(
    target: Path, worth: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(target, KeyboardInterrupt())
    monkeypatch.setattr(module, "WORTH_SECONDS", 60.0)
    assert str(stopped(target, KeyboardInterrupt())) == f"Stopped. {KEPT}"


def test_a_full_disk_and_a_missing_key_cost_no_work(target: Path, worth: None) -> None:
    full = stopped(target, OSError(errno.ENOSPC, "No space left on device"))
    assert isinstance(full, WriteError)
    assert str(full) == f"Cannot write {target}: the disk is full. Nothing was changed. {KEPT}"
    key = stopped(target, CredentialError("The key did not sign."))
    assert isinstance(key, CredentialError)
    assert str(key) == f"The key did not sign. {KEPT}"


@pytest.mark.parametrize("error", [OperationError("It cannot."), ChangedError("The scan was changed.")])
def test_work_whose_drafts_are_wrong_is_not_kept_to_fail_again(
    target: Path, worth: None, error: Exception
) -> None:
    assert stopped(target, error) is error
    assert left(target) == []


@pytest.mark.parametrize(
    "error", [UsageError("There is a file by now."), ScanError("It cannot be read."), AssertionError("a bug")]
)
def test_whatever_else_goes_wrong_at_the_end_costs_no_work(
    target: Path, worth: None, error: Exception
) -> None:
    found = stopped(target, error)
    assert type(found) is type(error)
    assert str(found) == (f"{error} {KEPT}" if isinstance(error, WorkstationError) else str(error))
    with resumable(target, WORK) as folder:
        assert (folder / "half").read_text() == "half"


def test_work_that_ended_before_its_first_block_leaves_nothing(target: Path, worth: None) -> None:
    with pytest.raises(ScanError, match=r"^It cannot be read\.$"), resumable(target, WORK):
        raise ScanError("It cannot be read.")
    assert left(target) == []


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which files are open")
@pytest.mark.parametrize("error", [None, OperationError("It cannot.")])
def test_no_folder_is_removed_while_its_lock_is_open_where_the_system_forbids_it(
    target: Path, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    stopped(target, KeyboardInterrupt(), WORK | {"scan": "b.tif"})
    unlink = os.unlink

    def unlink_closed(path: str | Path, *, dir_fd: int | None = None) -> None:
        here = Path(f"/proc/self/fd/{dir_fd}").readlink() if dir_fd is not None else Path.cwd()
        for handle in Path("/proc/self/fd").iterdir():
            if handle.exists() and handle.readlink() == here / path:
                raise PermissionError(errno.EACCES, "used by a process", str(path))
        unlink(path, dir_fd=dir_fd)

    monkeypatch.setattr(portable, "WINDOWS", True)
    monkeypatch.setattr(os, "unlink", unlink_closed)
    with suppress(OperationError), resumable(target, WORK) as folder:
        (folder / "half").touch()
        if error is not None:
            raise error
    assert left(target) == []


def test_a_second_process_at_the_same_work_is_told(target: Path) -> None:
    script = (
        "import sys, pathlib, workstation.resumable as r\n"
        f"with r.resumable(pathlib.Path(sys.argv[1]), {WORK!r}): pass"
    )
    with resumable(target, WORK) as folder:
        (folder / "half").touch()
        line = [sys.executable, "-c", script, str(target)]
        other = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
        assert f"UsageError: {target} is being written by another process just now." in other.stderr
        assert (folder / "half").exists()
        with pytest.raises(UsageError, match="being written"), resumable(target, WORK):
            pass
        assert (folder / "half").exists()


def test_other_writers_leave_it_for_a_month(target: Path, worth: None) -> None:
    stopped(target, KeyboardInterrupt())
    (folder,) = left(target)
    with replacing(target.with_name("other.tif")):
        pass
    assert folder.exists()
    long_ago = time.time() - (KEPT_DAYS + 1) * 86_400
    for path in (*folder.iterdir(), folder):
        os.utime(path, (long_ago, long_ago))
    with resumable(target, WORK | {"scan": "c.tif"}):
        assert not folder.exists()


def test_what_somebody_works_on_is_not_swept_however_old(target: Path) -> None:
    with resumable(target, WORK) as folder:
        long_ago = time.time() - (KEPT_DAYS + 1) * 86_400
        for path in (*folder.iterdir(), folder):
            os.utime(path, (long_ago, long_ago))
        sweep(target.parent)
        assert folder.exists()


def test_a_file_with_such_a_name_is_in_nobodys_way(target: Path, worth: None) -> None:
    target.with_name(f"{RESUMABLE}notes").touch()
    with drafts(target) as killed:
        unlocked = killed.with_name(f"{PREFIX}0123456789abcdef")
        unlocked.mkdir()
    with resumable(target, WORK):
        assert not unlocked.exists()
    assert len(left(target)) == 1


def test_finished_work_clears_what_others_left_for_the_same_target(target: Path, worth: None) -> None:
    stopped(target, KeyboardInterrupt(), WORK | {"scan": "b.tif"})
    stopped(target.with_name("else.tif"), KeyboardInterrupt())
    with resumable(target, WORK):
        assert len(left(target)) == 3
    assert len(left(target)) == 1


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with (
        pytest.raises(WriteError, match="its folder does not exist"),
        resumable(tmp_path / "no" / "r.tif", WORK),
    ):
        pass
