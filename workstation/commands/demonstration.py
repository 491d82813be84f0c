"""Commands that show the programme without anybody's own scans: demo and phantom."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from workstation import settings
from workstation.commands.command import Command, Console, Outcome
from workstation.commands.studio import declare_export, studio_of
from workstation.demonstration import Demonstration, demonstrate
from workstation.errors import UsageError
from workstation.phantom.exporting import export_phantom
from workstation.phantom.phantom import KINDS, Phantom


def _declare_demo(parser: ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, nargs="?", help="folder to write into (default: a folder beside your catalogue)"
    )
    parser.add_argument("--width", type=int, default=1600, help="width of the painting's scan in px (1600)")
    parser.add_argument("--seed", type=int, default=7, help="which painting: any whole number (7)")


def _demo(arguments: Namespace, console: Console) -> Outcome:
    folder = arguments.folder or settings.home() / "demonstration"
    done = console.run(demonstrate(folder, width=arguments.width, seed=arguments.seed))
    rendered = done.restoration.rendered
    trusted = all(verdict.state == "trusted" for verdict in done.verdicts)
    data = {
        "folder": str(folder),
        "outside_mask_identical": True,  # a difference ends the demonstration with an error
        "regions": rendered.regions,
        "area_mm2": rendered.area_mm2,
        "seconds": rendered.seconds,
        "device": rendered.device,
        "record": [record.as_json() for record in rendered.records],
        "difference": done.difference.values(),
        "results": [{"path": str(v.path), "state": v.state, "sentence": v.sentence} for v in done.verdicts],
    }
    return Outcome(tuple(_demo_lines(done, folder)), done.files, data, ok=trusted)


def _demo_lines(done: Demonstration, folder: Path) -> list[str]:
    rendered, difference = done.restoration.rendered, done.difference
    lines = [f"The main job, done on the demonstration painting in {folder}:", ""]
    lines += [f"  {made.kind:12} {made.path.relative_to(folder)}" for made in done.files]
    lines += ["", "Treatment:"]
    for record in rendered.records:
        area = f"{record.area_mm2:,.0f} mm²" if record.area_mm2 is not None else f"{record.area_px:,} px"
        lines.append(
            f"  {record.operation}: {record.regions} regions, {area}, {100 * record.share:.1f} % of the whole"
        )
    lines.append(
        f"  {rendered.seconds:.1f} s on {rendered.device}; every sample outside the masks is the scan's."
    )
    lines.append(f"Difference: mean ΔE00 {difference.mean:.2f}, 95 % below {difference.p95:.2f}.")
    trusted = sum(verdict.state == "trusted" for verdict in done.verdicts)
    lines.append(f"Credentials: {trusted} of {len(done.verdicts)} exports verified as trusted, offline.")
    return lines


def _declare_phantom(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="folder to write into; made if missing")
    parser.add_argument("--width", type=int, default=1600, help="width of the VIS layer in px (1600)")
    parser.add_argument("--height", type=int, help="its height in px (three quarters of the width)")
    parser.add_argument("--seed", type=int, default=7, help="which painting: any whole number (7)")
    parser.add_argument("--bits", type=int, default=16, choices=(8, 16), help="bits a sample of VIS (16)")
    parser.add_argument(
        "--layers", default="VIS,IRR,UVF,XR", help=f"kinds to write, of {','.join(KINDS)} (VIS,IRR,UVF,XR)"
    )
    parser.add_argument("--no-truth", action="store_true", help="leave out the undamaged state and the masks")
    declare_export(parser)


def _phantom(arguments: Namespace, console: Console) -> Outcome:
    phantom = Phantom(arguments.width, arguments.height, seed=arguments.seed, bits=arguments.bits)
    kinds = [kind.strip().upper() for kind in arguments.layers.split(",") if kind.strip()]
    if not kinds:
        raise UsageError(f"--layers names none. There are: {', '.join(KINDS)}.")
    studio = studio_of(arguments, console)
    job = export_phantom(
        phantom,
        arguments.folder,
        studio,
        kinds,
        truth=not arguments.no_truth,
        replace=arguments.replace,
    )
    files = console.run(job)
    lines = [f"{made.kind}: {made.path}" for made in files]
    return Outcome((*lines, f"Phantom {phantom.seed}: {phantom.width_px} × {phantom.height_px} px."), files)


COMMANDS: tuple[Command, ...] = (
    Command(
        "demo",
        "Do the main job, end to end, on the demonstration painting, in a folder of its own.",
        ("workstation demo", "workstation demo trial --width 3000"),
        _declare_demo,
        _demo,
    ),
    Command(
        "phantom",
        "Paint a made-up panel painting with known damage, for trying things out.",
        (
            "workstation phantom trial",
            "workstation phantom trial --width 4000 --seed 12 --layers VIS,IRR,UVF,XR,RAK",
        ),
        _declare_phantom,
        _phantom,
    ),
)
