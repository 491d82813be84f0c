"""Lets the C2PA library, which asks for time-stamps by HTTP alone, ask our own authority in this process.

Only this machine can reach it (127.0.0.1, a port that the system chooses), and only while a file is signed.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from workstation.credentials.stamping import LARGEST_REQUEST
from workstation.errors import CredentialError, WorkstationError

SECONDS = 10
"""How long a request may take to come in."""


@contextmanager
def serving(answer: Callable[[bytes], bytes]) -> Iterator[str]:
    """Yield the address under which requests are answered until the block ends."""
    path = f"/{secrets.token_urlsafe(16)}"  # other users of this machine cannot guess it
    try:
        server = _Server(("127.0.0.1", 0), _handler(path, answer))
    except OSError as error:
        raise CredentialError(
            f"The time-stamp authority cannot work on this machine ({error.strerror}). Nothing was signed."
        ) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        """Take a port; the usual server would also ask the name service for this machine's name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


def _handler(path: str, answer: Callable[[bytes], bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS

        def do_POST(self) -> None:
            size = self.headers.get("content-length", "")
            if self.path != path:
                self.send_error(404)
            elif not size.isdecimal() or len(size) > 9 or int(size) > LARGEST_REQUEST:
                self.send_error(413)
            elif self.headers.get("content-type") != "application/timestamp-query":
                self.send_error(415)
            else:
                self._answer(self.rfile.read(int(size)))

        def _answer(self, data: bytes) -> None:
            try:
                self._send(answer(data))
            except (WorkstationError, OSError):  # whoever signs has kept the reason
                self.send_error(500)

        def _send(self, data: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the one who signs hears whether it worked."""

    return Handler
