"""Commands: certificate list, trust, distrust, export."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome, counted, readable
from workstation.commands.keys import authority_secret
from workstation.commands.showing import anchor_data, anchor_line, offer_shown, warnings_of
from workstation.commands.studio import declare_replace, declare_secrets, own_folder
from workstation.credentials import granting, passphrases, trust
from workstation.credentials.certificates import default_folder
from workstation.credentials.house import read_choices
from workstation.credentials.offers import Offer, read_offer
from workstation.credentials.people import AUTHORITY_KEY
from workstation.credentials.trust import PURPOSES, Purpose
from workstation.errors import CredentialError
from workstation.files import check_targets, made, write_text


def _declare_nothing(parser: ArgumentParser) -> None:
    """Take no arguments of its own."""


def _list(arguments: Namespace, console: Console) -> Outcome:
    anchors, broken = trust.listed(), trust.broken()
    lines = [anchor_line(anchor) for anchor in anchors] or ["You trust no certificate yet."]
    lines += [f"{path} holds no readable certificate and is ignored." for path in broken]
    warnings = warnings_of(default_folder())
    data = {
        "trusted": [anchor_data(anchor) for anchor in anchors],
        "broken": [str(path) for path in broken],
        "warnings": warnings,
    }
    return Outcome((*lines, *warnings), data=data)


def _declare_trust(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="certificates in PEM or DER form, such as a museum's own or a list"
    )
    parser.add_argument(
        "--for",
        dest="purpose",
        choices=(*PURPOSES, "both"),
        default="signers",
        help="what to trust them for: to vouch for signers, for time-stamps, or both (default: %(default)s)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what the file holds, trust none of it")
    parser.add_argument("--yes", action="store_true", help="do not ask: for scripts")


def _trust(arguments: Namespace, console: Console) -> Outcome:
    offer = read_offer(arguments.file)
    if arguments.dry_run:
        return offer_shown(offer)
    wanted: tuple[Purpose, ...] = PURPOSES if arguments.purpose == "both" else (arguments.purpose,)
    if not arguments.yes:
        _insist_agreed(offer, wanted, console)
    added = trust.accept(offer, wanted)
    lines = [anchor_line(anchor) for anchor in added]
    if added:
        lines.insert(0, "From now on you trust:")
    if offer.lists:
        lines.append(f"{counted(len(offer.lists), 'list')} of revoked certificates taken over.")
    files = tuple(made(anchor.path, "certificate") for anchor in added)
    data = {"trusted": [anchor_data(anchor) for anchor in added], "lists": len(offer.lists)}
    return Outcome(tuple(lines), files, data)


def _insist_agreed(offer: Offer, wanted: tuple[Purpose, ...], console: Console) -> None:
    """Show what is offered and ask; CredentialError where nobody is there or the answer is no."""
    if console.quiet or not passphrases.at_terminal():
        raise CredentialError(
            "Look first with --dry-run at what would be trusted, then add --yes. Nothing was imported."
        )
    what = counted(len(offer.certificates), "certificate")
    asked = f"Trust {what} for {' and '.join(wanted)}?" if offer.certificates else "Import it?"
    if not passphrases.agreed(readable("\n".join([*offer_shown(offer).lines, asked]))):
        raise CredentialError("Nothing was imported.")


def _declare_distrust(parser: ArgumentParser) -> None:
    parser.add_argument("fingerprint", help="the beginning of the fingerprint that `certificate list` shows")


def _distrust(arguments: Namespace, console: Console) -> Outcome:
    removed = trust.distrust(arguments.fingerprint)
    lines = (f"You no longer trust {removed.name} ({removed.fingerprint[:16]}).",)
    return Outcome(lines, data={"removed": anchor_data(removed)})


def _declare_export(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="where to write the studio's public certificate")
    declare_secrets(parser)
    declare_replace(parser)


def _export(arguments: Namespace, console: Console) -> Outcome:
    folder = own_folder(arguments)
    anchor = trust.own_anchor(folder)
    check_targets([arguments.file], replace=arguments.replace)
    revoked = "X509 CRL" in anchor
    if revoked and (folder / AUTHORITY_KEY).exists():
        granting.refresh_list(folder, authority_secret(arguments, console))
        anchor = trust.own_anchor(folder)
    write_text(arguments.file, anchor)
    lines = [f"Whoever imports {arguments.file} trusts the signatures of your studio. It holds no secret."]
    if revoked:
        lines.append("It also says which of the studio's certificates are revoked.")
    if read_choices(folder).time_stamps:
        lines.append("To trust the studio's time-stamps as well it is imported with: --for both")
    return Outcome(tuple(lines), (made(arguments.file, "certificate"),))


COMMANDS: tuple[Command, ...] = (
    Command(
        "certificate list",
        "Show whom you trust and what for: names, dates, fingerprints.",
        ("workstation certificate list",),
        _declare_nothing,
        _list,
    ),
    Command(
        "certificate trust",
        "Trust the certificates of a file from now on; they are shown first.",
        (
            "workstation certificate trust other-museum.pem",
            "workstation certificate trust other-museum.pem --for both --yes",
            "workstation certificate trust C2PA-TSA-TRUST-LIST.pem --for time-stamps",
        ),
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
        "Write the studio's public certificate, and whom it revoked, for others to import.",
        ("workstation certificate export our-studio.pem",),
        _declare_export,
        _export,
    ),
)
