"""The result of a check of many files as a table for spreadsheets and as one page for the browser.

Names and titles come from strangers: what a spreadsheet would take for a formula is made text, and all that
reaches the page is escaped. Both are written row by row, so that they may have any length.
"""

from __future__ import annotations

import base64
import csv
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from workstation import VERSION
from workstation.credentials.batch import GRAVITY, REFUSED, Batch, Entry
from workstation.credentials.sentences import BADGES, SYMBOLS, Tone
from workstation.files import replacing
from workstation.reports.account_contents import LIMITS
from workstation.reports.account_page import foot, head

COLUMNS = (
    "path",
    "state",
    "sentence",
    "signer",
    "time",
    "time_stamped",
    "title",
    "sources",
    "actions",
    "codes",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NOT_CHECKED: tuple[str, Tone] = ("Could not be checked", "bad")


def write_csv(batch: Batch, target: Path) -> None:
    """Write one row a file, the gravest first, as UTF-8 that spreadsheets recognise."""
    with (
        replacing(target) as temporary,
        temporary.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file,
    ):
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for entry in batch.entries(gravest_first=True):
            rows.writerow([harmless(cell) for cell in _cells(entry)])


def harmless(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before it, where needed."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell


def write_page(batch: Batch, target: Path, checked: datetime | None = None) -> None:
    """Write one page that needs no other file and no network, the gravest first; a click on a head sorts."""
    moment = checked or datetime.now(UTC)
    with (
        replacing(target) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace") as file,
    ):
        file.writelines(_page(batch, moment))


def words_of(state: str) -> tuple[str, Tone]:
    """Return the words and the tone of a state, or of a file that could not be checked."""
    return next((words for known, words in BADGES.items() if known == state), NOT_CHECKED)


def summary(batch: Batch) -> list[tuple[str, int]]:
    """Return how many files are in each state, the gravest first; states that no file is in are left out."""
    return [(state, batch.counts[state]) for state in (REFUSED, *GRAVITY) if batch.counts[state]]


def _cells(entry: Entry) -> list[str]:
    data: dict[str, Any] = entry.data
    sources = [f"{part['title']}: {part['state']}" for part in data.get("ancestors", [])]
    return [
        data["path"],
        entry.state,
        data["sentence"],
        data.get("signer") or "",
        data.get("time") or "",
        "yes" if data.get("time_stamped") else "",
        data.get("title") or "",
        "; ".join(sources),
        "; ".join(data.get("actions", [])),
        "; ".join(data.get("codes", [])),
    ]


def _page(batch: Batch, moment: datetime) -> Iterator[str]:
    script = files("resources").joinpath("reports", "sorting.js").read_text(encoding="utf-8")
    total = sum(batch.counts.values())
    yield head("Check of credentials", _digest(script))
    yield '<p class="over">Check of credentials</p>'
    yield f"<h1>{total:,} {'file was' if total == 1 else 'files were'} checked</h1>"
    yield f"<p>{escape(_overall(batch))}</p>" + '<table class="counts">'
    for state, count in summary(batch):
        words, tone = words_of(state)
        shown = f'<td class="{tone}">{SYMBOLS[tone]} {escape(words)}</td>'
        yield f'<tr><td class="number">{count:,}</td>{shown}</tr>'
    yield "</table><h2>All files, the gravest first</h2>"
    yield '<table class="files" id="files"><thead><tr>'
    for name in ("What was found", "File", "Signed by", "When", "Sources"):
        yield f'<th scope="col"><button type="button">{name}</button></th>'
    yield "</tr></thead><tbody>"
    rank = {state: at for at, state in enumerate((REFUSED, *GRAVITY))}
    for entry in batch.entries(gravest_first=True):
        yield _row(entry, rank[entry.state])
    yield '</tbody></table><h2>What this check does not prove</h2><ul class="limits">'
    yield from (f"<li>{escape(sentence)}</li>" for sentence in LIMITS)
    yield (
        f"</ul><footer>Checked on {moment:%d %B %Y, %H:%M} UTC with Conservation Workstation {VERSION}, "
        "offline.</footer>"
    )
    yield foot(script)


def _overall(batch: Batch) -> str:
    bad = sum(batch.counts.values()) - batch.counts["trusted"]
    if not bad:
        return "Each of them is as somebody whom you trust signed it."
    if bad == batch.counts["none"]:
        return (
            "None was found to be altered; some carry no credential, which says nothing for or against them."
        )
    return "Not all of them hold. Look at those at the top first."


def _row(entry: Entry, rank: int) -> str:
    words, tone = words_of(entry.state)
    data = entry.data
    when = (data.get("time") or "")[:10] + (" (stamped)" if data.get("time_stamped") else "")
    path = Path(data["path"])
    told = "" if entry.state == "trusted" else f"<p>{escape(data['sentence'])}</p>"
    return (
        f'<tr><td data-order="{rank:02d}"><b class="{tone}">{SYMBOLS[tone]} {escape(words)}</b>'
        f"{told}</td>"
        f'<td><b>{escape(path.name)}</b><p class="quiet">{escape(str(path.parent))}</p></td>'
        f"<td>{escape(data.get('signer') or '')}</td><td>{escape(when)}</td>"
        f'<td data-order="{len(_distinct(data)):05d}">{_sources(data)}</td></tr>\n'
    )


def _sources(data: dict[str, Any]) -> str:
    """Return how many files went into this one, and those that do not hold by name."""
    parts = _distinct(data)
    bad = [part for part in parts if part["state"] not in ("trusted", "none")]
    told = "".join(
        f"<p>{escape(part['title'])}: {escape(words_of(part['state'])[0])}</p>" for part in bad[:5]
    )
    return (f"{len(parts)}" if parts else "") + told


def _distinct(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each source once, although it may have gone in by several ways."""
    parts = data.get("ancestors", [])
    return list({(part["title"], part["sha256"] or at): part for at, part in enumerate(parts)}.values())


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
