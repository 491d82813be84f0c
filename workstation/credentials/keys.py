"""Private keys: made here, kept encrypted or in a file that only the user can read, never shown.

The encryption is PKCS#8 with scrypt (RFC 7914, 8018). The cryptography package reads that but writes only
PBKDF2 with 2048 rounds, so the few bytes of envelope are put together here.
"""

from __future__ import annotations

import os
import secrets
from base64 import encodebytes
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from workstation.errors import CredentialError
from workstation.files import writing
from workstation.portable import restrict_to_owner

SCRYPT_COST, SCRYPT_BLOCK = 2**14, 8  # 16 MiB a try; OpenSSL refuses to read costlier ones
LARGEST_KEY_FILE = 64 * 1024

_PBES2, _SCRYPT, _AES256 = "2a864886f70d01050d", "2b06010401da47040b", "60864801650304012a"


class WrongPassphraseError(CredentialError):
    """A key opens with another passphrase."""


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make a key for ES256."""
    return ec.generate_private_key(ec.SECP256R1())


def save_key(key: ec.EllipticCurvePrivateKey, path: Path, passphrase: str | None) -> None:
    """Write a new key file that from its first byte on nobody but the user can read."""
    plain = serialization.NoEncryption()
    if passphrase:
        der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)
        pem = _encrypted_pem(der, passphrase)
    else:
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    with writing(path):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            restrict_to_owner(path)
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())


def load_key(path: Path, passphrase: str | None) -> ec.EllipticCurvePrivateKey:
    """Read a key; CredentialError where it is missing, locked, broken or of another kind."""
    data = read_small(path)
    locked = b"BEGIN ENCRYPTED PRIVATE KEY" in data
    if locked and not passphrase:
        raise CredentialError(
            f"The key {path} is locked by a passphrase. Give it with --passphrase-file or in the environment "
            "variable WORKSTATION_PASSPHRASE."
        )
    try:
        secret = passphrase.encode() if locked and passphrase else None
        key = serialization.load_pem_private_key(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if locked and "assword" in str(error):
            raise WrongPassphraseError(f"That is not the passphrase of the key {path}.") from None
        raise CredentialError(f"{path} is not a readable private key. Restore it from a backup.") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise CredentialError(f"The key {path} is not for ES256, the only kind used here.")
    return key


def is_locked(path: Path) -> bool:
    """Tell whether a key file needs a passphrase."""
    return b"BEGIN ENCRYPTED PRIVATE KEY" in read_small(path)


def read_small(path: Path) -> bytes:
    """Read a key or certificate file of bounded size; CredentialError says what is wrong with it."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_KEY_FILE + 1)
    except FileNotFoundError:
        raise CredentialError(f"{path} is missing. Restore it from a backup, or make a new studio.") from None
    except OSError as error:
        raise CredentialError(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > LARGEST_KEY_FILE:
        raise CredentialError(f"{path} is too large for a key or certificate.")
    return data


def _encrypted_pem(der: bytes, passphrase: str) -> bytes:
    salt, start = secrets.token_bytes(16), secrets.token_bytes(16)
    secret = Scrypt(salt=salt, length=32, n=SCRYPT_COST, r=SCRYPT_BLOCK, p=1).derive(passphrase.encode())
    padder, cipher = padding.PKCS7(128).padder(), Cipher(algorithms.AES256(secret), modes.CBC(start))
    encryptor = cipher.encryptor()
    hidden = encryptor.update(padder.update(der) + padder.finalize()) + encryptor.finalize()
    costs = (SCRYPT_COST, SCRYPT_BLOCK, 1)
    derivation = _sequence(_name(_SCRYPT), _sequence(_octets(salt), *(_integer(cost) for cost in costs)))
    scheme = _sequence(derivation, _sequence(_name(_AES256), _octets(start)))
    envelope = _sequence(_sequence(_name(_PBES2), scheme), _octets(hidden))
    label = b"ENCRYPTED PRIVATE KEY-----\n"
    return b"-----BEGIN " + label + encodebytes(envelope) + b"-----END " + label


def _der(tag: int, body: bytes) -> bytes:
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def _sequence(*parts: bytes) -> bytes:
    return _der(0x30, b"".join(parts))


def _octets(data: bytes) -> bytes:
    return _der(0x04, data)


def _name(encoded: str) -> bytes:
    return _der(0x06, bytes.fromhex(encoded))


def _integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))
