from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication, QLabel

from tests.scans.inks import ADOBE, D50, D65, PROPHOTO, grey_profile, matrix_profile
from tests.scans.pictures import picture
from tests.widgets.conftest import Bench
from widgets.colours import Colours
from widgets.display_dialog import DisplayDialog
from widgets.lighttable import TableLayer, place_of
from workstation.scans.colour import Display, conversion
from workstation.scans.display import Choice, keep_choice, kept_choice
from workstation.scans.profiles import srgb_profile
from workstation.scans.source import ArraySource, Metadata, Pixels

ICC = matrix_profile(ADOBE, D65)
WIDE = matrix_profile(PROPHOTO, D50, 1.8)
DULL = matrix_profile((0.5, 0.35, 0.33, 0.5, 0.2, 0.2), D50, 2.0)
OLIVE = (90, 160, 70)


def lay(bench: Bench, pixels: Pixels, icc: bytes | None, name: str = "VIS") -> TableLayer:
    source = ArraySource(pixels, Metadata(pixels_per_mm=2.0, icc=icc))
    place, in_mm = place_of(source)
    layer = TableLayer(bench.window.desk.new_key(), name, name, source, place, in_mm)
    bench.window.table.add(layer)
    bench.settle()
    return layer


def flat(values: tuple[int, ...], dtype: type = np.uint8) -> Pixels:
    return np.full((120, 160, len(values)), values, dtype)


def wanted(values: tuple[int, ...], icc: bytes | None, display: Display) -> list[int]:
    return [int(v) for v in conversion(icc, len(values), display)(flat(values))[0, 0]]


def near(found: list[int], expected: list[int], most: int = 1) -> bool:
    return all(abs(a - b) <= most for a, b in zip(found, expected, strict=True))


@pytest.fixture
def screen(tmp_path: Path) -> Path:
    path = tmp_path / "wide.icc"
    path.write_bytes(WIDE)
    return path


@pytest.fixture(autouse=True)
def no_system_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workstation.scans.display.screen_profile", lambda: None)


def test_the_screen_shows_a_scan_by_its_own_profile(bench: Bench) -> None:
    lay(bench, flat(OLIVE), ICC)
    expected = wanted(OLIVE, ICC, Display())
    assert expected[0] < OLIVE[0] - 40
    assert near(bench.at(0.5, 0.5), expected)


def test_sixteen_bits_are_shown_by_their_profile_too(bench: Bench) -> None:
    lay(bench, flat(tuple(v * 257 for v in OLIVE), np.uint16), ICC)
    assert near(bench.at(0.5, 0.5), wanted(OLIVE, ICC, Display()))


def test_grey_follows_its_own_curve(bench: Bench) -> None:
    lay(bench, flat((100,)), grey_profile(1.0))
    assert near(bench.at(0.5, 0.5), wanted((100,), grey_profile(1.0), Display()))
    assert bench.at(0.5, 0.5)[0] > 150


def test_another_screen_is_shown_for_at_once(bench: Bench, screen: Path) -> None:
    lay(bench, flat(OLIVE), ICC)
    lay(bench, flat((50,)), None, "IRR")
    bench.window.colours.choose(Choice("file", screen))
    assert near(bench.at(0.5, 0.5), wanted((50,), None, Display(WIDE)))
    bench.do("close")
    assert near(bench.at(0.5, 0.5), wanted(OLIVE, ICC, Display(WIDE)))
    bench.window.colours.choose(Choice("none"))
    assert near(bench.at(0.5, 0.5), wanted(OLIVE, ICC, Display()))
    assert kept_choice() == Choice("none")


def test_another_screen_keeps_the_picture_and_its_tones(bench: Bench, screen: Path) -> None:
    layer = lay(bench, flat(OLIVE), ICC)
    bench.window.table.look(layer, high=200.0, gamma=0.8)
    canvas = bench.window.stage.canvas
    drawn = canvas._images[layer.key]
    bench.window.colours.choose(Choice("file", screen))
    bench.settle()
    assert canvas._images[layer.key] is drawn
    assert drawn.contrast_limits == [0.0, 200.0]
    assert drawn.gamma == 0.8


