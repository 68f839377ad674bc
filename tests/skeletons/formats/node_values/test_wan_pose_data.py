"""Poses for WanAnimatePreprocess: what its nodes read, with the numbers of Wan2.2's own rule."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.formats.node_values.wan_pose_data import (
    make_pose_data,
    read_pose_data,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Pose

SIZE_WH = 200, 100
COUNTS = {"body": 20, "lhand": 21, "rhand": 21, "face": 69}


def person() -> Pose:
    """Each of 133 keypoints at x = its index, y = half of it, with a score of a 200th of it."""
    index = np.arange(133)
    keypoints = np.column_stack([index, index / 2])
    box = np.array([0, 0, *SIZE_WH])
    return Pose(keypoints, index / 200, COCO_WHOLEBODY_133, SIZE_WH, box)


def test_no_frame():
    assert make_pose_data([], SIZE_WH)["pose_metas"] == []


def test_nobody_scores_nothing():
    data = make_pose_data([None], SIZE_WH)
    (meta,), (original,) = data["pose_metas"], data["pose_metas_original"]
    for part, count in COUNTS.items():
        assert getattr(meta, f"kps_{part}").shape == (count, 2)
        assert not getattr(meta, f"kps_{part}_p").any()
    assert not original["keypoints_body"].any()


def test_joints_are_those_of_the_makers():
    """As ``split_kp2ds_for_aa`` takes them, written out."""
    data = make_pose_data([person()], SIZE_WH)
    (meta,) = data["pose_metas"]
    first = [0, 6, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3, 17, 20]
    second = [0, 5, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3, 18, 21]
    x = np.add(first, second) / 2
    np.testing.assert_allclose(meta.kps_body, np.column_stack([x, x / 2]), atol=1e-12)
    np.testing.assert_allclose(meta.kps_body_p, x / 200, atol=1e-12)
    assert meta.kps_lhand[:, 0].tolist() == [*range(91, 112)]
    assert meta.kps_rhand[:, 0].tolist() == [*range(112, 133)]
    assert meta.kps_face[:, 0].tolist() == [*range(22, 91)]
    assert (meta.width, meta.height, meta.image_id) == (*SIZE_WH, "")


def test_originals_are_shares_of_the_image():
    data = make_pose_data([person(), None], SIZE_WH)
    assert data["retarget_image"] is None
    assert data["refer_pose_meta"] is None
    assert len(data["pose_metas"]) == len(data["pose_metas_original"]) == 2
    original, meta = data["pose_metas_original"][0], data["pose_metas"][0]
    assert (original["width"], original["height"]) == SIZE_WH
    names = ("keypoints_body", "keypoints_left_hand", "keypoints_right_hand", "keypoints_face")
    for name, part in zip(names, COUNTS, strict=True):
        values = original[name]
        np.testing.assert_allclose(values[:, :2] * SIZE_WH, getattr(meta, f"kps_{part}"))
        np.testing.assert_array_equal(values[:, 2], getattr(meta, f"kps_{part}_p"))


@pytest.mark.parametrize("part", ["lhand", "rhand", "face"])
def test_what_17_keypoints_lack_scores_nothing(part):
    data = make_pose_data([convert_pose(person(), COCO_17)], SIZE_WH)
    assert not getattr(data["pose_metas"][0], f"kps_{part}_p")[1:].any()


def test_a_reader_may_change_them():
    """``AAPoseMeta.crop`` and ``resize`` of the readers write into the arrays."""
    given = person()
    before = given.keypoints_image.copy()
    (meta,) = make_pose_data([given], SIZE_WH)["pose_metas"]
    meta.kps_lhand[:, 0] -= 5
    np.testing.assert_array_equal(given.keypoints_image, before)


def long_form(data: dict) -> dict:
    """The same clip as ``pose_metas_original`` has it: dicts, in shares of the image."""
    return {"pose_metas": data["pose_metas_original"]}


@pytest.mark.parametrize("form", [dict, long_form], ids=["AAPoseMeta", "dicts"])
def test_round_trip_loses_nothing(form):
    """Of what the format holds: read and written again, every number is the same."""
    data = make_pose_data([person(), None, person()], SIZE_WH)
    frames = read_pose_data(form(data))
    assert [len(frame.poses) for frame in frames] == [1, 0, 1]
    assert {frame.canvas_wh for frame in frames} == {SIZE_WH}
    poses = [frame.poses[0] if frame.poses else None for frame in frames]
    again = make_pose_data(poses, SIZE_WH)
    for ours, theirs in zip(again["pose_metas"], data["pose_metas"], strict=True):
        for name in (name for name in vars(theirs) if name.startswith("kps")):
            np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), atol=1e-12)
    before, after = person(), poses[0]
    toes_and_heel = [17, 18, 19, 20, 21]
    kept = np.delete(np.arange(133), toes_and_heel)
    np.testing.assert_allclose(after.keypoints_image[kept], before.keypoints_image[kept])
    np.testing.assert_allclose(after.scores[kept], before.scores[kept])


def test_parts_that_are_missing_score_nothing():
    data = make_pose_data([person()], SIZE_WH)
    (meta,) = data["pose_metas"]
    meta.kps_lhand, meta.kps_face_p = None, None
    ((pose,),) = (frame.poses for frame in read_pose_data(data))
    assert not pose.scores[91:112].any()
    assert (pose.scores[22:91] == 1).all()


@pytest.mark.parametrize(
    ("metas", "told"),
    [(None, "pose_metas None"), ([5], "frame 0"), ([{}], "frame 0"), ([{"width": 3}], "frame 0")],
)
def test_what_cannot_be_read_says_where(metas, told):
    with pytest.raises(ValueError, match="Connect pose_data of Pose and Face Detection") as error:
        read_pose_data({"pose_metas": metas})
    assert told in str(error.value)
