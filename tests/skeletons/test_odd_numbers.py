"""Numbers that no sane picture, network or box gives: the right answer, or one clear error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import Crop
from comfyui_sapiens_pose.sapiens_core.decode import MAX_SCORE, decode
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.pipeline import PoseOptions, find_poses
from comfyui_sapiens_pose.skeletons.draw import render
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import encode
from helpers import odd_pictures

NAN, INF = float("nan"), float("inf")


def blob(fill: float = 0.0) -> torch.Tensor:
    """(1, 1, 16, 12) ``fill`` around a smooth maximum at 5, 9."""
    rows, columns = torch.meshgrid(torch.arange(16.0), torch.arange(12.0), indexing="ij")
    maps = torch.exp(-((columns - 5) ** 2 + (rows - 9) ** 2) / 8)
    return torch.where(maps > 0.01, maps, fill)[None, None]


@pytest.mark.parametrize(
    ("fill", "at", "score"),
    [
        (0.0, (-1, -1), 0),
        (-5.0, (-1, -1), -5),
        (0.5, (0, 0), 0.5),
        (NAN, (-1, -1), 0),
        (-INF, (-1, -1), -MAX_SCORE),
        (INF, (0, 0), MAX_SCORE),
        (1e30, (0, 0), MAX_SCORE),
    ],
)
def test_flat_heatmaps(fill: float, at: tuple[int, int], score: float) -> None:
    points, scores = decode(torch.full((1, 1, 16, 12), fill))
    assert (points[0, 0] - torch.tensor(at)).abs().max() < 0.51  # flat maps lean to the corner
    assert scores.item() == score


@pytest.mark.parametrize("fill", [NAN, -INF, -1e30])
def test_a_maximum_among_what_is_no_number_is_found(fill: float) -> None:
    points, scores = decode(blob(fill))
    assert (points - torch.tensor([5.0, 9.0])).abs().max() <= 1
    assert scores.item() == 1


def test_an_infinite_cell_is_the_maximum() -> None:
    maps = blob()
    maps[0, 0, 2, 3] = INF
    points, scores = decode(maps)
    assert points.tolist() == [[[3, 2]]]
    assert scores.item() == MAX_SCORE


def test_one_broken_heatmap_does_not_touch_the_others() -> None:
    broken = torch.full_like(blob(), NAN)
    together, scores = decode(torch.cat([blob(), broken], 1))
    alone, _ = decode(blob())
    assert torch.allclose(together[:, :1], alone, atol=1e-5)
    assert scores[0].tolist() == [1, 0]


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


@pytest.fixture(scope="module")
def estimator(root: Path) -> PoseEstimator:
    return PoseEstimator(load_model(root / "miniature" / "sapiens_miniature_17.safetensors"))


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


def test_nothing_in_gives_nothing(estimator: PoseEstimator) -> None:
    assert find_poses(estimator, [], []) == []
    (frame,) = find_poses(estimator, [np.zeros((4, 6, 3), np.uint8)], [People([])])
    assert frame.poses == ()


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


@pytest.mark.parametrize("side", [0.0, 1e-310, 1e-40, 1e-5])
def test_boxes_of_hardly_any_length_have_a_crop_of_a_pixel(side: float) -> None:
    crop = Crop.from_box([3, 4, 3 + side, 4 + side], (64, 48))
    assert np.isfinite(crop.matrix).all()
    assert crop.extent_wh == Crop.from_box([3, 4, 3, 4], (64, 48)).extent_wh
    tiny = Crop.from_box([0, 0, side, side], (64, 48))
    assert np.isfinite(tiny.to_crop([(0.0, 0.0)])).all()


@pytest.mark.parametrize("size", [0, -1, 10**30])
def test_batches_of_no_size(size: int) -> None:
    with pytest.raises(ValueError, match="expected a whole number from 1 to 4096"):
        EstimateOptions(batch_size=size)


@pytest.mark.parametrize("kind", odd_pictures.kinds())
def test_every_kind_of_picture_file_is_read_as_rgb(tmp_path: Path, kind: str) -> None:
    """Of several frames the first; alpha is left out. The name's ending tells nothing."""
    version = tuple(int(number) for number in cv2.__version__.split(".")[:2])
    if kind == "animated webp" and version < (4, 11):
        pytest.skip("OpenCV 4.8 does not read it")
    path = tmp_path / "photo.jpg"
    path.write_bytes(odd_pictures.kinds()[kind])
    image_rgb = read_image(path)
    assert image_rgb.shape == (*odd_pictures.SIZE_WH[::-1], 3)
    assert image_rgb.dtype == np.uint8
    assert np.abs(image_rgb.astype(int) - 90).max() <= (12 if "cmyk" in kind else 3)


