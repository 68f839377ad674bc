"""What is done when a worker crashes: one rule for the workers of a machine and of a cluster.

A crash ends a worker's process without an answer: a bug in a library, memory that ran out, a
machine that was switched off. Which image caused it, if any, is unknown. Therefore

1. another worker does the chunk again;
2. after ``MAX_CHUNK_CRASHES`` crashes at a chunk, its images are tried one by one;
3. an image at which a worker crashes while it is tried alone is given up, and the others are done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

MAX_CHUNK_CRASHES = 2
"""Number of crashes at a chunk after which its images are tried one by one. Not 1, because one
crash may be a machine that was switched off."""


@dataclass
class CrashRule:
    """The crashes so far, and what follows from them.

    Chunks and images are known by any keys that their owner chooses.
    """

    _num_crashes: Counter[Hashable] = field(default_factory=Counter)
    _reasons: dict[Hashable, str] = field(default_factory=dict)

    def record(self, chunk: Hashable, image: Hashable | None, reason: str) -> None:
        """Adds a crash.

        Args:
            chunk: at which it happened.
            image: the image of the chunk that was tried alone; None if all were tried together.
            reason: what is known of the crash, for the owner of an image that is given up.
        """
        if image is None:
            self._num_crashes[chunk] += 1
        else:
            self._reasons[image] = reason

    def is_one_by_one(self, chunk: Hashable) -> bool:
        """Whether the images of a chunk are tried one by one."""
        return self._num_crashes[chunk] >= MAX_CHUNK_CRASHES

    def why_given_up(self, image: Hashable) -> str | None:
        """The reason why an image is given up; None if it is not."""
        return self._reasons.get(image)
