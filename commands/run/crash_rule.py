"""What is done when a worker crashes: again, then one by one, then given up.

A crash ends a worker's process without an answer: a bug in a library, memory that ran out, a
machine that was switched off. Which image caused it, if any, is unknown. Therefore

1. an image is given up if the worker ends by a fault of its own while it reads just this image, or
   while the image is tried alone, and the others of the chunk are done;
2. otherwise another worker does the chunk again;
3. after ``MAX_CHUNK_CRASHES`` crashes at a chunk, its images are tried one by one.

On a cluster, a worker may also end with its machine. Therefore a shard at which one has ended is
begun again with a process for the images alone, to which the rule applies, see ``ray_batch.shard``.
"""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import dataclass, field

MAX_CHUNK_CRASHES = 2
"""Number of crashes at a chunk after which its images are tried one by one. Not 1, because one
crash may be a machine that was switched off."""


_FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
"""Signals by which others end a process, the system too where memory runs out."""


def is_own_fault(exit_code: int | None) -> bool:
    """Whether a process with this exit code, ``-11`` for signal 11, was not ended by others."""
    others = {-getattr(signal, name) for name in _FROM_OUTSIDE if hasattr(signal, name)}
    return exit_code is not None and exit_code != 0 and exit_code not in others


@dataclass
class CrashRule:
    """The crashes so far, and what follows from them; chunks are known by their numbers."""

    _num_crashes: Counter[int] = field(default_factory=Counter)

    def record(self, chunk: int) -> None:
        """Adds a crash at a chunk whose images were done together."""
        self._num_crashes[chunk] += 1

    def is_one_by_one(self, chunk: int) -> bool:
        """Whether the images of a chunk are tried one by one."""
        return self._num_crashes[chunk] >= MAX_CHUNK_CRASHES
