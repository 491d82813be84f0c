"""The whole account of a file: a graph in which everybody knows whose parent they are."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from PIL import Image

from tests.credentials.conftest import INSIDE, change_a_pixel, opened, signed, thumbnail
from workstation.credentials.account import Account, account_of
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.laying import Sizes, lay_out, ranked
from workstation.credentials.thumbs import EDGE, LARGEST_THUMB, small
from workstation.credentials.verifying import verify
from workstation.files import sha256_of
from workstation.jobs import finish

SIZES = Sizes(100, 50, 10, 20, 3)


def told(path: Path, studio: Studio) -> Account:
    return finish(account_of(path, studio.anchor))


def titles(account: Account) -> set[tuple[str, str, str]]:
    """Return the edges by title."""
    return {
        (account.node(e.source).title, account.node(e.target).title, e.relationship) for e in account.edges
    }


@pytest.fixture
def diamond(scan: Path, tmp_path: Path, studio: Studio) -> Path:
    """An overlay of two files that come from one scan."""
    base = signed(scan, tmp_path / "base.tif", studio)
    left, right = opened(base, tmp_path / "left.tif", studio), opened(base, tmp_path / "right.tif", studio)
    INSIDE["picture.jpg"](tmp_path / "draft.jpg")
    parts = tuple(Ingredient(path, path.name, "componentOf") for path in (left, right))
    actions = (Action("c2pa.created", "composite"), Action("c2pa.placed"))
    content = Content("Overlay", actions, parts, thumbnail=thumbnail())
    export(tmp_path / "draft.jpg", tmp_path / "overlay.jpg", "overlay", content, studio)
    return tmp_path / "overlay.jpg"


def test_a_file_that_was_used_twice_is_one_node_with_two_ways_out(diamond: Path, studio: Studio) -> None:
    account = told(diamond, studio)
    assert [node.title for node in account.nodes] == ["overlay.jpg", "left.tif", "right.tif", "base.tif"]
    assert titles(account) == {
        ("left.tif", "overlay.jpg", "componentOf"),
        ("right.tif", "overlay.jpg", "componentOf"),
        ("base.tif", "left.tif", "parentOf"),
        ("base.tif", "right.tif", "parentOf"),
    }
    assert [node.rank for node in account.nodes] == [0, 1, 1, 2]
    assert {node.state for node in account.nodes} == {"trusted"}


def test_the_account_judges_exactly_as_verify_does(diamond: Path, studio: Studio) -> None:
    assert told(diamond, studio).verdict == verify(diamond, studio.anchor)


def test_a_source_without_credential_is_a_node_known_by_its_hash(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    account = told(opened(scan, tmp_path / "a.tif", studio), studio)
    file, source = account.nodes
    assert (source.title, source.state, source.rank) == ("scan.tif", "none", 1)
    assert source.sha256 == sha256_of(scan)
    assert "no credential" in source.sentence
    assert file.sha256 == sha256_of(tmp_path / "a.tif")


def test_a_source_that_had_been_altered_is_named_where_it_stands(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    base = signed(scan, tmp_path / "base.tif", studio)
    change_a_pixel(base)
    account = told(opened(opened(base, tmp_path / "b.tif", studio), tmp_path / "c.tif", studio), studio)
    assert [(node.title, node.state) for node in account.nodes] == [
        ("c.tif", "altered-ancestor"),
        ("b.tif", "trusted"),
        ("base.tif", "altered"),
    ]
    assert account.nodes[2].sentence.startswith("It had been changed after it was signed")


def test_a_file_without_a_credential_has_an_account_of_one_node(scan: Path, studio: Studio) -> None:
    account = told(scan, studio)
    assert [(node.title, node.state) for node in account.nodes] == [("scan.tif", "none")]
    assert account.edges == ()


def test_what_our_own_operation_did_is_told_in_words_with_its_values(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    record = {
        "operation": "fill-losses",
        "parameters": {"tension": 0.5},
        "area_mm2": 99.5,
        "share": 0.25,
        "mask_sha256": "00",
    }
    actions = (
        Action("c2pa.opened"),
        Action("c2pa.edited", "algorithmicallyEnhanced", "Filled", "fill-losses 1", {"tension": 0.5}),
    )
    content = Content("a", actions, (Ingredient(scan, "scan.tif"),), (record,), thumbnail())
    export(scan, tmp_path / "a.tif", "restored", content, studio)
    file = told(tmp_path / "a.tif", studio).nodes[0]
    deed = file.deeds[1]
    assert (deed.title, deed.words) == ("Fill losses", "Filled.")
    assert deed.nature == "Computed from the picture's own pixels, without a trained model."
    assert deed.where == "99.5 mm², 25.00% of the picture"
    assert ("Tension", "0.5") in deed.facts
    with Image.open(io.BytesIO(file.thumbnail or b"")) as picture:
        assert (picture.format, picture.size) == ("JPEG", (64, 64))


def test_words_of_a_stranger_reach_us_as_one_printable_line(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    nasty = "a\x1b[31m\n<script>" + "x" * 500
    created = (Action("c2pa.created", "algorithmicMedia", nasty, agent=nasty, parameters={"k\n": nasty}),)
    export(scan, tmp_path / "a.tif", "scan", Content("t", created), studio)
    deed = told(tmp_path / "a.tif", studio).nodes[0].deeds[0]
    for words in (deed.words, deed.agent, *(part for fact in deed.facts for part in fact)):
        assert words.isprintable()
        assert len(words) <= 201


def test_a_stopped_account_of_a_large_file_ends_at_once(tmp_path: Path, studio: Studio) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(64 * 2**30)
    job = account_of(large, studio.anchor)
    progress = next(part for part in job if part.done)
    started = time.monotonic()
    job.close()
    assert time.monotonic() - started < 1
    assert (progress.total, progress.what) == (2 * 64 * 2**30, "large.bin")
    for thread in threading.enumerate():
        if thread.name == "reading large.bin":
            thread.join(5)
            assert not thread.is_alive()


def test_small_pictures_of_strangers_are_made_anew_within_bounds() -> None:
    large = io.BytesIO()
    Image.new("RGB", (2000, 1000)).save(large, "PNG")
    found = small(large.getvalue())
    assert found is not None
    with Image.open(io.BytesIO(found)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (EDGE, EDGE // 2))
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    assert small(bomb.getvalue()) is None
    assert small(b"\xff\xd8\xff not a picture") is None
    assert small(b"\0" * (LARGEST_THUMB + 1)) is None


def test_a_long_line_does_not_pass_through_the_cards_between() -> None:
    keys, ways = ["file", "b", "c"], [("c", "b"), ("b", "file"), ("c", "file")]
    drawn = lay_out(ranked(keys, ways), ways, SIZES)
    x, y = drawn.cards["b"]
    way = [line for line in drawn.lines if line.sources == ("c",) and line.target == "file" and line.arrives]
    beside = [point for point in way[0].points if y <= point[1] <= y + SIZES.height]
    assert len(beside) == 2
    assert all(not x <= point[0] <= x + SIZES.width for point in beside)


def test_many_sources_stand_in_several_rows_and_no_two_cards_touch() -> None:
    sources = [f"s{number}" for number in range(50)]
    ways = [(source, "file") for source in sources]
    drawn = lay_out(ranked(["file", *sources], ways), ways, SIZES)
    places = list(drawn.cards.values())
    assert len({y for _, y in places}) == 18
    assert drawn.cards["file"][1] == max(y for _, y in places)
    for at, (x, y) in enumerate(places):
        for other_x, other_y in places[:at]:
            assert abs(x - other_x) >= SIZES.width or abs(y - other_y) >= SIZES.height
    assert {source for line in drawn.lines if line.arrives for source in line.sources} == set(sources)
    assert drawn.width < 4 * SIZES.width  # long lines to one file run together


def test_a_circle_of_files_is_laid_out_all_the_same() -> None:
    keys, ways = ["file", "a", "b"], [("a", "file"), ("b", "a"), ("a", "b")]
    drawn = lay_out(ranked(keys, ways), ways, SIZES)
    assert set(drawn.cards) == set(keys)


def test_each_file_of_the_chain_names_the_certificate_that_signed_it(
    scan: Path, tmp_path: Path, studio: Studio, stranger: Studio
) -> None:
    base = signed(scan, tmp_path / "base.tif", stranger)
    INSIDE["picture.jpg"](tmp_path / "draft.jpg")
    content = Content("a", (Action("c2pa.opened"),), (Ingredient(base, "base.tif"),))
    export(tmp_path / "draft.jpg", tmp_path / "a.jpg", "scan", content, studio)
    prints = [
        x509.load_pem_x509_certificate(one.chain.encode()).fingerprint(hashes.SHA256()).hex()
        for one in (studio, stranger)
    ]
    assert [node.fingerprint for node in told(tmp_path / "a.jpg", studio).nodes] == prints
