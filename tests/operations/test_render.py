"""Rendering and exporting treatments: real files in, signed files out, the scan untouched."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tests.operations.examples import example, painted
from workstation.credentials.certificates import Studio, create_studio
from workstation.credentials.verifying import verify
from workstation.errors import CancelledError, ChangedError, MaskError, ScanError, UsageError, WriteError
from workstation.files import sha256_of
from workstation.jobs import Job, Progress, finish
from workstation.operations import render as rendering
from workstation.operations.exporting import map_path, restore
from workstation.operations.losses import FillLosses
from workstation.operations.mask import Mask
from workstation.operations.noise import SuppressNoise
from workstation.operations.operation import load_all
from workstation.operations.render import pixels_hash, render, treated, whole
from workstation.operations.treatment import Step, Treatment
from workstation.scans.exporting import export_pyramid
from workstation.scans.opening import open_scan
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import ArraySource, Metadata, Pixels, TileSource


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return create_studio(tmp_path / "certificates", studio="Test studio", person="Test person")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.tif"
    finish(write_pyramid(ArraySource(painted(600, 700), Metadata(pixels_per_mm=4.0)), path, tile=256))
    return path


def damage() -> Mask:
    mask = Mask(600, 700)
    mask.add(100, 200, np.ones((12, 9), bool))
    mask.add(300, 20, np.ones((3, 500), bool))
    return mask


@pytest.mark.parametrize("size", [256, 512, 1024])
@pytest.mark.parametrize("name", sorted(load_all()))
def test_a_streamed_render_equals_the_whole_image_for_every_operation(
    name: str, size: int, tmp_path: Path
) -> None:
    pixels = painted(700, 900)
    step = example(name, 700, 900)
    at_once = whole(pixels, Treatment((step,)))
    scan, result = tmp_path / "scan.tif", tmp_path / "result.tif"
    finish(write_pyramid(ArraySource(pixels), scan, tile=size))
    with open_scan(scan) as opened:
        source, _ = treated(opened, Treatment((step,)))
        finish(write_pyramid(source, result, tile=size))
    streamed = tifffile.imread(result, series=0, level=0)
    assert np.count_nonzero(streamed != at_once) == 0
    assert (streamed != pixels).any()


def test_outside_the_mask_every_sample_is_the_scans(scan: Path, tmp_path: Path, studio: Studio) -> None:
    before = sha256_of(scan)
    result = tmp_path / "filled.tif"
    done = finish(restore(scan, Treatment((Step(FillLosses(), damage()),)), result, studio))
    marked = damage().read(0, 600, 0, 700)
    a, b = tifffile.imread(scan, series=0, level=0), tifffile.imread(result, series=0, level=0)
    assert np.array_equal(a[~marked], b[~marked])
    assert (a[marked] != b[marked]).any()
    assert sha256_of(scan) == before
    (record,) = done.rendered.records
    assert record.regions == 2
    assert record.area_px == 12 * 9 + 1500
    assert record.area_mm2 == pytest.approx(1608 / 16)
    assert record.input_sha256 == before
    with open_scan(result) as written:
        assert record.output_pixels_sha256 == finish(pixels_hash(written))


def test_the_change_map_tells_which_step_changed_which_pixel(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    other = Mask(600, 700)
    other.add(400, 400, np.ones((100, 100), bool))
    steps = (Step(FillLosses(), damage()), Step(SuppressNoise(), other))
    result = tmp_path / "two.tif"
    done = finish(restore(scan, Treatment(steps), result, studio))
    changes = tifffile.imread(map_path(result), series=0, level=0)
    a, b = tifffile.imread(scan, series=0, level=0), tifffile.imread(result, series=0, level=0)
    differs = (a != b).any(axis=-1)
    assert np.array_equal(changes > 0, differs)
    assert set(np.unique(changes)) == {0, 1, 2}
    assert not (changes[~damage().read(0, 600, 0, 700)] & 1).any()
    assert done.rendered.changed_px == differs.sum()


def test_result_and_change_map_are_trusted_and_name_their_parents(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    result = tmp_path / "filled.tif"
    finish(restore(scan, Treatment((Step(FillLosses(), damage()),)), result, studio))
    for path, parents in ((result, {"scan.tif"}), (map_path(result), {"scan.tif", "filled.tif"})):
        verdict = verify(path, studio.anchor)
        assert verdict.state == "trusted"
        assert parents <= {ancestor.title for ancestor in verdict.ancestors} | {"scan.tif", "filled.tif"}
        assert len(verdict.ancestors) >= len(parents)


def test_a_cancelled_render_leaves_nothing_behind(scan: Path, tmp_path: Path, studio: Studio) -> None:
    seen: list[Progress] = []
    here = set(tmp_path.iterdir())
    with pytest.raises(CancelledError):
        finish(
            restore(scan, Treatment((Step(SuppressNoise()),)), tmp_path / "result.tif", studio),
            seen.append,
            lambda: len(seen) > 2,
        )
    assert set(tmp_path.iterdir()) == here
    assert threading.active_count() < 20


def test_a_mask_of_another_size_is_refused_and_nothing_is_written(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    with pytest.raises(MaskError, match="600 × 700 px, its picture 700 × 600 px"):
        finish(
            restore(scan, Treatment((Step(FillLosses(), Mask(700, 600)),)), tmp_path / "result.tif", studio)
        )
    assert not (tmp_path / "result.tif").exists()


def test_an_empty_treatment_and_a_lossy_file_are_refused(scan: Path, tmp_path: Path) -> None:
    paths = tmp_path / "r.tif", tmp_path / "c.tif"
    with pytest.raises(UsageError, match="from 1 to 16 steps"):
        finish(render(scan, Treatment(), *paths))
    with pytest.raises(UsageError, match="without loss"):
        finish(render(scan, Treatment((Step(SuppressNoise()),)), *paths, compression="jpeg"))


def test_a_truncated_scan_is_refused_or_its_damage_is_told(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    cut = tmp_path / "cut.tif"
    cut.write_bytes(scan.read_bytes()[:2000])
    with pytest.raises(ScanError):
        finish(restore(cut, Treatment((Step(SuppressNoise()),)), tmp_path / "result.tif", studio))
    assert not (tmp_path / "result.tif").exists()


def test_a_folder_that_is_not_there_is_one_sentence(scan: Path, tmp_path: Path, studio: Studio) -> None:
    with pytest.raises(WriteError, match="folder does not exist"):
        finish(restore(scan, Treatment((Step(SuppressNoise()),)), tmp_path / "no" / "result.tif", studio))


@pytest.mark.parametrize("masked", [True, False])
def test_a_result_that_does_not_come_back_from_the_disk_is_not_signed_and_done_again(
    scan: Path, tmp_path: Path, masked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    treatment = Treatment((Step(FillLosses(), damage()) if masked else Step(SuppressNoise()),))
    target, changes = tmp_path / "r.tif", tmp_path / "r-changes.tif"

    def spoilt(source: TileSource) -> Job[str]:
        with tifffile.TiffFile(target) as file:
            at = file.pages.first.dataoffsets[0]
        with target.open("r+b") as file:
            file.seek(at + 40)
            file.write(bytes(20))
        return pixels_hash(source)

    with monkeypatch.context() as patch:
        patch.setattr(rendering, "pixels_hash", spoilt)
        with pytest.raises(WriteError, match="could not be read back"):
            finish(render(scan, treatment, target, changes))
    finish(render(scan, treatment, target, changes))
    expected = whole(tifffile.imread(scan, series=0, level=0), treatment)
    assert np.array_equal(tifffile.imread(target, series=0, level=0), expected)


def test_a_change_map_of_another_result_is_not_taken_over(scan: Path, tmp_path: Path) -> None:
    drafts = tmp_path / "drafts"
    drafts.mkdir()
    target, changes = drafts / "r.tif", drafts / "changes.tif"
    other = Mask(600, 700)
    other.add(400, 400, np.ones((20, 20), bool))
    first, second = (Treatment((Step(FillLosses(), mask),)) for mask in (damage(), other))
    found = finish(render(scan, first, target, changes))
    for path in drafts.glob("r.tif*"):
        path.unlink()
    again = finish(render(scan, second, target, changes))
    assert found.changed_px > 400 >= again.changed_px > 0
    with open_scan(changes) as written:
        assert not written.read(0, 100, 112, 200, 209).any()


def test_a_scan_that_is_overwritten_meanwhile_signs_nothing(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    treatment = Treatment((Step(FillLosses(), damage()),))
    jobs: list[Job[object]] = [
        restore(scan, treatment, tmp_path / "r.tif", studio),
        export_pyramid(scan, tmp_path / "p.tif", studio),
    ]
    for job in jobs:
        with pytest.raises(ChangedError, match="was changed while it was read"):  # noqa: PT012
            for progress in job:
                if progress.what == "signing":
                    os.utime(scan, (1, 1 + jobs.index(job)))
    assert not list(tmp_path.glob("r*.tif")) + list(tmp_path.glob("p*.tif"))
    assert not list(tmp_path.glob(".workstation-*"))


def test_a_second_render_gives_the_same_pixels(scan: Path, tmp_path: Path, studio: Studio) -> None:
    step = Step(FillLosses(), damage())
    first = finish(restore(scan, Treatment((step,)), tmp_path / "1.tif", studio))
    second = finish(restore(scan, Treatment((step,)), tmp_path / "2.tif", studio))
    assert first.rendered.records[0].output_pixels_sha256 == second.rendered.records[0].output_pixels_sha256


def test_the_pixels_hash_does_not_depend_on_how_the_file_is_packed(tmp_path: Path) -> None:
    pixels: Pixels = painted(300, 1000)
    found = set()
    for tile, compression in ((256, "zstd"), (512, "none"), (128, "lzw")):
        path = tmp_path / f"{tile}.tif"
        finish(write_pyramid(ArraySource(pixels), path, tile=tile, compression=compression))
        with open_scan(path) as scan:
            found.add(finish(pixels_hash(scan)))
    assert len(found) == 1
