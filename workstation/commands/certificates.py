"""Commands: certificate create, issue, use, renew, revoke, show, time-stamps."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome, counted
from workstation.commands.keys import authority_secret, declare_key, declare_own_passphrase, key_place
from workstation.commands.showing import (
    certificate_data,
    holding_data,
    offer_shown,
    studio_shown,
)
from workstation.commands.studio import declare_folder, declare_secrets, own_folder
from workstation.credentials import granting, passphrases, stamps
from workstation.credentials.certificates import create_studio
from workstation.credentials.naming import common_name
from workstation.credentials.offers import read_offer
from workstation.credentials.people import REVOKED, SIGNING, Holding
from workstation.credentials.revocation import REASONS
from workstation.errors import CredentialError
from workstation.files import made


def _declare_create(parser: ArgumentParser) -> None:
    parser.add_argument("--studio", required=True, help="name of the house, as others will read it")
    parser.add_argument("--person", required=True, help="name of the person who signs")
    parser.add_argument("--replace", action="store_true", help="move an older studio aside first")
    declare_secrets(parser)
    declare_key(parser)


def _create(arguments: Namespace, console: Console) -> Outcome:
    key = key_place(arguments, console, arguments.passphrase_file)
    studio = create_studio(
        arguments.certificates,
        studio=arguments.studio,
        person=arguments.person,
        passphrase=key.passphrase,
        replace=arguments.replace,
        token=key.token,
        pin=key.pin,
    )
    kept = "locked by your passphrase" if key.passphrase else "without a passphrase, readable by you alone"
    what = "The key of the authority lies" if key.token else "The keys lie"
    lines = (
        f"{studio.person} ({studio.name}) can sign until {studio.expires:%Y-%m-%d}.",
        f"{what} in {studio.folder}, {kept}. Keep a copy in a safe place.",
        "Others will trust your signatures once they import what this writes: "
        "workstation certificate export FILE.pem",
    )
    files = tuple(made(path, "certificate") for path in sorted(studio.folder.iterdir()))
    data = {"studio": studio.name, "person": studio.person, "expires": studio.expires.isoformat()}
    told = {**data, "folder": str(studio.folder), "locked": key.passphrase is not None}
    return Outcome(lines, files, told)


def _declare_issue(parser: ArgumentParser) -> None:
    parser.add_argument("--person", required=True, help="name of the person who is to sign as well")
    what = "write the person's certificate and key to a folder for another machine, and keep no key here"
    _declare_grant(parser, what)


def _declare_grant(parser: ArgumentParser, out: str) -> None:
    declare_secrets(parser)
    declare_key(parser, of_person=True)
    parser.add_argument("--out", type=Path, metavar="NEW-FOLDER", help=out)


def _issue(arguments: Namespace, console: Console) -> Outcome:
    folder = own_folder(arguments)
    secret = authority_secret(arguments, console)
    key = key_place(arguments, console, arguments.person_passphrase_file, otherwise=secret)
    given = granting.issue(folder, arguments.person, secret, key, arguments.out)
    return _given(given, arguments.out)


def _declare_renew(parser: ArgumentParser) -> None:
    parser.add_argument("--person", help="whose certificate (default: who signs here)")
    parser.add_argument("--new-key", action="store_true", help="for a new key instead of the one in use")
    _declare_grant(parser, "write it to a folder for another machine")


def _renew(arguments: Namespace, console: Console) -> Outcome:
    folder = own_folder(arguments)
    secret = authority_secret(arguments, console)
    wants_key = arguments.new_key or arguments.token
    file = arguments.person_passphrase_file
    key = key_place(arguments, console, file, otherwise=secret) if wants_key else None
    given = granting.renew(folder, arguments.person, secret, key, arguments.out)
    return _given(given, arguments.out)


def _given(given: Holding, out: Path | None) -> Outcome:
    lines = [f"{given.person} can sign until {given.expires:%Y-%m-%d}. Older signatures stay what they are."]
    if out:
        lines.append(
            f"Hand {out} to {given.person} alone. It signs with: --certificates FOLDER, or as the folder "
            "“certificates” of the workstation's own folder."
        )
    return Outcome(tuple(lines), (made(given.folder / SIGNING, "certificate"),), holding_data(given))


def _declare_use(parser: ArgumentParser) -> None:
    parser.add_argument("person", help="who signs from now on where no --signer is named")
    declare_folder(parser)


def _use(arguments: Namespace, console: Console) -> Outcome:
    chosen = granting.use(own_folder(arguments), arguments.person)
    lines = (f"From now on {chosen.person} signs where nobody else is named.",)
    return Outcome(lines, data=holding_data(chosen))


def _declare_revoke(parser: ArgumentParser) -> None:
    parser.add_argument("who", help="name of the person, or the beginning of a certificate's fingerprint")
    parser.add_argument("--reason", choices=REASONS, default="unspecified", help="why (default: %(default)s)")
    parser.add_argument(
        "--date",
        type=_day,
        metavar="YYYY-MM-DD",
        help="void from this day on (default: now); what a time-stamp shows to be older stays trusted, "
        "unless the reason is key-lost",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask: for scripts")
    declare_secrets(parser)


def _revoke(arguments: Namespace, console: Console) -> Outcome:
    folder = own_folder(arguments)
    asked = f"Revoke the certificate of {arguments.who}? This cannot be taken back."
    if (
        not arguments.yes
        and not console.quiet
        and passphrases.at_terminal()
        and not passphrases.agreed(asked)
    ):
        raise CredentialError("Nothing was revoked.")
    secret = authority_secret(arguments, console)
    gone = granting.revoke(folder, arguments.who, arguments.reason, arguments.date, secret)
    names = ", ".join(dict.fromkeys(map(common_name, gone)))
    lines = (
        f"{counted(len(gone), 'certificate')} revoked: {names}. This cannot be taken back.",
        "Others will know once they import what this writes: workstation certificate export FILE.pem",
    )
    files = (made(folder / REVOKED, "certificate"),)
    return Outcome(lines, files, {"revoked": [certificate_data(part) for part in gone]})


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ArgumentTypeError(f"takes a day such as 2026-05-31, not {text!r}") from None


def _declare_show(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a certificate file (default: your own studio)")
    declare_folder(parser)


def _show(arguments: Namespace, console: Console) -> Outcome:
    if arguments.file:
        return offer_shown(read_offer(arguments.file))
    return studio_shown(own_folder(arguments))


def _declare_stamps(parser: ArgumentParser) -> None:
    parser.add_argument("state", choices=("on", "off"), help="whether signatures get a time-stamp")
    declare_secrets(parser)
    declare_own_passphrase(parser)


def _stamps(arguments: Namespace, console: Console) -> Outcome:
    folder = own_folder(arguments)
    if arguments.state == "off":
        stamps.switch_off(folder)
        return Outcome(("Signatures get no time-stamp from now on.",), data={"time_stamps": False})
    file = arguments.person_passphrase_file
    own = passphrases.given(file) if file else None
    certificate = stamps.switch_on(folder, authority_secret(arguments, console), own)
    lines = (
        "Every signature gets a time-stamp of the studio's own from now on.",
        "It shows that the file was signed while the studio's clock stood there, to whoever trusts the "
        "studio for time-stamps. It is the studio's own word: it proves the time to nobody who doubts that.",
    )
    return Outcome(lines, data={"time_stamps": True, **certificate_data(certificate)})


COMMANDS: tuple[Command, ...] = (
    Command(
        "certificate create",
        "Make a studio: a local authority, and a certificate with which one person signs.",
        (
            'workstation certificate create --studio "Museum of the Harbour" --person "Ada Novak"',
            "workstation certificate create --studio HOUSE --person NAME --token P11.so --token-label CARD",
        ),
        _declare_create,
        _create,
    ),
    Command(
        "certificate issue",
        "Give a further person a certificate to sign with in the studio's name.",
        (
            'workstation certificate issue --person "Ben Okafor"',
            'workstation certificate issue --person "Ben Okafor" --out for-ben',
        ),
        _declare_issue,
        _issue,
    ),
    Command(
        "certificate use",
        "Choose who signs where nobody else is named.",
        ('workstation certificate use "Ben Okafor"',),
        _declare_use,
        _use,
    ),
    Command(
        "certificate renew",
        "Give a person a new certificate before the old one ends; older signatures stay what they are.",
        ("workstation certificate renew", 'workstation certificate renew --person "Ada Novak" --new-key'),
        _declare_renew,
        _renew,
    ),
    Command(
        "certificate revoke",
        "Declare certificates void, for everybody who imports what is exported afterwards.",
        (
            'workstation certificate revoke "Ben Okafor" --reason left-the-house --date 2026-05-31',
            "workstation certificate revoke 3fa9c1 --reason key-lost",
        ),
        _declare_revoke,
        _revoke,
    ),
    Command(
        "certificate show",
        "Show the studio's certificates, or those of a file: names, dates, fingerprints.",
        ("workstation certificate show", "workstation certificate show other-museum.pem"),
        _declare_show,
        _show,
    ),
    Command(
        "certificate time-stamps",
        "Switch on or off that every signature gets a time-stamp of the studio's own.",
        ("workstation certificate time-stamps on",),
        _declare_stamps,
        _stamps,
    ),
)
