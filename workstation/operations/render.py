"""Render a treatment at full resolution: streamed, checked against the scan, with change map and records."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np

from workstation.errors import MaskError, OperationError, UsageError, WriteError
from workstation.files import sha256_of
from workstation.jobs import Job, Progress
from workstation.operations.mask import TILE, Mask
from workstation.operations.operation import State
from workstation.operations.record import Circumstances, Record, author, processor, record_of
from workstation.operations.regions import Region, Regions
from workstation.operations.treated import TreatedSource
from workstation.operations.treatment import MOST_STEPS, Treatment, wrong_length
from workstation.scans.encoding import Compression
from workstation.scans.identity import Witness
from workstation.scans.opening import Scan, open_scan
from workstation.scans.resuming import resume_pyramid
from workstation.scans.source import (
    ArraySource,
    Damage,
    Level,
    Metadata,
    Pixels,
    TileSource,
    blocks,
    refuse_passing,
)

LOSSLESS: tuple[Compression, ...] = ("deflate", "zstd", "lzw", "none", "jpegxl")


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a render found out; it exists only where nothing outside the masks changed."""

    records: tuple[Record, ...]
    regions_of_steps: tuple[tuple[Region, ...], ...]
    """Of each step's mask; none where a step has no mask."""
    changed_px: int
    regions: int
    area_px: int
    area_mm2: float | None
    seconds: float
    device: str
    damaged: tuple[Damage, ...]
    """Tiles of the scan that could not be read; they are zeros in the result too."""


def treated(source: TileSource, treatment: Treatment) -> tuple[TileSource, tuple[State, ...]]:
    """Lay every step of a treatment over the source; return the last source and what each fit found."""
    states: list[State] = []
    for step in treatment.steps:
        state = step.operation.fit(source, step.mask)
        source = TreatedSource(source, step, state)
        states.append(state)
    return source, tuple(states)


def render(
    scan_path: Path,
    treatment: Treatment,
    target: Path,
    change_map: Path,
    *,
    page: int = 0,
    compression: Compression = "deflate",
    who: str | None = None,
    unchanged: Witness = lambda: None,
) -> Job[Rendered]:
    """Write the treated scan and its change map, both as pyramids; the scan itself is only read.

    `target` and `change_map` lie in a folder of `resumable`: what an earlier render left there is not done
    again. The result is read back from the disk and compared with the scan: a sample that differs outside
    the masks is a bug and raises OperationError. Raises UsageError for an empty treatment or a lossy
    compression.
    """
    if not treatment.steps or len(treatment.steps) > MOST_STEPS:
        raise wrong_length(len(treatment.steps))
    if compression not in LOSSLESS:
        raise UsageError(f"A restoration is stored without loss: {', '.join(LOSSLESS)}; not {compression}.")
    started = time.monotonic()
    with open_scan(scan_path, page) as scan:
        _check_masks(scan, treatment)
        yield Progress(0, 1, "reading the scan")
        result, states = treated(scan, treatment)
        damaged = yield from resume_pyramid(
            result, target, compression=compression, metadata=scan.metadata, facts=states, witness=unchanged
        )
        with open_scan(target) as written:
            pixels_sha256 = yield from pixels_hash(written)
            _insist_whole(written)
            check, facts = _Check(scan, written, treatment), (states, pixels_sha256)
            yield from resume_pyramid(
                check, change_map, compression="deflate", facts=facts, witness=unchanged
            )
        with open_scan(change_map) as changes:
            changed = yield from _changed(changes)
            _insist_whole(changes)
        around = _circumstances(scan, who)
        found = tuple(Regions(step.mask).all if step.mask else () for step in treatment.steps)
        records = _records(treatment, states, around, pixels_sha256, found)
        mask = union([step.mask for step in treatment.steps])
        area = mask.area if mask else around.pixels
        scale = around.pixels_per_mm
        return Rendered(
            records=records,
            regions_of_steps=found,
            changed_px=changed,
            regions=sum(record.regions for record in records),
            area_px=area,
            area_mm2=area / scale**2 if scale else None,
            seconds=time.monotonic() - started,
            device=around.device,
            damaged=damaged,
        )


def _check_masks(scan: Scan, treatment: Treatment) -> None:
    level = scan.levels[0]
    for number, step in enumerate(treatment.steps, 1):
        if step.mask is None:
            continue
        step.mask.check_fits(level.height, level.width)
        if not step.mask.tiles:
            raise MaskError(
                f"The mask of step {number}, {step.operation.name}, marks no pixel, so there is nothing to "
                "do. Mark where it may act."
            )


