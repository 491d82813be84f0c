"""The account of a file as a page or a PDF that leaves the house: signed like everything else."""

from __future__ import annotations

from pathlib import Path

from workstation.credentials.account import Account, account_of
from workstation.credentials.anchors import AnyTrust
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Action, Content
from workstation.credentials.door import check_exports, export
from workstation.errors import UsageError
from workstation.files import FileMade, drafts
from workstation.jobs import Job, Progress
from workstation.reports.account_contents import contents_of, numbered
from workstation.reports.account_page import page
from workstation.reports.typesetting import typeset


def write_account(
    path: Path, target: Path, studio: Studio, anchors: AnyTrust | None = None, *, replace: bool = False
) -> Job[tuple[Account, tuple[FileMade, ...]]]:
    """Judge a file, write its account to a page (.html) or PDF, and sign that; return both.

    `anchors` replaces whom the user trusts.
    """
    check_account(path, target, replace)
    account = yield from account_of(path, anchors)
    yield Progress(0, 1, f"writing {target.name}")
    made = export_account(account, target, studio, replace=replace)
    yield Progress(1, 1, f"writing {target.name}")
    return account, made


def export_account(
    account: Account, target: Path, studio: Studio, *, replace: bool = False
) -> tuple[FileMade, ...]:
    """Set an account and sign it."""
    check_account(account.path, target, replace)
    with drafts(target) as folder:
        draft = folder / target.name
        draft.write_bytes(pdf(account) if target.suffix.lower() == ".pdf" else page(account).encode())
        facts = {"sha256": account.nodes[0].sha256 or "", "state": account.verdict.state}
        words = f"Account of what the credential of {account.path.name} says"
        created = Action("c2pa.created", "digitalCreation", words, parameters=facts)
        content = Content(f"Account of {account.path.name}", (created,))
        return export(draft, target, "report", content, studio, replace=replace)


def pdf(account: Account) -> bytes:
    """Return the account as PDF/A; it has the same words as the page."""
    contents, pictures = contents_of(account), dict[str, bytes]()
    nodes = {node.key: node for node in numbered(account)}
    for file in contents["files"]:
        picture = nodes[file["key"]].thumbnail
        if picture is not None:
            pictures[f"file-{file['number']}.jpg"] = picture
    return typeset("account.typ", contents, pictures, account.checked)


def check_account(path: Path, target: Path, replace: bool) -> None:
    """Raise an error unless the account of `path` can be written there."""
    if target.suffix.lower() not in (".pdf", ".html", ".htm"):
        raise UsageError(f"An account is a .html page or a .pdf; {target.name} is neither.")
    check_exports([target], replace=replace, keep=[path])
