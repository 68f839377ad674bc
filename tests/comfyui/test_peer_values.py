"""Poses in the forms of single packs and of ComfyUI, in their genuine readers and writers.

Where the packs are looked for: ``peer_packs.py``.
"""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.formats.node_values.mhr_poses import make_mhr_poses
from comfyui_sapiens_pose.skeletons.formats.node_values.wan_pose_data import (
    make_pose_data,
    read_pose_data,
)
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.poses.identities import number_identities
from peer_packs import CANVAS, assert_drawn, frames, load

pytestmark = pytest.mark.exhaustive

__all__ = ["frames"]  # fixture


def people_in(clip, frames):
    """Some leave the key out where nobody is."""
    assert [len(frame.get("people", [])) for frame in clip] == [len(f.poses) for f in frames]


def test_proportion_changer_draws_and_changes_two_toes(comfyui, frames):
    """It reads 25 rows, of which 18 and 19 are the toes."""
    clip = encode(frames, EncodeOptions(body=20))
    module = load("ComfyUI-ProportionChanger/proportion_changer/render_nodes")
    with_feet, without = (
        np.asarray(module.ProportionChangerDWPoseRender().render_img(clip, show_feet=shown)[0])
        for shown in (True, False)
    )
    assert_drawn(with_feet, frames)
    for index, frame in enumerate(frames):
        assert (with_feet[index] != without[index]).any() == bool(frame.poses)
    changer = load("ComfyUI-ProportionChanger/proportion_changer/params_node")
    changed = changer.ProportionChangerParams().adjust_pose_keypoint(clip, leg_scale=1.3)[0]
    people_in(changed, frames)
    for frame, before in zip(changed, clip, strict=True):
        for person, ours in zip(frame["people"], before["people"], strict=True):
            toes, given = (np.reshape(p["pose_keypoints_2d"], (25, 3)) for p in (person, ours))
            assert (toes[18:20, 1] > given[18:20, 1]).all()


def test_wan_animate_preprocess_draws(comfyui, frames):
    module = load("ComfyUI-WanAnimatePreprocess/nodes")
    people = [frame.poses[0] if frame.poses else None for frame in frames]
    data = make_pose_data(people, CANVAS)
    (images,) = module.DrawViTPose().process(data, 512, 512, -1, -1, True)
    assert_drawn(images, frames)


def test_pose_data_of_wan_animate_preprocess_is_read(comfyui):
    """The pack makes it of 133 keypoints; we give it back."""
    module = load("ComfyUI-WanAnimatePreprocess/pose_utils/pose2d_utils")
    random = np.random.default_rng(0)
    keypoints = random.uniform(1, 500, (3, 133, 3))
    keypoints[..., 2] = random.uniform(0.1, 1, (3, 133))
    metas = module.load_pose_metas_from_kp2ds_seq(keypoints, width=640, height=480)
    data = {
        "pose_metas": [module.AAPoseMeta.from_humanapi_meta(m) for m in metas],
        "pose_metas_original": metas,
    }
    for value in (data, {"pose_metas": metas}):
        frames = read_pose_data(value)
        again = make_pose_data([frame.poses[0] for frame in frames], (640, 480))
        for ours, theirs in zip(again["pose_metas"], data["pose_metas"], strict=True):
            for name in (name for name in vars(ours) if name.startswith("kps_")):
                np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9)


@pytest.mark.parametrize("form", ["_frame_raw_308_np", "_frame_openpose_np"])
def test_poses_of_sapiens2_are_read(comfyui, form):
    """Both forms that Sapiens2 Pose gives; its own drawing node wants an older ComfyUI."""
    module = load("ComfyUI-Sapiens2/nodes")
    random = np.random.default_rng(0)
    places = random.uniform(1, 500, (308, 2))
    scores = random.uniform(0.1, 1, 308)
    rest = () if form == "_frame_raw_308_np" else (True,)
    (frame,) = decode([getattr(module, form)(places, scores, 640, 480, *rest)])
    (pose,) = frame.poses
    assert frame.canvas_wh == (640, 480)
    if form == "_frame_raw_308_np":
        assert pose.keypoint_set is GOLIATH_308
        np.testing.assert_allclose(pose.keypoints_image, places)
        np.testing.assert_allclose(pose.scores, scores)
    for name in ("left_wrist", "right_ankle", "nose"):
        index = pose.keypoint_set.index(name)
        assert pose.keypoints_image[index] == pytest.approx(places[GOLIATH_308.index(name)])


def test_core_draws_mhr_pose_data(comfyui, frames):
    """Render 3D Body Pose with openpose_2d, of a ComfyUI that has SAM 3D Body."""
    core = pytest.importorskip("comfy_extras.sam3d_body.export.openpose_2d")
    data = make_mhr_poses(frames, number_identities(frames))
    style = {"include_hands": True, "face_style": "full"}
    width, height = CANVAS
    images = [
        core.render_pose_data_openpose(data, frame_idx=index, W=width, H=height, **style)
        for index in range(len(frames))
    ]
    assert_drawn(np.stack(images), frames)


def test_core_finds_every_joint_of_mhr_pose_data(comfyui, frames):
    """Body without the neck, and both hands, where our own skeletons have them."""
    core = pytest.importorskip("comfy_extras.sam3d_body.export.openpose_2d")
    data = make_mhr_poses(frames, number_identities(frames))
    parts = {"body": slice(0, 18), "right_hand": slice(92, 113), "left_hand": slice(113, 134)}
    for frame, numbers, people in zip(
        frames, number_identities(frames), data["frames"], strict=True
    ):
        for pose, number in zip(frame.poses, numbers, strict=True):
            theirs, found = core._pack_dwpose_134(
                people[number], include_body=True, include_hands=True
            )
            ours = convert_pose(pose, OPENPOSE_136)
            for part, rows in parts.items():
                mine = OPENPOSE_136.part_indices(part)
                seen = (ours.scores[mine] >= 0.3) & (found[rows] > 0)
                seen[1] &= part != "body"
                assert seen.sum() > 10
                np.testing.assert_allclose(
                    theirs[rows][seen], ours.keypoints_image[mine][seen], rtol=1e-5
                )
