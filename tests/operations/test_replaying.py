"""A recorded treatment, run again from result and scan alone, gives the same pixels; what lies is found."""

from __future__ import annotations

import copy
import dataclasses
import json
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from annotated_types import Interval, Unit, doc
from hypothesis import given
from hypothesis import strategies as st

from tests.operations.examples import WINDOW, example, painted
from tests.operations.lying import Change, lying
from workstation.credentials.certificates import Studio, create_studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.formats import CREDENTIAL_TAG
from workstation.credentials.recalling import Recalled, recall
from workstation.credentials.tiffs import NOTE
from workstation.errors import (
    CancelledError,
    ChangedError,
    CredentialError,
    MaskError,
    OperationError,
    ScanError,
    WorkstationError,
)
from workstation.files import sha256_of
from workstation.jobs import finish
from workstation.operations import carrying, exporting, packing, tolerance
from workstation.operations.carrying import name_of
from workstation.operations.exporting import restore
from workstation.operations.finding import ScanMissingError
from workstation.operations.losses import FillLosses
from workstation.operations.mask import Mask
from workstation.operations.noise import SuppressNoise
from workstation.operations.operation import REGISTRY, Operation, State, Window, load_all
from workstation.operations.recorded import read_records
from workstation.operations.replayed import Replayed, as_data, sentence
from workstation.operations.replaying import Asked, replay
from workstation.operations.treatment import Step, Treatment
from workstation.operations.varnish import ThinVarnish
from workstation.scans.pyramid import write_pyramid
from workstation.scans.source import ArraySource, Metadata, Pixels

HEIGHT, WIDTH = 600, 700


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return create_studio(tmp_path / "certificates", studio="Test studio", person="Test person")


def written(pixels: Pixels, path: Path) -> Path:
    finish(write_pyramid(ArraySource(pixels, Metadata(pixels_per_mm=4.0)), path, tile=256))
    return path


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return written(painted(HEIGHT, WIDTH), tmp_path / "scan.tif")


def fills(**values: float) -> Step:
    return dataclasses.replace(example("fill-losses", HEIGHT, WIDTH), operation=FillLosses(**values))


def treated(scan: Path, studio: Studio, *steps: Step) -> Path:
    result = scan.with_name("result.tif")
    finish(restore(scan, Treatment(steps), result, studio))
    return result


def again(result: Path, studio: Studio, **asked: Any) -> Replayed:
    return finish(replay(Asked(result, **asked), recall(result, studio.anchor)))


def of_kind(pixels: npt.NDArray[np.uint16], kind: str) -> Pixels:
    """Return the picture in other samples, or in grey."""
    colours = pixels[..., :1] if "grey" in kind else pixels
    if "float32" in kind:
        return (colours / 65_535).astype(np.float32)
    return (colours >> 8).astype(np.uint8) if "8 bit" in kind else colours


@pytest.mark.parametrize("kind", ["colour", "colour 8 bit", "colour float32", "grey", "grey 8 bit"])
@pytest.mark.parametrize("name", sorted(load_all()))
def test_every_operation_is_replayed_to_the_very_pixels(
    name: str, kind: str, tmp_path: Path, studio: Studio
) -> None:
    pixels = of_kind(painted(HEIGHT, WIDTH), kind)
    scan, step = written(pixels, tmp_path / "scan.tif"), example(name, HEIGHT, WIDTH)
    if "grey" in kind and name == "thin-varnish":
        pytest.skip("varnish is known by its colour")
    result = treated(scan, studio, step)
    assert np.any(tifffile.imread(result, series=0, level=0) != np.squeeze(pixels)), "it did something"
    done = again(result, studio, scan=scan)
    assert (done.state, done.is_good, done.circumstances, done.misfits) == ("identical", True, (), ())
    assert as_data(done)["largest_difference"] == 0
    assert "exactly the pixels of result.tif" in sentence(done)


