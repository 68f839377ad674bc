"""``sapiens-pose parts`` as its user types it."""

import json

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.boxes_file import BoxesFile
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.poses.body_parts import (
    PartOptions,
    clip_to_canvas,
    cut_crop,
    draw_mask,
    find_parts,
)
from helpers.openpose_goldens import FOLDER

NOBODY = FOLDER / "o13_empty_512x512.pose.json"
ONE = FOLDER / "o02_single_512x768.pose.json"
THREE = FOLDER / "o05_three_1024x1024.pose.json"


def read_rgb(path):
    return cv2.imread(str(path), cv2.IMREAD_COLOR)[:, :, ::-1]  # BGR -> RGB


@pytest.fixture
def picture(tmp_path):
    """Noise of the size of ``ONE``, and where it lies."""
    noise = np.random.default_rng(0).integers(0, 255, (768, 512, 3), dtype=np.uint8)
    path = tmp_path / "noise.png"
    path.write_bytes(encode_png(noise))
    return noise, path


def test_nobody_gives_an_empty_mask_and_no_boxes(tmp_path):
    assert main(["parts", str(NOBODY), "-o", str(tmp_path)]) == 0
    assert json.loads((tmp_path / "boxes.json").read_text()) == {"o13_empty_512x512.pose": []}
    assert not cv2.imread(str(tmp_path / "o13_empty_512x512.pose_mask.png")).any()
    assert len(list(tmp_path.iterdir())) == 2


def test_crops_masks_and_boxes_are_those_of_the_parts(tmp_path, picture):
    noise, path = picture
    out = tmp_path / "out"
    assert main(["parts", str(ONE), "-o", str(out), "--image", str(path), "--part", "hands"]) == 0
    (pose,) = read_poses(ONE)[0].poses
    found = find_parts(pose, PartOptions("hands", square=True))
    for part in found:
        np.testing.assert_array_equal(
            read_rgb(out / f"o02_single_512x768.pose_{part.name}_0.png"),
            cut_crop(noise, part.box, 512),
        )
    mask = cv2.imread(str(out / "o02_single_512x768.pose_mask.png"), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(mask, draw_mask(found, pose.canvas_wh, 0.15))
    boxes = BoxesFile.read(out / "boxes.json").by_name["o02_single_512x768.pose"]
    assert boxes == [list(clip_to_canvas(part.box, pose.canvas_wh)) for part in found]


def test_two_pictures_of_one_name_are_told(tmp_path, capfd):
    assert main(["parts", str(ONE), str(ONE), "-o", str(tmp_path)]) == 0
    assert "has only the boxes of the last one" in capfd.readouterr().err


def test_people_are_numbered_and_only_seen_parts_have_a_crop(tmp_path, picture):
    _, path = picture
    command = ["parts", str(THREE), "-o", str(tmp_path / "out"), "--image", str(path)]
    assert main([*command, "--part", "person", "--crop-size", "32", "--no-square"]) == 0
    names = sorted(each.name for each in (tmp_path / "out").glob("*_person_*.png"))
    assert names == [f"o05_three_1024x1024.pose_person_{place}.png" for place in range(3)]
    assert read_rgb(tmp_path / "out" / names[0]).shape == (32, 32, 3)


def test_a_missing_picture_loses_nothing_else(tmp_path, picture, capfd):
    folder = tmp_path / "pictures"
    folder.mkdir()
    picture[1].rename(folder / "o02_single_512x768.pose.png")
    out = tmp_path / "out"
    command = ["parts", str(THREE), str(ONE), "-o", str(out), "--image", str(folder)]
    assert main(command) == 1
    assert list(json.loads((out / "boxes.json").read_text())) == ["o02_single_512x768.pose"]
    assert "has no image named o05_three_1024x1024.pose" in capfd.readouterr().err
