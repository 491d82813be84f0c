"""Where the files of a chain stand when it is drawn: origins above, the file itself below, lines between.

The way of Sugiyama, Tagawa and Toda (1981): ranks by the longest way, a long line keeps a narrow place of its
own in every row that it passes, and rows are ordered by the mean place of their neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Way: TypeAlias = tuple[str, str]
"""A source and what was made from it."""

MOST_BENDS = 20_000
SWEEPS = 4
LANE = 14.0
"""Room of a line that passes a row, in px."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The size of a card and the gaps between cards, in px; at most `most` cards stand side by side."""

    width: float
    height: float
    gap_x: float
    gap_y: float
    most: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing in px from its upper left corner."""

    cards: Mapping[str, Point]
    """The upper left corner of each card."""
    lines: tuple[tuple[str, str, tuple[Point, ...]], ...]
    """Source, target, and the points of the line from the one's lower to the other's upper edge."""
    width: float
    height: float


def ranked(keys: Sequence[str], ways: Sequence[Way]) -> dict[str, int]:
    """Return for each file the longest way down to the first one; a way round in a circle does not count."""
    made_from: dict[str, list[str]] = {key: [] for key in keys}
    for source, target in ways:
        made_from[target].append(source)
    ranks = dict.fromkeys(keys, 0)
    ordered = _origins_first(keys[0], made_from)
    place = {key: at for at, key in enumerate(ordered)}
    for key in reversed(ordered):
        for source in made_from[key]:
            if place[source] < place[key]:
                ranks[source] = max(ranks[source], ranks[key] + 1)
    return ranks


def lay_out(ranks: Mapping[str, int], ways: Sequence[Way], sizes: Sizes) -> Layout:
    """Return where everything stands; `ranks` are those of `ranked`, the file itself has 0."""
    rows = _rows(ranks, sizes.most)
    row_of = {key: at for at, row in enumerate(rows) for key in row}
    chains = [(way, _lanes(way, row_of, rows)) for way in _once(ways, row_of, rows)]
    _order(rows, chains)
    middles, width = _middles(rows, ranks, sizes)
    step = sizes.height + sizes.gap_y
    cards = {key: (middles[key] - sizes.width / 2, row_of[key] * step) for key in ranks}
    lines = tuple(_line(way, lanes, row_of, middles, sizes) for way, lanes in chains)
    return Layout(cards, lines, width, len(rows) * step - sizes.gap_y)


def _origins_first(start: str, made_from: Mapping[str, list[str]]) -> list[str]:
    """Return all files so that each comes after what it was made from, as far as there is no circle."""
    ordered, seen = list[str](), {start}
    stack = [(start, iter(made_from[start]))]
    while stack:
        key, sources = stack[-1]
        source = next((source for source in sources if source not in seen), None)
        if source is None:
            ordered.append(key)
            stack.pop()
        else:
            seen.add(source)
            stack.append((source, iter(made_from[source])))
    return ordered


def _rows(ranks: Mapping[str, int], most: int) -> list[list[str]]:
    """Return the cards of each row, origins first; a rank with too many takes several rows."""
    by_rank: dict[int, list[str]] = {}
    for key, rank in ranks.items():
        by_rank.setdefault(rank, []).append(key)
    rows = []
    for rank in sorted(by_rank, reverse=True):
        keys = by_rank[rank]
        count = -(-len(keys) // most)
        size = -(-len(keys) // count)
        rows += [keys[at : at + size] for at in range(0, len(keys), size)]
    return rows


def _once(ways: Sequence[Way], row_of: Mapping[str, int], rows: Sequence[object]) -> list[Way]:
    """Return each way downwards once; where long ones would take too many bends, the rest is left out."""
    found, bends = list[Way](), 0
    for source, target in dict.fromkeys(ways):
        length = row_of[target] - row_of[source]
        if length > 0 and bends + length <= MOST_BENDS:
            found.append((source, target))
            bends += length
    return found


def _lanes(way: Way, row_of: Mapping[str, int], rows: list[list[str]]) -> list[str]:
    """Give a long line a place in every row between; return their names."""
    source, target = way
    lanes = []
    for row in range(row_of[source] + 1, row_of[target]):
        lanes.append(f"\0{source}\0{target}\0{row}")
        rows[row].append(lanes[-1])
    return lanes


def _order(rows: list[list[str]], chains: Sequence[tuple[Way, list[str]]]) -> None:
    """Order each row by the mean place of its neighbours in the row below, then above, a few times."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for (source, target), lanes in chains:
        whole = [source, *lanes, target]
        for upper, lower in pairwise(whole):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    place = {key: (at + 0.5) / len(row) for row in rows for at, key in enumerate(row)}
    for sweep in range(SWEEPS):
        near = above if sweep % 2 else below
        for row in rows if sweep % 2 else reversed(rows):
            row.sort(key=lambda key: _mean([place[other] for other in near.get(key, [])], place[key]))
            place.update({key: (at + 0.5) / len(row) for at, key in enumerate(row)})


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _middles(
    rows: Sequence[Sequence[str]], ranks: Mapping[str, int], sizes: Sizes
) -> tuple[dict[str, float], float]:
    """Return the middle of each card and lane, and the width of all; the cards of a row are centred."""
    wide = {key: sizes.width if key in ranks else LANE for row in rows for key in row}
    gap = {key: sizes.gap_x if key in ranks else LANE / 2 for key in wide}
    middles: dict[str, float] = {}
    for row in rows:
        x, own = 0.0, list[float]()
        for key in row:
            own.append(x + wide[key] / 2)
            x += wide[key] + gap[key]
        cards = [middle for key, middle in zip(row, own, strict=True) if key in ranks]
        centre = (cards[0] + cards[-1]) / 2
        middles.update({key: middle - centre for key, middle in zip(row, own, strict=True)})
    left = min(middle - wide[key] / 2 for key, middle in middles.items())
    right = max(middle + wide[key] / 2 for key, middle in middles.items())
    return {key: middle - left for key, middle in middles.items()}, right - left


def _line(
    way: Way, lanes: Sequence[str], row_of: Mapping[str, int], middles: Mapping[str, float], sizes: Sizes
) -> tuple[str, str, tuple[Point, ...]]:
    source, target = way
    step = sizes.height + sizes.gap_y
    points: list[Point] = [(middles[source], row_of[source] * step + sizes.height)]
    for number, lane in enumerate(lanes, row_of[source] + 1):
        points += [(middles[lane], number * step), (middles[lane], number * step + sizes.height)]
    points.append((middles[target], row_of[target] * step))
    return source, target, tuple(points)
