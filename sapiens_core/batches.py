"""Runs a network on many things, a few at a time, as memory allows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

OnBatch = Callable[[int, int], None]
"""Called after each batch with what is done and in all; what it raises ends the run."""


def run_in_batches(
    run: Callable[[Sequence[T]], Sequence[R]],
    items: Sequence[T],
    batch_size: int,
    on_batch: OnBatch | None = None,
) -> list[R]:
    """The results of ``run`` for all items, in order; no items give none.

    When a batch does not fit into memory, the run goes on with half as many.

    Raises:
        torch.cuda.OutOfMemoryError: not even one item fits.
    """
    results: list[R] = []
    while len(results) < len(items):
        batch = items[len(results) : len(results) + batch_size]
        try:
            found = run(batch)
        except torch.cuda.OutOfMemoryError:
            if len(batch) == 1:
                raise
            batch_size = len(batch) // 2
            log.warning("Out of memory: going on with %d at a time.", batch_size)
            continue
        results += found
        if on_batch:
            on_batch(len(results), len(items))
    return results
