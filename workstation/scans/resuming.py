"""A pyramid that goes on where an earlier run of the same work was stopped, killed or cut off."""

from __future__ import annotations

import hashlib
from pathlib import Path

from workstation.jobs import Job
from workstation.scans.building import empty_levels
from workstation.scans.encoding import Compression
from workstation.scans.identity import Witness
from workstation.scans.keeping import CheckedFile, KeptBuilding
from workstation.scans.pyramid import TILE, build, layout_of
from workstation.scans.recalling import Files, recall
from workstation.scans.source import Damage, Metadata, TileSource
from workstation.scans.tables import Layout


def resume_pyramid(
    source: TileSource,
    draft: Path,
    *,
    compression: Compression = "zstd",
    tile: int = TILE,
    metadata: Metadata | None = None,
    facts: object = None,
    witness: Witness = lambda: None,
) -> Job[tuple[Damage, ...]]:
    """Write level 0 of `source` as a pyramid in a folder of `resumable`, or go on with it.

    `facts` has to say by its repr what else decides the pixels, beyond what the folder stands for. Nothing is
    written down for another run, nor finished, unless `witness` finds the source as it was. Returns the
    damaged tiles of the source, those too that only an earlier run has read.
    """
    layout, files = layout_of(source, compression, tile), Files(draft)
    key = _key(source, layout, facts)
    before = yield from recall(files, key, layout, empty_levels(source, layout.tile))
    file = CheckedFile(draft, before.end)
    try:
        building = KeptBuilding(source, layout, file, files, key, before, witness)
        try:
            building.go_on()
            yield from build(building, f"{'Going on with' if building.done else 'Writing'} {draft.name}")
        finally:
            building.close()
        witness()
        building.finish(metadata or source.metadata)
    finally:
        file.close()
    return building.damaged


def _key(source: TileSource, layout: Layout, facts: object) -> bytes:
    full, encoding = source.levels[0], layout.encoding
    decides = (
        *(full.height, full.width, full.channels, full.dtype.str),
        *(layout.tile, encoding.number, encoding.predictor, encoding.ycbcr, facts),
    )
    return hashlib.sha256(repr(decides).encode()).digest()
