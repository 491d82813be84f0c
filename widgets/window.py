"""The main window: puts the parts together and says what each action does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from widgets import actions, layout, memory, saving
from widgets.catalogue_panel import CataloguePanel
from widgets.chain_comparing import ChainComparing
from widgets.colours import Colours
from widgets.comparing import MODES, CompareBar, Comparison
from widgets.credentials_panel import CredentialsPanel
from widgets.deeds import Deeds
from widgets.desk import Desk
from widgets.examine import ExaminePanel
from widgets.exhibit_panel import ExhibitPanel
from widgets.history_panel import HistoryPanel
from widgets.icons import icon
from widgets.jobs import JobsPanel
from widgets.keeping import Keeping
from widgets.layers_panel import LayersPanel
from widgets.lighttable import LightTable, TableLayer
from widgets.messages import MessageBar
from widgets.restore import RestorePanel
from widgets.running import long_pool, pool
from widgets.startup import CanvasLoader
from widgets.status import StatusBar
from widgets.studio import Signer
from widgets.theme import SURROUNDS
from widgets.welcome import Welcome
from workstation.jobs import Job
from workstation.phantom.kept import NAMES

if TYPE_CHECKING:
    from widgets.hands import Hands
    from widgets.preview import Preview
    from widgets.resting import Resting
    from widgets.stage import Stage
    from workstation.catalogue.catalogue import Catalogue

CALM_MS = 400
"""How long the catalogue waits, so that the first picture comes first."""
WAIT_MS = 10_000
"""How long closing waits for work that was told to stop."""

Demonstration = Callable[[str, str], Job[TableLayer]]
"""Makes one layer of the demonstration painting, of a kind and under a key."""


class MainWindow(QMainWindow):
    """The workstation."""

    ready = pyqtSignal()
    """The canvas is there."""

    def __init__(
        self,
        open_catalogue: Callable[[], Catalogue] | None = None,
        demonstration: Demonstration | None = None,
    ) -> None:
        super().__init__()
        self._demonstration, self._open_catalogue = demonstration, open_catalogue
        self.setWindowTitle("Conservation Workstation")
        self.setWindowIcon(icon("workstation"))
        self.setAcceptDrops(True)
        self.setDockOptions(self.dockOptions() | QMainWindow.DockOption.AllowNestedDocks)
        self.resize(1440, 900)
        self.table = LightTable()
        self.comparison = Comparison(self.table)
        self.messages = MessageBar()
        self.jobs = JobsPanel(self.messages)
        self.colours = Colours(self.messages.tell)
        self.desk = Desk(self.table, self.jobs, self.messages)
        self.chains = ChainComparing(self.table, self.comparison, self.desk, self.jobs, self.messages)
        self.keeping = Keeping(self.table, self.jobs, self.messages)
        self.signer = Signer(self, self.messages.tell)
        self.stage: Stage | None = None
        self.hands: Hands | None = None
        self.preview: Preview | None = None
        self.resting: Resting | None = None
        self.deeds = Deeds(self)
        self.actions_by_key = actions.build(self, self.deeds.table())
        self._furnish()
        self._connect()
        self.colours.named.connect(self.show_proofing)
        memory.recall(self)
        self.loader = CanvasLoader(self.colours.find)
        self.loader.finished.connect(self._canvas_loaded)

    def load_canvas(self) -> None:
        """Begin to load the canvas beside the window, once that is on the screen."""
        QTimer.singleShot(0, self.loader.start)

    def open(self, paths: Sequence[Path]) -> None:
        """Lay files on the table."""
        self.desk.open(paths)

    def demonstrate(self) -> None:
        """Lay the demonstration painting on the table."""
        if self._demonstration is not None:
            self.desk.clear()
            self.desk.demonstrate(self._demonstration, list(NAMES))

    def show_proofing(self, *_: object) -> None:
        """Let the action say whether a print is simulated."""
        self.actions_by_key["proof"].setChecked(self.colours.display.proof is not None)

    def _furnish(self) -> None:
        self.restoring = RestorePanel(self.table, self.deeds.pick, self.messages.tell)
        self.exhibit = ExhibitPanel(self.table, self.deeds.point, self.messages.tell)
        self.credentials = CredentialsPanel(self.table)
        self.layers = LayersPanel(self.table, self.colours)
        self.catalogue = CataloguePanel()
        self.history = HistoryPanel(self.table)
        self.status = StatusBar(self.table, self.colours)
        self.setStatusBar(self.status)
        self.tasks = QTabWidget()
        self.tasks.setDocumentMode(True)
        self.tasks.setAccessibleName("Tasks")
        for name, panel in (
            ("Examine", ExaminePanel(self.table, self.colours)),
            ("Restore", self.restoring),
            ("Exhibit", self.exhibit),
            ("Credentials", self.credentials),
        ):
            self.tasks.addTab(panel, name)
        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.layers)
        left.addWidget(self.catalogue)
        left.setSizes([460, 220])
        left.setChildrenCollapsible(False)
        area = Qt.DockWidgetArea
        docks = [
            layout.dock(self, "Layers", left, area.LeftDockWidgetArea),
            layout.dock(self, "Tasks", self.tasks, area.RightDockWidgetArea, bare=True),
            layout.dock(self, "Treatment", self.history, area.BottomDockWidgetArea),
            layout.dock(self, "Jobs", self.jobs, area.BottomDockWidgetArea),
        ]
        self.resizeDocks(docks[:2], [290, 340], Qt.Orientation.Horizontal)
        self.resizeDocks(docks[2:], [150, 150], Qt.Orientation.Vertical)
        layout.toolbar(self, self.actions_by_key)
        menus = layout.menus(self, self.actions_by_key)
        layout.view_menu(self, menus["View"], docks, self.deeds.surround)
        self.setCentralWidget(self._middle())
        self._enable()

    def _middle(self) -> QWidget:
        self.welcome = Welcome(self.deeds.ask_scans, self.demonstrate, lambda path: self.open([path]))
        self.welcome.demonstration.setVisible(self._demonstration is not None)
        self.welcome.show_recent(memory.recent())
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(CompareBar(self.comparison, self.table))
        column.addWidget(self.stack, 1)
        return middle

    def _connect(self) -> None:
        self.catalogue.painting_wanted.connect(self.desk.open_painting)
        self.desk.catalogue_opened.connect(self.catalogue.use)
        self.desk.catalogue_changed.connect(self.catalogue.refresh)
        self.desk.device_used.connect(self.status.refresh_device)
        self.restoring.applied.connect(self.deeds.apply)
        self.exhibit.wanted.connect(self.deeds.build_exhibit)
        self.restoring.render_wanted.connect(self.deeds.render)
        self.history.render_button.clicked.connect(lambda _checked: self.deeds.render())
        self.credentials.judged.connect(self.status.show_badge)
        self.credentials.account_wanted.connect(self.deeds.write_account)
        self.credentials.trust_wanted.connect(self.deeds.show_trust)
        self.desk.catalogue_opened.connect(self.deeds.remind)
        self.credentials.compare_wanted.connect(self.chains.compare)
        self.desk.catalogue_opened.connect(self.credentials.use)
        self.status.credential_wanted.connect(lambda: self.tasks.setCurrentWidget(self.credentials))
        for signal in (self.table.added, self.table.removed, self.table.current_changed):
            signal.connect(self._enable)
        for signal in (self.table.mask_changed, self.table.treatment_changed, self.comparison.changed):
            signal.connect(self._enable)

    def _canvas_loaded(self) -> None:
        if self.loader.error is not None:
            self.messages.tell(self.loader.error)
            return
        from widgets.canvas import Canvas
        from widgets.damage_list import show_part
        from widgets.hands import Hands
        from widgets.minimap import Minimap
        from widgets.preview import Preview
        from widgets.resting import Resting
        from widgets.stage import Stage

        canvas = Canvas()
        canvas.surround(SURROUNDS["dark"])
        self.stack.addWidget(canvas)
        tell = partial(self.messages.say, tone="bad")
        self.stage = Stage(canvas, self.table, self.comparison, self.colours, tell)
        self.hands = Hands(self.stage, self.table, self.messages.tell)
        self.preview = Preview(self.stage, self.table, self.restoring, self.colours)
        self.resting = Resting(canvas, self.table)
        self.table.place_wanted.connect(partial(show_part, self.stage))
        glass = self.stage.overlay
        minimap = Minimap(self.table, self.colours, lambda: canvas.view, self.stage.go_to, glass.update)
        self.stage.overlay.layers += [self.credentials.tiles.draw, minimap.draw]
        self.credentials.tiles.changed.connect(glass.update)
        self.stage.overlay.grips.append((minimap.held_at, minimap.pull))
        self.stage.overlay.hovered.connect(self.status.point)
        self.stage.moved.connect(self._show_scale)
        self.desk.painted.connect(self.stage.painted)
        self._enable()
        if (opener := self._open_catalogue) is not None:
            QTimer.singleShot(CALM_MS, partial(self.desk.remember_in, opener))
        self.ready.emit()

    def _enable(self, *_: object) -> None:
        """Let only those actions be chosen that can do something now."""
        layer, by_key = self.table.current, self.actions_by_key
        has = layer is not None and self.stage is not None
        for key in ("fit", "actual", "zoom-in", "zoom-out", "smooth", "close", "export"):
            by_key[key].setEnabled(has)
        by_key["account"].setEnabled(layer is not None and layer.path is not None)
        for key in ("pan", "measure", "brush", "lasso", "eraser", "smaller", "larger", "load-mask"):
            by_key[key].setEnabled(has)
        for key in ("replay", "sign", "unsign"):
            by_key[key].setEnabled(has and layer is not None and layer.path is not None)
        for key in ("clear", "save-mask"):
            by_key[key].setEnabled(layer is not None and bool(layer.mask.tiles))
        by_key["undo"].setEnabled(
            layer is not None and (bool(layer.strokes) or self.history.undo.isEnabled())
        )
        by_key["redo"].setEnabled(
            layer is not None and (bool(layer.unstroked) or self.history.redo.isEnabled())
        )
        possible = has and self.comparison.possible
        for key in MODES:
            by_key[key].setEnabled(possible if key != "single" else has)
        by_key["swap"].setEnabled(possible and self.comparison.setting.mode != "single")
        by_key[self.comparison.setting.mode].setChecked(True)
        by_key["demonstration"].setEnabled(self._demonstration is not None)
        self.stack.setCurrentIndex(1 if has else 0)
        self._show_scale()

    def _show_scale(self) -> None:
        if self.stage is not None:
            self.status.show_scale(self.stage.canvas.view, self.devicePixelRatioF())

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Take files."""
        if event is not None and saving.dropped(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Open the files; of one that is no scan, look at the credential."""
        if event is None:
            return
        paths = saving.dropped(event.mimeData())
        event.acceptProposedAction()
        if len(paths) == 1 and (paths[0].is_dir() or paths[0].suffix.lower() in saving.NO_SCANS):
            self.tasks.setCurrentWidget(self.credentials)
            self.credentials.check(paths[0])
        else:
            self.open(paths)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Stop the jobs, remember the window's place, and let go of the screen."""
        memory.remember(self)
        self.keeping.stop()
        self.credentials.stop()
        self.jobs.cancel_all()
        long_pool().waitForDone(WAIT_MS)
        pool().waitForDone(WAIT_MS)
        self.loader.wait()
        self.desk.clear()
        if self.resting is not None:
            self.resting.shut()
        if self.stage is not None:
            self.stage.shut()
            self.stage = self.hands = self.preview = self.resting = None
        if self.desk.catalogue is not None:
            self.desk.catalogue.close()
        super().closeEvent(event)
