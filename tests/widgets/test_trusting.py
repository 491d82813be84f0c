"""Who signs and who is trusted, seen and changed in the window; and a file signed itself, and undone."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog

from tests.widgets.conftest import Bench, flat, write_picture
from tests.widgets.test_credentials import shown
from widgets import saving
from widgets.exporting import copying
from widgets.signing_itself import Sure
from widgets.trust_asking import AskTrust, Export, Renew
from widgets.trusting import TrustDialog
from workstation.credentials import granting, issuing, trust
from workstation.credentials.certificates import KeyPlace, Studio, create_studio, default_folder
from workstation.credentials.door import export
from workstation.credentials.plain import content_as_it_is
from workstation.credentials.verifying import verify
from workstation.jobs import Progress


@pytest.fixture
def stranger(tmp_path: Path) -> Studio:
    """Another museum, whom nobody trusts yet."""
    return create_studio(tmp_path / "theirs", studio="Museum of the Harbour", person="Ada Novak")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "scan.tif", flat((200, 20, 20)))


Kind = TypeVar("Kind", bound=QDialog)


def dialog(bench: Bench, kind: type[Kind]) -> Kind:
    """Return the one open dialog of a kind."""
    QApplication.processEvents()
    [found] = [part for part in bench.window.findChildren(kind) if part.isVisible()]
    return found


def opened(bench: Bench) -> TrustDialog:
    bench.do("trust")
    return dialog(bench, TrustDialog)


def rows(found: TrustDialog) -> list[tuple[str, str]]:
    """Return whom the dialog names and what for."""
    items = [found.list.topLevelItem(at) for at in range(found.list.topLevelItemCount())]
    return [(item.text(0), item.text(1)) for item in items if item is not None]


def test_a_stranger_becomes_known_by_importing_the_certificate_and_unknown_again(
    bench: Bench, scan: Path, tmp_path: Path, own_studio: Studio, stranger: Studio
) -> None:
    export(scan, tmp_path / "signed.tif", "scan", content_as_it_is(scan), stranger)
    (tmp_path / "theirs.pem").write_text(trust.own_anchor(stranger.folder))
    panel = bench.window.credentials
    bench.open(tmp_path / "signed.tif")
    assert shown(bench).verdict.state == "unknown-signer"
    panel.trusting.click()
    found = dialog(bench, TrustDialog)
    assert rows(found) == [("Test studio authority (your own)", "signers and time-stamps")]
    found.offer(tmp_path / "theirs.pem")
    asking = dialog(bench, AskTrust)
    [anchor] = trust.offered(asking._offer)
    assert anchor.fingerprint in asking.told.toPlainText().replace(" ", "").replace("\n", "")
    asking.yes.click()
    assert rows(found)[1] == ("Museum of the Harbour authority", "signers")
    assert shown(bench).verdict.state == "trusted"
    assert not panel.trusting.isVisible()
    found.list.setCurrentItem(found.list.topLevelItem(0))
    assert not found.remove.isEnabled(), "the own authority stays"
    found.list.setCurrentItem(found.list.topLevelItem(1))
    found.remove.click()
    assert len(rows(found)) == 1
    assert shown(bench).verdict.state == "unknown-signer"
    found.reject()


def test_cancel_and_enter_trust_nobody(bench: Bench, tmp_path: Path, stranger: Studio) -> None:
    (tmp_path / "theirs.pem").write_text(trust.own_anchor(stranger.folder))
    found = opened(bench)
    found.offer(tmp_path / "theirs.pem")
    QTest.keyClick(dialog(bench, AskTrust), Qt.Key.Key_Return)
    assert trust.listed() == []
    found.reject()


@pytest.mark.parametrize("kind", ["text", "folder", "missing", "key"])
def test_what_is_no_certificate_is_refused_in_the_dialog(
    kind: str, bench: Bench, tmp_path: Path, stranger: Studio
) -> None:
    path = {"key": stranger.folder / "signing-key.pem", "folder": tmp_path}.get(kind, tmp_path / "a.txt")
    if kind == "text":
        path.write_text("hello")
    found = opened(bench)
    found.offer(path)
    assert found.wrong.text().count(".") >= 1
    assert not [part for part in found.findChildren(AskTrust) if part.isVisible()]
    assert trust.listed() == []
    found.reject()


def test_a_certificate_that_ends_soon_is_announced_and_renewed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as short:
        short.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=365 * 5 - 20))
        create_studio(studio="Test studio", person="Test person", passphrase="Verditer 7")
    bench.window.deeds.remind()
    bench.wait(lambda: "expires on" in bench.window.messages.text)
    assert "workstation certificate" not in bench.window.messages.text
    found = opened(bench)
    assert "ends soon" in found.people.itemAt(0).widget().text()  # type: ignore[union-attr]
    found.renew.click()
    renewing = dialog(bench, Renew)
    renewing.passphrase.setText("wrong")
    renewing.yes.click()
    assert "not the passphrase" in renewing.wrong.text()
    renewing.passphrase.setText("Verditer 7")
    renewing.yes.click()
    QApplication.processEvents()
    assert "ends soon" not in found.people.itemAt(0).widget().text()  # type: ignore[union-attr]
    found.reject()


def test_nobody_is_bothered_whose_certificate_lasts(bench: Bench, own_studio: Studio) -> None:
    bench.window.deeds.remind()
    bench.wait(lambda: bench.window.deeds._reminder._looking.idle)
    assert bench.window.messages.text == ""


def test_what_others_import_is_written_with_whom_the_studio_revoked(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_studio(studio="Test studio", person="Test person", passphrase="Verditer 7")
    granting.issue(default_folder(), "Ben Okafor", "Verditer 7", KeyPlace("Verditer 7"), None)
    monkeypatch.setattr(saving, "ask_target", lambda *_: tmp_path / "ours.pem")
    found = opened(bench)
    found.export.click()
    assert "is written" in found.wrong.text()
    granting.revoke(default_folder(), "Ben Okafor", "superseded", None, "Verditer 7")
    found.export.click()
    exporting = dialog(bench, Export)
    exporting.passphrase.setText("Verditer 7")
    exporting.yes.click()
    assert "X509 CRL" in (tmp_path / "ours.pem").read_text()
    assert "PRIVATE" not in (tmp_path / "ours.pem").read_text()
    found.reject()


def test_a_studio_is_made_where_there_is_none(bench: Bench) -> None:
    found = opened(bench)
    assert found.make.isVisible()
    assert not found.renew.isVisible()
    assert not found.export.isVisible()
    found.reject()


def test_a_scan_is_signed_itself_and_the_signature_taken_off_byte_for_byte(
    bench: Bench, scan: Path, own_studio: Studio
) -> None:
    before, window = scan.read_bytes(), bench.window
    layer = bench.open(scan)
    bench.do("sign")
    sure = dialog(bench, Sure)
    assert sure.tiles.isChecked()
    sure.yes.click()
    bench.wait(lambda: not window.jobs.running and "is now signed" in window.messages.text)
    assert shown(bench).verdict.state == "trusted"
    assert scan.read_bytes() != before
    assert bench.at(0.5, 0.5)[0] > 150, "the painting is still seen"
    assert [entry.path for entry in window.desk.catalogue.missing_scans()] == []
    signed = scan.read_bytes()
    at = signed.find(bytes([200, 20, 20]) * 20) + 30
    scan.write_bytes(signed[:at] + b"\xff" + signed[at + 1 :])
    window.credentials.refresh()
    assert len(shown(bench).verdict.changed_tiles) == 1, "every tile was signed"
    bench.do("unsign")
    dialog(bench, Sure).yes.click()
    bench.wait(lambda: not window.jobs.running and "nothing would show the change" in window.messages.text)
    assert len(scan.read_bytes()) == len(signed), "what shows the change stays"
    scan.write_bytes(signed)
    bench.do("unsign")
    dialog(bench, Sure).yes.click()
    bench.wait(lambda: not window.jobs.running and "byte for byte" in window.messages.text)
    assert scan.read_bytes() == before
    assert shown(bench).verdict.state == "none"
    assert window.table.current is layer


def test_where_signing_itself_is_not_possible_it_is_said_before_anything_is_asked(
    bench: Bench, scan: Path, tmp_path: Path, own_studio: Studio
) -> None:
    bench.open(scan)
    bench.do("unsign")
    assert bench.window.messages.text.startswith("scan.tif is no TIFF with a credential inside")
    Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(tmp_path / "photo.png")
    bench.open(tmp_path / "photo.png")
    bench.do("sign")
    assert "photo.png is no TIFF: only these are signed in place." in bench.window.messages.text
    assert not [part for part in bench.window.findChildren(Sure) if part.isVisible()]


def test_giving_up_signs_nothing(bench: Bench, scan: Path, own_studio: Studio) -> None:
    before = scan.read_bytes()
    bench.open(scan)
    bench.do("sign")
    dialog(bench, Sure).reject()
    time.sleep(0.1)
    QApplication.processEvents()
    assert scan.read_bytes() == before


def test_a_signed_copy_tells_how_far_it_is(
    bench: Bench, scan: Path, tmp_path: Path, own_studio: Studio
) -> None:
    told: list[Progress] = list(copying(bench.open(scan), tmp_path / "copy.tif", own_studio))
    assert told
    assert verify(tmp_path / "copy.tif").state == "trusted"
