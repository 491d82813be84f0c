"""Any text is a question; none is an error."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalogue.conftest import noise
from workstation.catalogue.catalogue import Catalogue
from workstation.catalogue.facts import Layer, Painting


def subjects(catalogue: Catalogue, text: str) -> set[str]:
    return {hit.subject for hit in catalogue.search(text)}


def test_everything_that_is_remembered_is_found(catalogue: Catalogue, layer: Layer) -> None:
    step = catalogue.append_step(layer.id, noise(), author="Jansen")
    catalogue.add_record(layer.id, {"operation": "suppress-noise", "device": "cuda"}, step.id)
    catalogue.add_note(layer.painting_id, "Craquelure in the sky")
    catalogue.add_export(catalogue.folder / "delft_clean.png", "restored", "ab" * 32, layer.id)
    assert subjects(catalogue, "vermeer") == {"painting"}
    assert subjects(catalogue, "delft_VIS") == {"scan"}
    assert subjects(catalogue, "jansen") == {"step"}
    assert subjects(catalogue, "cuda") == {"record"}
    assert subjects(catalogue, "craquel") == {"note"}
    assert subjects(catalogue, "delft_clean") == {"export"}
    assert subjects(catalogue, "noise") == {"step", "record"}
    assert all(hit.painting_id == layer.painting_id for hit in catalogue.search("delft"))


@pytest.mark.parametrize("text", ["delft", "DELFT", "del", "view delft", "delft view", "  de   vi "])
def test_words_are_found_by_their_beginning_in_any_order(
    catalogue: Catalogue, painting: Painting, text: str
) -> None:
    assert [hit.id for hit in catalogue.search(text)] == [painting.id]


def test_accents_do_not_hide_a_name(catalogue: Catalogue) -> None:
    painting = catalogue.add_painting("Häuser", artist="Józef Chełmoński")
    assert catalogue.search("jozef hauser")[0].id == painting.id


def test_what_was_changed_is_found_by_its_new_words_only(catalogue: Catalogue, painting: Painting) -> None:
    catalogue.change_painting(painting.id, title="The Little Street")
    assert catalogue.search("delft") == ()
    assert catalogue.search("little")[0].words == "The «Little» Street Johannes Vermeer 92 "


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        '"',
        "''",
        '"" OR 1',
        "title:delft",
        "NEAR(a b)",
        "-delft",
        "^delft",
        "*",
        "delft)",
        "{a b}: c",
        "AND",
        "NOT",
        "a\0b",
        "\udcff",
        "²",
        "'; DROP TABLE paintings; --",
        "x" * 1_000_000,
        "a " * 100_000,
        "（）",
    ],
)
def test_hostile_questions_are_answered(catalogue: Catalogue, painting: Painting, text: str) -> None:
    assert isinstance(catalogue.search(text), tuple)
    assert catalogue.paintings() == (painting,)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_any_text_at_all_is_answered(catalogue: Catalogue, text: str) -> None:
    assert isinstance(catalogue.search(text), tuple)


def test_a_quoted_word_is_found_as_it_stands(catalogue: Catalogue) -> None:
    painting = catalogue.add_painting('So-called "Mona" (copy), O\'Keeffe')
    for text in ('"Mona"', "(copy)", "o'keeffe", "so-called"):
        assert catalogue.search(text)[0].id == painting.id


def test_no_more_is_returned_than_asked_for(catalogue: Catalogue) -> None:
    for number in range(5):
        catalogue.add_painting(f"Study {number}")
    assert len(catalogue.search("study", 3)) == 3
