"""One credential for a whole folder: whatever differs later is named, and no list leads out of the folder."""

from __future__ import annotations

import json
import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.credentials.conftest import INSIDE, signed
from tests.credentials.test_commands import CREATE, told
from tests.credentials.test_door import stock_state
from tests.exhibits.specs import written
from workstation.cli import run
from workstation.credentials import listing
from workstation.credentials.certificates import Studio
from workstation.credentials.folders import judge_folder, sign_folder
from workstation.credentials.listing import CONTENTS, check_paths, listing_in
from workstation.credentials.verdict import Verdict
from workstation.errors import CredentialError, UsageError
from workstation.files import write_text
from workstation.jobs import finish

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, studio: Studio) -> Path:
    """Return a folder of files, one of them signed itself, one in a folder below."""
    place = tmp_path / "exhibition"
    (place / "rooms" / "one").mkdir(parents=True)
    INSIDE["picture.png"](tmp_path / "p.png")
    signed(tmp_path / "p.png", place / "picture.png", studio)
    (place / "rooms" / "one" / "text.txt").write_text("Harbour at dusk")
    (place / "rooms" / "Öl.json").write_text("{}")
    (place / "empty.bin").write_bytes(b"")
    return place


def judged(folder: Path, studio: Studio) -> Verdict:
    found = listing_in(folder)
    assert found is not None
    return finish(judge_folder(folder, found, studio.anchor))


def sign(folder: Path, studio: Studio, **options: Any) -> None:
    finish(sign_folder(folder, "Exhibition", studio, **options))


def test_a_whole_folder_is_trusted_and_every_file_stays_as_it_was(folder: Path, studio: Studio) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    sign(folder, studio)
    verdict = judged(folder, studio)
    assert (verdict.state, verdict.changed_files) == ("trusted", ())
    assert verdict.sentence.startswith("The folder with all of its 4 files is as Ada Novak")
    assert stock_state(folder / CONTENTS, studio.anchor) == "Trusted"
    assert {path: path.read_bytes() for path in before} == before
    assert len(list(folder.rglob("*.*"))) == len(before) + 2
    told = json.loads((folder / CONTENTS).read_text())
    assert [entry["path"] for entry in told["files"]] == [
        "empty.bin", "picture.png", "rooms/one/text.txt", "rooms/Öl.json",
    ]  # fmt: skip


def test_a_folder_may_be_moved_and_copied(folder: Path, tmp_path: Path, studio: Studio) -> None:
    sign(folder, studio)
    shutil.copytree(folder, tmp_path / "elsewhere")
    shutil.rmtree(folder)
    assert judged(tmp_path / "elsewhere", studio).state == "trusted"


def test_changed_added_and_missing_files_are_named(folder: Path, studio: Studio) -> None:
    sign(folder, studio)
    (folder / "rooms" / "one" / "text.txt").write_text("Harbour at dawn")
    (folder / "rooms" / "new.txt").write_text("x")
    (folder / "empty.bin").unlink()
    verdict = judged(folder, studio)
    assert verdict.state == "altered"
    assert verdict.sentence == (
        "The folder is not as Ada Novak (Museum of the Harbour) signed it; changed: rooms/one/text.txt; "
        "added later: rooms/new.txt; missing: empty.bin."
    )
    assert {(one.path, one.change) for one in verdict.changed_files} == {
        ("rooms/one/text.txt", "changed"),
        ("rooms/new.txt", "added"),
        ("empty.bin", "missing"),
    }


CHANGED = [(name, how) for name in ("picture.png", "rooms/one/text.txt", "rooms/Öl.json") for how in range(3)]


@pytest.mark.parametrize(("name", "how"), [*CHANGED, ("empty.bin", 1)])
def test_every_changed_file_is_found(name: str, how: int, folder: Path, studio: Studio) -> None:
    sign(folder, studio)
    data = (folder / name).read_bytes()
    (folder / name).write_bytes((data[:-1] + b"?", data + b"?", data[:-1])[how])
    assert [one.path for one in judged(folder, studio).changed_files] == [name]


def test_a_changed_list_is_altered_and_one_without_credential_is_none(folder: Path, studio: Studio) -> None:
    sign(folder, studio)
    text = (folder / CONTENTS).read_text()
    (folder / CONTENTS).write_text(text.replace("empty.bin", "other.bin"))
    verdict = judged(folder, studio)
    assert (verdict.state, verdict.path) == ("altered", folder)
    (folder / f"{CONTENTS}.c2pa").unlink()
    assert listing_in(folder) is None


