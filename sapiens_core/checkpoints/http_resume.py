"""Downloads one large file over HTTP, so that it can be cut, cancelled and continued at any byte.

A server that sends nothing for ``HF_HUB_DOWNLOAD_TIMEOUT`` seconds (10) counts as dead, as for the
hub's own client; ``download`` says what that client loses.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import requests
from huggingface_hub.constants import HF_HUB_DOWNLOAD_TIMEOUT

BLOCK_BYTES = 1 << 16
"""Number of bytes that are received and written at a time."""
MAX_FRUITLESS_TRIES = 3
"""Maximum number of consecutive tries that bring no new byte."""
PAUSE_S = 1.0
"""Time between two tries, in seconds."""
MAX_WAIT_S = 60.0
"""Maximum time that a server may ask to wait with Retry-After, in seconds."""
PROGRESS_INTERVAL_S = 0.1
"""Time between two calls of a progress callback, in seconds."""

OnProgress = Callable[[int, int], None]
"""Called with the bytes done and in total; what it raises ends the download."""

CUTS = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
"""Errors of a connection rather than answers: worth another try."""

log = logging.getLogger(__name__)


def fetch(
    url: str,
    headers: Mapping[str, str],
    partial: Path,
    total_bytes: int,
    on_progress: OnProgress,
) -> None:
    """Appends to ``partial`` what it lacks of the file at ``url``, through cuts and redirects.

    On any error ``partial`` keeps what has arrived, and a later call goes on from there.

    Args:
        url: address of the file.
        headers: headers of the request besides the range. A token among them goes to the host of
            ``url`` alone: ``requests`` drops it where a redirect leads to another host.
        partial: the unfinished file; need not exist.
        total_bytes: size of the whole file.
        on_progress: called several times per second. What it raises ends the download.

    Raises:
        requests.RequestException: the server refuses, or sends nothing more.
        OSError: the file cannot be written.
    """
    fruitless = 0
    while file_bytes(partial) < total_bytes:
        before = file_bytes(partial)
        wait_s = PAUSE_S
        try:
            _append(url, headers, partial, total_bytes, on_progress)
        except CUTS as error:
            fruitless = 0 if file_bytes(partial) > before else fruitless + 1
            if fruitless == MAX_FRUITLESS_TRIES:
                raise
            log.warning(
                "The download was cut after %.1f of %.1f MB (%s); resuming.",
                file_bytes(partial) / 1e6,
                total_bytes / 1e6,
                type(error).__name__,
            )
        except requests.HTTPError as error:
            requested_s = requested_wait_s(error)
            fruitless += 1
            if requested_s is None or fruitless == MAX_FRUITLESS_TRIES:
                raise
            wait_s = requested_s
        else:
            return
        pause(wait_s, lambda: on_progress(file_bytes(partial), total_bytes))


def _append(
    url: str,
    headers: Mapping[str, str],
    partial: Path,
    total_bytes: int,
    on_progress: OnProgress,
) -> None:
    """One request: appends everything from the end of ``partial`` on, until it ends or is cut."""
    start = file_bytes(partial)
    # A compressed answer has neither the size nor the positions of the file.
    all_headers = {**headers, "Accept-Encoding": "identity"}
    if start:
        all_headers["Range"] = f"bytes={start}-"
    with (
        requests.get(
            url, headers=all_headers, stream=True, timeout=HF_HUB_DOWNLOAD_TIMEOUT
        ) as answer,
        partial.open("ab") as file,
    ):
        answer.raise_for_status()
        if start and answer.status_code != requests.codes.partial_content:
            file.truncate(0)
        reported_at = 0.0
        for block in answer.iter_content(BLOCK_BYTES):
            file.write(block)
            if time.monotonic() - reported_at > PROGRESS_INTERVAL_S:
                on_progress(file.tell(), total_bytes)
                reported_at = time.monotonic()
        file.flush()
        os.fsync(file.fileno())
        # Older urllib3 takes an early end of the body for the end of the file.
        if file.tell() < total_bytes:
            raise requests.ConnectionError(f"{file.tell()} of {total_bytes} bytes arrived")


def file_bytes(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def requested_wait_s(error: Exception) -> float | None:
    """Seconds that a server asks to wait, by status 429 or 503 and a Retry-After header.

    None if it does not ask, or asks for more than ``MAX_WAIT_S`` or for a calendar date.
    """
    answer = getattr(error, "response", None)
    if getattr(answer, "status_code", None) not in (429, 503):
        return None
    text = answer.headers.get("Retry-After", "") if answer is not None else ""
    return float(text) if text.isdecimal() and int(text) <= MAX_WAIT_S else None


def pause(seconds: float, check: Callable[[], None]) -> None:
    """Waits, and calls ``check`` several times per second; what it raises ends the wait."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        check()
        time.sleep(min(left, PROGRESS_INTERVAL_S))
