"""From a photo to keypoints with Sapiens2, stage by stage and as a whole."""

from functools import partial

import cv2
import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.sapiens_core import estimator as estimator_module
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import Crop, normalise
from comfyui_sapiens_pose.sapiens_core.decode import decode
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.detection.rt_detr import suppress_boxes
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator

pytestmark = pytest.mark.portable

ONE_LEVEL_APART = cv2.__version__ >= "5"
"""OpenCV 4 rounds source positions to 1/32 pixel, OpenCV 5 and the golden crops do not."""


def assert_same_crop(found: np.ndarray, wanted: np.ndarray) -> None:
    difference = np.abs(found.astype(int) - wanted)
    assert difference.max() <= (1 if ONE_LEVEL_APART else 8)
    assert difference.mean() <= 0.25


@pytest.fixture(scope="module")
def prep(sapiens2):
    """Six boxes of two photos with the reference's crops of the real size, every 16th pixel."""
    with np.load(sapiens2 / "prep.npz") as arrays:
        golden = dict(arrays)
    small, big = (read_image(sapiens2 / f"prep_image{tail}.png") for tail in ("", "_big"))
    boxes = [*((small, box) for box in golden["boxes"]), (big, golden["big_box"])]
    return golden, [(image, Crop.from_box(box, (1024, 768))) for image, box in boxes]


@pytest.mark.opencv
def test_crops_of_the_real_size_are_the_references(prep):
    golden, crops = prep
    for index, (image, crop) in enumerate(crops):
        np.testing.assert_allclose(crop.center_xy, golden["bbox_center"][index], atol=1e-3)
        np.testing.assert_allclose(crop.extent_wh, golden["bbox_scale"][index], atol=1e-3)
        pixels = crop.pixels(image, cubic_enlargement=True)
        bgr = pixels[::16, ::16, ::-1].transpose(2, 0, 1)  # HWC in RGB -> CHW in BGR
        assert_same_crop(bgr, golden["crops_u8_sub16"][index])
        inputs = normalise([pixels])[0].numpy()
        difference = np.abs(inputs[:, ::16, ::16] - golden["inputs_sub16"][index])
        assert difference.mean() <= 0.005
        assert difference.max() <= 0.15
        assert np.abs(inputs.mean(axis=2) - golden["row_means"][index]).max() <= 0.1
        assert np.abs(inputs.mean(axis=1) - golden["col_means"][index]).max() <= 0.1


def test_golden_crops_notice_linear_enlargement(prep):
    golden, crops = prep
    worst = 0
    for (image, crop), wanted in zip(crops, golden["crops_u8_sub16"], strict=True):
        found = crop.pixels(image)[::16, ::16, ::-1].transpose(2, 0, 1)
        worst = max(worst, np.abs(found.astype(int) - wanted).max())
    assert worst > 8


def test_cubic_enlargement_leaves_reduction_alone():
    image = np.random.default_rng(0).integers(0, 256, (400, 300, 3), dtype=np.uint8)
    shrunk = Crop.from_box([0, 0, 300, 400], (64, 48))
    grown = Crop.from_box([0, 0, 20, 30], (64, 48))
    assert np.array_equal(shrunk.pixels(image), shrunk.pixels(image, cubic_enlargement=True))
    assert not np.array_equal(grown.pixels(image), grown.pixels(image, cubic_enlargement=True))


@pytest.mark.parametrize("prefix", ["a", "b"])
def test_keypoints_of_heatmaps_are_the_references(sapiens2, prefix):
    with np.load(sapiens2 / "decode.npz") as arrays:
        golden = {key[2:]: arrays[key] for key in arrays if key.startswith(f"{prefix}_")}
    heatmaps = torch.from_numpy(golden["heatmaps_f16"].astype(np.float32))
    keypoints, scores = (found[0].numpy() for found in decode(heatmaps[None]))
    assert np.array_equal(scores, golden["scores"])
    unit = keypoints.astype(float) / (heatmaps.shape[2] - 1, heatmaps.shape[1] - 1)
    crop = unit * golden["input_size"]
    image = unit * golden["bbox_scale"] + golden["bbox_center"] - golden["bbox_scale"] / 2
    # Without a positive value there is no keypoint; the reference then follows numerical noise.
    found = scores > 0
    assert np.abs(crop - golden["keypoints_crop"])[found].max() <= 0.02
    assert np.abs(image - golden["keypoints_image"])[found].max() <= 0.02
    assert np.array_equal(keypoints[~found], np.full(((~found).sum(), 2), -1.0))


