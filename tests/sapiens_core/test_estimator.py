"""Pictures and boxes to poses."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import Crop, normalise
from comfyui_sapiens_pose.sapiens_core.decode import decode
from comfyui_sapiens_pose.sapiens_core.detection.masks import people_from_masks
from comfyui_sapiens_pose.sapiens_core.detection.people import OwnPixels, People
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator
from helpers.masks import OVERLAPPING, WH
from torch.overrides import TorchFunctionMode

pytestmark = pytest.mark.portable

OPENCV_MAJOR = int(cv2.__version__.split(".")[0])
MAPS = {"noflip": "heatmaps", "flip": "heatmaps_flipavg"}
BLACK = np.zeros((40, 60, 3), np.uint8)


@pytest.fixture(scope="module")
def estimator(sapiens1):
    return PoseEstimator(load_model(sapiens1 / "tiny_17.safetensors", num_heads=4))


@pytest.fixture(scope="module")
def scene(sapiens1):
    """The golden picture and its three boxes."""
    with np.load(sapiens1 / "e2e_17.npz") as golden:
        return np.ascontiguousarray(golden["image_bgr"][..., ::-1]), golden["bboxes_xyxy"]


@pytest.mark.parametrize("flip", [False, True], ids=["plain", "flip"])
def test_flip_test_heatmaps_are_the_references(e2e, flip):
    path, heads, golden = e2e
    estimator = PoseEstimator(load_model(path, num_heads=heads))
    heatmaps = estimator.heatmaps(normalise(list(golden["crops_bgr"][..., ::-1])), flip=flip)
    expected = golden[MAPS["flip" if flip else "noflip"]]
    assert np.abs(heatmaps.numpy() - expected).max() <= 5e-5


@pytest.mark.opencv
@pytest.mark.parametrize("tag", ["noflip", "flip"])
def test_poses_are_the_references(e2e, tag):
    path, heads, golden = e2e
    estimator = PoseEstimator(load_model(path, num_heads=heads))
    image_rgb = np.ascontiguousarray(golden["image_bgr"][..., ::-1])
    options = EstimateOptions(flip=tag == "flip", batch_size=2)
    (frame,) = estimator.estimate([image_rgb], [People(golden["bboxes_xyxy"])], options)
    near = believed(golden[MAPS[tag]]) & (golden[f"sens_{tag}"] < 0.05)
    # OpenCV 4 crops differ by a few grey levels, which moves some maxima to another cell.
    tolerance_px, share = (0.1, 1.0) if OPENCV_MAJOR >= 5 else (0.5, 0.9)
    found = np.stack([pose.keypoints_image for pose in frame.poses])
    difference = np.abs(found - golden[f"keypoints_{tag}"]).max(-1)
    assert (difference[near] <= tolerance_px).mean() >= share
    scores = np.stack([pose.scores for pose in frame.poses])
    assert np.abs(scores - golden[f"scores_{tag}"]).max() <= (1e-3 if OPENCV_MAJOR >= 5 else 0.1)


def believed(heatmaps: np.ndarray) -> np.ndarray:
    """Which points decode does not move back to the maximum's cell, as the reference would not."""
    limited, _ = decode(torch.from_numpy(heatmaps))
    unlimited, _ = decode(torch.from_numpy(heatmaps), max_offset_cells=float("inf"))
    return (limited == unlimited).all(-1).numpy()


def test_a_picture_without_boxes_has_nobody(estimator, scene):
    image_rgb, boxes = scene
    frames = estimator.estimate(
        [image_rgb, BLACK, image_rgb], [People(boxes), People([]), People(boxes[:1])]
    )
    assert [len(frame.poses) for frame in frames] == [3, 0, 1]
    assert [frame.canvas_wh for frame in frames] == [(210, 150), (60, 40), (210, 150)]


def test_no_pictures_give_no_frames(estimator):
    assert estimator.estimate([], []) == []


@pytest.mark.parametrize("batch_size", [1, 2, 3, 7])
def test_the_batch_size_changes_nothing(estimator, scene, batch_size):
    image_rgb, boxes = scene
    images, people = [image_rgb, image_rgb], [People(boxes), People(boxes[::-1])]
    first = estimator.estimate(images, people, EstimateOptions(batch_size=100))
    other = estimator.estimate(images, people, EstimateOptions(batch_size=batch_size))
    for one, two in zip(first, other, strict=True):
        for pose, twin in zip(one.poses, two.poses, strict=True):
            assert np.allclose(pose.scores, twin.scores, atol=1e-4)
            assert np.array_equal(pose.box_xyxy, twin.box_xyxy)


