"""Masks that lie in a folder, and the command that takes them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.commands.files.masks_folder import MasksFolder
from comfyui_sapiens_pose.sapiens_core.detection import masks
from helpers import odd_pictures
from helpers.command_lines import ESTIMATE

IMAGE = np.zeros((60, 100, 3), np.uint8)
LEFT, RIGHT = (10, 10, 30, 50), (60, 10, 90, 50)


def write_mask(path, *boxes, scale=1):
    mask = np.zeros((60 * scale, 100 * scale), np.uint8)
    for left, top, right, bottom in boxes:
        mask[top * scale : bottom * scale, left * scale : right * scale] = 255
    path.parent.mkdir(exist_ok=True)
    assert cv2.imwrite(str(path), mask)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("boxes", [[], [LEFT], [LEFT, RIGHT]])
def test_each_part_of_one_mask_is_a_person(tmp_path, boxes, scale):
    write_mask(tmp_path / "a.png", *boxes, scale=scale)
    people = MasksFolder.at(tmp_path).people(tmp_path / "pictures/a.jpg", IMAGE)
    assert np.array_equal(np.reshape(people.boxes_xyxy, (-1, 4)), np.reshape(boxes, (-1, 4)))


def test_each_mask_of_a_folder_is_a_person(tmp_path):
    write_mask(tmp_path / "a[1]/1.png", RIGHT)
    write_mask(tmp_path / "a[1]/2.png", LEFT, (92, 0, 99, 30))
    people = MasksFolder.at(tmp_path).people(tmp_path / "a[1].jpg", IMAGE)
    assert np.array_equal(people.boxes_xyxy, [RIGHT, (10, 0, 99, 50)])
    assert people.labels[20, 70] == 1
    assert people.labels[20, 20] == people.labels[20, 95] == 2


def test_an_empty_folder_means_nobody(tmp_path):
    (tmp_path / "a").mkdir()
    assert len(MasksFolder.at(tmp_path).people(tmp_path / "a.jpg", IMAGE)) == 0


def test_a_pattern_in_a_name_is_no_pattern(tmp_path):
    write_mask(tmp_path / "ab.png", LEFT)
    with pytest.raises(ValueError, match="no mask for a"):
        MasksFolder.at(tmp_path).people(tmp_path / "a*.jpg", IMAGE)


@pytest.mark.promise("Files cost what they weigh")
def test_a_folder_of_too_many_masks_is_refused_before_one_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(masks, "MAX_PEOPLE", 2)
    (tmp_path / "a").mkdir()
    for number in range(3):
        (tmp_path / f"a/{number}.png").touch()
    with pytest.raises(ValueError, match="3 people have masks in one image"):
        MasksFolder.at(tmp_path).people(tmp_path / "a.jpg", IMAGE)


def test_what_cannot_be_used_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder of masks"):
        MasksFolder.at(tmp_path / "none")
    with pytest.raises(ValueError, match=r"expected a\.png or a folder a"):
        MasksFolder.at(tmp_path).people(tmp_path / "a.jpg", IMAGE)
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match="cannot be read as an image"):
        MasksFolder.at(tmp_path).people(tmp_path / "b.jpg", IMAGE)
    write_mask(tmp_path / "c/1.png", LEFT)
    write_mask(tmp_path / "c/2.png", LEFT, scale=2)
    with pytest.raises(ValueError, match="differ in size"):
        MasksFolder.at(tmp_path).people(tmp_path / "c.jpg", IMAGE)


def test_the_command_finds_the_people_of_the_masks(tmp_path, root):
    photo = root / "miniature/photos/montage_785.jpg"
    height, width = read_image(photo).shape[:2]
    truth = json.loads(photo.with_suffix(".json").read_text())["people"]
    for number, person in enumerate(truth):
        x, y, w, h = np.rint(person["bbox_xywh"]).astype(int)
        mask = np.zeros((height, width), np.uint8)
        mask[max(y, 0) : y + h, max(x, 0) : x + w] = 255
        path = tmp_path / "masks" / photo.stem / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), mask)
    weights = str(root / "miniature/sapiens_miniature_17.safetensors")
    arguments = ["--masks", str(tmp_path / "masks"), "--weights", weights, "--no-flip"]
    assert main([*ESTIMATE, str(photo), "-o", str(tmp_path / "out"), *arguments]) == 0
    found = json.loads((tmp_path / "out/montage_785.json").read_text())["instance_info"]
    for pose, person in zip(found, truth, strict=True):
        expected = np.reshape(person["keypoints_coco17_xyv"], (17, 3))[:, :2]
        error = np.linalg.norm(np.array(pose["keypoints"]) - expected, axis=1)
        assert error.max() <= 0.05 * np.hypot(*person["bbox_xywh"][2:])


def test_boxes_and_masks_are_one_too_many(tmp_path, root, capfd):
    photo = str(root / "miniature/photos/000000000785.jpg")
    weights = str(root / "miniature/sapiens_miniature_17.safetensors")
    both = ["--masks", str(tmp_path), "--bboxes", "whole", "--weights", weights]
    assert main([*ESTIMATE, photo, "-o", str(tmp_path / "out"), *both]) != 0
    assert "give one of them" in capfd.readouterr().err


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("linked", ["a.png", "a"])
def test_masks_that_lead_out_of_their_folder(tmp_path: Path, linked: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "1.png").write_bytes(odd_pictures.kinds()["png"])
    masks = tmp_path / "masks"
    masks.mkdir()
    target = elsewhere if linked == "a" else elsewhere / "1.png"
    (masks / linked).symlink_to(target, target_is_directory=linked == "a")
    with pytest.raises(ValueError, match="leads out of the folder of masks"):
        MasksFolder.at(masks).people(tmp_path / "a.jpg", IMAGE)


@pytest.mark.promise("Files stay in their folder")
def test_a_picture_called_dots_has_no_masks_in_the_folder_above(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(odd_pictures.kinds()["png"])
    masks = tmp_path / "masks"
    masks.mkdir()
    with pytest.raises(ValueError, match="leads out of the folder of masks"):
        MasksFolder.at(masks).people(tmp_path / "...jpg", IMAGE)
