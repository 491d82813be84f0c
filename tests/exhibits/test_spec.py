"""A description of an exhibit is taken as it is, or refused in one sentence that says where it is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exhibits.specs import values, written
from workstation.errors import ExhibitError
from workstation.exhibits.example import EXAMPLE
from workstation.exhibits.node import Node
from workstation.exhibits.spec import exhibit_from, read_spec


def test_a_complete_description_is_read_to_the_last_value(tmp_path: Path) -> None:
    exhibit = read_spec(written(tmp_path))
    assert exhibit.languages == ("en", "de")
    assert (exhibit.width_mm, exhibit.height_mm) == (400, 300)
    assert exhibit.picture.path == tmp_path / "scan.png"
    first, second = exhibit.overlays
    assert first.mask is not None
    assert (first.show, first.mask.path.name, first.opacity) == ("changes", "mask.png", 1)
    assert (second.show, second.mask, second.opacity) == ("whole", None, 0.8)
    assert (exhibit.hotspots[0].x_mm, exhibit.hotspots[0].y_mm) == (100, 75.5)
    assert exhibit.hotspots[0].title["de"] == "Ein Hafen"


def test_the_example_is_a_description_once_its_pictures_are_there(tmp_path: Path) -> None:
    names = ("harbour-vis.tif", "harbour-restored.tif", "harbour-losses.tif", "harbour-infrared.tif")
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "example.json").write_text(EXAMPLE, encoding="utf-8")
    exhibit = read_spec(tmp_path / "example.json")
    assert len(exhibit.overlays) == 2
    assert len(exhibit.hotspots) == 1


def put(place: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Return a change to a description: "overlays.0.title.de" → value; … removes it."""

    def change(found: Any) -> None:
        *way, last = [int(step) if step.isdigit() else step for step in place.split(".")]
        for step in way:
            found = found[step]
        if value is ...:
            del found[last]
        else:
            found[last] = value

    return change


WRONG = [
    (put("exhibit", 2), "exhibit must be 1"),
    (put("title", ...), "The description lacks 'title'"),
    (put("colour", "red"), "colour is not known here; there are: exhibit, languages"),
    (put("overlays.0.title.de", ...), r"overlays\[0\]\.title lacks 'de'"),
    (put("overlays.1.alt.fr", "Port"), r"overlays\[1\]\.alt\.fr is not known here"),
    (put("hotspots.0.text.en", "  "), r"hotspots\[0\]\.text\.en must be a text"),
    (put("hotspots.0.text.en", "x" * 4001), r"hotspots\[0\]\.text\.en has 4001 letters; 4000 are the most"),
    (put("hotspots.0.text.en", "bell \x07"), "holds a character that is no text"),
    (put("hotspots.0.text.en", "\ud800"), "holds a character that is no text"),
    (put("hotspots.0.mm", [100]), r"hotspots\[0\]\.mm must be two numbers"),
    (put("hotspots.0.mm", [100, 301]), r"hotspots\[0\]\.mm\[1\] must be a number from 0 to 300 mm"),
    (put("hotspots.0.mm", [float("nan"), 1]), r"hotspots\[0\]\.mm\[0\] must be a number"),
    (put("painting.width_mm", 0), r"painting\.width_mm must be a number from 1 to 50000 mm"),
    (put("painting.width_mm", True), r"painting\.width_mm must be a number"),
    (put("painting.width_mm", 10**400), r"painting\.width_mm must be a number"),
    (put("painting.page", 1.5), r"painting\.page must be a whole number"),
    (put("overlays.0.opacity", 0), r"overlays\[0\]\.opacity must be a number from 0.05 to 1\."),
    (put("overlays.0.show", "all"), r"overlays\[0\]\.show must be one of: whole, changes"),
    (put("overlays.0.show", ["whole"]), r"overlays\[0\]\.show must be one of"),
    (put("overlays", {}), "overlays must be a list"),
    (put("painting", []), "painting must be an object"),
    (put("hotspots", [{}] * 101), "hotspots has 101 entries; 100 are the most"),
    (put("languages", []), "languages must name at least one"),
    (put("languages", ["en", "de", "en"]), "languages must name at least one language, and each once"),
    (put("languages", ["English"]), r"languages\[0\] must be a language such as"),
    (put("texture_px", 8192), "texture_px must be a number from 64 to 4096"),
    (put("painting.picture", "gone.tif"), r"painting\.picture names 'gone.tif', but there is no such file"),
    (put("painting.picture", "/etc/passwd"), r"painting\.picture must name a file inside"),
    (put("overlays.0.mask", "../scan.png"), r"overlays\[0\]\.mask must name a file inside"),
    (put("overlays.0.picture", "C:\\scan.png"), r"overlays\[0\]\.picture must name a file inside"),
    (put("overlays.0.picture", "a\0b.png"), "holds a character that is no text"),
]


@pytest.mark.parametrize(("change", "sentence"), WRONG)
def test_every_wrong_value_is_named_with_its_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    written(tmp_path)
    description = copy.deepcopy(values())
    change(description)
    with pytest.raises(ExhibitError, match=sentence):
        exhibit_from(Node(description, ""), tmp_path)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "broken JSON at line 1, column 2"),
        (b"\xff\xfe{}", "not written in UTF-8"),
        (b"[" * 100_000, "no description of an exhibit"),
        (b'{"title": 1, "title": 2}', "'title' stands twice"),
        (b"[]", "must be an object"),
        (b"9" * 5000, "no description of an exhibit"),
        (b" " * 2_000_001, "larger than 2 MB"),
    ],
)
def test_a_file_that_is_no_description_is_refused_in_one_sentence(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(ExhibitError, match=sentence):
        read_spec(tmp_path / "a.json")


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    path = written(inside)
    (tmp_path / "secret.png").write_bytes((inside / "scan.png").read_bytes())
    (inside / "scan.png").unlink()
    (inside / "scan.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(ExhibitError, match=r"painting\.picture leads out of .*--pictures"):
        read_spec(path)


def test_pictures_may_lie_in_another_folder_that_the_user_names(tmp_path: Path) -> None:
    archive, desk = tmp_path / "archive", tmp_path / "desk"
    archive.mkdir()
    desk.mkdir()
    path = written(archive).rename(desk / "harbour.json")
    with pytest.raises(ExhibitError, match="no such file"):
        read_spec(path)
    assert read_spec(path, archive).picture.path == archive / "scan.png"


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(values())), junk)
def test_no_junk_gives_anything_but_our_own_error(tmp_path: Path, key: str, value: Any) -> None:
    description = {**values(), key: value}
    with suppress(ExhibitError):
        exhibit_from(Node(description, ""), tmp_path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert json.loads(path.read_text("utf-8-sig"))["exhibit"] == 1
    assert read_spec(path).copyright == "Museum"
