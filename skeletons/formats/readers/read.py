"""Reading a document of any program: what it holds, and the frames made of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ...pose import Frame
from ..edited_files import is_partly_edited
from ..read_options import DEFAULT_OPTIONS, ReadOptions
from .advice import check_somebody, refuse_unknown
from .build import Canvas, build_frames
from .records import FoundFrame
from .walk import find_frames

log = logging.getLogger(__name__)

Names = tuple[str, ...]


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
    found = find_people(document, options)
    says_size = all(frame.frame or frame.canvas_wh for frame in found)
    shared_wh = find_shared_wh() if find_shared_wh and not says_size else None
    frames = build_frames(found, options, shared_wh)
    documents = [frame.document or {} for frame in found]
    if options.lossless and is_partly_edited(documents, frames):
        return read_document(document, replace(options, lossless=False), find_shared_wh)
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


def _log_animals(found: Sequence[FoundFrame]) -> None:
    num_animals = sum(frame.num_animals for frame in found)
    if num_animals:
        log.warning("%d animals (AP-10K) are left out; only people are read.", num_animals)
