"""The whole account of a file: every file that went into it, who says what was done, and what holds of it.

The chain is a graph: a file that was used twice is one node. What is judged is judged in judging.py; nothing
here changes a verdict.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workstation.credentials import engine, trust
from workstation.credentials.anchors import AnyTrust
from workstation.credentials.assertions import is_kept_apart
from workstation.credentials.binding import hash_without
from workstation.credentials.chains import signatures
from workstation.credentials.folders import judge_folder
from workstation.credentials.formats import sidecar_of
from workstation.credentials.judging import MOST_ANCESTORS, Judge, hash_of, text_of
from workstation.credentials.kinds import kind_of
from workstation.credentials.laying import ranked
from workstation.credentials.listing import listing_in
from workstation.credentials.manifest import plain_title
from workstation.credentials.reading import Store, UnreadCredentialError, open_reader, other_kind
from workstation.credentials.recall import records_in
from workstation.credentials.sentences import of_source
from workstation.credentials.showing import with_changes
from workstation.credentials.thumbs import thumb_of
from workstation.credentials.verdict import Signature, State, Verdict, as_data
from workstation.credentials.verifying import examine, judge_of, verify
from workstation.credentials.watching import aside, in_this_thread
from workstation.credentials.wording import Deed, deeds_of, programme_of
from workstation.errors import CredentialError
from workstation.jobs import Job

if TYPE_CHECKING:
    from c2pa import Reader

MOST_NODES, MOST_EDGES, MOST_THUMBS = MOST_ANCESTORS, 5000, 200


@dataclass(frozen=True, slots=True)
class Node:
    """One file of the chain."""

    key: str
    title: str
    state: State
    sentence: str
    signer: str | None = None
    time: str | None = None
    stamped: bool = False
    """The time is proved by a time-stamp, not told by the signer's own clock."""
    deeds: tuple[Deed, ...] = ()
    programme: str = ""
    sha256: str | None = None
    """Of the whole file, as far as somebody noted it."""
    thumbnail: bytes | None = field(default=None, repr=False)
    """A JPEG of at most 320 px."""
    certificate: str | None = None
    """The serial number of the certificate that signed, as the credential tells it."""
    fingerprint: str | None = None
    """The SHA-256 of that certificate, where the credential lies open enough to read it."""
    rank: int = 0
    """0 is the file itself; each file lies above all that were made from it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One file that went into another."""

    source: str
    target: str
    relationship: str
    """parentOf, componentOf or inputTo."""


@dataclass(frozen=True, slots=True)
class Account:
    """All that is known of one file."""

    path: Path
    verdict: Verdict
    nodes: tuple[Node, ...]
    """The file itself first."""
    edges: tuple[Edge, ...]
    checked: datetime
    cut: bool = False
    """The chain has more files than are listed."""

    @property
    def is_good(self) -> bool:
        """Whether the file and all its sources hold."""
        return self.verdict.state == "trusted"

    def node(self, key: str) -> Node:
        """Return the node of that key."""
        return next(node for node in self.nodes if node.key == key)

    def sources(self, key: str) -> tuple[Edge, ...]:
        """Return what went into a file."""
        return tuple(edge for edge in self.edges if edge.target == key)


def account_of(path: Path, anchors: AnyTrust | None = None, *, hashed: bool = True) -> Job[Account]:
    """Judge a file and gather its whole chain; stops within one block of reading when it is closed.

    `anchors` replaces whom the user trusts. With `hashed` the file's own SHA-256
    is worked out, for which it is read once more. Raises FileNotFoundError where there is no file.
    A folder that was signed as a whole is judged with all its files.
    """
    trusted = trust.trusted() if anchors is None else anchors
    if path.is_dir() and (listing := listing_in(path)) is not None:
        told = yield from account_of(listing, trusted, hashed=hashed)
        return _of_folder(told, (yield from judge_folder(path, listing, trusted)))
    total = path.stat().st_size * (2 if hashed else 1)
    return (yield from aside(lambda: gather(path, trusted, hashed), total, path.name))


def _of_folder(told: Account, verdict: Verdict) -> Account:
    title = verdict.path.absolute().name
    own = replace(told.nodes[0], title=title, state=verdict.state, sentence=verdict.sentence)
    return replace(told, path=verdict.path, verdict=verdict, nodes=(own, *told.nodes[1:]))


def gather(path: Path, anchors: AnyTrust, hashed: bool) -> Account:
    """Judge a file and gather its whole chain, at once."""
    beside = path.with_suffix("") if path.suffix == ".c2pa" else path
    judged = beside if beside.is_file() else path
    if judged.suffix == ".c2pa":
        verdict, store = verify(judged, anchors), None
    else:
        verdict, store = examine(judged, sidecar_of(judged), anchors)
        verdict = in_this_thread(with_changes(verdict))
    sha256 = hash_without(judged, []).hex() if hashed else None
    return account_from(verdict, store, anchors, sha256)


