"""From what a file holds to poses: units, joints and canvas, each decided for the whole file."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from ...keypoint_sets import (
    BODY_25B,
    BODY_135,
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    HALPE_26,
    MEDIAPIPE_33,
    MPI_15,
    NETWORK_SETS,
    OPENPOSE_136,
    KeypointSet,
    read_sources,
)
from ...pose import Array, Frame, Pose, box_around, canvas_around
from ..edited_files import restore_ids
from ..read_options import ReadOptions, Units
from .layouts import Layout, find_layout
from .records import BODY, FACE, FEET, LEFT_HAND, NATIVE, RIGHT_HAND, FoundFrame, FoundPerson
from .units import find_units, is_minus_one, to_pixels, unit_of_part

log = logging.getLogger(__name__)

RICHER_SETS = (BODY_25B, BODY_135, MPI_15, HALPE_26, MEDIAPIPE_33)
"""Sets with joints that OPENPOSE_136 lacks, so that a body of theirs stays what it is."""

MAX_COMPARED = 2000
"""Maximum number of bodies of a length that its layout is decided on."""

WORLD_ORIGIN = 0.02
"""Maximum distance between the hips' middle and 0, 0 in MediaPipe's world landmarks, as a share of
the person's size; they count from there."""

Canvas = tuple[int, int]


def build_frames(
    found: Sequence[FoundFrame], options: ReadOptions, shared_wh: Canvas | None = None
) -> tuple[Frame, ...]:
    """The frames of a file.

    Args:
        found: what the file holds; its numbers are changed, and its people taken out.
        options: what the user says.
        shared_wh: the canvas of the clip that the file belongs to, for frames without a size; by
            default that of the file's other frames, or the smallest that holds everybody.

    Raises:
        ValueError: a part has a number of keypoints that nobody writes, or fractions of a canvas
            whose size is not given.
    """
    layouts = _find_layouts(found)
    scale_to_pixels(found, options, shared_wh)
    canvas_wh = options.canvas_wh or shared_wh or canvas_of_clip(found)
    body_set = _body_set(found, layouts)
    return tuple(
        frame.frame or _frame(frame, canvas_wh, layouts, body_set, options) for frame in found
    )


def scale_to_pixels(
    found: Sequence[FoundFrame], options: ReadOptions, shared_wh: Canvas | None = None
) -> None:
    """Turn all numbers of a file into pixels, and what stands for missing keypoints into zeros.

    Doing it again changes nothing, because then every frame says that it is in pixels.

    Raises:
        ValueError: fractions of a canvas whose size is not given.
    """
    file_units = find_units(found)
    sizes = {frame.canvas_wh for frame in found if frame.canvas_wh}
    only_wh = sizes.pop() if len(sizes) == 1 else None
    for frame in found:
        if frame.is_exact:
            continue
        canvas_wh = frame.canvas_wh or options.canvas_wh or shared_wh or only_wh
        for person in frame.people:
            _scale_person(person, frame.units or options.units, file_units, canvas_wh)
        frame.units = "pixels"


def _scale_person(
    person: FoundPerson, units: str | None, file_units: Units, canvas_wh: Canvas | None
) -> None:
    box_units: Units = "pixels"
    for name, part in person.parts.items():
        missing = is_minus_one(part)
        unit: Units = units or unit_of_part(part, file_units, canvas_wh)  # type: ignore[assignment]
        if name in (BODY, NATIVE):
            box_units = unit
        if unit != "pixels":
            if canvas_wh is None:
                raise ValueError(
                    f"{person.where}, {person.keys.get(name, name)}: the coordinates are fractions "
                    "of a canvas whose size is not given. Give its width and height: --canvas on "
                    "the command line."
                )
            part[:, :2] = to_pixels(part[:, :2], unit, canvas_wh)
            part[part[:, 2] <= 0] = 0.0
            missing |= is_minus_one(part)
        if name == FACE:
            missing |= (part[:, :2] == 0).all(axis=1)
        part[missing] = 0.0
    if person.box_xyxy is not None and box_units != "pixels" and canvas_wh:
        corners = to_pixels(person.box_xyxy.reshape(2, 2), box_units, canvas_wh)
        person.box_xyxy = corners.ravel()


