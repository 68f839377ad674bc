"""A stand-in for the hub: a real HTTP server on this machine that speaks its download protocol."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BLOCK_BYTES = 1 << 16


@dataclass(frozen=True)
class Request:
    """What was asked.

    Attributes:
        method: ``HEAD`` or ``GET``.
        path: without the leading slash.
        start: first byte asked for.
        token: content of the ``Authorization`` header, None without one.
    """

    method: str
    path: str
    start: int
    token: str | None


@dataclass
class Hub:
    """What the server holds and how it behaves.

    Attributes:
        files: content by path, ``owner/name/resolve/main/file``.
        status: answer every request with this status instead.
        status_once: method and status: refuse one request for a file each, before all is well.
        error_code: value of the hub's ``X-Error-Code`` header.
        retry_after: value of the ``Retry-After`` header of refusals.
        token: refuse requests that do not carry it.
        announced_sha256: tell this hash instead of the true one.
        announced_size: tell this size of the file instead of the true one.
        storage_url: send those who ask for a body to this other server, as the hub does.
        ignores_ranges: send the whole file whatever is asked.
        cut_after: close the connection after so many bytes of a body, once a value.
        stall_at: send nothing from this byte of a file on, without closing.
        block_pause_s: wait before each block of a body.
        requests: what was asked, in order.
        url: address of the server.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    status: int | None = None
    status_once: list[tuple[str, int]] = field(default_factory=list)
    error_code: str | None = None
    retry_after: str | None = None
    token: str | None = None
    announced_sha256: str | None = None
    announced_size: int | None = None
    storage_url: str | None = None
    ignores_ranges: bool = False
    cut_after: list[int] = field(default_factory=list)
    stall_at: int | None = None
    block_pause_s: float = 0.0
    requests: list[Request] = field(default_factory=list)
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def starts(self) -> list[int]:
        """First byte of each time that a file was asked for."""
        return [request.start for request in self.file_requests if request.method == "GET"]

    @property
    def file_requests(self) -> list[Request]:
        """All requests for files: the hub's client also asks for other things."""
        return [request for request in self.requests if "/resolve/" in request.path]


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> None:
            path = self.path.lstrip("/").split("?")[0]
            wanted = self.headers.get("Range", "bytes=0-")
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            token = self.headers.get("Authorization")
            hub.requests.append(Request(self.command, path, start, token))
            content = hub.files.get(path)
            status = hub.status
            if content and hub.status_once and hub.status_once[0][0] == self.command:
                status = hub.status_once.pop(0)[1]
            elif hub.token and token != f"Bearer {hub.token}":
                status = 401
            if status or content is None:
                self._refuse(status or 404)
            elif hub.storage_url:
                self._send_on(f"{hub.storage_url}/{path}", content)
            else:
                self._send(content, start)

        def _refuse(self, status: int) -> None:
            headers = {"X-Error-Code": hub.error_code, "Retry-After": hub.retry_after}
            self._head(status, {"Content-Length": 0, **headers})

        def _send_on(self, location: str, content: bytes) -> None:
            announced = _announced(hub, content)
            headers = {
                "Location": location,
                "Content-Length": 0,
                "X-Linked-Size": announced["Content-Length"],
                "X-Linked-ETag": announced["ETag"],
            }
            self._head(302, headers)

        def _send(self, content: bytes, start: int) -> None:
            ranged = "Range" in self.headers and not hub.ignores_ranges
            headers = {**_announced(hub, content), "Accept-Ranges": "bytes"}
            if ranged:
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
                headers["Content-Length"] = len(content) - start
            self._head(206 if ranged else 200, headers)
            if self.command == "GET":
                self._send_body(content, start if ranged else 0)

        def _head(self, status: int, headers: dict[str, object]) -> None:
            self.send_response(status)
            self.send_header("X-Repo-Commit", COMMIT)
            for name, value in headers.items():
                if value is not None:
                    self.send_header(name, str(value))
            self.end_headers()

        def _send_body(self, content: bytes, start: int) -> None:
            end = len(content) if hub.stall_at is None else hub.stall_at
            if hub.cut_after:
                end = start + hub.cut_after.pop(0)
                self.close_connection = True
            try:
                for position in range(start, end, BLOCK_BYTES):
                    time.sleep(hub.block_pause_s)
                    self.wfile.write(content[position : min(position + BLOCK_BYTES, end)])
            except ConnectionError:
                self.close_connection = True
            if end == hub.stall_at:
                hub.closing.wait()

    return Handler


def _announced(hub: Hub, content: bytes) -> dict[str, object]:
    sha256 = hub.announced_sha256 or hashlib.sha256(content).hexdigest()
    size = len(content) if hub.announced_size is None else hub.announced_size
    return {"ETag": f'"{sha256}"', "Content-Length": size}


@contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    """Runs the server on a free port of the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def point_at(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it the hub of this process, whose client has read HF_ENDPOINT long ago."""
    template = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
