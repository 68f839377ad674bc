"""What is said of a document in which nobody is found: its keys, the nearest format, what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...foundation.checks import short_repr
from .people import KEYS
from .records import FoundFrame

MIN_NUMBERS = 6
"""Minimum numbers in a list that may be keypoints: three pairs."""

MAX_KEYS, MAX_NODES = 12, 500
"""Maximum number of keys that a message names, and of lists and objects that are looked at."""


@dataclass(frozen=True)
class _Known:
    """A format that a document may have been meant to be.

    Attributes:
        name: what people call it.
        keys: keys of its documents.
        expected: what its people look like.
    """

    name: str
    keys: frozenset[str]
    expected: str


def _known(name: str, keys: str, expected: str) -> _Known:
    return _Known(name, frozenset(keys.split()), expected)


_FORMATS = (
    _known(
        "POSE_KEYPOINT",
        "people pose_keypoints_2d face_keypoints_2d hand_left_keypoints_2d hand_right_keypoints_2d "
        "foot_keypoints_2d canvas_width canvas_height version person_id animals pose_keypoints_3d",
        "a list 'people' with 'pose_keypoints_2d' in each",
    ),
    _known(
        "COCO annotations",
        "images annotations categories info licenses bbox area iscrowd segmentation num_keypoints",
        "lists 'images' and 'annotations', with 'keypoints' in each annotation",
    ),
    _known(
        "COCO or AlphaPose results",
        "image_id category_id score box idx",
        "a list of people with 'image_id' and 'keypoints' in each",
    ),
    _known(
        "mmpose JSON",
        "instance_info meta_info instances keypoint_scores frame_id bbox_score",
        "a list 'instance_info' or 'instances' with 'keypoints' and 'keypoint_scores' in each",
    ),
    _known(
        "ultralytics JSON",
        "name class confidence box segments track_id",
        "'keypoints' with 'x' and 'y' in each person, as its pose models give it",
    ),
    _known(
        "MediaPipe landmarks",
        "landmarks poseLandmarks pose_landmarks poseWorldLandmarks pose_world_landmarks "
        "worldLandmarks faceLandmarks leftHandLandmarks rightHandLandmarks visibility presence",
        "'poseLandmarks' or 'landmarks', 33 objects with 'x' and 'y' as fractions",
    ),
    _known(
        "editor preset",
        "width height keypoints format preset",
        "'keypoints' with a list of 18 pairs for each person, 'width' and 'height'",
    ),
)


class UnknownDocumentError(ValueError):
    """A document is of no format that is known."""


def refuse_unknown(document: Any) -> None:
    """Raises ValueError for a document that is none of the formats."""
    raise UnknownDocumentError(
        f"This JSON has none of the known formats. {_describe(document)} "
        "docs/formats.md lists every format."
    )


def check_somebody(document: Any, found: Sequence[FoundFrame]) -> None:
    """Raises ValueError if nobody is found in a document that has people, animals or numbers."""
    if not found or has_somebody(found):
        return
    people = [person for frame in found for person in frame.people]
    if any(frame.is_exact for frame in found):
        return
    if people and all(person.box_xyxy is not None and not person.parts for person in people):
        raise ValueError(
            f"{people[0].where}: these are boxes of people, without keypoints. Give the file of "
            "their poses."
        )
    num_animals = sum(frame.num_animals for frame in found)
    if num_animals:
        raise ValueError(
            f"{next(frame.where for frame in found if frame.num_animals)} has only animals "
            "(AP-10K); only people can be read."
        )
    if _has_unread_numbers(document):
        raise ValueError(
            f"This JSON has numbers, but nobody was found in it. {_describe(document)} "
            "Rename the keys, or see docs/formats.md."
        )


def has_somebody(found: Sequence[FoundFrame]) -> bool:
    """Whether any keypoint is found, or any frame is one of this package's."""
    if any(frame.frame for frame in found):
        return True
    parts = (part for frame in found for person in frame.people for part in person.parts.values())
    return any((part[:, 2] > 0).any() for part in parts)


def _describe(document: Any) -> str:
    keys = list(dict.fromkeys(key for key, _ in _entries(document)))
    if not keys:
        return f"It is {short_repr(document)[:80]}, without any keys."
    nearest = max(_FORMATS, key=lambda known: len(known.keys & set(keys)))
    shown = ", ".join(repr(key[:40]) for key in keys[:MAX_KEYS])
    return (
        f"Its keys are {shown}{', ...' if len(keys) > MAX_KEYS else ''}. The nearest format is "
        f"{nearest.name}, which has {nearest.expected}."
    )


def _entries(document: Any, without: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
    """The keys and values of a document's objects, outer ones first, but some with all in them."""
    nodes = [document]
    for node in nodes:
        inner: Sequence[Any] = ()
        if isinstance(node, Mapping):
            items = [(key, value) for key, value in node.items() if key not in without]
            yield from items
            inner = [value for _, value in items]
        elif isinstance(node, (list, tuple)):
            inner = node[:MAX_NODES]
        room = max(MAX_NODES - len(nodes), 0)
        nodes += [item for item in inner if isinstance(item, (Mapping, list, tuple))][:room]


def _has_unread_numbers(document: Any) -> bool:
    """Whether a list of numbers, which may be keypoints, stands under a key that is not read."""
    read = {*KEYS, "sapiens", "categories", "meta_info"}
    return any(_are_numbers(value) for _, value in _entries(document, read))


def _are_numbers(value: Any) -> bool:
    """Whether a list holds numbers, lists of numbers, or objects of numbers; zeros do not count."""
    flat: list[Any] = list(value[:MAX_NODES]) if isinstance(value, (list, tuple)) else []
    for item in flat:
        if len(flat) < MAX_NODES and isinstance(item, (list, tuple)):
            flat += item[:MAX_NODES]
        elif len(flat) < MAX_NODES and isinstance(item, Mapping):
            flat += list(item.values())[:MAX_NODES]
    numbers = [item for item in flat if isinstance(item, (int, float)) and item]
    return len(numbers) >= MIN_NUMBERS