def canvas_of_clip(found: Sequence[FoundFrame]) -> Canvas | None:
    """The canvas of frames without a size: the others', or the smallest that holds everybody.

    Their numbers must be pixels. None if every frame has a size.
    """
    sized = {frame.frame.canvas_wh if frame.frame else frame.canvas_wh for frame in found}
    if None not in sized:
        return None
    if len(sized) == 2:
        return next(size for size in sized if size is not None)
    people = [person for frame in found if frame.canvas_wh is None for person in frame.people]
    points = [part[part[:, 2] > 0, :2] for person in people for part in person.parts.values()]
    boxes = [person.box_xyxy.reshape(2, 2) for person in people if person.box_xyxy is not None]
    _check_on_image(people, points)
    return canvas_around(*points, *boxes)


def _check_on_image(people: Sequence[FoundPerson], points: Sequence[Array]) -> None:
    """Raises ValueError if most people are at places that no image without a size can have."""
    shares = [(part < 0).any(axis=1).mean() for part in points if len(part)]
    if len(shares) and np.median(shares) > 0.5:
        raise ValueError(
            f"{people[0].where}: most keypoints have negative coordinates, so they are not pixels "
            "of an image; perhaps they are shifted world landmarks. Save the landmarks of the "
            "image instead, or give its width and height: --canvas on the command line."
        )


def _bodies(found: Sequence[FoundFrame]) -> list[FoundPerson]:
    return [person for frame in found for person in frame.people if BODY in person.parts]


