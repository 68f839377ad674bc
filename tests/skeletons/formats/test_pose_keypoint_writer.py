"""The eight rules of POSE_KEYPOINT, each with the reader that enforces it.

Written with the default options from what the networks of the goldens found, and from people
with 17 and 308 points.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from helpers.openpose_goldens import NAMES, raw_frame
from helpers.poses import make_pose

SIDES = ("right", "left")
LENGTHS = {
    "pose_keypoints_2d": 54,
    "face_keypoints_2d": 210,
    "hand_left_keypoints_2d": 63,
    "hand_right_keypoints_2d": 63,
    "foot_keypoints_2d": 18,
}


def frames() -> dict[str, Frame]:
    sets = {
        f"random {keypoint_set.name}": Frame(
            canvas_wh=(640, 480), poses=tuple(make_pose(keypoint_set, seed) for seed in range(3))
        )
        for keypoint_set in (COCO_17, GOLIATH_308)
    }
    nobody = {"nobody": Frame(canvas_wh=(3, 2))}
    return {**nobody, **{name: raw_frame(name) for name in NAMES}, **sets}


FRAMES = frames()


@pytest.fixture(params=FRAMES, name="frame")
def _frame(request: pytest.FixtureRequest) -> Frame:
    return FRAMES[request.param]


@pytest.fixture(name="document")
def _document(frame: Frame) -> dict[str, Any]:
    return encode((frame,))[0]


def triples(part: list[float]) -> np.ndarray:
    return np.array(part).reshape(-1, 3)


def test_rule_1_a_list_of_dicts_in_plain_types() -> None:
    """controlnet_aux SavePoseKpsAsJsonFile indexes the list and hands it to ``json``, which knows
    no numpy type; the drawing nodes make an array of ``canvas_width``, which must be an int."""

    def check(value: Any) -> None:
        assert type(value) in (dict, list, str, int, float, bool, type(None)), type(value)
        if isinstance(value, (list, dict)):
            for each in value.values() if isinstance(value, dict) else value:
                check(each)

    written = encode(tuple(FRAMES.values()))
    assert type(written) is list
    assert len(written) == len(FRAMES)
    check(written)
    for frame, document in zip(FRAMES.values(), written, strict=True):
        assert (document["canvas_width"], document["canvas_height"]) == frame.canvas_wh
        assert type(document["canvas_width"]) is type(document["canvas_height"]) is int
        for person in document["people"]:
            assert all(type(number) is float for part in person.values() for number in part)
    assert json.loads(json.dumps(written, allow_nan=False)) == written


def test_rule_2_pixels_also_outside_of_the_canvas() -> None:
    """ComfyUI core's SDPoseDrawKeypoints puts 0..1 coordinates into one corner pixel; SCAIL-Pose
    and toyxyz divide by the canvas themselves."""
    name = "o07_off_canvas_512x768"
    written = encode((FRAMES[name],))[0]["people"][0]["pose_keypoints_2d"]
    body = triples(written)
    raw = FRAMES[name].poses[0]
    assert body[0, :2].tolist() == raw.keypoints_image[0].tolist()
    visible = body[body[:, 2] > 0, :2]
    assert ((visible < 0) | (visible > FRAMES[name].canvas_wh)).any()


def test_rule_3_confidence_is_exactly_one_or_zero(document: dict[str, Any]) -> None:
    """controlnet_aux RenderPeopleKps drops points below 1.0, the editor of huchenlei shows
    those that are ``=== 1.0``, katalist those that are ``== 1``."""
    for person in document["people"]:
        for part in person.values():
            assert set(part[2::3]) <= {0.0, 1.0}


def test_rule_4_every_part_in_full_length(document: dict[str, Any]) -> None:
    """ComfyUI core reshapes to 18, 70, 21 and 21 points; FacialPartColoring, scale_pose and
    Just-DWPose fail on null; SCAIL-Pose drops any other length."""
    for person in document["people"]:
        assert {name: len(part) for name, part in person.items()} == LENGTHS


def test_rule_5_a_missing_point_is_zero(document: dict[str, Any]) -> None:
    """controlnet_aux writes it so, and DWPoseRestorator repairs exactly 0, 0, 0."""
    for person in document["people"]:
        for name, part in person.items():
            hidden = triples(part)[:, 2] == 0
            if name != "face_keypoints_2d":
                assert not triples(part)[hidden].any()


def test_rule_6_a_face_that_was_found_keeps_the_places_of_its_points() -> None:
    """controlnet_aux FacialPartColoring and core's SDPoseFaceBBoxes look at no confidence: 0, 0
    would become the corner of a polygon, and of the box of the face."""
    name = "o06_partial_768x512"
    face = triples(encode((FRAMES[name],))[0]["people"][0]["face_keypoints_2d"])
    hidden = face[:68, 2] == 0
    assert hidden.any()
    assert not hidden.all()
    raw = FRAMES[name].poses[0]
    landmarks = raw.keypoints_image[raw.keypoint_set.part_indices("face")]
    assert np.array_equal(face[:68, :2], landmarks)


def test_rule_6_a_face_that_was_not_found_is_zero() -> None:
    """SDPoseFaceBBoxes makes no box of it."""
    for person in encode((FRAMES["random coco_17"],))[0]["people"]:
        assert not any(person["face_keypoints_2d"])


def test_rule_6_the_jaw_of_308_points_is_placed_but_not_shown() -> None:
    """WanVideoWrapper's FaceMaskFromPoseKeypoints fills the outline of points 0 to 16, and is
    blank without them."""
    person = encode((FRAMES["random goliath_308"],))[0]["people"][0]
    jaw = np.delete(triples(person["face_keypoints_2d"])[:17], 8, axis=0)
    assert jaw[:, :2].all()
    assert not jaw[:, 2].any()


def test_what_was_made_up_is_said_at_the_frame() -> None:
    jaw = [f"face-{i}" for i in range(17) if i != 8]
    for name, expected in (("random goliath_308", jaw), ("o02_single_512x768", [])):
        assert encode((FRAMES[name],))[0]["sapiens"]["synthesised"] == expected


def test_rule_7_a_person_holds_flat_lists_of_triples_alone(document: dict[str, Any]) -> None:
    """scale_pose of fAIseh00d's Load DWPose JSON goes through every value of a person and fails
    on a number, a string or nested lists. What is more stands at the frame."""
    for person in document["people"]:
        for part in person.values():
            assert len(part) % 3 == 0
            assert all(isinstance(number, float) for number in part)
    assert len(document["sapiens"]["people"]) >= len(document["people"])


def test_rule_8_everybody_with_a_visible_body_point(frame: Frame, document: dict[str, Any]) -> None:
    """Pose_Inter and the extractors index people by their place."""
    assert len(document["people"]) == len(frame.poses)


def test_rule_8_lists_are_nobody_elses() -> None:
    """UpperBodyTracking sorts and scale_pose scales in place."""
    frame = FRAMES["o05_three_1024x1024"]
    options = EncodeOptions()
    first, second = encode((frame, frame), options)
    before = json.dumps(second)
    for person in first["people"]:
        for part in person.values():
            part[:] = [-1.0] * len(part)
    for person in first["sapiens"]["people"]:
        person["keypoints"][0][0] = -1.0
    assert json.dumps(second) == before
    assert encode((frame,), options)[0] == second
    parts = [id(part) for person in second["people"] for part in person.values()]
    assert len(set(parts)) == len(parts)


def two_toe_body(pose: Pose) -> np.ndarray:
    """(25, 3) the body of one person, as ComfyUI-ProportionChanger reads it."""
    options = EncodeOptions(body=20, confidence="raw")
    (frame,) = encode([Frame(pose.canvas_wh, [pose])], options)
    return np.reshape(frame["people"][0]["pose_keypoints_2d"], (25, 3))


def test_two_toes_are_the_middle_of_each_foot_right_before_left():
    """Rows 18 and 19; they are linked with the right and the left ankle, rows 10 and 13."""
    pose = make_pose(OPENPOSE_136)
    body, index = two_toe_body(pose), OPENPOSE_136.index
    rows = OPENPOSE_136.part_indices("body")
    np.testing.assert_allclose(body[:18, :2], pose.keypoints_image[rows])
    assert body[[10, 13], 2].tolist() == [pose.scores[index(f"{s}_ankle")] for s in SIDES]
    for row, side in zip((18, 19), SIDES, strict=True):
        toes = [index(f"{side}_big_toe"), index(f"{side}_small_toe")]
        np.testing.assert_allclose(body[row, :2], pose.keypoints_image[toes].mean(axis=0))
        assert body[row, 2] == pose.scores[toes].min()
    assert not body[20:].any()


@pytest.mark.parametrize(("missing", "found"), [("small", "big"), ("big", "small")])
def test_of_half_a_foot_the_big_toe_alone_is_written(missing, found):
    pose = make_pose(OPENPOSE_136)
    scores = pose.scores.copy()
    scores[OPENPOSE_136.index(f"right_{missing}_toe")] = 0
    row = two_toe_body(replace(pose, scores=scores))[18]
    toe = OPENPOSE_136.index(f"right_{found}_toe")
    expected = [*pose.keypoints_image[toe], pose.scores[toe]] if found == "big" else [0, 0, 0]
    np.testing.assert_allclose(row[2], expected[2])
    if found == "big":
        np.testing.assert_allclose(row, expected)


def test_two_toes_are_read_and_written_again():
    """A reader of 25 rows that keeps them, such as ours, loses nothing."""
    (frame,) = read_two_toes(raw_frame("o05_three_1024x1024"))
    (again,) = read_two_toes(frame)
    assert again == frame
    toes = [OPENPOSE_136.index(f"{side}_big_toe") for side in SIDES]
    assert all(pose.scores[toes].any() for pose in frame.poses)


def read_two_toes(frame: Frame) -> tuple[Frame, ...]:
    written = encode([frame], EncodeOptions(body=20, confidence="raw", lossless=False))
    for person in written[0]["people"]:
        del person["foot_keypoints_2d"]
    return decode(json.loads(json.dumps(written)))
