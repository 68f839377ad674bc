"""An HTTP server on this machine that misbehaves as it is told, for links and as S3.

A target's first folder says how: ``/status/503/a.png``, ``/cut/a.png``, ``/stall/a.png``,
``/late/a.png``, ``/circle/a.png``; below ``/shoot``, which is also a bucket, files are as they are.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

BUCKET = "shoot"


class MisbehavingServer:
    """A server that ends with its context.

    Args:
        files: contents by name.
        port: 0 takes any that is free.
        cut: names of files whose connection is cut in the middle.

    Attributes:
        keys: key ids of S3 that are valid; None: nobody is asked.
        stop_at: name of a file in the middle of which the server ends.
        num_requests: so far.
    """

    def __init__(self, files: dict[str, bytes], port: int = 0, cut: Iterable[str] = ()) -> None:
        self.files, self.cut = files, set(cut)
        self.keys: set[str] | None = None
        self.stop_at: str | None = None
        self.num_requests = 0
        self.ended = threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # such as clients that hang up
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> MisbehavingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server; whoever asks from now on is refused."""
        if not self.ended.is_set():
            self.ended.set()
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: MisbehavingServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.connection.settimeout(60)
        if self.owner.ended.is_set():  # connections that are kept alive outlive the server
            self._hang_up()
            return
        self.owner.num_requests += 1
        path = unquote(urlsplit(self.path).path)
        how, _, rest = path.lstrip("/").partition("/")
        if how == "status":
            self._send(int(rest.partition("/")[0]), b"it is told to")
        elif how == "circle":
            self.send_response(302)
            self.send_header("Location", self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif how == "late":
            self.owner.ended.wait(60)
            self._hang_up()
        elif how in ("cut", "stall"):
            self._send_half(next(iter(self.owner.files.values())), stall=how == "stall")
        elif how == BUCKET:
            self._send_file(rest)
        else:
            self._send(404, b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send_file(self, name: str) -> None:
        if self.owner.keys is not None and self._key() not in self.owner.keys:
            self._send(403, b"<Error><Code>InvalidAccessKeyId</Code></Error>")
        elif "list-type=2" in self.path:
            self._send_list(parse_qs(urlsplit(self.path).query).get("prefix", [""])[0])
        elif not name:
            self._send(200, b"")
        elif name not in self.owner.files:
            self._send(404, b"")
        elif name == self.owner.stop_at and self.command == "GET":
            self.owner.stop()
            self._send_half(self.owner.files[name], stall=False)
        elif name in self.owner.cut:
            self._send_half(self.owner.files[name], stall=False)
        else:
            self._send_part(self.owner.files[name])

    def _key(self) -> str:
        found = re.search("Credential=([^/]+)/", self.headers.get("Authorization", ""))
        return found[1] if found else ""

    def _send_list(self, prefix: str) -> None:
        items = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(content)}</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for name, content in sorted(self.owner.files.items())
            if name.startswith(prefix)
        )
        text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"
        self._send(200, text.encode(), "application/xml")

    def _send(self, status: int, body: bytes, kind: str = "application/octet-stream") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            with suppress(OSError):
                self.wfile.write(body)

    def _send_part(self, body: bytes) -> None:
        """The range that is asked for, as S3 is asked, or all of it."""
        found = re.fullmatch("bytes=([0-9]+)-([0-9]+)", self.headers.get("Range", ""))
        part = slice(int(found[1]), int(found[2]) + 1) if found else slice(None)
        self._send(206 if found else 200, body[part])

    def _send_half(self, body: bytes, stall: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            with suppress(OSError):
                self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            if stall:
                self.owner.ended.wait(60)
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # the client may have been first
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""
