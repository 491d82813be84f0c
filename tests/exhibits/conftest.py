"""One studio for all tests of exhibits: making its keys takes longer than signing with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from workstation.credentials.certificates import Studio, create_studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Return a studio with certificates of its own."""
    folder: Path = tmp_path_factory.mktemp("studio") / "certificates"
    return create_studio(folder, studio="Test House", person="Ada Novak")
