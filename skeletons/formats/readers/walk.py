"""From a document to its frames, however programs nest them.

A frame is an object with people, or a list of them; a clip is a list of frames, an object with
such a list, or an object of frames by name, as pose libraries and AlphaPose write them. Programs
differ in their words for people and frames, which are the tables here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from ...foundation.safe_json import parse_json
from .. import sapiens_clip_json, sapiens_json, sapiens_key
from ..edited_files import stored_poses
from ..read_options import ReadOptions
from .canvases import read_canvas, read_name, safe_name
from .image_lists import is_annotations, is_results, read_annotations, read_results
from .people import PART_KEYS, is_person, read_person
from .points import looks_like_point
from .records import BODY, FACE, LEFT_HAND, RIGHT_HAND, Count, FoundFrame
from .subsets import is_subsets, read_subsets

PEOPLE_KEYS = (
    *("people", "persons", "bodies", "instances", "instance_info", "predictions", "poses"),
    *("skeletons", "detections", "pose_landmarks", "poseLandmarks", "landmarks"),
)
"""Keys of the people of a frame."""

SURE_KEYS = ("persons", "bodies", "instances", "instance_info")
"""Those that mean people even where nobody is among them."""

FRAME_KEYS = (
    *("frames", "instance_info", "poses", "results", "data", "predictions", "keyframes"),
    *("sequence", "images"),
)
"""Keys of the frames of a clip: a list, or an object of frames by name."""

FRAME_MARKS = (
    *("frame", "frame_id", "frame_index", "frame_number", "timestamp", "timestamp_ms"),
    *("image", "image_name", "image_path", "file_name", "filename"),
)
"""Keys of a person who is alone in a frame of a clip, as in MPII."""

OWN_KEYS = ("canvas", "keypoint_set", "image")
"""Keys that this package writes beside ``instance_info``, and no other program does."""

PERSON_KEY = re.compile(r"(?:person|people|human|track|player|skeleton)[ _-]?(\d{1,9})", re.I)
"""A key of one of the people of a frame that is an object."""

MIN_POINTS = 5
"""Minimum number of keypoints in an object that has each under its name."""

MAX_DEPTH = 4
"""Maximum depth of frames in lists and objects: a library of collections of clips."""


def find_frames(document: Any, options: ReadOptions) -> list[FoundFrame] | None:
    """The frames of a document; None if nothing in it looks like one.

    Raises:
        ValueError: a frame or person cannot be read; the message says where it is.
    """
    return _Walk(options).frames(document, "", None, 0)


def find_listed_frames(entries: Iterator[Any], options: ReadOptions) -> list[FoundFrame] | None:
    """As ``find_frames`` of a list, of whose entries no more than one is needed at a time.

    None if its first entry has no ``people``, so that the rest must be seen to know what it is.

    Raises:
        ValueError: as ``find_frames``.
    """
    first = next(entries, None)
    if not isinstance(first, Mapping) or not isinstance(first.get("people"), list):
        return None
    if "image_id" in first or looks_like_point(first) or is_person(first):
        return None
    return _Walk(options).entries(chain([first], entries))


class _Walk:
    """One pass over a document, which counts what it finds."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._count = Count()

    def frames(
        self, node: Any, where: str, canvas_wh: tuple[int, int] | None, depth: int
    ) -> list[FoundFrame] | None:
        """The frames of one node; ``canvas_wh`` is that of the nodes around it."""
        if depth > MAX_DEPTH:
            return None
        if isinstance(node, str) and node[:1] in ("[", "{"):  # ultralytics' tojson gives text
            node = parse_json(node)
        if isinstance(node, Mapping):
            return self._from_object(dict(node), where, canvas_wh, depth)
        if isinstance(node, (list, tuple)):
            return self._from_list(node, where, canvas_wh, depth)
        return None

    def _from_object(
        self, node: dict[str, Any], where: str, outer_wh: tuple[int, int] | None, depth: int
    ) -> list[FoundFrame] | None:
        if is_annotations(node):
            return read_annotations(node, self._count)
        own = self._own_frames(node)
        if own is not None:
            return own
        at = where or "Frame 0"
        canvas_wh = read_canvas(node, at) or outer_wh
        people = _people_of(node, at)
        if people is not None:
            return [self._frame(node, people, at, canvas_wh)]
        if is_subsets(node):
            self._count.add_frames(1)
            people = read_subsets(node, at, self._count)
            return [FoundFrame(at, people, canvas_wh, stored=stored_poses(node))]
        for key in FRAME_KEYS:
            value = node.get(key)
            if isinstance(value, (list, tuple, Mapping)) and value:
                found = self.frames(value, where, canvas_wh, depth + 1)
                if found is not None:
                    return found
        if is_person(node):
            return [self._frame(node, [node], at, canvas_wh)]
        points = _points_by_name(node)
        if points is not None:
            return [self._frame({}, [{"keypoints": points}], at, canvas_wh)]
        if "canvas_width" in node or "animals" in node:
            return [self._frame(node, [], at, canvas_wh)]
        numbered = _numbered_people(node)
        if numbered is not None:
            return [self._frame({}, numbered, at, canvas_wh)]
        return self._named(node, where, canvas_wh, depth)

    def _own_frames(self, node: dict[str, Any]) -> list[FoundFrame] | None:
        """The frames of this package's own formats."""
        if sapiens_clip_json.is_clip(node) or (
            "instance_info" in node and not node.keys().isdisjoint(OWN_KEYS)
        ):
            frames = sapiens_clip_json.decode(node, self._options.canvas_wh)
            names = sapiens_clip_json.image_names(node)
            self._count.add_frames(len(frames))
            self._count.add_people(sum(len(frame.poses) for frame in frames))
            has_names = len(names) == len(frames)
            return [
                FoundFrame("", frame=frame, name=names[index] if has_names else None)
                for index, frame in enumerate(frames)
            ]
        if "instance_info" in node and not isinstance(node["instance_info"], list):
            sapiens_json.decode(node)  # says what is expected
        return None

    def _named(
        self, node: dict[str, Any], where: str, canvas_wh: tuple[int, int] | None, depth: int
    ) -> list[FoundFrame] | None:
        """Frames by name, in their order; what is no frame is left out."""
        found: list[FoundFrame] = []
        for key, value in node.items():
            if not isinstance(value, (Mapping, list)):
                continue
            at = f"{where or 'Frame'} {key[:60]!r}"
            frames = self.frames(value, at, canvas_wh, depth + 1)
            if frames and len(frames) == 1:
                frames[0].name = safe_name(key.replace("/", "_")) or frames[0].name
            found += frames or ()
        return found or None

    def _from_list(
        self, node: Sequence[Any], where: str, canvas_wh: tuple[int, int] | None, depth: int
    ) -> list[FoundFrame] | None:
        if is_results(node):
            return read_results(node, self._count)
        first = next((item for item in node if item), None)
        if looks_like_point(first):
            return [self._frame({}, [node], where or "Frame 0", canvas_wh)]
        if is_person(first) and _preset_people(first) is None and _are_people(node):
            return [self._frame({}, node, where or "Frame 0", canvas_wh)]
        if node and not isinstance(first, (Mapping, list, tuple, str)):
            return None
        self._count.add_frames(len(node))
        return self._entries(node, where, canvas_wh, depth) if node else []

    def entries(self, items: Iterable[Any]) -> list[FoundFrame] | None:
        """The frames of the entries of a document's outer list, which are counted as they come."""
        return self._entries(map(self._counted, items), "", None, 0)

    def _counted(self, item: Any) -> Any:
        self._count.add_frames(1)
        return item

    def _entries(
        self, items: Iterable[Any], where: str, canvas_wh: tuple[int, int] | None, depth: int
    ) -> list[FoundFrame] | None:
        """The frames of the entries of a list, of which one at a time is needed."""
        found: list[FoundFrame] = []
        understood = False
        for index, item in enumerate(items):
            at = f"{where + ', frame' if where else 'Frame'} {index}"
            frames = self.frames(item, at, canvas_wh, depth + 1) if item else None
            if frames:
                self._count.frames -= len(frames)
                understood = True
            elif frames is None and not _is_empty(item):
                if not understood:
                    return None
                raise ValueError(f"{at} is a {type(item).__name__}, expected a dict with people.")
            found += frames or [FoundFrame(at, canvas_wh=canvas_wh)]
        return found if understood else None

    def _frame(
        self,
        node: dict[str, Any],
        people: Sequence[Any],
        where: str,
        canvas_wh: tuple[int, int] | None,
    ) -> FoundFrame:
        """The frame of an object with people."""
        self._count.add_frames(1)
        animals = node.get("animals")
        frame = FoundFrame(where, canvas_wh=canvas_wh, name=read_name(node))
        frame.num_animals = len(animals) if isinstance(animals, (list, tuple)) else 0
        extra = sapiens_key.find_matching(node)
        if extra is not None and self._options.lossless:
            frame.frame = sapiens_key.decode(extra)
            frame.is_matching = True
            self._count.add_people(len(frame.frame.poses))
            return frame
        if extra is not None:
            frame.units = "fractions" if extra.get("coords") == "normalised" else "pixels"
            frame.canvas_wh = canvas_wh or sapiens_json.decode_canvas(extra.get("canvas"))
        frame.stored = stored_poses(node)
        self._count.add_people(len(people))
        frame.people = [
            read_person(person, f"{where}, person {index}") for index, person in enumerate(people)
        ]
        return frame


