"""All actions of the window in one table: menus, toolbar, shortcut sheet and a test read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QWidget

from widgets.icons import icon

Standard = QKeySequence.StandardKey


@dataclass(frozen=True, slots=True)
class Entry:
    """One action: what it is called, how it is reached, and what it is for."""

    key: str
    text: str
    tip: str
    menu: str
    shortcut: str | Standard | None = None
    icon: str = ""
    group: str = ""
    """Of the actions of one group exactly one is chosen."""
    checkable: bool = False


ENTRIES: tuple[Entry, ...] = (
    Entry("open", "Open scans…", "Open scans of any size; they are only read", "File", Standard.Open, "open"),
    Entry("demonstration", "Open the demonstration painting", "A made-up panel with known damage", "File"),
    Entry(
        "export",
        "Export…",
        "Write the current layer with its credential",
        "File",
        "Ctrl+E",
        "export",
    ),
    Entry("close", "Close the current layer", "Take it off the table; its file stays", "File", "Ctrl+W"),
    Entry("quit", "Quit", "Leave the workstation; everything is remembered", "File", "Ctrl+Q"),
    Entry("undo", "Undo", "Take back the last stroke or step", "Edit", Standard.Undo, "undo"),
    Entry("redo", "Redo", "Bring back what was taken back", "Edit", Standard.Redo, "redo"),
    Entry("fit", "Whole painting", "Show the whole painting", "View", "F", "fit"),
    Entry("actual", "1 : 1", "One scan pixel on one screen pixel", "View", "Ctrl+1", "actual"),
    Entry("zoom-in", "Zoom in", "Come closer", "View", Standard.ZoomIn, "zoom-in"),
    Entry("zoom-out", "Zoom out", "Step back", "View", Standard.ZoomOut, "zoom-out"),
    Entry(
        "smooth",
        "Smooth between pixels",
        "Off: every scan pixel is seen as a square",
        "View",
        "Ctrl+Shift+P",
        checkable=True,
    ),
    Entry("display", "Display profile…", "Which screen, and which print, colours are shown for", "View"),
    Entry(
        "proof",
        "Soft proof",
        "Show the colours as a print will have them",
        "View",
        "Ctrl+Shift+Y",
        checkable=True,
    ),
    Entry("single", "Single", "Layers as they lie", "Compare", "1", "single", "compare"),
    Entry("curtain", "Curtain", "Draw one layer across another", "Compare", "2", "curtain", "compare"),
    Entry("lens", "Lens", "Look through one layer at another", "Compare", "3", "lens", "compare"),
    Entry("blink", "Blink", "Alternate between two layers", "Compare", "4", "blink", "compare"),
    Entry("blend", "Blend", "Mix two layers by opacity", "Compare", "5", "blend", "compare"),
    Entry(
        "difference",
        "Difference",
        "Colour difference ΔE00 of two layers",
        "Compare",
        "6",
        "difference",
        "compare",
    ),
    Entry("swap", "Swap the two layers", "What was left is right", "Compare", "X", "swap"),
    Entry("pan", "Move", "Drag the painting; the wheel zooms", "Tools", "H", "pan", "tool"),
    Entry("measure", "Measure", "Drag to measure a distance in mm", "Tools", "M", "measure", "tool"),
    Entry("brush", "Mask brush", "Paint where an operation may act", "Tools", "B", "brush", "tool"),
    Entry("lasso", "Mask lasso", "Draw round what belongs to the mask", "Tools", "L", "lasso", "tool"),
    Entry("eraser", "Mask eraser", "Take places out of the mask", "Tools", "E", "eraser", "tool"),
    Entry("smaller", "Smaller brush", "Make brush and eraser smaller", "Tools", "["),
    Entry("larger", "Larger brush", "Make brush and eraser larger", "Tools", "]"),
    Entry("clear", "Clear the mask", "Empty the mask; undo brings it back", "Tools", "Ctrl+Shift+X", "clear"),
    Entry(
        "load-mask", "Load a mask…", "Use a picture of the scan's size: marked where it is not black", "Tools"
    ),
    Entry("save-mask", "Save the mask…", "Write the mask as a small TIFF", "Tools"),
    Entry(
        "account", "Write account…", "All that its credential tells, as a signed page or PDF", "Credentials"
    ),
    Entry(
        "replay",
        "Replay the treatment",
        "Run what the current layer's file records again, and see whether the pixels are the same",
        "Credentials",
        "Ctrl+R",
    ),
    Entry(
        "sign",
        "Sign the file itself…",
        "Put a credential into the scan's own TIFF; no pixel changes",
        "Credentials",
    ),
    Entry(
        "unsign",
        "Take the signature off…",
        "Make the file what it was before it was last signed, byte for byte",
        "Credentials",
    ),
    Entry(
        "trust",
        "Certificates and trust…",
        "Who signs here and until when, and whose signatures you trust",
        "Credentials",
    ),
    Entry("help", "Keyboard shortcuts", "All actions and their keys", "Help", Standard.HelpContents, "help"),
    Entry("log", "Show the log folder", "Where the workstation writes what went wrong", "Help"),
    Entry("about", "About the workstation", "Version, licence, device", "Help"),
)

TOOLBAR: tuple[tuple[str, ...], ...] = (
    ("open",),
    ("undo", "redo"),
    ("fit", "actual"),
    ("single", "curtain", "lens", "blink", "blend", "difference"),
    ("pan", "measure", "brush", "lasso", "eraser", "clear"),
)

MENUS = ("File", "Edit", "View", "Compare", "Tools", "Credentials", "Help")


def build(owner: QWidget, does: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Make the QActions; every key of the table must have something that it does."""
    made: dict[str, QAction] = {}
    groups: dict[str, QActionGroup] = {}
    for entry in ENTRIES:
        action = _action(entry, owner)
        action.triggered.connect(lambda _checked, do=does[entry.key]: do())
        if entry.group:
            groups.setdefault(entry.group, QActionGroup(owner)).addAction(action)
        made[entry.key] = action
    return made


def shortcut_text(entry: Entry) -> str:
    """Return the keys as this desktop writes them."""
    if entry.shortcut is None:
        return ""
    return QKeySequence(entry.shortcut).toString(QKeySequence.SequenceFormat.NativeText)


def _action(entry: Entry, owner: QWidget) -> QAction:
    action = QAction(entry.text, owner)
    if entry.shortcut is not None:
        action.setShortcut(QKeySequence(entry.shortcut))
    if entry.icon:
        action.setIcon(icon(entry.icon))
        action.setIconVisibleInMenu(False)
    keys = shortcut_text(entry)
    action.setToolTip(f"<b>{entry.text.rstrip('…')}</b> {keys}<br>{entry.tip}")
    action.setStatusTip(entry.tip)
    action.setCheckable(bool(entry.group) or entry.checkable)
    return action
