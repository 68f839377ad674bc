"""Time limits of fetching a file, whatever library fetches it.

Each library has limits of its own, of other things and under other names: aiohttp for a request as
a whole, Arrow's S3 for connecting and for each of many requests, other file systems none at all.
Therefore a file is fetched in a thread, which is watched.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from ...skeletons.options.running import FETCHING
from ..failures import DoubtfulError

_LOOK_S = 0.1
"""Time between two looks at a copy, in seconds."""


@dataclass(frozen=True)
class TimeLimits:
    """Limits in seconds, see ``FETCHING`` in ``skeletons/options/running.py``.

    Attributes:
        connect_s: until the server begins to give the file.
        stall_s: in which nothing arrives.
        file_s: for the whole file.
    """

    connect_s: float = FETCHING["connect_limit"].default
    stall_s: float = FETCHING["stall_limit"].default
    file_s: float = FETCHING["file_limit"].default


class GivenUp(Exception):  # noqa: N818 - it ends a thread, nobody sees it
    """Ends a thread that nobody waits for any more."""


class Watch:
    """What a thread tells of its progress."""

    def __init__(self) -> None:
        self.is_given_up = False
        self.num_bytes: int | None = None

    def reading(self, source: BinaryIO) -> BinaryIO:
        """The stream, whose bytes are counted as they come; it can only be read."""
        self.num_bytes = 0
        return cast(BinaryIO, WatchedStream(source, self))


class WatchedStream:
    """A stream that counts what is read of it.

    Reads are as large as who reads asks for: with S3 each is a request of its own.
    """

    def __init__(self, source: BinaryIO, watch: Watch) -> None:
        self._source, self._watch = source, watch

    def read(self, size: int = -1) -> bytes:
        """The next bytes, ``size`` or fewer; none at the end.

        Raises:
            GivenUp: nobody waits any more.
        """
        if self._watch.is_given_up:
            raise GivenUp
        block = self._source.read(size)
        self._watch.num_bytes = (self._watch.num_bytes or 0) + len(block)
        return block


def fetch_in_time(
    fetch: Callable[[Path, Watch], None], copy: Path, shown: str, limits: TimeLimits
) -> None:
    """Has a file fetched, and gives up when a limit is over.

    Args:
        fetch: fetches to a path; it reads from ``Watch.reading``.
        copy: where to.
        shown: what people call the file.
        limits: how long to wait.

    Raises:
        DoubtfulError: a limit is over.
        Exception: what ``fetch`` raises.
    """
    errors: list[BaseException] = []
    watch = Watch()

    def work() -> None:
        try:
            fetch(copy, watch)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True, name="fetch")
    thread.start()
    begun_s = changed_s = time.monotonic()
    num_bytes: int | None = None
    while True:
        thread.join(_LOOK_S)
        if not thread.is_alive():
            break
        now_s = time.monotonic()
        if watch.num_bytes != num_bytes:
            num_bytes, changed_s = watch.num_bytes, now_s
        reason = _why_too_long(num_bytes, now_s - begun_s, now_s - changed_s, limits)
        if reason:
            watch.is_given_up = True
            raise DoubtfulError(f"{shown}: {reason}")
    if errors:
        raise errors[0]


def _why_too_long(
    num_bytes: int | None, in_all_s: float, still_s: float, limits: TimeLimits
) -> str:
    if num_bytes is None and in_all_s >= limits.connect_s:
        return f"the server did not start to send the file within {limits.connect_s:g} s."
    if num_bytes is not None and still_s >= limits.stall_s:
        return f"nothing arrived for {limits.stall_s:g} s after {num_bytes:,} bytes."
    if in_all_s >= limits.file_s:
        return f"the file was not complete after {limits.file_s:g} s."
    return ""