def _people_of(node: Mapping[str, Any], where: str) -> Sequence[Any] | None:
    """The people of a frame, or None if an object is no frame.

    Raises:
        ValueError: the people are no list.
    """
    if "people" in node:
        people = node["people"] or []
        if not isinstance(people, (list, tuple)):
            raise ValueError(f"{where}: 'people' is a {type(people).__name__}, expected a list.")
        return people
    for key in PEOPLE_KEYS:
        value = node.get(key)
        if not isinstance(value, (list, tuple)):
            continue
        first = next((item for item in value if item), None)
        if looks_like_point(first):
            return [{**node, "keypoints": value}]
        if isinstance(first, (list, tuple)) and looks_like_point(next(iter(first), None)):
            return [{**_hands_of(node, index), "keypoints": v} for index, v in enumerate(value)]
        if is_person(first) and _are_people(value):
            return value
        if first is None and key in SURE_KEYS:
            return value
    return _preset_people(node)


def _points_by_name(node: Mapping[str, Any]) -> Any:
    """The keypoints of an object that has each under its joint's name or number, or None."""
    points = {key: value for key, value in node.items() if looks_like_point(value)}
    if len(points) < MIN_POINTS or 2 * len(points) < len(node):
        return None
    if all(key.isdecimal() for key in points):
        return [points[key] for key in sorted(points, key=int)]
    return points


