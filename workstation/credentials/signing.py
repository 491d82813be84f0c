"""Signs a finished file: inside a copy where its format can carry a credential, else in a file beside it.

What was signed is checked at once with our own anchors; what does not hold is never put in its place.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.credentials import engine, ingredients, trust
from workstation.credentials.binding import hash_without
from workstation.credentials.certificates import Studio
from workstation.credentials.content import Content
from workstation.credentials.manifest import define
from workstation.credentials.native import sign_hash, size_of
from workstation.credentials.stampserver import serving
from workstation.credentials.tiffs import attach, insist_fits
from workstation.errors import CredentialError

if TYPE_CHECKING:
    from c2pa import Builder, Signer


class Signing:
    """One content, ready to be signed; its ingredients are checked once."""

    def __init__(self, content: Content, studio: Studio) -> None:
        self.content, self.studio = content, studio
        self.trusted = trust.trusted().and_signer(studio.anchor)
        self._refused: str | None = None
        self._prepared = ingredients.prepare(content, self.trusted)

    def inside(self, draft: Path, signed: Path, kind: str) -> None:
        """Write a copy of `draft` with its credential inside to `signed`."""
        if kind == "image/tiff":
            self._inside_tiff(draft, signed)
            return
        with self._ready() as (builder, signer), draft.open("rb") as source, signed.open("w+b") as target:
            builder.sign(signer, kind, source, target)

    def beside(self, sha256: str) -> bytes:
        """Return the credential, for a file of its own, of the file that has this hash."""
        with self._ready() as (builder, signer):
            size_of(builder, signer)
            return sign_hash(builder, signer, bytes.fromhex(sha256))

    def _inside_tiff(self, draft: Path, signed: Path) -> None:
        """Write a copy of a TIFF of any size with its credential inside to `signed`, in constant memory."""
        with self._ready() as (builder, signer):
            size = size_of(builder, signer)
            insist_fits(draft, size)
            shutil.copyfile(draft, signed)
            room = attach(signed, size)
            place = room.start, room.size
            room.fill(sign_hash(builder, signer, hash_without(signed, [place]), place))

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
