"""Every state is told apart; the worst of a file and all its ancestors counts."""

from __future__ import annotations

import os
import socket
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.credentials.conftest import BESIDE, INSIDE, change_a_pixel, opened, signed
from workstation.credentials import issuing, trust
from workstation.credentials.batch import REFUSED, judge_all
from workstation.credentials.certificates import AUTHORITY, Studio, create_studio
from workstation.credentials.formats import sidecar_of
from workstation.credentials.judging import Judge
from workstation.credentials.sentences import deeds
from workstation.credentials.verifying import verify
from workstation.errors import UsageError
from workstation.jobs import finish

MADE = [*INSIDE, *BESIDE]


def make(name: str, folder: Path, studio: Studio) -> Path:
    (INSIDE | BESIDE)[name](folder / name)
    return signed(folder / name, folder / f"signed-{name}", studio)


@pytest.mark.parametrize("name", MADE)
def test_one_changed_bit_is_found(name: str, tmp_path: Path, studio: Studio) -> None:
    file = make(name, tmp_path, studio)
    change_a_pixel(file)
    verdict = verify(file, studio.anchor)
    assert verdict.state == "altered"
    assert "changed after it was signed" in verdict.sentence


@pytest.mark.parametrize("name", MADE)
def test_bytes_put_at_the_end_are_found(name: str, tmp_path: Path, studio: Studio) -> None:
    file = make(name, tmp_path, studio)
    with file.open("ab") as handle:
        handle.write(b"more")
    assert verify(file, studio.anchor).state == "altered"


@pytest.mark.parametrize("name", MADE)
def test_a_signer_whom_nobody_vouches_for_is_unknown(name: str, tmp_path: Path, studio: Studio) -> None:
    file = make(name, tmp_path, studio)
    verdict = verify(file, "")
    assert verdict.state == "unknown-signer"
    assert "Ada Novak" in verdict.sentence
    assert "no certificate that you trust" in verdict.sentence


@pytest.mark.parametrize("keep", [0.001, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("name", MADE)
def test_a_file_that_was_cut_off_never_passes(name: str, keep: float, tmp_path: Path, studio: Studio) -> None:
    file = make(name, tmp_path, studio)
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * keep)])
    verdict = verify(file, studio.anchor)
    assert verdict.state in ("damaged", "altered", "none")
    if file.suffix == ".tif" and name in INSIDE:
        assert verdict.state == "damaged"


@pytest.mark.parametrize("name", ["striped.tif", "picture.jpg", "picture.png"])
def test_a_stripped_file_has_none(name: str, tmp_path: Path, studio: Studio) -> None:
    make(name, tmp_path, studio)
    assert verify(tmp_path / name, studio.anchor).state == "none"


def test_a_file_whose_sidecar_is_gone_has_none(tmp_path: Path, studio: Studio) -> None:
    file = make("overlay.glb", tmp_path, studio)
    sidecar_of(file).unlink()
    assert verify(file, studio.anchor).state == "none"


@pytest.mark.parametrize("keep", [0, 10, 2000, -20])
def test_a_sidecar_that_was_cut_off_is_damaged(keep: int, tmp_path: Path, studio: Studio) -> None:
    file = make("overlay.glb", tmp_path, studio)
    sidecar_of(file).write_bytes(sidecar_of(file).read_bytes()[:keep])
    assert verify(file, studio.anchor).state == "damaged"


def test_a_sidecar_of_another_file_does_not_fit(tmp_path: Path, studio: Studio) -> None:
    one, two = make("overlay.glb", tmp_path, studio), make("record.json", tmp_path, studio)
    sidecar_of(one).write_bytes(sidecar_of(two).read_bytes())
    assert verify(one, studio.anchor).state == "altered"


def test_a_sidecar_stands_for_its_file_and_alone_for_nothing(tmp_path: Path, studio: Studio) -> None:
    file = make("overlay.glb", tmp_path, studio)
    assert verify(sidecar_of(file), studio.anchor).state == "trusted"
    file.unlink()
    verdict = verify(sidecar_of(file), studio.anchor)
    assert verdict.state == "unsupported"
    assert "not beside it" in verdict.sentence


