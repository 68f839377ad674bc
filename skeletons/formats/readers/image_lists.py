"""People by the image they are in: COCO annotations and results, AlphaPose, PoseFlow.

COCO annotations are ``images`` and ``annotations``; COCO's and AlphaPose's results are a list of
people with ``image_id``, a number in COCO and the name of the image in AlphaPose. What this package
writes itself, under the key ``sapiens``, is read with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...keypoint_sets import COCO_WHOLEBODY_133
from ...keypoint_sets.joint_names import are_of_animals, canonical_name
from ...pose import Array, number_array
from ..sapiens_json import decode_canvas
from .canvases import read_canvas, safe_name
from .people import read_person
from .points import read_points
from .records import BODY, NATIVE, Count, FoundFrame, FoundPerson

WHOLEBODY_KEYS = {
    "foot_kpts": ("left_foot", "right_foot"),
    "face_kpts": ("face",),
    "lefthand_kpts": ("left_hand",),
    "righthand_kpts": ("right_hand",),
}
"""The keys of COCO-WholeBody beside ``keypoints``, and the parts of its set that they hold."""


def is_annotations(document: Any) -> bool:
    """Whether a document is a COCO data set."""
    return isinstance(document, Mapping) and all(
        isinstance(document.get(key), list) for key in ("images", "annotations")
    )


def is_results(document: Any) -> bool:
    """Whether a document is a list of people who say in which image they are."""
    return (
        isinstance(document, list)
        and bool(document)
        and all(isinstance(item, dict) and "image_id" in item for item in document)
    )


def read_results(results: Sequence[dict[str, Any]], count: Count) -> list[FoundFrame]:
    """The images that have people, by number, or in the order of the file where they have names.

    Raises:
        ValueError: a result cannot be read; the message names its index and key.
    """
    count.add_people(len(results))
    by_image: dict[Any, list[tuple[int, dict[str, Any]]]] = {}
    for index, result in enumerate(results):
        image_id = result["image_id"]
        if not isinstance(image_id, (int, str)):
            raise ValueError(f"Result {index} is not a dict with a number or name as 'image_id'.")
        by_image.setdefault(image_id, []).append((index, result))
    count.add_frames(len(by_image))
    are_numbers = all(isinstance(image_id, int) for image_id in by_image)
    frames = []
    for image_id in sorted(by_image) if are_numbers else by_image:
        frame = FoundFrame(f"Image {str(image_id)[:100]}", name=safe_name(str(image_id)))
        frame.people = [_read_result(item, f"Result {i}") for i, item in by_image[image_id]]
        extra = _extra(by_image[image_id][0][1])
        frame.canvas_wh = decode_canvas(extra["canvas"]) if "canvas" in extra else None
        frame.is_exact = "version" in extra
        frames.append(frame)
    return frames


def read_annotations(document: Mapping[str, Any], count: Count) -> list[FoundFrame]:
    """All images in their order, also those without people.

    People without any keypoint are left out, and animals are counted alone.

    Raises:
        ValueError: an image or annotation cannot be read; the message names its index.
    """
    images, annotations = document["images"], document["annotations"]
    count.add_frames(len(images))
    count.add_people(len(annotations))
    frames: dict[Any, FoundFrame] = {}
    for index, image in enumerate(images):
        if not isinstance(image, Mapping) or not isinstance(image.get("id"), (int, str)):
            raise ValueError(f"Image {index} is not a dict with an 'id'.")
        where = f"Image {index}"
        name = image.get("file_name")
        frames[image["id"]] = FoundFrame(
            where,
            canvas_wh=read_canvas(image, where),
            name=safe_name(name if isinstance(name, str) else str(image["id"])),
        )
    categories = _categories(document)
    foreign: list[FoundPerson] = []
    for index, item in enumerate(annotations):
        frame = frames.get(_key(item, "image_id"))
        if frame is None:
            raise ValueError(f"Annotation {index} belongs to no image in 'images'.")
        joints = categories.get(_key(item, "category_id"), ())
        if are_of_animals(joints):
            frame.num_animals += 1
            continue
        person = _read_result(item, f"Annotation {index}", joints)
        is_found = any((part[:, 2] > 0).any() for part in person.parts.values())
        if is_found or _extra(item):
            frame.people.append(person)
            frame.is_exact = "version" in _extra(item)
            foreign += () if _extra(item) else (person,)
    _flags_to_scores(foreign)
    return list(frames.values())


def _key(item: Any, key: str) -> int | str | None:
    """The number or name that an object has there, or None."""
    value = item.get(key) if isinstance(item, Mapping) else None
    return value if isinstance(value, (int, str)) else None


def _categories(document: Mapping[str, Any]) -> dict[Any, Sequence[Any]]:
    """The names of the joints of each category."""
    listed = document.get("categories")
    return {
        item["id"]: item.get("keypoints") or ()
        for item in (listed if isinstance(listed, list) else ())
        if isinstance(item, Mapping)
        and isinstance(item.get("id"), (int, str))
        and isinstance(item.get("keypoints") or (), (list, tuple))
    }


def _read_result(item: dict[str, Any], where: str, joints: Sequence[Any] = ()) -> FoundPerson:
    """One person; COCO-WholeBody's parts become its 133 keypoints."""
    person = read_person(item, where)
    if not WHOLEBODY_KEYS.keys().isdisjoint(item):
        person.parts = {NATIVE: _read_wholebody(item, where)}
        person.keys, person.names = {NATIVE: "keypoints"}, None
    elif BODY in person.parts and person.names is None:
        _name_joints(person, joints)
    extra = _extra(item)
    if "bbox_xyxy" in extra:
        person.box_xyxy = number_array(extra["bbox_xyxy"])
        person.box_score = extra.get("bbox_score", 1.0)
        person.person_id = extra.get("person_id")
    return person


