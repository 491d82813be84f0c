"""The account of a file as a page and as a PDF: for laypeople, and harmless whatever strangers wrote."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PyQt6.QtPdf import QPdfDocument

from tests.credentials.conftest import INSIDE, change_a_pixel, opened, signed, thumbnail
from workstation.cli import run
from workstation.credentials.account import Account, Edge, Node, account_from, account_of
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import export
from workstation.credentials.verdict import ChangedTile
from workstation.credentials.verifying import verify
from workstation.jobs import finish
from workstation.reports.account_contents import LIMITS, contents_of
from workstation.reports.account_drawing import clipped
from workstation.reports.account_exporting import pdf
from workstation.reports.account_page import page

NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>&\"'"


class Reader(HTMLParser):
    """Collects the elements and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def words_of(data: bytes, tmp_path: Path) -> str:
    (tmp_path / "read.pdf").write_bytes(data)
    document = QPdfDocument(None)
    document.load(str(tmp_path / "read.pdf"))
    return " ".join(document.getAllText(at).text() for at in range(document.pageCount()))


@pytest.fixture
def restored(tmp_path: Path, own_studio: Studio) -> Path:
    """A file with a source that is signed and one that is not."""
    scan = tmp_path / "scan.tif"
    INSIDE["striped.tif"](scan)
    base = signed(scan, tmp_path / "base.tif", own_studio)
    parts = (Ingredient(base, "base.tif"), Ingredient(scan, "other.tif", "inputTo"))
    steps = (Action("c2pa.opened"), Action("c2pa.edited", "algorithmicallyEnhanced", "Filled the losses"))
    export(
        base,
        tmp_path / "r.tif",
        "restored",
        Content("Harbour", steps, parts, thumbnail=thumbnail()),
        own_studio,
    )
    return tmp_path / "r.tif"


def test_the_page_says_verdict_chain_deeds_and_limits_in_plain_words(restored: Path) -> None:
    account = finish(account_of(restored))
    read = Reader(page(account))
    for words in (
        account.verdict.sentence,
        "Credential holds",
        "✓",
        "Filled the losses.",
        "Computed from the picture's own pixels, without a trained model.",
        "Made from",
        "Title given by the signer",
        account.nodes[0].sha256,
        *LIMITS,
    ):
        assert words is not None
        assert words in read.words, words
    assert read.tags.count("svg") == 1 + 4 + len(account.nodes)
    assert read.tags.count("image") == 1


def test_the_pdf_has_the_same_words_as_the_page(restored: Path, tmp_path: Path) -> None:
    account = finish(account_of(restored))
    read = re.sub(r"\s+", " ", words_of(pdf(account), tmp_path))
    for words in ("Credential holds", "Filled the losses.", "base.tif", "other.tif", "does not prove"):
        assert words in read, words


def test_the_page_can_load_and_run_nothing_and_keeps_strangers_words_as_text(
    tmp_path: Path, own_studio: Studio
) -> None:
    INSIDE["striped.tif"](tmp_path / "scan.tif")
    parts = (Ingredient(tmp_path / "scan.tif", NASTY),)
    steps = (
        Action("c2pa.opened", description=NASTY),
        Action("c2pa.edited", None, NASTY, NASTY, {NASTY: NASTY}),
    )
    target = tmp_path / "a.tif"
    export(tmp_path / "scan.tif", target, "scan", Content(NASTY, steps, parts), own_studio)
    read = Reader(page(finish(account_of(target))))
    assert "script" not in read.tags
    assert "alert(1)" in read.words
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    for name, value in read.attributes:
        if name in ("src", "href"):
            assert value is not None
            assert value.startswith(("data:image/jpeg;base64,", "#"))
    [policy] = [value for name, value in read.attributes if name == "content" and "default-src" in str(value)]
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_the_words_of_a_stranger_cannot_break_the_pdf(tmp_path: Path, own_studio: Studio) -> None:
    INSIDE["striped.tif"](tmp_path / "scan.tif")
    steps = (Action("c2pa.created", "algorithmicMedia", "#panic() $x$ \\ ]* 画 ☃ \u202e", "画"),)
    export(tmp_path / "scan.tif", tmp_path / "a.tif", "scan", Content("画", steps), own_studio)
    assert "#panic()" in words_of(pdf(finish(account_of(tmp_path / "a.tif"))), tmp_path)


