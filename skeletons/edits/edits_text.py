"""The text in which edits are kept, version 1, read as a stranger's.

``{"format": "sapiens_edits", "version": 1, "keypoint_set": "goliath_308", "canvas": [width,
height], "base": digest, "people": [...]}``. A person has ``who``: ``{"id": 3}`` or ``{"order":
1}``, and to be known again ``"frame": 0, "box": [left, top, right, bottom], "body": [joint, x, y,
...]``; ``"hidden": true``; ``"new": [joint, x, y, score, ...]`` if they were added; ``"place": 0``
if they are drawn first; and ``keys``: ``{"<frame>": {"joints": [joint, dx, dy, ...], "parts":
{"left_hand": [dx, dy, degrees, scale]}, "scores": [joint, score, ...], "of": [part, ...]}}``, where
``of`` names the parts that it is a key of, and all if it is missing. Other names are passed over,
but for those in a key, where they would be a change that is lost. ``web/editor/data/state.js``
reads the same; both meet ``tests/golden/edits``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..foundation.checks import short_repr
from ..foundation.limits import MAX_CANVAS_SIDE, MAX_FRAMES, check_is_file
from ..foundation.safe_json import parse_json
from ..keypoint_sets import KEYPOINT_SETS, KeypointSet
from ..keypoint_sets.tree import PART_NAMES
from ..pose import MAX_ID, Array
from .edits import Change, Edits, PersonEdits, Who, no_change

FORMAT, VERSION = "sapiens_edits", 1

MAX_EDITS_BYTES = 256 * 1024
"""Maximum size of the text. A workflow holds it twice and ComfyUI's page copies it with each
gesture, which takes 50 ms at this size; at 5 MB the page loses other workflows' drafts."""

MAX_EDITED_PEOPLE = 100
"""Maximum number of people: each one who was added is drawn in every frame."""

MAX_KEYS = 4096
"""Maximum number of keys of all people: each takes 8 kB of memory."""

MAX_NESTING = 16
"""Maximum depth of lists and objects in each other; version 1 has 7."""

MAX_OFFSET_PX = 1e6
"""Maximum absolute value of coordinates and offsets, in pixels."""

MAX_DEGREES, MIN_SCALE, MAX_SCALE, MAX_SCORE = 3600, 0.01, 100, 10
"""Of a turn, of a scale, and of a score; scores of networks may exceed 1 a little."""

_SIGNS = re.compile(r'\\.|["\[\]{}]', re.DOTALL)
_FRAME = re.compile(r"0|[1-9][0-9]{0,6}")
_KEY_NAMES = ("joints", "parts", "scores", "of")


