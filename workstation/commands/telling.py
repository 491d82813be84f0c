"""What `info` prints: one line for each page, and for a single page all that is known of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime

from workstation.commands.command import amount, counted
from workstation.scans.facts import LevelFacts, PageFacts
from workstation.scans.scan import PageInfo

_NAME_WIDTH, _LINE = 18, 100
_NO_BREAK = "\xa0"
_MOST_WORDS = 600
_MOST_BLOCKS = 24


def page_line(page: PageInfo, pages: int) -> str:
    """Return a page in one line of a list of so many."""
    words = [f"page {page.index:>{len(str(pages - 1))}}:"]
    words += [f"“{page.name}”"] if page.name else []
    words += [page.kind] if page.kind else []
    words.append(f"{page.width} × {page.height} px, {counted(page.channels, 'channel')} of {page.dtype},")
    words.append(f"{page.compression}, {counted(page.levels, 'level')}")
    words += [f", {page.pixels_per_mm:.4g} px/mm"] if page.pixels_per_mm else []
    words += [f", {page.icc}"] if page.icc else []
    words += [f", made from {page.made_from}"] if page.made_from else []
    words += [", turned upright"] if page.orientation != 1 else []
    return "  " + " ".join(words).replace(" ,", ",")


def page_lines(page: PageInfo, facts: PageFacts) -> list[str]:
    """Return all that is known of one page, a fact in a line."""
    rows = (
        ("Page", ", ".join(filter(None, (str(page.index), page.name, page.kind)))),
        ("Size", _size(page.width, page.height) + _NO_BREAK + "px"),
        ("On the painting", _in_mm(page, facts)),
        ("Levels", _levels(facts.resolutions)),
        ("Stored", "uncompressed" if page.compression == "none" else page.compression),
        ("Colour", _colour(page, facts)),
        ("Description", " ".join((facts.description or "").split())[:_MOST_WORDS]),
        ("Taken or written", _date(facts.date)),
        ("By", facts.artist or ""),
        ("With", ", ".join(filter(None, (facts.device, facts.software)))),
        ("Copyright", facts.copyright or ""),
        ("Carries", _blocks(facts)),
        ("Opened whole", f"{amount(facts.decoded_bytes)} of memory in a programme that reads it all at once"),
    )
    lines = [line for name, words in rows if words for line in _row(name, words)]
    return lines + [line for left in left_lines(facts) for line in _row("Stays behind", left)]


def left_lines(facts: PageFacts) -> list[str]:
    """Return what a picture made from the scan does not carry, and why, a tag in a line."""
    return [f"{left.name}: {left.reason}" for left in facts.left]


def closing_lines(pages: Sequence[PageFacts]) -> list[str]:
    """Return what ends the list of several pages."""
    total, lacking = (
        amount(sum(facts.decoded_bytes for facts in pages)),
        sum(bool(facts.left) for facts in pages),
    )
    lines = [f"  Opened whole, all pages together take {total} of memory."]
    lines += [f"  Not all that {counted(lacking, 'page')} carry can be carried on."] if lacking else []
    return [*lines, "  Add --page and a number to see all about one page."]


def _row(name: str, words: str) -> list[str]:
    first, rest = f"  {name:{_NAME_WIDTH}}", " " * (_NAME_WIDTH + 2)
    lines = textwrap.wrap(words, _LINE, initial_indent=first, subsequent_indent=rest)
    return [line.replace(_NO_BREAK, " ") for line in lines]


def _in_mm(page: PageInfo, facts: PageFacts) -> str:
    if facts.width_mm is None or facts.height_mm is None or page.pixels_per_mm is None:
        return "the file does not state its scale"
    return f"{facts.width_mm:,.1f} × {facts.height_mm:,.1f} mm, at {page.pixels_per_mm:.4g} px/mm"


def _size(width: int, height: int) -> str:
    return f"{width:,} × {height:,}".replace(" ", _NO_BREAK)


def _levels(levels: Sequence[LevelFacts]) -> str:
    def sizes(wanted: bool) -> str:
        return ", ".join(_size(level.width, level.height) for level in levels if level.in_file is wanted)

    computed = sizes(False)
    return f"{sizes(True)} in the file" + (f"; {computed} computed" if computed else "")


def _colour(page: PageInfo, facts: PageFacts) -> str:
    words = [f"{facts.colour}, {page.dtype}", page.icc or "no profile"]
    words += [f"made from {page.made_from}"] if page.made_from else []
    words += ["turned upright"] if page.orientation != 1 else []
    return ", ".join(words)


def _date(date: str | None) -> str:
    if date is None:
        return ""
    when = datetime.fromisoformat(date)
    return f"{when.day} {when:%B %Y, %H:%M}"


def _blocks(facts: PageFacts) -> str:
    largest = sorted(facts.blocks, key=lambda block: -block.bytes)[:_MOST_BLOCKS]
    named = [f"{block.name} {amount(block.bytes)}".replace(" ", _NO_BREAK) for block in largest]
    more = len(facts.blocks) - len(named)
    return ", ".join([*named, f"and {counted(more, 'more tag')}"] if more > 0 else named)
