"""A treatment report can be read by people and kept by archives, whatever words the user gave it."""

from __future__ import annotations

import dataclasses
import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PyQt6.QtPdf import QPdfDocument

from workstation.errors import WorkstationError, WriteError
from workstation.operations.describe import parameter_lines
from workstation.operations.operation import load_all, parameters, summary, title, values
from workstation.reports.contents import contents_of
from workstation.reports.treatment import TreatmentReport, write_report

RECORD: dict[str, Any] = {
    "operation": "clean-frame",
    "version": 1,
    "parameters": {"reach_mm": 8, "gentle": True},
    "mask_sha256": "ab" * 32,
    "regions": 1234,
    "area_px": 493_826,
    "area_mm2": 1234.567,
    "share": 0.0123,
    "input_sha256": "cd" * 32,
    "output_pixels_sha256": "ef" * 32,
    "weights_sha256": None,
    "seed": None,
    "device": "CPU, 2 threads",
    "versions": {"workstation": "0.1.0", "torch": "2.13.0"},
    "when": "2026-11-23T05:00:00+00:00",
    "who": "A. Jansen",
}


def jpeg(grey: int) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(np.full((30, 40, 3), grey, np.uint8)).save(packed, "JPEG")
    return packed.getvalue()


FACTS = TreatmentReport(
    title="View of Delft",
    artist="Johannes Vermeer",
    accession="MH 92",
    size_mm=(965, 1157),
    scan_path=Path("/scans/delft_VIS.tif"),
    scan_sha256="cd" * 32,
    scan_kind="VIS",
    scan_px=(19_300, 23_140),
    result_path=Path("/out/delft_filled.tif"),
    result_sha256="12" * 32,
    records=(RECORD,),
    before=jpeg(90),
    after=jpeg(150),
    created=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    author="B. de Vries",
    credential="Signed by the Mauritshuis, and trusted.",
    note="Before the exhibition.",
)


def text_of(path: Path) -> str:
    """Return the words of a PDF as another programme reads them, lines joined."""
    document = QPdfDocument(None)
    assert document.load(str(path)) == QPdfDocument.Error.None_
    pages = [document.getAllText(page).text() for page in range(document.pageCount())]
    document.close()
    return " ".join(" ".join(pages).replace("\u202f", " ").split())


@pytest.fixture
def target(tmp_path: Path, qapp: object) -> Path:
    return tmp_path / "report.pdf"


def test_a_report_says_what_was_done_to_which_picture_by_whom(target: Path) -> None:
    write_report(FACTS, target)
    said = text_of(target)
    for words in (
        "View of Delft",
        "Johannes Vermeer",
        "MH 92",
        "965 × 1157 mm",
        "delft_VIS.tif",
        "cd" * 32,
        "23140 × 19300 px",
        "delft_filled.tif",
        "12" * 32,
        "Clean frame",
        "Reach mm 8",
        "inside a mask 1 234 1 234.57 1.23 %",
        "ab" * 32,
        "CPU, 2 threads",
        "Torch 2.13.0",
        "A. Jansen",
        "B. de Vries",
        "23 November 2026, 09:00 UTC",
        "Signed by the Mauritshuis, and trusted.",
        "Before the exhibition.",
        "detectable",
        "page 1 of 2",
    ):
        assert words in said, words


def test_a_report_is_pdf_a_with_tags_and_the_same_bytes_each_time(target: Path) -> None:
    write_report(FACTS, target)
    first = target.read_bytes()
    assert b"<pdfaid:part>2</pdfaid:part>" in first
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in first
    write_report(FACTS, target)
    assert target.read_bytes() == first


@pytest.mark.parametrize(
    "words",
    [
        '#panic("out") #read("/etc/passwd")',
        "$x^2$ *bold* _slant_ `code` @reference <label> // comment",
        '"], ["\\u{41}", (1, 2)) } { [ ] # \\',
        "= Heading",
        "../../contents.json",
        "{{7*7}} %s ${HOME}",
    ],
)
def test_words_that_look_like_a_programme_are_printed_as_they_stand(target: Path, words: str) -> None:
    record = {**RECORD, "operation": words, "who": words, "parameters": {"x": words}}
    write_report(
        dataclasses.replace(FACTS, title=words, note=words, credential=words, records=(record,)), target
    )
    squeezed = text_of(target).replace(" ", "")
    assert squeezed.count(words.replace(" ", "")) >= 5


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Häuser, Łódź, Σκηνή, Портрет", "Häuser, Łódź, Σκηνή, Портрет"),
        ("a\u0001b\u202ec\ufeffd\ue000e", "abcde"),
        ("\U0010fffe\U000e0fffx", "x"),
        ("line\nbreak", "line break"),
        ("lost \udc80 sign", "lost sign"),
        ("x" * 10_000, "…"),
    ],
)
def test_any_sign_can_stand_in_a_title(target: Path, title: str, shown: str) -> None:
    write_report(dataclasses.replace(FACTS, title=title), target)
    assert shown.replace(" ", "") in text_of(target).replace(" ", "")


