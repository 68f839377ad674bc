"""Waiting for a place that fails: growing pauses, and an end when nothing succeeds any more."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from .failures import PlaceError

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE_S = 1.0
"""Shortest pause before something is tried again, in seconds."""
LONGEST_PAUSE_S = 60.0
"""Longest pause, in seconds: what a run loses at most after a place has recovered."""


@dataclass
class Patience:
    """How long a run goes on in which nothing succeeds.

    Args:
        limit_s: seconds from the first failure after a success to the end of the run.
    """

    limit_s: float
    _failing_since_s: float | None = None

    def succeed(self) -> None:
        """Something was done: all patience is there again."""
        self._failing_since_s = None

    def has_failed_since(self, begun_s: float) -> bool:
        """Whether the trouble, if there is any, began before a moment of ``time.monotonic``."""
        return self._failing_since_s is not None and self._failing_since_s < begun_s

    def fail(self, reason: str, may_end: bool = True) -> float:
        """Something failed for its place.

        Pauses are as long as the trouble has lasted, within bounds, so that each doubles the time.

        Args:
            reason: why, in a sentence.
            may_end: whether nothing else is going on that may yet succeed.

        Returns:
            Seconds to wait before the next try.

        Raises:
            PlaceError: patience has ended; the message says how to go on.
        """
        now_s = time.monotonic()
        if self._failing_since_s is None:
            self._failing_since_s = now_s
        lasted_s = now_s - self._failing_since_s
        if lasted_s >= self.limit_s and may_end:
            raise PlaceError(
                f"{reason.rstrip('.')}; nothing has succeeded for {lasted_s:.0f} s, so the run "
                "stops. Fix this, then repeat the command to resume."
            )
        pause_s = min(max(lasted_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        if may_end:
            pause_s = min(pause_s, self.limit_s - lasted_s)
        log.warning("%s Trying again in %.0f s.", reason, pause_s)
        return pause_s

    def keep_trying(self, work: Callable[[], T]) -> T:
        """What ``work`` returns, as soon as it raises no OSError.

        Raises:
            PlaceError: patience has ended.
        """
        while True:
            try:
                result = work()
            except OSError as error:
                time.sleep(self.fail(str(error)))
            else:
                self.succeed()
                return result
