"""A catalogue of any age opens; one from the future is left alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from workstation.catalogue import schema
from workstation.catalogue.catalogue import FILE, open_catalogue
from workstation.errors import CatalogueError

VERSION_1 = Path(__file__).with_name("version_1.sql")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Make a catalogue as the first version wrote it, with one painting and its history."""
    connection = sqlite3.connect(tmp_path / FILE)
    connection.executescript(VERSION_1.read_text())
    connection.close()
    return tmp_path


def tables(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return sorted(sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql <> ''"))
    finally:
        connection.close()


def test_a_catalogue_of_the_first_version_is_upgraded_and_keeps_everything(old: Path) -> None:
    with open_catalogue(old) as catalogue:
        (painting,) = catalogue.paintings()
        assert (painting.title, painting.height_mm) == ("View of Delft", 965.0)
        (layer,) = catalogue.layers(painting.id)
        assert [step.operation for step in catalogue.treatment(layer.id)] == ["fill-losses"]
        assert len(catalogue.branches(layer.id)) == 2
        assert catalogue.search("delft")[0].painting_id == painting.id
        catalogue.add_note(painting.id, "now there are notes")


def test_before_an_upgrade_the_old_file_is_kept(old: Path) -> None:
    before = tables(old / FILE)
    open_catalogue(old).close()
    assert tables(old / "catalogue-format-1.sqlite") == before
    assert tables(old / FILE) != before


def test_an_upgraded_catalogue_has_the_tables_of_a_new_one(old: Path, tmp_path: Path) -> None:
    open_catalogue(old).close()
    open_catalogue(tmp_path / "new").close()
    assert tables(old / FILE) == tables(tmp_path / "new" / FILE)


def test_a_catalogue_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    open_catalogue(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute(f"PRAGMA user_version = {schema.NEWEST + 1}")
    connection.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(CatalogueError, match="newer workstation"):
        open_catalogue(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before


def test_the_database_of_another_programme_is_refused_and_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("CREATE TABLE songs (id)")
    connection.close()
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(CatalogueError, match="another programme"):
        open_catalogue(tmp_path)
    assert (tmp_path / FILE).read_bytes() == before