@pytest.mark.parametrize(
    ("orientation", "shape", "white"),
    [
        (1, (16, 32), "left"),
        (3, (16, 32), "right"),
        (6, (32, 16), "top"),
        (8, (32, 16), "bottom"),
    ],
)
def test_pictures_are_turned_upright(
    tmp_path: Path, orientation: int, shape: tuple[int, int], white: str
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(odd_pictures.turned(orientation))
    image_rgb = read_image(path)
    assert image_rgb.shape[:2] == shape
    height, width = shape
    ends = {
        "left": image_rgb[:, : width // 2 - 2],
        "right": image_rgb[:, width // 2 + 2 :],
        "top": image_rgb[: height // 2 - 2],
        "bottom": image_rgb[height // 2 + 2 :],
    }
    assert max(ends, key=lambda end: float(ends[end].mean())) == white


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "bmp", "tiff"])
def test_pictures_that_are_cut_off(tmp_path: Path, kind: str, share: float) -> None:
    """Refused, or read at their full size with the rest missing; nothing else."""
    content = odd_pictures.kinds()[kind]
    path = tmp_path / "photo.png"
    path.write_bytes(content[: int(len(content) * share)])
    try:
        image_rgb = read_image(path)
    except ValueError as error:
        assert "not a picture" in str(error)  # noqa: PT017
        return
    assert image_rgb.shape == (*odd_pictures.SIZE_WH[::-1], 3)


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e400", "a", ""])
@pytest.mark.parametrize(
    "option",
    [
        *("--score-threshold", "--person-threshold", "--person-overlap", "--person-min-size"),
        *("--hands-threshold", "--face-threshold", "--feet-threshold", "--dim-others"),
        *("--track-similarity", "--track-duplicates", "--smooth-strength", "--smooth-spikes"),
        *("--select-min-score", "--select-min-inside"),
    ],
)
def test_numbers_on_the_command_line(
    option: str, number: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["estimate", "a.png", "-o", "out", f"{option}={number}"])
    assert "is not a number such as 0.3" in capfd.readouterr().err


@pytest.mark.parametrize("number", ["5", "-1", "-0.01", "1.0001"])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        *(("estimate a.png -o out", f"--{part}-threshold") for part in ("score", "hands", "feet")),
        *(("estimate a.png -o out", f"--person-{what}") for what in ("threshold", "overlap")),
        ("estimate a.png -o out", "--dim-others"),
        ("batch a.png -o out", "--face-threshold"),
        ("render a.json -o out", "--score-threshold"),
        ("parts a.json -o out", "--score-threshold"),
        ("convert a.json -o out --to comfy", "--threshold"),
    ],
)
def test_shares_on_the_command_line(
    command: str, option: str, number: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*command.split(), f"{option}={number}"])
    assert f"argument {option}: '{number}' is not from 0 to 1" in capfd.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "a", ""])
@pytest.mark.parametrize("command", ["estimate", "batch"])
def test_counts_on_the_command_line(
    command: str, number: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, "a.mp4", "-o", "out", f"--every={number}"])
    assert "is not a whole number of 1 or more" in capfd.readouterr().err


@pytest.mark.parametrize("number", ["-1", "1.5", "a", "", "9" * 5000, "1000000001"])
@pytest.mark.parametrize(
    "option", ["--track-gap", "--smooth-gap", "--smooth-person-gap", "--select-min-keypoints"]
)
def test_whole_numbers_on_the_command_line(
    option: str, number: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["estimate", "a.mp4", "-o", "out", f"{option}={number}"])
    assert "is not a whole number from 0 to 1000000000" in capfd.readouterr().err


def test_a_device_without_values_is_refused(
    tmp_path: Path, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").write_bytes(odd_pictures.kinds()["png"])
    weights = root / "miniature" / "sapiens_miniature_17.safetensors"
    arguments = ["estimate", tmp_path / "a.png", "-o", tmp_path / "out", "--weights", weights]
    assert main([*map(str, arguments), "--device", "meta"]) == 1
    assert "Device 'meta' cannot be used here" in capfd.readouterr().err