def _numbered_people(node: Mapping[str, Any]) -> Sequence[Any] | None:
    """The people of an object that has each under a word and a number, such as ``person_0``."""
    people = []
    for key, value in node.items():
        number = PERSON_KEY.fullmatch(key)
        if number is None or not isinstance(value, Mapping):
            return None
        points = _points_by_name(value)
        person = dict(value) if points is None else {"keypoints": points}
        if points is None and not is_person(value):
            return None
        people.append({"person_id": int(number[1]), **person})
    return people or None


def _is_empty(item: Any) -> bool:
    """Whether an entry of a clip is a frame with nobody: nothing, or nothing but its number."""
    if isinstance(item, Mapping):
        return not any(value for value in item.values() if isinstance(value, (list, dict)))
    return not item


def _are_people(items: Sequence[Any]) -> bool:
    """Whether objects with body parts are people of one frame, and not frames of one each."""
    marks = {"canvas_width", *FRAME_MARKS}
    return all(not isinstance(item, Mapping) or marks.isdisjoint(item) for item in items)


def _hands_of(node: Mapping[str, Any], index: int) -> dict[str, Any]:
    """The hands of the person of that index, in files that list all people's hands apart."""
    keys = (*PART_KEYS[LEFT_HAND], *PART_KEYS[RIGHT_HAND], *PART_KEYS[FACE])
    lists = {key: node[key] for key in keys if isinstance(node.get(key), (list, tuple))}
    return {key: value[index] for key, value in lists.items() if index < len(value)}


def _preset_people(node: Any) -> Sequence[Any] | None:
    """The people of an editor's preset, whose body parts are each a list of all people's."""
    for key in PART_KEYS[BODY] if isinstance(node, Mapping) else ():
        value = node.get(key)
        if not isinstance(value, (list, tuple)) or not value:
            continue
        first = next((item for item in value if item), None)
        inner = next((item for item in first if item), None) if isinstance(first, list) else None
        if isinstance(inner, (list, tuple, Mapping)):
            return [{**_hands_of(node, index), key: body} for index, body in enumerate(value)]
    return None
