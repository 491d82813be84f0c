"""What is known of the physical objects."""

from __future__ import annotations

import math

import pytest

from workstation.catalogue.catalogue import Catalogue
from workstation.catalogue.facts import Painting
from workstation.errors import CatalogueError, UsageError


def test_a_painting_is_remembered_after_reopening(catalogue: Catalogue, painting: Painting) -> None:
    from workstation.catalogue.catalogue import open_catalogue

    with open_catalogue(catalogue.folder) as again:
        assert again.paintings() == (painting,)
        assert again.painting(painting.id).width_mm == 1157.0


def test_a_change_touches_only_the_fields_named(catalogue: Catalogue, painting: Painting) -> None:
    changed = catalogue.change_painting(painting.id, artist="Vermeer", note="lined")
    assert (changed.title, changed.artist, changed.note) == ("View of Delft", "Vermeer", "lined")
    assert changed.height_mm == 965.0


@pytest.mark.parametrize("size", [0, -1, math.nan, math.inf, True, "tall", 1e9])
def test_an_impossible_size_is_refused(catalogue: Catalogue, size: object) -> None:
    with pytest.raises(UsageError, match="height in mm must be a number"):
        catalogue.add_painting("Delft", height_mm=size)  # type: ignore[arg-type]
    assert catalogue.paintings() == ()


@pytest.mark.parametrize("title", ["", "   ", "\n", "x" * 2000, "lost \udc80 sign"])
def test_an_impossible_title_is_refused(catalogue: Catalogue, title: str) -> None:
    with pytest.raises(UsageError, match="title"):
        catalogue.add_painting(title)


def test_an_unknown_field_is_named(catalogue: Catalogue, painting: Painting) -> None:
    with pytest.raises(UsageError, match="no field 'colour'"):
        catalogue.change_painting(painting.id, colour="red")


@pytest.mark.parametrize("number", [99, -1, 0, 1 << 70])
def test_a_painting_that_is_not_there_is_named(catalogue: Catalogue, number: int) -> None:
    with pytest.raises(CatalogueError, match=f"no painting {number}"):
        catalogue.painting(number)


def test_a_removed_painting_leaves_the_lists_and_comes_back_whole(
    catalogue: Catalogue, painting: Painting
) -> None:
    catalogue.add_note(painting.id, "Relined in 1951", "A. Jansen")
    catalogue.remove_painting(painting.id)
    assert catalogue.paintings() == ()
    assert catalogue.search("relined") == ()
    with pytest.raises(CatalogueError, match="was removed"):
        catalogue.painting(painting.id)
    assert catalogue.restore_painting(painting.id) == painting
    assert catalogue.search("relined")[0].subject == "note"


def test_notes_keep_their_order_author_and_time(catalogue: Catalogue, painting: Painting) -> None:
    catalogue.add_note(painting.id, "first", "A")
    catalogue.add_note(painting.id, "second", "B")
    first, second = catalogue.notes(painting.id)
    assert (first.text, second.author) == ("first", "B")
    assert first.created <= second.created
    assert first.created.tzinfo is not None
