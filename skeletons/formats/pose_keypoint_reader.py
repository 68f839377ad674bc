"""Reading POSE_KEYPOINT of any program, and the files of OpenPose's own program.

The format has one name and a dozen dialects: a list or a bare dict, pixels or fractions of the
canvas (even part by part), a missing part as null, as an empty list or as no key at all, flat
numbers or triples, bodies of 17, 18, 24 or 25 keypoints, faces of 68, 70 or 71. Each dialect is
recognised from the numbers themselves.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..foundation.checks import short_repr
from ..foundation.limits import MAX_CANVAS_SIDE, MAX_FRAMES, MAX_PEOPLE, check_count
from ..foundation.safe_json import parse_json
from ..keypoint_sets import NETWORK_SETS, OPENPOSE_136, KeypointSet, read_sources
from ..options.files import READING
from ..pose import (
    MAX_ID,
    Array,
    Frame,
    Pose,
    box_around,
    canvas_around,
    is_within_limits,
    number_array,
)
from . import sapiens_key
from .body_layouts import body_names
from .edited_files import is_partly_edited, restore_ids
from .sapiens_json import decode_canvas

log = logging.getLogger(__name__)

BODY = "pose_keypoints_2d"
FACE = "face_keypoints_2d"
LEFT_HAND = "hand_left_keypoints_2d"
RIGHT_HAND = "hand_right_keypoints_2d"
FEET = "foot_keypoints_2d"
NATIVE = "keypoints_2d"
"""Key under which the Sapiens nodes by kijai write the network's own keypoints, and no others."""
NATIVE_308 = "keypoints_308_2d"


EXPECTED = "frames that have the key 'people'. Give poses as a node or file of poses holds them."


@dataclass(frozen=True)
class ReadOptions:
    """What a file does not say of itself, see ``READING`` in ``skeletons/options/files.py``.

    Raises:
        ValueError: the size is none, or a switch neither on nor off.
    """

    canvas_wh: tuple[int, int] | None = READING["canvas_wh"].default
    hands_swapped: bool = READING["hands_swapped"].default
    lossless: bool = READING["lossless"].default

    def __post_init__(self) -> None:
        READING.check(self)


DEFAULT_OPTIONS = ReadOptions()


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
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"POSE_KEYPOINT is {short_repr(value)}, expected a list of {EXPECTED}")
    check_count(len(value), MAX_FRAMES, "frames")
    check_count(sum(map(_count_people, value)), MAX_PEOPLE, "people")
    frames = tuple(_decode_frame(item, f"Frame {i}", options) for i, item in enumerate(value))
    if options.lossless and is_partly_edited(value, frames):
        return decode(value, replace(options, lossless=False))
    return frames


