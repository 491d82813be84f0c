"""Several people sign for one studio; what exists goes on working, no interruption loses anything."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.credentials.conftest import signed
from workstation.credentials import granting, issuing, people, stamps
from workstation.credentials.certificates import Studio, create_studio, load_studio, secret_needed
from workstation.credentials.granting import KeyPlace
from workstation.credentials.house import CHOICES, LOCK, changing
from workstation.credentials.people import AUTHORITY, AUTHORITY_KEY, PEOPLE, REVOKED, SIGNING, SIGNING_KEY
from workstation.credentials.verifying import verify
from workstation.errors import CredentialError
from workstation.portable import locked, unclaim

ROOT = Path(__file__).resolve().parents[2]


def test_two_people_sign_for_one_studio_under_their_own_names(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    granting.issue(studio.folder, "Ben Okafor", None, KeyPlace(), None)
    for person in ("Ada Novak", "Ben Okafor"):
        own = load_studio(studio.folder, signer=person.upper())
        verdict = verify(signed(scan, tmp_path / f"{person}.tif", own), studio.anchor)
        assert (verdict.state, verdict.signer) == ("trusted", f"{person} (Museum of the Harbour)")


def test_who_signs_is_the_first_until_another_is_chosen(studio: Studio) -> None:
    granting.issue(studio.folder, "Ben Okafor", None, KeyPlace(), None)
    assert load_studio(studio.folder).person == "Ada Novak"
    granting.use(studio.folder, "ben okafor")
    assert load_studio(studio.folder).person == "Ben Okafor"
    with pytest.raises(CredentialError, match="These can: Ada Novak, Ben Okafor"):
        granting.use(studio.folder, "Clara")
    with pytest.raises(CredentialError, match="Nobody called Clara can sign here"):
        load_studio(studio.folder, signer="Clara")


def test_each_person_has_a_passphrase_of_their_own(tmp_path: Path) -> None:
    create_studio(tmp_path / "s", studio="House", person="Ada Novak", passphrase="hers")
    granting.issue(tmp_path / "s", "Ben Okafor", "hers", KeyPlace("his"), None)
    assert load_studio(tmp_path / "s", "his", signer="Ben Okafor").person == "Ben Okafor"
    with pytest.raises(CredentialError, match="not the passphrase"):
        load_studio(tmp_path / "s", "hers", signer="Ben Okafor")
    with pytest.raises(CredentialError, match="not the passphrase"):
        granting.issue(tmp_path / "s", "Clara", "his", KeyPlace("hers too"), None)
    assert secret_needed(tmp_path / "s", "Ben Okafor") == "passphrase"


def test_nobody_gets_two_certificates_by_mistake(studio: Studio) -> None:
    with pytest.raises(CredentialError, match="certificate renew"):
        granting.issue(studio.folder, "ada novak", None, KeyPlace(), None)
    assert not (studio.folder / PEOPLE).exists()


def test_a_person_on_another_machine_gets_a_folder_that_can_only_sign(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    out = tmp_path / "for-ben"
    granting.issue(studio.folder, "Ben Okafor", None, KeyPlace("his"), out)
    assert sorted(path.name for path in out.iterdir()) == [AUTHORITY, SIGNING_KEY, SIGNING]
    assert not list((studio.folder / PEOPLE).rglob(SIGNING_KEY))
    verdict = verify(signed(scan, tmp_path / "o.tif", load_studio(out, "his")), studio.anchor)
    assert (verdict.state, verdict.signer) == ("trusted", "Ben Okafor (Museum of the Harbour)")
    with pytest.raises(CredentialError, match="key of the authority is not in"):
        granting.issue(out, "Clara", None, KeyPlace(), None)
    with pytest.raises(CredentialError, match="exists already"):
        granting.issue(studio.folder, "Clara", None, KeyPlace(), out)
    with pytest.raises(CredentialError, match="Nobody called Ben Okafor can sign here"):
        load_studio(studio.folder, signer="Ben Okafor")
    granting.revoke(studio.folder, "Ben Okafor", "left-the-house", None, None)
    assert (studio.folder / REVOKED).exists()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_renewed_certificate_signs_and_older_signatures_hold(
    fresh: bool, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=365 * 5 - 30))
        old = create_studio(tmp_path / "s", studio="House", person="Ada Novak", passphrase="secret")
    before = signed(scan, tmp_path / "a.tif", old)
    granting.renew(old.folder, None, "secret", KeyPlace("secret") if fresh else None)
    new = load_studio(old.folder, "secret")
    assert (old.expires - datetime.now(UTC)).days < 31
    assert (new.expires - datetime.now(UTC)).days > 1800
    same = (old.folder / SIGNING_KEY).read_bytes() == _key_of(new).read_bytes()
    assert same is not fresh
    after = signed(scan, tmp_path / "b.tif", new)
    assert [verify(file, old.anchor).state for file in (before, after)] == ["trusted", "trusted"]


def _key_of(studio: Studio) -> Path:
    [place] = (studio.folder / PEOPLE).iterdir()
    assert (place / SIGNING_KEY).stat().st_mode & 0o777 == 0o600
    return place / SIGNING_KEY


@pytest.mark.parametrize(("days", "warned"), [(59, True), (62, False)])
def test_the_last_sixty_days_are_announced(
    days: int, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=365 * 5 - days))
        studio = create_studio(tmp_path / "s", studio="House", person="Ada Novak")
    assert bool(studio.warning) is warned
    granting.renew(studio.folder, None, None, None)
    assert load_studio(studio.folder).warning == ""


def test_an_expired_certificate_can_be_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(issuing, "CLOCKS_DIFFER", timedelta(days=6 * 365))
        with pytest.raises(CredentialError, match=r"expired on .* Renew it with"):
            create_studio(tmp_path / "s", studio="House", person="Ada Novak")
    granting.renew(tmp_path / "s", None, None, None)
    assert load_studio(tmp_path / "s").person == "Ada Novak"


def test_a_studio_of_four_files_as_earlier_versions_made_it_goes_on_working(
    scan: Path, tmp_path: Path, studio: Studio
) -> None:
    made = sorted(path.name for path in studio.folder.iterdir())
    assert made == [AUTHORITY_KEY, AUTHORITY, SIGNING_KEY, SIGNING]
    assert load_studio(studio.folder).stamp is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"signer": 3}', '{"time_stamps": "on"}', '{"colour": 1}', "[" * 99999]
)
def test_harmed_choices_are_one_sentence(text: str, studio: Studio) -> None:
    (studio.folder / CHOICES).write_text(text)
    with pytest.raises(CredentialError, match=r"studio\.json"):
        load_studio(studio.folder)


def test_two_programmes_do_not_change_a_studio_at_once(studio: Studio) -> None:
    handle = locked(studio.folder / LOCK)
    with pytest.raises(CredentialError, match="Another programme"):
        granting.issue(studio.folder, "Ben Okafor", None, KeyPlace(), None)
    unclaim(handle)
    granting.issue(studio.folder, "Ben Okafor", None, KeyPlace(), None)


def test_a_mistake_while_changing_gives_the_lock_back(studio: Studio) -> None:
    with pytest.raises(RuntimeError), changing(studio.folder):
        raise RuntimeError
    granting.use(studio.folder, "Ada Novak")


KILLED = """
import os, sys
from pathlib import Path
from workstation.credentials import certificates, granting, stamps
from workstation.credentials.granting import KeyPlace
import workstation.credentials.granting, workstation.files, pathlib
left = int(sys.argv[3])
def dying(real):
    def work(*words, **named):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
        return real(*words, **named)
    return work