def test_a_mirrored_picture_gives_the_mirrored_pose(estimator, scene):
    image_rgb, _ = scene
    last = image_rgb.shape[1] - 1
    # From pixel centre to pixel centre, so that the box is its own mirror.
    people = People([[0, 0, last, image_rgb.shape[0] - 1]])
    frame, mirrored = estimator.estimate(
        [image_rgb, np.ascontiguousarray(image_rgb[:, ::-1])], [people] * 2
    )
    swap = estimator.keypoint_set.flip_indices
    pose, twin = frame.poses[0], mirrored.poses[0]
    assert np.abs(twin.scores[swap] - pose.scores).max() <= 0.02
    mirrored_x = last - twin.keypoints_image[swap, 0]
    assert np.median(np.abs(mirrored_x - pose.keypoints_image[:, 0])) <= 0.1


def test_progress_is_told_and_can_end_the_run(estimator, scene):
    image_rgb, boxes = scene
    told = []

    def on_batch(done, total):
        told.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        estimator.estimate(
            [image_rgb], [People(boxes)], EstimateOptions(batch_size=1), on_batch=on_batch
        )
    assert told == [(1, 3), (2, 3)]


def test_boxes_and_scores_are_kept_in_order(estimator, scene):
    image_rgb, boxes = scene
    (frame,) = estimator.estimate([image_rgb], [People(boxes, [0.9, 0.5, 0.7])])
    assert [pose.box_score for pose in frame.poses] == [0.9, 0.5, 0.7]
    assert np.array_equal([pose.box_xyxy for pose in frame.poses], boxes.astype(float))


def test_a_one_pixel_picture_works(estimator):
    image_rgb = np.full((1, 1, 3), 200, np.uint8)
    (frame,) = estimator.estimate([image_rgb], [People.whole_image(image_rgb)])
    assert frame.canvas_wh == (1, 1)
    assert np.isfinite(frame.poses[0].keypoints_image).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_low_precision_stays_near_float32(sapiens1, scene, dtype):
    image_rgb, boxes = scene
    model = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4, dtype=dtype)
    full = PoseEstimator(load_model(sapiens1 / "tiny_17.safetensors", num_heads=4))
    scores = [
        np.stack(
            [pose.scores for pose in estimator.estimate([image_rgb], [People(boxes)])[0].poses]
        )
        for estimator in (PoseEstimator(model), full)
    ]
    assert np.abs(scores[0] - scores[1]).max() <= 0.3  # of a range of 12


