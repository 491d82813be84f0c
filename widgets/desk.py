"""What the window does with files and catalogue: open, remember, treat, render. The core does the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from widgets import memory
from widgets.jobs import JobsPanel
from widgets.lighttable import LightTable, TableLayer
from widgets.messages import MessageBar
from widgets.reading import filed, read_file, read_painting, read_result
from widgets.remembering import CatalogueHistory, moved_over
from widgets.running import Newest, Running, plain
from workstation.jobs import Job
from workstation.operations.mask import Mask

if TYPE_CHECKING:
    from workstation.catalogue.catalogue import Catalogue
    from workstation.catalogue.facts import Arrival
    from workstation.credentials.certificates import Studio
    from workstation.files import FileMade
    from workstation.operations.exporting import Restoration
    from workstation.scans.source import TileSource


class Desk(QObject):
    """Between the table and the core."""

    catalogue_opened = pyqtSignal(object)
    catalogue_changed = pyqtSignal()
    painted = pyqtSignal(object)
    """A layer whose pixels are others now."""
    device_used = pyqtSignal()

    def __init__(self, table: LightTable, jobs: JobsPanel, messages: MessageBar) -> None:
        super().__init__()
        self._table, self._jobs, self._messages = table, jobs, messages
        self.catalogue: Catalogue | None = None
        self._keys = count(1)
        self._work: set[Running] = set()
        self._treating: dict[str, Newest] = {}
        table.treatment_changed.connect(self._treat)

    def remember_in(self, open_catalogue: Callable[[], Catalogue]) -> None:
        """Open the catalogue beside the window; without it the window works, but forgets."""
        self._aside(open_catalogue, self._got_catalogue)

    def open(self, paths: Sequence[Path]) -> None:
        """Lay files on the table, each of their pages as a layer, and enter them in the catalogue."""
        if paths:
            self._aside(
                lambda: [layer for path in paths for layer in read_file(path, self.new_key)], self._lay
            )

    def open_painting(self, painting_id: int) -> None:
        """Clear the table and lay a painting of the catalogue on it."""
        catalogue = self.catalogue
        if catalogue is not None:
            self.clear()
            self._aside(lambda: read_painting(catalogue, painting_id, self.new_key), self._lay_known)

    def demonstrate(self, make: Callable[[str, str], Job[TableLayer]], kinds: list[str]) -> None:
        """Lay the demonstration painting on the table, layer after layer; the first one lies on top."""
        if not kinds:
            return

        def done(layer: TableLayer) -> None:
            layer.look = replace(layer.look, visible=layer.kind == "VIS")
            self._table.add(layer, 0)
            if len(kinds) == 1:
                self._enter_demonstration()
            self.demonstrate(make, kinds[1:])

        key = self.new_key()
        self._jobs.start(f"Painting the demonstration: {kinds[0]}", lambda: make(kinds[0], key), done)

    def lay(self, layers: Sequence[TableLayer]) -> None:
        """Lay layers on the table that need no file."""
        for layer in layers:
            self._table.add(layer)

    def clear(self) -> None:
        """Take everything off the table; files and catalogue stay."""
        for layer in list(self._table.layers):
            self._table.remove(layer)

    def new_key(self) -> str:
        """Return a key that no other layer has."""
        return f"layer-{next(self._keys)}"

    def load_mask(self, layer: TableLayer, path: Path) -> None:
        """Put a mask from a file in place of the present one; undo brings that back."""
        level = layer.scan.levels[0]

        def work() -> Mask:
            from workstation.scans.masks import read_mask

            mask = read_mask(path)
            mask.check_fits(level.height, level.width)
            return mask

        self._aside(work, lambda mask: self._table.set_mask(layer, mask))

    def save_mask(self, layer: TableLayer, target: Path) -> None:
        """Write the mask of a layer as a file."""
        from workstation.scans.masks import write_mask

        mask = layer.mask.copy()
        self._jobs.start(
            f"Saving {target.name}",
            lambda: write_mask(mask, target),
            lambda _: self._messages.say(f"{target.name} is written."),
        )

    def render(self, layer: TableLayer, target: Path, studio: Studio) -> None:
        """Write the treated layer in full resolution, signed, and lay the result on the table."""
        from workstation.operations.exporting import restore

        treatment, page = layer.history.treatment(), layer.page

        def job() -> Job[Restoration]:
            path = yield from filed(layer)
            return (yield from restore(path, treatment, target, studio, page=page, replace=True))

        self._jobs.start(
            f"Rendering {target.name}",
            job,
            lambda restoration: self._rendered(layer, target, restoration),
        )

    def write(self, layer: TableLayer, target: Path, job: Callable[[], Job[tuple[FileMade, ...]]]) -> None:
        """Run an export and remember in the catalogue what it wrote."""

        def done(files: tuple[FileMade, ...]) -> None:
            self._exported(layer, files)
            self._messages.say(f"{target.name} is written and signed.", "good")

        self._jobs.start(f"Exporting {target.name}", job, done)

    def _exported(self, layer: TableLayer, files: tuple[FileMade, ...]) -> None:
        if self.catalogue is not None and layer.catalogue_id is not None:
            for made in files:
                self.catalogue.add_export(made.path, made.kind, made.sha256, layer.catalogue_id)

    def _rendered(self, layer: TableLayer, target: Path, restoration: Restoration) -> None:
        self.device_used.emit()
        found = restoration.rendered
        size = f" ({found.area_mm2:.4g} mm²)" if found.area_mm2 is not None else ""
        self._messages.say(
            f"{target.name} is written and signed: {found.changed_px} px changed{size}; "
            "every sample outside the mask is identical.",
            "good",
        )
        if self.catalogue is not None and layer.catalogue_id is not None:
            for record in found.records:
                self.catalogue.add_record(layer.catalogue_id, record.as_json())
        self._exported(layer, restoration.files)
        self._aside(lambda: read_result(layer, target, self.new_key()), self._table.add)

    def _lay(self, layers: list[TableLayer]) -> None:
        known = self._painting_on_table()
        self.lay(layers)
        paths = list(dict.fromkeys(layer.path for layer in layers if layer.path is not None))
        for path in paths:
            memory.opened(path)
        self._enter(paths, layers, known)

    def _enter(
        self,
        paths: list[Path],
        layers: list[TableLayer],
        painting_id: int | None,
        fields: dict[str, str] | None = None,
    ) -> None:
        from workstation.catalogue.intake import taking_in

        catalogue = self.catalogue
        if catalogue is None or not paths:
            return
        if any(catalogue.scans_at(path) for path in paths):
            painting_id = None  # they belong to a painting already
        self._jobs.start(
            "Entering in the catalogue",
            lambda: taking_in(catalogue, paths, dict(fields or {}), painting_id=painting_id),
            lambda arrival: self._entered(catalogue, arrival, layers),
        )

    def _enter_demonstration(self) -> None:
        from workstation.phantom.kept import FIELDS

        layers = [layer for layer in self._table.layers if layer.role == "demonstration"]
        self._enter([layer.path for layer in layers if layer.path is not None], layers, None, FIELDS)

    def _entered(self, catalogue: Catalogue, arrival: Arrival, layers: list[TableLayer]) -> None:
        places = {(scan.path, scan.page): scan.id for scan in arrival.scans}
        entries = {layer.scan_id: layer for layer in arrival.layers}
        for layer in layers:
            entry = entries.get(places.get((layer.path or Path(), layer.page), 0))
            if entry is None or layer not in self._table.layers:
                continue
            layer.catalogue_id = entry.id
            if layer.role == "demonstration":
                catalogue.set_layer(entry.id, name=layer.name, transform=tuple(layer.to_painting.flat))
            layer.history = moved_over(layer.history, CatalogueHistory(catalogue, entry.id))
            self._table.retreat(layer)
        self.catalogue_changed.emit()

    def _painting_on_table(self) -> int | None:
        for layer in self._table.layers:
            if self.catalogue is not None and layer.catalogue_id is not None:
                return self.catalogue.layer(layer.catalogue_id).painting_id
        return None

    def _lay_known(self, found: tuple[list[TableLayer], list[str]]) -> None:
        layers, missing = found
        self.lay(layers)
        for layer in layers:
            self._table.retreat(layer)
        if missing:
            names = ", ".join(missing)
            self._messages.say(
                f"Not found where the catalogue says: {names}. Open the file at its new place.", "bad"
            )

    def _treat(self, layer: TableLayer) -> None:
        """Work out anew what the layer looks like; undone steps cost nothing."""
        treatment = layer.history.treatment()
        if not treatment.steps:
            worker = self._treating.get(layer.key)
            if worker is not None:
                worker.drop()
            self._treated(layer, layer.scan)
            return

        def work() -> TileSource:
            from workstation.operations.render import treated

            return treated(layer.scan, treatment)[0]

        worker = self._treating.get(layer.key)
        if worker is None:
            worker = self._treating[layer.key] = Newest()
            worker.answered.connect(lambda source: self._treated(layer, source))
            worker.failed.connect(self._messages.tell)
        worker.ask(work)

    def _treated(self, layer: TableLayer, source: TileSource) -> None:
        layer.shown.inner = source
        if layer in self._table.layers:
            self.painted.emit(layer)
            self.device_used.emit()

    def _got_catalogue(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.catalogue_opened.emit(catalogue)
        waiting = [layer for layer in self._table.layers if layer.path and layer.catalogue_id is None]
        paths = list(dict.fromkeys(layer.path for layer in waiting if layer.path is not None))
        self._enter(paths, waiting, None)

    def _aside(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do something short in a thread, then go on in the window's; errors are told."""
        running = Running("", plain(work))
        self._work.add(running)
        running.done.connect(then)
        running.failed.connect(self._messages.tell)
        running.ended.connect(self._work.discard)
        running.start()
