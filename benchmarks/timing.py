"""Interleaved timing: two or more ways of doing one thing, in turn, medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def medians_ms(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each way; they run in turn, after one round that does not count."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(rounds + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            if round_number:
                times[name].append(time.perf_counter() - started)
    return {name: 1000 * statistics.median(values) for name, values in times.items()}
