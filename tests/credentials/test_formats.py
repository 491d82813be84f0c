"""Every kind of file that a museum exports carries its credential, and is else what it was."""

from __future__ import annotations

import io
import time
import wave
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageSequence
from pytestqt.qtbot import QtBot

from tests.credentials.conftest import signed
from tests.credentials.media import AS_HEIC, BARE, MEDIA, RGB, SILENCE
from tests.credentials.test_door import stock_state
from workstation.credentials import formats
from workstation.credentials.certificates import Studio
from workstation.credentials.formats import sidecar_of
from workstation.credentials.kinds import kind_of, kind_of_bytes
from workstation.credentials.verifying import verify

PICTURES = [name for name in MEDIA if name.endswith((".webp", ".avif", ".heic", ".gif", ".png", ".jpg"))]
OWN = "{http://c2pa.org/manifest}manifest"


def both(name: str, folder: Path, studio: Studio) -> tuple[Path, Path]:
    """Return a file and its signed copy."""
    (MEDIA | BARE)[name](folder / name)
    return folder / name, signed(folder / name, folder / f"signed-{name}", studio)


@pytest.mark.parametrize("name", MEDIA)
def test_it_carries_its_credential_inside_and_the_stock_reader_agrees(
    name: str, tmp_path: Path, studio: Studio
) -> None:
    before, target = both(name, tmp_path, studio)
    assert not sidecar_of(target).exists()
    verdict = verify(target, studio.anchor)
    assert (verdict.state, verdict.embedded) == ("trusted", True)
    assert stock_state(target, studio.anchor) == "Trusted"
    assert kind_of(target) == kind_of(before)
    assert verify(before, studio.anchor).state == "none"


@pytest.mark.parametrize("name", BARE)
def test_all_else_is_copied_to_the_byte_and_signed_beside(name: str, tmp_path: Path, studio: Studio) -> None:
    before, target = both(name, tmp_path, studio)
    assert target.read_bytes() == before.read_bytes()
    assert sidecar_of(target).exists()
    assert verify(target, studio.anchor).state == "trusted"
    if name != "nothing.bin":  # the library cannot hash a file of no bytes
        assert stock_state(target, studio.anchor) == "Trusted"
    with target.open("ab") as file:
        file.write(b"more")
    assert verify(target, studio.anchor).state == "altered"


