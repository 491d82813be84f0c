"""From the library's report to states: of the file itself, and of every ancestor at any depth.

The library calls a file Trusted although its parent had been tampered with before it was opened; that is
only written down in what the signer recorded of the ingredient. So every record of every ingredient counts:
damage that anyone ever reported stays, and of trust the latest word is the one of our own anchors.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from workstation.credentials.assertions import is_kept_apart
from workstation.credentials.manifest import OWN, plain_title
from workstation.credentials.verdict import WORST_FIRST, Ancestor, Signature, State

if TYPE_CHECKING:
    from workstation.credentials.vouching import Vouching

MOST_ANCESTORS, DEEPEST, MOST_CODES = 1000, 64, 100
MOST_ACTIONS = 1000
"""So many actions of a manifest are told; an honest one has a few dozen, and may stand in many chains."""
_OWNER = re.compile(r"/c2pa/([^/]+)")
_SIGNER_CODES = ("signingCredential.", "claimSignature.outsideValidity", "claimSignature.insideValidity")
_STATES = frozenset({*WORST_FIRST, "trusted", "none", "remote"})


@dataclass
class Statements:
    """All that was ever said of one manifest: what failed, and who vouched for the signer, latest first."""

    failures: set[str] = field(default_factory=set)
    signer: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    stamps: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, rank: int, code: str, failed: bool) -> None:
        """Take down one code; rank 0 is our own check now, higher ranks are older records."""
        if code.startswith(_SIGNER_CODES):
            if ".ocsp." not in code or code.endswith(".revoked"):
                self.signer[rank].add(code)
        elif failed:
            self.failures.add(code)
        if code.startswith("timeStamp."):
            self.stamps[rank].add(code)

    def stamp_holds(self) -> bool:
        """Tell whether the latest word is that the time-stamp is genuine and by a trusted authority."""
        latest = self.stamps[min(self.stamps)] if self.stamps else set()
        return "timeStamp.trusted" in latest and not any(map(_means_bad_stamp, latest))

    def state(self) -> State:
        """Return what all statements together mean."""
        if any(means_altered(code) for code in self.failures):
            return "altered"
        if any(not code.startswith(("cawg.", "timeStamp.")) for code in self.failures):
            return "damaged"
        vouched = self._vouched()
        return "unknown-signer" if self.failures and vouched == "trusted" else vouched

    def _vouched(self) -> State:
        for rank in sorted(self.signer):
            codes = self.signer[rank]
            if any(code.endswith("revoked") for code in codes):
                return "revoked"
            if codes & {"signingCredential.expired", "claimSignature.outsideValidity"}:
                return "expired"
            if codes & {"signingCredential.untrusted", "signingCredential.invalid"}:
                return "unknown-signer"
            if "signingCredential.trusted" in codes:
                return "trusted"
        return "unknown-signer"


class Judge:
    """Reads one report of the library; `torn` names manifests whose bytes are not those that were signed."""

    def __init__(
        self, report: dict[str, Any], vouching: Vouching | None = None, torn: Iterable[str] = ()
    ) -> None:
        self._vouching = vouching
        self.manifests: dict[str, dict[str, Any]] = report.get("manifests") or {}
        self.active: str = report.get("active_manifest") or ""
        self.overall = report.get("validation_state")
        self.said: dict[str, Statements] = defaultdict(Statements)
        self.too_many = False
        self._found: list[tuple[dict[str, Any], int]] = []
        self._hear_now(report.get("validation_results") or {})
        for label in torn:
            self.said[label].add(0, "ingredient.manifest.mismatch", failed=True)
        self._hear_all_recorded()
        self._walk(self.active, 1, (self.active,))
        self.ancestors = [self._ancestor(part, depth) for part, depth in self._found]

    def own(self) -> Signature:
        """Return the state of the file itself without its ancestors; never better than the library's."""
        state = self.said[self.active].state()
        explained = self.overall == "Trusted" or any(part.state in WORST_FIRST for part in self.ancestors)
        if self.overall is None or (state == "trusted" and not explained and self.overall != "Valid"):
            state = "damaged"
        elif state == "trusted" and not explained:
            state = "unknown-signer"
        return self._signature(self.active, state)

    def codes(self) -> tuple[str, ...]:
        """Return every failure that was reported, of the file and its ancestors."""
        own = {code for said in self.said.values() for code in said.failures}
        signer = {
            code
            for said in self.said.values()
            for code in said.signer.get(min(said.signer, default=0), set())
            if code != "signingCredential.trusted" and not code.endswith("insideValidity")
        }
        return tuple(plain_line(code) for code in sorted(own | signer)[:MOST_CODES])

    def manifest(self, label: str | None = None) -> dict[str, Any]:
        """Return one manifest, the active one by default."""
        return self.manifests.get(label or self.active) or {}

    def _hear_now(self, results: dict[str, Any]) -> None:
        self._hear(results.get("activeManifest"), 0, self.active, fixed=True)
        for delta in results.get("ingredientDeltas") or []:
            held_by = _owner(delta.get("ingredientAssertionURI"))
            target = self._ingredient_target(held_by, delta.get("ingredientAssertionURI") or "")
            self._hear(delta.get("validationDeltas"), 0, target)

    def _hear(self, result: dict[str, Any] | None, rank: int, about: str, fixed: bool = False) -> None:
        for kind in ("success", "failure", "informational"):
            for entry in (result or {}).get(kind) or []:
                code, owner = str(entry.get("code")), _owner(entry.get("url"))
                label = owner if owner in self.manifests and not fixed else about
                self.said[label].add(rank, code, kind == "failure")

    def _ingredient_target(self, held_by: str, uri: str) -> str:
        for part in self.manifest(held_by).get("ingredients") or []:
            if uri.endswith(f"/{part.get('label')}"):
                return part.get("active_manifest") or f"missing {uri}"
        return f"missing {uri}"

    def _hear_all_recorded(self) -> None:
        """Hear what every manifest says of its ingredients, once, at the least depth at which it stands."""
        depths, waiting = {self.active: 1}, deque([self.active])
        while waiting:
            label = waiting.popleft()
            for part in self._parts(label):
                self._hear_recorded(part, depths[label])
                inner = part.get("active_manifest")
                if inner in self.manifests and inner not in depths:
                    depths[inner] = depths[label] + 1
                    waiting.append(inner)

    def _parts(self, label: str) -> list[dict[str, Any]]:
        return [part for part in self.manifest(label).get("ingredients") or [] if not is_kept_apart(part)]

    def _walk(self, label: str, depth: int, chain: tuple[str, ...]) -> None:
        for part in self._parts(label):
            if len(self._found) >= MOST_ANCESTORS or depth > DEEPEST:
                self.too_many = True
                return
            inner = part.get("active_manifest")
            self._found.append((part, depth))
            if inner in self.manifests and inner not in chain:
                self._walk(inner, depth + 1, (*chain, inner))

    def _hear_recorded(self, part: dict[str, Any], rank: int) -> None:
        about = part.get("active_manifest")
        if not about:
            return
        results = part.get("validation_results") or {}
        self._hear(results.get("activeManifest"), rank, about)
        for delta in results.get("ingredientDeltas") or []:
            self._hear(delta.get("validationDeltas"), rank, about)
        for entry in part.get("validation_status") or []:  # the form of older claims: failures, mostly
            owner = _owner(entry.get("url"))
            code = str(entry.get("code"))
            failed = not code.endswith((".match", ".validated", ".trusted", ".insideValidity"))
            self.said[owner if owner in self.manifests else about].add(rank, code, failed)

    def signature_of(self, part: dict[str, Any]) -> Signature:
        """Return what is known of one ingredient's own credential."""
        return self._ancestor_signature(part.get("active_manifest"), _kept(part))

    def _ancestor(self, part: dict[str, Any], depth: int) -> Ancestor:
        inner = part.get("active_manifest")
        signature = self.signature_of(part)
        return Ancestor(
            title=plain_title(str(part.get("title") or "untitled")),
            state=signature.state,
            relationship=str(part.get("relationship") or ""),
            depth=depth,
            signer=signature.signer,
            time=signature.time,
            actions=actions_of(self.manifest(inner)) if inner else (),
            sha256=hash_of(part),
            note=signature.note,
        )

    def _ancestor_signature(self, inner: str | None, kept: dict[str, Any]) -> Signature:
        if inner in self.manifests and inner:
            return self._signature(inner, self.said[inner].state())
        if inner:
            return Signature("damaged")
        told = kept.get(f"{OWN}.state")
        return Signature(told if isinstance(told, str) and told in _STATES else "none")

    def _signature(self, label: str, state: State) -> Signature:
        info = self.manifest(label).get("signature_info") or {}
        person, house = text_of(info.get("common_name")), text_of(info.get("issuer"))
        signer = f"{person} ({house})" if person and house and person != house else person or house
        stamped = text_of(info.get("time"))
        told = Signature(state, signer, stamped or _clock(self.manifest(label)), stamped is not None)
        if self._vouching is None:
            return told
        return self._vouching.completed(label, told, self.said[label].stamp_holds())


