"""Genuine readers of POSE_KEYPOINT and IMAGE: one person, a crowd, nobody, a clip.

Where the packs are looked for: ``peer_packs.py``.
"""

import json
from collections.abc import Callable

import numpy as np
import pytest
import torch
from aiohttp.web import RouteTableDef
from comfyui_sapiens_pose.skeletons.draw import render
from comfyui_sapiens_pose.skeletons.draw.person_masks import color_people, draw_outlines
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from comfyui_sapiens_pose.skeletons.poses.identities import number_identities
from peer_packs import CANVAS, assert_drawn, frames, load

pytestmark = pytest.mark.exhaustive

__all__ = ["frames"]  # fixture


def one_by_one(read: Callable, clip: list[dict]) -> np.ndarray:
    """Images of a reader that looks at the first frame only."""
    return np.concatenate([np.asarray(read([frame])) for frame in clip])


def where_people_are(read: Callable, clip: list[dict]) -> np.ndarray:
    """Images of a reader that wants people in every frame; black where nobody is."""
    seen = [frame for frame in clip if frame["people"]]
    images = iter(np.asarray(read(seen)) if seen else [])
    black = np.zeros((*CANVAS, 3))
    return np.stack([next(images) if frame["people"] else black for frame in clip])


def controlnet_aux(clip):
    node = load("comfyui_controlnet_aux/node_wrappers/pose_keypoint_postprocess").RenderPeopleKps()
    return one_by_one(lambda frame: node.render(frame, True, True, True)[0], clip)


def controlnet_aux_faces(clip):
    module = load("comfyui_controlnet_aux/node_wrappers/pose_keypoint_postprocess")
    return module.FacialPartColoringFromPoseKps().colorize(clip, "polygon", **module.LAPA_COLORS)[0]


def openpose_studio(clip):
    node = load("ComfyUI-OpenPose-Studio/nodes").OpenPoseStudio()

    def read(frame):
        return node.render("", True, True, True, pose_keypoint=frame)["result"][0]

    return one_by_one(read, clip)


def ultimate_editor(clip):
    node = load("ComfyUI-ultimate-openpose-editor/openpose_editor_nodes").OpenposeEditorNode()
    rest = (4, 3, 3, 1.0, 1.0, 1.0, 1.0, "loop_extend", "sync", 100, "", clip)
    return node.load_pose(True, True, True, 1024, *rest)["result"][0]


def ultimate_render(clip):
    node = load("ComfyUI-ultimate-openpose-render/openpose_render_nodes").OpenposeRenderNode()
    return node.render_img(True, True, True, -1, 4, 3, 2, "", clip)[0]


def proportion_changer(clip):
    module = load("ComfyUI-ProportionChanger/proportion_changer/render_nodes")
    return module.ProportionChangerDWPoseRender().render_img(clip)[0]


def toyxyz_editor(clip):
    module = load("ComfyUI_toyxyz_test_nodes/openposeeditor/openpose_editor_nodes")
    node = module.OpenposeEditorNode()
    rows = node.INPUT_TYPES()["optional"]
    values = {name: row[1].get("default", "") for name, row in rows.items()}

    def read(frames):
        return node.load_pose(**values | {"POSE_KEYPOINT": frames})["result"][0]

    return where_people_are(read, clip)


def toyxyz_mask(clip):
    module = load("ComfyUI_toyxyz_test_nodes/openposeeditor/openpose_editor_nodes")
    sizes = (30, 10, 30, 1.2, 0.3)
    read = module.PoseToMaskNode().create_body_parts_mask
    return one_by_one(lambda frame: read(frame, *sizes)[0], clip)


def toyxyz_inbetween(clip):
    node = load("ComfyUI_toyxyz_test_nodes/openposeeditor/poseinter").Pose_Inter()

    def read(frames):
        return node.run(frames, frames, 2, "linear", 0.9, "DWPose", True, True, False, 1)[0]

    return where_people_are(read, clip)


