"""The chain of a file as a drawing: an SVG of our own with a card for each file, origins above."""

from __future__ import annotations

import base64
import unicodedata
from html import escape

from workstation.credentials.account import Account, Node
from workstation.credentials.laying import Layout, Line, Point, Sizes, lay_out
from workstation.credentials.sentences import BADGES, SYMBOLS, Tone
from workstation.reports.account_contents import MADE_FROM, done, numbered

SIZES = Sizes(width=276, height=92, gap_x=22, gap_y=44, most=3)
MARGIN = 6.0
COLOURS: dict[Tone, str] = {"good": "#24713a", "doubt": "#8a5a00", "bad": "#b3261e", "neutral": "#5f5f5f"}
"""On white each has a contrast of at least 5 : 1."""
THUMB = 76
DASHES = {"parentOf": "", "componentOf": "7 4", "inputTo": "2 4"}
SEVERAL = "10 3 2 3"
"""Where lines of different kinds run together."""


def drawing(account: Account) -> str:
    """Return the chain as an SVG element for an HTML page; each card leads to its section "file-NUMBER"."""
    ways = [(edge.source, edge.target) for edge in account.edges]
    layout = lay_out({node.key: node.rank for node in account.nodes}, ways, SIZES)
    number = {node.key: at for at, node in enumerate(numbered(account), 1)}
    kinds = {(edge.source, edge.target): edge.relationship for edge in account.edges}
    lines = [_line(line, {kinds[source, line.target] for source in line.sources}) for line in layout.lines]
    cards = [_card(node, layout.cards[node.key], number[node.key]) for node in account.nodes]
    return "".join([_open(layout, len(account.nodes)), *lines, *cards, "</svg>"])


def legend() -> str:
    """Return what the lines mean, as a small HTML line."""
    parts = []
    named = {"made from": DASHES["parentOf"], "contains": DASHES["componentOf"]}
    named |= {"used": DASHES["inputTo"], "several of these": SEVERAL}
    for words, dashes in named.items():
        stroke = f'<line x1="0" y1="5" x2="30" y2="5" class="way" stroke-dasharray="{dashes}"/>'
        parts.append(f'<span><svg width="30" height="10" aria-hidden="true">{stroke}</svg> {words}</span>')
    return f'<p class="legend">{"".join(parts)}</p>'


def _open(layout: Layout, count: int) -> str:
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    words = f"Drawing of the chain of {count} file{'s' if count != 1 else ''}, the oldest at the top."
    box = f"{-MARGIN:g} {-MARGIN:g} {width:g} {height:g}"
    return (
        f'<svg class="chain" role="group" aria-label="{words}" viewBox="{box}"'
        f' width="{width:g}" height="{height:g}"><defs>'
        '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerUnits="userSpaceOnUse"'
        ' markerWidth="9" markerHeight="9" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#777"/>'
        "</marker></defs>"
    )


def _line(line: Line, kinds: set[str]) -> str:
    (x, y), path = line.points[0], []
    path.append(f"M{x:.1f} {y:.1f}")
    for to_x, to_y in line.points[1:]:
        middle = (y + to_y) / 2
        path.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    words = ", ".join(sorted(MADE_FROM.get(kind, "Came from").lower() for kind in kinds))
    dashes = DASHES.get(next(iter(kinds)), "") if len(kinds) == 1 else SEVERAL
    tip = ' marker-end="url(#tip)"' if line.arrives else ""
    return (
        f'<path class="way" d="{" ".join(path)}" stroke-dasharray="{dashes}"{tip}>'
        f"<title>{words}</title></path>"
    )


def _card(node: Node, place: Point, number: int) -> str:
    words, tone = BADGES[node.state]
    x, y, colour = *place, COLOURS[tone]
    left, room = THUMB + 18, SIZES.width - THUMB - 26
    texts = [
        (17, "t", clipped(f"{number}. {node.title}", room / 6.6)),
        (35, f"s {tone}", f"{SYMBOLS[tone]} {words}"),
        (54, "q", clipped(node.signer or ("signer not told" if node.programme else ""), room / 6.2)),
        (70, "q", (node.time or "")[:10]),
        (85, "q", clipped(done(node), room / 6.2)),
    ]
    told = "".join(
        f'<text x="{left}" y="{at}" class="{kind}">{escape(text)}</text>' for at, kind, text in texts if text
    )
    name = escape(f"File {number}: {node.title}. {words}.", quote=True)
    wide, high = SIZES.width, SIZES.height
    return (
        f'<a href="#file-{number}" aria-label="{name}">'
        f'<svg x="{x:.1f}" y="{y:.1f}" width="{wide:g}" height="{high:g}">'
        f'<rect class="card" x="1" y="1" width="{wide - 2:g}" height="{high - 2:g}" rx="5"/>'
        f'<rect width="5" height="{high:g}" rx="2" fill="{colour}"/>{_picture(node)}{told}</svg></a>'
    )


def _picture(node: Node) -> str:
    if node.thumbnail is None:
        middle = 12 + THUMB / 2
        return (
            f'<rect class="none" x="12" y="8" width="{THUMB}" height="{THUMB}"/>'
            f'<text class="q" x="{middle:g}" y="44" text-anchor="middle">no picture</text>'
            f'<text class="q" x="{middle:g}" y="58" text-anchor="middle">kept</text>'
        )
    data = base64.b64encode(node.thumbnail).decode()
    return (
        f'<rect class="none" x="12" y="8" width="{THUMB}" height="{THUMB}"/>'
        f'<image x="12" y="8" width="{THUMB}" height="{THUMB}" href="data:image/jpeg;base64,{data}"/>'
    )


def clipped(text: str, most: float) -> str:
    """Return a text that is about `most` Latin letters wide at most; signs of East Asia count twice."""
    width = 0.0
    for at, sign in enumerate(text):
        width += 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if width > most:
            return text[: max(at - 1, 1)] + "…"
    return text
