"""What a file is by its first bytes, as far as the C2PA library can put a credential into it unharmed.

A name proves nothing and is not looked at. What is not known here gets its credential in a file beside it:
Raw photographs (CR3), RF64, and all that the library would have to guess. (Magic numbers: the formats' own
standards; brands: ISO/IEC 14496-12 and the registry at mp4ra.org.)
"""

from __future__ import annotations

import re
from pathlib import Path

_LOOK = 4096
"""Bytes at the start that are looked at; no magic number lies behind, and an SVG has begun by then."""
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),  # a bare code stream has no room for a credential
    (b"ID3", "audio/mpeg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_BRANDS: dict[bytes, str] = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "image/heic"),
    **dict.fromkeys((b"mif1", b"msf1"), "image/heif"),
    **dict.fromkeys((b"isom", b"mp41", b"mp42", b"avc1", b"dash", b"MSNV"), "video/mp4"),
    **dict.fromkeys((b"iso%d" % number for number in range(2, 10)), "video/mp4"),
    **dict.fromkeys((b"M4V ", b"M4VH", b"M4VP"), "video/x-m4v"),
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
}
_SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?>(?:<\?[^>]*+>|<!--(?>(?!-->).)*+-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>)\s*+)*+"
    rb"<(?:[A-Za-z][\w.-]*+:)?+svg[\s>/]",
    re.DOTALL,
)
"""Never goes back on what it took, or hostile first bytes would keep it for ever."""


def kind_of(path: Path) -> str | None:
    """Return the MIME type of a file that could carry its credential inside, by its first bytes, or None."""
    with path.open("rb") as file:
        return kind_of_bytes(file.read(_LOOK))


def kind_of_bytes(start: bytes) -> str | None:
    """Return the MIME type of a file that begins so, or None."""
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    if start[:4] == b"RIFF":
        return _RIFF.get(start[8:12])
    if start[4:8] == b"ftyp":
        return _brand(start)
    if _begins_layer_3(start):
        return "audio/mpeg"
    return "image/svg+xml" if _SVG.match(start) else None


def _brand(start: bytes) -> str | None:
    """Return what the main brand says; where that leaves the picture's code open, what the others say."""
    main = _BRANDS.get(start[8:12])
    if main != "image/heif":
        return main
    end = min(int.from_bytes(start[:4], "big"), len(start))
    others = (_BRANDS.get(start[at : at + 4]) for at in range(16, end - 3, 4))
    return next((kind for kind in others if kind in ("image/avif", "image/heic")), main)


def _begins_layer_3(start: bytes) -> bool:
    """Tell whether an MPEG frame of layer III begins here; a text in UTF-16 begins almost so."""
    return (
        len(start) > 3
        and start[0] == 0xFF
        and start[1] & 0xE6 == 0xE2
        and start[1] & 0x18 != 0x08
        and start[2] & 0xF0 not in (0x00, 0xF0)
        and start[2] & 0x0C != 0x0C
    )
