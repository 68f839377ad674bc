"""What this pack gives, in the genuine readers of other packs: one person, a crowd, nobody, a clip.

``PEER_PACKS`` names the folder of their repositories, see ``test_peer_packs.py``.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
from base_folder import ROOT
from comfyui_sapiens_pose.skeletons.formats.node_values.wan_pose_data import (
    make_pose_data,
    read_pose_data,
)
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.body_part_crops import fit_to_canvas
from test_peer_packs import CANVAS, drawn, load

pytestmark = pytest.mark.exhaustive


def frame_of(name: str) -> Frame:
    (frame,) = read_poses(ROOT / "web" / "library" / f"{name}.json")
    return fit_to_canvas(frame, CANVAS)


ONE, TWO, NOBODY = frame_of("stand_relaxed"), frame_of("two_handshake"), Frame(CANVAS)
CROWD = replace(TWO, poses=TWO.poses * 6)
CLIPS = {
    "one person": [ONE],
    "a crowd": [CROWD],
    "nobody": [NOBODY],
    "a clip": [TWO, NOBODY, ONE, TWO],
}


@pytest.fixture(params=CLIPS, ids=str)
def frames(request) -> list[Frame]:
    return CLIPS[request.param]


def assert_drawn(images, frames):
    """A skeleton in each frame that has people, and none in the others."""
    counts = drawn(images)
    assert [count > 300 for count in counts] == [bool(frame.poses) for frame in frames], counts


def people_in(clip, frames):
    """Some leave the key out where nobody is."""
    assert [len(frame.get("people", [])) for frame in clip] == [len(f.poses) for f in frames]


def test_controlnet_aux_draws(comfyui, frames):
    """Fannovel16/comfyui_controlnet_aux e8b689a."""
    module = load("comfyui_controlnet_aux/node_wrappers/pose_keypoint_postprocess")
    images = [
        np.asarray(module.RenderPeopleKps().render([frame], True, True, True)[0])[0]
        for frame in encode(frames)
    ]
    assert_drawn(np.stack(images), frames)


def test_openpose_studio_draws(comfyui, frames):
    """andreszs/ComfyUI-OpenPose-Studio 0f3e36c; nobody is drawn as an empty canvas."""
    module = load("ComfyUI-OpenPose-Studio/nodes")
    for frame, ours in zip(frames, encode(frames), strict=True):
        answer = module.OpenPoseStudio().render("", True, True, True, pose_keypoint=[ours])
        if frame.poses:
            assert_drawn(answer["result"][0], [frame])


def test_dwpose_deluxe_converts(comfyui, frames):
    """hobinrude/ComfyUI_DWposeDeluxe 72fd16f."""
    module = load("ComfyUI_DWposeDeluxe/nodes/keypoint_converter")
    (converted, *_) = module.KeypointConverter().execute(
        encode(frames), "auto-padding", 0.25, False, False, False, False
    )
    converted = json.loads(converted) if isinstance(converted, str) else converted
    people_in(converted, frames)


def test_proportion_changer_draws_and_changes_two_toes(comfyui, frames):
    """grmchn/ComfyUI-ProportionChanger 129956b reads 25 rows, of which 18 and 19 are the toes."""
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
    """kijai/ComfyUI-WanAnimatePreprocess 1a35b81."""
    module = load("ComfyUI-WanAnimatePreprocess/nodes")
    people = [frame.poses[0] if frame.poses else None for frame in frames]
    data = make_pose_data(people, CANVAS)
    (images,) = module.DrawViTPose().process(data, 512, 512, -1, -1, True)
    assert_drawn(images, frames)


def test_pose_data_of_wan_animate_preprocess_is_read(comfyui):
    """kijai/ComfyUI-WanAnimatePreprocess 1a35b81 makes it of 133 keypoints; we give it back."""
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
