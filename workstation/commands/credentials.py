"""Commands: sign, unsign."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome
from workstation.commands.studio import declare_export, declare_replace, studio_of
from workstation.credentials.door import check_exports, check_unsigning, exporting, sign_in_place, unsign
from workstation.credentials.folders import sign_folder
from workstation.credentials.listing import CONTENTS
from workstation.credentials.plain import content_as_it_is
from workstation.credentials.tiffs import unsigned_copy
from workstation.credentials.verifying import insist_file
from workstation.errors import UsageError, WorkstationError
from workstation.files import FileMade, made
from workstation.portable import as_typed


def _declare_sign(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        help="the finished file, which stays as it is unless --in-place is given; or a folder, which gets a "
        "signed list of all its files",
    )
    parser.add_argument("out", type=Path, nargs="?", help="the signed copy (default: NAME-signed beside it)")
    parser.add_argument("--title", help="title in the credential (default: the name of the file)")
    parser.add_argument(
        "--in-place",
        action="store_true",
        help="put the credential into the TIFF itself; `unsign --in-place` takes it off again, byte for byte",
    )
    parser.add_argument(
        "--tiles",
        action="store_true",
        help="with --in-place: decode and sign every tile as well, so that `verify` can name those that "
        "somebody changes later; a copy always has that",
    )
    declare_export(parser)


def _sign(arguments: Namespace, console: Console) -> Outcome:
    source: Path = arguments.file
    if source.is_dir():
        return _sign_folder(arguments, console)
    insist_file(source)
    if not source.stat().st_size:
        raise UsageError(f"{source} is empty: there is nothing to sign.")
    if arguments.in_place:
        if arguments.out or arguments.replace:
            raise UsageError(
                "With --in-place the file itself is signed: leave out the other file and --replace."
            )
        return _sign_in_place(arguments, console)
    target = arguments.out or source.with_name(f"{source.stem}-signed{source.suffix}")
    check_exports([target], replace=arguments.replace, keep=[source])
    studio = studio_of(arguments, console)
    content = content_as_it_is(source, arguments.title)
    files = console.run(exporting(source, target, "scan", content, studio, replace=arguments.replace))
    where = "inside it" if len(files) == 1 else f"beside it in {files[1].path.name}; keep the two together"
    lines = [f"{target} is signed by {studio.person} ({studio.name}); its credential lies {where}."]
    lines += [f"{studio.warning}."] if studio.warning else []
    data = {"signer": studio.person, "studio": studio.name, "warning": studio.warning}
    return Outcome(tuple(lines), files, {**data, "time_stamped": studio.stamp is not None})


def _sign_folder(arguments: Namespace, console: Console) -> Outcome:
    folder: Path = arguments.file
    if arguments.out or arguments.in_place or arguments.tiles:
        raise UsageError(f"{folder} is a folder: its list is written into it. Leave out all but --replace.")
    check_exports([folder / CONTENTS], replace=arguments.replace)
    studio = studio_of(arguments, console)
    title = arguments.title or folder.absolute().name
    files = console.run(sign_folder(folder, title, studio, replace=arguments.replace))
    lines = [f"All files of {folder} are signed by {studio.person} ({studio.name}) in {files[0].path}."]
    lines += [f"{studio.warning}."] if studio.warning else []
    lines += [f"To find what changed since then: workstation verify {as_typed(folder)}"]
    data = {"signer": studio.person, "studio": studio.name, "warning": studio.warning}
    return Outcome(tuple(lines), files, {**data, "time_stamped": studio.stamp is not None})


def _sign_in_place(arguments: Namespace, console: Console) -> Outcome:
    studio, size = studio_of(arguments, console), arguments.file.stat().st_size
    content = content_as_it_is(arguments.file, arguments.title)
    file = console.run(sign_in_place(arguments.file, content, studio, tiles=arguments.tiles))
    lines = (
        f"{arguments.file} itself is now signed by {studio.person} ({studio.name}).",
        f"To undo that, byte for byte: workstation unsign {as_typed(arguments.file)} --in-place",
        *_tell_catalogue(file, size),
    )
    return Outcome(lines, (file,), {"signer": studio.person, "studio": studio.name})


def _declare_unsign(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a TIFF with a credential inside")
    parser.add_argument("out", type=Path, nargs="?", help="the file as it was before it was signed")
    parser.add_argument("--in-place", action="store_true", help="take the credential off the file itself")
    declare_replace(parser)


def _unsign(arguments: Namespace, console: Console) -> Outcome:
    file: Path = arguments.file
    if bool(arguments.out) == arguments.in_place:
        raise UsageError("Name the file to write, or say --in-place.")
    if arguments.in_place:
        insist_file(file)
        size = file.stat().st_size
        bare = console.run(unsign(file))
        lines = (f"{file} is again what it was before it was last signed, byte for byte.",)
        return Outcome((*lines, *_tell_catalogue(bare, size)), (bare,))
    check_unsigning(file)
    unsigned_copy(file, arguments.out, replace=arguments.replace)
    words = f"{arguments.out} is {file.name} as it was before it was last signed, byte for byte."
    return Outcome((words,), (made(arguments.out, "scan"),))


def _tell_catalogue(file: FileMade, size_before: int) -> tuple[str, ...]:
    """Have the catalogue know a scan again whose file is another one now; say why where it does not."""
    from workstation.catalogue.catalogue import open_catalogue

    try:
        with open_catalogue() as catalogue:
            catalogue.follow_scan(file.path, size_before, file.sha256)
    except WorkstationError as error:  # what was asked for is done all the same
        return (f"The catalogue could not be told of it: {error}",)
    return ()


COMMANDS: tuple[Command, ...] = (
    Command(
        "sign",
        "Write a signed copy of a file; the file itself stays as it is, unless you say --in-place.",
        (
            "workstation sign restored.tif",
            "workstation sign exhibition",
            "workstation sign scan.tif --in-place",
            "workstation sign restored.tif signed.tif --title 'Harbour at dusk'",
        ),
        _declare_sign,
        _sign,
    ),
    Command(
        "unsign",
        "Make of a signed TIFF what it was before it was last signed, byte for byte.",
        ("workstation unsign signed.tif as-before.tif", "workstation unsign scan.tif --in-place"),
        _declare_unsign,
        _unsign,
    ),
)
