"""Shared by all tests: a home of their own, and the real pictures where they are present.

Examples are the same on every run, so that a change is judged by what it changes; `HYPOTHESIS_PROFILE=search`
draws new ones each time, to look for what nobody thought of.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from workstation.credentials.certificates import Studio, create_studio

settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from the user's own catalogue, certificates and settings."""
    home = tmp_path / "home"
    monkeypatch.setenv("WORKSTATION_HOME", str(home))
    monkeypatch.setenv("NAPARI_CONFIG", "")
    return home


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of real pictures beside the project; skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the folder of real test pictures is not here")
    return SHARED


@pytest.fixture
def own_studio(own_home: Path) -> Studio:
    """Give the test's user a certificate to sign with."""
    return create_studio(studio="Test studio", person="Test person")
