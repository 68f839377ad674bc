"""How much of a stranger's file is believed: far more than any honest one holds.

Without limits a file of a few megabytes could ask for all memory of a machine.
"""

from __future__ import annotations

MAX_JSON_BYTES = 512 * 2**20
"""Of the text, unpacked; it takes three to eight times as much memory."""

MAX_FRAMES = 2**20
"""Of one file: a clip of nearly ten hours."""

MAX_PEOPLE = 2**18
"""Of one file, in all its frames."""

MAX_NUMBER = 1e9
"""Coordinates in pixels, sides of canvases, and scores: so far from 0 at most, so that sums and
products of them stay finite."""

MAX_CANVAS_PIXELS = 2**28
"""Of a drawing: 16,384 x 16,384 in any shape, the largest that ComfyUI asks for."""


def check_count(count: int, limit: int, what: str) -> None:
    """Raises ValueError if there are more than ``limit`` of ``what``."""
    if count > limit:
        raise ValueError(f"There are {count:,} {what}; at most {limit:,} can be read from a file.")