def pixels_hash(source: TileSource) -> Job[str]:
    """Return the SHA-256 of the decoded full-resolution pixels: size, type, then rows of 512 px tiles.

    Little-endian samples, tiles cut off at the right and lower border. The same however the file is packed.
    """
    level = source.levels[0]
    digest = hashlib.sha256(f"{level.width} {level.height} {level.channels} {level.dtype.str[1:]}\n".encode())
    total = -(-level.height // TILE) * -(-level.width // TILE)
    for done, place in enumerate(blocks(level, TILE), 1):
        block = source.read(0, *place)
        refuse_passing(source.damaged)
        digest.update(np.ascontiguousarray(block, block.dtype.newbyteorder("<")).tobytes())
        yield Progress(done, total, "hashing")
    return digest.hexdigest()


class _Check:
    """The change map as a source: bit k of a sample is set where the pixel changed and step k may act.

    Reading it compares the written result with the scan; a change outside every mask stops the work.
    """

    def __init__(self, before: TileSource, after: TileSource, treatment: Treatment) -> None:
        level = before.levels[0]
        dtype = np.dtype(np.uint8 if len(treatment.steps) <= 8 else np.uint16)
        self.levels = (Level(level.height, level.width, 1, dtype, level.tile),)
        self.metadata = Metadata(
            pixels_per_mm=before.metadata.pixels_per_mm,
            description="Change map: bit k is set where step k of the treatment changed the pixel",
        )
        self.damaged: tuple[Damage, ...] = ()
        self._before, self._after = before, after
        self._masks = [step.mask for step in treatment.steps]

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        """Return the change map's block, having compared every sample of it."""
        before = self._before.read(0, y0, y1, x0, x1)
        after = self._after.read(0, y0, y1, x0, x1)
        refuse_passing(self._before.damaged)
        _insist_whole(self._after)
        differs = np.asarray((_bits(before) != _bits(after)).any(axis=-1))
        steps = np.zeros(differs.shape, self.levels[0].dtype)
        for bit, mask in enumerate(self._masks):
            marked = mask.read(y0, y1, x0, x1) if mask else np.ones_like(differs)
            steps[marked & differs] |= 1 << bit
        if np.count_nonzero(steps) != np.count_nonzero(differs):
            raise OperationError("Pixels outside the mask would have changed; the result was not kept.")
        return steps[..., None]

    def close(self) -> None:
        """The two pictures belong to the render."""


def _changed(changes: TileSource) -> Job[int]:
    """Return how many pixels a finished change map marks."""
    found, level = 0, changes.levels[0]
    total = -(-level.height // TILE) * -(-level.width // TILE)
    for done, place in enumerate(blocks(level, TILE), 1):
        found += int(np.count_nonzero(changes.read(0, *place)))
        refuse_passing(changes.damaged)
        yield Progress(done, total, "counting")
    return found


def _insist_whole(written: TileSource) -> None:
    """Raise WriteError where what was written does not come back from the disk: the next run mends it."""
    for tile in written.damaged:
        raise WriteError(
            f"What was written could not be read back (tile {tile.row}, {tile.column} of level {tile.level}: "
            f"{tile.reason}). Look after the disk, then start again."
        )


def _bits(pixels: Pixels) -> Pixels:
    """Return float samples as integers, so that a NaN equals itself."""
    return pixels.view(f"u{pixels.itemsize}") if pixels.dtype.kind == "f" else pixels


def _circumstances(scan: Scan, who: str | None) -> Circumstances:
    from models.device import describe

    level = scan.levels[0]
    return Circumstances(
        input_sha256=sha256_of(scan.path),
        input_page=scan.page.index,
        pixels=level.height * level.width,
        pixels_per_mm=scan.metadata.pixels_per_mm,
        device=describe(),
        processor=processor(),
        who=who or author(),
    )


def _records(
    treatment: Treatment,
    states: tuple[State, ...],
    around: Circumstances,
    pixels_sha256: str,
    found: tuple[tuple[Region, ...], ...],
) -> tuple[Record, ...]:
    outputs = [None] * (len(treatment.steps) - 1) + [pixels_sha256]
    return tuple(
        record_of(step, state, around, output, regions)
        for step, state, output, regions in zip(treatment.steps, states, outputs, found, strict=True)
    )


def union(masks: list[Mask | None]) -> Mask | None:
    """Return where any of the masks is marked; None (everywhere) where one of them is None."""
    present = [mask for mask in masks if mask is not None]
    if not present or len(present) < len(masks):
        return None
    return reduce(Mask.join, present)


def whole(pixels: Pixels, treatment: Treatment) -> Pixels:
    """Apply a treatment to a picture in memory, in one block: what streaming is measured against."""
    source, _ = treated(ArraySource(pixels), treatment)
    level = source.levels[0]
    return source.read(0, 0, level.height, 0, level.width)
