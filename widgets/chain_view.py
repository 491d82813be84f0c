"""The chain of a file as a drawing: origins above, the file below; any size, in a dock of any width."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QPointF, QRect, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QApplication, QScrollArea, QWidget

from widgets.chain_card import HEIGHT, WIDTH, Card
from workstation.credentials.laying import Layout, Sizes, lay_out

if TYPE_CHECKING:
    from workstation.credentials.account import Account, Node

LEAST_ZOOM, MOST_ZOOM, STEP = 0.15, 2.0, 1.2
MARGIN = 8.0
BAR = 12
"""Px that a scroll bar may take."""
MOST_ABREAST = 4
DASHES = {"componentOf": [5.0, 3.0], "inputTo": [1.0, 3.0]}
SEVERAL = [7.0, 2.0, 1.0, 2.0]
"""Where lines of different kinds run together."""


class ChainView(QScrollArea):
    """Shows the cards and lines of an account."""

    chosen = pyqtSignal(object)
    """The node whose details are wanted."""
    paired = pyqtSignal(object)
    """The node with which it is to be compared."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet = _Sheet()
        self.setWidget(self.sheet)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("The chain of files, the oldest at the top")
        self.cards: dict[str, Card] = {}
        self.zoom = 1.0
        self._account: Account | None = None
        self._abreast = 0

    def show_account(self, account: Account | None) -> None:
        """Show another chain, with the file itself chosen and in sight."""
        from workstation.reports.account_contents import done, numbered

        for card in self.cards.values():
            card.hide()
            card.deleteLater()
        self.cards = {}
        self._account = account
        self.sheet.layout_of, self.sheet.kinds = None, {}
        if account is None:
            self.sheet.resize(0, 0)
            return
        self.sheet.kinds = {(edge.source, edge.target): edge.relationship for edge in account.edges}
        for number, node in enumerate(numbered(account), 1):
            self._add(Card(node, number, done(node), self.sheet))
        self._abreast = 0
        self.zoom = 1.0
        self._arrange()
        if self._full_width() > self.viewport_size()[0]:
            self.fit(least=0.6)
        self.choose(account.nodes[0])
        self.see(account.nodes[0].key)

    def choose(self, node: Node) -> None:
        """Mark a card as the one whose details are shown; it is the one that Tab comes to."""
        for key, card in self.cards.items():
            card.setChecked(key == node.key)
            tab = Qt.FocusPolicy.StrongFocus if key == node.key else Qt.FocusPolicy.ClickFocus
            card.setFocusPolicy(tab)
        self.chosen.emit(node)

    def pair(self, node: Node | None) -> None:
        """Mark a card as the other one of a comparison."""
        for key, card in self.cards.items():
            card.is_other = node is not None and key == node.key
            card.update()

    def see(self, key: str) -> None:
        """Bring a card into sight."""
        card = self.cards[key]
        self.ensureWidgetVisible(card, 6, 10)

    def zoom_by(self, factor: float) -> None:
        """Come closer or step back, keeping the middle where it is."""
        before = self.zoom
        self.zoom = min(max(self.zoom * factor, LEAST_ZOOM), MOST_ZOOM)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        assert across is not None
        assert down is not None
        wide, high = self.viewport_size()
        middle = (across.value() + wide / 2) / before, (down.value() + high / 2) / before
        self._arrange()
        across.setValue(round(middle[0] * self.zoom - wide / 2))
        down.setValue(round(middle[1] * self.zoom - high / 2))

    def fit(self, least: float = LEAST_ZOOM) -> None:
        """Show the whole chain, or as much of it as can still be made out."""
        if self.sheet.layout_of is None:
            return
        self.zoom, self._abreast = 1.0, 0
        self._arrange()
        wide, high = self.viewport_size()
        wide -= BAR
        full_width, full_height = self._full_width(), self.sheet.layout_of.height + 2 * MARGIN
        whole = min(wide / full_width, high / full_height, 1.0) if least == LEAST_ZOOM else wide / full_width
        self.zoom = min(max(whole, least), MOST_ZOOM)
        self._arrange()

    def content_height(self) -> int:
        """Return the height of the drawing at its zoom, in px."""
        return self.sheet.height()

    def viewport_size(self) -> tuple[int, int]:
        """Return the room for the drawing, in px."""
        port = self.viewport()
        return (port.width(), port.height()) if port is not None else (1, 1)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom with Ctrl, else scroll."""
        if event is not None and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(STEP if event.angleDelta().y() > 0 else 1 / STEP)
            event.accept()
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put as many cards side by side as there is room for."""
        super().resizeEvent(event)
        if self._account is not None and self._room() != self._abreast:
            self._arrange()

    def _add(self, card: Card) -> None:
        node = card.node
        card.clicked.connect(lambda _checked: self._clicked(node))
        card.paired.connect(lambda: self.paired.emit(node))
        card.walked.connect(lambda key: self._walk(card, key))
        card.entered.connect(lambda: self.see(node.key) if node.key in self.cards else None)
        self.cards[node.key] = card
        card.show()

    def _clicked(self, node: Node) -> None:
        if QApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier:
            self.paired.emit(node)
        else:
            self.choose(node)

    def _walk(self, card: Card, key: int) -> None:
        """Go to the nearest card in a direction."""
        here = card.geometry().center()
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            ordered = sorted(self.cards.values(), key=lambda other: other.number)
            goal: Card | None = ordered[0 if key == Qt.Key.Key_Home else -1]
        else:
            goal = min(
                (other for other in self.cards.values() if _lies(other.geometry().center() - here, key)),
                key=lambda other: _distance(other.geometry().center() - here, key),
                default=None,
            )
        if goal is not None:
            goal.setFocus(Qt.FocusReason.OtherFocusReason)

    def _room(self) -> int:
        return min(max(int(self.viewport_size()[0] / self.zoom / (WIDTH + 16)), 1), MOST_ABREAST)

    def _full_width(self) -> float:
        return self.sheet.layout_of.width + 2 * MARGIN if self.sheet.layout_of is not None else 1.0

    def _arrange(self) -> None:
        account = self._account
        if account is None:
            return
        if self._room() != self._abreast:
            self._abreast = self._room()
            ranks = {node.key: node.rank for node in account.nodes}
            ways = [(edge.source, edge.target) for edge in account.edges]
            self.sheet.layout_of = lay_out(ranks, ways, Sizes(WIDTH, HEIGHT, 14, 30, self._abreast))
        drawn, zoom = self.sheet.layout_of, self.zoom
        assert drawn is not None
        self.sheet.zoom = zoom
        for key, card in self.cards.items():
            x, y = drawn.cards[key]
            card.zoom = zoom
            left, top = round((x + MARGIN) * zoom), round((y + MARGIN) * zoom)
            card.setGeometry(QRect(left, top, round(WIDTH * zoom), round(HEIGHT * zoom)))
        width, height = drawn.width + 2 * MARGIN, drawn.height + 2 * MARGIN
        self.sheet.resize(round(width * zoom), round(height * zoom))
        self.sheet.update()


