"""Commands: sign, unsign."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome
from workstation.commands.studio import declare_export, declare_replace, studio_of
from workstation.credentials.content import Action, Content, Ingredient
from workstation.credentials.door import check_exports, export
from workstation.credentials.tiffs import unsigned_copy
from workstation.files import made


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


COMMANDS: tuple[Command, ...] = (
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
)
