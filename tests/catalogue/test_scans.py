"""Scans are known by what is in them, not by where they lie."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.catalogue.conftest import measured
from workstation.catalogue.catalogue import Catalogue
from workstation.catalogue.facts import Painting
from workstation.catalogue.scans import in_place
from workstation.errors import CatalogueError, ScanError, UsageError
from workstation.jobs import finish


@pytest.fixture
def scan_file(tmp_path: Path) -> Path:
    pixels = np.arange(30 * 40 * 3, dtype=np.uint8).reshape(30, 40, 3)
    path = tmp_path / "delft_VIS.tif"
    tifffile.imwrite(path, pixels, photometric="rgb", resolution=(508, 508), resolutionunit="INCH")
    return path


@pytest.fixture
def two_pages(tmp_path: Path) -> Path:
    path = tmp_path / "pages.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(np.zeros((30, 40), np.uint8), photometric="minisblack")
        writer.write(np.zeros((15, 20), np.uint16), photometric="minisblack")
    return path


def test_a_scan_is_entered_with_what_the_file_says(catalogue: Catalogue, scan_file: Path) -> None:
    scan = catalogue.add_scan(scan_file)
    assert (scan.width_px, scan.height_px, scan.page) == (40, 30, 0)
    assert scan.pixels_per_mm == pytest.approx(20.0)
    assert scan.size_bytes == scan_file.stat().st_size
    assert scan.sha256 == measured(scan_file)["sha256"]
    assert catalogue.scans() == (scan,)


def test_what_the_user_says_wins_over_the_file(
    catalogue: Catalogue, painting: Painting, scan_file: Path
) -> None:
    scan = catalogue.add_scan(scan_file, painting_id=painting.id, kind="XR", pixels_per_mm=5)
    assert (scan.kind, scan.pixels_per_mm, scan.painting_id) == ("XR", 5.0, painting.id)
    assert catalogue.scans(painting.id) == (scan,)


def test_every_page_is_a_scan_of_its_own(catalogue: Catalogue, two_pages: Path) -> None:
    first, second = catalogue.add_scan(two_pages), catalogue.add_scan(two_pages, page=1)
    assert first.sha256 == second.sha256
    assert (first.width_px, second.width_px) == (40, 20)
    with pytest.raises(UsageError, match="no page 2"):
        catalogue.add_scan(two_pages, page=2)


def test_a_moved_scan_keeps_its_entry_when_entered_again(catalogue: Catalogue, scan_file: Path) -> None:
    old = catalogue.add_scan(scan_file, kind="VIS")
    moved = scan_file.rename(scan_file.with_name("elsewhere.tif"))
    new = catalogue.add_scan(moved)
    assert (new.id, new.path, new.kind) == (old.id, moved, "VIS")
    assert len(catalogue.scans()) == 1


def test_a_copy_does_not_draw_the_entry_away_from_the_original(catalogue: Catalogue, scan_file: Path) -> None:
    original = catalogue.add_scan(scan_file)
    copy = scan_file.with_name("stick.tif")
    copy.write_bytes(scan_file.read_bytes())
    assert catalogue.add_scan(copy) == original


def test_moved_scans_are_found_below_other_folders(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"pixels of a")
    (scan,) = catalogue.enter_scans((measured(path),))
    attic = tmp_path / "attic" / "deep"
    attic.mkdir(parents=True)
    (attic / "same-size").write_bytes(b"pixels of b")
    (attic / "loop").symlink_to(tmp_path / "attic")
    assert in_place(scan)
    path.rename(attic / "renamed.tif")
    assert catalogue.missing_scans() == (scan,)
    (found,) = finish(catalogue.finding_moved((scan,), [tmp_path / "attic"]))
    assert (found.id, found.path) == (scan.id, attic / "renamed.tif")
    assert catalogue.missing_scans() == ()


def test_a_scan_that_is_nowhere_stays_missing(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"pixels")
    (scan,) = catalogue.enter_scans((measured(path),))
    path.write_bytes(b"something else, longer")
    assert not in_place(scan)
    assert finish(catalogue.finding_moved((scan,), [tmp_path, tmp_path / "no such folder"])) == ()


def test_a_file_that_is_no_picture_is_refused_and_not_entered(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "letter.tif"
    path.write_text("Dear museum")
    with pytest.raises(ScanError):
        catalogue.add_scan(path)
    assert catalogue.scans() == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_no_text_is_refused_in_one_sentence(catalogue: Catalogue, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.tif"))
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match="no readable text"):
        catalogue.add_scan(path)


def test_a_scan_of_an_unknown_painting_is_not_entered(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"pixels")
    with pytest.raises(CatalogueError, match="no painting 7"):
        catalogue.enter_scans((measured(path),), 7)
    assert catalogue.scans() == ()
