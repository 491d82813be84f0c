"""Reads the CBOR of which signatures and assertions are made (RFC 8949): untrusted, so bounded and strict.

The usual library reads more than that: it follows references, makes dates and expressions of text, and takes
one of two values under the same key.
"""

from __future__ import annotations

from typing import Any

DEEPEST, MOST_ITEMS = 16, 4096


class CborError(ValueError):
    """The bytes are not CBOR, or of a kind that no signature has."""


def decoded(data: bytes, most_items: int = MOST_ITEMS) -> Any:
    """Return the one value that the bytes hold: int, bytes, str, list, dict, bool, None; tags are dropped."""
    reader = _Reader(data, most_items)
    value = reader.value(0)
    if reader.at != len(data):
        raise CborError
    return value


class _Reader:
    def __init__(self, data: bytes, most_items: int) -> None:
        self.data, self.at, self.items, self.most = data, 0, 0, most_items

    def value(self, depth: int) -> Any:
        self.items += 1
        if depth > DEEPEST or self.items > self.most:
            raise CborError
        first = self._take(1)[0]
        kind, small = first >> 5, first & 31
        if kind == 7:
            return self._simple(small)
        if small == 31:
            return self._open_ended(kind, depth)
        size = self._size(small)
        if kind in (0, 1):
            return size if kind == 0 else -1 - size
        if kind in (2, 3):
            return self._text(self._take(size), kind)
        if kind == 4:
            return [self.value(depth + 1) for _ in range(self._bounded(size))]
        if kind == 5:
            return self._map([self._pair(depth) for _ in range(self._bounded(size))])
        return self.value(depth + 1)

    def _open_ended(self, kind: int, depth: int) -> Any:
        """Read what ends with a break (255)."""
        parts: list[Any] = []
        while self.data[self.at : self.at + 1] != b"\xff":
            parts.append(self._pair(depth) if kind == 5 else self.value(depth + 1))
        self.at += 1
        if kind == 4:
            return parts
        if kind == 5:
            return self._map(parts)
        try:
            return b"".join(parts) if kind == 2 else "".join(parts)
        except TypeError:
            raise CborError from None

    def _pair(self, depth: int) -> tuple[Any, Any]:
        key = self.value(depth + 1)
        if not isinstance(key, int | str | bytes):
            raise CborError
        return key, self.value(depth + 1)

    def _map(self, pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):  # of two values under one key nobody knows which counts
            raise CborError
        return found

    def _simple(self, small: int) -> Any:
        if small in (20, 21):
            return small == 21
        if small in (25, 26, 27):
            self._take(1 << small - 24)  # a float: no signature needs its value
        elif small not in (22, 23):
            raise CborError
        return None

    def _size(self, small: int) -> int:
        if small < 24:
            return small
        if small > 27:
            raise CborError
        return int.from_bytes(self._take(1 << small - 24), "big")

    def _bounded(self, count: int) -> int:
        if count > self.most:
            raise CborError
        return count

    def _text(self, data: bytes, kind: int) -> bytes | str:
        return data if kind == 2 else data.decode(errors="replace")

    def _take(self, count: int) -> bytes:
        part = self.data[self.at : self.at + count]
        if len(part) != count:
            raise CborError
        self.at += count
        return part