def read_edits(path: Path) -> Edits | None:
    """The edits in a file, see ``parse_edits``.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it is no regular file, no text, or what ``parse_edits`` refuses.
    """
    check_is_file(path)
    with path.open("rb") as file:
        content = file.read(MAX_EDITS_BYTES + 1)
    try:
        return parse_edits(content.decode("utf-8-sig"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def parse_edits(text: str) -> Edits | None:
    """The edits in a text; None if it is empty.

    Raises:
        ValueError: it is too long, no JSON, of another version, or says something that cannot be.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_EDITS_BYTES:
        raise ValueError(
            f"The edits have {size >> 10:,} kB; expected at most {MAX_EDITS_BYTES >> 10} kB. Move "
            "parts as a whole instead of single keypoints, and use fewer key frames."
        )
    if not text.strip():
        return None
    try:
        _check_nesting(text)
        document = parse_json(text)
    except ValueError as error:
        raise ValueError(
            f"The edits are the text {short_repr(text)}, which cannot be read as JSON "
            f"({error}). Clear them to start over."
        ) from error
    _check_version(document)
    name = document.get("keypoint_set")
    keypoint_set = KEYPOINT_SETS.get(name) if isinstance(name, str) else None
    if keypoint_set is None:
        raise _not("The keypoint set of the edits", name, f"one of {', '.join(KEYPOINT_SETS)}")
    people = _list(document.get("people", []), "The people of the edits")
    if len(people) > MAX_EDITED_PEOPLE:
        raise ValueError(
            f"The edits have {len(people):,} people; at most {MAX_EDITED_PEOPLE} can be edited."
        )
    _check_keys(people)
    read = tuple(_person(row, number, keypoint_set) for number, row in enumerate(people, 1))
    return Edits(
        keypoint_set,
        _canvas(document.get("canvas")),
        _text(document.get("base", ""), "The base of the edits"),
        read,
    )


def _check_nesting(text: str) -> None:
    depth, in_string = 0, False
    for sign in _SIGNS.findall(text):
        if sign == '"':
            in_string = not in_string
        elif not in_string and len(sign) == 1:
            depth += 1 if sign in "[{" else -1
        if depth > MAX_NESTING:
            raise ValueError("its lists or objects are nested too deeply")


def _check_keys(people: Sequence[Any]) -> None:
    count = sum(len(row.get("keys") or ()) for row in people if isinstance(row, dict))
    if count > MAX_KEYS:
        raise ValueError(f"The edits have {count:,} key frames; at most {MAX_KEYS:,} are kept.")


def _check_version(document: Any) -> None:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(
            f"The edits are {short_repr(document)}, expected an object whose format is {FORMAT!r}. "
            "Clear them to start over."
        )
    version = document.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise ValueError(
            f"The edits have version {short_repr(version)}, expected {VERSION}. They may be from "
            "a newer Sapiens Pose: update it, or clear the edits to start over."
        )


def _person(row: Any, number: int, keypoint_set: KeypointSet) -> PersonEdits:
    where = f"Edited person {number}"
    if not isinstance(row, dict):
        raise _not(where, row, "an object")
    hidden = row.get("hidden", False)
    if not isinstance(hidden, bool):
        raise _not(f"{where}: hidden", hidden, "true or false")
    new, place = row.get("new"), row.get("place")
    keys = row.get("keys", {})
    if not isinstance(keys, dict):
        raise _not(f"{where}: keys", keys, "an object")
    frames = sorted((_frame(text, where), key) for text, key in keys.items())
    return PersonEdits(
        _who(row.get("who"), where, keypoint_set),
        hidden,
        None if new is None else _joint_rows(new, 4, f"{where}: new", keypoint_set),
        None if place is None else _whole(place, f"{where}: place", 0, MAX_ID),
        tuple(
            (frame, _change(key, f"{where}, frame {frame}", keypoint_set)) for frame, key in frames
        ),
    )


def _frame(text: str, where: str) -> int:
    if not _FRAME.fullmatch(text) or int(text) >= MAX_FRAMES:
        raise _not(f"{where}: a key", text, f"the number of a frame below {MAX_FRAMES}")
    return int(text)


def _who(row: Any, where: str, keypoint_set: KeypointSet) -> Who:
    if not isinstance(row, dict) or not {"id", "order"} & row.keys():
        raise _not(f"{where}: who", row, "an object with an id or an order")
    box, body = row.get("box"), row.get("body")
    if box is not None:
        box = np.array(_numbers(box, f"{where}: box", -MAX_OFFSET_PX, MAX_OFFSET_PX))
        if box.shape != (4,):
            raise ValueError(f"{where}: box has {len(box)} numbers, expected 4.")
    if body is not None:
        body = _joint_rows(body, 3, f"{where}: body", keypoint_set)
    return Who(
        _whole(row["id"], f"{where}: id", -MAX_ID, MAX_ID) if "id" in row else None,
        _whole(row["order"], f"{where}: order", 0, MAX_ID) if "order" in row else None,
        _whole(row.get("frame", 0), f"{where}: frame", 0, MAX_FRAMES - 1),
        box,
        body,
    )


def _change(row: Any, where: str, keypoint_set: KeypointSet) -> Change:
    if not isinstance(row, dict) or not row.keys() <= set(_KEY_NAMES):
        raise _not(where, row, f"an object with {', '.join(_KEY_NAMES)} only")
    change = no_change(keypoint_set)
    joints = _joint_rows(row.get("joints", []), 3, f"{where}: joints", keypoint_set)
    change.offsets[joints[:, 0].astype(int)] = joints[:, 1:]
    scores = _joint_rows(row.get("scores", []), 2, f"{where}: scores", keypoint_set)
    change.scores[scores[:, 0].astype(int)] = scores[:, 1]
    parts = row.get("parts", {})
    if not isinstance(parts, dict) or not parts.keys() <= set(PART_NAMES):
        raise _not(f"{where}: parts", parts, f"an object with {', '.join(PART_NAMES)} only")
    for name, numbers in parts.items():
        change.parts[PART_NAMES.index(name)] = _part(numbers, f"{where}: {name}")
    return replace(change, of=_of(row.get("of"), f"{where}: of"))


def _of(value: Any, where: str) -> tuple[str, ...]:
    """The parts that a key is of, in the order of ``PART_NAMES``; all if it does not say."""
    if value is None:
        return PART_NAMES
    names = _list(value, where)
    if not names or any(name not in PART_NAMES for name in names):
        raise _not(where, value, f"some of {', '.join(PART_NAMES)}")
    return tuple(name for name in PART_NAMES if name in names)


def _part(value: Any, where: str) -> list[float]:
    numbers = _numbers(value, where, -MAX_OFFSET_PX, MAX_OFFSET_PX)
    if len(numbers) != 4:
        raise ValueError(f"{where} has {len(numbers)} numbers, expected move, move, turn, scale.")
    if abs(numbers[2]) > MAX_DEGREES or not MIN_SCALE <= numbers[3] <= MAX_SCALE:
        raise _not(
            where,
            numbers,
            f"a turn of at most {MAX_DEGREES} degrees and a scale from {MIN_SCALE} to {MAX_SCALE}",
        )
    return numbers


def _joint_rows(value: Any, columns: int, where: str, keypoint_set: KeypointSet) -> Array:
    """(J, columns) flat numbers as rows: a joint, x and y if there are three, a score if even."""
    numbers = _numbers(value, where, -MAX_OFFSET_PX, MAX_OFFSET_PX)
    if len(numbers) % columns:
        raise ValueError(f"{where} has {len(numbers)} numbers, expected {columns} for each joint.")
    rows = np.array(numbers, dtype=np.float64).reshape(-1, columns)
    joints = rows[:, 0]
    known = (joints % 1 == 0) & (joints >= 0) & (joints < len(keypoint_set))
    if not known.all():
        joint = joints[~known][0]
        raise _not(
            f"{where}: a joint", float(joint), f"a whole number from 0 to {len(keypoint_set) - 1}"
        )
    if len(set(joints.tolist())) < len(joints):
        raise ValueError(f"{where} has a joint twice.")
    if columns % 2 == 0 and not ((rows[:, -1] >= 0) & (rows[:, -1] <= MAX_SCORE)).all():
        raise ValueError(f"{where} has a score that is not from 0 to {MAX_SCORE}.")
    return rows


def _numbers(value: Any, where: str, least: float, most: float) -> list[float]:
    numbers = _list(value, where)
    for number in numbers:
        is_number = isinstance(number, (int, float)) and not isinstance(number, bool)
        if not is_number or not least <= number <= most:
            raise _not(f"{where}: a number", number, f"one from {least:g} to {most:g}")
    return [float(number) for number in numbers]


def _list(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, list):
        raise _not(where, value, "a list")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _not(where, value, "a text")
    return value


def _whole(value: Any, where: str, least: int, most: int) -> int:
    """A whole number; 3.0 is one, because JavaScript knows no difference."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not least <= value <= most or value % 1:
        raise _not(where, value, f"a whole number from {least} to {most}")
    return int(value)


def _canvas(value: Any) -> tuple[int, int]:
    sides = _list(value, "The canvas of the edits")
    if len(sides) != 2:
        raise _not("The canvas of the edits", value, "width and height")
    width, height = (_whole(side, "The canvas of the edits", 1, MAX_CANVAS_SIDE) for side in sides)
    return width, height


def _not(what: str, value: Any, expected: str) -> ValueError:
    return ValueError(f"{what} is {short_repr(value)}, expected {expected}.")
