"""What travels with a JPEG or PNG: EXIF, XMP, IPTC, profile and scale, as the tags that TIFF has for them."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image

from workstation.errors import ScanError
from workstation.scans.carried import carried_of
from workstation.scans.directories import first_directory
from workstation.scans.profiles import srgb_profile
from workstation.scans.source import Metadata
from workstation.scans.tag import ASCII, BYTE, RATIONAL, SHORT, UNDEFINED, Carried, Left, Tag
from workstation.scans.tags import said_by
from workstation.scans.turning import turned_tag

_EXIF, _XMP, _IPTC, _PHOTOSHOP, _ICC = 34665, 700, 33723, 34377, 34675
_IRB_HEAD, _IPTC_RESOURCE = b"Photoshop 3.0\0", 0x0404
_WORDS_OF_PNG = {"Title": 269, "Description": 270, "Software": 305, "Author": 315, "Copyright": 33432}


class InMemory:
    """Bytes that are read like a file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read_at(self, offset: int, count: int) -> bytes:
        """Return up to `count` bytes from `offset`; fewer at the end."""
        return self._data[offset : offset + count]


def metadata_of_picture(path: Path, image: Image.Image, orientation: int, made_from: str | None) -> Metadata:
    """Return what travels with a picture that Pillow has opened."""
    exif = _exif_of(path, image.info.get("exif"), orientation, unchanged=not made_from)
    tags = {tag.code: tag for tag in exif.tags}
    blocks = [turned_tag(tag, orientation) for tag in _blocks(image)]
    tags |= {tag.code: tag for tag in blocks}
    for code, text in _words(image):
        tags.setdefault(code, Tag(code, ASCII, text.encode("utf-8", "replace") + b"\0"))
    left = (*exif.left, *_second_parts(image))
    carried = Carried(tuple(tags[code] for code in sorted(tags)), left)
    metadata = replace(said_by(tags), carried=lambda: carried)
    return replace(metadata, icc=srgb_profile()) if made_from else metadata


def _exif_of(path: Path, data: Any, orientation: int, *, unchanged: bool) -> Carried:
    """Read the small TIFF that EXIF is; one that is damaged is left behind as a whole."""
    if not isinstance(data, bytes) or not data:
        return Carried()
    try:
        file = InMemory(data.removeprefix(b"Exif\0\0"))
        found = first_directory(path, file)
    except ScanError:
        return Carried(left=(Left(_EXIF, "its directory is damaged or cut off"),))
    return carried_of(path, file, found, found.pictures[0], orientation, unchanged=unchanged)


def _blocks(image: Image.Image) -> list[Tag]:
    info = image.info
    xmp: Any = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
    resources = b"".join(data[len(_IRB_HEAD) :] for data in _segments(image) if data.startswith(_IRB_HEAD))
    iptc = info.get("photoshop", {}).get(_IPTC_RESOURCE, b"")
    found = (
        Tag(_XMP, BYTE, xmp.encode() if isinstance(xmp, str) else xmp),
        Tag(_IPTC, UNDEFINED, iptc),
        Tag(_PHOTOSHOP, BYTE, resources),
        Tag(_ICC, UNDEFINED, info.get("icc_profile") or b""),
    )
    return [tag for tag in found if tag.data] + _scale(image)


def _segments(image: Image.Image) -> list[bytes]:
    """Return the application segments of a JPEG, in order."""
    return [data for _, data in getattr(image, "applist", [])]


def _second_parts(image: Image.Image) -> list[Left]:
    second = any(data.startswith(b"http://ns.adobe.com/xmp/extension/") for data in _segments(image))
    return [Left(_XMP, "a JPEG keeps its second part apart, which is not carried")] if second else []


def _scale(image: Image.Image) -> list[Tag]:
    """Return the exact numbers of a JPEG's JFIF header or of a PNG; where there are none, EXIF's count."""
    info = image.info
    if info.get("jfif_unit") in (1, 2):
        (across, down), below, unit = info["jfif_density"], 1, 1 + info["jfif_unit"]
    elif image.format == "PNG" and "dpi" in info:
        (across, down), below, unit = (round(dpi / 0.0254) for dpi in info["dpi"]), 100, 3
    else:
        return []
    if not across or not down:
        return []
    pairs = (Tag(code, RATIONAL, struct.pack("<II", n, below)) for code, n in ((282, across), (283, down)))
    return [*pairs, Tag(296, SHORT, struct.pack("<H", unit))]


def _words(image: Image.Image) -> list[tuple[int, str]]:
    found = ((code, image.info.get(name)) for name, code in _WORDS_OF_PNG.items())
    return [(code, text) for code, text in found if isinstance(text, str) and text]
