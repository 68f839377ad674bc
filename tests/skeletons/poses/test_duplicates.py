"""One skeleton a person: numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.poses import duplicates
from comfyui_sapiens_pose.skeletons.poses.cleanup import CleanupOptions, remove_duplicates
from helpers.poses import mirrored

WH = (640, 480)
UPPER = ("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder")
UPPER += ("right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist")
HIPS = ("left_hip", "right_hip")
LOWER = ("left_knee", "right_knee", "left_ankle", "right_ankle")
NAMES = (*UPPER, *HIPS, *LOWER)


def person(
    seen: tuple[str, ...] = NAMES,
    *,
    at: tuple[float, float] = (300, 100),
    score: float = 0.8,
    width: float = 100,
    size: float = 200,
    keypoint_set=COCO_17,
) -> Pose:
    """A figure of ``width`` x ``size`` pixels; joints that are not in ``seen`` score 0.1."""
    points = np.random.default_rng(5).uniform(0, 1, (len(keypoint_set), 2))
    points[0], points[1] = (0, 0), (1, 1)
    scores = np.full(len(keypoint_set), 0.1)
    scores[keypoint_set.indices(seen)] = score
    points = points * (width, size) + at
    box = (*points.min(axis=0), *points.max(axis=0))
    return Pose(points, scores, keypoint_set, WH, box)


def cleaned(*poses: Pose, **options) -> tuple[Pose, ...]:
    return remove_duplicates(Frame(WH, poses), CleanupOptions(**options)).poses


def test_nobody_stays_nobody():
    assert cleaned() == ()
    assert cleaned(person()) == (person(),)


@pytest.mark.parametrize("keypoint_set", [COCO_17, COCO_WHOLEBODY_133, GOLIATH_308])
def test_the_better_of_two_equal_ones_stays(keypoint_set):
    better = person(score=0.9, keypoint_set=keypoint_set)
    worse = person(score=0.7, at=(301, 100), keypoint_set=keypoint_set)
    assert cleaned(worse, better) == (better,)
    assert cleaned(better, worse) == (better,)


def test_a_box_that_is_surer_counts():
    first, second = person(score=0.8), person(score=0.7, at=(301, 100))
    assert cleaned(replace(first, box_score=0.5), second) == (second,)


def test_the_order_of_those_who_stay_is_kept():
    people = person(at=(500, 0), score=0.5), person(at=(10, 0), score=0.9), person(at=(250, 200))
    twin = person(at=(500, 1), score=0.4)
    assert cleaned(people[0], twin, *people[1:]) == people


@pytest.mark.parametrize(("shift", "count"), [(0, 1), (5, 1), (60, 2), (200, 2)])
def test_how_far_apart_two_people_are(shift, count):
    assert len(cleaned(person(), person(at=(300 + shift, 100), score=0.7))) == count


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(("shift", "count"), [(0, 1), (3, 1), (60, 2)])
def test_people_whose_seen_joints_lie_on_a_line(axis, shift, count):
    """They have no area, but are as large as the line is long; along it they move."""
    points = np.full((17, 2), 100.0)
    points[:, axis] = np.linspace(100, 300, 17)
    moved = points.copy()
    moved[:, axis] += shift
    line = replace(person(), keypoints_image=points)
    twin = replace(person(score=0.7), keypoints_image=moved)
    assert len(cleaned(line, twin)) == count


WRONG = ("left_wrist", "right_wrist", "left_elbow", "right_elbow", "left_eye")


def similarity_by_hand(distance: float, area: float) -> float:
    """Of two whole people with ``WRONG`` so far apart: the four worst of 17 do not count."""
    sigmas = COCO_17.sigmas[COCO_17.indices(WRONG)]
    closeness = np.exp(-(distance**2) / 2 / area / (2 * sigmas) ** 2)
    return 1 - (1 - closeness.max()) / 13


def test_a_narrow_person_is_a_tenth_as_wide_as_high():
    """By hand: joints 10 pixels off on a line of 200, so an area of 0.1 * 200 * 200."""
    points = np.full((17, 2), 100.0)
    points[:, 1] = np.linspace(100, 300, 17)
    moved = points.copy()
    moved[COCO_17.indices(WRONG), 1] += 10
    similarity = similarity_by_hand(10, 0.1 * 200**2)
    line = replace(person(), keypoints_image=points)
    twin = replace(person(score=0.7), keypoints_image=moved)
    assert len(cleaned(line, twin, same_person=similarity - 1e-6)) == 1
    assert len(cleaned(line, twin, same_person=similarity + 1e-6)) == 2


def test_the_limit_is_the_object_keypoint_similarity():
    """By hand: five joints 40 pixels off, the others in place."""
    moved = person().keypoints_image.copy()
    moved[COCO_17.indices(WRONG), 0] += 40
    twin = replace(person(score=0.7), keypoints_image=moved)
    areas = [np.ptp(points, axis=0).prod() for points in (person().keypoints_image, moved)]
    similarity = similarity_by_hand(40, max(areas))
    assert len(cleaned(person(), twin, same_person=similarity - 1e-6)) == 1
    assert len(cleaned(person(), twin, same_person=similarity + 1e-6)) == 2


def moved_person(names: tuple[str, ...], by: tuple[float, float], **options) -> Pose:
    """A person some of whose keypoints are elsewhere."""
    pose = person(score=0.7, **options)
    points = pose.keypoints_image.copy()
    points[pose.keypoint_set.indices(names)] += by
    return replace(pose, keypoints_image=points)


def test_a_dancer_with_a_wrong_arm_and_leg_is_one():
    wrong = ("left_elbow", "left_wrist", "right_knee", "right_ankle")
    assert cleaned(person(), moved_person(wrong, (70, -30))) == (person(),)


def test_a_hugging_pair_stays_two():
    """Arms on one another's backs, and so on one another's arms; heads and hips side by side."""
    apart = tuple(name for name in NAMES if "wrist" not in name and "elbow" not in name)
    pair = person(), moved_person(apart, (35, 10))
    assert cleaned(*pair) == pair


@pytest.mark.parametrize("keypoint_set", [COCO_WHOLEBODY_133, GOLIATH_308])
def test_two_people_with_the_face_of_one_stay_two(keypoint_set):
    """The network put both faces on the one in front: most of all keypoints, few of the body."""
    seen = keypoint_set.names
    below = tuple(name for name in NAMES if name not in UPPER[:5])
    pair = tuple(
        moved_person(names, (50, 40), seen=seen, keypoint_set=keypoint_set) for names in ((), below)
    )
    assert len(cleaned(*pair)) == 2


def test_three_joints_in_common_make_a_double_and_two_do_not():
    whole, seen = person(), ("left_knee", "right_knee", "left_ankle")
    assert cleaned(whole, person(seen)) == (whole,)
    assert len(cleaned(whole, person(seen[:2]))) == 2


def test_loose_boxes_make_nobody_alike():
    """With boxes as large as the picture, 30 pixels would be nothing."""
    whole = np.array([0, 0, *WH], dtype=float)
    people = [replace(person(at=(300 + dx, 100)), box_xyxy=whole) for dx in (0, 30)]
    assert len(cleaned(*people)) == 2


def test_halves_are_joined():
    upper = person((*UPPER, *HIPS), score=0.8)
    lower = person((*HIPS, *LOWER), score=0.7)
    lower = replace(lower, box_xyxy=(310, 150, 420, 310), box_score=0.9)
    (whole,) = cleaned(lower, upper)
    assert (whole.scores >= 0.3).all()
    expected = np.where(COCO_17.indices(NAMES) >= 0, 0.8, 0)
    expected[COCO_17.indices(LOWER)] = 0.7
    assert np.array_equal(whole.scores, expected)
    assert np.array_equal(whole.keypoints_image, upper.keypoints_image)
    left, top, right, bottom = upper.box_xyxy
    assert np.array_equal(whole.box_xyxy, [left, top, max(right, 420), max(bottom, 310)])
    assert whole.box_score == 1.0


def test_halves_stay_halves_if_asked_for():
    halves = person((*UPPER, *HIPS)), person((*HIPS, *LOWER))
    assert cleaned(*halves, join_halves=False) == halves


def test_halves_without_a_joint_in_common_are_two_people():
    halves = person(UPPER), person(LOWER)
    assert cleaned(*halves) == halves


def test_two_people_who_share_legs_are_two():
    """Whoever stands behind has a head of their own, and the network gives both the same legs."""
    front = person()
    points = front.keypoints_image.copy()
    points[COCO_17.indices(UPPER)] += (60, -20)
    behind = replace(front, keypoints_image=points, scores=front.scores * 0.8)
    assert cleaned(front, behind) == (front, behind)


def test_a_few_points_of_somebody_are_nobody_else():
    """Seen: five joints, all of them also seen in the whole person."""
    assert cleaned(person(), person((*HIPS, "left_knee"), score=0.95)) == (person(),)


def test_off_leaves_all():
    twins = person(), person(score=0.7)
    assert cleaned(*twins, same_person=None) == twins


def test_the_mirrored_picture_gives_the_mirrored_people():
    people = (
        person((*UPPER, *HIPS), score=0.8),
        person((*HIPS, *LOWER), score=0.7),
        person(at=(20, 200)),
        person(at=(21, 200), score=0.6),
    )
    found = cleaned(*(mirrored(pose) for pose in people))
    for pose, expected in zip(found, cleaned(*people), strict=True):
        swapped = mirrored(expected)
        assert np.allclose(pose.keypoints_image, swapped.keypoints_image)
        assert np.array_equal(pose.scores, swapped.scores)
        assert np.allclose(pose.box_xyxy, swapped.box_xyxy)


@pytest.mark.exhaustive
def test_a_crowd_is_done_in_a_moment():
    places = [(x, y) for x in range(0, 600, 24) for y in range(0, 400, 10)]
    people = [person(at=at, width=10, size=10) for at in places]
    assert len(cleaned(*people, *people)) == len(places) == 1000


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.exhaustive
def test_a_crowd_on_one_spot_is_done_in_a_moment():
    """Each is compared with all others: seconds, and minutes if one pair at a time."""
    points = np.random.default_rng(0).uniform(0, 400, (600, 17, 2))
    people = tuple(replace(person(), keypoints_image=each) for each in points)
    assert cleaned(*people) == people


def test_who_is_the_same_does_not_depend_on_how_many_are_compared_at_a_time(monkeypatch):
    people = [person(at=(300 + 40 * at, 100), score=0.5 + at / 100) for at in range(7)]
    twins = [replace(each, scores=each.scores * 0.9) for each in people]
    halves = person((*UPPER, *HIPS), at=(10, 10)), person((*HIPS, *LOWER), at=(10, 10))
    crowd = (*twins, *halves, *people)
    together = cleaned(*crowd)
    monkeypatch.setattr(duplicates, "BLOCK", 1)
    assert cleaned(*crowd) == together
    assert len(together) == 8


@pytest.mark.exhaustive
def test_ten_thousand_times_the_same_person_is_one():
    assert len(cleaned(*[person()] * 10_000)) == 1