def _name_joints(person: FoundPerson, joints: Sequence[Any]) -> None:
    """Name a body's joints as the category does, if it names all and most are known."""
    body = person.parts[BODY]
    names = [canonical_name(name) if isinstance(name, str) else None for name in joints]
    known = {name: row for row, name in reversed(list(enumerate(names))) if name}
    if len(names) != len(body) or 2 * len(known) < len(names):
        return
    rows = sorted(known.values())
    person.parts[BODY] = body[rows]
    person.names = tuple(str(names[row]) for row in rows)


def _read_wholebody(item: dict[str, Any], where: str) -> Array:
    """(133, 3); zeros for parts that are left out."""
    triples = np.zeros((len(COCO_WHOLEBODY_133), 3))
    for key, parts in {"keypoints": ("body",), **WHOLEBODY_KEYS}.items():
        rows = COCO_WHOLEBODY_133.part_indices(*parts)
        numbers, _ = read_points(item.get(key) or None, f"{where}, {key}", (len(rows),))
        if len(numbers) not in (0, len(rows)):
            raise ValueError(f"{where}, {key}: expected {3 * len(rows)} numbers.")
        triples[rows] = numbers if len(numbers) else 0.0
    return triples


def _extra(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The value of the key ``sapiens``; empty if another program wrote something else there."""
    extra = item.get("sapiens")
    return extra if isinstance(extra, Mapping) else {}


def _flags_to_scores(people: Sequence[FoundPerson]) -> None:
    """COCO's visibility as scores: 2, seen, becomes 1, and 1, labelled but hidden, one half.

    Only if all of a file are 0, 1 or 2, and 2 is among them: others write scores there.
    """
    parts = [part for person in people for part in person.parts.values()]
    if not parts:
        return
    flags = np.unique(np.concatenate([part[:, 2] for part in parts]))
    if set(flags.tolist()) <= {0.0, 1.0, 2.0} and 2.0 in flags:
        for part in parts:
            part[:, 2] /= 2