def test_tones_work_on_what_is_shown(bench: Bench) -> None:
    for dtype, top in ((np.uint8, 255), (np.uint16, 65535)):
        layer = lay(bench, flat((top * 2 // 5,) * 3, dtype), ICC)
        plain = bench.at(0.5, 0.5)[0]
        bench.window.table.look(layer, high=top / 2)
        assert abs(bench.at(0.5, 0.5)[0] - 2 * plain) <= 3
        bench.window.table.look(layer, high=float(top))
        assert abs(bench.at(0.5, 0.5)[0] - plain) <= 1
        bench.do("close")


def test_a_scan_of_twelve_bits_is_as_bright_with_a_profile_as_without(bench: Bench) -> None:
    for icc in (None, srgb_profile()):
        source = ArraySource(flat((1000,) * 3, np.uint16), Metadata(pixels_per_mm=2.0, icc=icc, white=4095))
        place, in_mm = place_of(source)
        bench.window.table.add(TableLayer(bench.window.desk.new_key(), "VIS", "VIS", source, place, in_mm))
        assert abs(bench.at(0.5, 0.5)[0] - 62) <= 1
        bench.do("close")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("icc", [None, ICC])
def test_a_preview_is_converted_as_its_scan_is(dtype: type, icc: bytes | None) -> None:
    from widgets.levels import arrays_of
    from widgets.pictures import as_shown
    from workstation.scans.shown import Shown

    pixels = picture(40, 50, 3, dtype)
    source = ArraySource(pixels, Metadata(icc=icc))
    for display in (Display(), Display(WIDE), Display(WIDE, proof=DULL)):
        (scan,) = arrays_of(Shown(source, display), lambda text: None)
        assert np.array_equal(as_shown(pixels, source, display), scan[:40, :50])


def test_floats_keep_their_tones(bench: Bench) -> None:
    layer = lay(bench, np.full((120, 160, 3), 0.25, np.float32), srgb_profile())
    assert abs(bench.at(0.5, 0.5)[0] - 64) <= 1
    bench.window.table.look(layer, high=0.5)
    assert abs(bench.at(0.5, 0.5)[0] - 128) <= 1


def test_the_soft_proof_is_an_action(bench: Bench, tmp_path: Path) -> None:
    printer = tmp_path / "printer.icc"
    printer.write_bytes(DULL)
    red = (250, 10, 10)
    lay(bench, flat(red), None)
    bench.window.colours.choose(Choice("none", None, printer))
    assert bench.at(0.5, 0.5) == list(red)
    bench.do("proof")
    assert near(bench.at(0.5, 0.5), wanted(red, None, Display(proof=DULL)), 2)
    assert bench.at(0.5, 0.5)[1] > 60
    bench.do("proof")
    assert bench.at(0.5, 0.5) == list(red)


def test_a_soft_proof_without_a_print_asks_for_one_and_shows_it(bench: Bench, tmp_path: Path) -> None:
    bench.do("proof")
    assert not bench.window.actions_by_key["proof"].isChecked()
    (dialog,) = bench.window.findChildren(DisplayDialog)
    dialog.proof = tmp_path / "printer.icc"
    dialog.proof.write_bytes(DULL)
    dialog.accept()
    bench.wait(lambda: bench.window.colours.display == Display(proof=DULL))
    assert bench.window.actions_by_key["proof"].isChecked()


def test_the_dialog_refuses_what_is_no_profile(bench: Bench, tmp_path: Path, screen: Path) -> None:
    bench.do("display")
    (dialog,) = bench.window.findChildren(DisplayDialog)
    dialog.screens["file"].setChecked(True)
    dialog.accept()
    assert "Choose the file" in dialog.wrong.text()
    dialog.file = tmp_path / "no.icc"
    dialog.file.write_bytes(b"nothing")
    dialog.accept()
    bench.wait(lambda: "no.icc" in dialog.wrong.text())
    assert bench.window.colours.display == Display()
    dialog.file = screen
    dialog.accept()
    bench.wait(lambda: bench.window.colours.display == Display(WIDE))


def test_the_window_asks_for_no_profile_itself(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def screen_profile() -> None:
        asked.append(threading.current_thread() is threading.main_thread())

    monkeypatch.setattr("workstation.scans.display.screen_profile", screen_profile)
    bench.window.colours.choose(Choice("none"))
    bench.window.colours.choose(Choice("system"))
    lay(bench, flat(OLIVE), None)
    assert asked
    assert not any(asked)


def test_the_first_picture_is_shown_through_the_display_that_was_kept(
    own_home: Path, screen: Path, qapp: QApplication
) -> None:
    keep_choice(Choice("file", screen))
    colours = Colours(lambda _: None)
    assert colours.display == Display()
    finding = threading.Thread(target=colours.find)
    finding.start()
    finding.join()
    assert colours.display == Display(), "the window's own thread takes it"
    qapp.processEvents()
    assert colours.display == Display(WIDE)


def test_a_print_profile_that_is_gone_hinders_no_other_choice(
    bench: Bench, tmp_path: Path, screen: Path
) -> None:
    gone = tmp_path / "gone.icc"
    bench.window.colours.choose(Choice("none", screen, gone))
    bench.do("display")
    (dialog,) = bench.window.findChildren(DisplayDialog)
    dialog.screens["file"].setChecked(True)
    dialog.accept()
    bench.wait(lambda: bench.window.colours.display == Display(WIDE))
    bench.do("proof")
    bench.wait(lambda: "gone.icc" in bench.window.messages.text)
    assert not bench.window.actions_by_key["proof"].isChecked()
    dialog = DisplayDialog(bench.window.colours, bench.window)
    dialog.accept()
    bench.wait(lambda: "gone.icc" in dialog.wrong.text())
    dialog.no_proof.click()
    dialog.accept()
    bench.wait(lambda: kept_choice() == Choice("file", screen))


def test_the_facts_say_how_a_scan_is_shown(bench: Bench, screen: Path) -> None:
    panel = bench.window.tasks.widget(0)

    def said() -> str:
        return " | ".join(part.text() for part in panel.findChildren(QLabel))

    lay(bench, flat(OLIVE), ICC)
    bench.wait(lambda: "sRGB: the system names no profile" in said())
    bench.window.colours.choose(Choice("file", screen))
    bench.wait(lambda: "from wide.icc" in said())
    lay(bench, flat(OLIVE), None)
    bench.wait(lambda: "none: taken as sRGB" in said())
    lay(bench, flat(OLIVE), ICC[:200])
    bench.wait(lambda: "cannot be followed: taken as sRGB" in said())


def test_the_status_bar_names_the_colours_of_scan_and_screen(bench: Bench, screen: Path) -> None:
    words = bench.window.status.colour.accessibleDescription
    lay(bench, flat(OLIVE), None)
    bench.wait(lambda: words() == "profile none: taken as sRGB → sRGB: the system names no profile")
    bench.window.colours.choose(Choice("file", screen))
    bench.wait(lambda: words().startswith("profile none") and words().endswith("from wide.icc"))
    bench.do("close")
    assert not words()


def test_values_and_treatments_are_the_scans_own(bench: Bench, screen: Path) -> None:
    from widgets.status import sample

    layer = lay(bench, flat(OLIVE), ICC)
    bench.window.colours.choose(Choice("file", screen))
    bench.seen()
    assert sample(layer, 5, 5) == "value 90  160  70"
    assert np.array_equal(layer.shown.read(0, 0, 120, 0, 160), flat(OLIVE))


def test_a_comparison_is_shown_through_the_new_screen(bench: Bench, screen: Path) -> None:
    first, second = lay(bench, flat(OLIVE), ICC), lay(bench, flat((20, 20, 200)), None, "IRR")
    bench.do("curtain")
    bench.window.comparison.set(first=first.key, second=second.key, position=0.5)
    bench.window.colours.choose(Choice("file", screen))
    assert near(bench.at(0.45, 0.5), wanted(OLIVE, ICC, Display(WIDE)))
    assert near(bench.at(0.55, 0.5), wanted((20, 20, 200), None, Display(WIDE)))


def test_the_map_of_differences_has_the_colours_of_its_legend_on_any_screen(
    bench: Bench, screen: Path
) -> None:
    from workstation.comparison.palette import palette

    lay(bench, flat(OLIVE), None)
    lay(bench, flat((20, 20, 200)), None, "IRR")
    bench.do("difference")
    for choice in (Choice("none"), Choice("file", screen)):
        bench.window.colours.choose(choice)
        bench.wait(lambda: bench.window.colours.idle)
        assert bench.at(0.5, 0.5) == palette()[255].tolist()
