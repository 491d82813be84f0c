from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtWidgets import QApplication

from widgets.fields import NumberField, RectField, field_for
from widgets.history import SessionHistory
from widgets.levels import MOST_PIXELS, arrays_of
from widgets.restore import OperationForm
from widgets.view import View, length_text, nice_length
from workstation.errors import ScanError, UsageError
from workstation.operations.operation import Rect, load_all, parameters, values
from workstation.operations.treatment import Step
from workstation.scans.source import ArraySource, Level, Metadata, Pixels


@given(
    st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(1e-3, 1e3), st.floats(0, 1000), st.floats(0, 800)
)
def test_zooming_keeps_the_place_under_the_mouse(x: float, y: float, zoom: float, a: float, b: float) -> None:
    view, at = View(x, y, zoom, 1000, 800), QPointF(a, b)
    before, after = view.to_painting(at), view.zoomed(1.25, at).to_painting(at)
    tolerance = 1e-6 * max(1, abs(x), abs(y), 1000 / zoom)
    assert abs(before.x() - after.x()) <= tolerance
    assert abs(before.y() - after.y()) <= tolerance


def test_a_fitted_view_shows_everything_and_the_two_maps_are_inverse() -> None:
    view = View(width=900, height=500).fitted(QRectF(-3, 4, 400, 300))
    assert view.visible().contains(QRectF(-3, 4, 400, 300))
    there = view.to_screen().map(QPointF(17, 23))
    assert view.to_painting(there).x() == pytest.approx(17)


@given(st.floats(1e-6, 1e7))
def test_a_scale_bar_is_a_round_length_that_fits(most: float) -> None:
    length = nice_length(most)
    assert most / 2.5 <= length * 1.000001 <= most * 1.000002
    digits = f"{length:.6e}".split("e")[0].rstrip("0").rstrip(".")
    assert digits in {"1", "2", "5"}


def test_lengths_are_said_in_the_unit_that_suits_them() -> None:
    assert length_text(0.02, True) == "20 µm"
    assert length_text(50, True) == "50 mm"
    assert length_text(2000, True) == "2 m"
    assert length_text(5000, False).endswith("px")


class Pyramid:
    """A picture with ceil-halved levels whose samples tell their level-0 column."""

    def __init__(self, height: int, width: int, count: int) -> None:
        sizes = [(-(-height // 2**k), -(-width // 2**k)) for k in range(count)]
        self.levels = tuple(Level(h, w, 1, np.dtype(np.uint16), (64, 64)) for h, w in sizes)
        self.metadata, self.damaged = Metadata(), ()

    def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
        columns = np.arange(x0, x1, dtype=np.uint16) << level
        return np.broadcast_to(columns, (y1 - y0, x1 - x0))[..., None].copy()

    def close(self) -> None:
        """Nothing to give back."""


@settings(deadline=None)
@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 6))
def test_levels_halve_exactly_so_that_none_shifts_and_reads_stop_at_the_true_edge(
    height: int, width: int, count: int
) -> None:
    source = Pyramid(height, width, count)
    arrays = arrays_of(source, lambda _: None)
    for k, array in enumerate(arrays):
        assert (array.shape[0] << k, array.shape[1] << k) == arrays[0].shape[:2]
        block = array[0 : array.shape[0], 0 : array.shape[1]]
        assert block.shape == (source.levels[k].height, source.levels[k].width)


def test_a_slice_beyond_what_a_screen_can_show_is_refused() -> None:
    (array,) = arrays_of(Pyramid(20_000, 20_000, 1), lambda _: None)
    assert array.size > MOST_PIXELS
    with pytest.raises(UsageError, match="too large"):
        array[:, :]


def test_a_scan_that_cannot_be_read_any_more_is_told_once_and_drawn_black() -> None:
    class Gone(ArraySource):
        def read(self, level: int, y0: int, y1: int, x0: int, x1: int) -> Pixels:
            raise ScanError("The disk was taken out.")

    told: list[str] = []
    (array,) = arrays_of(Gone(np.ones((8, 8, 3), np.uint8)), told.append)
    assert not array[0:8, 0:8].any()
    assert told == ["The disk was taken out."]


@pytest.mark.parametrize("name", sorted(load_all()))
def test_a_form_shows_every_parameter_with_its_default_and_help(qapp: QApplication, name: str) -> None:
    operation = load_all()[name]
    form = OperationForm(operation, lambda _: None)
    assert list(form.fields) == [parameter.name for parameter in parameters(operation)]
    for parameter in parameters(operation):
        field = form.fields[parameter.name]
        assert field.value() == parameter.default
        assert parameter.help in field.toolTip()
        if isinstance(field, NumberField):
            assert (field.box.minimum(), field.box.maximum()) == (parameter.low, parameter.high)
            field.box.setValue(field.box.maximum())
            assert getattr(form.built(), parameter.name) == parameter.high
            assert parameter.unit in field.box.suffix()
    assert type(form.built()) is operation


def test_a_slider_and_its_box_follow_each_other(qapp: QApplication) -> None:
    operation = load_all()["suppress-noise"]
    parameter = next(p for p in parameters(operation) if p.kind is float)
    field = field_for(parameter, lambda _: None)
    assert isinstance(field, NumberField)
    assert field.slider is not None
    assert parameter.low is not None
    field.slider.setValue(0)
    assert field.value() == parameter.low
    field.set(parameter.default)
    share = field.slider.value() / field.slider.maximum()
    assert field.box.minimum() + share * (field.box.maximum() - field.box.minimum()) == pytest.approx(
        parameter.default, abs=(field.box.maximum() - field.box.minimum()) / 300
    )


def test_a_rectangle_is_picked_on_the_painting_and_can_be_forgotten(qapp: QApplication) -> None:
    operation = load_all()["thin-varnish"]
    parameter = next(p for p in parameters(operation) if p.kind is Rect)
    field = field_for(parameter, lambda then: then(Rect(3, 4, 50, 60)))
    assert isinstance(field, RectField)
    field.mark.click()
    assert field.value() == Rect(3, 4, 50, 60)
    field.clear.click()
    assert field.value() == Rect(0, 0, 0, 0)


def test_a_session_keeps_what_was_undone_as_a_branch() -> None:
    history = SessionHistory()
    kind = load_all()["suppress-noise"]
    for strength in (0.1, 0.2):
        history.add(Step(kind(strength=strength)))  # type: ignore[call-arg] # the operation's own field
    assert history.undo()
    history.add(Step(kind(strength=0.3)))  # type: ignore[call-arg] # the operation's own field
    assert [values(step.operation)["strength"] for step in history.treatment().steps] == [0.1, 0.3]
    assert [row.depth for row in history.rows()] == [0, 0, 1]
    history.go(2)
    assert [values(step.operation)["strength"] for step in history.treatment().steps] == [0.1, 0.2]
    assert history.undo()
    assert history.redo()
    assert not history.redo()