def test_a_leftover_sidecar_does_not_spoil_an_embedded_credential(tmp_path: Path, studio: Studio) -> None:
    file, other = make("striped.tif", tmp_path, studio), make("overlay.glb", tmp_path, studio)
    sidecar_of(file).write_bytes(sidecar_of(other).read_bytes())
    verdict = verify(file, studio.anchor)
    assert (verdict.state, verdict.embedded) == ("trusted", True)


def test_an_expired_certificate_is_told(scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=365 * issuing.SIGNING_YEARS, seconds=-2))
    brief = create_studio(tmp_path / "brief", studio="Brief", person="Mayfly")
    file = signed(scan, tmp_path / "o.tif", brief)
    altered = signed(scan, tmp_path / "p.tif", brief)
    change_a_pixel(altered)
    time.sleep((brief.expires - datetime.now(UTC)).total_seconds() + 1.2)  # it must have passed
    verdict = verify(file, brief.anchor)
    assert verdict.state == "expired"
    assert "time-stamp" in verdict.sentence
    assert verify(altered, brief.anchor).state == "altered"


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_a_parent_that_was_altered_before_it_was_opened_is_named(
    depth: int, beside: bool, tmp_path: Path, studio: Studio
) -> None:
    name = "overlay.glb" if beside else "striped.tif"
    file = make(name, tmp_path, studio)
    change_a_pixel(file)
    for generation in range(depth):
        INSIDE["picture.png"](draft := tmp_path / "draft.png")
        file = opened_as(file, draft, tmp_path / f"{generation}.png", studio)
    verdict = verify(file, studio.anchor)
    assert verdict.state == "altered-ancestor"
    assert f"signed-{name}" in verdict.sentence
    assert [part.state for part in verdict.ancestors] == ["trusted"] * (depth - 1) + ["altered"]
    change_a_pixel(file)
    assert verify(file, studio.anchor).state == "altered"


def opened_as(parent: Path, draft: Path, target: Path, studio: Studio) -> Path:
    from workstation.credentials.content import Action, Content, Ingredient
    from workstation.credentials.door import export

    content = Content(target.name, (Action("c2pa.opened"),), (Ingredient(parent, parent.name),))
    export(draft, target, "restored", content, studio)
    return target


