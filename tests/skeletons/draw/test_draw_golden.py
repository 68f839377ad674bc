"""Every style against the pixels of the programs it stands in for."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    HALPE_26,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from helpers.openpose_goldens import raw_frame

pytestmark = [pytest.mark.opencv, pytest.mark.portable]

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
OPENPOSE = GOLDEN / "openpose"

BODY_ONLY = {"draw_hands": False, "draw_face": False}
SAPIENS_R4_W4 = {
    "style": "sapiens_openpose",
    "line_width": 4,
    "point_radius": 4,
    "opacity": 1.0,
}

CASES = {
    # suffix of the PNG: (suffix of the JSON, options)
    "aux": ("pose", {}),
    "aux_bodyonly": ("pose", BODY_ONLY),
    "aux_handonly": ("pose", {"draw_body": False, "draw_face": False}),
    "aux_faceonly": ("pose", {"draw_body": False, "draw_hands": False}),
    "aux_xinsr": ("pose", {"xinsir": "sticks"}),
    "aux_res512": ("raw133", {"detect_resolution": 512}),
    "aux_res768": ("raw133", {"detect_resolution": 768}),
    "aux_res1024": ("raw133", {"detect_resolution": 1024}),
    "openpose_util": ("pose", {}),
    "xinsir_card_body": ("pose", {"xinsir": "sticks_and_dots", **BODY_ONLY}),
    "core": ("core_pose", {"style": "core"}),
    "core_on_aux_json": ("pose", {"style": "core"}),
    "core_feet_sw8": (
        "core_pose",
        {"style": "core", "draw_feet": True, "line_width": 8, "face_point_radius": 1},
    ),
    "sapiens_openpose_r4_w4_a1": ("raw133", SAPIENS_R4_W4),
    "sapiens_openpose_demo_default": ("raw133", {"style": "sapiens_openpose", "line_width": 1}),
}


def read_png(path: Path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def read_raw133(path: Path, keypoint_set: KeypointSet) -> Frame:
    record = json.loads(path.read_text())
    canvas_wh = record["width"], record["height"]
    count = len(keypoint_set)
    return Frame(
        canvas_wh,
        [
            Pose(
                person["keypoints"][:count],
                person["scores"][:count],
                keypoint_set,
                canvas_wh,
                np.zeros(4),
            )
            for person in record["persons"]
        ],
    )


def read_input(name: str, json_suffix: str, png_suffix: str) -> Frame:
    if json_suffix != "raw133":
        (frame,) = read_poses(OPENPOSE / f"{name}.{json_suffix}.json")
        return frame
    if png_suffix.startswith("aux"):
        return raw_frame(name)  # in float32, as this peer holds it
    body_only = "body_only" in name  # the reference drew this one as COCO-17
    keypoint_set = COCO_17 if body_only else COCO_WHOLEBODY_133
    return read_raw133(OPENPOSE / f"{name}.raw133.json", keypoint_set)


def assert_resized_equal(image: np.ndarray, expected: np.ndarray) -> None:
    """What ``cv2.resize`` rounds depends on the processor: a few values, by one grey level.

    With AVX-512 it was 27 of 2.6 million.
    """
    assert image.shape == expected.shape
    difference = np.abs(image.astype(int) - expected)
    assert difference.max() <= 1
    assert np.count_nonzero(difference) <= 1e-4 * difference.size


PNGS = sorted(path.name for path in OPENPOSE.glob("*.png"))


def test_every_golden_picture_is_compared():
    assert len(PNGS) == 52
    assert {name.split(".")[1] for name in PNGS} == set(CASES)


@pytest.mark.parametrize("png", PNGS)
def test_pixels_of_openpose_core_and_sapiens_openpose(png):
    name, suffix, _ = png.split(".")
    json_suffix, options = CASES[suffix]
    drawn = render(read_input(name, json_suffix, suffix), DrawOptions(**options)).image_rgb
    if "detect_resolution" in options:
        assert_resized_equal(drawn, read_png(OPENPOSE / png))
    else:
        np.testing.assert_array_equal(drawn, read_png(OPENPOSE / png))


@pytest.mark.parametrize("keypoint_set", [COCO_17, COCO_WHOLEBODY_133], ids=len)
@pytest.mark.parametrize(
    ("png", "options"),
    [
        ("openpose", {"style": "sapiens_openpose"}),
        ("mmpose", {"style": "sapiens", "background": "image"}),
    ],
)
def test_pixels_of_the_two_sapiens_styles(keypoint_set, png, options):
    stem = f"draw_{len(keypoint_set)}"
    with np.load(GOLDEN / "sapiens1" / f"{stem}.npz") as arrays:
        height, width = (int(side) for side in arrays["canvas_hw"])
        poses = [
            Pose(keypoints, scores, keypoint_set, (width, height), np.zeros(4))
            for keypoints, scores in zip(arrays["keypoints"], arrays["scores"], strict=True)
        ]
        background = arrays["background_rgb"]
    drawn = render(Frame((width, height), poses), DrawOptions(**options), background)
    expected = read_png(GOLDEN / "sapiens1" / f"{stem}_{png}.png")
    np.testing.assert_array_equal(drawn.image_rgb, expected)


def test_the_neck_of_a_set_is_replaced_in_its_links_too():
    """The set's own neck is not drawn, and lines from it start between the shoulders."""
    places = {"left_shoulder": (60, 10), "right_shoulder": (20, 10), "mid_hip": (40, 50)}
    places |= {"neck": (90, 60)}
    pose = Pose(
        keypoints_image=np.array([places.get(name, (0, 0)) for name in HALPE_26.names]),
        scores=np.isin(HALPE_26.names, list(places)),
        keypoint_set=HALPE_26,
        canvas_wh=(96, 64),
        box_xyxy=(0, 0, 96, 64),
    )
    mask = render(Frame((96, 64), [pose]), DrawOptions("sapiens_openpose")).mask
    assert mask[30, 40]
    assert not mask[50:, 70:].any()
