"""The rules that keep the house easy to find one's way in; each failure names the place to mend."""

from __future__ import annotations

import ast
import re
from importlib.metadata import packages_distributions
from pathlib import Path
from statistics import quantiles

import models
import resources
import widgets
import workstation
from workstation.cli import FAMILIES, commands

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("workstation", "widgets", "models", "resources")
FOLDERS = {"workstation", "widgets", "models", "resources", "installer", "tests"}
MOST_LINES = 300
MOST_FUNCTION_LINES = 60
USUAL_FUNCTION_LINES = 30


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def function_lengths() -> dict[str, int]:
    lengths = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                lengths[name] = (node.end_lineno or node.lineno) - node.lineno + 1
    return lengths


def test_no_file_is_longer_than_a_person_reads_in_one_sitting() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_functions_are_short() -> None:
    lengths = function_lengths()
    assert {name: lines for name, lines in lengths.items() if lines > MOST_FUNCTION_LINES} == {}
    assert quantiles(lengths.values(), n=10)[-1] <= USUAL_FUNCTION_LINES


def test_the_top_level_holds_only_the_rooms_of_the_house() -> None:
    made_by_tools = ("build", "dist", "demo")
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name not in made_by_tools}
    assert {name for name in folders if name[0] != "." and not name.endswith(".egg-info")} == FOLDERS


def test_our_packages_are_the_ones_beside_this_test_and_nobody_elses() -> None:
    for package in (workstation, widgets, models, resources):
        assert package.__file__ is not None
        assert Path(package.__file__).resolve().is_relative_to(ROOT)
    claimed = packages_distributions()
    for name in PACKAGES:
        assert set(claimed.get(name, [])) <= {"conservation-workstation"}


def test_every_command_has_a_summary_an_example_and_a_family() -> None:
    for command in commands():
        assert command.summary.endswith("."), command.words
        assert command.examples, command.words
        assert all(example.startswith(f"workstation {command.words}") for example in command.examples)
        assert any(command.words.split()[0] in firsts for firsts in FAMILIES.values())


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    firsts = {command.words.split()[0] for command in commands()}
    assert {first for first in firsts if f"`{first}" not in readme} == set()


def test_every_make_target_in_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"`make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_installed_library_is_pinned_exactly_and_for_every_machine() -> None:
    pins = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.!]+", pin) for pin in pins)
