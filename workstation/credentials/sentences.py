"""The one plain sentence for each state; it never claims more than was checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from workstation.credentials.verdict import Ancestor, ChangedFile, Signature, State

_AGAINST_ANCESTOR: dict[State, str] = {
    "altered": "had been changed after it was signed",
    "altered-ancestor": "itself came from a file that had been changed after it was signed",
    "damaged": "has a credential that is damaged or missing",
    "revoked": "was signed with a certificate that has been revoked",
    "expired": "was signed with a certificate that has expired, and no trusted time-stamp shows when",
    "unknown-signer": "was signed by someone for whom no certificate you trust vouches",
}


def sentence(state: State, own: Signature, ancestors: list[Ancestor], codes: tuple[str, ...]) -> str:
    """Say what was found in a file that has a credential."""
    if own.state == state and state != "trusted":
        return _own(own, codes)
    if state == "trusted":
        start = f"The file is as {_who(own)} signed it{_when(own)}, and you trust that signer."
        return " ".join(filter(None, (start, own.note, _descent(ancestors))))
    return f"{_start(own)}, but {_against(state, ancestors)}"


def without(state: State, reason: str) -> str:
    """Say why there is nothing to judge."""
    detail = f" ({reason})" if reason else ""
    told: dict[State, str] = {
        "none": "No credential lies in the file or beside it, which says nothing for or against it.",
        "damaged": f"The file or its credential is damaged and cannot be checked{detail}.",
        "remote": f"Its credential lies elsewhere{detail} and was not fetched: this check works offline.",
        "unsupported": f"Its credential cannot be judged here{detail}.",
    }
    return told[state]


def of_source(own: Signature) -> str:
    """Say what is known of a file that went into another one."""
    signed = f"Signed in the name of {_who(own)}{_when(own)}"
    told: dict[State, str] = {
        "trusted": f"Signed by {_who(own)}{_when(own)}; you trust that signer. It held when it was opened."
        f"{' ' + own.note if own.note else ''}",
        "unknown-signer": f"{signed}, but no certificate that you trust vouches for that name.",
        "expired": f"{signed}, but the certificate has expired, "
        f"{own.note or 'and no trusted time-stamp shows when'}.",
        "revoked": f"{signed}, but the certificate was {own.note or 'revoked'}.",
        "altered": f"It had been changed after it was signed in the name of {_who(own)}.",
        "altered-ancestor": "It came from a file that had been changed after it was signed.",
        "damaged": "Its credential is damaged or missing, so nothing is known of it.",
        "none": "It had no credential. What is known of it was noted when it was opened.",
        "remote": "Its credential lay elsewhere and was not fetched.",
        "unsupported": "Its credential could not be judged.",
    }
    return told[own.state]


Tone: TypeAlias = Literal["good", "doubt", "bad", "neutral"]

BADGES: dict[State, tuple[str, Tone]] = {
    "trusted": ("Credential holds", "good"),
    "unknown-signer": ("Signer not known here", "doubt"),
    "expired": ("Certificate expired", "doubt"),
    "revoked": ("Certificate revoked", "bad"),
    "altered": ("Altered after signing", "bad"),
    "altered-ancestor": ("Earlier file altered", "bad"),
    "none": ("No credential", "neutral"),
    "damaged": ("Credential damaged", "bad"),
    "remote": ("Credential lies elsewhere", "doubt"),
    "unsupported": ("Credential not readable", "doubt"),
}
"""A few words for every state, and whether it is good, doubtful, bad or says nothing."""

SYMBOLS: dict[Tone, str] = {"good": "✓", "doubt": "?", "bad": "✕", "neutral": "–"}
"""The sign of each tone, so that nobody depends on its colour."""


def torn_record(title: str) -> str:
    """Say whose record in a credential is damaged."""
    return (
        f"Its credential is damaged: the record of the earlier file “{title}” is not the one that was signed."
    )


_NAMED = 3
"""Files of each kind of change that a sentence names."""


def folder_holds(told: str, count: int) -> str:
    """Say of a folder what `told` says of its signed list, where all files are as that list tells them."""
    files = "its 1 file" if count == 1 else f"all of its {count:,} files"
    return told.replace("The file is", f"The folder with {files} is", 1)


def folder_differs(changed: Sequence[ChangedFile], total: int, signer: str | None) -> str:
    """Say which files of a folder are not those that were signed."""
    kinds = (("changed", "changed"), ("added", "added later"), ("missing", "missing"))
    parts = [
        f"{words}: {_named([one.path for one in changed if one.change == kind])}"
        for kind, words in kinds
        if any(one.change == kind for one in changed)
    ]
    more = f", and {total - len(changed):,} further ones" if total > len(changed) else ""
    return f"The folder is not as {signer or 'someone unnamed'} signed it; {'; '.join(parts)}{more}."


def _named(paths: list[str]) -> str:
    shown = ", ".join(
        "".join(sign if sign.isprintable() else "?" for sign in path) for path in paths[:_NAMED]
    )
    return shown if len(paths) <= _NAMED else f"{shown} and {len(paths) - _NAMED:,} more"


def _own(own: Signature, codes: tuple[str, ...]) -> str:
    if own.state == "altered":
        content = any("Hash.mismatch" in code for code in codes)
        what = "The file's content was" if content else "The file's record was"
        return f"{what} changed after it was signed in the name of {_who(own)}."
    if own.state == "expired":
        why = own.note or "and no trusted time-stamp shows that it was signed in time"
        return f"{_start(own)}, but the certificate is outside its time of validity, {why}."
    if own.state == "revoked":
        return f"{_start(own)}, but the certificate was {own.note or 'revoked'}."
    if own.state == "damaged":
        return "Its credential is not well formed, so it proves nothing."
    if any(code.startswith("cawg.") for code in codes) and "signingCredential.untrusted" not in codes:
        return f"{_start(own)}, but a statement of identity in its credential could not be confirmed here."
    return f"{_start(own)}, but no certificate that you trust vouches for that name."


def _against(state: State, ancestors: list[Ancestor]) -> str:
    if state == "unsupported":
        return "it names more earlier files than can be checked."
    grave = ("altered", "altered-ancestor", "damaged") if state == "altered-ancestor" else (state,)
    found = next((part for part in ancestors if part.state in grave), None)
    if found is None:
        return "one of the earlier files does not hold."
    return f"the earlier file “{found.title}” {_against_one(found)}."


def _against_one(part: Ancestor) -> str:
    if part.note and part.state == "expired":
        return f"was signed with a certificate that has expired, {part.note}"
    if part.note and part.state == "revoked":
        return f"was signed with a certificate that was {part.note}"
    return _AGAINST_ANCESTOR[part.state]


def _descent(ancestors: list[Ancestor]) -> str:
    each = [(part.title, part.sha256 or str(at)) for at, part in enumerate(ancestors)]  # some are used twice
    count = len(set(each))
    signed = len({name for name, part in zip(each, ancestors, strict=True) if part.state == "trusted"})
    bare = count - signed
    told = ""
    if signed:
        told += "1 signed earlier file" if signed == 1 else f"{signed} signed earlier files"
        told += " held when it was opened." if signed == 1 else " held when they were opened."
    if bare:
        told += " 1 earlier file carries" if bare == 1 else f" {bare} earlier files carry"
        told += " no credential that could be checked."
    return told.strip()


def _start(own: Signature) -> str:
    return f"The file is as it was signed in the name of {_who(own)}{_when(own)}"


def _who(own: Signature) -> str:
    return own.signer or "someone unnamed"


def _when(own: Signature) -> str:
    if own.time is None:
        return ""
    if own.doubted:
        return f" on {own.time[:10]} by a time-stamp that you do not trust"
    return f" on {own.time[:10]}" if own.stamped else f" on {own.time[:10]} by the signer's own clock"


ACTIONS = {
    "c2pa.created": "made",
    "c2pa.opened": "opened",
    "c2pa.edited": "edited",
    "c2pa.enhanced": "enhanced",
    "c2pa.adjustedColor": "colours adjusted",
    "c2pa.color_adjustments": "colours adjusted",
    "c2pa.cropped": "cropped",
    "c2pa.resized": "resized",
    "c2pa.transcoded": "stored in another form",
    "c2pa.converted": "converted",
    "c2pa.placed": "laid over another picture",
    "c2pa.filtered": "filtered",
    "c2pa.published": "published",
    "c2pa.unknown": "changed in a way not told",
}


def deeds(actions: tuple[str, ...]) -> str:
    """Say what was done, in order; repeated deeds once, and names that we do not know as they are."""
    words = [ACTIONS.get(name, name) for name in actions]
    return ", then ".join(dict.fromkeys(words))
