"""A file's credential judged, and what that very credential says and carries: treatment records and masks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workstation.credentials import trust
from workstation.credentials.anchors import AnyTrust
from workstation.credentials.assertions import assertion, is_attached, kept_apart
from workstation.credentials.formats import sidecar_of
from workstation.credentials.judging import Judge, actions_of
from workstation.credentials.manifest import LARGEST_ATTACHED, RECORDS
from workstation.credentials.reading import opened_store
from workstation.credentials.recall import records_in
from workstation.credentials.verdict import Verdict
from workstation.credentials.verifying import examine, insist_file
from workstation.inplace import mend_where_possible
from workstation.scans.identity import Witness, witness

COPYING = frozenset({"c2pa.opened", "c2pa.published", "c2pa.repackaged"})
"""Actions that leave every pixel as it was."""
DEEPEST, MOST_ATTACHED = 8, 64


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a file's own credential says and carries, and what is to be thought of it."""

    verdict: Verdict
    records: tuple[dict[str, Any], ...] = ()
    attachments: Mapping[str, bytes] | None = None
    """By name; none where there is no credential."""
    parent: str = ""
    """The title of the file that was opened."""
    inherited: bool = False
    """The records are those of the file that this one is a mere copy of."""
    untouched: Witness = lambda: None
    """Raises an error once the file is not as it was when it was judged."""

    @property
    def is_reliable(self) -> bool:
        """Tell whether file and records are as they were signed, by whomever."""
        spoilt = self.inherited and self.verdict.state == "altered-ancestor"
        return self.verdict.own not in ("altered", "damaged") and not spoilt


def recall(path: Path, anchors: AnyTrust | None = None) -> Recalled:
    """Judge a file, and return what the very credential that was judged says and carries."""
    insist_file(path)
    mend_where_possible(path)
    untouched = witness(path)
    trusted = trust.trusted() if anchors is None else anchors
    verdict, store = examine(path, sidecar_of(path), trusted)
    if store is None:
        return Recalled(verdict)
    with opened_store(path, store) as reader:
        judge = Judge(store.report)
        manifest = _telling(judge)
        records, attached = records_in(path, reader, manifest), _attachments(reader, manifest)
        inherited = manifest is not judge.manifest()
        title = str(_parent(manifest).get("title") or "")
        return Recalled(verdict, records, attached, title, inherited, untouched)


def _attachments(reader: Any, manifest: dict[str, Any]) -> dict[str, bytes]:
    """Return the data of the ingredients that are no files, as much of it as we would ever write."""
    found: dict[str, bytes] = {}
    room = LARGEST_ATTACHED
    parts = [part for part in manifest.get("ingredients") or [] if is_attached(part)]
    for name in [str(part.get("title")) for part in parts[:MOST_ATTACHED]]:
        data = b"" if name in found else kept_apart(reader, manifest, name, room)
        if data and len(data) <= room:
            found[name], room = data, room - len(data)
    return found


def _telling(judge: Judge) -> dict[str, Any]:
    """Return the file's own manifest; where that tells of a mere copy, that of what was copied."""
    manifest = judge.manifest()
    for _ in range(DEEPEST):
        is_copy = assertion(manifest, RECORDS) is None and set(actions_of(manifest)) <= COPYING
        parent = judge.manifests.get(_parent(manifest).get("active_manifest") or "")
        if not is_copy or parent is None:
            break
        manifest = parent
    return manifest if assertion(manifest, RECORDS) is not None else judge.manifest()


def _parent(manifest: dict[str, Any]) -> dict[str, Any]:
    parts = (part for part in manifest.get("ingredients") or [] if part.get("relationship") == "parentOf")
    return next(parts, {})
