"""The window's furniture: docks, menus and toolbar, put where a hand expects them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from widgets.actions import ENTRIES, MENUS, TOOLBAR
from widgets.theme import SURROUNDS

Area = Qt.DockWidgetArea


def dock(window: QMainWindow, title: str, contents: QWidget, area: Area, bare: bool = False) -> QDockWidget:
    """Put a panel into a dock that can be moved; one that is `bare` has no title of its own."""
    made = QDockWidget(title, window)
    made.setObjectName(title)
    made.setWidget(contents)
    made.setAccessibleName(title)
    made.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable)
    if bare:
        made.setTitleBarWidget(QWidget(made))
    window.addDockWidget(area, made)
    return made


def toolbar(window: QMainWindow, actions: Mapping[str, QAction]) -> QToolBar:
    """Build the toolbar from the table of actions; export stands at the right end."""
    bar = QToolBar("Tools", window)
    bar.setObjectName("Tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(20, 20))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for number, group in enumerate(TOOLBAR):
        if number:
            bar.addSeparator()
        for key in group:
            bar.addAction(actions[key])
    gap = QWidget()
    gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(gap)
    bar.addAction(actions["export"])
    for entry in ENTRIES:
        button = bar.widgetForAction(actions[entry.key])
        if isinstance(button, QToolButton):
            button.setAccessibleName(entry.text.rstrip("…"))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    exporting = bar.widgetForAction(actions["export"])
    if isinstance(exporting, QToolButton):
        exporting.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    window.addToolBar(bar)
    return bar


def menus(window: QMainWindow, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """Build the menus from the table of actions."""
    bar = window.menuBar()
    assert bar is not None
    made: dict[str, QMenu] = {}
    for name in MENUS:
        menu = bar.addMenu(_with_letter(name, [part.title() for part in made.values()]))
        assert menu is not None
        made[name] = menu
        group = ""
        for entry in (entry for entry in ENTRIES if entry.menu == name):
            if menu.actions() and entry.group != group:
                menu.addSeparator()
            group = entry.group
            menu.addAction(actions[entry.key])
    return made


def _with_letter(name: str, others: Sequence[str]) -> str:
    """Return a menu's name with the first letter, after Alt, that opens none of the others."""
    taken = {title[title.index("&") + 1].lower() for title in others}
    at = next(at for at, letter in enumerate(name) if letter.lower() not in taken)
    return f"{name[:at]}&{name[at:]}"


def view_menu(
    window: QMainWindow, view: QMenu, docks: Sequence[QDockWidget], surround: Callable[[str], object]
) -> None:
    """Add what belongs to no single action: the grey around the painting, and which panels are seen."""
    view.addSeparator()
    around = view.addMenu("Surround")
    assert around is not None
    group = QActionGroup(window)
    for name in SURROUNDS:
        action = QAction(name.capitalize(), window)
        action.setCheckable(True)
        action.setChecked(name == "dark")
        action.triggered.connect(lambda _checked, name=name: surround(name))
        group.addAction(action)
        around.addAction(action)
    panels = view.addMenu("Panels")
    assert panels is not None
    for found in docks:
        panels.addAction(found.toggleViewAction())
