"""From a photo to keypoints, by the ordinary loader and command line, on a real photo."""

import json

import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from helpers.command_lines import ESTIMATE

pytestmark = pytest.mark.portable

PHOTOS = {"000000000785": 1, "montage_785": 3}


@pytest.fixture(scope="module")
def truth(root):
    """Boxes (P, 4) and keypoints (P, 17, 2) of each photo."""
    found = {}
    for name in PHOTOS:
        people = json.loads((root / f"miniature/photos/{name}.json").read_text())["people"]
        x, y, width, height = np.array([person["bbox_xywh"] for person in people]).T
        keypoints = np.array([person["keypoints_coco17_xyv"] for person in people])
        found[name] = (
            np.stack((x, y, x + width, y + height), axis=-1),
            keypoints.reshape(-1, 17, 3)[..., :2],
        )
    return found


@pytest.mark.opencv
@pytest.mark.parametrize("flip", ["--flip", "--no-flip"])
def test_every_joint_of_every_person_is_found(root, tmp_path, truth, flip):
    boxes = {f"{name}.jpg": values[0].tolist() for name, values in truth.items()}
    (tmp_path / "boxes.json").write_text(json.dumps(boxes))
    photos, weights = root / "miniature/photos", root / "miniature/sapiens_miniature_17.safetensors"
    arguments = [*ESTIMATE, photos, "-o", tmp_path / "out", "--weights", weights, flip]
    arguments += ["--bboxes", tmp_path / "boxes.json", "--device", "cpu"]
    assert main([str(argument) for argument in arguments]) == 0
    for name, (boxes_xyxy, keypoints) in truth.items():
        people = json.loads((tmp_path / "out" / f"{name}.json").read_text())["instance_info"]
        assert len(people) == PHOTOS[name]
        for person, box, expected in zip(people, boxes_xyxy, keypoints, strict=True):
            diagonal = np.hypot(*(box[2:] - box[:2]))
            error = np.linalg.norm(np.array(person["keypoints"]) - expected, axis=-1)
            assert error.max() <= 0.05 * diagonal
            assert min(person["keypoint_scores"]) > 0.5


def test_the_whole_photo_is_one_person(root, tmp_path, truth):
    photo = root / "miniature/photos/000000000785.jpg"
    weights = root / "miniature/sapiens_miniature_17.safetensors"
    assert main([*ESTIMATE, str(photo), "-o", str(tmp_path), "--weights", str(weights)]) == 0
    (person,) = json.loads((tmp_path / "000000000785.json").read_text())["instance_info"]
    box, expected = truth["000000000785"][0][0], truth["000000000785"][1][0]
    error = np.linalg.norm(np.array(person["keypoints"]) - expected, axis=-1)
    assert error.max() <= 0.05 * np.hypot(*(box[2:] - box[:2]))
    assert person["bbox"] == [0, 0, 640, 425]


def test_snow_has_nobody(root, tmp_path):
    photo = root / "miniature/photos/000000000785.jpg"
    weights = root / "miniature/sapiens_miniature_17.safetensors"
    (tmp_path / "boxes.json").write_text("[[20, 60, 170, 380]]")
    arguments = [*ESTIMATE, photo, "-o", tmp_path, "--weights", weights]
    arguments += ["--bboxes", tmp_path / "boxes.json"]
    assert main([str(argument) for argument in arguments]) == 0
    (person,) = json.loads((tmp_path / "000000000785.json").read_text())["instance_info"]
    assert max(person["keypoint_scores"]) < 0.3


def test_the_file_is_small_and_tells_its_heads(root):
    from comfyui_sapiens_pose.sapiens_core.checkpoints.load import read_checkpoint

    path = root / "miniature/sapiens_miniature_17.safetensors"
    assert path.stat().st_size <= 4_000_000
    tensors, metadata = read_checkpoint(path)
    assert metadata["num_heads"] == "4"
    assert {str(value.dtype) for value in tensors.values()} == {"torch.float16"}