@pytest.mark.parametrize("percent", [30, 50, 70])
def test_suppression_keeps_what_the_reference_keeps_in_its_order(sapiens2, percent):
    with np.load(sapiens2 / "decode.npz") as golden:
        detections, wanted = golden["nms_dets"], golden[f"nms_keep_{percent}"]
    kept = suppress_boxes(detections[:, :4], detections[:, 4], percent / 100)
    assert kept.tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("boxes", "scores", "kept"),
    [
        ([], [], []),
        ([[5, 5, 5, 5]], [0.1], [0]),
        ([[5, 5, 5, 5]], [0.0], []),
        ([[0, 0, 9, 9], [0, 0, 9, 9]], [0.5, 0.5], [0]),
        ([[0, 0, 9, 9], [0, 0, 9, 9]], [0.5, 0.6], [1]),
        ([[0, 0, 9, 9], [10, 0, 19, 9]], [0.5, 0.6], [1, 0]),
        # Three of ten columns shared: 30 of 170 pixels, which is not above 30 / 170.
        ([[0, 0, 9, 9], [7, 0, 16, 9]], [0.9, 0.8], [0, 1]),
    ],
)
def test_suppression_of_few_boxes(boxes, scores, kept):
    assert suppress_boxes(boxes, scores, 30 / 170).tolist() == kept


@pytest.fixture(scope="module", params=["rule", "cfg"])
def photo(request, sapiens2):
    """Name, image, estimator and reference arrays of one tiny network."""
    name = request.param
    with np.load(sapiens2 / f"{name}.npz") as arrays:
        golden = dict(arrays)
    model = load_model(
        sapiens2 / f"{name}_pose.safetensors",
        input_size_hw=golden["crops_u8"].shape[-2:],
        dtype=torch.float32,
    )
    return name, read_image(sapiens2 / f"{name}_image.png"), PoseEstimator(model), golden


def test_people_are_chosen_like_in_the_references_demo(photo):
    _, _, _, golden = photo
    people = (golden["det_labels"] == 0) & (golden["det_scores"] > 0.3)
    boxes, scores = golden["det_bboxes"][people], golden["det_scores"][people]
    assert np.array_equal(boxes[suppress_boxes(boxes, scores, 0.3)], golden["boxes"])


@pytest.mark.opencv
def test_crops_of_a_photo_are_the_references(photo):
    _, image, estimator, golden = photo
    for box, wanted in zip(golden["boxes"], golden["crops_u8"], strict=True):
        crop = Crop.from_box(box, estimator.model.config.input_size_hw)
        found = crop.pixels(image, cubic_enlargement=True)
        assert_same_crop(found[..., ::-1].transpose(2, 0, 1), wanted)


HEATMAP_TOLERANCES = {"rule": (7e-4, 2.5e-2), "cfg": (3e-4, 8e-3)}


def test_flip_test_is_the_references(photo):
    name, _, estimator, golden = photo
    crops = normalise(list(golden["crops_u8"][:, ::-1].transpose(0, 2, 3, 1)))
    heatmaps = estimator.heatmaps(crops, flip=True)[:, golden["final_channels"]]
    difference = np.abs(heatmaps.numpy() - golden["heatmaps_final"])
    mean, largest = HEATMAP_TOLERANCES[name]
    assert difference.mean() <= mean
    assert difference.max() <= largest


@pytest.mark.skipif(not ONE_LEVEL_APART, reason="golden keypoints begin at OpenCV 5's crops")
@pytest.mark.parametrize("flip", [True, False], ids=["flip", "no flip"])
def test_a_photo_gives_the_references_keypoints(photo, flip, monkeypatch):
    name, image, estimator, golden = photo
    # Maps of random weights have maxima so flat that the reference leaves them by many cells.
    exact = partial(decode, max_offset_cells=float("inf"))
    monkeypatch.setattr(estimator_module, "decode", exact)
    tail = "" if flip else "_noflip"
    (frame,) = estimator.estimate([image], [People(golden["boxes"])], EstimateOptions(flip=flip))
    keypoints = np.stack([pose.keypoints_image for pose in frame.poses])
    scores = np.stack([pose.scores for pose in frame.poses])
    wanted, sens = golden[f"keypoints{tail}"], golden[f"sens{tail}"]
    difference = np.abs(scores - golden[f"scores{tail}"])
    assert difference.mean() <= HEATMAP_TOLERANCES[name][0]
    assert difference.max() <= HEATMAP_TOLERANCES[name][1]
    stable = (sens < 0.5) & (scores > 0)
    error = np.abs(keypoints - wanted).max(axis=-1)
    assert (error <= 0.05 + 8 * sens)[stable].mean() >= 0.99
    assert stable.mean() > 0.8


def test_nobody_in_the_photo_is_an_empty_frame(photo):
    _, image, estimator, _ = photo
    (frame,) = estimator.estimate([image], [People(np.empty((0, 4)))])
    assert frame.poses == ()
    assert frame.canvas_wh == (image.shape[1], image.shape[0])
