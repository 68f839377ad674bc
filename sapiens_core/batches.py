"""Runs a network on many items in batches that fit into memory."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from .out_of_memory import is_out_of_memory

log = logging.getLogger(__name__)


T = TypeVar("T")
R = TypeVar("R")

OnBatch = Callable[[int, int], None]
"""Called after each batch with the number done and in total; what it raises ends the run."""

OnSmaller = Callable[[int], None]
"""Called with the smaller batch size that a run goes on with after a batch did not fit."""


def run_in_batches(
    run: Callable[[Sequence[T]], Sequence[R]],
    items: Iterable[T],
    count: int,
    batch_size: int,
    on_batch: OnBatch | None = None,
    on_smaller: OnSmaller | None = None,
) -> Iterator[R]:
    """The results of ``run`` for all items, in order, each as soon as its batch is done.

    So what is done is not lost when ``on_batch`` ends the run. When a batch does not fit into
    memory, the run goes on with half as many.

    Args:
        run: returns one result per item of a batch.
        items: each is read only when its batch is due.
        count: number of items.
        batch_size: items per batch.
        on_batch: called after each batch.
        on_smaller: called when a batch did not fit, so that the next run can start smaller.

    Raises:
        Exception: what ``run`` raises, also if not even one item fits.
    """
    done = 0
    source, waiting = iter(items), list[T]()
    while done < count:
        waiting += islice(source, max(0, batch_size - len(waiting)))
        batch = waiting[:batch_size]
        try:
            batch_results = run(batch)
        except Exception as error:
            if len(batch) == 1 or not is_out_of_memory(error):
                raise
            batch_size = len(batch) // 2
            log.warning("Out of memory: continuing with %d at a time.", batch_size)
            if on_smaller:
                on_smaller(batch_size)
            continue
        del waiting[: len(batch)]
        done += len(batch)
        yield from batch_results
        if on_batch:
            on_batch(done, count)


def prepare_ahead(prepare: Callable[[T], R], items: Sequence[T], ahead: int) -> Generator[R]:
    """``prepare`` of each item in order, up to ``ahead`` of them computed before they are needed.

    They are computed in one thread, so that the CPU prepares while a GPU computes. Close the
    generator to end the thread early; an error in ``prepare`` is raised when its item is due.
    """
    waiting: deque[Future[R]] = deque()
    remaining = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="prepare") as thread:
        try:
            while True:
                for item in islice(remaining, max(0, ahead + 1 - len(waiting))):
                    waiting.append(thread.submit(prepare, item))
                if not waiting:
                    return
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
