from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scans.inks import grey_profile, matrix_profile
from workstation import screens
from workstation.errors import UsageError
from workstation.scans.display import Choice, keep_choice, kept_choice, read_profile, seeing
from workstation.scans.profiles import srgb_profile


@pytest.fixture
def screen(tmp_path: Path) -> Path:
    path = tmp_path / "screen.icc"
    path.write_bytes(matrix_profile())
    return path


def test_a_choice_is_kept(own_home: Path, screen: Path) -> None:
    assert kept_choice() == Choice()
    for choice in (Choice("file", screen, screen, True), Choice("none"), Choice("system", None, screen)):
        keep_choice(choice)
        assert kept_choice() == choice


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"screen": 3}', "null", "[" * 99999, '{"screen": "none", "file": 1}', "\xff"]
)
def test_damaged_settings_mean_the_systems_profile(own_home: Path, text: str) -> None:
    own_home.mkdir(exist_ok=True)
    (own_home / "display.json").write_text(text, encoding="latin-1")
    assert kept_choice() == Choice()


def test_a_chosen_file_is_the_screens_profile(screen: Path) -> None:
    found = seeing(Choice("file", screen))
    assert found.display.profile == matrix_profile()
    assert found.words.endswith("from screen.icc")
    assert not found.trouble


def test_none_means_srgb() -> None:
    assert seeing(Choice("none")).display.profile is None


def test_a_file_that_is_gone_is_said_and_srgb_is_used(tmp_path: Path) -> None:
    found = seeing(Choice("file", tmp_path / "gone.icc"))
    assert found.display.profile is None
    assert "gone.icc" in found.trouble
    assert "cannot be used" in found.words


def test_a_soft_proof_is_there_only_while_it_is_switched_on(screen: Path) -> None:
    assert seeing(Choice("none", None, screen, False)).display.proof is None
    found = seeing(Choice("none", None, screen, True))
    assert found.display.proof == matrix_profile()
    assert "as printed by" in found.words


NO_SCREENS = {
    "nothing": b"",
    "letters": b"no profile",
    "grey": grey_profile(),
    "cut off": srgb_profile()[:200],
}


@pytest.mark.parametrize("kind", NO_SCREENS)
def test_what_is_no_profile_of_a_screen_is_refused_in_one_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "wrong.icc"
    path.write_bytes(NO_SCREENS[kind])
    with pytest.raises(UsageError, match=r"wrong.icc.*Choose another"):
        read_profile(path)


def test_a_folder_is_no_profile(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_profile(tmp_path)


def test_without_a_screen_the_system_names_no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    assert screens.screen_profile() is None
    monkeypatch.setenv("DISPLAY", ":9876")
    assert screens.screen_profile() is None


@pytest.fixture
def on_root() -> Iterator[None]:
    """Put a profile on the root window, as colour daemons do, and take it away again."""
    if not os.environ.get("DISPLAY"):
        pytest.skip("needs an X server")
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XDefaultRootWindow.restype = x11.XInternAtom.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
    atom = ctypes.c_ulong(x11.XInternAtom(display, b"_ICC_PROFILE", 0))
    cardinal, data = ctypes.c_ulong(6), matrix_profile()
    x11.XChangeProperty(display, root, atom, cardinal, 8, 0, data, len(data))
    x11.XSync(display, 0)
    yield
    x11.XDeleteProperty(display, root, atom)
    x11.XCloseDisplay(display)


def test_the_profile_on_the_root_window_is_found(on_root: None) -> None:
    found = seeing(Choice())
    assert found.display.profile == matrix_profile()
    assert found.words.endswith("from the system")
