"""Boxes, masks and crops of parts, against results worked out by hand."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.choices import PARTS
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
)
from comfyui_sapiens_pose.skeletons.pose import Pose
from comfyui_sapiens_pose.skeletons.poses.body_parts import (
    PartOptions,
    clip_to_canvas,
    cut_crop,
    draw_mask,
    find_parts,
)
from helpers.poses import make_pose, mirrored

CANVAS = (400, 300)


def person(keypoint_set=COCO_17, **places) -> Pose:
    """Somebody of whom only the joints given by name are seen."""
    points, scores = np.zeros((len(keypoint_set), 2)), np.zeros(len(keypoint_set))
    for name, place in places.items():
        points[keypoint_set.index(name)], scores[keypoint_set.index(name)] = place, 0.8
    return Pose(points, scores, keypoint_set, CANVAS, (0, 0, *CANVAS))


HANDS_UP = person(nose=(200, 50), left_wrist=(240, 30), right_ankle=(180, 250))


@pytest.mark.parametrize("part", PARTS)
def test_nobody_visible(part):
    assert find_parts(person(), PartOptions(part)) == [None] * len(PARTS[part])


@pytest.mark.parametrize(
    ("options", "box"),
    [
        ({"padding": 0}, (180, 30, 240, 250)),
        ({"padding": 0.1}, (158, 8, 262, 272)),
        ({"padding": 0.5}, (70, 0, 350, 300)),
        ({"padding": 0, "square": True}, (100, 30, 320, 250)),
        ({"padding": 0.1, "square": True}, (78, 8, 342, 272)),
        ({"padding": 0.2, "square": True}, (56, -4 + 4, 364, 308 - 8)),
    ],
    ids=str,
)
def test_box_of_a_person(options, box):
    (found,) = find_parts(HANDS_UP, PartOptions("person", **{"square": False} | options))
    left, top, right, bottom = found.box
    if options.get("square"):
        assert right - left == bottom - top
    assert clip_to_canvas(found.box, CANVAS) == box
    assert found.score == pytest.approx(0.8)


def test_a_square_slides_into_the_picture():
    corner = person(nose=(0, 0), left_wrist=(30, 100))
    (found,) = find_parts(corner, PartOptions("person", padding=0.1, square=True))
    assert found.box == (0, 0, 120, 120)


def test_a_square_is_never_larger_than_the_longer_side():
    tall = person(nose=(200, 0), left_wrist=(200, 300))
    (found,) = find_parts(tall, PartOptions("person", padding=9, square=True))
    assert found.box == (0, -50, 400, 350)
    assert clip_to_canvas(found.box, CANVAS) == (0, 0, 400, 300)


def test_outside_of_the_picture():
    away = person(nose=(-90, -50), left_wrist=(-40, -30))
    assert find_parts(away, PartOptions("person", square=False)) == [None]
    beside = person(nose=(-90, 50), left_wrist=(-1, 200))
    assert find_parts(beside, PartOptions("person", square=False)) == [None]
    half = person(nose=(-90, 50), left_wrist=(40, 90))
    (found,) = find_parts(half, PartOptions("person", padding=0, square=False))
    assert found.box == (0, 50, 40, 90)


def test_hands_come_left_and_right_with_their_wrists():
    fingers = {f"left_{name}4": (100 + i, 90) for i, name in enumerate(("thumb", "ring_finger"))}
    pose = person(GOLIATH_308, left_wrist=(101, 120), right_wrist=(10, 10), **fingers)
    left, right = find_parts(pose, PartOptions("hands", padding=0, square=False))
    assert left.box == (100, 90, 101, 120)
    assert left.name == "left_hand"
    assert right is None  # a wrist alone is no hand
    (alone,) = find_parts(pose, PartOptions("left hand", padding=0, square=False))
    assert alone.box == left.box
    assert find_parts(pose, PartOptions("right hand", padding=0, square=False)) == [None]


def test_feet_come_with_their_ankles():
    pose = person(
        COCO_WHOLEBODY_133,
        **{"right_big_toe": (50, 200), "right_heel": (40, 205), "right_ankle": (42, 180)},
    )
    left, right = find_parts(pose, PartOptions("feet", padding=0, square=False))
    assert left is None
    assert right.box == (40, 180, 50, 205)


HEAD = {"nose": (110, 54), "left_eye": (120, 50), "right_eye": (100, 50)}


@pytest.mark.parametrize(
    ("shoulders", "box"),
    [
        ({}, (100, 46, 120, 66)),
        ({"left_shoulder": (150, 92), "right_shoulder": (70, 92)}, (100, 46, 120, 66)),
        ({"left_shoulder": (70, 12), "right_shoulder": (150, 12)}, (100, 38, 120, 58)),
        ({"left_shoulder": (150, 12), "right_shoulder": (150, 92)}, (104, 42, 124, 62)),
        ({"right_shoulder": (150, 52)}, (100, 46, 120, 66)),
    ],
    ids=["head alone", "upright", "upside down", "lying", "one shoulder"],
)
def test_a_face_without_points_is_a_square_below_the_middle_of_eyes_nose_and_ears(shoulders, box):
    pose = person(**HEAD, **shoulders)
    (found,) = find_parts(pose, PartOptions("face", padding=0, square=False))
    assert found.box == box
    low = PartOptions("face", square=False, score_threshold=0.81)
    assert find_parts(pose, low) == [None]


def test_a_face_has_its_own_points_first():
    pose = person(
        COCO_WHOLEBODY_133, **{"face-0": (50, 60), "face-8": (70, 90), "left_ear": (200, 60)}
    )
    (found,) = find_parts(pose, PartOptions("face", padding=0, square=False))
    assert found.box == (50, 60, 70, 90)


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=KEYPOINT_SETS)
@pytest.mark.parametrize("part", ["hands", "feet"])
def test_left_and_right_of_the_mirrored_picture(keypoint_set, part):
    count = len(keypoint_set)
    points = np.random.default_rng(5).uniform((0, 0), (639, 479), (count, 2))
    pose = replace(make_pose(keypoint_set), keypoints_image=points, scores=np.full(count, 0.9))
    options = PartOptions(part, padding=0, square=False)
    left, right = find_parts(pose, options)
    other_left, other_right = find_parts(mirrored(pose), options)
    if not keypoint_set.part_indices("left_foot" if part == "feet" else "left_hand").size:
        assert left is right is other_left is other_right is None
        return
    for one, other in ((left, other_right), (right, other_left)):
        flipped = np.sort(640 - other.keypoints_image[:, 0])
        assert np.sort(one.keypoints_image[:, 0]) == pytest.approx(flipped)
        assert one.box[1::2] == other.box[1::2]


def test_a_mask_is_the_hull_grown_by_a_disk():
    pose = person(nose=(100, 100), left_wrist=(200, 100), right_wrist=(150, 180))
    (found,) = find_parts(pose, PartOptions("person", padding=0, square=False))
    plain = draw_mask([found], CANVAS, 0)
    assert plain.shape == (300, 400)
    assert plain[110, 150] == 255
    assert plain[170, 110] == 0
    grown = draw_mask([found], CANVAS, 0.2)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (41, 41))
    difference = grown != cv2.dilate(plain, disk)
    assert difference.mean() < 0.005
    assert draw_mask([], CANVAS, 0.2).max() == 0


def test_masks_bear_points_far_away():
    pose = person(nose=(100, 100), left_wrist=(1e9, -1e9))
    (found,) = find_parts(pose, PartOptions("person", square=False))
    assert draw_mask([found], CANVAS, 0.1)[100, 100] == 255


def picture() -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(400), np.arange(300))
    return np.dstack([columns % 256, rows % 256, columns // 256]).astype(np.uint8)


def test_a_crop_of_its_own_size_is_the_picture():
    assert np.array_equal(cut_crop(picture(), (10, 20, 74, 84), 64), picture()[20:84, 10:74])


def test_a_crop_keeps_the_shape_and_is_black_beside_it():
    wide = cut_crop(np.full((300, 400, 3), 200, np.uint8), (0, 100, 400, 200), 512)
    assert wide.shape == (512, 512, 3)
    lit = np.flatnonzero(wide[:, 256, 0])
    assert (lit[0], lit[-1]) == (192, 319)
    assert (wide[192:320] == 200).all()


def test_a_crop_beyond_the_picture_is_black_there():
    bright = np.full((300, 400, 3), 200, np.uint8)
    corner = cut_crop(bright, (-50, -50, 50, 50), 100)
    assert (corner[50:, 50:] == 200).all()
    assert corner[:50].max() == corner[:, :50].max() == 0
    assert cut_crop(bright, (500, 0, 600, 100), 64).max() == 0
    assert cut_crop(bright, (399, 299, 400, 300), 8).min() == 200


@pytest.mark.parametrize("wrong", [{"part": "nose"}, {"padding": -1}, {"dilation": -0.1}])
def test_wrong_options(wrong):
    with pytest.raises(ValueError, match=r"part|padding|dilation"):
        PartOptions(**wrong)
