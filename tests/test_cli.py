"""The command line: help, wrong words, exit statuses, one JSON object."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from workstation.cli import FAMILIES, commands, run


def test_wrong_words_end_2_with_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["nonsense"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "nonsense" in told.err


def test_a_failure_is_one_json_object_where_json_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["info", "/there/is/no/such.tif", "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert answer["error"]["code"]
    assert "/there/is/no/such.tif" in answer["error"]["message"]


@pytest.mark.parametrize("words", [command.words for command in commands()])
def test_every_command_has_help_with_an_example(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run([*words.split(), "--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert "examples:" in shown
    assert "--json" in shown


def test_the_general_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["--help"])
    shown = capsys.readouterr().out
    assert all(first in shown for firsts in FAMILIES.values() for first in firsts)


def test_help_starts_without_torch_qt_or_napari() -> None:
    code = (
        "import sys; from workstation.cli import parser; parser([]);"
        "print({'torch', 'PyQt6', 'napari', 'scipy', 'c2pa'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