def _find_layouts(found: Sequence[FoundFrame]) -> dict[int, Layout]:
    """The layout of the bodies of each length whose file does not name their joints."""
    by_length: dict[int, list[FoundPerson]] = {}
    for person in _bodies(found):
        if person.names is None:
            by_length.setdefault(len(person.parts[BODY]), []).append(person)
    layouts = {}
    for length, people in by_length.items():
        step = -(-len(people) // MAX_COMPARED)
        try:
            layouts[length] = find_layout([person.parts[BODY] for person in people[::step]])
        except ValueError as error:
            at = f"{people[0].where}, {people[0].keys[BODY]}"
            raise ValueError(f"{at}: {error!s}") from error
        if layouts[length].keypoint_set is MEDIAPIPE_33:
            _check_not_world(people)
    return layouts


def _check_not_world(people: Sequence[FoundPerson]) -> None:
    """Raises ValueError for MediaPipe's world landmarks, whose origin is between the hips."""
    rows = MEDIAPIPE_33.indices(("left_hip", "right_hip"))
    bodies = np.stack([person.parts[BODY] for person in people])
    bodies = bodies[(bodies[:, rows, 2] > 0).all(axis=1), :, :2]
    hips = np.linalg.norm(bodies[:, rows].mean(axis=1), axis=1)
    sizes = np.linalg.norm(np.ptp(bodies, axis=1), axis=1)
    if len(bodies) and (hips <= WORLD_ORIGIN * sizes).mean() > 0.5:
        raise ValueError(
            f"{people[0].where}: these are MediaPipe's world landmarks, in metres around the hips. "
            "Save the landmarks of the image instead: pose_landmarks, or poseLandmarks."
        )


def _body_set(found: Sequence[FoundFrame], layouts: dict[int, Layout]) -> KeypointSet:
    """The one set of all people of a file but those with native keypoints."""
    sets = {
        _own_set(person, layouts)
        for frame in found
        for person in frame.people
        if person.parts and NATIVE not in person.parts
    }
    only = sets.pop() if len(sets) == 1 else None
    return next((each for each in _ALL_SETS if each.name == only), OPENPOSE_136)


_ALL_SETS = (COCO_17, COCO_WHOLEBODY_133, OPENPOSE_136, *RICHER_SETS, GOLIATH_308)
"""Every set that a file may be of; the first that holds all named joints of a body is taken."""


def _own_set(person: FoundPerson, layouts: dict[int, Layout]) -> str:
    """The name of the set that holds all of a person's keypoints, and no others."""
    if person.parts.keys() != {BODY}:
        return OPENPOSE_136.name
    if person.names is not None:
        names = set(person.names)
        sets = (each for each in _ALL_SETS if names <= set(each.names))
        return next(sets, OPENPOSE_136).name
    keypoint_set = layouts[len(person.parts[BODY])].keypoint_set
    if keypoint_set is None or (person.prefers_openpose and keypoint_set not in RICHER_SETS):
        return OPENPOSE_136.name
    return keypoint_set.name


def _frame(
    found: FoundFrame,
    canvas_wh: Canvas | None,
    layouts: dict[int, Layout],
    body_set: KeypointSet,
    options: ReadOptions,
) -> Frame:
    size = found.canvas_wh or canvas_wh or (1, 1)
    poses = tuple(_pose(person, size, layouts, body_set, options) for person in found.people)
    frame = restore_ids(Frame(canvas_wh=size, poses=poses), found.stored)
    found.people, found.stored = [], ()  # of a long clip, they would take as much memory again
    return frame


def _pose(
    person: FoundPerson,
    canvas_wh: Canvas,
    layouts: dict[int, Layout],
    body_set: KeypointSet,
    options: ReadOptions,
) -> Pose:
    native = person.parts.get(NATIVE)
    if native is not None:
        body_set = _network_set(native, person)
        named = dict(zip(body_set.names, native, strict=True))
    else:
        named = _name_keypoints(person, layouts, options)
        if body_set is OPENPOSE_136:
            _add_middles(named)
    rows = np.array([named.get(name, (0.0, 0.0, 0.0)) for name in body_set.names])
    around = box_around(rows[:, :2], rows[:, 2] > 0, otherwise=(0, 0, *canvas_wh))
    try:
        return Pose(
            keypoints_image=rows[:, :2],
            scores=rows[:, 2],
            keypoint_set=body_set,
            canvas_wh=canvas_wh,
            box_xyxy=around if person.box_xyxy is None else person.box_xyxy,
            box_score=person.box_score,
            person_id=person.person_id,
        )
    except ValueError as error:
        raise ValueError(f"{person.where} cannot be read: {error!s}") from error


def _network_set(native: Array, person: FoundPerson) -> KeypointSet:
    keypoint_set = NETWORK_SETS.get(len(native))
    if keypoint_set is None:
        expected = ", ".join(map(str, NETWORK_SETS))
        at = f"{person.where}, {person.keys[NATIVE]}"
        raise ValueError(f"{at}: {len(native)} points, expected {expected}.")
    return keypoint_set


def _name_keypoints(
    person: FoundPerson, layouts: dict[int, Layout], options: ReadOptions
) -> dict[str, Array]:
    """The keypoints that the parts have, by joint: x, y, score."""
    left, right = (RIGHT_HAND, LEFT_HAND) if options.hands_swapped else (LEFT_HAND, RIGHT_HAND)
    named = _name_body(person, layouts)
    for part, names in (
        (left, OPENPOSE_136.part_names("left_hand")),
        (right, OPENPOSE_136.part_names("right_hand")),
        (FEET, OPENPOSE_136.part_names("left_foot", "right_foot")),
    ):
        rows = person.parts.get(part, np.zeros((0, 3)))
        if len(rows) not in (0, len(names)):
            at = f"{person.where}, {person.keys[part]}"
            raise ValueError(f"{at}: {len(rows)} points, expected {len(names)}.")
        if (rows[:, 2] > 0).any():  # zeros for feet do not undo the feet of a BODY_25
            named.update(zip(names, rows, strict=False))
    named.update(_name_face(person))
    return named


def _name_body(person: FoundPerson, layouts: dict[int, Layout]) -> dict[str, Array]:
    body = person.parts.get(BODY)
    if body is None:
        return {}
    if person.names is not None:
        return dict(zip(person.names, body, strict=True))
    layout = layouts[len(body)]
    named = dict(zip(layout.joints, body, strict=False))
    if layout.keypoint_set in RICHER_SETS:
        for joint, (first, second) in read_sources(layout.keypoint_set.name).items():
            if joint not in named and first == second:
                named[joint] = named[first]
    if not person.prefers_openpose and "neck" in named and named["neck"][2] <= 0:
        del named["neck"]  # not labelled; the shoulders tell
    return named


def _name_face(person: FoundPerson) -> dict[str, Array]:
    """The face's keypoints by joint; a 71st one is the background of the network that found it.

    The OpenPose preprocessor leaves out what it did not find, so that the remaining keypoints
    cannot be identified: such a face is left out.
    """
    face = person.parts.get(FACE, np.zeros((0, 3)))
    names = OPENPOSE_136.part_names("face")
    if len(face) > len(names) + 1:
        at = f"{person.where}, {person.keys[FACE]}"
        raise ValueError(f"{at}: {len(face)} points, expected 68, 70 or 71.")
    if len(face) not in (0, 68, 70, 71):
        log.warning(
            "%s: a face of %d keypoints has an unknown layout and is left out.",
            *(person.where, len(face)),
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
