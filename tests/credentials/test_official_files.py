"""Other people's files: the official test pictures of C2PA, with what their makers expect of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.credentials.conftest import INSIDE
from workstation.credentials import vouching
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.verdict import Verdict
from workstation.credentials.verifying import verify

STRICTER = {"CACAE-uri-CA.jpg", "CIE-sig-CA.jpg"}
"""The library says Trusted although an ancestor had been tampered with: we do not."""


def files(shared_data: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    told = json.loads((shared_data / "c2pa" / "expected.json").read_text())
    for entry in told["files"]:
        yield shared_data / "c2pa" / entry["file"], entry


@pytest.fixture
def test_anchors(shared_data: Path) -> str:
    return (shared_data / "c2pa" / "trust" / "c2pa-rs-test_cert_root_bundle.pem").read_text()


def agrees(verdict: Verdict, library: str) -> bool:
    """Tell whether a verdict says the same as a state of the library."""
    means = {
        "Trusted": {"trusted"},
        "Valid": {"unknown-signer"},
        "Invalid": {"altered", "damaged", "expired", "revoked", "altered-ancestor"},
        "ManifestNotFound": {"none"},
    }
    return verdict.state in means[library]


def test_no_official_file_crashes_us_and_each_gets_one_sentence(shared_data: Path, test_anchors: str) -> None:
    found = [verify(path, test_anchors) for path, _ in files(shared_data)]
    assert len(found) == 63
    assert all(verdict.sentence.endswith(".") and "\n" not in verdict.sentence for verdict in found)


def test_we_agree_with_every_decisive_expectation(shared_data: Path, test_anchors: str) -> None:
    decisive, wrong = 0, []
    for path, entry in files(shared_data):
        wanted = entry["repo_expected"] or {}
        for key, anchors in (
            ("validation_state", test_anchors),
            ("validation_state_test_anchors", test_anchors),
            ("validation_state_no_anchors", ""),
            ("exception", test_anchors),
        ):
            if key in wanted:
                decisive += 1
                if path.name in STRICTER:
                    assert verify(path, anchors).state == "altered-ancestor"
                elif not agrees(verify(path, anchors), wanted[key]):
                    wrong.append((path.name, key, wanted[key], verify(path, anchors).state))
    assert wrong == []
    assert decisive >= 10


def test_we_are_never_milder_than_the_library(shared_data: Path, test_anchors: str) -> None:
    for path, entry in files(shared_data):
        seen = entry["observed_c2pa_python_0.38.1"]["c2pa_rs_test_anchors"]
        if verify(path, test_anchors).state == "trusted":
            assert seen.get("validation_state") == "Trusted", path.name


def test_an_ancestor_with_a_bad_signature_is_named(shared_data: Path, test_anchors: str) -> None:
    verdict = verify(shared_data / "c2pa" / "c2pa-rs" / "CIE-sig-CA.jpg", test_anchors)
    assert verdict.state == "altered-ancestor"
    assert "E-sig-CA.jpg" in verdict.sentence


def test_a_credential_that_lies_elsewhere_is_told_with_its_address(shared_data: Path) -> None:
    verdict = verify(shared_data / "c2pa" / "c2pa-rs" / "cloud.jpg", "")
    assert verdict.state == "remote"
    assert "https://" in verdict.sentence


@pytest.mark.parametrize("name", ["C.jpg", "CIE-sig-CA.jpg", "video1.mp4", "express-signed.pdf"])
def test_other_peoples_files_bring_their_credentials_along(
    name: str, shared_data: Path, test_anchors: str, tmp_path: Path, studio: Studio
) -> None:
    parent = shared_data / "c2pa" / "c2pa-rs" / name
    INSIDE["striped.tif"](draft := tmp_path / "draft.tif")
    content = Content("t", (Action("c2pa.opened"),), (Ingredient(parent, name),))
    export(draft, tmp_path / "o.tif", "restored", content, studio)
    alone, child = verify(parent, test_anchors), verify(tmp_path / "o.tif", studio.anchor + test_anchors)
    assert child.ancestors[0].signer == alone.signer
    assert len(child.ancestors) == 1 + len(alone.ancestors)
    assert child.state == alone.state


def test_a_stamp_in_an_old_claim_is_believed_of_trusted_authorities_alone(
    shared_data: Path, test_anchors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library says of claims of the first version that every time-stamp authority is trusted."""
    file = shared_data / "c2pa" / "c2pa-rs" / "C.jpg"
    verdict = verify(file, test_anchors)
    assert (verdict.state, verdict.stamped) == ("trusted", False)

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2090, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(vouching, "datetime", Later)
    verdict = verify(file, test_anchors)
    assert verdict.state == "expired"
    assert "DigiCert Timestamp 2023, which you do not trust for time-stamps" in verdict.sentence
