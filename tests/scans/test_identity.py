"""By what work on a scan is known again."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.scans.pictures import picture, written
from workstation.errors import ChangedError, ScanError
from workstation.scans.identity import check_unchanged, witness, work_on


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file whose start cannot be read")
def test_a_scan_that_the_disk_does_not_give_is_one_sentence() -> None:
    with pytest.raises(
        ScanError, match=r"^/proc/self/mem could not be read: .*error\. Try it again later\.$"
    ):
        work_on(Path("/proc/self/mem"), 0)


def test_a_scan_that_was_overwritten_is_known_even_by_its_bytes_alone(tmp_path: Path) -> None:
    path = written(picture(60, 60), tmp_path / "s.tif")
    work, before = work_on(path, 0, what="pyramid"), path.stat()
    check_unchanged(path, work)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"other")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ChangedError, match="was changed while it was read"):
        check_unchanged(path, work)


def test_the_reader_of_tiffs_is_part_of_what_decides(tmp_path: Path) -> None:
    assert "tifffile" in work_on(written(picture(60, 60), tmp_path / "s.tif"), 0)["versions"]


def test_a_witness_tells_another_scan_from_one_that_is_gone_and_from_one_that_stayed(tmp_path: Path) -> None:
    path, other = written(picture(60, 60), tmp_path / "s.tif"), written(picture(60, 60), tmp_path / "o.tif")
    shutil.copystat(path, other)
    check = witness(path)
    path.read_bytes()
    check()
    other.replace(path)
    with pytest.raises(ChangedError, match="was changed while it was read"):
        check()
    path.unlink()
    with pytest.raises(ChangedError, match="is no longer there"):
        check()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell it")
def test_a_witness_does_not_vouch_for_a_scan_whose_time_was_set_back(tmp_path: Path) -> None:
    path = written(picture(60, 60), tmp_path / "s.tif")
    check, before = witness(path), path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ScanError, match="was touched while it was read") as raised:
        check()
    assert not isinstance(raised.value, ChangedError), "what was written down before it is kept"
