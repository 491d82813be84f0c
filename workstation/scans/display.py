"""Which screen, and which print, pictures are shown for: chosen by the user, kept in the settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from workstation.errors import UsageError
from workstation.files import write_text
from workstation.scans.colour import Display, check_profile
from workstation.scans.lcms import MOST_BYTES, ProfileError
from workstation.scans.profiles import profile_name
from workstation.screens import screen_profile
from workstation.settings import home

Screen = Literal["system", "file", "none"]
SCREENS: tuple[Screen, ...] = get_args(Screen)
MOST_SETTINGS = 100_000


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user chose."""

    screen: Screen = "system"
    file: Path | None = None
    """The screen's profile, where it comes from a file."""
    proof: Path | None = None
    """The profile of a printer."""
    proofing: bool = False


@dataclass(frozen=True, slots=True)
class Seeing:
    """What a choice comes to on this machine."""

    display: Display
    words: str
    trouble: str = ""
    """One sentence where what was chosen cannot be used."""


def kept_choice() -> Choice:
    """Return what was chosen last; the system's profile where nothing readable is kept."""
    try:
        with _place().open("rb") as file:
            found = json.loads(file.read(MOST_SETTINGS))
        screen = found["screen"]
        if screen not in SCREENS:
            return Choice()
        return Choice(screen, _path(found["file"]), _path(found["proof"]), found["proofing"] is True)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return Choice()


def keep_choice(choice: Choice) -> None:
    """Remember a choice."""
    kept = {
        "screen": choice.screen,
        "file": str(choice.file) if choice.file else None,
        "proof": str(choice.proof) if choice.proof else None,
        "proofing": choice.proofing,
    }
    write_text(_place(), json.dumps(kept, indent=1) + "\n")


def seeing(choice: Choice) -> Seeing:
    """Work out what a choice comes to; what cannot be used is left out and said."""
    troubles: list[str] = []
    screen, words = _screen(choice, troubles)
    proof = None
    if choice.proofing and choice.proof is not None:
        try:
            proof = read_profile(choice.proof, proof=True)
            words += f", as printed by {profile_name(proof)}"
        except UsageError as error:
            troubles.append(str(error))
    return Seeing(Display(profile=screen, proof=proof), words, " ".join(troubles))


def read_profile(path: Path, *, proof: bool = False) -> bytes:
    """Return the profile in a file; UsageError unless it is one that can serve."""
    purpose = "to simulate a print" if proof else "for a screen"
    try:
        with path.open("rb") as file:
            icc = file.read(MOST_BYTES + 1)
        check_profile(icc, proof)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise UsageError(f"The colour profile {path} cannot be read: {reason}. Choose another.") from error
    except ProfileError as error:
        raise UsageError(
            f"The colour profile {path} {error}: it cannot serve {purpose}. Choose another."
        ) from error
    return icc


def _screen(choice: Choice, troubles: list[str]) -> tuple[bytes | None, str]:
    if choice.screen == "none":
        return None, "sRGB, as chosen"
    if choice.screen == "file" and choice.file is not None:
        try:
            icc = read_profile(choice.file)
            return icc, f"{profile_name(icc)}, from {choice.file.name}"
        except UsageError as error:
            troubles.append(str(error))
            return None, "sRGB: the chosen profile cannot be used"
    found = screen_profile()
    if found is None:
        return None, "sRGB: the system names no profile"
    try:
        check_profile(found)
    except ProfileError as error:
        return None, f"sRGB: the system's profile {error}"
    return found, f"{profile_name(found)}, from the system"


def _path(value: Any) -> Path | None:
    return Path(value) if isinstance(value, str) and value else None


def _place() -> Path:
    return home() / "display.json"
