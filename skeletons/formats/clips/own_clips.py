"""Reading clips that this package wrote, however long, one frame at a time.

Every frame of them is complete: its canvas, its people and their native keypoints, so that nothing
is decided on the whole file, as it is for other programs' (see ``readers``). A clip is known by its
first entry; where one is met that an editor changed, or that another program wrote,
``ForeignEntryError`` says so, and the file must be read as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from ...foundation.json_stream import json_items
from ...foundation.limits import MAX_FRAMES, MAX_PEOPLE, check_count
from ...pose import Frame
from .. import sapiens_clip_json, sapiens_json, sapiens_key
from ..read_options import ReadOptions
from ..readers.build import build_frames
from ..readers.canvases import read_name, safe_name
from ..readers.image_lists import read_annotations
from ..readers.records import Count

NamedFrame = tuple["str | None", Frame]
"""A frame with the name of its image, or None where the file has none."""

_Items = Iterator[tuple["str | None", Any]]


class ForeignEntryError(Exception):
    """A file holds something that this package does not write, so that all of it must be seen."""


def read_own_clip(path: Path, options: ReadOptions) -> Iterator[NamedFrame]:
    """The frames of a clip of the formats *comfy*, *sapiens*, *coco* or *coco-wholebody*.

    Raises:
        ForeignEntryError: the file, or an entry of it, is not this package's, or not JSON from the
            first entry on; frames that were given before may have to be read otherwise.
        OSError: the file is missing or cannot be read.
        ValueError: it is not JSON, or above a limit, each of which is that of one frame, except
            ``MAX_FRAMES`` and ``MAX_CLIP_BYTES``.
    """
    items = json_items(path)
    try:
        first = next(items, None)
    except ValueError as error:
        raise ForeignEntryError from error
    if first is None or not options.lossless:
        raise ForeignEntryError
    items = chain([first], items)
    if first[0] is None:
        frames = _comfy_frames(items)
    elif first[0] == "frames":
        frames = _sapiens_frames(items)
    else:
        frames = _coco_frames(path, items, options)
    for index, (name, decode) in enumerate(frames):
        _check_count(path, index + 1, MAX_FRAMES, "frames")
        try:
            frame = decode()
        except ValueError as error:
            raise ValueError(f"{path}: frame {index}: {error!s}") from error
        _check_count(path, len(frame.poses), MAX_PEOPLE, "people")
        yield name, frame


_Undecoded = Iterator[tuple["str | None", Callable[[], Frame]]]
"""Frames that are known to be this package's, with the names of their images."""


def _comfy_frames(items: _Items) -> _Undecoded:
    for _, entry in items:
        extra = sapiens_key.find_matching(entry) if isinstance(entry, dict) else None
        if extra is None or entry.get("animals"):
            raise ForeignEntryError
        yield read_name(entry), partial(sapiens_key.decode, extra)


def _sapiens_frames(items: _Items) -> _Undecoded:
    """Frames of a clip, whose other members come after the list."""
    keys = {"frames"}
    for key, entry in items:
        if key == "frames":
            if not isinstance(entry, dict) or not {"canvas", "instance_info"} <= entry.keys():
                raise ForeignEntryError
            name = next(iter(sapiens_json.image_names(entry)), None)
            yield name, partial(sapiens_json.decode, {"version": sapiens_json.VERSION, **entry})
        elif key not in ("clip", "keypoint_set", "meta_info") and (key, entry) != _VERSION:
            raise ForeignEntryError
        keys.add(str(key))
    if not sapiens_clip_json.is_clip(dict.fromkeys(keys)):
        raise ForeignEntryError


_VERSION = ("version", sapiens_json.VERSION)


def _coco_frames(path: Path, items: _Items, options: ReadOptions) -> _Undecoded:
    """The frames of ``images`` in their order, with the ``annotations``, which have the same order.

    Where the annotations come first, the file is read to the images, and then again.
    """
    images: list[dict[str, Any]] = []
    has_annotations = False
    for key, entry in items:
        if key == "images":
            images.append(_own_image(entry))
            _check_count(path, len(images), MAX_FRAMES, "frames")
        elif key == "annotations":
            _own_annotation(entry)
            has_annotations = True
            if images:
                break
        elif key != "categories":
            raise ForeignEntryError
    if not has_annotations:
        raise ForeignEntryError
    annotations = (_own_annotation(e) for key, e in json_items(path) if key == "annotations")
    waiting = next(annotations, None)
    for image in images:
        people = []
        while waiting is not None and waiting.get("image_id") == image["id"]:
            people.append(waiting)
            _check_count(path, len(people), MAX_PEOPLE, "people")
            waiting = next(annotations, None)
        name = image["file_name"]
        yield safe_name(name), partial(_coco_frame, image, people, options)
    if waiting is not None:
        raise ForeignEntryError


def _coco_frame(image: dict[str, Any], people: list[dict[str, Any]], options: ReadOptions) -> Frame:
    found = read_annotations({"images": [image], "annotations": people}, Count())
    (frame,) = build_frames(found, options)
    return frame


def _check_count(path: Path, count: int, limit: int, what: str) -> None:
    try:
        check_count(count, limit, what)
    except ValueError as error:
        raise ValueError(f"{path}: {error!s}") from error


def _own_image(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict) or not {"id", "file_name", "width", "height"} <= entry.keys():
        raise ForeignEntryError
    if not isinstance(entry["file_name"], str):
        raise ForeignEntryError
    return entry


def _own_annotation(entry: Any) -> dict[str, Any]:
    extra = entry.get("sapiens") if isinstance(entry, dict) else None
    if not isinstance(extra, dict) or not {"version", "canvas", "bbox_xyxy"} <= extra.keys():
        raise ForeignEntryError
    return entry