def actions_of(manifest: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of the actions that a manifest tells, in order."""
    return tuple(text_of(action.get("action")) or "?" for action in told_actions(manifest))


def hash_of(part: dict[str, Any]) -> str | None:
    """Return the SHA-256 of an ingredient's whole file, where the signer kept it."""
    return text_of(_kept(part).get(f"{OWN}.sha256"))


def _kept(part: dict[str, Any]) -> dict[str, Any]:
    told = part.get("metadata")
    return told if isinstance(told, dict) else {}


def told_actions(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the first actions that a manifest tells, in order, as C2PA writes them."""
    return islice(_told_actions(manifest), MOST_ACTIONS)


def _told_actions(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for assertion in manifest.get("assertions") or []:
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            data = assertion.get("data")
            actions = data.get("actions") if isinstance(data, dict) else None
            yield from (action for action in _list(actions) if isinstance(action, dict))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _clock(manifest: dict[str, Any]) -> str | None:
    return next(
        (text_of(action.get("when")) for action in told_actions(manifest) if action.get("when")), None
    )


def _owner(url: object) -> str:
    found = _OWNER.search(url) if isinstance(url, str) else None
    return found.group(1) if found else ""


def means_altered(code: str) -> bool:
    """Tell whether a code says that a file or record is not what was signed."""
    return code.endswith(("mismatch", ".missing", ".undeclared")) and not code.startswith(
        ("cawg.", "timeStamp.")
    )


def _means_bad_stamp(code: str) -> bool:
    return code.endswith((".mismatch", ".malformed", ".outsideValidity", ".untrusted"))


def text_of(value: object) -> str | None:
    """Return a text from a credential as one printable line, None where it is none."""
    return plain_line(value) if isinstance(value, str) and value.strip() else None


def plain_line(text: str) -> str:
    """Return words from a file as one printable line of bounded length."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:200]