def test_changed_tiles_are_listed_in_page_and_pdf(restored: Path, tmp_path: Path) -> None:
    change_a_pixel(restored)
    verdict = dataclasses.replace(
        verify(restored), changed_tiles=(ChangedTile(0, 0, 3, 4, (96, 128, 128, 160)),)
    )
    account = account_from(verdict, None)
    assert "1 tile was changed after signing." in Reader(page(account)).words
    assert "32 × 32 px at 128, 96" in Reader(page(account)).words
    assert "32 × 32 px at 128, 96" in words_of(pdf(account), tmp_path)


def long_chain(count: int) -> Account:
    """Return the account of a file with a long chain that nobody signed."""
    nodes = tuple(Node(f"n{at}", f"file {at}.tif", "trusted", "It held.", rank=at) for at in range(count))
    edges = tuple(Edge(f"n{at + 1}", f"n{at}", "parentOf") for at in range(count - 1))
    lone = account_from(verify(Path(__file__)), None)
    return dataclasses.replace(lone, nodes=nodes, edges=edges)


def test_a_chain_of_a_thousand_files_says_how_many_are_not_listed(tmp_path: Path) -> None:
    account = long_chain(1000)
    contents = contents_of(account)
    assert len(contents["files"]) == 150
    assert contents["left_out"] == "850 older files are not listed."
    assert contents["files"][-1]["title"] == "file 0.tif"
    assert "850 older files" in Reader(page(account)).words
    assert "850 older files" in words_of(pdf(account), tmp_path)


def test_a_long_title_is_cut_where_the_card_ends() -> None:
    assert clipped("harbour at dusk", 20) == "harbour at dusk"
    assert clipped("harbour at dusk", 8) == "harbour…"
    assert clipped("画画画画", 5) == "画…"


@pytest.mark.parametrize("name", ["account.html", "account.pdf"])
def test_the_command_writes_a_signed_account(
    name: str, restored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / name
    capsys.readouterr()
    assert run(["account", str(restored), str(target), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"][0]["kind"] == "report"
    assert told["result"]["state"] == "trusted"
    assert [node["title"] for node in told["nodes"]] == ["r.tif", "base.tif", "other.tif"]
    assert {edge["relationship"] for edge in told["edges"]} == {"parentOf", "inputTo"}
    assert verify(target).state == "trusted"
    assert run(["account", str(restored), str(target)]) == 2
    assert "add --replace" in capsys.readouterr().err
    assert run(["account", str(restored), str(target), "--replace"]) == 0


def test_the_account_of_an_altered_file_ends_1_and_says_so(
    restored: Path, tmp_path: Path, own_studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    last = opened(restored, tmp_path / "last.tif", own_studio)
    change_a_pixel(last)
    assert run(["account", str(last), str(tmp_path / "a.html")]) == 1
    assert "Altered after signing" in (tmp_path / "a.html").read_text()
    assert "It names 3 earlier files." in capsys.readouterr().out


def test_an_account_is_a_page_or_a_pdf_and_nothing_else(
    restored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["account", str(restored), str(tmp_path / "a.docx")]) == 2
    assert capsys.readouterr().err == "An account is a .html page or a .pdf; a.docx is neither.\n"
    assert run(["account", str(tmp_path / "gone.tif"), str(tmp_path / "a.pdf")]) == 2
    assert capsys.readouterr().err == f"There is no file {tmp_path / 'gone.tif'}.\n"
    assert run(["account", str(restored), str(restored)]) == 2
