"""Reading a document of any program: what it holds, and the frames made of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ...foundation.json_stream import json_items
from ...foundation.safe_json import check_json, read_json
from ...pose import Frame
from ..edited_files import is_partly_edited
from ..read_options import DEFAULT_OPTIONS, ReadOptions
from .advice import check_somebody, has_somebody, refuse_unknown
from .build import Canvas, build_frames
from .records import FoundFrame
from .walk import find_frames, find_listed_frames

log = logging.getLogger(__name__)

Names = tuple[str, ...]

_Find = Callable[[ReadOptions], list[FoundFrame]]


def read_file(
    path: Path,
    options: ReadOptions = DEFAULT_OPTIONS,
    find_shared_wh: Callable[[], Canvas | None] | None = None,
) -> tuple[Names, tuple[Frame, ...]]:
    """As ``read_document``, of a JSON file.

    A list of frames is parsed one by one, so that memory holds keypoints and no parsed JSON: 1.0 to
    1.4 times the file's size in place of 4.8 to 5.3 (``benchmarks/pose_files.py``). If anything is
    wrong, the file is parsed as a whole, and what is said of it is said.

    Raises:
        OSError, ValueError: as ``read_json``, whose limits hold for the file.
        ValueError: as ``read_document``; the message begins with the path.
    """
    check_json(path)
    with suppress(ValueError):
        return _read(partial(_find_listed, path), options, find_shared_wh)
    document = read_json(path)
    try:
        return read_document(document, options, find_shared_wh)
    except ValueError as error:
        raise ValueError(f"{path}: {error!s}") from error


def read_document(
    document: Any,
    options: ReadOptions = DEFAULT_OPTIONS,
    find_shared_wh: Callable[[], Canvas | None] | None = None,
) -> tuple[Names, tuple[Frame, ...]]:
    """The frames of a document, and the names of their images, or no names if any is missing.

    Args:
        document: parsed JSON.
        options: what the file does not say.
        find_shared_wh: finds the canvas of the clip that the file belongs to, see ``build_frames``;
            called only if a frame has no size.

    Raises:
        ValueError: something cannot be read, or nobody is found although people are there; the
            message says which keys there are and what to do.
    """
    return _read(partial(find_people, document), options, find_shared_wh)


def _read(
    find: _Find, options: ReadOptions, find_shared_wh: Callable[[], Canvas | None] | None
) -> tuple[Names, tuple[Frame, ...]]:
    """What ``find`` finds, or finds without complete poses if some were edited."""
    found = find(options)
    says_size = all(frame.frame or frame.canvas_wh for frame in found)
    shared_wh = find_shared_wh() if find_shared_wh and not says_size else None
    frames = build_frames(found, options, shared_wh)
    if options.lossless and is_partly_edited([f.is_matching for f in found], frames):
        del found, frames
        return _read(find, replace(options, lossless=False), find_shared_wh)
    _log_animals(found)
    names = tuple(frame.name for frame in found if frame.name)
    return names if len(names) == len(frames) else (), frames


def find_people(document: Any, options: ReadOptions = DEFAULT_OPTIONS) -> list[FoundFrame]:
    """What a document holds; ValueError as ``read_document``."""
    found = find_frames(document, options)
    if found is None:
        refuse_unknown(document)
    check_somebody(document, found or ())
    return found or []


def _find_listed(path: Path, options: ReadOptions) -> list[FoundFrame]:
    """As ``find_people`` of a file with a list of frames; ValueError if it must be seen whole."""
    found = find_listed_frames(_entries(path), options)
    if not found or not has_somebody(found):
        raise ValueError("nobody is found in its frames, if it has any")
    return found


def _entries(path: Path) -> Iterator[Any]:
    for key, entry in json_items(path):
        if key is not None:
            raise ValueError("it is an object")
        yield entry


def _log_animals(found: Sequence[FoundFrame]) -> None:
    num_animals = sum(frame.num_animals for frame in found)
    if num_animals:
        log.warning("%d animals (AP-10K) are left out; only people are read.", num_animals)
