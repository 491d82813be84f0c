"""The one place where the C2PA library is set up: no network, no automatic thumbnails, our own anchors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from c2pa import Context, Signer

TRUSTED_PURPOSES = "1.3.6.1.5.5.7.3.4\n1.3.6.1.5.5.7.3.36\n1.3.6.1.4.1.62558.2.1"
"""Certificates for e-mail protection, document signing and C2PA claims: without the last one every
certificate of the official list counts as unfit."""


def settings(anchors: str) -> dict[str, Any]:
    """Return the library's settings; `anchors` is PEM text, empty = trust nobody.

    The library silently accepts keys that it does not know: every name here is checked by a test.
    """
    found: dict[str, Any] = {
        "version": 1,
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
        "builder": {"thumbnail": {"enabled": False}},
    }
    if anchors:
        found["trust"] = {"trust_anchors": anchors, "trust_config": TRUSTED_PURPOSES}
    return found


def context(anchors: str) -> Context:
    """Return a context that reads and builds credentials offline."""
    from c2pa import Context

    return Context.from_dict(settings(anchors))


def signer(sign: Callable[[bytes], bytes], chain: str, stamps: str | None = None) -> Signer:
    """Return a signer whose key stays in our process: the library only asks for signatures.

    `stamps` is the address of our own time-stamp authority; an unreachable one makes signing fail.
    """
    from c2pa import C2paSigningAlg, Signer

    logging.getLogger("c2pa").setLevel(logging.CRITICAL)  # it would tell the same a second time
    return Signer.from_callback(sign, C2paSigningAlg.ES256, chain, stamps)
