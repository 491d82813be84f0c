"""The window asks for what the signing key needs: a passphrase, or the PIN of the token that holds it."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QLineEdit

from tests.credentials.test_tokens import NAMES, PIN, token, token_folder
from tests.widgets.conftest import Bench
from widgets.studio import Signer, UnlockStudio
from workstation.credentials.certificates import Studio, create_studio
from workstation.credentials.tokens import Token

__all__ = ["token", "token_folder"]  # fixtures


@pytest.fixture
def got(bench: Bench) -> list[object]:
    """Return what the window's signer hears and gets."""
    return []


def asked(bench: Bench, got: list[object]) -> UnlockStudio:
    signer = Signer(bench.window, got.append)
    signer.with_studio(got.append)
    dialog = signer._dialog
    assert isinstance(dialog, UnlockStudio)
    assert dialog.passphrase.echoMode() == QLineEdit.EchoMode.Password
    return dialog


@pytest.mark.parametrize("on_token", [False, True])
def test_a_locked_key_is_unlocked_in_a_dialog(
    on_token: bool, bench: Bench, got: list[object], request: pytest.FixtureRequest
) -> None:
    place: Token | None = request.getfixturevalue("token") if on_token else None
    secret = PIN if on_token else "secret"
    create_studio(**NAMES, passphrase=None if on_token else secret, token=place, pin=PIN)
    dialog = asked(bench, got)
    assert dialog.passphrase.accessibleName() == ("PIN of the token" if on_token else "Passphrase")
    assert dialog.focusWidget() is dialog.passphrase
    dialog.passphrase.setText("0000-wrong")
    dialog.yes.click()
    assert ("That is not the PIN" if on_token else "That is not the passphrase") in dialog.wrong.text()
    dialog.passphrase.setText(secret)
    dialog.yes.click()
    [studio] = got
    assert isinstance(studio, Studio)
    assert studio.person == "Ada Novak"
    assert len(studio.sign(b"x")) >= 64
