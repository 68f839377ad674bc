"""Chunks: a few consecutive images, or frames of one clip, that are worked on together.

Chunks depend on the inputs alone, not on who works on them, so that one process and many find the
same poses, number for number: people share passes through the network within a chunk and never
beyond it.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...sapiens_core.clip.images.cuts import SIDE
from ...sapiens_core.clip.images.small_image import SmallImage
from ...skeletons.formats import sapiens_key
from ...skeletons.foundation.safe_json import parse_json
from ...skeletons.pose import Frame
from ..failures import Cause
from ..videos.clip_frames import ClipFrame

CHUNK_SIZE = 8
"""Number of images in a chunk: enough to fill passes, few enough to be held in memory, and to be
done again if a worker crashes."""

MAX_PIXELS_TOGETHER = 2**28
"""Maximum number of pixels of the images that are looked at together; a chunk of larger images is
done in several groups."""


@dataclass(frozen=True)
class Item:
    """One image, or one frame of a clip, to find poses in.

    Attributes:
        path: file of the image, or of the clip.
        name: path of its results without ending, relative to the output folder, with ``/``.
        frame: which frame of the clip; None for an image.
        is_copy: the file was copied to this machine, and goes when it is done.
    """

    path: Path
    name: str
    frame: ClipFrame | None = None
    is_copy: bool = False

    @property
    def image_path(self) -> Path:
        """Path of the image; a frame of ``clip.mp4`` is named ``clip_000012.png``."""
        return self.path if self.frame is None else self.path.parent / f"{self.stem}.png"

    @property
    def stem(self) -> str:
        """``name`` without its folders."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True)
class Chunk:
    """Items that are worked on together.

    Attributes:
        number: index among the chunks of a run.
        items: one or more.
        is_clip: whether they are frames of a clip; nothing is written of those before the whole
            clip is known.
    """

    number: int
    items: tuple[Item, ...]
    is_clip: bool = False


@dataclass(frozen=True)
class Failure:
    """Why an image has no result.

    Attributes:
        message: in words for its owner.
        cause: what is at fault; that of a place or of memory is not final.
    """

    message: str
    cause: Cause = Cause.FILE


@dataclass(frozen=True)
class Selected(Frame):
    """The selected people of an image.

    Attributes:
        num_found: number of people before the selection, empty slots not counted.
    """

    num_found: int = 0


@dataclass(frozen=True)
class ClipPoses(Frame):
    """The people of a frame of a clip.

    Attributes:
        small_image: of its image, for cuts and the camera; None where nobody is tracked.
    """

    small_image: SmallImage | None = field(default=None, compare=False)


Result = Frame | Failure


def make_clip_items(path: Path, name: str, frames: Sequence[ClipFrame]) -> list[Item]:
    """An item for each frame of a clip.

    Args:
        path: the clip.
        name: path of the clip's results without ending; also the folder for those of its frames.
        frames: those to find poses in.
    """
    stem = name.rpartition("/")[2]
    return [Item(path, f"{name}/{stem}_{frame.index:06}", frame) for frame in frames]


def split_into_chunks(
    items: Sequence[Item], *, is_clip: bool, first_number: int = 0
) -> Iterator[Chunk]:
    """The items in order, ``CHUNK_SIZE`` at a time."""
    for start in range(0, len(items), CHUNK_SIZE):
        number = first_number + start // CHUNK_SIZE
        yield Chunk(number, tuple(items[start : start + CHUNK_SIZE]), is_clip)


def encode_results(results: Sequence[Result]) -> str:
    """Results as JSON text; ``decode_results`` returns the same numbers."""
    return json.dumps([_encode(result) for result in results], allow_nan=False)


def decode_results(text: str) -> list[Result]:
    """The results that ``encode_results`` made the text of.

    Raises:
        ValueError: the text is something else.
    """
    try:
        return [_decode(entry) for entry in parse_json(text)]
    except (TypeError, OverflowError) as error:
        raise ValueError(f"Results that were kept cannot be read: {error}") from error


def _encode(result: Result) -> dict[str, Any]:
    if isinstance(result, Failure):
        return {"error": result.message, "cause": result.cause.value}
    more: dict[str, Any] = {"num_found": result.num_found} if isinstance(result, Selected) else {}
    if isinstance(result, ClipPoses) and result.small_image is not None:
        more = {"small_image": _encode_image(result.small_image)}
    return {**sapiens_key.encode(result, []), **more}


def _decode(entry: dict[str, Any]) -> Result:
    if "error" in entry:
        return Failure(str(entry["error"]), Cause(entry.get("cause", Cause.FILE.value)))
    frame = sapiens_key.decode(entry)
    if "num_found" in entry:
        return Selected(frame.canvas_wh, frame.poses, int(entry["num_found"]))
    if "small_image" in entry:
        return ClipPoses(frame.canvas_wh, frame.poses, _decode_image(entry["small_image"]))
    return frame


def _encode_image(image: SmallImage) -> dict[str, Any]:
    return {
        "thumbnail": b64encode(image.thumbnail.tobytes()).decode(),
        "grey": b64encode(image.grey.tobytes()).decode(),
        "grey_height": len(image.grey),
    }


def _decode_image(entry: dict[str, Any]) -> SmallImage:
    thumbnail, grey = (
        np.frombuffer(b64decode(entry[name], validate=True), np.uint8)
        for name in ("thumbnail", "grey")
    )
    return SmallImage(thumbnail.reshape(SIDE, SIDE, 3), grey.reshape(entry["grey_height"], -1))