def test_a_strangers_folder_has_an_unknown_signer(folder: Path, studio: Studio, stranger: Studio) -> None:
    sign(folder, stranger)
    assert judged(folder, studio).state == "unknown-signer"
    (folder / "empty.bin").write_text("x")
    assert judged(folder, studio).state == "altered"


def test_a_folder_is_signed_anew_only_when_asked(folder: Path, studio: Studio) -> None:
    sign(folder, studio)
    (folder / "new.txt").write_text("x")
    with pytest.raises(UsageError, match="exists already"):
        sign(folder, studio)
    sign(folder, studio, replace=True)
    assert judged(folder, studio).state == "trusted"


def link(place: Path, studio: Studio) -> None:
    (place.parent / "secret.txt").write_text("secret")
    (place / "link.txt").symlink_to(place.parent / "secret.txt")


def link_to_a_folder(place: Path, studio: Studio) -> None:
    (place / "round").symlink_to(place)


def pipe(place: Path, studio: Studio) -> None:
    os.mkfifo(place / "pipe")


@pytest.mark.parametrize("make", [link, link_to_a_folder, pipe])
def test_links_and_pipes_are_neither_signed_nor_followed(
    make: Callable[[Path, Studio], None], folder: Path, studio: Studio
) -> None:
    sign(folder, studio)
    make(folder, studio)
    [one] = judged(folder, studio).changed_files
    assert one.change == "added"
    with pytest.raises(CredentialError, match="link or device"):
        sign(folder, studio, replace=True)


def test_a_file_that_became_a_link_to_the_same_bytes_is_changed(folder: Path, studio: Studio) -> None:
    sign(folder, studio)
    path = folder / "rooms" / "one" / "text.txt"
    path.rename(folder.parent / "moved.txt")
    path.symlink_to(folder.parent / "moved.txt")
    assert [one.change for one in judged(folder, studio).changed_files] == ["changed"]
    path.unlink()
    (folder / "rooms" / "one").rmdir()
    (folder.parent / "one").mkdir()
    (folder.parent / "moved.txt").rename(folder.parent / "one" / "text.txt")
    (folder / "rooms" / "one").symlink_to(folder.parent / "one")
    assert {one.change for one in judged(folder, studio).changed_files} == {"missing", "added"}


TRICKS = [
    "../secret.txt", "a/../../secret.txt", "/etc/passwd", "C:/windows", "C:secret", "a\\b", "\\\\host\\share",
    "", ".", "a//b", "a/./b", "nul", "AUX.txt", "a/com1.tar.gz", "name.", "name ", "a\0b", "a\nb",
    "a\x1b[31m",
    "x" * 1001, "/".join("x" * 40), CONTENTS, "Contents.JSON", f"{CONTENTS}.c2pa", "LPT¹", "\u202etxt.exe",
]  # fmt: skip


@pytest.mark.parametrize("path", TRICKS)
def test_a_signed_list_with_a_trick_in_it_is_not_believed(path: str, folder: Path, studio: Studio) -> None:
    (folder.parent / "secret.txt").write_text("secret")
    give_list(folder, studio, [path])
    verdict = judged(folder, studio)
    assert verdict.state == "unsupported"
    assert verdict.changed_files == ()
    assert "\n" not in verdict.sentence
    assert verdict.sentence.isprintable()
    assert len(verdict.sentence) < 250


@pytest.mark.parametrize(
    "pair", [("a.txt", "A.TXT"), ("a.txt", "a.txt"), ("straße", "STRASSE"), ("é", "e\u0301")]
)
def test_names_that_are_one_on_some_systems_are_refused(
    pair: tuple[str, str], folder: Path, studio: Studio
) -> None:
    give_list(folder, studio, list(pair))
    verdict = judged(folder, studio)
    assert verdict.state == "unsupported"
    assert "two files would have the name" in verdict.sentence


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"format": "conservation-workstation folder"}',
        '{"format": "conservation-workstation folder", "files": [7]}',
        '{"format": "conservation-workstation folder", "files": [{"path": 1, "bytes": 1, "sha256": ""}]}',
        '{"format": "conservation-workstation folder", "files": [{"path": "a", "bytes": -1, "sha256": "%s"}]}'
        % ("0" * 64),
        '{"format": "another", "files": []}',
    ],
)
def test_a_list_that_is_none_is_told_in_one_sentence(text: str, folder: Path, studio: Studio) -> None:
    write_text(folder.parent / "draft.json", text)
    signed(folder.parent / "draft.json", folder / CONTENTS, studio)
    verdict = judged(folder, studio)
    assert verdict.state == "unsupported"
    assert "not well formed" in verdict.sentence


