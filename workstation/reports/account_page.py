"""The account of a file as one HTML page that needs nothing else: no script, no font, no other file.

All words and pictures come from strangers' files: every text is escaped here, and the page's own policy
forbids it to load or run anything.
"""

from __future__ import annotations

import base64
import re
from html import escape
from importlib.resources import files
from typing import Any

from workstation.credentials.account import Account
from workstation.reports.account_contents import contents_of
from workstation.reports.account_drawing import drawing, legend

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HASH = re.compile(r"[0-9a-f]{64}|[0-9]{30,}|urn:.*")


def page(account: Account) -> str:
    """Return the whole account as HTML."""
    told = contents_of(account)
    parts = [
        f'<p class="over">Account of a file</p><h1>{escape(told["title"])}</h1>',
        _verdict(told),
        f'<div class="top">{_picture(account)}{_pairs(told["facts"])}</div>',
        _changed(told["changed"]),
        _chain(account, told),
        "<h2>Step by step</h2>",
        f'<p class="quiet">{escape(told["left_out"])}</p>' if told["left_out"] else "",
        *(_file(file) for file in told["files"]),
        _limits(told),
        _appendix(told),
        f"<footer>Checked on {escape(told['date'])} with {escape(told['programme'])}, offline.</footer>",
    ]
    return "".join([head(f"Account of {told['title']}"), *parts, foot()])


def head(title: str, script_digest: str = "") -> str:
    """Return the beginning of a page that may load nothing, and run only the script of that SHA-256."""
    css = files("resources").joinpath("reports", "account.css").read_text(encoding="utf-8")
    policy = f"{POLICY}; script-src 'sha256-{script_digest}'" if script_digest else POLICY
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{css}</style></head><body><main>"
    )


def foot(script: str = "") -> str:
    """Return the end of a page; the script is one of ours."""
    return f"</main>{f'<script>{script}</script>' if script else ''}</body></html>\n"


def _verdict(told: dict[str, Any]) -> str:
    return (
        f'<div class="verdict {told["tone"]}"><span class="sign" aria-hidden="true">{told["symbol"]}</span>'
        f"<div><strong>{escape(told['words'])}</strong><p>{escape(told['sentence'])}</p></div></div>"
    )


def _picture(account: Account) -> str:
    data = account.nodes[0].thumbnail
    if data is None:
        return ""
    words = "The small picture that the signer put into the credential"
    return (
        f'<img alt="{words}" title="{words}" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'
    )


def _pairs(rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = "".join(f"<tr><td>{escape(name)}</td>{_cell(value)}</tr>" for name, value in rows)
    return f'<table class="pairs">{lines}</table>'


def _cell(value: str) -> str:
    mono = ' class="mono"' if _HASH.fullmatch(value) else ""
    return f"<td{mono}>{escape(value)}</td>"


def _changed(told: dict[str, Any]) -> str:
    if not told["count"]:
        return ""
    heads = ("Page", "Level", "Row", "Column", "Where, in the level’s pixels")
    head = "".join(f"<th>{name}</th>" for name in heads)
    rows = "".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in told["rows"])
    count = f"{told['count']:,} tile{' was' if told['count'] == 1 else 's were'} changed after signing."
    return (
        f"<h2>What was changed</h2><p>{count} Level 0 is the full resolution.</p>"
        f"<table><tr>{head}</tr>{rows}</table><p>{escape(told['more'])}</p>"
    )


def _chain(account: Account, told: dict[str, Any]) -> str:
    if len(account.nodes) == 1:
        return "<h2>Where it comes from</h2><p>No earlier files are named.</p>"
    return (
        "<h2>Where it comes from</h2><p>The oldest file stands at the top, this file at the bottom. "
        f"Each sign says what is known of that file. {escape(told['cut'])}</p>"
        f'<div class="drawing">{drawing(account)}</div>{legend()}'
    )


def _file(told: dict[str, Any]) -> str:
    return (
        f'<section class="file" id="file-{told["number"]}"><h3>{told["number"]}. {escape(told["title"])}</h3>'
        f'<p class="state {told["tone"]}">{told["symbol"]} {escape(told["words"])}</p>'
        f"<p>{escape(told['sentence'])}</p>"
        + (f"<p>{escape(told['sources'])}</p>" if told["sources"] else "")
        + _deeds(told["deeds"])
        + "</section>"
    )


def _deeds(deeds: list[dict[str, Any]]) -> str:
    if not deeds:
        return ""
    items = "".join(
        f"<li><p><b>{escape(deed['title'])}</b> {escape(deed['words'])}</p>"
        + (f"<p>{escape(deed['where'])}.</p>" if deed["where"] else "")
        + (f'<p class="quiet">{escape(deed["nature"])}</p>' if deed["nature"] else "")
        + (f"<details><summary>Values</summary>{_pairs(deed['facts'])}</details>" if deed["facts"] else "")
        + "</li>"
        for deed in deeds
    )
    return f'<p>The signer says that this was done:</p><ol class="deeds">{items}</ol>'


def _limits(told: dict[str, Any]) -> str:
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in told["limits"])
    return f'<h2>What this check does not prove</h2><ul class="limits">{items}</ul>'


def _appendix(told: dict[str, Any]) -> str:
    codes = "".join(f'<li class="mono">{escape(code)}</li>' for code in told["codes"])
    reported = f"<p>The check reported, in C2PA’s own words:</p><ul>{codes}</ul>" if codes else ""
    parts = "".join(
        f"<p><b>{file['number']}. {escape(file['title'])}</b></p>{_pairs(file['facts'])}"
        for file in told["files"]
    )
    return f"<h2>For experts</h2>{reported or '<p>The check reported no failure.</p>'}{parts}"
