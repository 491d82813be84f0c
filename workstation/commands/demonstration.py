"""Commands that show the programme without anybody's own scans: the phantom."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from workstation.commands.command import Command, Console, Outcome
from workstation.errors import WriteError
from workstation.files import FileMade, made, write_text
from workstation.phantom.phantom import KINDS, Phantom


def declare_phantom(parser: ArgumentParser) -> None:
    """Add the words of `phantom`."""
    parser.add_argument(
        "folder", type=Path, metavar="OUT_FOLDER", help="folder to write into; made if missing"
    )
    parser.add_argument("--width", type=int, default=1600, help="width of the VIS layer in pixels (1600)")
    parser.add_argument("--height", type=int, help="its height in pixels (three quarters of the width)")
    parser.add_argument("--seed", type=int, default=7, help="which painting: any whole number (7)")
    parser.add_argument("--bits", type=int, default=16, choices=(8, 16), help="bits a sample of VIS (16)")
    parser.add_argument(
        "--layers", default="VIS,IRR,UVF,XR", help=f"kinds to write, of {','.join(KINDS)} (VIS,IRR,UVF,XR)"
    )
    parser.add_argument("--no-truth", action="store_true", help="leave out the undamaged state and the masks")


def run_phantom(arguments: Namespace, console: Console) -> Outcome:
    """Paint the phantom and write its layers, and what is known of it, as files."""
    phantom = Phantom(arguments.width, arguments.height, seed=arguments.seed, bits=arguments.bits)
    kinds = [kind.strip().upper() for kind in arguments.layers.split(",") if kind.strip()]
    for kind in kinds:
        phantom.layer(kind)
    try:
        arguments.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"Cannot make the folder {arguments.folder}: {error.strerror}.") from error
    files = list(_write(phantom, kinds, arguments.folder, not arguments.no_truth, console))
    lines = [f"{file.kind}: {file.path}" for file in files]
    return Outcome(
        (*lines, f"Phantom {phantom.seed}: {phantom.width_px} × {phantom.height_px} px."), tuple(files)
    )


def _write(
    phantom: Phantom, kinds: list[str], folder: Path, truth: bool, console: Console
) -> Iterator[FileMade]:
    from workstation.operations.mask import mask_from
    from workstation.scans.masks import write_mask
    from workstation.scans.pyramid import write_pyramid

    name = f"phantom-{phantom.seed}"
    for kind in kinds:
        target = folder / f"{name}_{kind}.tif"
        console.run(write_pyramid(phantom.layer(kind), target))
        yield made(target, "phantom")
    if not truth:
        return
    known = phantom.truth()
    target = folder / f"{name}_undamaged.tif"
    console.run(write_pyramid(known.undamaged, target))
    yield made(target, "phantom")
    for word, picture in (("cracks", known.cracks), ("losses", known.losses)):
        target = folder / f"{name}_{word}.tif"
        console.run(write_mask(mask_from(picture), target))
        yield made(target, "mask")
    target = folder / f"{name}_truth.json"
    write_text(target, json.dumps(known.facts(kinds), indent=2) + "\n")
    yield made(target, "record")


COMMANDS: tuple[Command, ...] = (
    Command(
        "phantom",
        "Paint a made-up panel painting with known damage, for trying things out.",
        (
            "workstation phantom trial",
            "workstation phantom trial --width 4000 --seed 12 --layers VIS,IRR,UVF,XR,RAK",
        ),
        declare_phantom,
        run_phantom,
    ),
)
