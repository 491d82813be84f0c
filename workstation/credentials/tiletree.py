"""The signed hashes of a picture's tiles, and which tiles are no longer what they were when it was signed.

The hashes are the leaves of a Merkle tree (RFC 6962, without its prefix for leaves: how many there are is
signed as well). The root stands in the credential; few leaves stand beside it, many are kept as data of their
own, because the library takes no large texts.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workstation.credentials.verdict import ChangedTile
from workstation.errors import CredentialError
from workstation.jobs import Job
from workstation.scans.tilehashes import HASH_BYTES, MOST_TILES, TiledPage, TileHashes, hash_tiles

TILES_RESOURCE = "tile-hashes.bin"
LARGEST_INLINE = 192 * 1024
MOST_PAGES = 100_000
MOST_UNPACKED, TIMES_PACKED = 4 << 30, 100
"""So many bytes of pixels are decoded of any file, and of a large one as many times its size: no picture has
more to it, but a few tiles that a stranger's file names again and again have."""
_NODE = b"\x01"


@dataclass(frozen=True, slots=True)
class Changes:
    """How the pixels of a file differ from those that were signed."""

    tiles: tuple[ChangedTile, ...]
    of: int
    """How many tiles were signed."""
    reshaped: tuple[int, ...] = ()
    """Pages that have another size or other samples, that are gone, or that are new."""


def root_of(hashes: bytes) -> bytes:
    """Return the root of the tree over hashes of 32 bytes each; a lone node goes up as it is."""
    nodes = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    while len(nodes) > 1:
        pairs = zip(nodes[::2], nodes[1::2], strict=False)
        above = [hashlib.sha256(_NODE + left + right).digest() for left, right in pairs]
        nodes = above + nodes[len(above) * 2 :]
    return nodes[0] if nodes else hashlib.sha256().digest()


def tell(tiles: TileHashes) -> tuple[dict[str, Any], bytes | None]:
    """Return what a credential says of tiles, and the hashes where they are kept apart from it."""
    told: dict[str, Any] = {
        "algorithm": "sha256",
        "root": root_of(tiles.hashes).hex(),
        "pages": json.dumps([asdict(page) for page in tiles.pages], sort_keys=True),
    }
    if len(tiles.hashes) <= LARGEST_INLINE:
        return told | {"hashes": base64.b64encode(tiles.hashes).decode()}, None
    return told | {"stored": TILES_RESOURCE}, tiles.hashes


def hear(told: Mapping[str, Any], stored: bytes) -> TileHashes:
    """Return the tiles that `tell` told; CredentialError where they are not well formed or not signed."""
    try:
        pages = tuple(_page(page) for page in json.loads(told["pages"]))
        hashes = stored if "stored" in told else base64.b64decode(told["hashes"], validate=True)
        fits = len(hashes) == HASH_BYTES * sum(page.count for page in pages)
        if fits and len(pages) <= MOST_PAGES and root_of(hashes).hex() == told["root"]:
            return TileHashes(pages, hashes)
    except (KeyError, TypeError, ValueError, RecursionError, binascii.Error):
        pass
    raise CredentialError("What the credential says of the picture's tiles is not well formed.")


def changes(path: Path, signed: TileHashes) -> Job[Changes]:
    """Decode a file once and compare all its tiles; ScanError where it cannot be read any more.

    Raises TooMuchError for a file that would take far longer than its size explains.
    """
    most = max(MOST_UNPACKED, TIMES_PACKED * path.stat().st_size)
    now = (yield from hash_tiles(path, signed.pages, most)).by_page()
    then = signed.by_page()
    same = [index for index, (page, _) in then.items() if index in now and now[index][0] == page]
    tiles = [tile for index in same for tile in _differing(*then[index], now[index][1])]
    reshaped = sorted({*then, *now} - {*same})
    return Changes(tuple(tiles), len(signed.hashes) // HASH_BYTES, tuple(reshaped))


def _differing(page: TiledPage, then: bytes, now: bytes) -> Iterator[ChangedTile]:
    one, other = (np.frombuffer(hashes, np.uint8).reshape(-1, HASH_BYTES) for hashes in (then, now))
    for at in np.flatnonzero((one != other).any(axis=1)).tolist():
        row, column = divmod(at, page.across)
        yield ChangedTile(page.index, 0, row, column, page.box(row, column))


def _page(told: dict[str, Any]) -> TiledPage:
    index, height, width, channels = (told[name] for name in ("index", "height", "width", "channels"))
    (rows, columns), dtype, made_from = told["tile"], told["dtype"], told["made_from"]
    sizes = (height, width, channels, rows, columns)
    is_whole = all(type(number) is int and 0 < number < 1 << 31 for number in (index + 1, *sizes))
    if not is_whole or not isinstance(dtype, str) or not isinstance(made_from, str | None):
        raise ValueError("no page")
    page = TiledPage(index, height, width, channels, dtype, (rows, columns), made_from)
    if page.count > 2 * MOST_TILES:
        raise ValueError("too many tiles")
    return page