class _Sheet(QWidget):
    """What the cards lie on: it draws the lines between them."""

    def __init__(self) -> None:
        super().__init__()
        self.layout_of: Layout | None = None
        self.kinds: dict[tuple[str, str], str] = {}
        self.zoom = 1.0

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw each line with its arrow: whole = made from, dashed = contains, dotted = used."""
        if self.layout_of is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.zoom, self.zoom)
        painter.translate(MARGIN, MARGIN)
        for line in self.layout_of.lines:
            kinds = {self.kinds.get((source, line.target), "") for source in line.sources}
            pen = QPen(QColor("#8a8a8a"), 1.4)
            dashes = DASHES.get(next(iter(kinds))) if len(kinds) == 1 else SEVERAL
            if dashes:
                pen.setDashPattern(dashes)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(_path([QPointF(x, y) for x, y in line.points]))
            if line.arrives:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor("#8a8a8a"))
                tip = QPointF(*line.points[-1])
                painter.drawPolygon(QPolygonF([tip, tip + QPointF(-4, -7), tip + QPointF(4, -7)]))


def _path(points: list[QPointF]) -> QPainterPath:
    path = QPainterPath(points[0])
    for before, after in pairwise(points):
        middle = (before.y() + after.y()) / 2
        path.cubicTo(QPointF(before.x(), middle), QPointF(after.x(), middle), after)
    return path


def _lies(way: QPoint, key: int) -> bool:
    """Tell whether a way leads mainly in the direction of an arrow key."""
    across, down = way.x(), way.y()
    if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        return down < 0 if key == Qt.Key.Key_Up else down > 0
    sideways = abs(across) > abs(down)
    return sideways and (across < 0 if key == Qt.Key.Key_Left else across > 0)


def _distance(way: QPoint, key: int) -> float:
    """Return how far a card is in a direction; what lies aside counts more."""
    along, aside = (way.y(), way.x()) if key in (Qt.Key.Key_Up, Qt.Key.Key_Down) else (way.x(), way.y())
    return abs(along) + 0.5 * abs(aside)
