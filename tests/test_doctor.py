from __future__ import annotations

import json
import subprocess
import sys

import pytest

from workstation import doctor
from workstation.cli import run
from workstation.errors import MissingPartError


def lacking(*names: str) -> doctor.Load:
    """Return a loader that misses some libraries."""

    def load(library: str) -> object:
        if library in names:
            raise OSError(library)
        return object()

    return load


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


def test_missing_libraries_are_named_by_their_debian_packages_in_one_line() -> None:
    found = doctor.missing_packages(lacking("libGL.so.1", "libxcb-cursor.so.0"))
    assert found == ["libgl1", "libxcb-cursor0"]
    with pytest.raises(MissingPartError, match="libgl1 libxcb-cursor0") as caught:
        doctor.require_window(lacking("libGL.so.1", "libxcb-cursor.so.0"))
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("no_screen")
def test_without_a_screen_opening_ends_with_2_and_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["open"]) == 2
    shown = capsys.readouterr().err.strip()
    assert "screen" in shown
    assert len(shown.splitlines()) == 1


def test_a_display_that_nobody_serves_is_no_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISPLAY", ":6543")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not doctor.has_screen()
    assert run(["open", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "missing"


@pytest.mark.usefixtures("no_screen")
def test_the_doctor_tells_each_finding_and_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert not answer["ok"]
    screen = next(found for found in answer["findings"] if found["part"] == "a screen")
    assert not screen["present"]
    assert "xvfb-run" in screen["cure"]


def test_the_doctor_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import workstation.doctor;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "sys.exit(len(new - set(sys.stdlib_module_names) - {'workstation'}))"
    )
    assert subprocess.run([sys.executable, "-S", "-c", code], check=False).returncode == 0
