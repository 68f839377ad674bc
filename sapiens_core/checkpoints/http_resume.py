"""Fetches one large file over HTTP so that it can be cut, cancelled and continued at any byte.

The hub's own client drops what has arrived when a download fails, and cannot be stopped. As it
does, a server that sends nothing for ``HF_HUB_DOWNLOAD_TIMEOUT`` seconds (10) is taken for dead.
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
MAX_FRUITLESS_TRIES = 3
"""Tries in a row that bring no new byte before a download is given up."""
PAUSE_S = 1.0
"""Wait between two tries."""
MAX_PATIENCE_S = 60.0
"""Longest wait that a server may ask for with Retry-After; above it the download fails."""
PROGRESS_INTERVAL_S = 0.1

OnProgress = Callable[[int, int], None]
"""Called with the bytes done and in all; what it raises ends the download."""

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
    """Adds to ``partial`` what it lacks of the file at ``url``, through cuts and redirects.

    On any error ``partial`` keeps what has arrived, and a later call goes on from there.

    Args:
        url: address of the file. ``headers`` with a token go to its host alone: where a redirect
            leads to another host, ``requests`` leaves the token out.
        headers: what the request carries besides a range.
        partial: the unfinished file; need not exist.
        total_bytes: size of the whole file.
        on_progress: called several times a second. What it raises ends the download.

    Raises:
        requests.RequestException: the server refuses, or sends nothing more.
        OSError: the file cannot be written.
    """
    fruitless = 0
    while size_of(partial) < total_bytes:
        before = size_of(partial)
        wait_s = PAUSE_S
        try:
            _append(url, headers, partial, total_bytes, on_progress)
        except CUTS as error:
            fruitless = 0 if size_of(partial) > before else fruitless + 1
            if fruitless == MAX_FRUITLESS_TRIES:
                raise
            log.warning(
                "The download was cut after %.1f of %.1f MB (%s); going on from there.",
                size_of(partial) / 1e6,
                total_bytes / 1e6,
                type(error).__name__,
            )
        except requests.HTTPError as error:
            asked_s = patience_asked(error)
            fruitless += 1
            if asked_s is None or fruitless == MAX_FRUITLESS_TRIES:
                raise
            wait_s = asked_s
        else:
            return
        pause(wait_s, lambda: on_progress(size_of(partial), total_bytes))


def _append(
    url: str,
    headers: Mapping[str, str],
    partial: Path,
    total_bytes: int,
    on_progress: OnProgress,
) -> None:
    """One request: everything from the end of ``partial`` on, until it ends or is cut."""
    start = size_of(partial)
    # A compressed answer has neither the size nor the positions of the file.
    asked = {**headers, "Accept-Encoding": "identity"}
    if start:
        asked["Range"] = f"bytes={start}-"
    with (
        requests.get(url, headers=asked, stream=True, timeout=HF_HUB_DOWNLOAD_TIMEOUT) as answer,
        partial.open("ab") as file,
    ):
        answer.raise_for_status()
        if start and answer.status_code != requests.codes.partial_content:
            file.truncate(0)
        told_at = 0.0
        for block in answer.iter_content(BLOCK_BYTES):
            file.write(block)
            if time.monotonic() - told_at > PROGRESS_INTERVAL_S:
                on_progress(file.tell(), total_bytes)
                told_at = time.monotonic()
        file.flush()
        os.fsync(file.fileno())
        # Older urllib3 takes an early end of the body for the end of the file.
        if file.tell() < total_bytes:
            raise requests.ConnectionError(f"{file.tell()} of {total_bytes} bytes arrived")


def size_of(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def patience_asked(error: Exception) -> float | None:
    """Seconds that a server asks to wait, with status 429 or 503 and a Retry-After header.

    None if it asks for nothing, for more than ``MAX_PATIENCE_S``, or for a calendar date.
    """
    answer = getattr(error, "response", None)
    if getattr(answer, "status_code", None) not in (429, 503):
        return None
    text = answer.headers.get("Retry-After", "") if answer is not None else ""
    return float(text) if text.isdecimal() and int(text) <= MAX_PATIENCE_S else None


def pause(seconds: float, check: Callable[[], None]) -> None:
    """Waits, and calls ``check`` several times a second; what it raises ends the wait."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        check()
        time.sleep(min(left, PROGRESS_INTERVAL_S))
