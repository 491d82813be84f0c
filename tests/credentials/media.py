"""Files of every kind that a museum exports, made here: pictures, drawings, documents, sounds and films."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import Image

RGB = np.random.default_rng(7).integers(0, 255, (96, 128, 3), dtype=np.uint8)
UNIT = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
"""A film's matrix that turns nothing."""
SILENCE = (b"\xff\xfb\x90\x64" + bytes(413)) * 3
"""Three frames of MPEG layer III."""

Maker = Callable[[Path], object]


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return one box of ISO/IEC 14496-12."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def film(brand: bytes = b"isom", first: bool = True) -> bytes:
    """Return a film of one raw picture, its table of contents before or behind the data."""
    brands, data = box(b"ftyp", brand + bytes(4) + brand + b"mp42"), box(b"mdat", RGB.tobytes())
    start = len(brands) + 8 + (len(_contents(0)) if first else 0)
    return b"".join([brands, _contents(start), data] if first else [brands, data, _contents(start)])


def _contents(start: int) -> bytes:
    head = struct.pack(">IIIIIIH10x", 0, 0, 0, 1000, 1000, 1 << 16, 256) + UNIT + bytes(24)
    track = struct.pack(">6I16x", 7, 0, 0, 1, 0, 1000) + UNIT + struct.pack(">II", 128 << 16, 96 << 16)
    entry = struct.pack(">6xH16xHHII4xH32xHh", 1, 128, 96, 72 << 16, 72 << 16, 1, 24, -1)
    table = box(
        b"stbl",
        box(b"stsd", struct.pack(">II", 0, 1), box(b"raw ", entry)),
        box(b"stts", struct.pack(">4I", 0, 1, 1, 1000)),
        box(b"stsc", struct.pack(">5I", 0, 1, 1, 1, 1)),
        box(b"stsz", struct.pack(">4I", 0, 0, 1, RGB.nbytes)),
        box(b"stco", struct.pack(">3I", 0, 1, start)),
    )
    here = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"url ", struct.pack(">I", 1))))
    media = box(
        b"mdia",
        box(b"mdhd", struct.pack(">5I2H", 0, 0, 0, 1000, 1000, 0x55C4, 0)),
        box(b"hdlr", bytes(8) + b"vide" + bytes(12) + b"v\0"),
        box(b"minf", box(b"vmhd", struct.pack(">I8x", 1)), here, table),
    )
    return box(b"moov", box(b"mvhd", head + struct.pack(">I", 2)), box(b"trak", box(b"tkhd", track), media))


def picture(path: Path, **options: object) -> None:
    """Write a picture in the form that its name tells."""
    Image.fromarray(RGB).save(path, **options)


def moving(path: Path) -> None:
    """Write two pictures, one after the other."""
    Image.fromarray(RGB).save(path, save_all=True, append_images=[Image.fromarray(RGB).rotate(90)])


def old_gif(path: Path) -> None:
    """Write a GIF of 1987, which knows no extensions."""
    buffer = io.BytesIO()
    Image.fromarray(RGB).convert("P").save(buffer, "GIF")
    path.write_bytes(b"GIF87a" + buffer.getvalue()[6:])


def heic(path: Path) -> None:
    """Write what a HEIC reader takes for one: the container is that of AVIF, by another name."""
    buffer = io.BytesIO()
    Image.fromarray(RGB).save(buffer, "AVIF")
    path.write_bytes(buffer.getvalue().replace(*AS_HEIC))


AS_HEIC = b"ftypavif\0\0\0\0avif", b"ftypheic\0\0\0\0heic"


def sound(path: Path) -> None:
    """Write a second and a half of noise."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(12000)
        file.writeframes(RGB.tobytes())


def titled_sound(path: Path) -> None:
    """Write an MP3 with a title and a private note."""
    parts = b"".join(
        name + struct.pack(">I", len(body)) + b"\0\0" + body
        for name, body in ((b"TIT2", b"\0Harbour"), (b"PRIV", b"own\0abc"))
    )
    path.write_bytes(b"ID3\x03\0\0" + bytes([0, 0, 0, len(parts)]) + parts + SILENCE)


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">%s<rect width="3" height="3"/></svg>'
RICH_SVG = """<?xml version="1.0" standalone="no"?>
<!-- drawn > by hand -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY name "Harbour">]>
<s:svg xmlns:s="http://www.w3.org/2000/svg" width='9' a="x&#10;y"
  height="9"><s:title>&name; &lt; é</s:title><![CDATA[a<b]]><!-- c -->
 <s:g/><s:g></s:g></s:svg>
<!-- end -->
"""

MEDIA: dict[str, Maker] = {
    "picture.webp": lambda path: picture(path, quality=80),
    "exact.webp": lambda path: picture(path, lossless=True),
    "moving.webp": moving,
    "picture.avif": picture,
    "moving.avif": moving,
    "picture.heic": heic,
    "picture.gif": picture,
    "old.gif": old_gif,
    "moving.gif": moving,
    "moving.png": moving,
    "several.jpg": lambda path: Image.fromarray(RGB).save(
        path, "MPO", save_all=True, append_images=[Image.fromarray(RGB).rotate(90)]
    ),
    "picture.jxl": lambda path: path.write_bytes(
        imagecodecs.jpegxl_encode(RGB, lossless=True, usecontainer=True)
    ),
    "drawing.svg": lambda path: path.write_text(SVG % ""),
    "told.svg": lambda path: path.write_text(SVG % "<metadata><note>ours</note></metadata>"),
    "rich.svg": lambda path: path.write_text(RICH_SVG, encoding="utf-8"),
    "latin.svg": lambda path: path.write_bytes(
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + (SVG % "<title>\xe9</title>").encode("latin-1")
    ),
    "picture.pdf": picture,
    "film.mp4": lambda path: path.write_bytes(film()),
    "film.mov": lambda path: path.write_bytes(film(b"qt  ", first=False)),
    "sound.wav": sound,
    "sound.mp3": lambda path: path.write_bytes(SILENCE),
    "titled.mp3": titled_sound,
}
"""Files that carry their credential inside."""

BARE: dict[str, Maker] = {
    "stream.jxl": lambda path: path.write_bytes(
        imagecodecs.jpegxl_encode(RGB, lossless=True, usecontainer=False)
    ),
    "wide.svg": lambda path: path.write_bytes((SVG % "").encode("utf-16")),
    "locked.pdf": lambda path: path.write_bytes(b"%PDF-1.7\n1 0 obj<</Encrypt 2 0 R>>\n%%EOF"),
    "picture.jp2": picture,
    "picture.bmp": picture,
    "raw.cr3": lambda path: path.write_bytes(film(b"crx ")),
    "letter.txt": lambda path: path.write_bytes("\ufeffHarbour".encode("utf-16-le")),
    "page.html": lambda path: path.write_text(f"<html>{SVG % ''}</html>"),
    "scene.gltf": lambda path: path.write_text('{"asset": {"version": "2.0"}}'),
    "mesh.obj": lambda path: path.write_text("v 0 0 0\n"),
    "bundle.zip": lambda path: path.write_bytes(b"PK\x05\x06" + bytes(18)),
    "scene.usdz": lambda path: path.write_bytes(b"PK\x05\x06" + bytes(18)),
    "nothing.bin": lambda path: path.write_bytes(b""),
}
"""Files whose credential lies beside them."""
