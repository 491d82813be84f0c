"""Finds a file's credential, inside or beside it, and has the library check it: offline, within bounds."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from workstation.credentials import engine
from workstation.credentials.binding import Hashing, OpenBytesError, bound_report, hash_without, misfits
from workstation.credentials.formats import (
    LARGEST_CREDENTIAL,
    LARGEST_EMBEDDED,
    Place,
    sidecar_of,
    tiff_layout,
)
from workstation.credentials.judging import plain_line
from workstation.credentials.kinds import kind_of
from workstation.credentials.trial import TRIAL
from workstation.credentials.verdict import State
from workstation.errors import CredentialError

if TYPE_CHECKING:
    from c2pa import Context, Reader

_UNKNOWN_BINDING = "its credential is bound to the file in an unknown way"
LARGEST_REPORT, MOST_VALUES = 64 * 1024 * 1024, 1_000_000


@dataclass(frozen=True, slots=True)
class Store:
    """A credential that could be read, with the library's report of its check."""

    report: dict[str, Any]
    embedded: bool
    credential: bytes | None = None
    """The credential itself, where we took it out of the file or from beside it."""
    taken: bytes | None = None
    """The same as the library took it out of the file: to read, not to hand on."""


class UnreadCredentialError(Exception):
    """There is nothing to judge; `state` says why, `reason` adds a detail for the sentence."""

    def __init__(self, state: State, reason: str = "", credential: bytes = b"") -> None:
        super().__init__(reason)
        self.state, self.reason = state, reason
        self.credential = credential
        """The credential that could not be read, where there is one."""


def read_store(path: Path, beside: Path, anchors: str, hashing: Hashing = hash_without) -> Store:
    """Read and check a file's credential; UnreadCredentialError where there is none that can be judged.

    Where one lies inside and one beside, the one that fits the bytes counts: a sidecar that fits covers
    the older credential inside, one that does not fit is a leftover of another file.
    """
    if not beside.is_file():
        return read_inside(path, anchors, hashing)
    try:
        sidecar: Store | UnreadCredentialError = _beside(path, beside, anchors, hashing)
    except UnreadCredentialError as error:
        sidecar = error
    if isinstance(sidecar, Store) and not misfits(sidecar.report):
        return sidecar
    try:
        return read_inside(path, anchors, hashing)
    except UnreadCredentialError:
        if isinstance(sidecar, Store):
            return sidecar
        raise sidecar from None


@contextmanager
def opened(path: Path) -> Iterator[tuple[Reader, dict[str, Any]]]:
    """Open a file's credential to read from it, without judging; CredentialError where there is none."""
    try:
        store = read_store(path, sidecar_of(path), "")
    except UnreadCredentialError as error:
        raise _unread(path) from error
    with opened_store(path, store) as reader:
        yield reader, store.report


@contextmanager
def opened_store(path: Path, store: Store) -> Iterator[Reader]:
    """Open a credential that was read already; CredentialError where the file was changed meanwhile."""
    kind = kind_of(path) or other_kind(path) or ""
    if store.credential is not None:
        kind = "application/c2pa"
    try:
        with _source(path, store) as file, open_reader(kind, file, engine.context("")) as reader:
            yield reader
    except UnreadCredentialError as error:
        raise _unread(path) from error


def _unread(path: Path) -> CredentialError:
    return CredentialError(f"{path} has no credential that can be read.")


def _source(path: Path, store: Store) -> BinaryIO:
    return io.BytesIO(store.credential) if store.credential is not None else path.open("rb")


def open_reader(kind: str, file: BinaryIO, context: Context, credential: bytes | None = None) -> Reader:
    """Open the library's reader; its errors become the state that they mean."""
    from c2pa import C2paError, Reader

    if not TRIAL.passes(kind, file, credential):
        raise UnreadCredentialError("unsupported", "to check it would take more time or memory than it may")
    try:
        return Reader(kind, file, credential, context=context)
    except C2paError.ManifestNotFound:
        raise UnreadCredentialError("none") from None
    except C2paError as error:
        raise _meaning(str(error)) from None


def read_inside(path: Path, anchors: str, hashing: Hashing = hash_without) -> Store:
    """Read and check the credential inside a file, whatever lies beside; errors as in `read_store`."""
    if not path.stat().st_size:
        raise UnreadCredentialError("damaged", "the file is empty")
    kind, large = kind_of(path) or other_kind(path), path.stat().st_size > LARGEST_EMBEDDED
    if kind is None:
        raise UnreadCredentialError("none")
    if kind == "image/tiff":
        layout = tiff_layout(path)
        if layout is None:
            raise UnreadCredentialError("damaged", "the file is cut off or its pages are broken")
        if layout.places or large or not layout.readable:
            return _inside_tiff(path, layout.places, anchors, hashing)
    elif large:
        raise UnreadCredentialError("unsupported", "files of this kind are judged up to 512 MB only")
    with path.open("rb") as file, open_reader(kind, file, engine.context(anchors)) as reader:
        report = report_of(reader)
        return Store(report, embedded=True, taken=_taken(reader, report))


