"""Commands: exhibit build, exhibit example."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome, counted
from workstation.commands.studio import declare_export, declare_replace, studio_of
from workstation.exhibits.bundle import build
from workstation.exhibits.example import EXAMPLE
from workstation.exhibits.spec import read_spec
from workstation.files import check_targets, made, write_text


def _declare_build(parser: ArgumentParser) -> None:
    parser.add_argument("spec", type=Path, help="description of the exhibit: see workstation exhibit example")
    parser.add_argument("out", type=Path, help="folder to make")
    parser.add_argument(
        "--pictures", type=Path, help="folder that the pictures lie in (default: that of the description)"
    )
    parser.add_argument(
        "--webp", action="store_true", help="smaller textures, which Unity does not read (EXT_texture_webp)"
    )
    declare_export(parser)


def _build(arguments: Namespace, console: Console) -> Outcome:
    exhibit = read_spec(arguments.spec, arguments.pictures)
    signer = studio_of(arguments, console)
    job = build(exhibit, arguments.out, signer, webp=arguments.webp, replace=arguments.replace)
    files = console.run(job)
    size = sum(one.path.stat().st_size for one in files)
    lines = (
        f"{exhibit.title[exhibit.languages[0]]}: {counted(len(exhibit.overlays), 'overlay')}, "
        f"{counted(len(exhibit.hotspots), 'hotspot')}, {counted(len(exhibit.languages), 'language')}, "
        f"{size / 1e6:.1f} MB.",
        f"Wrote {arguments.out} with {len(files)} files; the scene is {arguments.out / 'exhibit.glb'}.",
        f"Every file is signed by {signer.person} ({signer.name}).",
    )
    data = {"languages": list(exhibit.languages), "overlays": len(exhibit.overlays)}
    return Outcome(lines, files, {**data, "hotspots": len(exhibit.hotspots), "bytes": size})


def _declare_example(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="file to write (default: print it)")
    declare_replace(parser)


def _example(arguments: Namespace, console: Console) -> Outcome:
    target: Path | None = arguments.file
    if target is None:
        return Outcome((EXAMPLE.rstrip(),), data={"example": EXAMPLE})
    check_targets([target], replace=arguments.replace)
    write_text(target, EXAMPLE)
    lines = (f"Wrote {target}. Change it to your painting, then: workstation exhibit build {target} FOLDER",)
    return Outcome(lines, (made(target, "record"),))


COMMANDS: tuple[Command, ...] = (
    Command(
        "exhibit build",
        "Build an exhibit for augmented reality: a GLB in metres, signed textures, places, an index.",
        (
            "workstation exhibit build harbour.json harbour-exhibit",
            "workstation exhibit build harbour.json harbour-exhibit --webp --replace",
        ),
        _declare_build,
        _build,
    ),
    Command(
        "exhibit example",
        "Print a complete description of an exhibit, with comments, to start from.",
        ("workstation exhibit example harbour.json",),
        _declare_example,
        _example,
    ),
)
