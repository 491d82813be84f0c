"""Signs a finished file: inside a copy where its format can carry a credential, else in a file beside it.

What was signed is checked at once with our own anchors; what does not hold is never put in its place.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.credentials import engine, ingredients, trust
from workstation.credentials.binding import Hashing, hash_without
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Content
from workstation.credentials.digests import digests
from workstation.credentials.manifest import define
from workstation.credentials.native import sign_hash, size_of
from workstation.credentials.stampserver import serving
from workstation.credentials.tiffs import Room, room_in
from workstation.errors import CredentialError
from workstation.files import sha256_of
from workstation.inplace import turn
from workstation.jobs import Job, Progress
from workstation.scans.identity import Witness
from workstation.streams import Taker, pour

if TYPE_CHECKING:
    from c2pa import Builder, Signer


@dataclass(frozen=True, slots=True)
class Signed:
    """A finished file, and what is known of it without reading it again."""

    sha256: str | None = None
    """Of the whole file, 64 hex digits; None = it has to be read."""
    hashing: Hashing = hash_without
    """How to check to what the credential is bound."""


class Signing:
    """One content, ready to be signed; its ingredients are checked once.

    `own` is the file that is about to be signed, where it is an ingredient as well: it is hashed on the way.
    """

    def __init__(self, content: Content, studio: Studio, own: Path | None = None) -> None:
        self.content, self.studio = content, studio
        self.trusted = trust.trusted().and_signer(studio.anchor)
        self._refused: str | None = None
        self._prepared = ingredients.prepare(content, self.trusted, own)

    def inside(self, draft: Path, signed: Path, kind: str) -> Job[Signed]:
        """Write a copy of `draft` with its credential inside to `signed`, a TIFF of any size."""
        if kind == "image/tiff":
            return (yield from self._copied_tiff(draft, signed))
        yield Progress(0, 1, "signing")
        self._know_own(sha256_of(draft))
        with self._ready() as (builder, signer), draft.open("rb") as source, signed.open("w+b") as target:
            builder.sign(signer, kind, source, target)
        return Signed()

    def beside(self, draft: Path, copy: Path) -> Job[tuple[bytes, Signed]]:
        """Copy a file as it is; return the credential of both, for a file of its own."""
        digest = hashlib.sha256()
        with copy.open("wb") as target:
            whole = [(0, draft.stat().st_size)]
            yield from pour(draft, [digest.update, target.write], whole, f"reading {draft.name}")
        credential = self._credential(digest.hexdigest(), digest.digest())
        return credential, Signed(digest.hexdigest(), _known(digest.digest(), []))

    def in_place(self, path: Path, is_still: Witness) -> Job[Signed]:
        """Put the credential into a TIFF itself; it is as it was where anything fails or the process dies."""
        room, tail, signed = yield from self._tiff(path)
        yield Progress(1, 1, "signing")
        turn(path, room.change, tail, is_still)
        return signed

    def _copied_tiff(self, draft: Path, copy: Path) -> Job[Signed]:
        with copy.open("wb") as target:
            room, tail, signed = yield from self._tiff(draft, target.write)
            target.writelines(tail)
            target.seek(room.change.link)
            target.write(room.change.turned)
        return signed

    def _tiff(self, path: Path, copy: Taker | None = None) -> Job[tuple[Room, Sequence[bytes], Signed]]:
        """Read a TIFF once, handing it on to `copy`; return where its credential goes, and with what."""
        with self._ready() as (builder, signer):
            room = room_in(path, size_of(builder, signer))
        found = yield from digests(path, room, copy)
        credential = self._credential(found.before, found.bound, room.place)
        signed = Signed(found.after(credential), _known(found.bound, [room.place]))
        return room, room.tail(credential), signed

    def _credential(self, own: str, bound: bytes, place: tuple[int, int] | None = None) -> bytes:
        """Return the credential of a file with the hash `own`, bound to a hash that leaves out `place`."""
        self._know_own(own)
        with self._ready() as (builder, signer):
            size_of(builder, signer)
            return sign_hash(builder, signer, bound, place)

    def _know_own(self, sha256: str) -> None:
        self._prepared = [ingredients.hashed(part, sha256) for part in self._prepared]

    def _sign(self, data: bytes) -> bytes:
        """Sign with the studio's key; the library would lose the reason why a key or token refuses."""
        return self._heard(self.studio.sign, "The key did not sign", data)

    def _heard(self, work: Callable[[bytes], bytes], what: str, data: bytes) -> bytes:
        try:
            return work(data)
        except Exception as error:
            self._refused = f"{what}: {error}"
            raise

    @contextmanager
    def _ready(self) -> Iterator[tuple[Builder, Signer]]:
        """Yield what builds the credential and what signs it, with a time-stamp where the studio stamps."""
        stamp = self.studio.stamp
        if stamp is None:
            with self._builder() as builder:
                yield builder, engine.signer(self._sign, self.studio.chain)
            return
        answer = partial(self._heard, stamp, "The time-stamp could not be made")
        with serving(answer) as address, self._builder() as builder:
            yield builder, engine.signer(self._sign, self.studio.chain, address)

    @contextmanager
    def _builder(self) -> Iterator[Builder]:
        from c2pa import Builder, C2paError

        told = [part.told for part in self._prepared if part.stream_as is None]
        definition = define(self.content, told)
        resources = dict(definition.resources)
        for part in self._prepared:
            resources.update(part.resources)
        try:
            with Builder(definition.manifest, context=engine.context(self.trusted.all)) as builder:
                for name, data in resources.items():
                    builder.add_resource(name, io.BytesIO(data))
                ingredients.add(self._prepared, builder)
                yield builder
        except C2paError as error:
            if self._refused is not None:
                raise CredentialError(f"{self._refused.rstrip('.')}. Nothing was written.") from None
            why = " ".join(str(error).split())[:200]
            raise CredentialError(f"The file could not be signed, and nothing was written: {why}") from None


def _known(digest: bytes, gaps: list[tuple[int, int]]) -> Hashing:
    """Return what answers from the reading that was done, and reads again where the question is another."""

    def hashing(path: Path, left_out: list[tuple[int, int]], algorithm: str) -> bytes:
        if (left_out, algorithm) == (gaps, "sha256"):
            return digest
        return hash_without(path, left_out, algorithm)

    return hashing
