"""The one place where window and core are joined."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.doctor import require_window

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from widgets.lighttable import TableLayer
    from widgets.window import MainWindow
    from workstation.catalogue.catalogue import Catalogue
    from workstation.jobs import Job


def run(paths: list[Path], demonstration: bool = False) -> int:
    """Show the window until it is closed; MissingPartError where this machine cannot show one."""
    require_window()
    application = make_application()
    window = make_window()
    window.show()
    window.load_canvas()
    window.open(paths)
    if demonstration:
        window.ready.connect(window.demonstrate)
    code = application.exec()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # everything is saved; taking all libraries apart would cost seconds


def make_application() -> QApplication:
    """Make the Qt application, dressed in its greys."""
    from PyQt6.QtCore import QCoreApplication, Qt
    from PyQt6.QtWidgets import QApplication

    from widgets.messages import keep_log
    from widgets.theme import dress

    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("conservation-workstation")
    application.setApplicationDisplayName("Conservation Workstation")
    application.setDesktopFileName("conservation-workstation")
    dress(application)
    keep_log()
    return application


def make_window() -> MainWindow:
    """Make the main window over the user's own catalogue."""
    from widgets.messages import catch_bugs
    from widgets.window import MainWindow

    window = MainWindow(_open_catalogue, demonstration_layer)
    catch_bugs(window.messages)
    return window


def demonstration_layer(kind: str, key: str) -> Job[TableLayer]:
    """Return one layer of the demonstration painting, in register with the others."""
    import numpy as np

    from widgets.lighttable import TableLayer
    from workstation.demonstration import NAMES, demonstration_place, demonstration_scan
    from workstation.scans.opening import open_scan

    path = yield from demonstration_scan(kind)
    place = np.array(demonstration_place(kind)).reshape(3, 3)
    return TableLayer(key, NAMES[kind], kind, open_scan(path), place, path=path, role="demonstration")


def _open_catalogue() -> Catalogue:
    from workstation.catalogue.catalogue import open_catalogue

    return open_catalogue()
