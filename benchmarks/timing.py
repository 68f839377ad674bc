"""Interleaved timing: medians of two or more ways of doing the same, run alternately."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def medians_ms(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each way; they run alternately, after one round of warming up."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(rounds + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            if round_number:
                times[name].append(time.perf_counter() - started)
    return {name: 1000 * statistics.median(values) for name, values in times.items()}
