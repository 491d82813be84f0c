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

NOTE = b"WORKSTATION UNSIGN 1\0\0\0\0"
_FACTS = struct.Struct("<QQQ")
"""After the note: the size of the file before, where the pointer stands, and what it was."""
_BYTES = 7


@dataclass(frozen=True, slots=True)
class Attachment:
    """Room for a credential in a file that is a copy of our own."""

    path: Path
    start: int
    """Where the credential lies, which is the end of the file."""
    size: int

    def fill(self, credential: bytes) -> None:
        """Write the credential; it is as long as its room."""
        if len(credential) != self.size:
            raise CredentialError("The credential did not come out as long as it said, so it was not kept.")
        with self.path.open("r+b") as file:
            file.seek(self.start)
            file.write(credential)


def insist_fits(path: Path, size: int) -> TiffLayout:
    """Return the layout of a TIFF; CredentialError where it cannot have a credential of `size` bytes inside.

    A classic TIFF reaches no further than 4 GiB; of a broken one it is not known where its pages end.
    """
    layout = tiff_layout(path)
    if layout is not None:
        added = size + len(NOTE) + _FACTS.size + len(layout.entries) + 64
        if layout.big or path.stat().st_size + added < 1 << 32:
            return layout
    raise CredentialError(f"{path} cannot carry its credential inside. Sign it beside the file.")


def attach(path: Path, size: int) -> Attachment:
    """Append room for a credential of `size` bytes to a TIFF, and have its last page point there."""
    layout, end = insist_fits(path, size), path.stat().st_size
    order, offset, count = layout.order, *(("Q", "Q") if layout.big else ("I", "H"))
    note = b"\0" * (end & 1) + NOTE + _FACTS.pack(end, layout.link, layout.last)
    place = end + len(note)
    entries = _without(layout, CREDENTIAL_TAG)
    width = 20 if layout.big else 12
    start = place + struct.calcsize(order + count) + (len(entries) + 1) * width
    start += struct.calcsize(order + offset)
    entries.append(struct.pack(order + "HH" + 2 * offset, CREDENTIAL_TAG, _BYTES, size, start))
    entries.sort(key=lambda entry: struct.unpack_from(order + "H", entry)[0])  # a tag may stand there twice
    directory = struct.pack(order + count, len(entries)) + b"".join(entries) + struct.pack(order + offset, 0)
    with path.open("r+b") as file:
        file.seek(end)
        file.write(note + directory)
        file.truncate(start + size)
        file.seek(layout.link)
        file.write(struct.pack(order + offset, place))
    return Attachment(path, start, size)


def unsigned_copy(signed: Path, target: Path, *, replace: bool = False) -> None:
    """Write a TIFF to `target` as it was before its last credential came into it, byte for byte.

    CredentialError where it has none inside, or one that another programme put there.
    """
    check_targets([target], replace=replace, keep=[signed])
    with replacing(target) as temporary:
        shutil.copyfile(signed, temporary)
        detach(temporary, signed)


def detach(path: Path, told: Path) -> None:
    """Make a file again, byte for byte, what it was before `attach`; errors name `told`."""
    layout = tiff_layout(path)
    if layout is None or not layout.places:
        raise CredentialError(f"{told} is no TIFF with a credential inside that could be taken off.")
    head = len(NOTE) + _FACTS.size
    with path.open("r+b") as file:
        file.seek(max(layout.last - head, 0))
        note = file.read(head)
        if not note.startswith(NOTE) or len(note) < head:
            raise CredentialError(
                f"{told} was not signed by this programme in a way that could be undone. "
                "Use the file from before it was signed."
            )
        end, link, last = _FACTS.unpack_from(note, len(NOTE))
        if link != layout.link or not last < end <= layout.last - head <= end + 1:
            raise CredentialError(f"What {told} says of its state before it was signed does not fit it.")
        file.seek(link)
        file.write(struct.pack(layout.order + ("Q" if layout.big else "I"), last))
        file.truncate(end)


def _without(layout: TiffLayout, code: int) -> list[bytes]:
    width = 20 if layout.big else 12
    entries = (layout.entries[at : at + width] for at in range(0, len(layout.entries), width))
    return [entry for entry in entries if struct.unpack_from(layout.order + "H", entry)[0] != code]