def test_a_record_inside_a_parents_credential_is_found_changed(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    parent = signed(scan, tmp_path / "parent.tif", studio)
    child = opened(parent, tmp_path / "child.tif", studio)
    data = bytearray(child.read_bytes())
    at = data.find(b"algorithmicMedia")
    data[at] ^= 1
    child.write_bytes(data)
    assert verify(child, studio.anchor).state in ("altered", "altered-ancestor", "damaged")


def test_an_ancestor_by_a_stranger_is_named(
    scan: Path, tmp_path: Path, studio: Studio, stranger: Studio
) -> None:
    parent = signed(scan, tmp_path / "theirs.tif", stranger)
    child = opened(parent, tmp_path / "ours.tif", studio)
    grandchild = opened(child, tmp_path / "later.tif", studio)
    verdict = verify(grandchild, studio.anchor)
    assert verdict.state == "unknown-signer"
    assert "theirs.tif" in verdict.sentence
    assert [part.state for part in verdict.ancestors] == ["trusted", "unknown-signer"]
    assert verify(grandchild, studio.anchor + stranger.anchor).state == "trusted"
    assert verify(grandchild, stranger.anchor).state == "unknown-signer"


def test_trusting_a_stranger_makes_his_file_trusted(scan: Path, tmp_path: Path, stranger: Studio) -> None:
    file = signed(scan, tmp_path / "theirs.tif", stranger)
    assert verify(file).state == "unknown-signer"
    [anchor] = trust.trust(stranger.folder / AUTHORITY)
    assert verify(file).state == "trusted"
    trust.distrust(anchor.fingerprint[:8])
    assert verify(file).state == "unknown-signer"


def test_signing_and_verifying_need_no_network(
    scan: Path, tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    child = opened(signed(scan, tmp_path / "a.tif", studio), tmp_path / "b.tif", studio)
    assert verify(child, studio.anchor).state == "trusted"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_in_a_sidecar_never_crashes_or_names_another_signer(
    at: float, bit: int, tmp_path: Path, studio: Studio
) -> None:
    file = make("record.json", tmp_path, studio)
    data = bytearray(sidecar_of(file).read_bytes())
    data[int(at * (len(data) - 1))] ^= 1 << bit
    sidecar_of(file).write_bytes(data)
    verdict = verify(file, studio.anchor)
    if verdict.state == "trusted":  # the padding of the signature is covered by nothing
        assert verdict.signer == studio.person + f" ({studio.name})"
        assert verdict.actions == ("c2pa.created",)


def report(**changes: Any) -> dict[str, Any]:
    """Return what the library would say of a file with one parent."""
    trusted = {"code": "signingCredential.trusted", "url": "self#jumbf=/c2pa/B/c2pa.signature"}
    parent = {
        "title": "parent",
        "label": "c2pa.ingredient.v3",
        "active_manifest": "B",
        "relationship": "parentOf",
        "validation_results": {"activeManifest": {"success": [trusted]}},
    }
    return {
        "active_manifest": "A",
        "manifests": {"A": {"ingredients": [parent]}, "B": {}},
        "validation_state": "Trusted",
        "validation_results": {
            "activeManifest": {"success": [{"code": "signingCredential.trusted"}]},
            "ingredientDeltas": [],
        },
        **changes,
    }


def with_failure(code: str) -> dict[str, Any]:
    failed = {"success": [{"code": "signingCredential.trusted"}], "failure": [{"code": code}]}
    return report(validation_state="Invalid", validation_results={"activeManifest": failed})


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("signingCredential.revoked", "revoked"),
        ("signingCredential.ocsp.revoked", "revoked"),
        ("signingCredential.expired", "expired"),
        ("signingCredential.untrusted", "unknown-signer"),
        ("signingCredential.invalid", "unknown-signer"),
        ("assertion.dataHash.mismatch", "altered"),
        ("claimSignature.mismatch", "altered"),
        ("claim.malformed", "damaged"),
        ("something.new", "damaged"),
        ("cawg.ica.signature_mismatch", "unknown-signer"),
    ],
)
def test_every_failure_code_of_the_library_has_its_state(code: str, state: str) -> None:
    assert Judge(with_failure(code)).own().state == state


def test_a_verdict_is_never_better_than_the_librarys_own() -> None:
    assert Judge(report()).own().state == "trusted"
    assert Judge(report(validation_state="Invalid")).own().state == "damaged"
    assert Judge(report(validation_state="Valid")).own().state == "unknown-signer"
    assert Judge({}).own().state == "damaged"


def test_ancestors_that_go_in_circles_or_without_end_are_bounded() -> None:
    part = {"title": "x", "active_manifest": "A", "label": "c2pa.ingredient.v3"}
    circle = report(manifests={"A": {"ingredients": [part, part]}})
    assert len(Judge(circle).ancestors) == 2
    levels = {
        str(level): {"ingredients": [{"title": "y", "active_manifest": str(level + 1)}] * 2}
        for level in range(60)
    }
    found = Judge(report(active_manifest="0", manifests=levels))
    assert found.too_many
    assert len(found.ancestors) == 1000


def test_a_hostile_report_of_any_shape_gives_a_verdict() -> None:
    part = {"title": "x", "metadata": {"org.conservation-workstation.state": ["trusted"]}}
    odd = [{"label": "c2pa.actions.v2", "data": {"actions": 5}}, {"label": "c2pa.actions", "data": None}]
    judge = Judge(report(manifests={"A": {"ingredients": [part, {"metadata": 3}], "assertions": odd}}))
    assert [found.state for found in judge.ancestors] == ["none", "none"]
    assert judge.own().state == "trusted"


@pytest.mark.parametrize("name", ["pipe", "folder"])
def test_a_pipe_or_folder_is_refused_and_never_waited_for(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises((UsageError, IsADirectoryError)):
        verify(path, "")
    with closing(finish(judge_all([path], ""))) as judged:
        assert [entry.state for entry in judged.entries()] == [REFUSED]
        assert len(judged.refused) == 1


def test_deeds_are_told_in_words_and_unknown_ones_by_name() -> None:
    done = ("c2pa.opened", "c2pa.edited", "c2pa.edited", "org.example.weighed")
    assert deeds(done) == "opened, then edited, then org.example.weighed"
