"""Ask what leaves the workstation; each kind of export is written through the one door, which signs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QRadioButton, QVBoxLayout, QWidget

from widgets.comparing import Comparison
from widgets.lighttable import LightTable, TableLayer
from widgets.parts import label
from workstation.jobs import Job

if TYPE_CHECKING:
    from workstation.credentials.certificates import Studio
    from workstation.files import FileMade


ACCOUNTS = "Page for a browser (*.html);;PDF (*.pdf)"


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of export, and why it cannot be done now."""

    key: str
    title: str
    words: str
    name: str = ""
    kinds: str = "TIFF (*.tif)"
    lacks: str = ""


def choices(layer: TableLayer, table: LightTable, comparison: Comparison) -> tuple[Choice, ...]:
    """Return what can be exported of the table as it is."""
    stem = file_stem(layer.name)
    treated = bool(layer.history.treatment().steps)
    suffix = layer.path.suffix if layer.path is not None else ".tif"
    pair = compared(table, comparison)
    return (
        Choice(
            "treated",
            "Treated picture",
            "Full resolution with its pyramid, the change map beside it, every step in the credential.",
            f"{stem}-restored.tif",
            lacks="" if treated else "This layer has no treatment yet.",
        ),
        Choice(
            "copy",
            "Signed copy of the scan",
            "The same pixels, with a credential that says where they come from.",
            f"{stem}-signed{suffix}",
            f"Same kind of file (*{suffix})",
            lacks="" if layer.path is not None else "This layer has no file of its own.",
        ),
        Choice(
            "difference",
            "Colour difference of two layers",
            f"ΔE00 map with legend: {pair[0].name} | {pair[1].name}."
            if pair
            else "ΔE00 map with its legend.",
            f"{stem}-difference.tif",
            lacks="" if pair else "Choose two layers with files of the same size in a compare mode first.",
        ),
    )


class ExportDialog(QDialog):
    """The kinds of export; those that cannot be done now say why."""

    wanted = pyqtSignal(object)
    """The Choice."""

    def __init__(self, offered: tuple[Choice, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.setMinimumWidth(480)
        self._buttons: dict[str, QRadioButton] = {}
        self._offered = {choice.key: choice for choice in offered}
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 16)
        column.setSpacing(6)
        column.addWidget(label("Export", "title"))
        column.addWidget(label("Everything that leaves the workstation is signed.", "quiet"))
        for choice in offered:
            column.addSpacing(8)
            column.addWidget(self._radio(choice))
            words = label(choice.lacks or choice.words, "quiet", wrap=True)
            words.setContentsMargins(22, 0, 0, 0)
            column.addWidget(words)
        column.addSpacing(10)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("Choose the file…", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        first = next((choice for choice in offered if not choice.lacks), None)
        if first is not None:
            self._buttons[first.key].setChecked(True)
        elif self.go is not None:
            self.go.setEnabled(False)

    def choose(self, key: str) -> None:
        """Choose a kind of export."""
        self._buttons[key].setChecked(True)

    def _radio(self, choice: Choice) -> QRadioButton:
        radio = QRadioButton(choice.title)
        radio.setEnabled(not choice.lacks)
        radio.setAccessibleDescription(choice.lacks or choice.words)
        self._buttons[choice.key] = radio
        return radio

    def _accept(self) -> None:
        chosen = next((key for key, button in self._buttons.items() if button.isChecked()), None)
        self.accept()
        if chosen is not None:
            self.wanted.emit(self._offered[chosen])


def compared(table: LightTable, comparison: Comparison) -> tuple[TableLayer, TableLayer] | None:
    """Return the two layers that are compared, where both are files of the same size."""
    first, second = (table.layer(key) for key in (comparison.setting.first, comparison.setting.second))
    if first is None or second is None or first.path is None or second.path is None:
        return None
    a, b = first.scan.levels[0], second.scan.levels[0]
    return (first, second) if (a.width, a.height) == (b.width, b.height) else None


def copying(layer: TableLayer, target: Path, studio: Studio) -> Job[tuple[FileMade, ...]]:
    """Write a signed copy of a layer's file."""
    from workstation.credentials.content import Action, Content, Ingredient
    from workstation.credentials.door import exporting
    from workstation.scans.thumbnail import thumbnail

    assert layer.path is not None
    opened = Action("c2pa.opened", description=f"Opened {layer.path.name}")
    content = Content(
        target.name, (opened,), (Ingredient(layer.path, layer.path.name),), (), thumbnail(layer.scan)
    )
    return (yield from exporting(layer.path, target, "scan", content, studio, replace=True))


def accounting(path: Path, target: Path, studio: Studio) -> Job[tuple[FileMade, ...]]:
    """Write the account of any file."""
    from workstation.reports.account_exporting import write_account

    _, made = yield from write_account(path, target, studio, replace=True)
    return made


def differing(pair: tuple[TableLayer, TableLayer], target: Path, studio: Studio) -> Job[tuple[FileMade, ...]]:
    """Write the map of the colour differences of two layers, with its legend."""
    from workstation.comparison.difference import DifferenceSource
    from workstation.comparison.exporting import Compared, export_difference
    from workstation.comparison.statistics import statistics

    first, second = pair
    assert first.path is not None
    assert second.path is not None
    source = DifferenceSource(first.scan, second.scan)
    found = yield from statistics(source)
    compared = Compared(first.path, second.path)
    return (yield from export_difference(source, compared, found, target, studio, replace=True))


def file_stem(name: str) -> str:
    """Return a layer's name as a file may be called."""
    kept = "".join(letter if letter.isalnum() or letter in "-_ ." else "-" for letter in name)
    return kept.strip(" .") or "layer"