def pose_interpolation(clip):
    node = load("ComfyUI_pose_inter/__init__").Pose_Inter()

    def read(frames):
        return np.stack([node.run([frame], [frame], 2, "DWPose")[0][1] for frame in frames])

    return where_people_are(read, clip)


def scail_pose(clip):
    """Without hands, which the pack itself cannot draw with OpenCV 5."""
    module = load("ComfyUI-SCAIL-Pose2/nodes")
    draw = load("ComfyUI-SCAIL-Pose2/pose_draw/draw_pose_utils").draw_pose
    (data,) = module.ConvertOpenPoseKeypointsToDWPose().process(clip, max_people=100)
    for pose, frame in zip(data["poses"], clip, strict=True):
        assert len(pose["hands"]) == 2 * len(frame["people"])
    return np.stack([draw(pose, *CANVAS, show_hand=False) for pose in data["poses"]])


def warper_scaler(clip):
    node = load("ComfyUI-WarperNodes/nodes/warper_nodes").DWPoseScalerNode_Warper()
    return node.scale_pose(clip, 1.0, 0.0, 1.0, 1.2, 1.0, 0.9, True, 0)[0]


def warper_mouth(clip):
    node = load("ComfyUI-WarperNodes/nodes/warper_nodes").MouthMaskFromPose_Warper()
    return node.create_mouth_mask(clip, 25, 0)[0]


def warper_face(clip):
    node = load("ComfyUI-WarperNodes/nodes/warper_nodes").FacialPartMaskFromPose_Warper()
    return node.create_facial_part_mask(clip, True, False, False, False, "Convex Hull", 0, 0)[0]


def keypoint_extractor(clip):
    module = load("ComfyUI-OpenPose-Keypoint-Extractor/openpose_keypoint_extractor")
    box = module.OpenPoseKeyPointExtractor().box_keypoints

    def read(frames):
        masks = box(frames, "pose_keypoints_2d", "0, 1, 2, 5", 1, 0, 0)[-1]
        return np.stack([masks] * 3, axis=-1)

    return where_people_are(read, clip)


def keypoint_mask(clip):
    node = load("ComfyUI-PoseKeypoint-Mask/openpose_keypoint_mask").OpenPoseKeyPointMask()
    return node.mask_keypoints(clip, *CANVAS, x_min=0, y_min=0)[0]


def just_dwpose(clip):
    node = load("ComfyUI-Just-DWPose/nodes").DWPoseJSONToImage()
    return node.convert_json_to_image(json.dumps(clip), *CANVAS, True, True, True)[0]


PIXELS = (
    controlnet_aux,
    controlnet_aux_faces,
    openpose_studio,
    ultimate_editor,
    ultimate_render,
    proportion_changer,
    toyxyz_editor,
    toyxyz_mask,
    toyxyz_inbetween,
    pose_interpolation,
    warper_scaler,
    warper_mouth,
    warper_face,
    keypoint_extractor,
    keypoint_mask,
    just_dwpose,
)
"""Readers of POSE_KEYPOINT as nearly all nodes give it."""


@pytest.mark.parametrize("reader", PIXELS)
def test_what_is_read_is_drawn(comfyui, reader, frames):
    assert_drawn(reader(encode(frames)), frames)


def dwpose_deluxe(clip):
    module = load("ComfyUI_DWposeDeluxe/nodes/keypoint_printer")
    return module.KeypointPrinter().execute(clip, None, 100, True, True, True, True)[0]


def editor_in_3d(clip):
    import server

    server.PromptServer.instance.routes = RouteTableDef()
    node = load("ComfyUI-3D-OpenPose-Editor2026_IK/nodes").OpenPoseEditor()

    def read(frame):
        text = node.pose_point_to_json(frame, torch.zeros(1, *CANVAS, 3))
        return node.render_dw_pose(text, *CANVAS, False)[None]

    return one_by_one(read, clip)


