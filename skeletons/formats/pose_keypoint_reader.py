"""Reading POSE_KEYPOINT of any program, as it travels between nodes.

The format has one name and a dozen dialects: a list or a bare dict, pixels or fractions of the
canvas (even part by part), a missing part as null, as an empty list or as no key at all, flat
numbers or triples, bodies of 17 to 25 keypoints, faces of 68, 70 or 71. ``readers`` recognises each
from the numbers themselves, and reads the files of other programs with the same code.
"""

from __future__ import annotations

from typing import Any

from ..foundation.checks import short_repr
from ..foundation.safe_json import parse_json
from ..pose import Frame
from .read_options import DEFAULT_OPTIONS, ReadOptions
from .readers.advice import UnknownDocumentError
from .readers.read import read_document

EXPECTED = "frames that have the key 'people'. Give poses from a pose node or a pose file."


def decode(value: Any, options: ReadOptions = DEFAULT_OPTIONS) -> tuple[Frame, ...]:
    """The frames in ``value``: a list of dicts, one dict, or the JSON text of either.

    People are in OPENPOSE_136, or in their network's own set if the file has its keypoints. If
    only some frames still have these because others were edited, all are read as OPENPOSE_136,
    which is logged; see ``edited_files``.

    Raises:
        ValueError: something cannot be read; the message names frame, person and body part.
    """
    if isinstance(value, str):
        value = _parse(value)
    if not isinstance(value, (list, tuple, dict)):
        raise ValueError(f"POSE_KEYPOINT is {short_repr(value)}, expected a list of {EXPECTED}")
    for index, item in enumerate(value if isinstance(value, (list, tuple)) else ()):
        if isinstance(item, (int, float)):
            raise ValueError(f"Frame {index} is {short_repr(item)}, expected one of the {EXPECTED}")
    try:
        return read_document(value, options)[1]
    except UnknownDocumentError as error:
        raise ValueError(
            f"POSE_KEYPOINT is {short_repr(value)}, expected a list of {EXPECTED} {error}"
        ) from error


def _parse(text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError as error:
        raise ValueError(
            f"POSE_KEYPOINT is the text {short_repr(text)}, which cannot be read as JSON "
            f"({error}), expected {EXPECTED}"
        ) from error
