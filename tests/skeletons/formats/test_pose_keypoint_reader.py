"""POSE_KEYPOINT as each of its writers emits it, and what is said of what cannot be read."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from comfyui_sapiens_pose.skeletons.formats.read_options import DEFAULT_OPTIONS, ReadOptions
from comfyui_sapiens_pose.skeletons.keypoint_sets import BODY_25, COCO_17, GOLIATH_308, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from helpers.openpose_goldens import FOLDER, NAMES, load, raw_frame
from helpers.poses import STANDING, make_pose

PARTS = {
    "pose_keypoints_2d": OPENPOSE_136.part_indices("body"),
    "face_keypoints_2d": OPENPOSE_136.part_indices("face"),
    "hand_left_keypoints_2d": OPENPOSE_136.part_indices("left_hand"),
    "hand_right_keypoints_2d": OPENPOSE_136.part_indices("right_hand"),
    "foot_keypoints_2d": OPENPOSE_136.part_indices("left_foot", "right_foot"),
}


def one_person(**parts: Any) -> dict[str, Any]:
    return {"people": [parts], "canvas_width": 512, "canvas_height": 768}


def triples(count: int, first: float = 10.0) -> list[list[float]]:
    """Points in a row, all on a canvas of 512 x 768, none at a place that another has."""
    return [[first + 2.0 * i, 100.0 + 3.0 * i, 1.0] for i in range(count)]


def standing_25() -> list[list[float]]:
    """A person who stands, in the order of BODY_25."""
    return [[*STANDING[name], 0.5] for name in BODY_25.names]


def flat(points: list[list[float]]) -> list[float]:
    return [number for point in points for number in point]


def read_one(document: Any, options: ReadOptions = DEFAULT_OPTIONS) -> Pose:
    (frame,) = decode(document, options)
    (pose,) = frame.poses
    return pose


def rows(pose: Pose, names: tuple[str, ...]) -> list[list[float]]:
    """x, y, score of joints by name."""
    at = pose.keypoint_set.indices(names)
    return np.column_stack([pose.keypoints_image, pose.scores])[at].tolist()


BODY_NAMES = OPENPOSE_136.part_names("body")
FEET_NAMES = OPENPOSE_136.part_names("left_foot", "right_foot")
FACE_NAMES = OPENPOSE_136.part_names("face")


@pytest.mark.parametrize("document", [[], {"people": []}, {"people": None, "canvas_width": None}])
def test_nobody(document: Any) -> None:
    frames = decode(document)
    assert [frame.poses for frame in frames] == [()] * (1 if document else 0)


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("o*pose.json")))
def test_the_goldens_of_controlnet_aux_and_core(name: str) -> None:
    document = load(name)
    if "animals" in document[0]:
        with pytest.raises(ValueError, match="Frame 0 has only animals"):
            decode(document)
        return
    (frame,) = decode(document, ReadOptions(hands_swapped=".core_pose" in name))
    assert frame.canvas_wh == (document[0]["canvas_width"], document[0]["canvas_height"])
    scale = frame.canvas_wh if "normalised" in name else (1, 1)
    for pose, person in zip(frame.poses, document[0]["people"], strict=True):
        if ".core_pose" in name:
            left, right = person["hand_left_keypoints_2d"], person["hand_right_keypoints_2d"]
            person |= {"hand_left_keypoints_2d": right, "hand_right_keypoints_2d": left}
        for key, part in PARTS.items():
            expected = np.array(person.get(key) or np.zeros(3 * len(part))).reshape(-1, 3)
            assert pose.scores[part].tolist() == expected[:, 2].tolist()
            points = expected[:, :2] * scale
            assert pose.keypoints_image[part].tolist() == points.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_what_controlnet_aux_wrote_is_written_again(name: str) -> None:
    document = load(f"{name}.pose.json")
    options = EncodeOptions(missing="null", lossless=False)
    assert encode(decode(document), options) == document


@pytest.mark.parametrize(
    "document",
    [
        one_person(pose_keypoints_2d=flat(triples(18))),
        [one_person(pose_keypoints_2d=flat(triples(18)))],
        json.dumps([one_person(pose_keypoints_2d=flat(triples(18)))]),
        one_person(pose_keypoints_2d=triples(18)),
        one_person(pose_keypoints_2d=flat(triples(18)), face_keypoints_2d=None),
        one_person(pose_keypoints_2d=flat(triples(18)), face_keypoints_2d=[]),
        one_person(pose_keypoints_2d=flat(triples(18)), hand_left_keypoints_2d=[0] * 63),
        {**one_person(pose_keypoints_2d=flat(triples(18))), "canvas_width": 512.0},
        one_person(pose_keypoints_2d=flat([[x / 512, y / 768, c] for x, y, c in triples(18)])),
    ],
    ids=[
        "bare dict",
        "list",
        "JSON text",
        "nested triples",
        "null part",
        "empty part",
        "zero part",
        "canvas of fractions",
        "normalised",
    ],
)
def test_every_dialect_says_the_same(document: Any) -> None:
    pose = read_one(document)
    assert pose.canvas_wh == (512, 768)
    np.testing.assert_allclose(rows(pose, BODY_NAMES), triples(18), rtol=1e-12)
    assert not pose.scores[OPENPOSE_136.part_indices("face", "left_hand", "right_hand")].any()


def test_parts_are_normalised_each_by_itself() -> None:
    """Some editors scale the body and leave the hands."""
    hand = [[0.5, 0.25, 1.0]] * 21
    pose = read_one(one_person(pose_keypoints_2d=triples(18), hand_left_keypoints_2d=hand))
    assert rows(pose, BODY_NAMES) == triples(18)
    assert rows(pose, ("left_hand_root",)) == [[256.0, 192.0, 1.0]]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (triples(17), COCO_17.names),
        (triples(18), BODY_NAMES),
        (triples(24), BODY_NAMES + FEET_NAMES),
    ],
    ids=["17 COCO", "18 OpenPose", "24 DWposeDeluxe"],
)
def test_bodies(body: list[list[float]], names: tuple[str, ...]) -> None:
    pose = read_one(one_person(pose_keypoints_2d=body))
    assert rows(pose, names) == body[: len(names)]


def test_the_neck_of_a_body_without_one() -> None:
    body = triples(17)
    pose = read_one(one_person(pose_keypoints_2d=body))
    left, right = body[5], body[6]
    middle = [(a + b) / 2 for a, b in zip(left, right, strict=True)]
    assert rows(pose, ("neck",)) == [middle]


@pytest.mark.parametrize("count", [68, 70, 71])
def test_faces(count: int) -> None:
    body, face = triples(18), triples(count, first=40)
    pose = read_one(one_person(pose_keypoints_2d=body, face_keypoints_2d=flat(face)))
    eyes = [body[14], body[15]] if count == 68 else face[68:70]
    assert rows(pose, FACE_NAMES) == face[:68] + eyes


def test_a_face_that_lost_its_numbers_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """The OpenPose preprocessor skips the points that it did not find."""
    with caplog.at_level(logging.WARNING):
        pose = read_one(one_person(pose_keypoints_2d=triples(18), face_keypoints_2d=triples(43)))
    assert not pose.scores[OPENPOSE_136.part_indices("face")].any()
    assert "Frame 0, person 0: a face of 43 keypoints" in caplog.text


def test_what_stands_for_a_missing_point() -> None:
    """-1, -1 (core; the OpenPose preprocessor in fractions), and 0, 0 in the face (toyxyz)."""
    hand = [[0.5, 0.5, 1.0]] * 20 + [[-1 / 512, -1 / 768, 1.0]]
    face = [[50.0, 60.0, 1.0]] * 69 + [[0.0, 0.0, 1.0]]
    body = [[-1.0, -1.0, 0.8], *triples(17)]
    pose = read_one(
        one_person(pose_keypoints_2d=body, hand_left_keypoints_2d=hand, face_keypoints_2d=face)
    )
    names = ("nose", "left_pinky_finger4", "face-69")
    assert rows(pose, names) == [[0.0, 0.0, 0.0]] * 3
    assert np.count_nonzero(pose.scores) == 17 + 20 + 69


def test_a_part_of_placeholders_alone_is_not_in_fractions() -> None:
    """Otherwise it would lie a whole canvas outside, and be seen."""
    hand = [[0.5, 0.5, 1.0]] * 20 + [[-1.0, -1.0, 1.0]]
    body = [[-1.0, -1.0, 1.0]] * 18
    pose = read_one(one_person(pose_keypoints_2d=body, hand_left_keypoints_2d=hand))
    assert not pose.scores[OPENPOSE_136.part_indices("body")].any()
    assert rows(pose, ("left_hand_root",)) == [[256.0, 384.0, 1.0]]
    assert rows(pose, ("left_pinky_finger4",)) == [[0.0, 0.0, 0.0]]


def test_hands_swapped_by_core() -> None:
    left, right = triples(21), triples(21, first=200)
    document = one_person(hand_left_keypoints_2d=left, hand_right_keypoints_2d=right)
    pose = read_one(document, ReadOptions(hands_swapped=True))
    assert rows(pose, OPENPOSE_136.part_names("right_hand")) == left
    assert rows(pose, OPENPOSE_136.part_names("left_hand")) == right


def test_feet_of_core() -> None:
    pose = read_one(one_person(pose_keypoints_2d=triples(18), foot_keypoints_2d=triples(6, 300)))
    assert rows(pose, FEET_NAMES) == triples(6, 300)


@pytest.mark.parametrize("key", ["keypoints_2d", "keypoints_308_2d"])
@pytest.mark.parametrize("flatten", [True, False])
def test_the_308_points_of_kijai(key: str, flatten: bool) -> None:
    points = triples(308)
    pose = read_one(one_person(**{key: flat(points) if flatten else points}))
    assert pose.keypoint_set is GOLIATH_308
    assert rows(pose, GOLIATH_308.names) == points


def test_a_file_of_openpose_itself() -> None:
    document = {
        "version": 1.3,
        "people": [
            {
                "person_id": [-1],
                "pose_keypoints_2d": flat(standing_25()),
                "face_keypoints_2d": [],
                "hand_left_keypoints_2d": flat(triples(21, first=300)),
                "hand_right_keypoints_2d": [],
                "pose_keypoints_3d": [],
            }
        ],
    }
    pose = read_one(document)
    assert pose.person_id is None
    assert pose.canvas_wh == (340, 584)
    names = ("nose", "right_hip", "left_big_toe")
    assert rows(pose, names) == [standing_25()[i] for i in (0, 9, 19)]
    assert read_one(document, ReadOptions(canvas_wh=(640, 480))).canvas_wh == (640, 480)


@pytest.mark.parametrize(("written", "read"), [([7], 7), ([-1], None), (7, 7), ([], None)])
def test_numbers_of_people(written: Any, read: int | None) -> None:
    assert read_one(one_person(pose_keypoints_2d=triples(18), person_id=written)).person_id == read


def test_null_and_nan_points_were_not_found() -> None:
    body: list[Any] = [None, [float("nan"), 3.0, 1.0], *triples(16)]
    pose = read_one(one_person(pose_keypoints_2d=body))
    assert rows(pose, ("nose", "neck")) == [[0.0, 0.0, 0.0]] * 2


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (3, "POSE_KEYPOINT is 3, expected a list of frames"),
        ([[]], "none of the known formats"),
        ([{"people": []}, 3], "Frame 1 is 3, expected one of the frames"),
        ({"people": [], "canvas_width": 1, "canvas_height": 1, "animals": [[1]]}, "animals"),
        ({"people": "x"}, "Frame 0: 'people' is a str"),
        ([{"people": []}, {"people": [3]}], "Frame 1, person 0 is a int, expected a dict"),
        ({"people": [], "canvas_width": 0, "canvas_height": 3}, "at least 1 x 1"),
        ({"people": [], "canvas_width": "a", "canvas_height": 3}, "expected two numbers"),
        ({"people": [], "canvas_width": 5}, "expected two numbers"),
        (one_person(pose_keypoints_2d=[1, 2]), "person 0, pose_keypoints_2d: numbers of shape"),
        (one_person(pose_keypoints_2d=[[1, 2]] * 9), "person 0, pose_keypoints_2d: numbers of"),
        (one_person(pose_keypoints_2d="abc"), "person 0, pose_keypoints_2d: expected a list"),
        (one_person(pose_keypoints_2d=triples(22)), "pose_keypoints_2d: 22 points, expected one"),
        (one_person(face_keypoints_2d=triples(72)), "person 0, face_keypoints_2d: 72 points"),
        (one_person(hand_left_keypoints_2d=triples(20)), "hand_left_keypoints_2d: 20 points"),
        (one_person(foot_keypoints_2d=triples(5)), "foot_keypoints_2d: 5 points"),
        (one_person(keypoints_2d=triples(18)), "keypoints_2d: 18 points"),
        ({"people": [{"pose_keypoints_2d": [[0.5, 0.5, 1]] * 18}]}, "fractions of a canvas"),
    ],
)
def test_what_cannot_be_read_is_named(document: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        decode(document)


def test_our_own_native_points_are_preferred() -> None:
    frame = Frame(canvas_wh=(640, 480), poses=(make_pose(GOLIATH_308, person_id=3),))
    written = json.loads(json.dumps(encode((frame,))))
    assert decode(written) == (frame,)
    (other,) = decode(written, ReadOptions(lossless=False))
    assert other.poses[0].keypoint_set is OPENPOSE_136


def test_whole_numbers_written_by_javascript_are_no_edit() -> None:
    frame = raw_frame("o02_single_512x768")
    written = json.dumps(encode((frame,))).replace(".0,", ",").replace(".0]", "]")
    assert decode(written) == (frame,)


def test_an_edit_of_the_people_counts() -> None:
    frame = raw_frame("o05_three_1024x1024")
    written = encode((frame,))
    written[0]["people"][1]["pose_keypoints_2d"][0] += 5
    (read,) = decode(written)
    assert read.poses[1].keypoints_image[0, 0] == frame.poses[1].keypoints_image[0, 0] + 5
    del written[0]["people"][0]
    assert len(decode(written)[0].poses) == 2


@pytest.mark.parametrize("coords", ["pixels", "normalised"])
@pytest.mark.parametrize("body", [18, 20, 25])
@pytest.mark.parametrize("missing", ["zeros", "null"])
@pytest.mark.parametrize("confidence", ["binary", "raw"])
def test_every_option_is_read_back(coords: Any, body: Any, missing: Any, confidence: Any) -> None:
    """Off the canvas as well, where fractions look like pixels."""
    options = EncodeOptions(coords=coords, body=body, missing=missing, confidence=confidence)
    frame = raw_frame("o07_off_canvas_512x768")
    written = json.loads(json.dumps(encode((frame,), options)))
    (plain,) = decode(written, ReadOptions(lossless=False))
    (expected,) = decode(
        encode((frame,), EncodeOptions(missing="null", confidence=confidence)),
        ReadOptions(lossless=False),
    )
    body_rows = OPENPOSE_136.part_indices("body")
    for pose, other in zip(plain.poses, expected.poses, strict=True):
        assert np.array_equal(pose.scores[body_rows], other.scores[body_rows])
        shown = other.scores > 0
        np.testing.assert_allclose(
            pose.keypoints_image[shown], other.keypoints_image[shown], rtol=1e-12, atol=1e-9
        )
