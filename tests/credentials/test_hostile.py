"""Whoever sends a credential that is to do harm gets one sentence, soon, and takes little memory."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.credentials.conftest import BESIDE, CREATED, INSIDE, signed, thumbnail
from tests.credentials.hostile import (
    ACTIONS,
    BOMBS,
    CHANGES,
    CONTAINERS,
    Change,
    changed,
    numbered,
    referring,
    with_content,
)
from workstation.credentials import trial
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.formats import sidecar_of, tiff_layout
from workstation.credentials.judging import MOST_ACTIONS, Judge
from workstation.credentials.lineage import torn
from workstation.credentials.trial import HARMLESS, Trial
from workstation.credentials.verifying import verify

MOST_SECONDS, MOST_MEGABYTES = 20, 500
"""Twice what a quiet machine of two cores was ever seen to need."""
ROOT = Path(__file__).resolve().parents[2]
MEASURE = """
import json, resource, sys, time
from pathlib import Path
from workstation.credentials import engine
from workstation.credentials.verifying import verify
engine.context("")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
found = verify(Path(sys.argv[1]), Path(sys.argv[2]).read_text())
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([found.state, found.sentence, time.perf_counter() - began, (most - before) / 1024]))
"""
BAD = ("altered", "damaged", "unsupported", "none")


def judged(path: Path, studio: Studio) -> str:
    """Judge a file in a process of its own; return its state, and fail where it took much."""
    words = [sys.executable, "-c", MEASURE, str(path), str(studio.folder / "authority.pem")]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    state, sentence, seconds, megabytes = json.loads(done.stdout)
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 400
    return str(state)


@pytest.fixture
def beside(tmp_path: Path, studio: Studio) -> Path:
    """Return a signed file whose credential lies beside it."""
    BESIDE["record.json"](tmp_path / "record.json")
    return signed(tmp_path / "record.json", tmp_path / "signed.json", studio)


def give(path: Path, change: Change) -> None:
    sidecar_of(path).write_bytes(changed(sidecar_of(path).read_bytes(), change))


@pytest.mark.parametrize("what", CHANGES)
def test_boxes_made_to_do_harm_are_judged_in_bounds(what: str, beside: Path, studio: Studio) -> None:
    give(beside, CHANGES[what])
    honest = ("trusted",) if what == "two thousand manifests" else ()  # nobody refers to them
    assert judged(beside, studio) in BAD + honest


@pytest.mark.parametrize("where", ["c2pa.actions.v2", "c2pa.hash.data", "c2pa.claim.v2", "c2pa.signature"])
@pytest.mark.parametrize("what", BOMBS)
def test_values_made_to_do_harm_are_judged_in_bounds(
    what: str, where: str, beside: Path, studio: Studio
) -> None:
    start = b"\xd2\x84" if where == "c2pa.signature" else b""
    give(beside, with_content(where, start + BOMBS[what]))
    small = len(BOMBS[what]) < 100
    assert verify(beside, studio.anchor).state in BAD if small else judged(beside, studio) in BAD


@pytest.mark.parametrize("name", CONTAINERS)
def test_files_made_to_do_harm_are_judged_in_bounds(name: str, tmp_path: Path, studio: Studio) -> None:
    (tmp_path / name).write_bytes(CONTAINERS[name]())
    assert judged(tmp_path / name, studio) in BAD


def test_a_bomb_inside_a_tiff_or_a_png_is_judged_in_bounds(tmp_path: Path, studio: Studio) -> None:
    import zlib

    INSIDE["striped.tif"](tmp_path / "scan.tif")
    INSIDE["picture.png"](tmp_path / "scan.png")
    tiff = signed(tmp_path / "scan.tif", tmp_path / "o.tif", studio)
    layout = tiff_layout(tiff)
    assert layout is not None
    place, data = layout.places[-1], tiff.read_bytes()
    bomb = changed(data[place.start : place.start + place.size], referring(1000, 10 << 20))
    count = struct.pack("<I", len(bomb))
    tiff.write_bytes(data[: place.pointer] + count + data[place.pointer + 4 : place.start] + bomb)
    assert judged(tiff, studio) in BAD
    png = signed(tmp_path / "scan.png", tmp_path / "o.png", studio)
    data = png.read_bytes()
    at = data.index(b"caBX") - 4
    end = at + 8 + int.from_bytes(data[at : at + 4], "big")
    bomb = b"caBX" + changed(data[at + 8 : end], numbered(20_000))
    packed = struct.pack(">I", len(bomb) - 4) + bomb + struct.pack(">I", zlib.crc32(bomb))
    png.write_bytes(data[:at] + packed + data[end + 4 :])
    assert judged(png, studio) in BAD


def test_the_command_says_one_sentence_and_ends_1(beside: Path, studio: Studio) -> None:
    give(beside, CHANGES["one large assertion named a thousand times"])
    words = [sys.executable, "-W", "error", "-m", "workstation", "verify", str(beside)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        f"{beside}: unsupported. Its credential cannot be judged here "
        "(to check it would take more time or memory than it may).\n"
    )


@pytest.mark.parametrize("lie", [0, 1, 7, 9, 4000, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("box", range(6))
def test_boxes_that_lie_about_their_length_are_never_trusted(
    lie: int, box: int, beside: Path, studio: Studio
) -> None:
    data = bytearray(sidecar_of(beside).read_bytes())
    places = [at - 4 for at in range(4, len(data)) if data[at : at + 4] in (b"jumb", b"jumd", b"cbor")]
    data[places[box] : places[box] + 4] = struct.pack(">I", lie)
    sidecar_of(beside).write_bytes(data)
    if box in (0, 2) and lie in (0, 0x7FFFFFFF, 0xFFFFFFFF):  # "to the end", where they do end
        assert verify(beside, studio.anchor).state in (*BAD, "trusted")
    else:
        assert verify(beside, studio.anchor).state in BAD


def test_a_thousand_ingredients_are_judged_in_bounds(tmp_path: Path, studio: Studio) -> None:
    BESIDE["record.json"](part := tmp_path / "record.json")
    parts = tuple(Ingredient(part, str(number), "componentOf") for number in range(1000))
    content = Content("crowd", (*CREATED, Action("c2pa.placed")), parts)
    INSIDE["picture.png"](tmp_path / "draft.png")
    export(tmp_path / "draft.png", tmp_path / "crowd.png", "overlay", content, studio)
    assert judged(tmp_path / "crowd.png", studio) == "trusted"


def test_a_credential_that_refers_to_itself_in_a_circle_is_never_trusted(
    tmp_path: Path, studio: Studio
) -> None:
    INSIDE["striped.tif"](tmp_path / "a.tif")
    first = signed(tmp_path / "a.tif", tmp_path / "b.tif", studio)
    second = tmp_path / "c.tif"
    BESIDE["record.json"](draft := tmp_path / "d.json")
    for parent, target, source in ((first, second, first), (second, tmp_path / "e.json", draft)):
        content = Content("t", (Action("c2pa.opened"),), (Ingredient(parent, parent.name),))
        export(source, target, "restored", content, studio)
    data = sidecar_of(tmp_path / "e.json").read_bytes()
    labels = [part.split(b"\0")[0] for part in data.split(b"jumdc2ma")[1:] for part in [part[13:]]]
    assert len(labels) == 3
    sidecar_of(tmp_path / "e.json").write_bytes(data.replace(labels[0], labels[1]))
    assert judged(tmp_path / "e.json", studio) in (*BAD, "altered-ancestor")


def test_a_chain_of_a_thousand_certificates_is_judged_in_bounds(beside: Path, studio: Studio) -> None:
    one = next(part for part in studio.chain.split("-----") if len(part) > 100)
    import base64

    import cbor2

    der = base64.b64decode(one)
    header = cbor2.dumps({1: -7, 33: [der] * 1000})
    give(
        beside, with_content("c2pa.signature", cbor2.dumps(cbor2.CBORTag(18, [header, {}, None, bytes(64)])))
    )
    assert judged(beside, studio) in (*BAD, "unknown-signer")


def test_an_own_walk_over_hostile_bytes_is_quick(beside: Path) -> None:
    data = sidecar_of(beside).read_bytes()
    many = b"c2pa.ingredient.v3\0" + struct.pack(">I", 8 + (1 << 19)) + b"cbor"
    hostile = (data[:80] + (many + b"\x9a\0\7\0\0" + b"\xa0" * (1 << 19)) * 4) * 30
    began = time.perf_counter()
    torn(hostile)
    torn(data * 500)
    assert time.perf_counter() - began < 10


def test_what_is_large_but_honest_passes_its_trial(tmp_path: Path, studio: Studio) -> None:
    records = tuple({"step": number, "words": "x" * 1000} for number in range(20_000))
    content = Content("t", CREATED, records=records, thumbnail=thumbnail())
    for name in ("striped.tif", "picture.png", "picture.jpg"):
        INSIDE[name](tmp_path / name)
        target = tmp_path / f"large-{name}"
        export(tmp_path / name, target, "restored", content, studio)
        assert target.stat().st_size > 100 * HARMLESS
        assert verify(target, studio.anchor).state == "trusted"


def test_a_trial_that_was_killed_is_followed_by_a_new_one(beside: Path, tmp_path: Path) -> None:
    own = Trial()
    bad, good = sidecar_of(beside).read_bytes(), sidecar_of(beside).read_bytes() + bytes(HARMLESS)
    bad = changed(bad, referring(1000, 10 << 20))
    from io import BytesIO

    try:
        answers = [own.passes("application/c2pa", BytesIO(data)) for data in (good, bad, good, good, bad)]
    finally:
        own.end()
    assert answers == [True, False, True, True, False]


def test_a_trial_that_answers_nothing_is_ended(
    beside: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from io import BytesIO

    monkeypatch.setattr(trial, "MOST_SECONDS", 0.05)
    monkeypatch.setattr(trial, "SECONDS_A_BYTE", 0.0)
    hostile = changed(sidecar_of(beside).read_bytes(), numbered(20_000))
    own, began = Trial(), time.perf_counter()
    try:
        assert not own.passes("application/c2pa", BytesIO(hostile))
    finally:
        own.end()
    assert time.perf_counter() - began < 5


def test_actions_without_number_do_not_fill_the_report(beside: Path, studio: Studio) -> None:
    many = ACTIONS + struct.pack(">I", 120_000) + b"\xa1factionkc2pa.edited" * 120_000
    give(beside, with_content("c2pa.actions.v2", many))
    assert judged(beside, studio) in BAD


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Studio]:
    """Return a folder of signed files."""
    from workstation.credentials.certificates import create_studio

    folder = tmp_path_factory.mktemp("whole")
    studio = create_studio(folder / "studio", studio="Museum of the Harbour", person="Ada Novak")
    for name in HARMED:
        (INSIDE | BESIDE)[name](folder / name)
        signed(folder / name, folder / f"signed-{name}", studio)
    return folder, studio


HARMED = ("striped.tif", "levels-big.tif", "picture.jpg", "picture.png", "record.json")


def credential_of(path: Path) -> range:
    """Return where the credential lies in a file of HARMED, with what frames it."""
    if path.suffix == ".c2pa":
        return range(path.stat().st_size)
    if path.suffix == ".tif":
        layout = tiff_layout(path)
        assert layout is not None
        return range(layout.places[-1].start, path.stat().st_size)
    data = path.read_bytes()
    at = data.index(b"jumb") - 4
    frame = 12 if path.suffix == ".jpg" else 8
    return range(at - frame, at + int.from_bytes(data[at : at + 4], "big") + 4 * (path.suffix == ".png"))


def harm(data: bytearray, draw: Any) -> range:
    """Flip, cut out or double some bytes; return which of the old ones were touched."""
    at = draw(st.integers(0, len(data) - 1))
    count = draw(st.sampled_from([1, 1, 2, 16, 700, 20_000]))
    touched = range(at, min(at + count, len(data)))
    kind = draw(st.sampled_from(["flip", "cut", "double", "zero"]))
    if kind == "flip":
        data[at] ^= 1 << draw(st.integers(0, 7))
        return range(at, at + 1)
    piece = bytes(data[touched.start : touched.stop])
    data[touched.start : touched.stop] = {"cut": b"", "double": piece * 2, "zero": bytes(len(piece))}[kind]
    return touched


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_harm_to_any_file_crashes_or_passes_unseen(
    data: st.DataObject, whole: tuple[Path, Studio], tmp_path: Path
) -> None:
    folder, studio = whole
    name = data.draw(st.sampled_from(HARMED))
    source = folder / f"signed-{name}"
    target = tmp_path / source.name
    target.write_bytes(source.read_bytes())
    victim = source
    if sidecar_of(source).exists():
        sidecar_of(target).write_bytes(sidecar_of(source).read_bytes())
        victim = data.draw(st.sampled_from([source, sidecar_of(source)]))
    whole_bytes = victim.read_bytes()
    harmed = bytearray(whole_bytes)
    inside = credential_of(victim) if victim.suffix != ".json" else range(0)
    touched = harm(harmed, data.draw)
    (tmp_path / victim.name).write_bytes(harmed)
    verdict = verify(target, studio.anchor)
    assert verdict.sentence.endswith(".")
    assert "\n" not in verdict.sentence
    if verdict.state == "trusted" and harmed != whole_bytes:
        assert (
            touched.start in inside
        )  # names of boxes and the padding of the signature are covered by nothing
        assert (len(touched) == 0) or touched.stop - 1 in inside
        assert verdict.signer == f"{studio.person} ({studio.name})"
        assert verdict.actions == ("c2pa.created",)
        assert verdict.title == name


@pytest.mark.parametrize(("codes", "actions"), [(100_000, 0), (0, 100_000)])
def test_a_long_record_that_stands_in_many_chains_is_heard_once(codes: int, actions: int) -> None:
    told = {"validation_results": {"activeManifest": {"failure": [{"code": "a.mismatch"}] * codes}}}
    deeds = {"label": "c2pa.actions.v2", "data": {"actions": [{"action": "c2pa.edited"}] * actions}}
    started = time.monotonic()
    judge = Judge(
        {
            "active_manifest": "a",
            "validation_state": "Valid",
            "manifests": {
                "a": {"ingredients": [{"active_manifest": "b"}] * 450},
                "b": {"ingredients": [{"active_manifest": "c", **told}], "assertions": [deeds]},
                "c": {},
            },
        }
    )
    assert len(judge.ancestors) == 900
    assert sum(len(part.actions) for part in judge.ancestors) == 450 * min(actions, MOST_ACTIONS)
    assert {part.state for part in judge.ancestors if part.depth == 2} == {
        "altered" if codes else "unknown-signer"
    }
    assert time.monotonic() - started < 10