@pytest.mark.parametrize("kind", ["colour", "colour 8 bit", "colour float32"])
def test_all_operations_one_after_the_other_are_replayed_to_the_very_pixels(
    kind: str, tmp_path: Path, studio: Studio
) -> None:
    scan = written(of_kind(painted(HEIGHT, WIDTH), kind), tmp_path / "scan.tif")
    steps = [example(name, HEIGHT, WIDTH) for name in sorted(load_all(), reverse=True)]
    elsewhere = Mask(HEIGHT, WIDTH)
    elsewhere.add(20, 400, np.ones((200, 250), bool))
    steps += [Step(SuppressNoise(strength=1 / 3), elsewhere), fills(tension=0.1 + 0.2)]
    result = treated(scan, studio, *steps)
    done = again(result, studio)
    assert (done.state, len(done.treatment.steps)) == ("identical", len(steps))
    assert [vars_of(a) for a in done.treatment.steps] == [vars_of(b) for b in steps]


def vars_of(step: Step) -> tuple[Operation, str | None]:
    return step.operation, step.mask.sha256() if step.mask else None


def test_a_page_of_a_many_paged_scan_is_replayed(tmp_path: Path, studio: Studio) -> None:
    scan = tmp_path / "pages.tif"
    with tifffile.TiffWriter(scan) as file:
        for shade in (1, 2, 3):
            file.write(painted(HEIGHT, WIDTH) // shade, photometric="rgb", tile=(256, 256), metadata=None)
    result = tmp_path / "result.tif"
    finish(restore(scan, Treatment((fills(),)), result, studio, page=2))
    assert again(result, studio).state == "identical"
    other = again(result, studio, page=1)
    assert (other.state, other.page) == ("different", 1)
    with pytest.raises(ScanError, match="page"):
        again(result, studio, page=7)


def changes_parameter(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
    records[0]["parameters"]["tension"] = 0.7500001


def changes_mask(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
    mask = example("fill-losses", HEIGHT, WIDTH).mask
    assert mask is not None
    mask.add(560, 650, np.ones((5, 5), bool))
    masks.clear()
    masks[name_of(mask.sha256())] = packing.packed(mask)
    records[0]["mask_sha256"] = mask.sha256()


@pytest.mark.parametrize("change", [changes_parameter, changes_mask])
def test_a_record_that_lies_is_found_with_the_place(change: Change, scan: Path, studio: Studio) -> None:
    honest = treated(scan, studio, fills())
    liar = lying(honest, scan, studio, change)
    told = recall(liar, studio.anchor)
    assert told.verdict.state == "trusted", "only a replay can tell"
    done = again(liar, studio)
    assert (done.state, done.is_good) == ("different", False)
    assert done.match is not None
    mask = fills().mask
    assert mask is not None
    marked = mask.read(0, HEIGHT, 0, WIDTH)
    differs = done.match.mask.read(0, HEIGHT, 0, WIDTH)
    assert differs.sum() == done.match.pixels > 0
    if change is changes_parameter:
        assert not differs[~marked].any(), "where no mask was nothing can differ"
    else:
        assert as_data(done)["box"] == {"x": 650, "y": 560, "width": 5, "height": 5}
        assert "regions of step 1" in done.misfits
    assert "does not give the pixels" in sentence(done)


def test_a_result_with_a_retouched_place_is_found_with_the_place(scan: Path, studio: Studio) -> None:
    told = recall(treated(scan, studio, calmed()), studio.anchor)
    result = scan.with_name("result.tif")
    pixels = tifffile.imread(result, series=0, level=0)
    pixels[200:210, 550:560] += 1
    written(pixels, scan.with_name("draft.tif"))
    content = Content(
        "retouched",
        (Action("c2pa.opened"), Action("c2pa.edited", "algorithmicallyEnhanced")),
        (Ingredient(scan, scan.name),),
        told.records,
    )
    export(scan.with_name("draft.tif"), scan.with_name("retouched.tif"), "restored", content, studio)
    done = again(scan.with_name("retouched.tif"), studio)
    data = as_data(done)
    assert (data["state"], data["largest_difference"], data["pixels_different"]) == ("different", 1, 100)
    assert data["where"] == [
        {"row": 0, "column": 1, "x": 550, "y": 200, "width": 10, "height": 10, "pixels": 100,
         "largest_difference": 1}
    ]  # fmt: skip
    assert done.misfits == ("hash of the result's pixels",)


def calmed() -> Step:
    return Step(SuppressNoise())


@pytest.fixture
def seeded() -> Iterator[type[Operation]]:
    """Declare an operation with a seed and trained weights for the length of one test."""

    @dataclass(frozen=True)
    class Grain(Operation):
        """Add grain, for a test."""

        name: ClassVar[str] = "test-grain"
        weights: ClassVar[str] = "a" * 64
        seed: Annotated[int, Interval(ge=0, le=1000), Unit(""), doc("which grain")] = 1

        def halo(self, state: State) -> int:
            return 0

        def weights_sha256(self) -> str | None:
            return self.weights

        def apply(self, window: Window, state: State) -> Pixels:
            return window.pixels ^ np.uint16(self.seed)

    load_all()
    yield Grain
    del REGISTRY["test-grain"]


def test_a_changed_seed_and_other_weights_are_found(
    seeded: type[Operation], scan: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = treated(scan, studio, Step(seeded()))
    assert again(honest, studio).state == "identical"

    def seed(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        records[0]["parameters"]["seed"] = 2

    done = again(lying(honest, scan, studio, seed), studio)
    assert (done.state, done.misfits) == ("different", ("seed of step 1",))
    monkeypatch.setattr(seeded, "weights", "b" * 64)
    with pytest.raises(
        CredentialError, match=r"used trained weights aaaaaaaaaaaa…; here it has bbbbbbbbbbbb…"
    ):
        again(honest, studio)


@pytest.mark.parametrize(("key", "value"), [("regions", 3), ("area_px", 1), ("share", 0.5), ("area_mm2", 1)])
def test_a_record_that_boasts_is_told_although_the_pixels_are_right(
    key: str, value: float, scan: Path, studio: Studio
) -> None:
    def boast(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        records[0][key] = value

    done = again(lying(treated(scan, studio, fills()), scan, studio, boast), studio)
    assert (done.state, done.misfits, done.is_good) == ("identical", (f"{key} of step 1",), False)
    assert f"The record does not fit what was found: {key} of step 1." in sentence(done)


def test_what_was_measured_in_the_scan_must_be_what_is_recorded(scan: Path, studio: Studio) -> None:
    def measure(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        records[0]["state"]["noise"][0][1][0] *= 1.001

    honest = treated(scan, studio, calmed())
    done = again(lying(honest, scan, studio, measure), studio)
    assert (done.state, done.misfits) == ("identical", ("state of step 1",))


def elsewhere(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
    for record in records:
        record["processor"], record["versions"]["numpy"] = "Another, AVX2", "1.0"


def test_on_another_machine_the_tolerance_holds_and_is_told(scan: Path, studio: Studio) -> None:
    def nearly(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        elsewhere(records, masks)
        records[0]["parameters"]["tension"] = 0.75 + 1e-6

    honest = treated(scan, studio, fills())
    same = again(lying(honest, scan, studio, elsewhere), studio)
    assert (same.state, len(same.circumstances)) == ("identical", 2)
    done = again(lying(honest, scan, studio, nearly), studio)
    assert done.match is not None
    assert (done.state, done.match.largest, done.tolerance) == ("within-tolerance", 1, 1)
    assert done.is_good
    told = sentence(done)
    assert "differ, by up to 1 of 65,535; 1 of 65,535 are allowed on another machine." in told
    assert "instead of Another, AVX2" in told
    assert "numpy" in told

    def much(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        elsewhere(records, masks)
        records[0]["parameters"]["tension"] = 0.5

    assert again(lying(honest, scan, studio, much), studio).state == "different"


def test_the_tolerance_of_a_treatment_is_that_of_its_steps_and_their_rounding() -> None:
    deep, shallow, floating = (
        ArraySource(np.zeros((1, 1, 3), kind)).levels[0] for kind in (np.uint16, np.uint8, np.float32)
    )
    fill, noise, varnish = (Step(kind()) for kind in (FillLosses, SuppressNoise, ThinVarnish))
    assert tolerance.tolerance(Treatment((fill,)), deep, 0) == 1
    assert tolerance.tolerance(Treatment((fill,)), shallow, 0) == 1
    assert tolerance.tolerance(Treatment((fill,)), floating, 2.0) == pytest.approx(8e-6, rel=0.1)
    assert tolerance.tolerance(Treatment((noise, varnish)), deep, 0) == int(65_535 * (1e-2 + 1e-6) + 10 + 1)


def test_the_scan_is_found_by_its_hash_and_no_other_is_taken(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    result = treated(scan, studio, fills())
    told = recall(result, studio.anchor)
    away = tmp_path / "archive" / "renamed.tif"
    away.parent.mkdir()
    shutil.move(scan, away)
    with pytest.raises(
        ScanMissingError, match=r"The scan of result.tif \(scan.tif, SHA-256 [0-9a-f]{16}…\) lies"
    ):
        again(result, studio)
    written(painted(HEIGHT, WIDTH) // 2, scan)
    with pytest.raises(ScanMissingError):
        again(result, studio)
    with pytest.raises(ScanError, match=r"scan.tif is not the scan that result.tif was made from"):
        again(result, studio, scan=scan)
    asked: list[str] = []

    def known(sha256: str) -> list[Path]:
        asked.append(sha256)
        return [tmp_path / "gone.tif", scan, away]

    assert finish(replay(Asked(result), told, known)).scan == away
    assert asked == [sha256_of(away)]


@pytest.mark.parametrize("big", [False, True])
def test_a_scan_that_was_signed_since_is_known_again(
    big: bool, scan: Path, tmp_path: Path, studio: Studio
) -> None:
    if big:
        scan = tmp_path / "big.tif"
        tifffile.imwrite(scan, painted(HEIGHT, WIDTH), photometric="rgb", tile=(256, 256), bigtiff=True)
    result, signed = treated(scan, studio, fills()), tmp_path / "signed.tif"
    export(scan, signed, "scan", Content("s", (Action("c2pa.opened"),), (Ingredient(scan, "s"),)), studio)
    assert again(result, studio, scan=signed).state == "identical"
    data = bytearray(signed.read_bytes())
    data[len(scan.read_bytes()) // 2] ^= 1
    signed.write_bytes(data)
    with pytest.raises(ScanError, match="is not the scan"):
        again(result, studio, scan=signed)


def test_a_signed_scan_whose_directory_was_turned_to_other_pixels_is_not_taken(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    result, signed = treated(scan, studio, fills()), tmp_path / "signed.tif"
    export(scan, signed, "scan", Content("s", (Action("c2pa.opened"),), (Ingredient(scan, "s"),)), studio)
    size = scan.stat().st_size
    with tifffile.TiffFile(signed) as file:
        place = file.pages.first.tags["ImageWidth"].valueoffset
    assert place > size, "the copy of the directory"
    data = bytearray(signed.read_bytes())
    data[place] ^= 1
    signed.write_bytes(data)
    with pytest.raises(ScanError, match="is not the scan"):
        again(result, studio, scan=signed)


def test_a_scan_of_which_pages_were_cut_off_is_not_the_one_that_was_signed(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    with tifffile.TiffWriter(scan) as file:
        for _ in range(2):
            file.write(painted(HEIGHT, WIDTH), photometric="rgb", metadata=None)
    result, cut = treated(scan, studio, fills()), tmp_path / "cut.tif"
    data = bytearray(scan.read_bytes())
    [first] = struct.unpack_from("<I", data, 4)
    [count] = struct.unpack_from("<H", data, first)
    note = bytes(len(data) & 1) + NOTE + struct.pack("<QQQ", len(data), 4, first)
    place, credential = len(data) + len(note), b"a credential"
    behind = place + 2 + 12 * (count + 1) + 4
    entries = data[first + 2 : first + 2 + 12 * count] + struct.pack(
        "<HHII", CREDENTIAL_TAG, 7, len(credential), behind
    )
    struct.pack_into("<I", data, 4, place)
    cut.write_bytes(data + note + struct.pack("<H", count + 1) + entries + bytes(4) + credential)
    with tifffile.TiffFile(cut) as file:
        assert len(file.pages) == 1
    with pytest.raises(ScanError, match="is not the scan"):
        again(result, studio, scan=cut)


def test_a_result_changed_between_its_verdict_and_the_replay_is_not_replayed(
    scan: Path, studio: Studio
) -> None:
    result = treated(scan, studio, fills())
    told = recall(result, studio.anchor)
    with result.open("ab") as file:
        file.write(b"more")
    with pytest.raises(ChangedError):
        finish(replay(Asked(result), told))


def test_a_scan_or_result_changed_meanwhile_gives_no_verdict(
    scan: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = treated(scan, studio, fills())
    for path in (scan, result):
        data = path.read_bytes()
        job = replay(Asked(result), recall(result, studio.anchor))
        with pytest.raises(ChangedError):  # noqa: PT012
            for progress in job:
                if progress.what == "comparing" and not progress.done:
                    path.write_bytes(data[:-1] + b"?")
        path.write_bytes(data)


def test_a_replay_that_is_stopped_leaves_nothing_and_no_thread(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    import threading

    result = treated(scan, studio, calmed())
    before, seen = set(tmp_path.rglob("*")), list[str]()
    with pytest.raises(CancelledError):
        finish(
            replay(Asked(result), recall(result, studio.anchor)),
            lambda progress: seen.append(progress.what),
            lambda: seen.count("comparing") > 1,
        )
    assert set(tmp_path.rglob("*")) == before
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("replay")]


def test_masks_that_two_steps_share_are_carried_once_and_others_lie_beside(
    scan: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Mask(HEIGHT, WIDTH)
    other.add(400, 500, np.random.default_rng(3).random((90, 90)) > 0.5)
    size = len(packing.packed(fills().mask or other))
    monkeypatch.setattr(exporting, "carried", lambda treatment: carrying.carried(treatment, size))
    result = scan.with_name("result.tif")
    steps = (fills(), fills(tension=0.5), Step(FillLosses(), other))
    done = finish(restore(scan, Treatment(steps), result, studio))
    told = recall(result, studio.anchor)
    assert [record["mask_kept"] for record in told.records] == ["credential", "credential", "beside"]
    assert len(told.attachments or {}) == 1
    beside = scan.with_name("result-mask-1.tif")
    assert [made.kind for made in done.files] == ["restored", "change-map", "mask"]
    with pytest.raises(MaskError, match="name it with --mask"):
        again(result, studio)
    with pytest.raises(MaskError, match="is not the mask of any step"):
        again(result, studio, masks=(scan,))
    assert again(result, studio, masks=(beside,)).state == "identical"


def broken(**values: Any) -> Change:
    def change(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        for key, value in values.items():
            if value is KeyError:
                del records[0][key]
            else:
                records[0][key] = value

    return change


def other_mask(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
    mask = Mask(HEIGHT, WIDTH)
    mask.add(0, 0, np.ones((3, 3), bool))
    masks[next(iter(masks))] = packing.packed(mask)


def huge_mask(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
    masks[next(iter(masks))] = packing.MAGIC + packing.HEAD.pack(1 << 26, 1 << 26, 1 << 30)


def no_mask(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
    masks.clear()


MALICIOUS: dict[str, tuple[Change, str]] = {
    "newer": (broken(format=2), "a newer version of the workstation wrote them"),
    "newer operation": (broken(version=9), "used version 9 of fill-losses"),
    "unknown": (broken(operation="paint-over"), "'paint-over', which this version of the workstation lacks"),
    "no name": (broken(operation=KeyError), "which this version of the workstation lacks"),
    "name of a list": (broken(operation=["fill-losses"]), "step 1 has no proper 'operation'"),
    "unknown parameter": (broken(parameters={"path": "/etc/passwd"}), "has no parameter 'path'"),
    "wrong type": (broken(parameters={"tension": [1]}), "tension takes a number"),
    "huge number": (broken(parameters={"tension": 10**400}), "tension takes a number"),
    "long text": (broken(parameters={"tension": "9" * 400_000}), "parameters of no reasonable length"),
    "deep": (broken(parameters={"tension": {"a": {}}}), "tension takes a number"),
    "parameters none": (broken(parameters=None), "no proper 'parameters'"),
    "version true": (broken(version=True), "no proper 'version'"),
    "version huge": (broken(version=1 << 80), "no proper 'version'"),
    "page huge": (broken(input_page=1 << 80), "no proper 'input_page'"),
    "page far": (broken(input_page=1 << 40), "page"),
    "page negative": (broken(input_page=-1), "no proper 'input_page'"),
    "hash a path": (broken(input_sha256="../../scan.tif"), "no proper 'input_sha256'"),
    "no scan": (broken(input_sha256=None), "do not name the scan"),
    "mask a path": (broken(mask_sha256="/etc/passwd"), "no proper 'mask_sha256'"),
    "mask missing": (broken(mask_sha256=None), "has no mask"),
    "mask unknown": (broken(mask_sha256="0" * 64), "name it with --mask"),
    "weights": (broken(weights_sha256="0" * 64), "used trained weights 000000000000…; here it has none"),
    "device long": (broken(device="x" * 5000), "no proper 'device'"),
    "versions a list": (broken(versions=[]), "no proper 'versions'"),
    "mask swapped": (other_mask, "is not the one its record names"),
    "mask bomb": (huge_mask, "cannot be used"),
    "mask left out": (no_mask, "name it with --mask"),
}


@pytest.mark.parametrize("case", MALICIOUS)
def test_a_record_that_cannot_be_replayed_is_one_short_sentence(
    case: str, scan: Path, studio: Studio
) -> None:
    change, words = MALICIOUS[case]
    liar = lying(treated(scan, studio, fills()), scan, studio, change)
    with pytest.raises(WorkstationError) as caught:
        again(liar, studio)
    told = str(caught.value)
    assert words in told
    assert len(told) < 500
    assert "\n" not in told


def test_more_steps_than_a_treatment_has_and_two_scans_are_refused(scan: Path, studio: Studio) -> None:
    honest = treated(scan, studio, fills())

    def many(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        records *= 17

    def two(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        records.append({**records[0], "input_sha256": "0" * 64})

    with pytest.raises(CredentialError, match="17 steps"):
        again(lying(honest, scan, studio, many), studio)
    with pytest.raises(CredentialError, match="more than one scan"):
        again(lying(honest, scan, studio, two), studio)


def test_a_varnish_record_with_an_impossible_window_is_one_sentence(scan: Path, studio: Studio) -> None:
    honest = treated(scan, studio, Step(ThinVarnish(cleaned=WINDOW)))

    def window(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        records[0]["parameters"]["cleaned"] = [0, 0, 10**12, 10**12]

    with pytest.raises(OperationError, match=r"cannot be run on scan.tif: The cleaned window reaches beyond"):
        again(lying(honest, scan, studio, window), studio)


def test_a_file_without_a_record_says_so(scan: Path, tmp_path: Path, studio: Studio) -> None:
    with pytest.raises(CredentialError, match=r"scan.tif has no record that could be replayed. No"):
        again(scan, studio)
    signed = tmp_path / "signed.tif"
    export(scan, signed, "scan", Content("s", (Action("c2pa.created", "algorithmicMedia"),)), studio)
    with pytest.raises(CredentialError, match="Its credential tells no treatment"):
        again(signed, studio)


def test_a_record_without_what_older_results_lack_is_replayed(scan: Path, studio: Studio) -> None:
    def older(records: list[dict[str, Any]], masks: dict[str, bytes]) -> None:
        for key in ("format", "processor", "mask_kept"):
            del records[0][key]

    done = again(lying(treated(scan, studio, fills()), scan, studio, older), studio)
    assert (done.state, len(done.circumstances)) == ("identical", 1)
    assert "instead of one that is not told" in done.circumstances[0]


def test_a_replay_of_another_size_is_different_without_numbers(scan: Path, studio: Studio) -> None:
    told = recall(treated(scan, studio, calmed()), studio.anchor)
    small = written(painted(HEIGHT, WIDTH)[:300], scan.with_name("draft.tif"))
    content = Content(
        "small",
        (Action("c2pa.opened"), Action("c2pa.edited", "algorithmicallyEnhanced")),
        (Ingredient(scan, scan.name),),
        told.records,
    )
    export(small, scan.with_name("small.tif"), "restored", content, studio)
    done = again(scan.with_name("small.tif"), studio)
    assert (done.state, as_data(done)["largest_difference"]) == ("different", None)
    assert "the result is 700 × 300 px, the replay 700 × 600 px" in sentence(done)
    assert json.dumps(as_data(done))


def test_recall_judges_the_very_credential_that_it_reads(scan: Path, studio: Studio) -> None:
    result = treated(scan, studio, fills())
    told = recall(result, studio.anchor)
    assert isinstance(told, Recalled)
    assert (told.verdict.state, told.parent, len(told.records)) == ("trusted", "scan.tif", 1)
    assert len(told.verdict.ancestors) == 1, "a mask is no file that the result came from"


def test_a_signed_copy_of_a_result_is_replayed_by_the_records_of_what_it_copies(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    result, copied, edited = treated(scan, studio, fills()), tmp_path / "copy.tif", tmp_path / "edited.tif"
    part = (Ingredient(result, result.name),)
    export(result, copied, "scan", Content("copy", (Action("c2pa.opened"),), part), studio)
    told = recall(copied, studio.anchor)
    assert (told.inherited, told.parent, told.is_reliable) == (True, "scan.tif", True)
    assert again(copied, studio).state == "identical"
    actions = (Action("c2pa.opened"), Action("c2pa.edited", "humanEdits"))
    export(result, edited, "restored", Content("edited", actions, part), studio)
    with pytest.raises(CredentialError, match="Its credential tells no treatment"):
        again(edited, studio)


def test_the_records_of_an_altered_parent_are_not_relied_on(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    result, copied = treated(scan, studio, fills()), tmp_path / "copy.tif"
    data = bytearray(result.read_bytes())
    data[len(data) // 3] ^= 1
    result.write_bytes(data)
    export(
        result,
        copied,
        "scan",
        Content("copy", (Action("c2pa.opened"),), (Ingredient(result, result.name),)),
        studio,
    )
    told = recall(copied, studio.anchor)
    assert (told.verdict.state, told.inherited, told.is_reliable) == ("altered-ancestor", True, False)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
HONEST: dict[str, Any] = {
    "operation": "thin-varnish",
    "version": 1,
    "format": 1,
    "parameters": {"cleaned": [1, 2, 30, 40], "uncleaned": [0, 0, 0, 0], "strength": 0.5},
    "mask_sha256": None,
    "mask_kept": None,
    "input_sha256": "0" * 64,
    "input_page": 0,
    "output_pixels_sha256": "1" * 64,
    "weights_sha256": None,
    "seed": None,
    "device": "CPU",
    "processor": "Any",
    "versions": {"numpy": "2"},
    "state": {},
}


@given(st.sampled_from([*HONEST, *HONEST["parameters"]]), VALUES)
def test_whatever_a_stranger_writes_into_a_record_is_read_or_refused_in_a_sentence(
    key: str, value: Any
) -> None:
    record = copy.deepcopy(HONEST)
    (record["parameters"] if key in record["parameters"] else record)[key] = value
    told = ""
    try:
        assert isinstance(read_records([record]).steps[0].operation, ThinVarnish)
    except WorkstationError as error:
        told = str(error)
    assert len(told) < 500