def give_list(folder: Path, studio: Studio, paths: list[str]) -> None:
    entries = [{"path": path, "bytes": 6, "sha256": "0" * 64} for path in paths]
    write_text(folder.parent / "draft.json", json.dumps({"format": listing.FORMAT, "files": entries}))
    signed(folder.parent / "draft.json", folder / CONTENTS, studio)


@pytest.mark.parametrize("name", ["a:b.txt", "aux", "name.", "tab\t.txt"])
def test_names_that_cannot_go_elsewhere_are_refused_when_signing(
    name: str, folder: Path, studio: Studio
) -> None:
    (folder / name).write_text("x")
    with pytest.raises(CredentialError, match="cannot be signed as a whole"):
        sign(folder, studio)
    assert not (folder / CONTENTS).exists()


def test_folders_without_end_are_refused(
    folder: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(folder, studio)
    deep = folder.joinpath(*["d"] * 40)
    deep.mkdir(parents=True)
    assert "deep" in judged(folder, studio).sentence
    with pytest.raises(CredentialError, match="deep"):
        sign(folder, studio, replace=True)
    shutil.rmtree(folder / "d")
    monkeypatch.setattr(listing, "MOST_FILES", 3)
    with pytest.raises(CredentialError, match="more than 3 files"):
        sign(folder, studio, replace=True)
    assert judged(folder, studio).state == "unsupported"
    monkeypatch.setattr(listing, "LARGEST_LISTING", 100)
    assert "too large" in judged(folder, studio).sentence


def test_a_folder_of_one_large_file_takes_little_memory(tmp_path: Path, studio: Studio) -> None:
    place = tmp_path / "large"
    place.mkdir()
    with (place / "scan.bin").open("wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    try:
        sign(place, studio)
        assert judged(place, studio).state == "trusted"
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_many_changes_are_counted_and_the_sentence_stays_short(tmp_path: Path, studio: Studio) -> None:
    place = tmp_path / "many"
    place.mkdir()
    for number in range(1500):
        (place / f"{number:04}.txt").write_text("x")
    sign(place, studio)
    for number in range(1500):
        (place / f"{number:04}.txt").write_text("y")
    verdict = judged(place, studio)
    assert len(verdict.changed_files) == 1000
    assert "0002.txt and 997 more, and 500 further ones." in verdict.sentence


def test_every_path_that_is_harmless_may_be_listed() -> None:
    check_paths(["a", "b/ü ö.tif", "con-text", "console.txt", "..a", "a..b", ".hidden", "日本"], CONTENTS)


def test_the_commands_sign_and_judge_a_folder(folder: Path, capsys: Captured) -> None:
    run(CREATE)
    status, made = told(capsys, "sign", folder, "--title", "Harbour")
    assert (status, [file["path"] for file in made["files"]]) == (
        0,
        [str(folder / CONTENTS), str(folder / f"{CONTENTS}.c2pa")],
    )
    status, found = told(capsys, "verify", folder)
    [result] = found["results"]
    assert (status, result["state"], result["changed_files"]) == (0, "trusted", [])
    assert (result["path"], result["title"]) == (str(folder), "Harbour")
    (folder / "empty.bin").unlink()
    status, found = told(capsys, "verify", folder, folder / "picture.png")
    assert (status, [result["state"] for result in found["results"]]) == (1, ["altered", "unknown-signer"])
    assert found["results"][0]["changed_files"] == [{"path": "empty.bin", "change": "missing"}]
    run(["verify", str(folder)])
    assert "missing: empty.bin" in capsys.readouterr().out
    assert run(["sign", str(folder), str(folder.parent / "out")]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_an_exhibit_is_judged_as_one_by_its_own_index(tmp_path: Path, capsys: Captured) -> None:
    run(CREATE)
    run(["exhibit", "build", str(written(tmp_path)), str(tmp_path / "exhibit")])
    status, found = told(capsys, "verify", tmp_path / "exhibit")
    assert (status, found["results"][0]["state"]) == (0, "trusted")
    texture = next((tmp_path / "exhibit" / "textures").iterdir())
    texture.write_bytes(texture.read_bytes() + b"x")
    (tmp_path / "exhibit" / "virus.js").write_text("x")
    status, found = told(capsys, "verify", tmp_path / "exhibit")
    assert (status, found["results"][0]["state"]) == (1, "altered")
    assert found["results"][0]["changed_files"] == [
        {"path": f"textures/{texture.name}", "change": "changed"},
        {"path": "virus.js", "change": "added"},
    ]
