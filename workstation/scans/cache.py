"""Decoded tiles kept for the next look: one cache for all scans, bounded in bytes, each tile decoded once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future

from workstation.scans.rooms import lies_apart, room_apart
from workstation.scans.source import Pixels

LIMIT = 256 << 20
ON_SCREEN, CONVERTED_ON_SCREEN = 80 << 20, 64 << 20
"""The limits where a window looks, of tiles as stored and in the display's colours: some twelve full views of
either, and the whole process stays below 600 MB."""


class TileCache:
    """The tiles used last, at most `limit` bytes of them (or the one last tile where that is larger)."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.bytes = 0
        self._tiles: OrderedDict[Hashable, Pixels] = OrderedDict()
        self._coming: dict[Hashable, Future[Pixels]] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Pixels]) -> Pixels:
        """Return the tile; where several threads miss it at once, one makes it and the others wait.

        The array is shared: nobody writes into it.
        """
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
                return tile
            coming = self._coming.get(key)
            mine = coming is None
            if coming is None:
                coming = self._coming[key] = Future()
        if mine:
            self._make(key, make, coming)
        return coming.result()

    def look(self, key: Hashable) -> Pixels | None:
        """Return the tile if it is here."""
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def keep(self, key: Hashable, tile: Pixels) -> Pixels:
        """Keep a tile that was made from other tiles, and return it as it is kept.

        Making one may wait for the crew, so nobody waits for it here: two threads would make it twice.
        """
        tile = _kept(tile)
        with self._lock:
            if key not in self._tiles:
                self._keep(key, tile)
        return tile

    def forget(self, owner: Hashable) -> None:
        """Drop all tiles whose key begins with `owner`."""
        with self._lock:
            for key in [key for key in self._tiles if isinstance(key, tuple) and key[0] == owner]:
                self.bytes -= _room_of(self._tiles.pop(key))

    def _make(self, key: Hashable, make: Callable[[], Pixels], coming: Future[Pixels]) -> None:
        try:
            tile = _kept(make())
        except BaseException as error:
            with self._lock:
                del self._coming[key]
            coming.set_exception(error)
            raise
        with self._lock:
            del self._coming[key]
            self._keep(key, tile)
        coming.set_result(tile)

    def _keep(self, key: Hashable, tile: Pixels) -> None:
        self._tiles[key] = tile
        self.bytes += _room_of(tile)
        while self.bytes > self.limit and len(self._tiles) > 1:
            self.bytes -= _room_of(self._tiles.popitem(last=False)[1])


def _room_of(tile: Pixels) -> int:
    """Return the bytes that a tile takes: hardly any where one sample stands for all, as in damage."""
    return tile.nbytes if any(tile.strides) else tile.itemsize


def _kept(tile: Pixels) -> Pixels:
    """Return a tile, or a copy of it, that lies apart and that nobody can write into."""
    if not any(tile.strides):
        return tile
    kept = tile
    if not lies_apart(tile):
        kept = room_apart(tile.shape, tile.dtype)
        kept[:] = tile
    kept.flags.writeable = False
    return kept


TILES = TileCache()
"""The cache that all scans share."""


class Share:
    """The tiles of one owner in a cache: found under keys of its own, and dropped together."""

    def __init__(self, cache: TileCache = TILES) -> None:
        self._cache = cache

    def get(self, key: tuple[Hashable, ...], make: Callable[[], Pixels]) -> Pixels:
        """Return the tile, made once however many ask; nobody writes into it."""
        return self._cache.get((self, *key), make)

    def look(self, key: tuple[Hashable, ...]) -> Pixels | None:
        """Return the tile if it is here."""
        return self._cache.look((self, *key))

    def keep(self, key: tuple[Hashable, ...], tile: Pixels) -> Pixels:
        """Keep a tile that was made from other tiles, and return it as it is kept."""
        return self._cache.keep((self, *key), tile)

    def forget(self) -> None:
        """Drop all tiles of this owner."""
        self._cache.forget(self)
