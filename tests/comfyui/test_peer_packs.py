"""POSE_KEYPOINT of an edited clip in the genuine nodes of other packs; see ``peer_packs.py``."""

import json

import numpy as np
import pytest
from base_folder import ROOT
from comfyui_sapiens_pose.skeletons.edits.edited_clip import apply_edits
from comfyui_sapiens_pose.skeletons.edits.edits_text import parse_edits
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import encode
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from peer_packs import CANVAS, drawn, load

pytestmark = pytest.mark.exhaustive


def edited_clip():
    """POSE_KEYPOINT of three frames of two people: an arm is moved more and more, a face hidden."""
    (frame,) = read_poses(ROOT / "web" / "library" / "two_handshake.json")
    names = frame.poses[0].keypoint_set
    face = [number for joint in names.part_indices("face") for number in (int(joint), 0)]
    people = [
        {
            "who": {"order": 0},
            "keys": {"0": {}, "2": {"joints": [names.index("left_wrist"), 60, -90]}},
        },
        {"who": {"order": 1}, "keys": {"0": {"scores": face}}},
    ]
    start = {"format": "sapiens_edits", "version": 1, "keypoint_set": names.name}
    edits = json.dumps({**start, "canvas": list(CANVAS), "people": people})
    return encode(apply_edits([frame] * 3, parse_edits(edits)).frames)


def test_controlnet_aux_draws_every_frame(comfyui):
    module = load("comfyui_controlnet_aux/node_wrappers/pose_keypoint_postprocess")
    images = []
    for frame in edited_clip():
        (image,) = module.RenderPeopleKps().render([frame], True, True, True)
        assert image.shape == (1, *CANVAS, 3)
        images.append(np.asarray(image))
    assert all(count > 2000 for image in images for count in drawn(image))
    assert (images[0] != images[2]).any()


def test_controlnet_aux_finds_bodies(comfyui):
    module = load("comfyui_controlnet_aux/node_wrappers/pose_keypoint_postprocess")
    node = module.UpperBodyTrackingFromPoseKps
    rows = node.INPUT_TYPES()["required"]
    sizes = {name: row[1]["default"] for name, row in rows.items() if name.endswith("_height")}
    tracked, _ = node().convert(edited_clip(), "", **sizes)
    assert [len(frames) for frames in tracked["Neck"].values()] == [3, 3]


def test_openpose_studio_takes_each_frame(comfyui):
    """It takes one frame and rounds to whole pixels."""
    module = load("ComfyUI-OpenPose-Studio/nodes")
    for frame in edited_clip():
        answer = module.OpenPoseStudio().render("", True, True, True, pose_keypoint=[frame])
        image, _, kept_frame = answer["result"]
        assert image.shape[1:3] == CANVAS
        assert min(drawn(image)) > 2000
        for person, ours in zip(kept_frame["people"], frame["people"], strict=True):
            kept = np.reshape(person["pose_keypoints_2d"], (-1, 3))
            given = np.reshape(ours["pose_keypoints_2d"], (-1, 3))[: len(kept)]
            seen = given[:, 2] > 0
            assert kept[seen, :2] == pytest.approx(given[seen, :2], abs=1)


def test_ultimate_editor_draws_the_clip(comfyui):
    module = load("ComfyUI-ultimate-openpose-editor/openpose_editor_nodes")
    sizes, scales = (4, 3, 3), (1.0, 1.0, 1.0, 1.0)
    answer = module.OpenposeEditorNode().load_pose(
        *(True, True, True, 512, *sizes, *scales, "loop_extend", "sync", 100, "", edited_clip())
    )
    image, keypoint, _ = answer["result"]
    assert len(image) == 3
    assert min(drawn(image)) > 500
    assert [len(frame["people"]) for frame in keypoint] == [2, 2, 2]


def test_ultimate_editor_turns_an_arm(comfyui):
    module = load("ComfyUI-ultimate-openpose-editor/appendage_editor_nodes")
    (kind, *_) = module.AppendageEditorNode.INPUT_TYPES()["required"]["appendage_type"][0]
    (turned, *_) = module.AppendageEditorNode().edit_appendage(edited_clip(), kind, rotation=20.0)
    assert [len(frame["people"]) for frame in turned] == [2, 2, 2]


def test_dwpose_deluxe_converts_and_interpolates(comfyui):
    clip = edited_clip()
    converter = load("ComfyUI_DWposeDeluxe/nodes/keypoint_converter")
    (converted, *_) = converter.KeypointConverter().execute(
        clip, "auto-padding", 0.25, False, False, False, False
    )
    converted = json.loads(converted) if isinstance(converted, str) else converted
    assert [len(frame["people"]) for frame in converted] == [2, 2, 2]


def test_proportion_changer_resizes_and_denoises(comfyui):
    clip = edited_clip()
    converter = load("ComfyUI-ProportionChanger/proportion_changer/converter_nodes")
    (resized,) = converter.PoseKeypointResize().resize(clip, 512, 512)
    for frame, ours in zip(resized, clip, strict=True):
        assert (frame["canvas_width"], frame["canvas_height"]) == (512, 512)
        for person, before in zip(frame["people"], ours["people"], strict=True):
            kept = np.reshape(person["pose_keypoints_2d"], (-1, 3))
            given = np.reshape(before["pose_keypoints_2d"], (-1, 3))
            seen = given[:, 2] > 0
            assert kept[seen, :2] == pytest.approx(given[seen, :2] / 2)
    denoiser = load("ComfyUI-ProportionChanger/proportion_changer/keypoint_denoiser_node")
    nodes = [value for name, value in vars(denoiser).items() if name.endswith("Denoiser")]
    (smoothed, *_) = nodes[0]().denoise_keypoints(clip)
    assert len(smoothed) == 3
