"""Boxes to crops and back."""

import hashlib

import cv2
import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.crop import Crop, _normalise_bytes, normalise

pytestmark = pytest.mark.portable

OPENCV_MAJOR = int(cv2.__version__.split(".")[0])


@pytest.fixture(scope="module")
def golden(sapiens1):
    with np.load(sapiens1 / "preprocess.npz") as arrays:
        return dict(arrays)


def test_matrices_are_the_references(golden):
    for index, box in enumerate(golden["bboxes_xyxy"]):
        matrix = Crop.from_box(box, (128, 96)).matrix
        assert np.allclose(matrix, golden["small_warp"][index], rtol=1e-5, atol=1e-4), box


def test_full_size_matrices_are_the_references(golden):
    boxes = golden["bboxes_xyxy"][golden["full_index"]]
    for box, expected in zip(boxes, golden["full_warp"], strict=True):
        assert np.allclose(Crop.from_box(box, (1024, 768)).matrix, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.opencv
def test_pixels_are_the_references(golden):
    name = "small_crops_bgr" if OPENCV_MAJOR >= 5 else "small_crops_bgr_cv4_first4"
    for box, expected in zip(golden["bboxes_xyxy"], golden[name], strict=False):
        crop = Crop.from_box(box, (128, 96)).pixels(golden["image_bgr"])
        assert np.array_equal(crop, expected), box


def tile_sums(crop: np.ndarray) -> np.ndarray:
    """(32, 24, 3) what the grey levels of each 32 x 32 pixels of a 1024 x 768 crop add up to."""
    return crop.reshape(32, 32, 24, 32, 3).sum((1, 3), dtype=np.int32)


@pytest.mark.opencv
def test_full_size_pixels_are_the_references(golden, sapiens1):
    """To the byte, but for a few grey levels where the processor rounds OpenCV 5's sums otherwise.

    Without AVX2 these are up to 16 of a crop's 2.4 million. The sums were taken of crops with the
    reference's hashes.
    """
    suffix = "" if OPENCV_MAJOR >= 5 else "_cv4"
    with np.load(sapiens1 / "full_crop_tiles.npz") as arrays:
        sums = arrays["cv5" if OPENCV_MAJOR >= 5 else "cv4"]
    boxes = golden["bboxes_xyxy"][golden["full_index"]]
    hashes = golden[f"full_crops_sha256{suffix}"]
    for box, expected_hash, expected_sums in zip(boxes, hashes, sums, strict=True):
        crop = Crop.from_box(box, (1024, 768)).pixels(golden["image_bgr"])
        if hashlib.sha256(crop.tobytes()).hexdigest() != expected_hash:
            assert OPENCV_MAJOR >= 5
            assert np.abs(tile_sums(crop) - expected_sums).sum() <= 32, box


@pytest.mark.opencv
def test_pixels_are_near_those_of_the_other_opencv(golden):
    name = "small_crops_bgr" if OPENCV_MAJOR < 5 else "small_crops_bgr_cv4_first4"
    for box, expected in zip(golden["bboxes_xyxy"], golden[name], strict=False):
        crop = Crop.from_box(box, (128, 96)).pixels(golden["image_bgr"])
        difference = np.abs(crop.astype(int) - expected)
        assert difference.max() <= 6, box
        assert difference.mean() <= 0.1, box


def test_points_go_there_and_back(golden):
    points = np.random.default_rng(0).uniform(-500, 500, (50, 2))
    for box in golden["bboxes_xyxy"]:
        crop = Crop.from_box(box, (1024, 768))
        assert np.allclose(crop.to_image(crop.to_crop(points)), points, atol=1e-9)
        with_matrix = points @ crop.matrix[:, :2].T + crop.matrix[:, 2]
        assert np.allclose(crop.to_crop(points), with_matrix, rtol=1e-4, atol=1e-2)


def test_edges_of_the_crop_are_the_centres_of_its_outer_pixels():
    crop = Crop.from_box([10, 20, 40, 60], (128, 96))
    left_top = np.array(crop.center_xy) - np.array(crop.extent_wh) / 2
    right_bottom = np.array(crop.center_xy) + np.array(crop.extent_wh) / 2
    assert np.allclose(crop.to_crop([left_top, right_bottom]), [[0, 0], [95, 127]])
    assert crop.extent_wh == (37.5, 50.0)  # a 30 x 40 box, padded by a quarter


@pytest.mark.parametrize(
    ("box", "extent_wh"),
    [
        ([5, 5, 5, 5], (1.25, 1.25 / 0.75)),
        ([5, 5, 35, 5], (37.5, 50.0)),
        ([40, 60, 10, 20], (37.5, 50.0)),
    ],
    ids=["point", "line", "reversed corners"],
)
def test_degenerate_boxes_still_crop_upright(box, extent_wh):
    crop = Crop.from_box(box, (128, 96))
    assert np.allclose(crop.extent_wh, extent_wh)
    assert crop.matrix[0, 0] > 0
    assert crop.matrix[1, 1] > 0
    assert crop.pixels(np.full((64, 64, 3), 9, np.uint8)).max() == 9


@pytest.mark.parametrize(
    "box", [[0, 0, float("nan"), 1], [0, 0, float("inf"), 1], [0, 0, 1], [[0, 0, 1, 1]]]
)
def test_what_is_not_a_box_is_refused(box):
    with pytest.raises(ValueError, match="four finite numbers"):
        Crop.from_box(box, (128, 96))


def test_outside_the_image_is_black():
    crop = Crop.from_box([1000, 1000, 1100, 1100], (128, 96))
    assert crop.pixels(np.full((64, 64, 3), 255, np.uint8)).max() == 0


def test_normalise_centres_each_channel():
    inputs = normalise([np.full((4, 2, 3), value, np.uint8) for value in (0, 255)])
    assert inputs.shape == (2, 3, 4, 2)
    assert np.allclose(inputs[0, :, 0, 0], [-123.675 / 58.395, -116.28 / 57.12, -103.53 / 57.375])
    assert np.allclose(inputs[1, 0], (255 - 123.675) / 58.395)


def test_bytes_become_the_same_numbers_on_other_devices():
    values = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    crops = [values, values[::-1], np.roll(values, 1, axis=1)]
    bytes_rgb = torch.from_numpy(np.stack(crops))
    assert torch.equal(_normalise_bytes(bytes_rgb), normalise(crops))


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("side", [0.0, 1e-310, 1e-40, 1e-5])
def test_boxes_of_hardly_any_length_have_a_crop_of_a_pixel(side: float) -> None:
    crop = Crop.from_box([3, 4, 3 + side, 4 + side], (64, 48))
    assert np.isfinite(crop.matrix).all()
    assert crop.extent_wh == Crop.from_box([3, 4, 3, 4], (64, 48)).extent_wh
    tiny = Crop.from_box([0, 0, side, side], (64, 48))
    assert np.isfinite(tiny.to_crop([(0.0, 0.0)])).all()
