"""The one plain sentence for each state; it never claims more than was checked."""

from __future__ import annotations

from collections.abc import Sequence

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
        return start + _descent(ancestors)
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


def torn_record(title: str) -> str:
    """Say whose record in a credential is damaged."""
    return f"Its credential is damaged: the record of its ancestor “{title}” is not the one that was signed."


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
        return (
            f"{_start(own)}, but the certificate is outside its time of validity, "
            "and no trusted time-stamp shows that it was signed in time."
        )
    if own.state == "revoked":
        return f"{_start(own)}, but the certificate has been revoked."
    if own.state == "damaged":
        return "Its credential is not well formed, so it proves nothing."
    if any(code.startswith("cawg.") for code in codes) and "signingCredential.untrusted" not in codes:
        return f"{_start(own)}, but a statement of identity in its credential could not be confirmed here."
    return f"{_start(own)}, but no certificate that you trust vouches for that name."


def _against(state: State, ancestors: list[Ancestor]) -> str:
    if state == "unsupported":
        return "it has more ancestors than can be checked."
    grave = ("altered", "altered-ancestor", "damaged") if state == "altered-ancestor" else (state,)
    found = next((part for part in ancestors if part.state in grave), None)
    if found is None:
        return "one of its ancestors does not hold."
    return f"its ancestor “{found.title}” {_AGAINST_ANCESTOR[found.state]}."


def _descent(ancestors: list[Ancestor]) -> str:
    signed = sum(part.state == "trusted" for part in ancestors)
    bare = len(ancestors) - signed
    told = ""
    if signed:
        told += " Its 1 signed ancestor" if signed == 1 else f" Its {signed} signed ancestors"
        told += " held when it was opened." if signed == 1 else " held when they were opened."
    if bare:
        told += " 1 ancestor carries" if bare == 1 else f" {bare} ancestors carry"
        told += " no credential that could be checked."
    return told


def _start(own: Signature) -> str:
    return f"The file is as it was signed in the name of {_who(own)}{_when(own)}"


def _who(own: Signature) -> str:
    return own.signer or "someone unnamed"


def _when(own: Signature) -> str:
    if own.time is None:
        return ""
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