class NoDoubles(TorchFunctionMode):
    """As on Apple's GPUs: only what was brought to the host, or made there, may be float64."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        given = [each for each in args if isinstance(each, torch.Tensor)]
        on_host = all(hasattr(each, "on_host") for each in given) and "device" not in (kwargs or {})
        result = func(*args, **(kwargs or {}))
        if func is torch.Tensor.cpu:
            result, on_host = result.clone(), True  # here it would be the same tensor
        for each in result if isinstance(result, tuple) else (result,):
            if isinstance(each, torch.Tensor) and on_host:
                each.on_host = True
            elif isinstance(each, torch.Tensor) and each.dtype == torch.float64:
                raise TypeError(f"{func} makes float64 where there is none.")
        return result


def test_no_float64_is_needed_where_the_network_runs(estimator, scene):
    image_rgb, boxes = scene
    with NoDoubles():
        (frame,) = estimator.estimate([image_rgb], [People(boxes)])
    assert len(frame.poses) == len(boxes)


@pytest.mark.parametrize("gain", [1, 1e5])
def test_what_is_too_large_for_fp16_is_told(sapiens1, scene, caplog, gain):
    image_rgb, boxes = scene
    model = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4)
    model.head.final_layer.weight.data *= gain
    (frame,) = PoseEstimator(model.half()).estimate([image_rgb], [People(boxes)])
    assert len(frame.poses) == len(boxes)
    assert ("too large for fp16" in caplog.text) == (gain > 1)


@pytest.mark.parametrize(
    ("images", "people", "message"),
    [
        ([BLACK], [], "There are 1 images, but boxes for 0"),
        ([BLACK[..., 0]], [People([])], r"shape \(40, 60\).*expected \(height, width, 3\)"),
        ([BLACK.astype(np.float32)], [People([])], "type float32.*uint8"),
        ([BLACK], [People([1, 2, 3, 4])], r"Boxes have shape \(4,\), expected \(people, 4\)"),
        ([BLACK], [People([[1, 2, 3, 4]], [1, 1])], "1 boxes but 2 box scores"),
        ([BLACK], [People([[1, 2, float("nan"), 4]])], "four finite numbers"),
    ],
)
def test_wrong_input_is_refused(estimator, images, people, message):
    with pytest.raises(ValueError, match=message):
        estimator.estimate(images, people)


def test_an_unknown_number_of_keypoints_is_refused(sapiens1):
    model = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4)
    object.__setattr__(model.config.head, "num_keypoints", 18)
    with pytest.raises(ValueError, match=r"finds 18 keypoints, expected one of \[17, 133, 308\]"):
        PoseEstimator(model)


def test_batches_of_nothing_are_refused():
    with pytest.raises(ValueError, match="batch_size is 0"):
        EstimateOptions(batch_size=0)


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    ("shape", "dtype", "message"),
    [
        ((4, 6), np.uint8, r"\(height, width, 3\) uint8"),
        ((4, 6, 1), np.uint8, r"\(height, width, 3\) uint8"),
        ((4, 6, 4), np.uint8, r"\(height, width, 3\) uint8"),
        ((4, 6, 3), np.float64, r"\(height, width, 3\) uint8"),
        ((0, 6, 3), np.uint8, "no pixels"),
        ((4, 0, 3), np.uint8, "no pixels"),
        ((2, 40_000, 3), np.uint8, "sides of at most 32,766"),
        ((40_000, 2, 3), np.uint8, "sides of at most 32,766"),
    ],
)
def test_what_is_no_picture_is_said_before_any_work(
    estimator: PoseEstimator, shape: tuple[int, ...], dtype: Any, message: str
) -> None:
    batches: list[tuple[int, int]] = []
    image_rgb = np.zeros(shape, dtype)
    good = np.zeros((4, 6, 3), np.uint8)
    people = [People([[0, 0, 6, 4]])] * 2
    with pytest.raises(ValueError, match=message):
        estimator.estimate([good, image_rgb], people, on_batch=lambda *done: batches.append(done))
    assert not batches


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("shape", [(1, 1), (1, 20_000), (20_000, 1)])
def test_pictures_of_odd_shapes(estimator: PoseEstimator, shape: tuple[int, int]) -> None:
    image_rgb = np.full((*shape, 3), 128, np.uint8)
    people = [People.whole_image(image_rgb)]
    (frame,) = estimator.estimate([image_rgb], people, EstimateOptions(flip=False))
    assert frame.canvas_wh == shape[::-1]
    assert len(frame.poses) == 1


def test_a_picture_that_is_not_contiguous(estimator: PoseEstimator, root: Path) -> None:
    image_rgb = read_image(root / "miniature" / "photos" / "000000000785.jpg")
    turned = np.asfortranarray(image_rgb)
    assert not turned.flags["C_CONTIGUOUS"]
    people = [People.whole_image(image_rgb)]
    once = EstimateOptions(flip=False)
    assert estimator.estimate([turned], people, once) == estimator.estimate(
        [image_rgb], people, once
    )


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("size", [0, -1, 10**30])
def test_batches_of_no_size(size: int) -> None:
    with pytest.raises(ValueError, match="expected a whole number from 1 to 4096"):
        EstimateOptions(batch_size=size)


@pytest.mark.parametrize("dim", [0.0, 0.5, 1.0])
def test_other_people_are_dimmed_and_nothing_else(estimator, dim):
    labels = np.zeros((80, 100), np.uint16)
    labels[:, :30], labels[:, 60:] = 1, 2
    image_rgb = np.full((80, 100, 3), 200, np.uint8)
    crop = Crop.from_box((0, 0, 100, 80), (64, 48))
    pixels = [
        estimator._pixels(image_rgb, crop, OwnPixels(labels, (number,)), dim) for number in (1, 2)
    ]
    plain = crop.pixels(image_rgb)
    points = np.rint(crop.to_crop([[15, 40], [45, 40], [80, 40]])).astype(int)
    for own, other, found in ((0, 2, pixels[0]), (2, 0, pixels[1])):
        for index in (own, 1):
            x, y = points[index]
            assert (found[y, x] == plain[y, x]).all()
        x, y = points[other]
        assert (found[y, x] == round(200 * (1 - dim))).all()


def test_nobody_is_dimmed_in_their_own_crop(estimator):
    image_rgb = np.full((80, 100, 3), 200, np.uint8)
    (people,) = people_from_masks(OVERLAPPING, [WH])
    crop = Crop.from_box((0, 0, 100, 80), (64, 48))
    points = np.rint(crop.to_crop([[10, 30], [30, 10], [30, 30], [50, 10], [65, 60]])).astype(int)
    for number, own in ((1, {0, 1, 2}), (2, {1, 2, 3}), (3, {1}), (4, {4})):
        pixels = estimator._pixels(image_rgb, crop, people.own_pixels(number), 1.0)
        bright = {index for index, (x, y) in enumerate(points) if pixels[y, x].any()}
        assert bright == own


def test_dimming_is_between_0_and_1():
    with pytest.raises(ValueError, match=r"dim_others is 1\.5"):
        EstimateOptions(dim_others=1.5)


def test_ids_of_people_are_those_of_their_poses(estimator):
    people = [People([[0, 0, 20, 30], [20, 0, 40, 30]], ids=(3, 1)), People([])]
    frames = estimator.estimate([BLACK, BLACK], people)
    assert [[pose.person_id for pose in frame.poses] for frame in frames] == [[3, 1], []]
