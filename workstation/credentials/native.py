"""The one place that reaches below c2pa-python: a credential for a hash that we computed ourselves.

The wrapped `sign` reads a file through Python in blocks of 8 KiB and copies it even where only a sidecar is
wanted. The C function used here takes the hash, so that a file of any size is read once, by us. Its name and
arguments are those of c2pa-python 0.38.1.
"""

from __future__ import annotations

import ctypes
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from c2pa import Builder, Signer

_FORMAT = b"application/c2pa"
_BYTES = ctypes.POINTER(ctypes.c_ubyte)


def size_of(builder: Builder, signer: Signer) -> int:
    """Return how many bytes the credential will have; the builder needs to be asked before it signs."""
    library, found = _library(), _BYTES()
    size = library.c2pa_builder_data_hashed_placeholder(
        builder._handle, signer.reserve_size(), _FORMAT, ctypes.byref(found)
    )
    _insist(size)
    library.c2pa_free(found)
    return int(size)


def sign_hash(
    builder: Builder, signer: Signer, sha256: bytes, left_out: tuple[int, int] | None = None
) -> bytes:
    """Return the credential of a file that has this hash; C2paError if refused.

    `left_out` is where the credential itself lies in the file (start, length), which the hash leaves out.
    """
    library, found = _library(), _BYTES()
    gaps = [{"start": left_out[0], "length": left_out[1]}] if left_out else []
    binding = {"exclusions": gaps, "name": "whole file", "alg": "sha256", "hash": list(sha256), "pad": []}
    size = library.c2pa_builder_sign_data_hashed_embeddable(
        builder._handle, signer._handle, json.dumps(binding).encode(), _FORMAT, None, ctypes.byref(found)
    )
    return _taken(library, size, found)


def _taken(library: Any, size: int, found: Any) -> bytes:
    """Copy bytes that the library made and give them back to it."""
    _insist(size)
    data = ctypes.string_at(found, size)
    library.c2pa_free(found)
    return data


def _insist(size: int) -> None:
    from c2pa import C2paError
    from c2pa.c2pa import _read_native_error

    if size < 0:
        raise C2paError(_read_native_error() or "the library gave no reason")


def _library() -> Any:
    from c2pa.c2pa import _lib

    out, text, pointer = ctypes.POINTER(_BYTES), ctypes.c_char_p, ctypes.c_void_p
    for name, arguments in (
        ("c2pa_builder_data_hashed_placeholder", [pointer, ctypes.c_size_t, text, out]),
        ("c2pa_builder_sign_data_hashed_embeddable", [pointer, pointer, text, text, pointer, out]),
    ):
        function = getattr(_lib, name)
        function.argtypes, function.restype = arguments, ctypes.c_int64
    return _lib
