"""What we check ourselves, because the library cannot read the file or hold it in memory."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import tifffile
from c2pa import Reader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.credentials.conftest import BESIDE, CREATED, INSIDE, RGB, signed
from workstation.credentials import engine, formats, reading
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Content
from workstation.credentials.formats import Place, sidecar_of, tiff_layout
from workstation.credentials.kinds import kind_of
from workstation.credentials.signing import Signing
from workstation.credentials.verifying import verify

TIFFS = [name for name in INSIDE if name.endswith(".tif")]


@pytest.mark.parametrize("name", [name for name in TIFFS if name != "levels-big.tif"])
def test_we_judge_a_tiff_as_the_library_does(name: str, tmp_path: Path, studio: Studio) -> None:
    INSIDE[name](tmp_path / name)
    target = signed(tmp_path / name, tmp_path / f"signed-{name}", studio)
    whole = target.read_bytes()
    for change, library, ours in (
        (lambda data: data, "Trusted", "trusted"),
        (lambda data: data[:300] + bytes([data[300] ^ 1]) + data[301:], "Invalid", "altered"),
        (lambda data: data + b"more", "Invalid", "altered"),
    ):
        target.write_bytes(change(whole))
        assert str(Reader(target, context=engine.context(studio.anchor)).get_validation_state()) == library
        assert verify(target, studio.anchor).state == ours
    target.write_bytes(whole[:-9])
    assert verify(target, studio.anchor).state == "damaged"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), bit=st.integers(0, 7))
def test_no_bit_of_a_signed_tiff_outside_its_credential_can_change_unseen(
    at: float, bit: int, tmp_path: Path, studio: Studio, scan: Path
) -> None:
    target = tmp_path / "o.tif"
    if not target.exists():
        signed(scan, target, studio)
        target.with_suffix(".whole").write_bytes(target.read_bytes())
    data = bytearray(target.with_suffix(".whole").read_bytes())
    changed = int(at * (_place(target.with_suffix(".whole")).start - 1))
    data[changed] ^= 1 << bit
    target.write_bytes(data)
    assert verify(target, studio.anchor).state in ("altered", "damaged", "none", "unsupported")


def test_the_librarys_gap_in_bigtiff_is_told(tmp_path: Path, studio: Studio) -> None:
    """c2pa-rs 0.91.3 leaves eight bytes of another tag out of the hash of a BigTIFF and says Trusted."""
    INSIDE["flat-big.tif"](draft := tmp_path / "draft.tif")
    signing, target = Signing(Content("t", CREATED), studio), tmp_path / "o.tif"
    with signing._builder() as builder, draft.open("rb") as source, target.open("w+b") as out:
        builder.sign(engine.signer(studio.sign, studio.chain), "image/tiff", source, out)
    assert str(Reader(target, context=engine.context(studio.anchor)).get_validation_state()) == "Trusted"
    verdict = verify(target, studio.anchor)
    assert verdict.state == "unsupported"
    assert "unprotected" in verdict.sentence


def test_a_large_file_of_a_kind_that_needs_the_library_is_not_judged(
    tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    INSIDE["picture.png"](tmp_path / "p.png")
    target = signed(tmp_path / "p.png", tmp_path / "o.png", studio)
    monkeypatch.setattr(reading, "LARGEST_EMBEDDED", 10)
    assert verify(target, studio.anchor).state == "unsupported"


def test_a_scan_of_any_size_carries_its_credential_inside(
    scan: Path, tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "LARGEST_EMBEDDED", 10)
    monkeypatch.setattr(reading, "LARGEST_EMBEDDED", 10)
    target = signed(scan, tmp_path / "o.tif", studio)
    assert not sidecar_of(target).exists()
    assert verify(target, studio.anchor).state == "trusted"


def test_an_oversized_credential_is_refused_unread(
    scan: Path, tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    BESIDE["overlay.glb"](tmp_path / "x.glb")
    beside = signed(tmp_path / "x.glb", tmp_path / "o.glb", studio)
    inside = signed(scan, tmp_path / "o.tif", studio)
    monkeypatch.setattr(reading, "LARGEST_CREDENTIAL", 100)
    assert verify(beside, studio.anchor).state == "unsupported"
    assert verify(inside, studio.anchor).state == "unsupported"


def test_layouts_are_told_apart(tmp_path: Path) -> None:
    for name, make in (INSIDE | BESIDE).items():
        make(tmp_path / name)
    found = {name: tiff_layout(tmp_path / name) for name in TIFFS}
    assert all(found[name] is not None for name in TIFFS)
    wide, several = found["levels-big.tif"], found["pages.tif"]
    assert wide is not None
    assert several is not None
    assert (wide.big, wide.pages, wide.readable) == (True, 1, False)
    assert (several.pages, several.readable) == (2, True)
    assert kind_of(tmp_path / "overlay.glb") is None


def test_a_chain_of_pages_that_goes_in_circles_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "circle.tif"
    path.write_bytes(b"II*\0" + struct.pack("<IHI", 8, 0, 8))
    assert tiff_layout(path) is None
    assert verify(path, "").state == "damaged"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_broken_tiff_crashes_the_walk_or_the_verdict(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "t.tif"
    tifffile.imwrite(path, RGB[:8, :8], metadata=None, bigtiff=data.draw(st.booleans()))
    harmed = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        harmed[data.draw(st.integers(4, min(len(harmed), 250) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(harmed[: data.draw(st.integers(5, len(harmed)))])
    assert verify(path, "").state in ("none", "damaged", "unsupported")


def _place(path: Path) -> Place:
    layout = tiff_layout(path)
    assert layout is not None
    return layout.places[-1]
