"""What a scan is and carries, gathered for somebody who asks: levels, millimetres, words, blocks, memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workstation.errors import ScanError
from workstation.scans.alpha import OTHER
from workstation.scans.directories import says_too_much
from workstation.scans.opening import open_pages
from workstation.scans.scan import PageInfo, Scan
from workstation.scans.tag import Tag
from workstation.scans.tags import pixels_per_mm, text_of

_DOWN, _MAKE, _MODEL, _SOFTWARE, _DATE, _EXIF, _TAKEN, _LENS = 283, 271, 272, 305, 306, 34665, 36867, 42036
_NAMES = {
    700: "XMP",
    33723: "IPTC",
    34377: "Photoshop resources",
    34665: "EXIF",
    34675: "ICC profile",
    34853: "GPS",
    40965: "Interoperability",
}
_COLOURS = {1: "grey", 2: "grey with alpha", 3: "RGB", 4: "RGB with alpha"}


@dataclass(frozen=True, slots=True)
class LevelFacts:
    """One resolution of a scan."""

    width: int
    height: int
    in_file: bool
    """False where it is computed from a finer one when somebody looks."""


@dataclass(frozen=True, slots=True)
class BlockFacts:
    """One tag that the scan carries."""

    code: int
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class LeftFacts:
    """One tag that a picture made from the scan does not carry, and why."""

    code: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PageFacts:
    """All that `info` tells of a page beyond its PageInfo."""

    width_mm: float | None
    height_mm: float | None
    resolutions: tuple[LevelFacts, ...]
    colour: str
    decoded_bytes: int
    """What a programme needs that opens the full picture as a whole."""
    description: str | None
    artist: str | None
    copyright: str | None
    date: str | None
    """When the picture was taken, else when the file was written, as ISO 8601."""
    device: str | None
    software: str | None
    blocks: tuple[BlockFacts, ...]
    left: tuple[LeftFacts, ...]


def facts_of_pages(path: Path) -> Iterator[tuple[PageInfo, PageFacts]]:
    """Yield what is known of every page of a file."""
    size, said = path.stat().st_size, 0
    for scan in open_pages(path):
        facts = facts_of(scan)
        said += sum(block.bytes for block in facts.blocks)
        if says_too_much(said, size):  # by directories below pages: those of the pages were looked at
            raise ScanError(
                f"{path} is damaged: its pages say the same bytes over and over. Get a good copy."
            )
        yield scan.page, facts


def facts_of(scan: Scan) -> PageFacts:
    """Gather what is known of an open scan; reads its metadata, none of its pixels."""
    full, metadata = scan.levels[0], scan.metadata
    carried = metadata.carried()
    tags = {tag.code: tag for tag in carried.tags}
    inner = {tag.code: tag for tag in tags[_EXIF].below} if _EXIF in tags else {}
    across = metadata.pixels_per_mm
    down = pixels_per_mm(tags, _DOWN) or across
    return PageFacts(
        width_mm=full.width / across if across else None,
        height_mm=full.height / down if across and down else None,
        resolutions=tuple(
            LevelFacts(level.width, level.height, index in scan.stored)
            for index, level in enumerate(scan.levels)
        ),
        colour=channels_in_words(full.channels, metadata.extra),
        decoded_bytes=full.width * full.height * full.channels * full.dtype.itemsize,
        description=metadata.description,
        artist=metadata.artist,
        copyright=metadata.copyright,
        date=_date(inner.get(_TAKEN)) or _date(tags.get(_DATE)),
        device=_joined(tags.get(_MAKE), tags.get(_MODEL), inner.get(_LENS)),
        software=text_of(tags.get(_SOFTWARE)),
        blocks=tuple(BlockFacts(tag.code, name_of(tag.code), tag.size) for tag in carried.tags),
        left=tuple(LeftFacts(left.code, name_of(left.code), left.reason) for left in carried.left),
    )


def channels_in_words(channels: int, extra: tuple[int, ...] | None) -> str:
    """Say what the channels are, as far as the file does."""
    if extra is None or channels - len(extra) not in (1, 3):
        return _COLOURS.get(channels, f"{channels} channels")
    others = extra.count(OTHER)
    further = "1 further channel" if others == 1 else f"{others} further channels"
    beside = " and ".join(["alpha"] * (len(extra) > others) + [further] * (others > 0))
    colours = _COLOURS[channels - len(extra)]
    return f"{colours} with {beside}" if beside else colours


def name_of(code: int) -> str:
    """Return what a tag is called."""
    from tifffile import TIFF

    return _NAMES.get(code) or TIFF.TAGS.get(code, None) or f"tag {code}"


def _date(tag: Tag | None) -> str | None:
    """Return a date of EXIF (2024:05:17 10:11:12) as ISO 8601; None for what is no date."""
    try:
        return datetime.strptime(text_of(tag) or "", "%Y:%m:%d %H:%M:%S").isoformat()
    except ValueError:
        return None


def _joined(*tags: Tag | None) -> str | None:
    return ", ".join(text for text in map(text_of, tags) if text) or None
