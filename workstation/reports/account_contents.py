"""What the page of an account says, worded: plain texts and rows of texts, the same for HTML and PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workstation import VERSION
from workstation.credentials.manifest import plain_title
from workstation.credentials.sentences import BADGES, SYMBOLS

if TYPE_CHECKING:
    from workstation.credentials.account import Account, Node
    from workstation.credentials.wording import Deed

MOST_LISTED, MOST_TILES, MOST_SOURCES = 150, 200, 12

MADE_FROM = {"parentOf": "Made from", "componentOf": "Contains", "inputTo": "Used"}
"""What a file did with another one."""

LIMITS = (
    "It shows who signed and that nothing was changed since. It does not show that what the signer says is "
    "true, nor that a picture shows what it seems to show.",
    "A name is only as good as the certificate that vouches for it. Whom to trust was decided on the machine "
    "on which this check was made.",
    "A time by the signer's own clock is what the signer says; only a time-stamp proves a time.",
    "Earlier files were checked when they were opened, and their credentials again now. The files themselves "
    "were not at hand.",
    "The check was made without a network, so a certificate that was revoked since may not be known as such.",
    "A file without a credential is neither genuine nor false: nothing is known of it.",
)
"""What a check of credentials does not prove."""

Rows = list[list[str]]


def contents_of(account: Account) -> dict[str, Any]:
    """Return the page as templates take it; files are numbered from the oldest to the file itself."""
    verdict = account.verdict
    words, tone = BADGES[verdict.state]
    nodes = numbered(account)
    listed = nodes[-MOST_LISTED:]
    left_out = len(nodes) - len(listed)
    own = account.nodes[0]
    return {
        "title": plain_title(account.path.name),
        "words": words,
        "tone": tone,
        "symbol": SYMBOLS[tone],
        "sentence": verdict.sentence,
        "facts": _filled(
            [
                ["File", plain_title(account.path.name)],
                ["Title given by the signer", verdict.title or ""],
                ["Signed by", verdict.signer or ""],
                ["When", when(own)],
                ["Checked", f"{account.checked:%d %B %Y, %H:%M} UTC"],
                ["Checked with", f"Conservation Workstation {VERSION}"],
                ["SHA-256 of the file", own.sha256 or ""],
            ]
        ),
        "files": [_file(account, node, number) for number, node in enumerate(nodes, 1)][-MOST_LISTED:],
        "left_out": f"{left_out} older files are not listed." if left_out else "",
        "cut": "The chain is longer than could be followed." if account.cut else "",
        "changed": _changed(account),
        "limits": list(LIMITS),
        "codes": list(verdict.codes),
        "programme": f"Conservation Workstation {VERSION}",
        "date": f"{account.checked:%d %B %Y}",
    }


def numbered(account: Account) -> list[Node]:
    """Return the files in the order in which they are numbered: origins first, the file itself last."""
    return sorted(account.nodes, key=lambda node: -node.rank)


def when(node: Node) -> str:
    """Return when a file was signed, and who says so."""
    if not node.time:
        return ""
    moment = node.time[:19].replace("T", " ")
    return f"{moment} ({'proved by a time-stamp' if node.stamped else 'by the signer’s own clock'})"


def done(node: Node) -> str:
    """Return what was done in a few words, for a card."""
    return ", ".join(dict.fromkeys(deed.title for deed in node.deeds if deed.action != "c2pa.opened"))


def _file(account: Account, node: Node, number: int) -> dict[str, Any]:
    words, tone = BADGES[node.state]
    return {
        "number": str(number),
        "key": node.key,
        "title": node.title,
        "words": words,
        "tone": tone,
        "symbol": SYMBOLS[tone],
        "sentence": node.sentence,
        "who": node.signer or "",
        "when": when(node),
        "sources": sources_of(account, node),
        "made_here": [edge.source for edge in account.sources(node.key)],
        "deeds": [_deed(deed) for deed in node.deeds],
        "has_picture": node.thumbnail is not None,
        "facts": _filled(
            [
                ["State", node.state],
                ["Signed", when(node)],
                ["SHA-256 of the file", node.sha256 or ""],
                ["Programme", node.programme],
                ["Serial number of the certificate", node.certificate or ""],
                ["SHA-256 of the certificate", node.fingerprint or ""],
                ["Name of the credential", node.key if node.programme or node.signer else ""],
            ]
        ),
    }


def sources_of(account: Account, node: Node) -> str:
    """Return "Made from 1. Used 2, 3." with the numbers of files."""
    number = {found.key: at for at, found in enumerate(numbered(account), 1)}
    by_kind: dict[str, list[int]] = {}
    for edge in account.sources(node.key):
        by_kind.setdefault(MADE_FROM.get(edge.relationship, "Came from"), []).append(number[edge.source])
    told = []
    for kind, found in by_kind.items():
        shown = ", ".join(str(at) for at in sorted(set(found))[:MOST_SOURCES])
        told.append(f"{kind} {shown}{' and others' if len(set(found)) > MOST_SOURCES else ''}.")
    return " ".join(told)


def _deed(deed: Deed) -> dict[str, Any]:
    return {
        "title": "" if deed.action == "c2pa.opened" else f"{deed.title}.",
        "words": deed.words,
        "nature": deed.nature,
        "where": deed.where[:1].upper() + deed.where[1:],
        "facts": [list(fact) for fact in deed.facts],
        "how": _filled([["Step", deed.agent], ["In the credential", deed.action]]),
    }


def _changed(account: Account) -> dict[str, Any]:
    """Return the tiles that were changed after signing as rows, those of full resolution first."""
    tiles = sorted(account.verdict.changed_tiles, key=lambda tile: (tile.level, tile.page))
    rows = []
    for tile in tiles[:MOST_TILES]:
        y0, y1, x0, x1 = tile.box
        place = f"{x1 - x0} × {y1 - y0} px at {x0}, {y0}"
        rows.append([str(tile.page + 1), str(tile.level), str(tile.row), str(tile.column), place])
    more = len(tiles) - len(rows)
    return {
        "rows": rows,
        "count": len(tiles),
        "more": f"{more} further tiles are not listed." if more else "",
    }


def _filled(rows: Rows) -> Rows:
    return [row for row in rows if row[1]]
