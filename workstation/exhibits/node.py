"""One value of an exhibit's description, with the path to it: every complaint says where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from workstation.errors import ExhibitError

MOST_BYTES = 2_000_000
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


class Node:
    """A JSON value and where it stands, such as "overlays[0].title"."""

    def __init__(self, value: Any, path: str) -> None:
        self.value, self.path = value, path

    def wrong(self, what: str) -> ExhibitError:
        """Return the error to raise about this value."""
        return ExhibitError(f"{self.path or 'The description'} {what}")

    def object(self, needed: tuple[str, ...], possible: tuple[str, ...] = ()) -> dict[str, Node]:
        """Return the parts of an object; keys that begin with "//" are comments."""
        if not isinstance(self.value, dict):
            raise self.wrong("must be an object: { … }.")
        found = {key: Node(part, self._below(key)) for key, part in self.value.items() if key[:2] != "//"}
        for key in needed:
            if key not in found:
                raise self.wrong(f"lacks {key!r}.")
        for key in found:
            if key not in (*needed, *possible):
                raise found[key].wrong(f"is not known here; there are: {', '.join((*needed, *possible))}.")
        return found

    def items(self, most: int) -> Iterator[Node]:
        """Yield the entries of a list of at most `most`."""
        if not isinstance(self.value, list):
            raise self.wrong("must be a list: [ … ].")
        if len(self.value) > most:
            raise self.wrong(f"has {len(self.value)} entries; {most} are the most.")
        for index, part in enumerate(self.value):
            yield Node(part, f"{self.path}[{index}]")

    def number(self, low: float, high: float, unit: str = "") -> float:
        """Return a number within limits."""
        value = self.value
        right = isinstance(value, int | float) and not isinstance(value, bool)
        if not right or not low <= value <= high:
            raise self.wrong(f"must be a number from {low:g} to {high:g} {unit}".rstrip() + ".")
        return float(value)

    def whole(self, low: int, high: int) -> int:
        """Return a whole number within limits."""
        if self.number(low, high) != int(self.value):
            raise self.wrong(f"must be a whole number from {low} to {high}.")
        return int(self.value)

    def text(self, most: int) -> str:
        """Return a text that is not empty and at most `most` letters long."""
        value = self.value
        if not isinstance(value, str) or not value.strip():
            raise self.wrong("must be a text.")
        if len(value) > most:
            raise self.wrong(f"has {len(value)} letters; {most} are the most.")
        if any(letter < " " and letter not in "\n\t" for letter in value) or not _encodable(value):
            raise self.wrong("holds a character that is no text.")
        return value

    def one_of(self, choices: tuple[str, ...]) -> str:
        """Return one of a few words."""
        if self.value not in choices:
            raise self.wrong(f"must be one of: {', '.join(choices)}.")
        return str(self.value)

    def language(self) -> str:
        """Return a language as the web names it."""
        if not isinstance(self.value, str) or not LANGUAGE.fullmatch(self.value):
            raise self.wrong('must be a language such as "en", "de" or "pt-BR".')
        return self.value

    def texts(self, languages: tuple[str, ...], most: int) -> Mapping[str, str]:
        """Return one text for each of the languages."""
        found = self.object(languages)
        return {language: found[language].text(most) for language in languages}

    def file(self, folder: Path) -> Path:
        """Return a file inside `folder`; nothing outside of it can be named."""
        name = self.text(1000)
        parts = PurePosixPath(name).parts
        if name.startswith("/") or "\\" in name or ":" in name or ".." in parts:
            raise self.wrong(f"must name a file inside {folder}, with / between folders: not {name!r}.")
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise self.wrong(
                f"leads out of {folder}. Put the picture there, or name its folder by --pictures."
            )
        if not path.is_file():
            raise self.wrong(f"names {name!r}, but there is no such file in {folder}.")
        return path

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key


def read_json(path: Path) -> Node:
    """Read a JSON file of bounded size; ExhibitError says where it is broken."""
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ExhibitError(f"{path} is larger than 2 MB, so it is no description of an exhibit.")
    try:
        return Node(json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once), "")
    except UnicodeDecodeError as error:
        raise ExhibitError(f"{path} is not written in UTF-8. Save it again as UTF-8.") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ExhibitError(f"{path} is broken JSON at {place}: {error.msg}.") from error
    except (RecursionError, ValueError) as error:
        raise ExhibitError(
            f"{path} is no description of an exhibit: {error or 'nested too deep'}."
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and key[:2] != "//":
            raise ValueError(f"{key!r} stands twice in one object")
        found[key] = value
    return found


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
