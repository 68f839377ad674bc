"""What is worked on at a time: a few consecutive pictures, or frames of one clip.

Units depend on the inputs alone, not on who works on them, so that one process and many find the
same poses, number for number: people share passes through the network within a unit and never
beyond it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...skeletons.formats import sapiens_key
from ...skeletons.foundation.safe_json import parse_json
from ...skeletons.pose import Frame
from ..files.video import ClipFrame

UNIT_SIZE = 8
"""Pictures: enough to fill passes, few enough to be held in memory and to be done once more."""

PIXELS_TOGETHER = 2**28
"""Of a unit's pictures; those of larger ones are looked at in several groups."""


@dataclass(frozen=True)
class Item:
    """One picture to look at.

    Attributes:
        path: the picture, or the clip that it is a frame of.
        name: path without ending of its results below the folder for them, with ``/``.
        frame: which frame of the clip; None for a picture.
    """

    path: Path
    name: str
    frame: ClipFrame | None = None

    @property
    def picture_path(self) -> Path:
        """The picture's path; a frame of ``clip.mp4`` is called as ``clip_000012.png``."""
        return self.path if self.frame is None else self.path.parent / f"{self.stem}.png"

    @property
    def stem(self) -> str:
        """The last part of ``name``."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True)
class Unit:
    """Items that are worked on together.

    Attributes:
        number: its place among the units of a run.
        items: one or more.
        is_clip: whether they are frames of a clip, of which nothing can be written before the
            whole clip is known.
    """

    number: int
    items: tuple[Item, ...]
    is_clip: bool = False


@dataclass(frozen=True)
class Failure:
    """Why there is no result of a picture, in words for its owner."""

    message: str


@dataclass(frozen=True)
class Selected(Frame):
    """The people of a picture who were selected.

    Attributes:
        num_found: how many there were before, empty places not counted.
    """

    num_found: int = 0


Result = Frame | Failure


def clip_items(path: Path, name: str, frames: Sequence[ClipFrame]) -> list[Item]:
    """Frames of a clip; ``name`` is the clip's own, and a folder for what belongs to one frame."""
    stem = name.rpartition("/")[2]
    return [Item(path, f"{name}/{stem}_{frame.index:06}", frame) for frame in frames]


def in_units(items: Sequence[Item], *, is_clip: bool, first_number: int = 0) -> Iterator[Unit]:
    """The items, ``UNIT_SIZE`` at a time."""
    for place in range(0, len(items), UNIT_SIZE):
        number = first_number + place // UNIT_SIZE
        yield Unit(number, tuple(items[place : place + UNIT_SIZE]), is_clip)


def encode_results(results: Sequence[Result]) -> str:
    """As JSON, from which ``decode_results`` makes the same numbers."""
    return json.dumps([_encode(result) for result in results], allow_nan=False)


def decode_results(text: str) -> list[Result]:
    """What ``encode_results`` was given.

    Raises:
        ValueError: the text is something else.
    """
    try:
        return [_decode(each) for each in parse_json(text)]
    except (TypeError, OverflowError) as error:
        raise ValueError(f"Results that were kept cannot be read: {error}") from error


def _encode(result: Result) -> dict[str, Any]:
    if isinstance(result, Failure):
        return {"error": result.message}
    found = {"num_found": result.num_found} if isinstance(result, Selected) else {}
    return {**sapiens_key.encode(result, []), **found}


def _decode(entry: dict[str, Any]) -> Result:
    if "error" in entry:
        return Failure(str(entry["error"]))
    frame = sapiens_key.decode(entry)
    if "num_found" in entry:
        return Selected(frame.canvas_wh, frame.poses, int(entry["num_found"]))
    return frame