def _parse(text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError as error:
        raise ValueError(
            f"POSE_KEYPOINT is the text {short_repr(text)}, which is not JSON that can be read "
            f"({error}), expected {EXPECTED}"
        ) from error


def _count_people(document: Any) -> int:
    """The maximum number of people that will be read from what should be a frame."""
    if not isinstance(document, dict):
        return 0
    extra = document.get(sapiens_key.KEY)
    lists = document.get("people"), extra.get("people") if isinstance(extra, dict) else None
    return max(len(people) if isinstance(people, (list, tuple)) else 0 for people in lists)


def _decode_frame(document: Any, where: str, options: ReadOptions) -> Frame:
    if not isinstance(document, dict):
        raise ValueError(f"{where} is {short_repr(document)}, expected one of the {EXPECTED}")
    if {"people", "animals", "canvas_width"}.isdisjoint(document):
        raise ValueError(
            f"{where} has the keys {short_repr(list(document))}, expected one of the {EXPECTED}"
        )
    if "animals" in document:
        raise ValueError(f"{where} holds animals (AP-10K); only people can be read.")
    extra = sapiens_key.find_matching(document)
    if extra is not None and options.lossless:
        return sapiens_key.decode(extra)
    people = document.get("people") or []
    if not isinstance(people, (list, tuple)):
        raise ValueError(f"{where}: 'people' is a {type(people).__name__}, expected a list.")
    canvas_wh = _canvas(document, where)
    from_openpose = canvas_wh is None or (extra is not None and extra.get("body") == 25)
    if canvas_wh is None:
        canvas_wh = decode_canvas(extra.get("canvas")) if extra else options.canvas_wh
    wheres = [f"{where}, person {i}" for i in range(len(people))]
    parts = [
        _read_parts(person, at, canvas_wh, extra) for person, at in zip(people, wheres, strict=True)
    ]
    if canvas_wh is None:
        arrays = (part for person in parts for part in person.values())
        canvas_wh = canvas_around(*(part[part[:, 2] > 0, :2] for part in arrays))
    poses = (
        _pose(part, canvas_wh, at, from_openpose, options, _person_id(person))
        for person, part, at in zip(people, parts, wheres, strict=True)
    )
    return restore_ids(Frame(canvas_wh=canvas_wh, poses=tuple(poses)), document)


def _canvas(document: dict[str, Any], where: str) -> tuple[int, int] | None:
    """Width and height, which may be written as fractional numbers; None if they are left out."""
    sides = document.get("canvas_width"), document.get("canvas_height")
    if sides == (None, None):
        return None
    try:
        width, height = (round(float(side)) for side in sides)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{where}: the canvas is {sides}, expected two numbers.") from error
    if not (1 <= width <= MAX_CANVAS_SIDE and 1 <= height <= MAX_CANVAS_SIDE):
        raise ValueError(
            f"{where}: the canvas is {sides}, expected at least 1 x 1 and at most "
            f"{MAX_CANVAS_SIDE:,} pixels a side."
        )
    return width, height


def _read_parts(
    person: Any, where: str, canvas_wh: tuple[int, int] | None, extra: dict[str, Any] | None
) -> dict[str, Array]:
    """Each body part that the person has, by its key: (N, 3) x, y in pixels and confidence."""
    if not isinstance(person, dict):
        raise ValueError(f"{where} is a {type(person).__name__}, expected a dict.")
    parts = {}
    for key in (BODY, FACE, LEFT_HAND, RIGHT_HAND, FEET, NATIVE, NATIVE_308):
        at = f"{where}, {key}"
        triples = _without_placeholders(_triples(person.get(key), at), key)
        if not len(triples):
            continue
        normalised = _is_normalised(triples)
        if extra and "coords" in extra:
            normalised = extra["coords"] == "normalised"
        if normalised:
            if canvas_wh is None:
                raise ValueError(
                    f"{at}: the coordinates are fractions of a canvas whose size is not given. "
                    "Give its width and height."
                )
            triples[:, :2] *= canvas_wh
            triples = _without_placeholders(triples, key)
        parts[key] = triples
    return parts


def _triples(value: Any, where: str) -> Array:
    """(N, 3) from flat numbers or triples; null, an empty list and a missing key give (0, 3).

    A keypoint that is null, not a number or beyond ``MAX_NUMBER`` counts as not found: 0, 0, 0.
    """
    if value is None:
        return np.zeros((0, 3))
    try:
        if isinstance(value, (str, bytes, dict)):
            raise ValueError("neither text nor a dict has points")
        rows = [(0.0, 0.0, 0.0) if item is None else item for item in value]
        numbers = number_array(rows)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: expected a list of numbers or of triples.") from error
    if numbers.ndim > 2 or numbers.size % 3 or (numbers.ndim == 2 and numbers.shape[1] != 3):
        raise ValueError(
            f"{where}: numbers of shape {numbers.shape}, expected triples of x, y, confidence."
        )
    triples = numbers.reshape(-1, 3)
    triples[~is_within_limits(triples).all(axis=1)] = 0.0
    return triples


def _is_normalised(triples: Array) -> bool:
    """Whether a part is in fractions of the canvas: no visible coordinate is above 1.

    The rule of comfyui_controlnet_aux, including the cases that it mistakes.
    """
    visible = triples[triples[:, 2] > 0, :2]
    return bool(len(visible) and (np.abs(visible) <= 1).all())


def _without_placeholders(triples: Array, key: str) -> Array:
    """Set missing keypoints to 0, 0, 0 that are marked by their coordinates instead.

    ComfyUI's SDPose and the OpenPose preprocessor put them at -1, -1; pose editors give the
    keypoints of a face at 0, 0 a confidence of 1.
    """
    missing = np.isclose(triples[:, :2], -1.0, rtol=0, atol=1e-6).all(axis=1)
    if key == FACE:
        missing |= (triples[:, :2] == 0).all(axis=1)
    triples[missing] = 0.0
    return triples


def _pose(
    parts: dict[str, Array],
    canvas_wh: tuple[int, int],
    where: str,
    from_openpose: bool,
    options: ReadOptions,
    person_id: int | None,
) -> Pose:
    native = parts.get(NATIVE, parts.get(NATIVE_308))
    if native is not None:
        keypoint_set = NETWORK_SETS.get(len(native))
        if keypoint_set is None:
            expected = ", ".join(map(str, NETWORK_SETS))
            raise ValueError(f"{where}, {NATIVE}: {len(native)} points, expected {expected}.")
        named = dict(zip(keypoint_set.names, native, strict=True))
    else:
        keypoint_set = OPENPOSE_136
        named = _name_keypoints(parts, where, from_openpose, options)
    keypoints, scores = _arrange(named, keypoint_set)
    return Pose(
        keypoints_image=keypoints,
        scores=scores,
        keypoint_set=keypoint_set,
        canvas_wh=canvas_wh,
        box_xyxy=box_around(keypoints, scores > 0, otherwise=(0, 0, *canvas_wh)),
        person_id=person_id,
    )


def _name_keypoints(
    parts: dict[str, Array], where: str, from_openpose: bool, options: ReadOptions
) -> dict[str, Array]:
    """The keypoints that the parts have, by joint of OPENPOSE_136: x, y, confidence."""
    left, right = (RIGHT_HAND, LEFT_HAND) if options.hands_swapped else (LEFT_HAND, RIGHT_HAND)
    named: dict[str, Array] = {}
    body = parts.get(BODY)
    if body is not None:
        try:
            named.update(zip(body_names(body, from_openpose=from_openpose), body, strict=False))
        except ValueError as error:
            raise ValueError(f"{where}, {BODY}: {error!s}") from error
    for key, names in (
        (left, OPENPOSE_136.part_names("left_hand")),
        (right, OPENPOSE_136.part_names("right_hand")),
        (FEET, OPENPOSE_136.part_names("left_foot", "right_foot")),
    ):
        part = parts.get(key, np.zeros((0, 3)))
        if len(part) not in (0, len(names)):
            raise ValueError(f"{where}, {key}: {len(part)} points, expected {len(names)}.")
        if (part[:, 2] > 0).any():  # zeros for feet do not undo the feet of a BODY_25
            named.update(zip(names, part, strict=False))
    named.update(_name_face(parts.get(FACE, np.zeros((0, 3))), where))
    _add_middles(named)
    return named


def _name_face(face: Array, where: str) -> dict[str, Array]:
    """The face's keypoints by joint; a 71st one is the background of the network that found it.

    The OpenPose preprocessor leaves out what it did not find, so that the remaining keypoints
    cannot be identified: such a face is left out.
    """
    names = OPENPOSE_136.part_names("face")
    if len(face) > len(names) + 1:
        raise ValueError(f"{where}, {FACE}: {len(face)} points, expected 68, 70 or 71.")
    if len(face) not in (0, 68, 70, 71):
        log.warning(
            "%s: a face of %d points cannot be told apart and is left out.", where, len(face)
        )
        return {}
    return dict(zip(names, face, strict=False))


def _add_middles(named: dict[str, Array]) -> None:
    """Add the neck of a body without one, and the eyes of a face of 68 keypoints."""
    has_face = any(name.startswith("face-") for name in named)
    for joint, (first, second) in read_sources("").items():
        if joint in named or (joint.startswith("face-") and not has_face):
            continue
        ends = [named[name] for name in (first, second) if name in named]
        if len(ends) == 2 and min(end[2] for end in ends) > 0:
            x, y = (ends[0] + ends[1])[:2] / 2
            named[joint] = np.array([x, y, min(end[2] for end in ends)])


def _arrange(named: dict[str, Array], keypoint_set: KeypointSet) -> tuple[Array, Array]:
    """(K, 2) keypoints and (K,) scores in the order of the set; 0 for joints not named."""
    rows = np.array([named.get(name, (0.0, 0.0, 0.0)) for name in keypoint_set.names])
    return rows[:, :2], rows[:, 2]


def _person_id(person: dict[str, Any]) -> int | None:
    """The person's id; OpenPose writes it in a list, and -1 for none."""
    value = person.get("person_id")
    number = value[0] if isinstance(value, (list, tuple)) and value else value
    return int(number) if isinstance(number, (int, float)) and 0 <= number <= MAX_ID else None
