"""Treatment records come back exactly as they went in, small and large, inside and beside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.credentials.conftest import BESIDE, CREATED, signed
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Content
from workstation.credentials.door import export
from workstation.credentials.recall import records_of
from workstation.credentials.verifying import verify
from workstation.errors import CredentialError

RECORD = {"operation": "fill-losses", "window": [1, 2, 3], "strength": 0.1, "mask": None, "who": "Ådne"}


def test_records_come_back_exactly(scan: Path, tmp_path: Path, studio: Studio) -> None:
    export(scan, tmp_path / "o.tif", "restored", Content("o", CREATED, records=(RECORD, {"n": 2})), studio)
    assert records_of(tmp_path / "o.tif") == (RECORD, {"n": 2})


@pytest.mark.parametrize("name", ["inside.tif", "beside.glb"])
def test_two_megabytes_of_records_come_back_exactly(
    name: str, scan: Path, tmp_path: Path, studio: Studio
) -> None:
    records = tuple({**RECORD, "state": f"{number:04}" * 500} for number in range(1000))
    BESIDE["overlay.glb"](draft := tmp_path / "draft.glb")
    source = scan if name.endswith("tif") else draft
    export(source, tmp_path / name, "restored", Content("o", CREATED, records=records), studio)
    assert verify(tmp_path / name, studio.anchor).state == "trusted"
    assert records_of(tmp_path / name) == records


def test_a_file_without_records_has_none(scan: Path, tmp_path: Path, studio: Studio) -> None:
    assert records_of(signed(scan, tmp_path / "o.tif", studio)) == ()


def test_a_file_without_a_credential_says_so(scan: Path) -> None:
    with pytest.raises(CredentialError, match="no credential"):
        records_of(scan)


def test_records_too_large_for_any_credential_are_refused(scan: Path, tmp_path: Path, studio: Studio) -> None:
    huge = Content("o", CREATED, records=({"state": "x" * 64_000_001},))
    with pytest.raises(CredentialError, match="64 MB"):
        export(scan, tmp_path / "o.tif", "restored", huge, studio)
    assert not (tmp_path / "o.tif").exists()
