"""Commands: certificate create, list, trust, distrust, export."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from workstation.commands.command import Command, Console, Outcome
from workstation.commands.studio import declare_replace, declare_studio
from workstation.credentials import passphrases, trust
from workstation.credentials.certificates import create_studio, default_folder
from workstation.credentials.trust import Anchor
from workstation.files import check_targets, made, write_text


def _declare_create(parser: ArgumentParser) -> None:
    parser.add_argument("--studio", required=True, help="name of the house, as others will read it")
    parser.add_argument("--person", required=True, help="name of the person who signs")
    parser.add_argument("--replace", action="store_true", help="move an older studio aside first")
    declare_studio(parser)


def _create(arguments: Namespace, console: Console) -> Outcome:
    passphrase = passphrases.given(arguments.passphrase_file)
    if passphrase is None and not console.quiet:
        passphrase = passphrases.chosen()
    studio = create_studio(
        arguments.certificates,
        studio=arguments.studio,
        person=arguments.person,
        passphrase=passphrase,
        replace=arguments.replace,
    )
    kept = "locked by your passphrase" if passphrase else "without a passphrase, readable by you alone"
    lines = (
        f"{studio.person} ({studio.name}) can sign until {studio.expires:%Y-%m-%d}.",
        f"The keys lie in {studio.folder}, {kept}. Keep a copy in a safe place.",
        "Others will trust your signatures once they import what this writes: "
        "workstation certificate export FILE.pem",
    )
    files = tuple(made(path, "certificate") for path in sorted(studio.folder.iterdir()))
    data = {"studio": studio.name, "person": studio.person, "expires": studio.expires.isoformat()}
    return Outcome(lines, files, {**data, "folder": str(studio.folder), "locked": passphrase is not None})


def _declare_nothing(parser: ArgumentParser) -> None:
    """Take no arguments of its own."""


def _list(arguments: Namespace, console: Console) -> Outcome:
    anchors, broken = trust.listed(), trust.broken()
    lines = [_anchor_line(anchor) for anchor in anchors] or ["You trust no certificate yet."]
    lines += [f"{path} holds no readable certificate and is ignored." for path in broken]
    data = {"trusted": [_anchor_data(anchor) for anchor in anchors], "broken": [str(path) for path in broken]}
    return Outcome(tuple(lines), data=data)


def _declare_trust(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="certificates in PEM or DER form, such as a museum's own or a list"
    )


def _trust(arguments: Namespace, console: Console) -> Outcome:
    added = trust.trust(arguments.file)
    lines = ("From now on you trust:", *(_anchor_line(anchor) for anchor in added))
    files = tuple(made(anchor.path, "certificate") for anchor in added)
    return Outcome(lines, files, {"trusted": [_anchor_data(anchor) for anchor in added]})


def _declare_distrust(parser: ArgumentParser) -> None:
    parser.add_argument("fingerprint", help="the beginning of the fingerprint that `certificate list` shows")


def _distrust(arguments: Namespace, console: Console) -> Outcome:
    removed = trust.distrust(arguments.fingerprint)
    lines = (f"You no longer trust {removed.name} ({removed.fingerprint[:16]}).",)
    return Outcome(lines, data={"removed": _anchor_data(removed)})


def _declare_export(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="where to write the studio's public certificate")
    parser.add_argument(
        "--certificates", type=Path, metavar="FOLDER", help="the studio's certificates (default: your own)"
    )
    declare_replace(parser)


def _export(arguments: Namespace, console: Console) -> Outcome:
    anchor = trust.own_anchor(arguments.certificates or default_folder())
    check_targets([arguments.file], replace=arguments.replace)
    write_text(arguments.file, anchor)
    lines = (f"Whoever imports {arguments.file} trusts the signatures of your studio. It holds no secret.",)
    return Outcome(lines, (made(arguments.file, "certificate"),))


def _anchor_line(anchor: Anchor) -> str:
    house = f" ({anchor.organisation})" if anchor.organisation != anchor.name else ""
    dates = f"{anchor.starts:%Y-%m-%d} to {anchor.expires:%Y-%m-%d}"
    return f"{anchor.fingerprint[:16]}  {dates}  {anchor.name}{house}"


def _anchor_data(anchor: Anchor) -> dict[str, Any]:
    return {
        "name": anchor.name,
        "organisation": anchor.organisation,
        "starts": anchor.starts.isoformat(),
        "expires": anchor.expires.isoformat(),
        "fingerprint": anchor.fingerprint,
        "path": str(anchor.path),
    }


COMMANDS: tuple[Command, ...] = (
    Command(
        "certificate create",
        "Make a studio: a local authority, and a certificate with which one person signs.",
        ('workstation certificate create --studio "Museum of the Harbour" --person "Ada Novak"',),
        _declare_create,
        _create,
    ),
    Command(
        "certificate list",
        "Show whom you trust: names, dates, fingerprints.",
        ("workstation certificate list",),
        _declare_nothing,
        _list,
    ),
    Command(
        "certificate trust",
        "Trust the certificates of a file from now on.",
        ("workstation certificate trust other-museum.pem",),
        _declare_trust,
        _trust,
    ),
    Command(
        "certificate distrust",
        "No longer trust a certificate that was imported.",
        ("workstation certificate distrust 3fa9c1",),
        _declare_distrust,
        _distrust,
    ),
    Command(
        "certificate export",
        "Write the studio's public certificate for others to import.",
        ("workstation certificate export our-studio.pem",),
        _declare_export,
        _export,
    ),
)
