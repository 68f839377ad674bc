"""From a photo to finished people, with the miniature: boxes, masks, the whole picture, doubles."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.detection.masks import people_from_masks
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.pipeline import PoseOptions, find_poses, hide_outside_crop
from comfyui_sapiens_pose.sapiens_core.refine import find_second_looks, take_better_looks
from comfyui_sapiens_pose.skeletons.draw import render
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import encode
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.cleanup import CleanupOptions, hide_unseen_parts
from helpers.samples import sample

NAN, INF = float("nan"), float("inf")

NAMES = ("000000000785", "montage_785")
QUICK = PoseOptions(EstimateOptions(flip=False))

one_person = pytest.mark.parametrize("photo", sample(NAMES, NAMES[:1]), indirect=True)
"""Three people are for ``make exhaustive``."""


@pytest.fixture(scope="module")
def miniature(root):
    return PoseEstimator(load_model(root / "miniature/sapiens_miniature_17.safetensors"))


@pytest.fixture(scope="module", params=NAMES)
def photo(request, root):
    """Picture, boxes (P, 4) and keypoints (P, 17, 2) of one or of three people."""
    path = root / f"miniature/photos/{request.param}"
    people = json.loads(path.with_suffix(".json").read_text())["people"]
    x, y, width, height = np.array([person["bbox_xywh"] for person in people]).T
    keypoints = np.array([person["keypoints_coco17_xyv"] for person in people])
    boxes = np.stack((x, y, x + width, y + height), axis=-1)
    return read_image(path.with_suffix(".jpg")), boxes, keypoints.reshape(-1, 17, 3)[..., :2]


def assert_found(frame: Frame, boxes: np.ndarray, keypoints: np.ndarray) -> None:
    """Each person is there, in the order of the boxes, all joints within 5 % of the diagonal."""
    assert len(frame.poses) == len(boxes)
    for pose, box, expected in zip(frame.poses, boxes, keypoints, strict=True):
        error = np.linalg.norm(pose.keypoints_image - expected, axis=-1)
        assert error.max() <= 0.05 * np.hypot(*(box[2:] - box[:2]))
        assert pose.scores.min() > 0.5


def masks_of(image_rgb: np.ndarray, boxes: np.ndarray) -> list[np.ndarray]:
    masks = []
    for left, top, right, bottom in np.rint(boxes).astype(int):
        mask = np.zeros(image_rgb.shape[:2], bool)
        mask[max(top, 0) : bottom, max(left, 0) : right] = True
        masks.append(mask)
    return masks


def canvas_of(image_rgb: np.ndarray) -> tuple[int, int]:
    return image_rgb.shape[1], image_rgb.shape[0]


@pytest.fixture(scope="module")
def frame_by_flip(miniature, photo):
    """The frame that comes of the boxes, without and with a flip test."""
    image_rgb, boxes, _ = photo
    return {
        flip: find_poses(
            miniature, [image_rgb], [People(boxes)], PoseOptions(EstimateOptions(flip=flip))
        )[0]
        for flip in (False, True)
    }


@one_person
@pytest.mark.parametrize("flip", [False, True])
def test_boxes(photo, frame_by_flip, flip):
    _, boxes, keypoints = photo
    assert_found(frame_by_flip[flip], boxes, keypoints)


@one_person
@pytest.mark.parametrize("dim", sample([0.0, 0.5], [0.5]))
def test_a_mask_for_each_person(miniature, photo, dim):
    image_rgb, boxes, keypoints = photo
    people = people_from_masks(masks_of(image_rgb, boxes), [canvas_of(image_rgb)])
    options = PoseOptions(
        EstimateOptions(flip=False, dim_others=dim), CleanupOptions(mask_reach=0.1)
    )
    (frame,) = find_poses(miniature, [image_rgb], people, options)
    assert_found(frame, boxes, keypoints)


@one_person
def test_one_mask_for_everybody(miniature, photo):
    image_rgb, boxes, keypoints = photo
    together = np.logical_or.reduce(masks_of(image_rgb, boxes))
    people = people_from_masks([together], [canvas_of(image_rgb)])
    (frame,) = find_poses(miniature, [image_rgb], people, QUICK)
    order = np.argsort(boxes[:, 0])
    assert_found(frame, boxes[order], keypoints[order])


def test_the_whole_image_of_one_person(miniature, photo):
    image_rgb, boxes, keypoints = photo
    if len(boxes) == 1:
        (frame,) = find_poses(miniature, [image_rgb], [People.whole_image(image_rgb)], QUICK)
        assert_found(frame, boxes, keypoints)


@pytest.mark.exhaustive
@one_person
def test_everybody_doubled_is_found_once(miniature, photo):
    image_rgb, boxes, keypoints = photo
    doubled = np.concatenate([boxes, boxes + np.array([3, -2, -4, 3])])
    (frame,) = find_poses(miniature, [image_rgb], [People(doubled)], QUICK)
    assert len(frame.poses) == len(boxes)
    places = [
        np.linalg.norm(pose.keypoints_image - each, axis=-1).mean(axis=0).min()
        for pose in frame.poses
        for each in [keypoints[np.abs(keypoints - pose.keypoints_image).sum((1, 2)).argmin()]]
    ]
    assert max(places) < 15


@one_person
def test_boxes_that_show_nothing_change_nothing(miniature, photo):
    """Nor does it matter which two corners tell a box."""
    image_rgb, boxes, keypoints = photo
    more = [[NAN] * 4, [-500, -500, -400, -400], [1e6, 0, 2e6, 9], [50, 50, 50, 50]]
    reversed_boxes = boxes[:, [2, 3, 0, 1]]
    people = People(np.array([*more, *reversed_boxes, *more]))
    (frame,) = find_poses(miniature, [image_rgb], [people], QUICK)
    assert_found(frame, boxes, keypoints)
    assert np.array_equal([pose.box_xyxy for pose in frame.poses], boxes)


def test_nobody_anywhere(miniature):
    pictures = [np.zeros((40, 60, 3), np.uint8), np.zeros((1, 1, 3), np.uint8)]
    frames = find_poses(miniature, pictures, [People([]), People([[NAN] * 4])])
    assert frames == [Frame((60, 40)), Frame((1, 1))]
    assert find_poses(miniature, [], []) == []


def test_numbers_of_pictures_and_boxes_must_agree(miniature):
    with pytest.raises(ValueError, match="There are 0 images, but boxes for 1"):
        find_poses(miniature, [], [People([])])


@one_person
def test_points_outside_of_what_was_seen_are_hidden(miniature, frame_by_flip):
    frame = frame_by_flip[False]
    pose = frame.poses[0]
    crop = miniature.crop_of(pose.box_xyxy)
    points = pose.keypoints_image.copy()
    right = crop.center_xy[0] + crop.extent_wh[0] / 2
    points[3], points[4] = (right - 0.5, 50), (right + 0.5, 50)
    moved = replace(pose, keypoints_image=points)
    (after,) = hide_outside_crop(miniature, replace(frame, poses=(moved,))).poses
    outside = np.abs(points - crop.center_xy) > np.array(crop.extent_wh) / 2
    assert np.array_equal(after.scores == 0, outside.any(axis=1))
    assert after.scores[4] == 0 < after.scores[3]
    assert np.array_equal(after.keypoints_image, points)


@one_person
def test_the_mirrored_photo_gives_the_mirrored_people(miniature, photo, frame_by_flip):
    image_rgb, boxes, _ = photo
    last = image_rgb.shape[1] - 1
    flipped = np.stack([last - boxes[:, 2], boxes[:, 1], last - boxes[:, 0], boxes[:, 3]], axis=1)
    mirror_rgb = np.ascontiguousarray(image_rgb[:, ::-1])
    (twin,) = find_poses(miniature, [mirror_rgb], [People(flipped)])
    swap = miniature.keypoint_set.flip_indices
    for pose, other in zip(frame_by_flip[True].poses, twin.poses, strict=True):
        points = other.keypoints_image[swap] * np.array([-1, 1]) + np.array([last, 0])
        assert np.abs(points - pose.keypoints_image).max() <= 3
        assert np.abs(other.scores[swap] - pose.scores).max() <= 0.1


@one_person
def test_the_flip_test_changes_the_points_only_a_little(frame_by_flip):
    for one, two in zip(frame_by_flip[False].poses, frame_by_flip[True].poses, strict=True):
        assert np.abs(one.keypoints_image - two.keypoints_image).max() <= 6
        assert not np.array_equal(one.scores, two.scores)
        assert np.array_equal(one.box_xyxy, two.box_xyxy)


def test_other_people_are_dimmed_in_the_second_look_too(sapiens1):
    estimator = PoseEstimator(load_model(sapiens1 / "tiny_133.safetensors", num_heads=3))
    with np.load(sapiens1 / "e2e_133.npz") as golden:
        image_rgb = np.ascontiguousarray(golden["image_bgr"][..., ::-1])
    left = np.zeros(image_rgb.shape[:2], bool)
    left[:, : left.shape[1] // 2] = True
    people = people_from_masks([left, ~left], [canvas_of(image_rgb)])
    once = EstimateOptions(flip=False, dim_others=1.0)
    options = PoseOptions(
        once, CleanupOptions.from_switches(duplicates=False, guesses=False), "both"
    )
    found = find_poses(estimator, [image_rgb], people, options)
    first = find_poses(estimator, [image_rgb], people, replace(options, refine="off"))
    looks = find_second_looks(first, people, "both", 0.3)
    plain = [replace(look.job, pixels=None) for look in looks]
    dimmed_and_not = [
        take_better_looks(
            first, looks, estimator.find_keypoints([image_rgb], jobs, once), mask_reach=None
        )
        for jobs in ([look.job for look in looks], plain)
    ]
    assert [found == frames for frames in dimmed_and_not] == [True, False]


def test_guesses_are_hidden_as_by_hand(sapiens1):
    """A random network guesses everything, some of it outside of the crop."""
    estimator = PoseEstimator(load_model(sapiens1 / "tiny_308.safetensors", num_heads=3))
    with np.load(sapiens1 / "e2e_308.npz") as golden:
        image_rgb = np.ascontiguousarray(golden["image_bgr"][..., ::-1])
        people = People(golden["bboxes_xyxy"])

    def found(**choices) -> Frame:
        clean = CleanupOptions.from_switches(duplicates=False, **choices)
        options = PoseOptions(EstimateOptions(flip=False), clean)
        return find_poses(estimator, [image_rgb], [people], options)[0]

    everything = found(guesses=False)
    threshold = float(np.quantile([pose.scores for pose in everything.poses], 0.85))
    inside = hide_outside_crop(estimator, everything)
    clean = CleanupOptions(score_threshold=threshold)
    expected = hide_unseen_parts(inside, clean)
    assert everything != inside
    assert inside != expected
    assert found(guesses=True, score_threshold=threshold) == expected


@pytest.mark.slow
def test_ten_thousand_boxes(sapiens1):
    """With the smallest network, in minutes; all of them are the same person."""
    estimator = PoseEstimator(load_model(sapiens1 / "tiny_308.safetensors", num_heads=3))
    image_rgb = np.random.default_rng(0).integers(0, 256, (60, 50, 3), dtype=np.uint8)
    options = PoseOptions(EstimateOptions(flip=False, batch_size=64))
    people = People(np.tile([5, 5, 40, 50], (10_000, 1)))
    (frame,) = find_poses(estimator, [image_rgb], [people], options)
    assert len(frame.poses) == 1


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("bias", [NAN, INF, -INF, 1e38])
def test_a_network_that_overflows_gives_poses_without_nan(root: Path, bias: float) -> None:
    """What fp16 does to a network on a bad day: every stage after it still works."""
    path = root / "miniature" / "sapiens_miniature_17.safetensors"
    model = load_model(path, dtype=torch.float32)
    model.head.final_layer.bias.fill_(bias)
    image_rgb = np.zeros((30, 20, 3), np.uint8)
    people, once = [People.whole_image(image_rgb)], PoseOptions(EstimateOptions(flip=False))
    (frame,) = find_poses(PoseEstimator(model), [image_rgb], people, once)
    json.dumps(encode([frame]), allow_nan=False)
    assert render(frame).image_rgb.shape == (30, 20, 3)
