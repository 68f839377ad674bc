"""The file of detected poses that the page reads."""

import json

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.edits.detection_file import encode_detection
from comfyui_sapiens_pose.skeletons.edits.edits import detection_digest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308
from helpers.poses import make_frame


def decode(content):
    length = int.from_bytes(content[:4], "little")
    assert length % 4 == 0
    return json.loads(content[4 : 4 + length]), np.frombuffer(content[4 + length :], "<f4")


def test_nothing_at_all():
    head, numbers = decode(encode_detection([]))
    assert (head["frames"], len(numbers)) == ([], 0)
    assert head["base"] == detection_digest([])


@pytest.mark.parametrize("people", range(5))
def test_people_of_several_frames_and_sets(people):
    frames = [make_frame(GOLIATH_308, people), make_frame(COCO_17, 2), make_frame(COCO_17, 0)]
    head, numbers = decode(encode_detection(frames, ["a.jpg", "b.jpg"]))
    assert head["version"] == 1
    assert head["base"] == detection_digest(frames)
    assert [frame["image"] for frame in head["frames"]] == ["a.jpg", "b.jpg", ""]
    for frame, row in zip(frames, head["frames"], strict=True):
        assert row["canvas"] == [640, 480]
        for pose, person in zip(frame.poses, row["people"], strict=True):
            assert (person["id"], person["set"]) == (pose.person_id, pose.keypoint_set.name)
            assert person["box"] == pytest.approx(pose.box_xyxy.tolist(), abs=0.05)
            count = len(pose.keypoint_set)
            points, numbers = np.split(numbers, [3 * count])
            assert points.reshape(-1, 3)[:, :2] == pytest.approx(pose.keypoints_image, rel=1e-6)
            assert points.reshape(-1, 3)[:, 2] == pytest.approx(pose.scores, rel=1e-6)
    assert len(numbers) == 0