@pytest.mark.parametrize(
    ("reader", "form"),
    [
        (dwpose_deluxe, EncodeOptions(coords="normalised")),  # multiplied by the canvas always
        (editor_in_3d, EncodeOptions(coords="normalised")),
        (scail_pose, EncodeOptions(confidence="raw")),  # drawn whatever the confidence
    ],
)
def test_another_form_is_drawn(comfyui, reader, form, frames):
    assert_drawn(reader(encode(frames, form)), frames)


def openpose_studio_gives(clip):
    node = load("ComfyUI-OpenPose-Studio/nodes").OpenPoseStudio()
    return [node.render("", True, True, True, pose_keypoint=[f])["result"][2] for f in clip]


def ultimate_gives(clip):
    node = load("ComfyUI-ultimate-openpose-editor/openpose_editor_nodes").OpenposeEditorNode()
    rest = (4, 3, 3, 1.0, 1.0, 1.0, 1.0, "loop_extend", "sync", 100, "", clip)
    return node.load_pose(True, True, True, 1024, *rest)["result"][1]


def toyxyz_gives(clip):
    module = load("ComfyUI_toyxyz_test_nodes/openposeeditor/poseinter")
    return module.JoinPose().join_poses(clip, [])[0]


def warper_gives(clip):
    node = load("ComfyUI-WarperNodes/nodes/warper_nodes").DWPoseScalerNode_Warper()
    return node.scale_pose(clip, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, True, 0)[1]


def deluxe_gives(clip):
    node = load("ComfyUI_DWposeDeluxe/nodes/keypoint_converter").KeypointConverter()
    (converted, *_) = node.execute(clip, "auto-padding", 0.25, False, False, False, False)
    return json.loads(converted) if isinstance(converted, str) else converted


def load_json_gives(clip):
    node = load("ComfyUI-openpose-editor/openpose_editor_nodes").LoadOpenposeJSONNode()
    return node.load_json(json.dumps(clip))[0]


@pytest.mark.parametrize(
    "giver",
    [
        openpose_studio_gives,
        ultimate_gives,
        toyxyz_gives,
        warper_gives,
        deluxe_gives,
        load_json_gives,
    ],
)
def test_what_they_give_back_is_read(comfyui, giver, frames):
    """By our sockets, with everybody where they were."""
    given = decode(encode(frames, EncodeOptions(lossless=False)))
    back = decode(giver(encode(frames, EncodeOptions(lossless=False))))
    assert [len(frame.poses) for frame in back] == [len(frame.poses) for frame in frames]
    for ours, theirs in zip(given, back, strict=True):
        for one, other in zip(ours.poses, theirs.poses, strict=True):
            rows = one.keypoint_set.part_indices("body")
            seen = one.scores[rows] > 0
            np.testing.assert_allclose(
                other.keypoints_image[rows][seen], one.keypoints_image[rows][seen], atol=1.0
            )


def as_images(images_rgb):
    return torch.from_numpy(np.stack(images_rgb).astype(np.float32) / 255)


def test_colours_of_people_are_told_apart(comfyui, frames):
    """IMAGE of masks by identity, and of skeletons, in the nodes for SCAIL-2."""
    identity = load("ComfyUI-SCAIL-Pose2/scail2/identity")
    align = load("ComfyUI-SCAIL-Pose2/nodes_scail2_pose_alignment").SCAILPose2PoseMaskGeometryAlign
    masks = draw_outlines(frames, number_identities(frames), 0.3)
    images = as_images([color_people(some, CANVAS, "black") for some in masks])
    for image, frame, some in zip(images, frames, masks, strict=True):
        count = identity.identity_count_from_semantic_mask(image[None])
        assert count == min(len(some), 6), (count, len(frame.poses))
    skeletons = as_images([render(frame).image_rgb for frame in frames])
    (aligned, _) = align().align(skeletons, images)
    assert aligned.shape == skeletons.shape
