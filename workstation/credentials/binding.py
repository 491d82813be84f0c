"""Checks by ourselves, in constant memory, that a credential belongs to the bytes of a file.

For sidecars, and for TIFFs that the library cannot read: it checks the signature and the record of the
credential alone, and we the hash of the file.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from workstation.credentials.watching import have_read

MISMATCH, MATCH = "assertion.dataHash.mismatch", "assertion.dataHash.match"
_BLOCK = 4 * 1024 * 1024
_ALGORITHMS = ("sha256", "sha384", "sha512")


Hashing: TypeAlias = Callable[[Path, list[tuple[int, int]], str], bytes]
"""Returns the hash, by an algorithm, of a file without some ranges (start, length)."""


class OpenBytesError(Exception):
    """The hash fits but leaves out bytes of the file, so that a change there would not be seen."""


def bound_report(
    path: Path,
    report: dict[str, Any],
    details: dict[str, Any],
    needed: set[tuple[int, int]],
    allowed: set[tuple[int, int]],
    hashing: Hashing,
) -> dict[str, Any] | None:
    """Return the library's report with its judgement of the bytes replaced by ours; None = bound otherwise.

    The hash must leave out the ranges (start, length) of `needed`, and may leave out those of `allowed`.
    """
    binding = _binding(report, details)
    left_out = _ranges(binding)
    if binding is None or left_out is None or binding.get("alg", "sha256") not in _ALGORITHMS:
        return None
    if not needed and left_out:
        return None  # a sidecar that was taken out of a file: the library knows how that was bound
    algorithm = binding.get("alg", "sha256")
    holds = needed <= set(left_out) and hashing(path, left_out, algorithm) == _wanted(binding)
    if holds and not set(left_out) <= allowed:
        raise OpenBytesError
    return _judged(report, holds)


def misfits(report: dict[str, Any]) -> bool:
    """Tell whether a report says that the credential belongs to other bytes."""
    active = report.get("validation_results", {}).get("activeManifest", {})
    return any(str(entry.get("code")).endswith("Hash.mismatch") for entry in active.get("failure") or [])


def _binding(report: dict[str, Any], details: dict[str, Any]) -> dict[str, Any] | None:
    manifest = details.get("manifests", {}).get(report.get("active_manifest"), {})
    found = manifest.get("assertion_store", {}).get("c2pa.hash.data")
    return found if isinstance(found, dict) else None


def _ranges(binding: dict[str, Any] | None) -> list[tuple[int, int]] | None:
    try:
        told = (binding or {}).get("exclusions") or []
        found = sorted((int(part["start"]), int(part["length"])) for part in told)
    except (TypeError, ValueError, KeyError):
        return None
    ends = [0, *(start + length for start, length in found)]
    honest = all(start >= end and length > 0 for (start, length), end in zip(found, ends, strict=False))
    return found if honest else None


def hash_without(path: Path, left_out: list[tuple[int, int]], algorithm: str = "sha256") -> bytes:
    """Return the hash of a file but for some ranges (start, length), read once in constant memory."""
    digest = hashlib.new(algorithm)
    block = memoryview(bytearray(_BLOCK))
    size = path.stat().st_size
    with path.open("rb", buffering=0) as file:
        at = 0
        for start, length in [*left_out, (size, 0)]:
            file.seek(at)
            left = start - at
            while left > 0 and (count := file.readinto(block[: min(left, _BLOCK)])):
                digest.update(block[:count])
                have_read(count)
                left -= count
            at = start + length
    return digest.digest()


def _wanted(binding: dict[str, Any]) -> bytes | None:
    told = binding.get("hash")
    try:
        return base64.b64decode(told, validate=True) if isinstance(told, str) else bytes(told or [])
    except (binascii.Error, TypeError, ValueError):
        return None


def _judged(report: dict[str, Any], holds: bool) -> dict[str, Any]:
    """Replace what the library said of the bytes, which it has not seen, by what we found."""
    found = copy.deepcopy(report)
    where = f"self#jumbf=/c2pa/{report.get('active_manifest')}/c2pa.assertions/c2pa.hash.data"
    results = found.get("validation_results", {})
    active = results.get("activeManifest", {})
    failures = [entry for entry in active.get("failure", []) if entry.get("code") != MISMATCH]
    if holds:
        active["success"] = [*active.get("success", []), {"code": MATCH, "url": where}]
    else:
        failures.append({"code": MISMATCH, "url": where})
    active["failure"] = failures
    results["activeManifest"] = active
    found["validation_results"] = results
    deltas = [delta.get("validationDeltas", {}) for delta in results.get("ingredientDeltas") or []]
    codes = {entry.get("code") for part in [active, *deltas] for entry in part.get("failure") or []}
    trusted = any(entry.get("code") == "signingCredential.trusted" for entry in active.get("success", []))
    if codes - {"signingCredential.untrusted"}:
        found["validation_state"] = "Invalid"
    else:
        found["validation_state"] = "Trusted" if trusted and not codes else "Valid"
    return found
