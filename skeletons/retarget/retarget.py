"""A clip's motion in the proportions of another person, on that person's image or on the clip's.

The limbs of both are measured (``limb_lengths``), compared (``proportions``), the driver is put
together anew with the reference's limbs (``rebuild``) and placed (``placement``). Everything is
decided by the whole clip but the place, which one frame gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..choices import Placement
from ..foundation.limits import MAX_NUMBER
from ..options.retargeting import RETARGETING
from ..pose import (
    Array,
    Frame,
    Pose,
    box_around,
    check_one_keypoint_set,
    is_visible,
    on_canvas,
)
from .body_table import length_indices
from .matching import PersonId
from .measured_person import MeasuredPerson, measure_person
from .placement import height_change, path_change, shift_to_reference, shifts_to_driver
from .proportions import log_ratios
from .rebuild import HIPS, AnchorPoints, anchor_index, hang_keypoints, move_anchors

OnPerson = Callable[[int, int], None]
"""Called after each person with the number done and the number of all."""


@dataclass(frozen=True)
class RetargetOptions:
    """What a figure takes from the reference, see ``skeletons/options/retargeting.py``.

    Raises:
        ValueError: a value is out of range.
    """

    placement: Placement = RETARGETING["placement"].default
    strength: float = RETARGETING["strength"].default
    hands: bool = RETARGETING["hands"].default
    face: bool = RETARGETING["face"].default
    feet: bool = RETARGETING["feet"].default
    anchor_frame: int = RETARGETING["anchor_frame"].default
    score_threshold: float = RETARGETING["score_threshold"].default

    def __post_init__(self) -> None:
        RETARGETING.check(self)


def retarget(
    frames: Sequence[Frame],
    references: Mapping[PersonId, Sequence[Pose]],
    options: RetargetOptions | None = None,
    on_person: OnPerson | None = None,
) -> list[Frame]:
    """A clip with other bodies: the same people, ids, scores and order, at other coordinates.

    Args:
        frames: the clip, of any keypoint set.
        references: for the id of each person the one whom they become: one look or more, of any
            keypoint set; the first one gives place, size and canvas. People who are not in it, or
            of whom nothing can be measured, are passed on. ``None`` stands for people without id.
        options: what to take from the reference.
        on_person: progress. What it raises ends the run.

    Returns:
        As many frames; with placement "as the reference" all of the first reference's canvas, on
        which people who are passed on keep their shares of width and height.

    Raises:
        ValueError: an id appears twice in a frame, or with different keypoint sets.
    """
    options = options or RetargetOptions()
    looks = {key: _found_on_one_canvas(poses) for key, poses in references.items()}
    looks = {key: poses for key, poses in looks.items() if poses}
    canvas_wh = next(iter(looks.values()))[0].canvas_wh if looks else None
    result = [list(frame.poses) for frame in frames]
    people = _indices_by_person(frames)
    wanted = [key for key in people if key in looks]
    for done, key in enumerate(wanted, start=1):
        for (frame, index), pose in _retarget_person(frames, people[key], looks[key], options):
            result[frame][index] = pose
        if on_person:
            on_person(done, len(wanted))
    if canvas_wh is None or options.placement == "as the driver":
        canvases = [frame.canvas_wh for frame in frames]
    else:
        canvases = [canvas_wh] * len(frames)
    return [
        Frame(canvas, tuple(on_canvas(pose, canvas) for pose in poses))
        for canvas, poses in zip(canvases, result, strict=True)
    ]


def _found_on_one_canvas(poses: Sequence[Pose]) -> list[Pose]:
    found = [pose for pose in poses if pose.is_found]
    return [on_canvas(pose, found[0].canvas_wh) for pose in found]


def _indices_by_person(frames: Sequence[Frame]) -> dict[PersonId, list[tuple[int, int]]]:
    """For each id, in order of appearance, the frames and the positions in them."""
    people: dict[PersonId, list[tuple[int, int]]] = {}
    for number, frame in enumerate(frames):
        for index, pose in enumerate(frame.poses):
            if not pose.is_found:
                continue
            places = people.setdefault(pose.person_id, [])
            if places and places[-1][0] == number:
                who = "Two people without id" if pose.person_id is None else "Two people of one id"
                raise ValueError(
                    f"{who} are in frame {number}, expected one. Track people, so that each has "
                    "their own id."
                )
            places.append((number, index))
    return people


def _retarget_person(
    frames: Sequence[Frame],
    places: list[tuple[int, int]],
    looks: list[Pose],
    options: RetargetOptions,
) -> list[tuple[tuple[int, int], Pose]]:
    """The person's new poses and their places, none if driver or reference cannot be measured."""
    poses = [frames[number].poses[index] for number, index in places]
    who = f"person {poses[0].person_id}"
    check_one_keypoint_set(poses, f"The poses of {who}")
    check_one_keypoint_set(looks, f"The references of {who}")
    poses = [on_canvas(pose, poses[0].canvas_wh) for pose in poses]
    numbers = np.array([number for number, _ in places])
    anchor = min(int(np.searchsorted(numbers, options.anchor_frame)), len(numbers) - 1)
    driver = measure_person(poses, numbers, anchor, options.score_threshold)
    reference = measure_person(looks, np.arange(len(looks)), 0, options.score_threshold)
    if driver is None or reference is None:
        return []
    ratios = _wanted_ratios(driver, reference, options)
    figure = _placed_anchors(driver, reference, ratios, anchor, options.placement)
    stays = options.placement == "as the driver"
    canvas_wh = poses[0].canvas_wh if stays else looks[0].canvas_wh
    new = [
        _moved_pose(pose, before, after, ratios, canvas_wh, options.score_threshold)
        for pose, before, after in zip(poses, driver.anchors.points, figure, strict=True)
    ]
    return list(zip(places, new, strict=True))


