"""Lays two files of a chain on the table and draws the curtain between them.

A file that is known on this machine is opened, once its hash has shown that it still is the one of the chain;
of any other the small picture in the credential is laid on the table, in the place of its partner.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from widgets.lighttable import TableLayer
from widgets.reading import read_file
from workstation.errors import ScanError
from workstation.jobs import Job

if TYPE_CHECKING:
    from widgets.comparing import Comparison
    from widgets.desk import Desk
    from widgets.jobs import JobsPanel
    from widgets.lighttable import LightTable
    from widgets.messages import MessageBar
    from workstation.credentials.account import Node

SAME_SHAPE = 0.02
"""Pictures whose proportions differ by no more show the same section."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One side of a comparison."""

    node: Node
    path: Path | None
    """Its file, where that is known here."""
    trusted_place: bool = False
    """The file is the one that was checked just now."""


class ChainComparing:
    """Opens what is compared."""

    def __init__(
        self, table: LightTable, comparison: Comparison, desk: Desk, jobs: JobsPanel, messages: MessageBar
    ) -> None:
        self._table, self._comparison, self._desk = table, comparison, desk
        self._jobs, self._messages = jobs, messages

    def compare(self, first: Wanted, second: Wanted) -> None:
        """Lay both on the table, where they do not lie there yet, and compare them."""
        open_now = {layer.path: layer for layer in self._table.layers if layer.path is not None}
        sides = [
            open_now.get(wanted.path.absolute()) if wanted.path is not None else None
            for wanted in (first, second)
        ]
        missing = [wanted for wanted, layer in zip((first, second), sides, strict=True) if layer is None]

        def laid(found: list[tuple[TableLayer, str]]) -> None:
            left = iter(found)
            pair = [layer if layer is not None else next(left)[0] for layer in sides]
            self._lay(pair, [layer for layer, _ in found], [told for _, told in found if told])

        if missing:
            names = " and ".join(wanted.node.title for wanted in missing)
            self._jobs.start(f"Opening {names}", lambda: _opening(missing, self._desk.new_key), laid)
        else:
            laid([])

    def _lay(self, pair: list[TableLayer], new: list[TableLayer], told: list[str]) -> None:
        first, second = pair
        for layer in new:
            self._fit(layer)
        for layer, partner in ((first, second), (second, first)):
            if layer in new and (partner not in new or layer is second):
                _lay_over(partner, layer)
        for layer in new:
            self._table.add(layer, 0)  # below the others, so that the current layer stays the current one
        self._comparison.set(first=first.key, second=second.key)
        self._comparison.choose("curtain")
        if told:
            self._messages.say(" ".join(told))

    def _fit(self, layer: TableLayer) -> None:
        """Make a layer without a scale as wide as the painting: the lowest layer decides all scales."""
        if self._table.layers and not layer.in_mm:
            width = self._table.layers[0].extent.width() / layer.scan.levels[0].width
            layer.to_painting, layer.in_mm = np.diag([width, width, 1.0]), self._table.in_mm


def _opening(missing: list[Wanted], new_key: Callable[[], str]) -> Job[list[tuple[TableLayer, str]]]:
    """Open files and small pictures; with each a sentence where it is not what one expects."""
    from workstation.scans.identity import hashing

    found: list[tuple[TableLayer, str]] = []
    for wanted in missing:
        title, path = wanted.node.title, wanted.path
        told = f"Of {title} only the small picture in the credential is compared."
        if path is not None:
            same = wanted.trusted_place or wanted.node.sha256 == (yield from hashing(path))
            layers = _readable(path, new_key) if same else []
            if layers:
                found.append((layers[0], ""))
                continue
            why = "cannot be opened as a picture" if same else "was changed since"
            told = f"{path.name} {why}: of it the small picture in the credential is compared."
        found.append((_small(wanted.node, new_key()), told))
    return found


def _readable(path: Path, new_key: Callable[[], str]) -> list[TableLayer]:
    try:
        layers = read_file(path, new_key)
    except ScanError:
        return []
    for layer in layers[1:]:
        layer.scan.close()
    return layers[:1]


def _small(node: Node, key: str) -> TableLayer:
    from PIL import Image

    from workstation.scans.source import ArraySource, Metadata

    if node.thumbnail is None:
        raise ScanError(f"Of {node.title} neither the file nor a picture is known here.")
    with Image.open(io.BytesIO(node.thumbnail), formats=["JPEG"]) as picture:
        pixels: Any = np.asarray(picture.convert("RGB"))
    name = f"{node.title} (small picture)"
    return TableLayer(key, name, "", ArraySource(pixels, Metadata()), np.eye(3), in_mm=False)


def _lay_over(partner: TableLayer, layer: TableLayer) -> None:
    """Put a layer over its partner, where both have the same proportions."""
    a, b = partner.scan.levels[0], layer.scan.levels[0]
    if abs(a.width * b.height / (a.height * b.width) - 1) <= SAME_SHAPE:
        layer.to_painting = partner.to_painting @ np.diag([a.width / b.width, a.height / b.height, 1.0])
        layer.in_mm = partner.in_mm