def _inside_tiff(path: Path, places: tuple[Place, ...], anchors: str, hashing: Hashing) -> Store:
    """Check a TIFF of any size: the credential by the library, the bytes by us.

    The library cannot read every layout, holds the whole file in memory, and accepts a hash with gaps.
    """
    if not places:
        raise UnreadCredentialError("none")
    place = places[-1]
    credential = credential_at(path, place)
    own = {(place.start, place.size)}
    pointer = (place.pointer, place.pointer_size)
    report = _bound(path, credential, anchors, own, own | {pointer}, hashing)
    if report is None:
        raise UnreadCredentialError("unsupported", _UNKNOWN_BINDING, credential)
    return Store(report, True, credential)


def _beside(path: Path, beside: Path, anchors: str, hashing: Hashing) -> Store:
    credential = credential_beside(beside)
    report = _bound(path, credential, anchors, set(), set(), hashing)
    if report is not None:
        return Store(report, False, credential)
    if path.stat().st_size > LARGEST_EMBEDDED:
        raise UnreadCredentialError("unsupported", _UNKNOWN_BINDING, credential)
    kind = kind_of(path) or other_kind(path) or "application/octet-stream"
    with path.open("rb") as file, open_reader(kind, file, engine.context(anchors), credential) as reader:
        return Store(report_of(reader), False, credential)


def credential_at(path: Path, place: Place) -> bytes:
    """Return the credential that lies at a place of a TIFF; UnreadCredentialError where it is too large."""
    if place.size > LARGEST_CREDENTIAL:
        raise UnreadCredentialError("unsupported", "its credential is larger than 256 MB")
    with path.open("rb") as file:
        file.seek(place.start)
        return file.read(place.size)


def credential_beside(beside: Path) -> bytes:
    """Return the credential in a file of its own; UnreadCredentialError where it is too large or empty."""
    if beside.stat().st_size > LARGEST_CREDENTIAL:
        raise UnreadCredentialError("unsupported", f"{beside.name} is larger than 256 MB")
    credential = beside.read_bytes()
    if not credential:
        raise UnreadCredentialError("damaged", f"{beside.name} is empty")
    return credential


def _bound(
    path: Path,
    credential: bytes,
    anchors: str,
    needed: set[tuple[int, int]],
    allowed: set[tuple[int, int]],
    hashing: Hashing,
) -> dict[str, Any] | None:
    context = engine.context(anchors)
    try:
        with open_reader("application/c2pa", io.BytesIO(credential), context) as reader:
            report, details = report_of(reader), _parsed(reader.detailed_json())
    except UnreadCredentialError as error:
        error.credential = credential
        raise
    try:
        return bound_report(path, report, details, needed, allowed, hashing)
    except OpenBytesError:
        gap = "it leaves part of the file unprotected, so that a change there would not be seen"
        raise UnreadCredentialError("unsupported", gap) from None


def report_of(reader: Reader) -> dict[str, Any]:
    """Return the library's report; UnreadCredentialError where it is too large or no JSON."""
    return _parsed(reader.json())


def _taken(reader: Reader, report: dict[str, Any]) -> bytes | None:
    from c2pa import C2paError

    buffer = io.BytesIO()
    try:
        reader.resource_to_stream(f"self#jumbf=/c2pa/{report.get('active_manifest')}", buffer)
    except C2paError:
        return None
    return buffer.getvalue()


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > LARGEST_REPORT or text.count(",") > MOST_VALUES:
        raise UnreadCredentialError("unsupported", "its credential is larger than can be shown")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreadCredentialError("damaged", "its credential is not well formed")
    return found


def other_kind(path: Path) -> str | None:
    """Return a kind of file that we do not sign inside but the library reads, such as "mp4"."""
    from c2pa import Reader

    suffix = path.suffix.lower().lstrip(".")
    known = set(Reader.get_supported_mime_types()) - {"c2pa"}
    return suffix if suffix in known else None


def _meaning(message: str) -> UnreadCredentialError:
    told = plain_line(message)[:160]
    if told.startswith("Remote"):
        return UnreadCredentialError("remote", told.partition(" url ")[2])
    if told.startswith("NotSupported") or "prerelease" in told or "unknown algorithm" in told:
        return UnreadCredentialError("unsupported", told)
    if "failed to fill whole buffer" in told or "asset could not be parsed" in told:
        told = "the file is cut off, broken, or not what its name says"  # the library's words mean no more
    return UnreadCredentialError("damaged", told)
