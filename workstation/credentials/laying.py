"""Where the files of a chain stand when it is drawn: origins above, the file itself below, lines between.

The way of Sugiyama, Tagawa and Toda (1981): ranks by the longest way, a long line keeps a narrow place in
every row that it passes, and rows are ordered by the mean place of their neighbours. Long lines to the same
file run together, so that a file made from a hundred others stays legible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Way: TypeAlias = tuple[str, str]
"""A source and what was made from it."""

Chain: TypeAlias = tuple[Way, list[str]]
"""A way, and the names of the lanes in which it passes rows."""

MOST_LANES = 20_000
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
class Line:
    """A line, or the part of it that runs alone, or the one in which several run together."""

    sources: tuple[str, ...]
    target: str
    points: tuple[Point, ...]
    arrives: bool
    """It ends at its target's upper edge; else it runs into another line."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing in px from its upper left corner."""

    cards: Mapping[str, Point]
    """The upper left corner of each card."""
    lines: tuple[Line, ...]
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
    chains = _chains(ways, row_of, rows)
    _order(rows, chains)
    middles, width = _middles(rows, ranks, sizes)
    step = sizes.height + sizes.gap_y
    cards = {key: (middles[key] - sizes.width / 2, row_of[key] * step) for key in ranks}
    lines = tuple(_alone(chains, row_of, middles, sizes)) + tuple(_together(chains, row_of, middles, sizes))
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


def _chains(ways: Sequence[Way], row_of: Mapping[str, int], rows: list[list[str]]) -> list[Chain]:
    """Return each way downwards once, with the lanes in which it passes the rows between.

    The ways to one target share their lanes. Where these would become too many, the rest is not drawn.
    """
    found: list[Chain] = []
    lanes: dict[tuple[str, int], str] = {}
    for source, target in dict.fromkeys(ways):
        between = range(row_of[source] + 1, row_of[target])
        new = [row for row in between if (target, row) not in lanes]
        if row_of[source] >= row_of[target] or len(lanes) + len(new) > MOST_LANES:
            continue
        for row in new:
            lanes[target, row] = f"\0{target}\0{row}"
            rows[row].append(lanes[target, row])
        found.append(((source, target), [lanes[target, row] for row in between]))
    return found


def _order(rows: list[list[str]], chains: Sequence[Chain]) -> None:
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


def _alone(
    chains: Sequence[Chain], row_of: Mapping[str, int], middles: Mapping[str, float], sizes: Sizes
) -> Iterator[Line]:
    """Yield for each way the line from its source to its target, or to the first lane."""
    step = sizes.height + sizes.gap_y
    for (source, target), lanes in chains:
        goal = lanes[0] if lanes else target
        start = (middles[source], row_of[source] * step + sizes.height)
        end = (middles[goal], (row_of[source] + 1) * step)
        yield Line((source,), target, (start, end), not lanes)


def _together(
    chains: Sequence[Chain], row_of: Mapping[str, int], middles: Mapping[str, float], sizes: Sizes
) -> Iterator[Line]:
    """Yield for each target the one line of all long ways, from its first lane to the target."""
    step = sizes.height + sizes.gap_y
    by_target: dict[str, list[tuple[str, list[str]]]] = {}
    for (source, target), lanes in chains:
        if lanes:
            by_target.setdefault(target, []).append((source, lanes))
    for target, parts in by_target.items():
        longest = max((lanes for _, lanes in parts), key=len)
        points: list[Point] = []
        for row, lane in enumerate(longest, row_of[target] - len(longest)):
            points += [(middles[lane], row * step), (middles[lane], row * step + sizes.height)]
        points.append((middles[target], row_of[target] * step))
        yield Line(tuple(source for source, _ in parts), target, tuple(points), True)
