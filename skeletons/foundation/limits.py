"""How much of a stranger's file is believed: far more than any honest one holds.

Without limits a file of a few megabytes could ask for all memory of a machine.
"""

from __future__ import annotations

from pathlib import Path

MAX_JSON_BYTES = 512 * 2**20
"""Of the text, unpacked."""

MAX_JSON_MEMORY_BYTES = 4 * 2**30
"""Of what is made of the text, reckoned by ``JSON_SIGN_BYTES``; beside the text, which takes up to
five times its bytes while it is read. At most, 107 million numbers and an emoji took 6.1 GB in all;
512 MB of our own, 28,611 people of 308 points, are reckoned as 1.9 GB and took 2.7 in all."""

JSON_SIGN_BYTES = {"[": 104, "{": 80, ":": 128, ",": 40, '"': 28}
"""The memory that each sign of JSON text stands for at most, in Python: a list with room for its
first items, an object, its place for a name and a value, a number beside its pointer, and half a
text."""

MAX_FRAMES = 2**20
"""Of one file: a clip of nearly ten hours."""

MAX_PEOPLE = 2**18
"""Of one file, in all its frames."""

MAX_NUMBER = 1e30
"""Coordinates in pixels, and scores: so far from 0 at most, so that what is computed of them stays
finite."""

MAX_COUNT = 10**6
"""Of what options count: frames of a gap, people, joints."""

MAX_CANVAS_SIDE = 10**9
"""In pixels, of a picture that poses may refer to."""

MAX_CANVAS_PIXELS = 2**28
"""Of a drawing: 16,384 x 16,384 in any shape, the largest that ComfyUI asks for."""


MAX_RESOLUTION_PX = 16_384
"""Of the shorter side of a drawing that is resized."""

MAX_BATCH_PIXELS = 2**33
"""Of all drawings of a batch: 4,000 frames of Full HD, 100 GB as ComfyUI keeps them."""

MAX_WIDTH_PX = 1000
"""Of lines and points: OpenCV paints no thicker ones than 32,767, and they may grow with the
canvas."""


MAX_IMAGE_PIXELS = 178_956_970
"""Of a picture: as many as Pillow opens, and with it ComfyUI. 13,377 x 13,377."""

MAX_IMAGE_SIDE = 32_766
"""Of a picture, in pixels: OpenCV 4 turns and scales no longer ones."""


def check_pixels(size_wh: tuple[int, int], what: str, advice: str = "Give a smaller size.") -> None:
    """Raises ValueError if a canvas of ``size_wh`` has more than ``MAX_CANVAS_PIXELS``."""
    width, height = size_wh
    if width * height > MAX_CANVAS_PIXELS:
        raise ValueError(
            f"{what} has {width:,} x {height:,} pixels; at most {MAX_CANVAS_PIXELS:,} can be "
            f"drawn. {advice}"
        )


def check_batch(count: int, size_wh: tuple[int, int]) -> None:
    """Raises ValueError if ``count`` drawings of ``size_wh`` are more than can be held together."""
    check_pixels(size_wh, "The canvas")
    width, height = size_wh
    if count * width * height > MAX_BATCH_PIXELS:
        raise ValueError(
            f"{count:,} drawings of {width:,} x {height:,} pixels are too many for one batch. Draw "
            "fewer frames at a time, or smaller ones."
        )


def check_is_file(path: Path) -> None:
    """Raises ValueError if a path leads to a folder, pipe or device: some have no end."""
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} is no file that can be read, but a folder, pipe or device.")


def check_count(count: int, limit: int, what: str) -> None:
    """Raises ValueError if there are more than ``limit`` of ``what``."""
    if count > limit:
        raise ValueError(f"There are {count:,} {what}; at most {limit:,} can be read from a file.")


def check_image_size(width: int, height: int, what: str) -> None:
    """Raises ValueError if a picture is larger than can be looked into."""
    if width * height > MAX_IMAGE_PIXELS or max(width, height) > MAX_IMAGE_SIDE:
        raise ValueError(
            f"{what} has {width} x {height} pixels; at most {MAX_IMAGE_PIXELS:,} can be read, "
            f"and sides of at most {MAX_IMAGE_SIDE:,}. Make it smaller first."
        )