def account_from(
    verdict: Verdict, store: Store | None, anchors: AnyTrust = "", sha256: str | None = None
) -> Account:
    """Return the account of a file that has been judged."""
    now = datetime.now(UTC)
    if store is None:
        lone = Node("file", plain_title(verdict.path.name), verdict.state, verdict.sentence, sha256=sha256)
        return Account(verdict.path, verdict, (lone,), (), now)
    with _opened(verdict.path, store) as reader:
        chain = _Chain(judge_of(store, anchors), reader, verdict)
    ways = [(edge.source, edge.target) for edge in chain.edges]
    ranks = ranked([node.key for node in chain.nodes], ways)
    prints = _fingerprints(store.credential or store.taken or b"")
    nodes = tuple(
        replace(node, rank=ranks[node.key], fingerprint=prints.get(node.key)) for node in chain.nodes
    )
    return Account(
        verdict.path,
        verdict,
        (replace(nodes[0], sha256=sha256), *nodes[1:]),
        tuple(chain.edges),
        now,
        chain.cut,
    )


@contextmanager
def _opened(path: Path, store: Store) -> Iterator[Reader | None]:
    """Open the credential once more to read pictures and records; None where that does not work."""
    own = store.credential or store.taken
    kind = "application/c2pa" if own else kind_of(path) or other_kind(path) or ""
    with io.BytesIO(own) if own else path.open("rb") as file:
        try:
            reader = open_reader(kind, file, engine.context(""))
        except UnreadCredentialError:
            yield None
            return
        with reader:
            yield reader


class _Chain:
    """Walks each manifest once, from the file to its origins."""

    def __init__(self, judge: Judge, reader: Reader | None, verdict: Verdict) -> None:
        self.judge, self.reader, self.path = judge, reader, verdict.path
        self.cut = judge.too_many
        self.edges: list[Edge] = []
        self._thumbs = 0
        own = Signature(verdict.state, verdict.signer, verdict.time, verdict.stamped)
        manifest = judge.manifest()
        name = plain_title(verdict.path.name)
        self.nodes = [self._node(judge.active, name, own, manifest, {}, verdict.sentence)]
        self._known = {judge.active}
        self._walk()

    def _walk(self) -> None:
        waiting = [self.judge.active]
        while waiting:
            holder = waiting.pop(0)
            for at, part in enumerate(self.judge.manifest(holder).get("ingredients") or []):
                if not isinstance(part, dict) or is_kept_apart(part):
                    continue
                if len(self.nodes) >= MOST_NODES or len(self.edges) >= MOST_EDGES:
                    self.cut = True
                    return
                inner = part.get("active_manifest")
                key = inner if isinstance(inner, str) and inner else f"{holder} {at}"
                self.edges.append(Edge(key, holder, text_of(part.get("relationship")) or ""))
                if key not in self._known:
                    self._known.add(key)
                    self.nodes.append(self._source(key, part))
                    if key in self.judge.manifests:
                        waiting.append(key)

    def _source(self, key: str, part: dict[str, Any]) -> Node:
        signature = self.judge.signature_of(part)
        manifest = self.judge.manifests.get(key) or {}
        title = plain_title(str(part.get("title") or manifest.get("title") or "untitled"))
        return self._node(key, title, signature, manifest, part, of_source(signature))

    def _node(
        self,
        key: str,
        title: str,
        signature: Signature,
        manifest: dict[str, Any],
        part: dict[str, Any],
        sentence: str,
    ) -> Node:
        info = manifest.get("signature_info")
        return Node(
            key=key,
            title=title,
            state=signature.state,
            sentence=sentence,
            signer=signature.signer,
            time=signature.time,
            stamped=signature.stamped,
            deeds=deeds_of(manifest, self._records(manifest)),
            programme=programme_of(manifest),
            sha256=hash_of(part),
            thumbnail=self._thumb(manifest) or self._thumb(part),
            certificate=text_of(info.get("cert_serial_number")) if isinstance(info, dict) else None,
        )

    def _records(self, manifest: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        if self.reader is not None:
            with suppress(CredentialError):  # then areas and exact values are not told
                return records_in(self.path, self.reader, manifest)
        return ()

    def _thumb(self, told: dict[str, Any]) -> bytes | None:
        if self.reader is None or not told.get("thumbnail") or self._thumbs >= MOST_THUMBS:
            return None
        self._thumbs += 1
        return thumb_of(told, self.reader)


def _fingerprints(credential: bytes) -> dict[str, str]:
    """Return the SHA-256 of the certificate that signed each manifest, by its label."""
    from cryptography.hazmat.primitives import hashes

    found = signatures(credential)
    return {
        label: signed.chain[0].fingerprint(hashes.SHA256()).hex()
        for label, signed in found.items()
        if signed.chain
    }


def as_data_of(account: Account) -> dict[str, Any]:
    """Return an account as plain JSON values: the verdict, and the chain as nodes and edges."""
    nodes = [
        {
            "key": node.key,
            "title": node.title,
            "state": node.state,
            "sentence": node.sentence,
            "signer": node.signer,
            "time": node.time,
            "time_stamped": node.stamped,
            "sha256": node.sha256,
            "certificate_sha256": node.fingerprint,
            "actions": [deed.action for deed in node.deeds],
        }
        for node in account.nodes
    ]
    edges = [
        {"from": edge.source, "to": edge.target, "relationship": edge.relationship} for edge in account.edges
    ]
    return {"result": as_data(account.verdict), "nodes": nodes, "edges": edges, "cut": account.cut}
