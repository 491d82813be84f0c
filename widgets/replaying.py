"""The current layer's recorded treatment, run again: said in one sentence, and shown where it differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from widgets import saving
from widgets.lighttable import TableLayer
from workstation.jobs import Job

if TYPE_CHECKING:
    from widgets.window import MainWindow
    from workstation.comparison.difference import DifferenceSource
    from workstation.operations.replayed import Replayed

UNRELIABLE = "{name} was not replayed, for its record cannot be relied on. {sentence}"


class Shown(NamedTuple):
    """What came of a replay, and the map of it where pixels differ."""

    done: Replayed
    map: DifferenceSource | None


class Replaying:
    """Runs replays as jobs of the window."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def start(self, layer: TableLayer, scan: Path | None = None) -> None:
        """Replay what the layer's file records; where its scan is not found, ask for it."""
        path = layer.path
        if path is None:
            self._window.messages.say(
                "This layer is computed and has no file yet, so there is no record to replay."
            )
            return
        self._window.jobs.start(
            f"Replaying {path.name}",
            lambda: _replaying(path, scan),
            lambda shown: self._tell(layer, shown),
            lambda error: self._failed(layer, scan, error),
        )

    def _failed(self, layer: TableLayer, scan: Path | None, error: object) -> None:
        from workstation.operations.finding import ScanMissingError

        self._window.messages.tell(error)
        if isinstance(error, ScanMissingError) and scan is None:
            named = saving.ask_scan_of(self._window, layer.name)
            if named is not None:
                self._window.messages.hide()
                self.start(layer, named)

    def _tell(self, layer: TableLayer, shown: Shown) -> None:
        from workstation.operations.replayed import sentence

        done, verdict = shown.done, shown.done.verdict
        words = sentence(done)
        if verdict.state != "trusted":
            words += f" Its credential: {verdict.sentence}"
        self._window.messages.say(words, "good" if done.is_good else "bad")
        self._window.desk.device_used.emit()
        if shown.map is not None:
            self._window.table.add(_layer_of(layer, shown.map, self._window.desk.new_key()))


def _replaying(path: Path, scan: Path | None) -> Job[Shown]:
    from workstation.catalogue.results import files_of
    from workstation.comparison.replayed import open_map
    from workstation.credentials.recalling import recall
    from workstation.errors import CredentialError
    from workstation.operations.replaying import Asked, recorded_in, replay

    recalled = recall(path)
    recorded_in(path, recalled)
    if not recalled.is_reliable:
        raise CredentialError(UNRELIABLE.format(name=path.name, sentence=recalled.verdict.sentence))
    done = yield from replay(Asked(path, scan), recalled, files_of)
    differs = done.match is not None and done.match.pixels > 0
    return Shown(done, open_map(done) if differs else None)


def _layer_of(layer: TableLayer, source: DifferenceSource, key: str) -> TableLayer:
    """Return the map as a layer in the place of the one that was replayed."""
    return TableLayer(
        key=key,
        name=f"{layer.name}: replay differs (ΔE00, pale = {source.scale:g} or more)",
        kind=layer.kind,
        scan=source,
        to_painting=layer.to_painting,
        in_mm=layer.in_mm,
        role="difference",
    )
