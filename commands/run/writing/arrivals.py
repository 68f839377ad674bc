"""What one thread waits for and another one tells: which chunks of a run are done."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from threading import Condition

from ..chunks import Chunk, Result
from ..resume_store import ResumeStore


class WritingStoppedError(Exception):
    """The run ends, and what is being written is not finished."""


class Arrivals:
    """Chunks whose results are stored.

    Args:
        store: the results.
        waiting: numbers of the chunks that are not done yet.
    """

    def __init__(self, store: ResumeStore, waiting: Collection[int]) -> None:
        self._store = store
        self._waiting = set(waiting)
        self._is_stopped = False
        self._changed = Condition()

    def tell(self, chunk: Chunk) -> None:
        """The results of a chunk are stored now."""
        with self._changed:
            self._waiting.discard(chunk.number)
            self._changed.notify_all()

    def stop(self) -> None:
        """No more chunks come: who waits, or goes on later, gets ``WritingStoppedError``."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def wait(self, chunk: Chunk) -> None:
        """Returns when the results of a chunk are stored.

        Raises:
            WritingStoppedError: ``stop`` was called.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or chunk.number not in self._waiting)
        self.check()

    def check(self) -> None:
        """Raises ``WritingStoppedError`` if ``stop`` was called."""
        if self._is_stopped:
            raise WritingStoppedError

    def results(self, chunks: Collection[Chunk]) -> Iterator[Result]:
        """The results of chunks in order, each as soon as it is stored.

        Raises:
            WritingStoppedError: ``stop`` was called.
            OSError, ValueError: what was stored is damaged.
        """
        for chunk in chunks:
            self.wait(chunk)
            for result in self._store.load(chunk):
                self.check()
                yield result
