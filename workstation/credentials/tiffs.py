"""Puts a credential into a TIFF of any size and layout; of what is there only one pointer changes.

A copy of the last page's directory is appended with one more entry, the credential after it, and the pointer
to that page is turned to the copy: pages, levels, descriptions and unknown tags stay what and where they are.
The C2PA library rewrites the file instead, appends a page to those that have several, and holds it in memory.
(C2PA specification, "Embedding manifests into TIFF": tag 52545 of the last directory.)
"""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass
from pathlib import Path

from workstation.credentials.formats import CREDENTIAL_TAG, TiffLayout, tiff_layout
from workstation.errors import CredentialError
from workstation.files import check_targets, replacing
from workstation.inplace import Change, mend, mend_where_possible, turn_back
from workstation.scans.identity import Witness, witness

NOTE = b"WORKSTATION UNSIGN 1\0\0\0\0"
_FACTS = struct.Struct("<QQQ")
"""After the note: the size of the file before, where the pointer stands, and what it was."""
_BYTES = 7


@dataclass(frozen=True, slots=True)
class Room:
    """How a TIFF comes to carry a credential; nothing is written yet."""

    change: Change
    start: int
    """Where the credential will lie, up to the end of the file."""
    head: bytes
    """All that comes before it at the end of the file: the note and the copied directory."""

    @property
    def place(self) -> tuple[int, int]:
        """Where the credential will lie, and its size."""
        return self.start, self.change.size - self.start

    def tail(self, credential: bytes) -> tuple[bytes, bytes]:
        """Return all that comes to the end of the file, in two parts."""
        if self.start + len(credential) != self.change.size:
            raise CredentialError("The credential did not come out as long as it said, so it was not kept.")
        return self.head, credential


def insist_fits(path: Path, size: int) -> TiffLayout:
    """Return the layout of a TIFF; CredentialError where it cannot have a credential of `size` bytes inside.

    A classic TIFF reaches no further than 4 GiB; of a broken one it is not known where its pages end.
    """
    layout = tiff_layout(path)
    if layout is not None:
        added = size + len(NOTE) + _FACTS.size + len(layout.entries) + 64
        if layout.big or path.stat().st_size + added < 1 << 32:
            return layout
    raise CredentialError(f"{path} cannot carry its credential inside. Sign a copy of it.")


def room_in(path: Path, size: int) -> Room:
    """Say how a TIFF comes to carry a credential of `size` bytes; CredentialError where it cannot."""
    layout, end = insist_fits(path, size), path.stat().st_size
    order, offset, count = layout.order, *(("Q", "Q") if layout.big else ("I", "H"))
    note = b"\0" * (end & 1) + NOTE + _FACTS.pack(end, layout.link, layout.last)
    place = end + len(note)
    entries = entries_of(layout, layout.entries)
    width = layout.width
    start = place + struct.calcsize(order + count) + (len(entries) + 1) * width
    start += struct.calcsize(order + offset)
    entries.append(struct.pack(order + "HH" + 2 * offset, CREDENTIAL_TAG, _BYTES, size, start))
    entries.sort(key=lambda entry: struct.unpack_from(order + "H", entry)[0])  # a tag may stand there twice
    directory = struct.pack(order + count, len(entries)) + b"".join(entries) + struct.pack(order + offset, 0)
    turned, without = (struct.pack(order + offset, value) for value in (place, layout.last))
    head = note + directory
    return Room(Change(end, start + size, layout.link, without, turned, head), start, head)


def unsigned_copy(signed: Path, target: Path, *, replace: bool = False) -> None:
    """Write a TIFF to `target` as it was before its last credential came into it, byte for byte.

    CredentialError where it has none inside, or one that another programme put there.
    """
    check_targets([target], replace=replace, keep=[signed])
    mend_where_possible(signed)
    change = change_of(signed)
    with replacing(target) as temporary:
        shutil.copyfile(signed, temporary)
        with temporary.open("r+b") as file:
            file.seek(change.link)
            file.write(change.without)
            file.truncate(change.end)


def unsign_in_place(path: Path, is_still: Witness | None = None) -> None:
    """Make a TIFF again what it was before its last credential came into it; a crash leaves one or the other.

    `is_still` is the witness of whoever has looked at the file before, where somebody has. Raises
    CredentialError as `unsigned_copy` does, UsageError where another process is at the file.
    """
    mend(path)
    is_still = is_still or witness(path)
    turn_back(path, change_of(path), is_still)


def change_of(signed: Path) -> Change:
    """Return how the last credential came into a TIFF; CredentialError where that cannot be undone."""
    layout = tiff_layout(signed)
    if layout is None or not layout.places:
        raise CredentialError(f"{signed} is no TIFF with a credential inside that could be taken off.")
    head = len(NOTE) + _FACTS.size
    with signed.open("rb") as file:
        file.seek(max(layout.last - head, 0))
        note = file.read(head)
        if not note.startswith(NOTE) or len(note) < head:
            raise CredentialError(
                f"{signed} was not signed by this programme in a way that could be undone. "
                "Use the file from before it was signed."
            )
        end, link, last = _FACTS.unpack_from(note, len(NOTE))
        size, place = signed.stat().st_size, layout.places[-1]
        if place.start + place.size != size:
            raise CredentialError(
                f"Something was added to {signed} after it was signed: it cannot be undone."
            )
        if link != layout.link or not last < end <= layout.last - head <= end + 1:
            raise CredentialError(f"What {signed} says of its state before it was signed does not fit it.")
        file.seek(end)
        start = file.read(layout.last - end)
    pointer = layout.order + ("Q" if layout.big else "I")
    without, turned = (struct.pack(pointer, value) for value in (last, layout.last))
    return Change(end, size, link, without, turned, start)


def entries_of(layout: TiffLayout, directory: bytes) -> list[bytes]:
    """Return the entries of a directory (without its count) as they stand, but for the credential's."""
    whole = len(directory) // layout.width * layout.width
    entries = [directory[at : at + layout.width] for at in range(0, whole, layout.width)]
    return [entry for entry in entries if struct.unpack_from(layout.order + "H", entry)[0] != CREDENTIAL_TAG]
