"""Commands: certificate create, list, trust, distrust, export; sign; unsign; verify."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from workstation.commands.command import Command, Console, Outcome
from workstation.commands.studio import declare_export, declare_replace, declare_studio, studio_of
from workstation.credentials import passphrases, trust
from workstation.credentials.certificates import (
    create_studio,
    default_folder,
)
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import check_exports, export
from workstation.credentials.sentences import deeds
from workstation.credentials.tiffs import unsigned_copy
from workstation.credentials.trust import Anchor
from workstation.credentials.verdict import Verdict, as_data
from workstation.credentials.verifying import verify_all
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


def _declare_sign(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the finished file; it stays as it is")
    parser.add_argument("out", type=Path, nargs="?", help="the signed copy (default: NAME-signed beside it)")
    parser.add_argument("--title", help="title in the credential (default: the name of the file)")
    declare_export(parser)


def _sign(arguments: Namespace, console: Console) -> Outcome:
    source: Path = arguments.file
    source.open("rb").close()
    target = arguments.out or source.with_name(f"{source.stem}-signed{source.suffix}")
    check_exports([target], replace=arguments.replace, keep=[source])
    studio = studio_of(arguments, console)
    title = arguments.title or source.name
    content = Content(title, (Action("c2pa.opened"),), (Ingredient(source, source.name),))
    files = export(source, target, "scan", content, studio, replace=arguments.replace)
    where = "inside it" if len(files) == 1 else f"beside it in {files[1].path.name}; keep the two together"
    lines = (f"{target} is signed by {studio.person} ({studio.name}); its credential lies {where}.",)
    return Outcome(lines, files, {"signer": studio.person, "studio": studio.name})


def _declare_unsign(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a TIFF with a credential inside; it stays as it is")
    parser.add_argument("out", type=Path, help="the file as it was before it was signed")
    declare_replace(parser)


def _unsign(arguments: Namespace, console: Console) -> Outcome:
    arguments.file.open("rb").close()
    unsigned_copy(arguments.file, arguments.out, replace=arguments.replace)
    lines = (f"{arguments.out} is {arguments.file.name} as it was before it was last signed, byte for byte.",)
    return Outcome(lines, (made(arguments.out, "scan"),))


def _declare_verify(parser: ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", metavar="file", help="pictures and other signed files")
    parser.add_argument("--anchors", type=Path, help="trust only the certificates of this file")


def _verify(arguments: Namespace, console: Console) -> Outcome:
    anchors = trust.as_pem(arguments.anchors) if arguments.anchors else None
    judged = console.run(verify_all(arguments.files, anchors))
    lines = tuple(line for verdict in judged.verdicts for line in _verdict_lines(verdict))
    data = {"results": [as_data(verdict) for verdict in judged.verdicts]}
    is_good = all(verdict.state == "trusted" for verdict in judged.verdicts)
    return Outcome(lines, data=data, ok=is_good and not judged.refused, undone=judged.refused)


def _verdict_lines(verdict: Verdict) -> list[str]:
    lines = [f"{verdict.path}: {verdict.state}. {verdict.sentence}"]
    for part in verdict.ancestors:
        done = f", {deeds(part.actions)}" if part.actions else ""
        lines.append(f"{'  ' * part.depth}from {part.title}: {part.state}{done}")
    return lines


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
    Command(
        "sign",
        "Write a signed copy of a file; the file itself stays as it is.",
        (
            "workstation sign restored.tif",
            "workstation sign restored.tif signed.tif --title 'Harbour at dusk'",
        ),
        _declare_sign,
        _sign,
    ),
    Command(
        "unsign",
        "Write a copy of a signed TIFF as it was before it was last signed, byte for byte.",
        ("workstation unsign signed.tif as-before.tif",),
        _declare_unsign,
        _unsign,
    ),
    Command(
        "verify",
        "Judge files by their credentials and those of all their ancestors, offline.",
        ("workstation verify signed.tif", "workstation verify *.tif --anchors other-museum.pem"),
        _declare_verify,
        _verify,
    ),
)
