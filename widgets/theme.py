"""The look of the window: neutral greys only, because colour is judged beside it.

The few colours there are mean something: a credential's state, an error, a mask.
"""

from __future__ import annotations

from importlib.resources import files

from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication

SURROUNDS = {
    "black": "#000000",
    "dark": "#2e2e2e",
    "middle": "#777777",  # about Munsell N5, the surround of ISO 3664
    "white": "#f2f2f2",
}
"""What the painting may be seen against."""

GOOD, DOUBT, BAD, NEUTRAL = "#7fbf8f", "#d9b25f", "#e0796b", "#9a9a9a"
"""Colours that mean something: holds, unsure, does not hold, nothing to say."""

MASK = QColor(255, 64, 160)
"""The tint of a mask: a hue that paint seldom has."""

GREYS = {
    QPalette.ColorRole.Window: "#383838",
    QPalette.ColorRole.Base: "#2b2b2b",
    QPalette.ColorRole.AlternateBase: "#303030",
    QPalette.ColorRole.Button: "#444444",
    QPalette.ColorRole.Light: "#525252",
    QPalette.ColorRole.Midlight: "#4a4a4a",
    QPalette.ColorRole.Mid: "#2e2e2e",
    QPalette.ColorRole.Dark: "#242424",
    QPalette.ColorRole.Shadow: "#181818",
    QPalette.ColorRole.WindowText: "#dedede",
    QPalette.ColorRole.Text: "#dedede",
    QPalette.ColorRole.ButtonText: "#dedede",
    QPalette.ColorRole.BrightText: "#ffffff",
    QPalette.ColorRole.PlaceholderText: "#8c8c8c",
    QPalette.ColorRole.Highlight: "#5c5c5c",
    QPalette.ColorRole.HighlightedText: "#ffffff",
    QPalette.ColorRole.ToolTipBase: "#202020",
    QPalette.ColorRole.ToolTipText: "#e6e6e6",
    QPalette.ColorRole.Link: "#cfcfcf",
    QPalette.ColorRole.LinkVisited: "#cfcfcf",
    QPalette.ColorRole.Accent: "#a8a8a8",
}

