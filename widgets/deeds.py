"""What each action of the window does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QMessageBox

from widgets import saving
from widgets.comparing import MODES
from widgets.display_dialog import DisplayDialog
from widgets.exporting import (
    ACCOUNTS,
    Choice,
    ExportDialog,
    accounting,
    choices,
    compared,
    copying,
    differing,
    file_stem,
)
from widgets.messages import log_folder
from widgets.replaying import Replaying
from widgets.sheet import ShortcutSheet
from widgets.signing_itself import SigningItself
from widgets.theme import SURROUNDS
from widgets.trusting import Reminder, TrustDialog
from workstation import VERSION
from workstation.operations.operation import Rect
from workstation.operations.treatment import Step

if TYPE_CHECKING:
    from widgets.window import MainWindow
    from workstation.credentials.certificates import Studio
    from workstation.exhibits.spec import Exhibit

TOOLS = ("pan", "measure", "brush", "lasso", "eraser")
NEARER, FARTHER = 1.25, 0.8
ABOUT = """<b>Conservation Workstation {version}</b><p>Opens, compares, restores, exhibits and credentials
high-resolution scans of paintings, offline.</p><p>Free software under the GNU General Public License,
version 3 or later. It comes without any warranty.</p>"""


class Deeds:
    """The functions behind the table of actions."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._replaying, self._itself = Replaying(window), SigningItself(window)
        self._reminder = Reminder(window.messages)

    def table(self) -> dict[str, Callable[[], object]]:
        """Return what each action does, by its key."""
        window = self._window
        does: dict[str, Callable[[], object]] = {
            "open": self.ask_scans,
            "demonstration": window.demonstrate,
            "export": self.export,
            "account": self.write_account,
            "replay": self.replay,
            "sign": self._itself.sign,
            "unsign": self._itself.unsign,
            "trust": self.show_trust,
            "close": self.close_layer,
            "quit": window.close,
            "undo": partial(self.undo, False),
            "redo": partial(self.undo, True),
            "fit": self.fit,
            "actual": self.actual,
            "zoom-in": partial(self.zoom, NEARER),
            "zoom-out": partial(self.zoom, FARTHER),
            "smooth": self.smooth,
            "display": self.choose_display,
            "proof": self.soft_proof,
            "swap": window.comparison.swap,
            "smaller": partial(self.resize_brush, False),
            "larger": partial(self.resize_brush, True),
            "clear": self.clear_mask,
            "load-mask": self.load_mask,
            "save-mask": self.save_mask,
            "help": self.show_shortcuts,
            "log": self.show_log,
            "about": self.about,
        }
        does |= {mode: partial(window.comparison.choose, mode) for mode in MODES}
        return does | {tool: partial(self.use, tool) for tool in TOOLS}

    def ask_scans(self) -> None:
        """Ask which scans to open, and lay them on the table."""
        self._window.open(saving.ask_scans(self._window))

    def close_layer(self) -> None:
        """Take the current layer off the table."""
        table = self._window.table
        if table.current is not None:
            table.remove(table.current)

    def undo(self, forward: bool) -> None:
        """Take the last stroke or step back, or bring it back."""
        table = self._window.table
        if table.current is not None:
            (table.redo if forward else table.undo)(table.current)

    def fit(self) -> None:
        """Show the whole painting."""
        if self._window.stage is not None:
            self._window.stage.fit()

    def actual(self) -> None:
        """Show scan pixels one to one."""
        if self._window.stage is not None:
            self._window.stage.actual()

    def zoom(self, factor: float) -> None:
        """Come closer or step back."""
        if self._window.stage is not None:
            self._window.stage.zoom(factor)

    def smooth(self) -> None:
        """Show pixels smooth, or as squares."""
        if self._window.stage is not None:
            self._window.stage.canvas.smooth(self._window.actions_by_key["smooth"].isChecked())

    def surround(self, name: str) -> None:
        """Set the neutral grey around the painting."""
        if self._window.stage is not None:
            self._window.stage.canvas.surround(SURROUNDS[name])

    def choose_display(self) -> None:
        """Ask for the profiles of screen and print."""
        DisplayDialog(self._window.colours, self._window).open()

    def soft_proof(self) -> None:
        """Show the colours of a print, or the screen's own; where no print is chosen, ask for one."""
        window = self._window
        if window.colours.choice.proof is not None:
            window.colours.soft_proof(window.actions_by_key["proof"].isChecked())
            return
        window.show_proofing()
        window.messages.say("Choose the profile of a print first.")
        DisplayDialog(window.colours, window, wants_proof=True).open()

    def use(self, tool: str) -> None:
        """Take a tool in hand."""
        if self._window.hands is not None:
            self._window.hands.use(tool)

    def resize_brush(self, larger: bool) -> None:
        """Make the brush larger or smaller."""
        if self._window.hands is not None:
            self._window.hands.resize(larger)

    def clear_mask(self) -> None:
        """Empty the mask."""
        if self._window.hands is not None:
            self._window.hands.clear()

    def load_mask(self) -> None:
        """Ask for a mask and put it in place of the present one."""
        window, layer = self._window, self._window.table.current
        path = saving.ask_mask(window)
        if layer is not None and path is not None:
            window.desk.load_mask(layer, path)

    def save_mask(self) -> None:
        """Ask for a file and write the mask."""
        window, layer = self._window, self._window.table.current
        if layer is None:
            return
        target = saving.ask_target(
            window, "Save the mask", f"{file_stem(layer.name)}-mask.tif", "TIFF (*.tif)"
        )
        if target is not None:
            window.desk.save_mask(layer, target)

    def pick(self, then: Callable[[Rect], None]) -> None:
        """Let a rectangle be dragged on the painting."""
        if self._window.hands is not None:
            self._window.messages.say("Drag a rectangle on the painting. Esc drops it.")
            self._window.hands.pick(then)

    def point(self, then: Callable[[float, float], None]) -> None:
        """Let a place of the painting be shown, by a small frame round it."""
        window = self._window
        if window.hands is not None and window.table.current is not None:
            window.messages.say("Drag a small frame round the place. Esc drops it.")
            window.hands.point(then)

    def build_exhibit(self, exhibit: Exhibit) -> None:
        """Ask for the folder and the signature, and build."""
        from workstation.exhibits.bundle import build

        window, layer = self._window, self._window.table.current
        target = saving.ask_folder(window, "Build the exhibit in a new folder", "exhibit")
        if layer is not None and target is not None:
            window.signer.with_studio(
                lambda studio: window.desk.write(layer, target, lambda: build(exhibit, target, studio))
            )

    def apply(self, step: Step) -> None:
        """Put a step into the treatment; its mask stays with it and the table's is empty again."""
        window, layer = self._window, self._window.table.current
        if layer is None:
            return
        layer.history.add(step)
        layer.forget_strokes()
        window.table.mask_changed.emit(layer, None)
        window.table.retreat(layer)

    def render(self) -> None:
        """Ask where the treated picture goes, and have it written and signed."""
        layer = self._window.table.current
        if layer is not None:
            self.write(choices(layer, self._window.table, self._window.comparison)[0])

    def export(self) -> None:
        """Ask what to export, and where."""
        window, layer = self._window, self._window.table.current
        if layer is not None:
            dialog = ExportDialog(choices(layer, window.table, window.comparison), window)
            dialog.wanted.connect(self.write)
            dialog.open()

    def write(self, choice: Choice) -> None:
        """Ask for the file and the signature of one kind of export, and start it."""
        window, layer = self._window, self._window.table.current
        if layer is None or choice.lacks:
            return
        target = saving.ask_target(window, choice.title, choice.name, choice.kinds)
        if target is None:
            return
        pair = compared(window.table, window.comparison)
        jobs: dict[str, Callable[[Studio], object]] = {
            "treated": lambda studio: window.desk.render(layer, target, studio),
            "copy": lambda studio: window.desk.write(layer, target, lambda: copying(layer, target, studio)),
        }
        if pair is not None:
            jobs["difference"] = lambda studio: window.desk.write(
                layer, target, lambda: differing(pair, target, studio)
            )
        window.signer.with_studio(jobs[choice.key])

    def write_account(self, path: Path | None = None) -> None:
        """Ask where the account of a file goes, by default the current layer's, and have it written."""
        window, layer = self._window, self._window.table.current
        path = path or (layer.path if layer is not None else None)
        if path is None:
            return
        target = saving.ask_target(window, "Write the account", f"{path.stem}-account.html", ACCOUNTS)
        if target is not None:
            told = f"{target.name} is written and signed."
            window.signer.with_studio(
                lambda studio: window.jobs.start(
                    f"Writing {target.name}",
                    lambda: accounting(path, target, studio),
                    lambda _: window.messages.say(told, "good"),
                )
            )

    def replay(self) -> None:
        """Run the recorded treatment of the current layer's file again."""
        if self._window.table.current is not None:
            self._replaying.start(self._window.table.current)

    def show_trust(self) -> None:
        """Show who signs here and who is trusted, and let it be changed."""
        dialog = TrustDialog(self._window)
        dialog.changed.connect(self._window.credentials.refresh)
        dialog.renewed.connect(self._window.signer.forget)
        dialog.open()

    def remind(self, *_: object) -> None:
        """Say where the certificate of who signs here ends soon."""
        self._reminder.look()

    def show_shortcuts(self) -> None:
        """Show all actions and their keys."""
        ShortcutSheet(self._window).open()

    def show_log(self) -> None:
        """Open the folder of the logs."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder())))

    def about(self) -> None:
        """Say what this programme is."""
        box = QMessageBox(self._window)
        box.setWindowTitle("About")
        box.setText(ABOUT.format(version=VERSION))
        box.open()