@pytest.mark.parametrize("name", MEDIA)
def test_no_changed_byte_outside_the_credential_is_trusted(name: str, tmp_path: Path, studio: Studio) -> None:
    _, target = both(name, tmp_path, studio)
    data = target.read_bytes()
    outside = [at for at in range(len(data)) if at not in credential_in(data) and at not in unhashed(data)]
    for at in (*outside[:: max(1, len(outside) // 20)], outside[-1]):
        target.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        assert verify(target, studio.anchor).state in ("altered", "damaged", "none"), at
    for whole in (data + b"more", data[:-9], data[: len(data) // 2], data[:40]):
        target.write_bytes(whole)
        assert verify(target, studio.anchor).state in ("altered", "damaged", "none")


def credential_in(data: bytes) -> range:
    """Return where the credential lies in a file, with what its container says of its length."""
    if b"<c2pa:manifest>" in data:
        return range(data.index(b"<c2pa:manifest>") + 15, data.index(b"</c2pa:manifest>"))
    at = data.index(b"jumb")
    return range(at - 64, at - 4 + int.from_bytes(data[at - 4 : at], "big") + 64)


def unhashed(data: bytes) -> range:
    """Return what C2PA's hash of boxes leaves out: the brands (specification, "BMFF-Based Hash")."""
    return range(int.from_bytes(data[:4], "big") if data[4:8] == b"ftyp" else 0)


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_in_it_has_the_same_pixels(name: str, tmp_path: Path, studio: Studio) -> None:
    before, after = (path.read_bytes().replace(*AS_HEIC[::-1]) for path in both(name, tmp_path, studio))
    with Image.open(io.BytesIO(before)) as old, Image.open(io.BytesIO(after)) as new:
        frames = [[np.asarray(frame) for frame in ImageSequence.Iterator(file)] for file in (old, new)]
        assert (old.mode, old.size) == (new.mode, new.size)
    assert len(frames[0]) == (2 if name.startswith(("moving", "several")) else 1)
    assert all(np.array_equal(one, other) for one, other in zip(*frames, strict=True))


def test_a_jpeg_xl_has_the_same_pixels(tmp_path: Path, studio: Studio) -> None:
    _, target = both("picture.jxl", tmp_path, studio)
    assert np.array_equal(imagecodecs.jpegxl_decode(target.read_bytes()), RGB)


@pytest.mark.parametrize("name", ["drawing.svg", "told.svg", "rich.svg", "latin.svg"])
def test_a_drawing_has_the_same_tree_but_for_the_credential(
    name: str, tmp_path: Path, studio: Studio
) -> None:
    old, new = (ElementTree.parse(path).getroot() for path in both(name, tmp_path, studio))
    [home] = [part for part in new.iter() if part.find(OWN) is not None]
    home.remove(next(iter(home)))
    if len(home) == 0:
        new.remove(home)
    assert ElementTree.canonicalize(ElementTree.tostring(new)) == ElementTree.canonicalize(
        ElementTree.tostring(old)
    )


def test_a_document_shows_the_same_page_and_words(tmp_path: Path, studio: Studio, qtbot: QtBot) -> None:
    import typst
    from PyQt6.QtCore import QSize
    from PyQt6.QtPdf import QPdfDocument

    (tmp_path / "report.typ").write_text("= Report\nThe losses were filled.\n#pagebreak()\nVarnish thinned.")
    typst.compile(str(tmp_path / "report.typ"), output=str(tmp_path / "report.pdf"))
    target = signed(tmp_path / "report.pdf", tmp_path / "signed.pdf", studio)
    assert not sidecar_of(target).exists()
    seen = []
    for path in (tmp_path / "report.pdf", target):
        document = QPdfDocument(None)
        document.load(str(path))
        pages = range(document.pageCount())
        seen.append([(document.getAllText(at).text(), document.render(at, QSize(300, 400))) for at in pages])
        document.close()
    assert len(seen[0]) == 2
    assert "losses were filled" in seen[0][0][0]
    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", ["film.mp4", "film.mov"])
def test_a_film_has_the_same_data_where_its_contents_say(name: str, tmp_path: Path, studio: Studio) -> None:
    for path in both(name, tmp_path, studio):
        data = path.read_bytes()
        at = data.index(b"stco") + 12
        start = int.from_bytes(data[at : at + 4], "big")
        assert data[start : start + RGB.nbytes] == RGB.tobytes()


def test_a_sound_has_the_same_samples(tmp_path: Path, studio: Studio) -> None:
    heard = []
    for path in both("sound.wav", tmp_path, studio):
        with wave.open(str(path)) as file:
            heard.append((file.getparams(), file.readframes(10**6)))
    assert heard[0] == heard[1]
    assert heard[0][1] == RGB.tobytes()


@pytest.mark.parametrize("name", ["sound.mp3", "titled.mp3"])
def test_an_mp3_has_the_same_frames_and_keeps_its_title(name: str, tmp_path: Path, studio: Studio) -> None:
    before, target = both(name, tmp_path, studio)
    assert target.read_bytes().endswith(SILENCE)
    for words in (b"Harbour", b"own\0abc"):
        assert words in target.read_bytes() or words not in before.read_bytes()


@pytest.mark.parametrize("seal", [b"<</Encrypt 2 0 R>>", b"/ByteRange [0 9 20 9]"])
@pytest.mark.parametrize("at", [0, (1 << 20) - 5, (1 << 20) + 9])
def test_a_pdf_that_is_encrypted_or_signed_by_others_is_left_whole(
    seal: bytes, at: int, tmp_path: Path, studio: Studio
) -> None:
    """The library writes a PDF anew, which would break another's signature."""
    MEDIA["picture.pdf"](path := tmp_path / "o.pdf")
    head = path.read_bytes() + b"%"
    path.write_bytes(head + bytes(at - min(at, len(head))) + seal)
    target = signed(path, tmp_path / "signed.pdf", studio)
    assert target.read_bytes() == path.read_bytes()
    assert sidecar_of(target).exists()


def test_a_file_too_large_for_the_library_is_signed_beside(
    tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "LARGEST_EMBEDDED", 100)
    _, target = both("film.mp4", tmp_path, studio)
    assert sidecar_of(target).exists()
    assert verify(target, studio.anchor).state == "trusted"


def test_a_name_proves_nothing(tmp_path: Path, studio: Studio) -> None:
    MEDIA["picture.webp"](tmp_path / "o.webp")
    target = signed(tmp_path / "o.webp", tmp_path / "o.mp4", studio)
    assert kind_of(target) == "image/webp"
    assert verify(target, studio.anchor).state == "trusted"


@pytest.mark.parametrize(
    "start",
    [
        b"<!--" * 1024,
        b"<!-- -->" * 512,
        b"<?" * 2048,
        b"<? >" * 1024,
        b"<!DOCTYPE[" * 400,
        b"<!DOCTYPE[]" * 370,
        b"<!DOCTYPE[]>" * 340,
        b" " * 4096,
        b"\0\0\0\xffftypmif1" + b"miaf" * 1000,
        b"\xff\xfb",
    ],
)
def test_no_first_bytes_take_long_to_tell(start: bytes) -> None:
    began = time.perf_counter()
    kind_of_bytes(start)
    assert time.perf_counter() - began < 0.2
