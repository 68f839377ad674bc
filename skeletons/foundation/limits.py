"""Upper limits for untrusted files and values, far above anything that honest ones hold.

Without limits, a file of a few megabytes could demand all memory of a machine.
"""

from __future__ import annotations

from pathlib import Path

MAX_JSON_BYTES = 512 * 2**20
"""Maximum size of unpacked JSON text, in bytes."""

MAX_CLIP_BYTES = 32 * 2**30
"""Maximum size of unpacked JSON text that is read frame by frame, in bytes: three hours of four
people with 308 keypoints. More would keep a computer busy for longer than half an hour."""

MAX_JSON_MEMORY_BYTES = 4 * 2**30
"""Maximum estimated memory of parsed JSON, in bytes, by ``JSON_SIGN_BYTES``.

The text itself comes on top, with up to five times its size while it is read. Measured: the worst
case found, 107 million numbers and an emoji, took 6.1 GB in all; 512 MB of our own files, 28,611
people of 308 keypoints, are estimated at 1.9 GB and took 2.7 GB in all."""

JSON_SIGN_BYTES = {"[": 104, "{": 80, ":": 128, ",": 40, '"': 28}
"""Maximum memory per sign of JSON text as Python objects, in bytes: a list with room for its
first items, a dict, its slot for a name and a value, a number with its pointer, and half a
string."""

MAX_FRAMES = 2**20
"""Maximum number of frames per file: a clip of nearly ten hours."""

MAX_PEOPLE = 2**18
"""Maximum number of people per file, over all its frames."""

MAX_NUMBER = 1e30
"""Maximum absolute value of a coordinate in pixels and of a score: what is computed from them stays
finite."""

MAX_COUNT = 10**6
"""Maximum value of an option that counts something: frames of a gap, people, keypoints."""

MAX_PER_PASS = 4096
"""Maximum number of crops or images per pass through a network; more is a typing mistake."""

MAX_MARGIN = 1000
"""Maximum margin around a box, in multiples of its longer side: beyond any image."""

MAX_CROP_SIDE = 8192
"""Maximum side of a person's crop, in pixels: eight times the height of training."""

MAX_CANVAS_SIDE = 10**9
"""Maximum side of an image that poses may refer to, in pixels."""

MAX_CANVAS_PIXELS = 2**28
"""Maximum size of a drawing, in pixels: 16,384 x 16,384 in any shape, ComfyUI's largest image."""

MAX_RESOLUTION_PX = 16_384
"""Maximum side that an option may ask for, in pixels, of a drawing or of an image."""

MAX_BATCH_PIXELS = 2**33
"""Maximum size of all drawings of a batch, in pixels: 4,000 Full HD frames, 100 GB in ComfyUI."""

MAX_WIDTH_PX = 1000
"""Maximum width of lines and dots, in pixels, before they grow with the canvas; OpenCV paints at
most 32,767."""

MAX_IMAGE_PIXELS = 178_956_970
"""Maximum size of an image file, in pixels: Pillow's limit, and so ComfyUI's; 13,377 x 13,377."""

MAX_IMAGE_SIDE = 32_766
"""Maximum side of an image file, in pixels: OpenCV 4 warps no longer ones."""


def check_pixels(size_wh: tuple[int, int], what: str, advice: str = "Give a smaller size.") -> None:
    """Raises ValueError if a canvas of ``size_wh`` has more than ``MAX_CANVAS_PIXELS``."""
    width, height = size_wh
    if width * height > MAX_CANVAS_PIXELS:
        raise ValueError(
            f"{what} has {width:,} x {height:,} pixels; at most {MAX_CANVAS_PIXELS:,} can be "
            f"drawn. {advice}"
        )


def check_batch(count: int, size_wh: tuple[int, int]) -> None:
    """Raises ValueError if ``count`` drawings have more than ``MAX_BATCH_PIXELS`` together."""
    check_pixels(size_wh, "The canvas")
    width, height = size_wh
    if count * width * height > MAX_BATCH_PIXELS:
        raise ValueError(
            f"{count:,} drawings of {width:,} x {height:,} pixels are too many for one batch. Draw "
            "fewer frames at a time, or smaller ones."
        )


def check_is_file(path: Path) -> None:
    """Raises ValueError if a path leads to a folder, pipe or device; reading some never ends."""
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} is not a regular file but a folder, pipe or device.")


def check_count(count: int, limit: int, what: str) -> None:
    """Raises ValueError if ``count`` is more than ``limit``; ``what`` is counted, in the plural."""
    if count > limit:
        raise ValueError(f"There are {count:,} {what}; at most {limit:,} can be read from a file.")


def check_image_size(width: int, height: int, what: str) -> None:
    """Raises ValueError if an image is larger than ``MAX_IMAGE_PIXELS`` or ``MAX_IMAGE_SIDE``."""
    if width * height > MAX_IMAGE_PIXELS or max(width, height) > MAX_IMAGE_SIDE:
        raise ValueError(
            f"{what} has {width} x {height} pixels; at most {MAX_IMAGE_PIXELS:,} can be read, "
            f"and sides of at most {MAX_IMAGE_SIDE:,}. Make it smaller first."
        )
