"""Signing keys that never leave a smart card or HSM: reached by PKCS#11, the maker's module, and a PIN.

Each signature logs in anew, so that a token that was taken out and put in again goes on. The PIN is kept in
memory alone. A keychain of the system would be one more kind of key with the same two functions: `new_key`
and `signing_with`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from workstation.credentials.keys import read_small
from workstation.errors import CredentialError, MissingPartError

_ONE_LOGIN = threading.Lock()
"""A token knows one login for the whole process."""


@dataclass(frozen=True, slots=True)
class Token:
    """Where a key lies: the maker's module, the label of the token, and the key's own number on it."""

    module: str
    label: str
    key: str = ""

    def write(self, path: Path) -> None:
        """Keep it beside the certificate; it holds no secret."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def read_token(path: Path) -> Token:
    """Read where a key lies; CredentialError where the file does not say it."""
    try:
        told = json.loads(read_small(path))
        found = Token(**told)
        bytes.fromhex(found.key)
        good = all(isinstance(part, str) and part for part in asdict(found).values())
    except (ValueError, TypeError, RecursionError):
        good = False
    if not good:
        raise CredentialError(f"{path} does not say on which token the key lies. Restore it from a backup.")
    return found


def new_key(token: Token, pin: str | None) -> tuple[Token, ec.EllipticCurvePublicKey]:
    """Make a key for ES256 on a token; return where it lies, and its public half."""
    number = secrets.token_bytes(8)
    with _session(token, pin, writes=True) as session:
        from pkcs11 import Attribute, KeyType
        from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

        curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
        kind = session.create_domain_parameters(KeyType.EC, curve, local=True)
        public, _ = kind.generate_keypair(id=number, label="Conservation Workstation", store=True)
        found = load_der_public_key(encode_ec_public_key(public))
    assert isinstance(found, ec.EllipticCurvePublicKey)
    return Token(token.module, token.label, number.hex()), found


def signing_with(token: Token, pin: str | None) -> tuple[Callable[[bytes], bytes], ec.EllipticCurvePublicKey]:
    """Return what signs by ES256 with the key on a token, and its public half; the PIN is tried at once."""
    with _session(token, pin) as session:
        from pkcs11 import ObjectClass
        from pkcs11.util.ec import encode_ec_public_key

        _private(session, token)
        public = session.get_key(object_class=ObjectClass.PUBLIC_KEY, id=bytes.fromhex(token.key))
        found = load_der_public_key(encode_ec_public_key(public))
    if not isinstance(found, ec.EllipticCurvePublicKey) or not isinstance(found.curve, ec.SECP256R1):
        raise CredentialError(
            f"The key on the token “{token.label}” is not for ES256, the only kind used here."
        )

    def sign(data: bytes) -> bytes:
        with _session(token, pin) as session:
            from pkcs11 import Mechanism

            digest = hashlib.sha256(data).digest()
            return bytes(_private(session, token).sign(digest, mechanism=Mechanism.ECDSA))

    return sign, found


def _private(session: Any, token: Token) -> Any:
    from pkcs11 import ObjectClass

    return session.get_key(object_class=ObjectClass.PRIVATE_KEY, id=bytes.fromhex(token.key))


@contextmanager
def _session(token: Token, pin: str | None, writes: bool = False) -> Iterator[Any]:
    if not pin:
        raise CredentialError(
            f"The key lies on the token “{token.label}”. Give its PIN with --pin-file or in the environment "
            "variable WORKSTATION_PIN."
        )
    try:
        from pkcs11 import PKCS11Error, lib
    except ImportError:
        raise MissingPartError(
            "For keys on a token a library is missing. Install it with: pip install python-pkcs11"
        ) from None
    with _ONE_LOGIN:
        try:
            maker = lib(token.module)
        except PKCS11Error:
            raise CredentialError(
                f"{token.module} is no module for tokens that can be loaded. Install the maker's software."
            ) from None
        try:
            maker.reinitialize()  # else a token that was put in meanwhile is not seen
            with maker.get_token(token_label=token.label).open(rw=writes, user_pin=pin) as session:
                yield session
        except PKCS11Error as error:
            raise CredentialError(_meaning(error, token)) from None


def _meaning(error: Exception, token: Token) -> str:
    from pkcs11 import exceptions as known

    name = f"“{token.label}”"
    if isinstance(error, known.PinLocked):
        return f"The PIN of the token {name} is blocked. Unblock it with its maker's software."
    if isinstance(error, known.PinIncorrect | known.PinInvalid | known.PinLenRange):
        return f"That is not the PIN of the token {name}. Mind that it blocks itself after a few wrong ones."
    gone = known.NoSuchToken | known.TokenNotPresent | known.DeviceRemoved | known.TokenNotRecognised
    if isinstance(error, gone):
        return f"The token {name} is not there. Put it in and try again."
    if isinstance(error, known.MultipleTokensReturned):
        return f"More than one token is called {name}. Take out the others."
    if isinstance(error, known.NoSuchKey):
        return f"The signing key is no longer on the token {name}."
    if isinstance(error, known.MechanismInvalid | known.FunctionNotSupported | known.DomainParamsInvalid):
        return f"The token {name} cannot make the keys or signatures of ES256, the only kind used here."
    return f"The token {name} refused: {type(error).__name__}."
