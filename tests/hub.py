"""A stand-in for the hub: a real HTTP server on this machine that speaks its download protocol."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the server holds and how it behaves.

    Attributes:
        files: content by path, ``owner/name/resolve/main/file``.
        status: answer every request with this status instead.
        error_code: value of the hub's ``X-Error-Code`` header.
        announced_sha256: tell this hash instead of the true one.
        cut_after: close the connection after so many bytes of a body, once a value.
        requests: method, path and Range header of what was asked.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    status: int | None = None
    error_code: str | None = None
    announced_sha256: str | None = None
    cut_after: list[int] = field(default_factory=list)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    url: str = ""


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, with_body: bool) -> None:
            path = self.path.lstrip("/").split("?")[0]
            wanted = self.headers.get("Range")
            hub.requests.append((self.command, path, wanted))
            content = hub.files.get(path)
            if hub.status or content is None:
                self._refuse(hub.status or 404)
                return
            start = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header(
                "ETag", f'"{hub.announced_sha256 or hashlib.sha256(content).hexdigest()}"'
            )
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(len(content) - start))
            if wanted:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}"
                )
            self.end_headers()
            if with_body:
                self._send(content[start:])

        def _send(self, body: bytes) -> None:
            if hub.cut_after:
                body = body[: hub.cut_after.pop(0)]
                self.close_connection = True
            self.wfile.write(body)

        def _refuse(self, status: int) -> None:
            self.send_response(status)
            if hub.error_code:
                self.send_header("X-Error-Code", hub.error_code)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler


@contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    """Runs the server on a free port of the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