STYLE = """
QMainWindow::separator { background: #2a2a2a; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: #8a8a8a; }
QToolBar { border: 0; border-bottom: 1px solid #2a2a2a; padding: 4px 6px; spacing: 2px; }
QToolBar::separator { background: #4c4c4c; width: 1px; margin: 5px 6px; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 5px; }
QToolButton:hover { background: #474747; }
QToolButton:checked { background: #606060; border-color: #767676; }
QToolButton:pressed { background: #2c2c2c; }
QToolButton:focus { border-color: #b0b0b0; }
QToolButton::menu-indicator { image: none; }
QDockWidget { font-weight: 600; }
QDockWidget::title { padding: 8px 10px 6px 10px; text-align: left; }
QTabWidget::pane { border: 0; border-top: 1px solid #2a2a2a; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { padding: 7px 12px; border: 0; border-bottom: 2px solid transparent; color: #a6a6a6; }
QTabBar::tab:hover { color: #e4e4e4; }
QTabBar::tab:selected { color: #ffffff; border-bottom: 2px solid #d0d0d0; }
QTabBar::tab:focus { color: #ffffff; background: #444444; }
QStatusBar { border-top: 1px solid #2a2a2a; }
QStatusBar::item { border: 0; }
QMenuBar { background: #333333; padding: 1px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 3px; }
QMenuBar::item:selected { background: #505050; }
QMenu { background: #303030; border: 1px solid #1f1f1f; padding: 4px 0; }
QMenu::item { padding: 5px 26px 5px 24px; }
QMenu::item:selected { background: #565656; }
QMenu::item:disabled { color: #7c7c7c; }
QMenu::separator { height: 1px; background: #484848; margin: 4px 0; }
QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit {
    background: #2b2b2b; border: 1px solid #4a4a4a; border-radius: 4px; padding: 3px 6px; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus { border-color: #b0b0b0; }
QListView, QTreeView { background: #303030; border: 0; outline: 0; }
QListView::item { padding: 4px 10px; border: 0; }
QListView::item:selected { background: #4a4a4a; color: #ffffff; }
QListView::item:hover:!selected { background: #383838; }
QComboBox { background: #444444; border: 1px solid #555555; border-radius: 4px; padding: 4px 8px; }
QComboBox:hover { background: #4c4c4c; }
QComboBox:focus { border-color: #b0b0b0; }
QComboBox::drop-down { border: 0; width: 20px; }
QComboBox::down-arrow { image: url(@icons/chevron.svg); width: 12px; height: 12px; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QComboBox QAbstractItemView { background: #303030; border: 1px solid #1f1f1f; padding: 3px 0; }
QCheckBox { spacing: 7px; }
QCheckBox::indicator {
    width: 13px; height: 13px; border: 1px solid #6a6a6a; border-radius: 3px; background: #2b2b2b; }
QCheckBox::indicator:checked { background: #6a6a6a; border-color: #8a8a8a; image: url(@icons/check.svg); }
QCheckBox::indicator:focus { border-color: #d0d0d0; }
QRadioButton { spacing: 8px; }
QRadioButton::indicator { width: 13px; height: 13px; border: 1px solid #6a6a6a; border-radius: 7px; }
QRadioButton::indicator:checked { background: #d6d6d6; border: 3px solid #4a4a4a; width: 9px; height: 9px; }
QSlider { min-height: 18px; }
QSlider::groove:horizontal { background: #262626; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: #8c8c8c; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal {
    background: #d6d6d6; width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; }
QSlider::handle:horizontal:hover { background: #ffffff; }
QSlider::handle:horizontal:focus {
    background: #ffffff; border: 2px solid #7a7a7a; margin: -6px -2px; border-radius: 8px; }
QSlider::groove:horizontal:disabled, QSlider::sub-page:horizontal:disabled { background: #333333; }
QSlider::handle:horizontal:disabled { background: #5c5c5c; }
QPushButton { background: #4a4a4a; border: 1px solid #5a5a5a; border-radius: 4px; padding: 5px 14px; }
QPushButton:hover { background: #555555; }
QPushButton:pressed { background: #3a3a3a; }
QPushButton:focus { border-color: #c8c8c8; }
QPushButton:disabled { color: #7a7a7a; background: #3c3c3c; border-color: #464646; }
QPushButton[primary="true"] { background: #d2d2d2; color: #1a1a1a; border-color: #d2d2d2; font-weight: 600; }
QPushButton[primary="true"]:hover { background: #e6e6e6; }
QPushButton[primary="true"]:focus { border-color: #ffffff; }
QPushButton[primary="true"]:disabled { background: #4a4a4a; color: #858585; border-color: #4a4a4a; }
QLabel[role="title"] { font-size: 15px; font-weight: 600; color: #f0f0f0; }
QLabel[role="head"] { font-weight: 600; color: #f0f0f0; }
QLabel[role="quiet"] { color: #a2a2a2; }
QLabel[role="number"] { color: #cacaca; }
QProgressBar { background: #2b2b2b; border: 0; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: #c4c4c4; border-radius: 3px; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar::handle:vertical { background: #5a5a5a; border-radius: 4px; min-height: 24px; margin: 1px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:horizontal { background: #5a5a5a; border-radius: 4px; min-width: 24px; margin: 1px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollArea { border: 0; }
QToolTip { background: #202020; color: #e6e6e6; border: 1px solid #505050; padding: 4px 6px; }
"""


def dress(application: QApplication) -> None:
    """Give the whole application its greys; the desktop's own theme is not asked."""
    application.setStyle("Fusion")
    application.setPalette(palette())
    font = application.font()
    font.setPixelSize(12)
    application.setFont(font)
    icons = files("resources") / "icons"
    application.setStyleSheet(STYLE.replace("@icons", str(icons).replace("\\", "/")))


def palette() -> QPalette:
    """Return the neutral palette, with text that is clearly paler where it cannot be used."""
    colours = QPalette()
    for role, grey in GREYS.items():
        colours.setColor(role, QColor(grey))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, role, QColor("#7c7c7c"))
    return colours
