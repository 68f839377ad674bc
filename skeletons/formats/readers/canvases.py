"""The size of the image, and its name, as programs write them beside the people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...foundation.checks import short_repr
from ...foundation.limits import MAX_CANVAS_SIDE
from ...foundation.safe_names import file_name_of

_SIZES = (
    ("width", "height"),
    ("image_width", "image_height"),
    ("img_width", "img_height"),
    ("frame_width", "frame_height"),
)
"""Keys of width and height beside ``canvas_width`` and ``canvas_height``."""

_HOLDERS = ("canvas", "image", "image_size", "size", "resolution", "meta", "metadata", "info")
"""Objects that may have these keys."""

_NAMES = ("image", "file_name", "filename", "image_name", "image_path", "image_id", "name")


def read_canvas(document: Mapping[str, Any], where: str) -> tuple[int, int] | None:
    """Width and height, which may be written as fractional numbers; None if they are left out.

    Raises:
        ValueError: ``canvas_width`` and ``canvas_height`` are no size of an image.
    """
    sides = document.get("canvas_width"), document.get("canvas_height")
    if sides != (None, None):
        return _checked(sides, where)
    for item in (document, *(document.get(key) for key in _HOLDERS)):
        if isinstance(item, Mapping):
            for keys in _SIZES:
                sides = item.get(keys[0]), item.get(keys[1])
                if all(isinstance(side, (int, float)) and side >= 1 for side in sides):
                    return _checked(sides, where)
    return None


def _checked(sides: tuple[Any, Any], where: str) -> tuple[int, int]:
    said = short_repr(sides)[:120]
    try:
        width, height = (round(float(side)) for side in sides)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{where}: the canvas is {said}, expected two numbers.") from error
    if not (1 <= width <= MAX_CANVAS_SIDE and 1 <= height <= MAX_CANVAS_SIDE):
        raise ValueError(
            f"{where}: the canvas is {said}, expected at least 1 x 1 and at most "
            f"{MAX_CANVAS_SIDE:,} pixels per side."
        )
    return width, height


def read_name(document: Mapping[str, Any]) -> str | None:
    """The name of the image, without folders; None where there is none that a file can have."""
    texts = (document.get(key) for key in _NAMES)
    return safe_name(next((text for text in texts if isinstance(text, str)), ""))


def safe_name(text: str) -> str | None:
    """The text as the name of a file, without folders; None if no file can have it."""
    try:
        return file_name_of(text)
    except ValueError:
        return None
