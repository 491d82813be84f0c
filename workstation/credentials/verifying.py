"""Judges a file by its credential and the credentials of all its ancestors, offline."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from workstation.credentials import trust
from workstation.credentials.anchors import AnyTrust, Trusted, as_trusted
from workstation.credentials.binding import Hashing, hash_without
from workstation.credentials.formats import sidecar_of
from workstation.credentials.judging import Judge, actions_of
from workstation.credentials.lineage import torn
from workstation.credentials.manifest import plain_title
from workstation.credentials.reading import Store, UnreadCredentialError, read_store
from workstation.credentials.sentences import sentence, torn_record, without
from workstation.credentials.showing import with_changes
from workstation.credentials.verdict import WORST_FIRST, Ancestor, Signature, State, Verdict
from workstation.credentials.vouching import Vouching
from workstation.credentials.watching import in_this_thread
from workstation.errors import UsageError, WorkstationError
from workstation.files import unusable
from workstation.inplace import at_rest, mend_where_possible

_TRIES, _PAUSE_S = 3, 0.1
_AS_ANCESTOR: dict[State, State] = {
    "altered": "altered-ancestor",
    "altered-ancestor": "altered-ancestor",
    "damaged": "altered-ancestor",
    "revoked": "revoked",
    "expired": "expired",
    "unknown-signer": "unknown-signer",
}


def verify(path: Path, anchors: AnyTrust | None = None) -> Verdict:
    """Judge one file; `anchors` replaces whom the user trusts.

    A file named NAME.c2pa stands for NAME. Raises FileNotFoundError where there is no file.
    """
    judged = path.with_suffix("") if path.suffix == ".c2pa" else path
    if judged != path and path.is_file() and not judged.is_file():
        lone = f"the file {judged.name}, to which this credential belongs, is not beside it"
        return Verdict(path, "unsupported", without("unsupported", lone), "unsupported")
    return verify_pair(judged, sidecar_of(judged), trust.trusted() if anchors is None else anchors)


def verify_pair(path: Path, beside: Path, anchors: AnyTrust) -> Verdict:
    """Judge a file whose credential lies inside it or in the file `beside`."""
    return examine(path, beside, anchors)[0]


def examine(
    path: Path, beside: Path, anchors: AnyTrust, hashing: Hashing = hash_without
) -> tuple[Verdict, Store | None]:
    """Judge a file and return its credential as well, where it has one.

    A file that is just being signed in place would seem altered: then it is judged again.
    """
    insist_file(path)
    for _ in range(_TRIES):
        mend_where_possible(path)
        is_still = at_rest(path)
        found = _examined(path, beside, as_trusted(anchors), hashing)
        if found[0].own not in ("altered", "damaged") or is_still():
            break
        time.sleep(_PAUSE_S)
    return found


def _examined(path: Path, beside: Path, trusted: Trusted, hashing: Hashing) -> tuple[Verdict, Store | None]:
    try:
        store = read_store(path, beside, trusted.all, hashing)
    except UnreadCredentialError as error:
        return _unread(path, error), None
    return _verdict(path, judge_of(store, trusted), store.embedded), store


def judge_of(store: Store, anchors: AnyTrust) -> Judge:
    """Return who judges a credential that was read, and what went into its file."""
    held = store.credential or store.taken
    altered = [ancestor.label for ancestor in torn(held or b"")]
    return Judge(store.report, Vouching(as_trusted(anchors), held), altered)


def verdict_or_reason(path: Path, anchors: AnyTrust) -> Verdict | WorkstationError:
    """Judge one of many files, or say in one sentence why it is missing or cannot be read."""

    def judge() -> Verdict:
        insist_file(path)
        return in_this_thread(with_changes(verify(path, anchors)))

    return or_reason(judge)


def or_reason(judge: Callable[[], Verdict]) -> Verdict | WorkstationError:
    """Return a verdict, or in one sentence why what is judged is missing or cannot be read."""
    try:
        return judge()
    except UsageError as error:
        return error
    except OSError as error:
        known = unusable(error)
        if known is None:
            raise
        return known


def insist_file(path: Path) -> None:
    """Raise the system's own error for a missing file or a folder, UsageError for a pipe or device."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UsageError(f"{path} is not a file but a pipe or device.")
    path.open("rb").close()


def _verdict(path: Path, judge: Judge, embedded: bool) -> Verdict:
    own, ancestors, codes = judge.own(), judge.ancestors, judge.codes()
    state = _worst(own, ancestors, judge.too_many)
    manifest = judge.manifest()
    return Verdict(
        path=path,
        state=state,
        sentence=sentence(state, own, ancestors, codes),
        own=own.state,
        signer=own.signer,
        time=own.time,
        stamped=own.stamped,
        title=plain_title(str(manifest.get("title") or path.name)),
        actions=actions_of(manifest),
        ancestors=tuple(ancestors),
        embedded=embedded,
        codes=codes,
    )


def _unread(path: Path, error: UnreadCredentialError) -> Verdict:
    """Say why a file cannot be judged; where the record of an ancestor was changed, in which one's."""
    found = torn(error.credential)
    if not found:
        return Verdict(path, error.state, without(error.state, error.reason), error.state)
    titles = [plain_title(part.title) for part in found]
    ancestors = tuple(Ancestor(title, "altered", "", 1, None, None, (), None) for title in titles)
    return Verdict(path, "damaged", torn_record(titles[0]), "damaged", ancestors=ancestors)


def _worst(own: Signature, ancestors: list[Ancestor], too_many: bool) -> State:
    states = {own.state, *(_AS_ANCESTOR.get(part.state, "trusted") for part in ancestors)}
    if too_many:
        states.add("unsupported")
    return next((state for state in WORST_FIRST if state in states), "trusted")
