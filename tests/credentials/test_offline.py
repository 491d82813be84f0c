"""Signing and verifying never touch a network: not through Python, and not through the library either."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from PIL import Image

from tests.credentials.conftest import BESIDE, INSIDE, opened, signed
from tests.credentials.media import BARE, MEDIA
from workstation.credentials.certificates import Studio
from workstation.credentials.verifying import verify

ROOT = Path(__file__).resolve().parents[2]
NOISE = np.random.default_rng(1).integers(0, 255, (300, 400, 3), dtype=np.uint8)
TRIED = {"large.png": lambda path: Image.fromarray(NOISE).save(path)}
"""Larger than what is read without a trial in a process of its own."""
EVERY = INSIDE | BESIDE | MEDIA | BARE | TRIED
ALL_KINDS = """
import sys
from pathlib import Path
from tests.credentials.test_offline import EVERY, all_kinds
from workstation.credentials.certificates import load_studio
folder = Path(sys.argv[1])
all_kinds(folder, load_studio(folder / "studio"))
print("all of them")
"""


def all_kinds(folder: Path, studio: Studio) -> None:
    """Sign files of all kinds, open each of them once more, and judge them."""
    for name, make in EVERY.items():
        make(folder / name)
        first = signed(folder / name, folder / f"first-{name}", studio)
        assert verify(opened(first, folder / f"second-{name}", studio), studio.anchor).state == "trusted"


def test_no_socket_is_opened_for_any_kind_of_file(
    tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the network was asked for")

    for name in (
        "socket",
        "create_connection",
        "create_server",
        "getaddrinfo",
        "gethostbyname",
        "socketpair",
    ):
        monkeypatch.setattr(socket, name, forbidden)
    all_kinds(tmp_path, studio)


def test_a_credential_that_lies_elsewhere_is_not_fetched(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "socket", None)
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert verify(shared_data / "c2pa" / "c2pa-rs" / "cloud.jpg", "").state == "remote"


def test_the_system_sees_no_call_to_the_network(tmp_path: Path, studio: Studio, shared_data: Path) -> None:
    """strace follows the native library and the process that tries credentials out."""
    if shutil.which("strace") is None:
        pytest.skip("there is no strace to watch the system's calls")
    log = tmp_path / "calls.txt"
    if _watched(log, "pass").returncode:
        pytest.skip("strace may not watch processes here")
    done = _watched(log, ALL_KINDS, str(tmp_path))
    assert done.stdout == "all of them\n", done.stderr
    assert calls(log) == []
    remote = shared_data / "c2pa" / "c2pa-rs" / "cloud.jpg"
    _watched(log, "import sys; from workstation.cli import run; run(sys.argv[1:])", "verify", str(remote))
    assert calls(log) == []
    _watched(log, "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))")
    assert len(calls(log)) == 2  # so the watching works


def test_all_is_signed_and_judged_where_there_is_no_network_at_all(tmp_path: Path, studio: Studio) -> None:
    alone = ["unshare", "--net", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("the system gives no process a network of its own")
    words = [*alone, sys.executable, "-c", ALL_KINDS, str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert done.stdout == "all of them\n", done.stderr


def _watched(log: Path, programme: str, *words: str) -> subprocess.CompletedProcess[str]:
    watch = ["strace", "-f", "-qq", "-e", "trace=socket,connect,sendto,bind", "-o", str(log)]
    called = [*watch, sys.executable, "-c", programme, *words]
    return subprocess.run(called, cwd=ROOT, capture_output=True, text=True, timeout=250)


def calls(log: Path) -> list[str]:
    """Return the calls to a network; sockets within the machine (AF_UNIX) are none."""
    lines = log.read_text(errors="replace").splitlines()
    return [line for line in lines if "(" in line and "AF_UNIX" not in line and "---" not in line]
