"""An HTTP server on this machine that keeps each request: as S3, Google Cloud Storage, or links."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit

BUCKET = "shoot"


class Request(NamedTuple):
    """What somebody asked for; names of headers are in small letters."""

    method: str
    target: str
    headers: dict[str, str]


class CapturingServer:
    """A server that ends with its context.

    Args:
        kind: ``s3`` and ``gs`` show ``files`` in the bucket ``shoot``, ``http`` below ``/shoot``.
        files: contents by name.
        status: of all answers, if given.
        headers: that all answers have too.

    Attributes:
        requests: all that were made, in order.
    """

    def __init__(
        self,
        kind: str = "http",
        files: dict[str, bytes] | None = None,
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.kind, self.files = kind, files or {}
        self.status, self.headers = status, headers or {}
        self.requests: list[Request] = []
        handler = type("Handler", (_Handler,), {"capturing": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> CapturingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, target: str) -> tuple[int, str, bytes]:
        """Status, content type and body for a target."""
        return {"s3": self._answer_s3, "gs": self._answer_gs, "http": self._answer_http}[self.kind](
            target
        )

    def _answer_s3(self, target: str) -> tuple[int, str, bytes]:
        path, query = unquote(urlsplit(target).path), parse_qs(urlsplit(target).query)
        bucket, _, key = path.lstrip("/").partition("/")
        if bucket != BUCKET:
            return 404, "application/xml", b"<Error><Code>NoSuchBucket</Code></Error>"
        if "list-type" not in query:
            return self._answer_file(key) if key else (200, "application/xml", b"")
        prefix = query.get("prefix", [""])[0]
        items = "".join(
            f"<Contents><Key>{escape(name).replace(chr(10), '&#10;')}</Key><Size>{len(content)}"
            "</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for name, content in sorted(self.files.items())
            if name.startswith(prefix)
        )
        listing = f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"
        return 200, "application/xml", listing.encode()

    def _answer_gs(self, target: str) -> tuple[int, str, bytes]:
        split = urlsplit(target)
        query = parse_qs(split.query)
        objects = f"/storage/v1/b/{BUCKET}/o"
        if split.path == f"/storage/v1/b/{BUCKET}":
            return 200, "application/json", json.dumps({"name": BUCKET}).encode()
        if split.path == objects:
            prefix = query.get("prefix", [""])[0]
            items = [self._describe_gs(name) for name in self.files if name.startswith(prefix)]
            return 200, "application/json", json.dumps({"items": items}).encode()
        for start in (f"{objects}/", f"/{BUCKET}/"):
            name = unquote(split.path.removeprefix(start))
            if split.path.startswith(start) and name in self.files:
                if start == f"/{BUCKET}/" or query.get("alt") == ["media"]:
                    return self._answer_file(name)
                return 200, "application/json", json.dumps(self._describe_gs(name)).encode()
        return 404, "application/json", b'{"error": {"code": 404}}'

    def _describe_gs(self, name: str) -> dict[str, str]:
        return {
            **{"kind": "storage#object", "name": name, "bucket": BUCKET, "generation": "1"},
            **{"size": str(len(self.files[name])), "updated": "2026-01-01T00:00:00.000Z"},
        }

    def _answer_http(self, target: str) -> tuple[int, str, bytes]:
        name = unquote(target).removeprefix(f"/{BUCKET}/")
        if name in self.files:
            return self._answer_file(name)
        if target.rstrip("/") != f"/{BUCKET}":
            return 404, "text/plain", b""
        links = (f'<a href="{escape(quote(name))}">x</a>' for name in self.files)
        return 200, "text/html", "\n".join(links).encode()

    def _answer_file(self, name: str) -> tuple[int, str, bytes]:
        if name not in self.files:
            return 404, "text/plain", b""
        return 200, "application/octet-stream", self.files[name]


class _Handler(BaseHTTPRequestHandler):
    capturing: CapturingServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.capturing.requests.append(Request(self.command, self.path, headers))
        status, kind, body = self.capturing.answer(self.path)
        self.send_response(self.capturing.status or status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        for name, value in self.capturing.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):  # who has seen enough goes away
                self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""
