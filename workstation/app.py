"""The one place where window and core are joined."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.doctor import require_window

if TYPE_CHECKING:
    from widgets.lighttable import TableLayer
    from widgets.window import MainWindow
    from workstation.catalogue.catalogue import Catalogue
    from workstation.jobs import Job


def run(paths: list[Path], demonstration: bool = False) -> int:
    """Show the window until it is closed; MissingPartError where this machine cannot show one."""
    require_window()
    from widgets.application import make_application

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


def make_window() -> MainWindow:
    """Make the main window over the user's own catalogue."""
    from widgets.messages import catch_bugs
    from widgets.window import MainWindow
    from workstation.portable import return_large_blocks
    from workstation.scans.cache import CONVERTED_ON_SCREEN, ON_SCREEN, TILES
    from workstation.scans.shown import CONVERTED

    return_large_blocks()
    TILES.limit, CONVERTED.limit = ON_SCREEN, CONVERTED_ON_SCREEN
    window = MainWindow(_open_catalogue, demonstration_layer)
    catch_bugs(window.messages)
    window.ready.connect(gc.freeze)
    window.table.removed.connect(_collect)
    return window


def _collect(*_: object) -> None:
    """Give back what a closed layer held.

    Python's collector leaves all else out from now on: to go through what is there once the canvas stands
    would halt the window for 0.1 s, at any time.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def demonstration_layer(kind: str, key: str) -> Job[TableLayer]:
    """Return one layer of the demonstration painting, in register with the others."""
    import numpy as np

    from widgets.lighttable import TableLayer
    from workstation.phantom.kept import NAMES, kept_scan, place_of_kept
    from workstation.scans.opening import open_scan

    path = yield from kept_scan(kind)
    place = np.array(place_of_kept(kind)).reshape(3, 3)
    return TableLayer(key, NAMES[kind], kind, open_scan(path), place, path=path, role="demonstration")


def _open_catalogue() -> Catalogue:
    from workstation.catalogue.catalogue import open_catalogue

    return open_catalogue()