def _wanted_ratios(
    driver: MeasuredPerson, reference: MeasuredPerson, options: RetargetOptions
) -> Array:
    """(N,) log of new over old pixels for each length."""
    ratios = log_ratios(driver.body, reference.body)
    parts = {"hand": options.hands, "head": options.face, "foot": options.feet}
    own_size = [length for length, wanted in parts.items() if not wanted]
    whole_figure = height_change(driver.body, ratios, without=own_size)
    ratios = whole_figure + options.strength * (ratios - whole_figure)
    ratios[length_indices(*own_size)] = height_change(driver.body, ratios, without=own_size)
    if options.placement == "as the driver":
        return ratios - height_change(driver.body, ratios)
    return ratios + reference.log_size - driver.log_size


def _placed_anchors(
    driver: MeasuredPerson,
    reference: MeasuredPerson,
    ratios: Array,
    anchor: int,
    placement: Placement,
) -> Array:
    """(T, A, 2) where the anchors are in the end."""
    moved = move_anchors(driver.anchors.points, ratios)
    if placement == "as the driver":
        figure = AnchorPoints(moved, driver.anchors.seen)
        return moved + shifts_to_driver(figure, driver.anchors)[:, None]
    path = np.exp(path_change(driver.body, reference.body, ratios))
    moved += path * driver.anchors.points[:, [anchor_index(HIPS)]]
    figure = AnchorPoints(moved, driver.anchors.seen)
    return moved + shift_to_reference(figure, reference.anchors, anchor)


def _moved_pose(
    pose: Pose,
    before: Array,
    after: Array,
    ratios: Array,
    canvas_wh: tuple[int, int],
    score_threshold: float,
) -> Pose:
    """The pose with its anchors moved; a keypoint that is at 0, 0 and not found stays there."""
    keypoints = hang_keypoints(pose.keypoints_image, pose.keypoint_set, before, after, ratios)
    nowhere = (pose.scores <= 0) & (pose.keypoints_image == 0).all(axis=1)
    keypoints = np.where(nowhere[:, None], 0.0, np.clip(keypoints, -MAX_NUMBER, MAX_NUMBER))
    visible = is_visible(pose.scores, score_threshold)
    box = box_around(keypoints, visible if visible.any() else pose.scores > 0, (0, 0, *canvas_wh))
    return replace(pose, keypoints_image=keypoints, canvas_wh=canvas_wh, box_xyxy=box)