@pytest.mark.parametrize("title", ["神奈川沖浪裏", "🎨 painting", "𓀀𓁐", "לוח", "จิตรกรรม"])
def test_a_title_in_any_script_gives_a_report(target: Path, title: str) -> None:
    """The signs are shown where this machine has a font for them, and else named by their number."""
    write_report(dataclasses.replace(FACTS, title=title), target)
    said = text_of(target)
    assert title[0] in said or f"U+{ord(title[0]):04X}" in said
    assert "Johannes Vermeer" in said


def test_a_painting_of_which_little_is_known_gives_a_report(target: Path) -> None:
    scan = Path("delft.tif")
    bare = TreatmentReport(title="", scan_path=scan, scan_sha256="", records=(), created=FACTS.created)
    write_report(bare, target)
    said = text_of(target)
    assert "Untitled painting" in said
    assert "Nothing was done to this scan." in said
    assert "carries no credential that was checked" in said
    assert "Pictures" not in said


def test_a_long_history_is_cut_and_says_so(target: Path) -> None:
    write_report(dataclasses.replace(FACTS, records=(RECORD,) * 203), target)
    assert "3 further operations are not listed." in text_of(target)


def test_a_broken_picture_is_told_in_one_sentence_and_the_old_report_stays(target: Path) -> None:
    write_report(FACTS, target)
    before = target.read_bytes()
    with pytest.raises(WorkstationError, match=r"could not be set") as caught:
        write_report(dataclasses.replace(FACTS, after=b"no picture"), target)
    assert "\n" not in str(caught.value)
    assert target.read_bytes() == before
    assert os.listdir(target.parent) == [target.name]  # noqa: PTH208


def test_a_folder_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="its folder does not exist"):
        write_report(FACTS, tmp_path / "none" / "report.pdf")


def test_every_operation_is_reported_in_the_words_of_its_declaration() -> None:
    for name, operation in load_all().items():
        given = values(operation())
        (step,) = contents_of(
            dataclasses.replace(FACTS, records=({"operation": name, "parameters": given},))
        )["steps"]
        assert (step["name"], step["summary"]) == (title(operation), summary(operation))
        assert tuple(f"{row[0]}: {row[1]}" for row in step["parameters"]) == parameter_lines(name, given)
        assert [row[2] for row in step["parameters"]] == [found.help for found in parameters(operation)]
        assert step["nature"].endswith("."), (
            "the digital source of the operation needs a sentence in contents.py"
        )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(RECORD, JSON)), st.text())
def test_no_record_breaks_a_report(target: Path, record: dict[str, Any], words: str) -> None:
    write_report(dataclasses.replace(FACTS, records=(record,), author=words), target)
    assert "View of Delft" in text_of(target)


@pytest.mark.parametrize(
    ("record", "key", "said"),
    [
        ({"share": 0.5}, "share", "50 %"),
        ({"share": 0}, "share", "0 %"),
        ({"share": 1e-9}, "share", "below 0.001 %"),
        ({"share": float("nan")}, "share", "not known"),
        ({"area_mm2": None}, "area_mm2", "not known"),
        ({"area_mm2": 1_234_567.891}, "area_mm2", "1\u202f234\u202f567.89"),
        ({"regions": 3}, "regions", "–"),
        ({"regions": 3, "mask_sha256": "ab" * 32}, "regions", "3"),
        ({"when": "2026-11-23T05:00:00"}, "when", "2026-11-23 05:00:00"),
    ],
)
def test_numbers_are_worded_for_people(record: dict[str, Any], key: str, said: str) -> None:
    (step,) = contents_of(dataclasses.replace(FACTS, records=({"operation": "x", **record},)))["steps"]
    assert step[key] == said