for owner, name in ((pathlib.Path, "rename"), (pathlib.Path, "replace"), (os, "fsync"), (os, "open")):
    setattr(owner, name, dying(getattr(owner, name)))
folder = Path(sys.argv[1])
work = {
    "issue": lambda: granting.issue(folder, "Ben Okafor", None, KeyPlace(), None),
    "out": lambda: granting.issue(folder, "Ben Okafor", None, KeyPlace(), folder.parent / "out"),
    "renew": lambda: granting.renew(folder, None, None, None),
    "revoke": lambda: granting.revoke(folder, "Clara", "superseded", None, None),
    "stamps": lambda: stamps.switch_on(folder, None),
    "use": lambda: granting.use(folder, "Clara"),
}
work[sys.argv[2]]()
"""


@pytest.mark.parametrize("work", ["issue", "out", "renew", "revoke", "stamps", "use"])
def test_a_programme_that_is_killed_while_changing_leaves_a_studio_that_works(
    work: str, tmp_path: Path, studio: Studio
) -> None:
    granting.issue(studio.folder, "Clara", None, KeyPlace(), None)
    granting.revoke(studio.folder, "Clara", "superseded", None, None)
    granting.renew(studio.folder, "Clara", None, KeyPlace())
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended: list[int] = []
    for steps in (0, 1, 2, 3, 4, 6, 8, 10, 100):
        command = [sys.executable, "-c", KILLED, str(studio.folder), work, str(steps)]
        found = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
        ended.append(found.returncode)
        assert load_studio(studio.folder, signer="Ada Novak").anchor == studio.anchor
        revoked = people.read_revoked(studio.folder)
        assert revoked is not None
        assert len(revoked) in (1, 2)
        stamps.stamper(studio.folder, None)
        if ended[-1] != -9:
            break
    assert ended[0] == -9
    assert ended[-1] == 0 or "already" in found.stderr  # killed when all was done
