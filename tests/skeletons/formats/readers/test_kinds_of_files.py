"""Each kind of pose file: examples from the field, and others made after the formats' documents."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.formats.clips.shared_canvases import SharedCanvases
from comfyui_sapiens_pose.skeletons.formats.read_options import DEFAULT_OPTIONS, ReadOptions
from comfyui_sapiens_pose.skeletons.formats.readers.read import read_document
from comfyui_sapiens_pose.skeletons.formats.table import read_named_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    BODY_25,
    BODY_25B,
    BODY_135,
    COCO_17,
    HALPE_26,
    MEDIAPIPE_33,
    MPI_15,
    OPENPOSE_136,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.openpose_points import to_openpose
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from helpers.poses import STANDING

FILES = Path(__file__).parents[3] / "golden" / "pose_files"
WH = (512, 768)
CANVAS = {"canvas_width": 512, "canvas_height": 768}
BODY_18 = OPENPOSE_136.part_names("body")


def triples(names: tuple[str, ...], score: float = 1.0) -> list[list[float]]:
    return [[*STANDING[name], score] for name in names]


def flat(names: tuple[str, ...], score: float = 1.0) -> list[float]:
    return [number for triple in triples(names, score) for number in triple]


def pairs(names: tuple[str, ...]) -> list[list[float]]:
    return [list(STANDING[name]) for name in names]


def fractions(
    names: tuple[str, ...], scale: float = 1.0, shift: tuple[float, float] = (0, 0)
) -> list[float]:
    """The person in fractions of the canvas, larger and shifted."""
    return [
        number
        for x, y, score in triples(names)
        for number in (x / 512 * scale + shift[0], y / 768 * scale + shift[1], score)
    ]


def read(
    document: Any, options: ReadOptions = DEFAULT_OPTIONS
) -> tuple[tuple[str, ...], tuple[Frame, ...]]:
    return read_document(json.loads(json.dumps(document)), options)


def assert_stands(pose: Pose, shift: tuple[float, float] = (0, 0), tolerance: float = 1e-6) -> None:
    """The person of ``STANDING`` in OpenPose's joints, at least the limbs and the head."""
    shown = to_openpose(pose)
    for name in BODY_18:
        row = shown.keypoint_set.index(name)
        if name in ("nose", "left_eye", "right_eye", "left_ear", "right_ear") and (
            pose.keypoint_set is MPI_15
        ):
            continue
        expected = np.add(STANDING[name], shift)
        assert shown.scores[row] > 0, name
        np.testing.assert_allclose(
            shown.keypoints_image[row], expected, atol=tolerance, err_msg=name
        )


@pytest.mark.parametrize(
    ("name", "people", "canvas_wh"),
    [
        ("a1111_preprocessor", [1], (512, 768)),
        ("a1111_editor", [1], (768, 1152)),
        ("ultimate_editor_foot_outside", [1], (512, 768)),
        ("openpose_1_0_names", [1], (512, 768)),
        ("frames_in_one_object", [1, 1], (512, 768)),
        ("collection_of_named_poses", [1, 1], (512, 768)),
        ("editor_preset_keypoints", [1], (512, 768)),
        ("draw_things_width_height", [2], (800, 1024)),
        ("alphapose_results", [1, 1], (512, 768)),
        ("mmpose_video", [1, 0, 2], (512, 768)),
        ("coco_annotations", [1], (512, 768)),
        ("clip_with_an_empty_frame", [3, 0, 2, 1, 3], (832, 1216)),
    ],
)
def test_files_from_the_field(name: str, people: list[int], canvas_wh: tuple[int, int]) -> None:
    frames = [
        frame for _, frame in read_named_poses(FILES / f"{name}.json", ReadOptions((512, 768)))
    ]
    assert [len(frame.poses) for frame in frames] == people
    assert {frame.canvas_wh for frame in frames} == {canvas_wh}
    assert all(pose.is_found for frame in frames for pose in frame.poses)


def test_a_foot_below_the_canvas_is_no_pixel() -> None:
    ((_, frame),) = read_named_poses(FILES / "ultimate_editor_foot_outside.json")
    (pose,) = frame.poses
    row = pose.keypoint_set.index("right_ankle")
    np.testing.assert_allclose(pose.keypoints_image[row], (0.4297 * 512, 1.0677 * 768))


def test_body_25b_has_its_eyes_in_the_head() -> None:
    ((_, frame),) = read_named_poses(FILES / "body_25b.json")
    first = to_openpose(frame.poses[0])
    at = first.keypoints_image[first.keypoint_set.indices(("nose", "left_eye", "right_eye"))]
    assert np.abs(at - at[0]).max() < 30
    assert frame.poses[0].keypoint_set is BODY_25B


def test_names_of_a_collection_are_kept() -> None:
    named = read_named_poses(FILES / "collection_of_named_poses.json")
    assert [name for name, _ in named] == ["stand", "walk"]


# 1: animals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("animals", [[], None, [[1.0, 2.0, 1.0] * 17], [[[5, 5, 1]] * 17] * 2, 3])
def test_people_beside_animals_are_read(animals: Any, caplog: pytest.LogCaptureFixture) -> None:
    document = {"people": [{"pose_keypoints_2d": flat(BODY_18)}], "animals": animals, **CANVAS}
    with caplog.at_level(logging.WARNING):
        _, (frame,) = read(document)
    assert_stands(frame.poses[0])
    assert ("left out" in caplog.text) == (isinstance(animals, list) and len(animals) > 0)


def test_a_clip_with_animals_in_one_frame_keeps_its_length() -> None:
    person = {"people": [{"pose_keypoints_2d": flat(BODY_18)}], "animals": [], **CANVAS}
    animal = {"people": [], "animals": [[9.0, 9.0, 1.0] * 17], **CANVAS}
    _, frames = read([person, animal, person])
    assert [len(frame.poses) for frame in frames] == [1, 0, 1]


def test_animals_alone_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="holds animals"):
        read({"people": [], "animals": [[9.0, 9.0, 1.0] * 17], **CANVAS})


# 2: fractions or pixels ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "shift", [(0, 0), (0, 0.3), (0.7, 0), (-0.6, -0.4), (3.0, 0), (-4.0, 2.0), (0, 6.0)]
)
def test_fractions_outside_of_the_canvas_stay_fractions(shift: tuple[float, float]) -> None:
    body = fractions(BODY_18, shift=shift)
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    assert_stands(frame.poses[0], (shift[0] * 512, shift[1] * 768))


def test_one_lost_point_does_not_tip_fractions() -> None:
    body = fractions(BODY_18)
    body[30:32] = [55.0, 80.0]
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    row = OPENPOSE_136.index("nose")
    np.testing.assert_allclose(frame.poses[0].keypoints_image[row], STANDING["nose"])


def test_a_hand_across_the_edge_stays_in_fractions() -> None:
    hand = [
        0.9 + 0.02 * i if k == 0 else 0.5 if k == 1 else 1.0 for i in range(21) for k in (0, 1, 2)
    ]
    person = {"pose_keypoints_2d": fractions(BODY_18), "hand_left_keypoints_2d": hand}
    _, (frame,) = read({"people": [person], **CANVAS})
    row = OPENPOSE_136.index("left_pinky_finger4")
    np.testing.assert_allclose(frame.poses[0].keypoints_image[row], (1.3 * 512, 384.0))


def test_a_small_part_in_the_corner_of_a_file_in_pixels_stays_in_pixels() -> None:
    hand = [[2.0 + i / 10, 3.0, 1.0] for i in range(21)]
    person = {"pose_keypoints_2d": flat(BODY_18), "hand_left_keypoints_2d": hand}
    _, (frame,) = read({"people": [person], **CANVAS})
    row = OPENPOSE_136.index("left_hand_root")
    assert frame.poses[0].keypoints_image[row].tolist() == [2.0, 3.0]


def openpose_file(people: list[list[float]]) -> dict[str, Any]:
    return {"version": 1.3, "people": [{"pose_keypoints_2d": body} for body in people]}


@pytest.mark.parametrize("missing", [(), (0,), (3, 7, 11)], ids=str)
@pytest.mark.parametrize("scale", [3, 4])
def test_keypoint_scales_of_openpose(scale: int, missing: tuple[int, ...]) -> None:
    """What was not found is 0, 0, 0 before scaling, so -1, -1, 0 with scale 4."""
    body = np.array(fractions(BODY_25.names)).reshape(-1, 3)
    body[list(missing)] = 0.0
    if scale == 4:
        body[:, :2] = 2 * body[:, :2] - 1
    _, (frame,) = read(openpose_file([body.ravel().tolist()]), ReadOptions(WH))
    pose = frame.poses[0]
    for index, name in enumerate(BODY_25.names):
        if name != "mid_hip":
            row = OPENPOSE_136.index(name)
            expected = (0, 0) if index in missing else STANDING[name]
            np.testing.assert_allclose(pose.keypoints_image[row], expected, atol=1e-9)


def test_units_that_the_numbers_do_not_tell_are_an_option() -> None:
    """Everybody below and right of the middle, and everything found."""
    body = np.array(fractions(BODY_18, 0.4, (0.2, 0.5))).reshape(-1, 3)
    document = openpose_file([body.ravel().tolist()])
    nose = OPENPOSE_136.index("nose")
    x, y = body[0, :2]
    for units, expected in (
        (None, (x * 512, y * 768)),
        ("fractions", (x * 512, y * 768)),
        ("plus-minus-one", ((x + 1) * 256, (y + 1) * 384)),
        ("pixels", (x, y)),
    ):
        _, (frame,) = read(document, ReadOptions(WH, units=units))  # type: ignore[arg-type]
        np.testing.assert_allclose(frame.poses[0].keypoints_image[nose], expected)


def test_fractions_without_a_canvas_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="fractions of a canvas whose size is not given"):
        read(openpose_file([fractions(BODY_18)]))


# 4: aliases, and nobody found ---------------------------------------------------------------

PERSON = {"pose_keypoints_2d": flat(BODY_18)}


@pytest.mark.parametrize(
    "document",
    [
        {"people": [{"pose_keypoints": flat(BODY_18)}], **CANVAS},
        {"persons": [PERSON], **CANVAS},
        {"bodies": [{"joints": flat(BODY_18)}], **CANVAS},
        {"frames": [{"people": [PERSON]}], **CANVAS},
        {"frames": {"0": {"people": [PERSON], **CANVAS}}},
        {"people": [PERSON], "width": 512, "height": 768},
        {"people": [PERSON], "image": {"width": 512, "height": 768}},
        {"results": [{"persons": [PERSON], **CANVAS}]},
        {**PERSON, **CANVAS},
        json.dumps({"people": [PERSON], **CANVAS}),
    ],
    ids=str,
)
def test_aliases_of_the_field(document: Any) -> None:
    _, (frame,) = read(document)
    assert frame.canvas_wh == WH
    assert_stands(frame.poses[0])


@pytest.mark.parametrize(
    ("document", "keys", "nearest"),
    [
        ({"people": [{"skeleton": flat(BODY_18)}]}, "'people', 'skeleton'", "POSE_KEYPOINT"),
        ({"humans": [{"kp": flat(BODY_18)}], **CANVAS}, "'humans'", "POSE_KEYPOINT"),
        (
            {"people": [{"pose_keypoints_3d": flat(BODY_18)}]},
            "'pose_keypoints_3d'",
            "POSE_KEYPOINT",
        ),
        ({"images": [], "bbox": [1] * 9}, "'images', 'bbox'", "COCO annotations"),
        ({"poseWorldLandmarks": [[1, 2, 3]] * 33}, "'poseWorldLandmarks'", "MediaPipe"),
        ([{"name": "person", "box": {"x1": 1}, "class": 0}], "'name', 'box'", "ultralytics"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_nobody_found_is_said(document: Any, keys: str, nearest: str) -> None:
    with pytest.raises(ValueError, match=r"docs/formats\.md") as caught:
        read(document)
    assert keys in str(caught.value)
    assert f"nearest format is {nearest}" in str(caught.value)
    assert len(str(caught.value)) < 900


@pytest.mark.parametrize("document", [{"people": []}, [{"people": [], **CANVAS}], []])
def test_a_file_with_nobody_is_no_error(document: Any) -> None:
    assert not any(frame.poses for frame in read(document)[1])


# 5: other formats ---------------------------------------------------------------------------


def instance(names: tuple[str, ...] = COCO_17.names) -> dict[str, Any]:
    return {
        "keypoints": pairs(names),
        "keypoint_scores": [0.9] * len(names),
        "bbox": [[180, 80, 340, 590]],
        "bbox_score": 0.8,
    }


def ultralytics_person(scale: tuple[float, float] = (1, 1)) -> dict[str, Any]:
    columns = np.array(pairs(COCO_17.names)) / scale
    return {
        "name": "person",
        "class": 0,
        "confidence": 0.9,
        "box": {
            "x1": 180 / scale[0],
            "y1": 80 / scale[1],
            "x2": 340 / scale[0],
            "y2": 590 / scale[1],
        },
        "keypoints": {
            "x": columns[:, 0].tolist(),
            "y": columns[:, 1].tolist(),
            "visible": [0.9] * 17,
        },
    }


def landmarks(names: tuple[str, ...] = MEDIAPIPE_33.names) -> list[dict[str, float]]:
    points = [STANDING[name] for name in names]
    return [{"x": x / 512, "y": y / 768, "z": -0.1, "visibility": 0.99} for x, y in points]


def result(image_id: Any, names: tuple[str, ...] = COCO_17.names, **others: Any) -> dict[str, Any]:
    keypoints = flat(names, 0.8)
    return {"image_id": image_id, "category_id": 1, "keypoints": keypoints, "score": 2.5, **others}


COCO_IMAGES = [
    {"id": 3, "file_name": "x/b.jpg", "width": 512, "height": 768},
    {"id": 1, "file_name": "a.jpg", "width": 512, "height": 768},
]
PRESET = {"width": 512, "height": 768, "keypoints": [pairs(BODY_18)]}
FRAME = {"people": [PERSON], **CANVAS}


@pytest.mark.parametrize(
    ("document", "people", "keypoint_set"),
    [
        # Collections of named poses.
        ({"a": FRAME, "b": {**FRAME, "people": [PERSON] * 2}}, [1, 2], OPENPOSE_136),
        ({"version": 2, "author": "x", "tags": ["y"], "a": FRAME}, [1], OPENPOSE_136),
        ({"sit": {"a": FRAME, "b": FRAME}, "lie": {"c": FRAME}}, [1, 1, 1], OPENPOSE_136),
        ({"poses": {"a": FRAME, "b": FRAME}}, [1, 1], OPENPOSE_136),
        ({"poses": [{"name": "a", **FRAME}, {"name": "b", **FRAME}]}, [1, 1], OPENPOSE_136),
        ({"a": [FRAME], "b": [FRAME, FRAME]}, [1, 1, 1], OPENPOSE_136),
        # Presets of editors.
        ({**PRESET, "format": "coco18", "face_keypoints_2d": [[[0, 0]] * 70]}, [1], OPENPOSE_136),
        ({**PRESET, "keypoints": [pairs(BODY_18)] * 3}, [3], OPENPOSE_136),
        ({"stand": PRESET, "walk": PRESET}, [1, 1], OPENPOSE_136),
        ([PRESET, PRESET], [1, 1], OPENPOSE_136),
        ({**PRESET, "keypoints": [triples(BODY_18)]}, [1], OPENPOSE_136),
        ({**PRESET, "keypoints": [pairs(COCO_17.names)], "format": "coco17"}, [1], COCO_17),
        # COCO annotations and results.
        (
            {"images": COCO_IMAGES, "annotations": [result(1), result(1)], "categories": []},
            [0, 2],
            COCO_17,
        ),
        (
            {
                "images": COCO_IMAGES,
                "annotations": [result(3, MPI_15.names)],
                "categories": [{"id": 1, "name": "player", "keypoints": list(MPI_15.names)}],
            },
            [1, 0],
            MPI_15,
        ),
        ([result(9), result(2), result(9)], [1, 2], COCO_17),
        # AlphaPose, PoseFlow.
        ([result("b.jpg"), result("a.jpg"), result("b.jpg")], [2, 1], COCO_17),
        ([result("0.jpg", HALPE_26.names, box=[1, 2, 3, 4], idx=1)], [1], HALPE_26),
        ([result(12, HALPE_26.names)], [1], HALPE_26),
        ({"0.jpg": {"version": "AlphaPose v0.3", "people": [PERSON]}}, [1], OPENPOSE_136),
        (
            {"0.jpg": {"version": "x", "bodies": [{"joints": flat(BODY_18)}] * 2}},
            [2],
            OPENPOSE_136,
        ),
        ({"v/1.jpg": [result(0)], "v/2.jpg": [result(0), result(0)]}, [1, 2], COCO_17),
        # mmpose.
        ([instance(), instance()], [2], COCO_17),
        ({"meta_info": {}, "instance_info": [instance()]}, [1], COCO_17),
        (
            [{"frame_id": 0, "instances": [instance()]}, {"frame_id": 1, "instances": []}],
            [1, 0],
            COCO_17,
        ),
        (
            {
                "instance_info": [
                    {"frame_id": 1, "instances": []},
                    {"frame_id": 2, "instances": [instance()]},
                ]
            },
            [0, 1],
            COCO_17,
        ),
        ([{"frame_id": 0, "instances": [instance(HALPE_26.names)]}], [1], HALPE_26),
        # ultralytics.
        ([ultralytics_person()], [1], COCO_17),
        (json.dumps([ultralytics_person()]), [1], COCO_17),
        ([[ultralytics_person()], [], [ultralytics_person()] * 2], [1, 0, 2], COCO_17),
        ([json.dumps([ultralytics_person()]), "[]"], [1, 0], COCO_17),
        ([ultralytics_person(WH)], [1], COCO_17),
        ([{**ultralytics_person(), "track_id": 4}], [1], COCO_17),
        # MediaPipe.
        (landmarks(), [1], MEDIAPIPE_33),
        ({"poseLandmarks": landmarks()}, [1], MEDIAPIPE_33),
        ({"pose_landmarks": [landmarks(), landmarks()]}, [2], MEDIAPIPE_33),
        ({"landmarks": [landmarks()], "worldLandmarks": [landmarks()]}, [1], MEDIAPIPE_33),
        ([landmarks(), None, landmarks()], [1, 0, 1], MEDIAPIPE_33),
        ({"frames": [{"frame": 0, "landmarks": landmarks()}, {"frame": 1}]}, [1, 0], MEDIAPIPE_33),
        ({"pose_landmarks": {"landmark": landmarks()}}, [1], MEDIAPIPE_33),
        # Objects of keypoints with names: TensorFlow.js, ml5, Roboflow.
        (
            [
                {
                    "score": 0.9,
                    "keypoints": [
                        {"x": x, "y": y, "score": 1, "name": n}
                        for n in COCO_17.names
                        for x, y in [STANDING[n]]
                    ],
                }
            ],
            [1],
            COCO_17,
        ),
        (
            {
                "keypoints": [
                    {
                        "part": "".join(w.title() if i else w for i, w in enumerate(n.split("_"))),
                        "score": 1,
                        "position": {"x": STANDING[n][0], "y": STANDING[n][1]},
                    }
                    for n in COCO_17.names
                ]
            },
            [1],
            COCO_17,
        ),
        ([{"image": "a.jpg", "joints": pairs(MPI_15.names)}] * 2, [1, 1], MPI_15),
        (
            [dict(zip(map(str.upper, MEDIAPIPE_33.names), landmarks(), strict=True))] * 2,
            [1, 1],
            MEDIAPIPE_33,
        ),
        ({str(i): point for i, point in enumerate(landmarks())}, [1], MEDIAPIPE_33),
        # candidate and subset.
        (
            {
                "candidate": [[*STANDING[n], 1.0, i] for i, n in enumerate(BODY_18)],
                "subset": [[*range(18), 30.0, 18]],
            },
            [1],
            OPENPOSE_136,
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_formats_of_other_programs(
    document: Any, people: list[int], keypoint_set: KeypointSet
) -> None:
    _, frames = read(document, ReadOptions(WH))
    assert [len(frame.poses) for frame in frames] == people
    for frame in frames:
        assert frame.canvas_wh == WH
        for pose in frame.poses:
            assert pose.keypoint_set is keypoint_set
            assert_stands(pose)


@pytest.mark.parametrize(
    "keypoint_set", [MPI_15, BODY_25, BODY_25B, HALPE_26, MEDIAPIPE_33], ids=lambda s: s.name
)
@pytest.mark.parametrize(
    "hidden", [(), ("left_wrist", "nose"), ("left_hip", "right_hip", "mid_hip")]
)
def test_bodies_are_told_by_where_their_joints_are(
    keypoint_set: KeypointSet, hidden: tuple[str, ...]
) -> None:
    body = [[0, 0, 0] if name in hidden else [*STANDING[name], 0.7] for name in keypoint_set.names]
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    pose = to_openpose(frame.poses[0])
    for name in set(keypoint_set.names) & set(BODY_18) - set(hidden):
        row = OPENPOSE_136.index(name)
        assert pose.keypoints_image[row].tolist() == list(STANDING[name])


def test_body_135_has_face_and_hands() -> None:
    body = [
        [*STANDING.get(name, (250.0 + index % 7, 90.0 + index % 5)), 0.7]
        for index, name in enumerate(BODY_135.names)
    ]
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    assert frame.poses[0].keypoint_set is BODY_135
    pose = to_openpose(frame.poses[0])
    assert (pose.scores[OPENPOSE_136.part_indices("face", "left_hand", "right_hand")] > 0).all()


@pytest.mark.parametrize("first", ["left", "right"])
@pytest.mark.parametrize("padding", [0, 5])
def test_two_toes_are_told_by_their_ankles(first: str, padding: int) -> None:
    second = "right" if first == "left" else "left"
    names = (*BODY_18, f"{first}_big_toe", f"{second}_big_toe")
    body = triples(names) + [[0.0, 0.0, 0.0]] * padding
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    for name in names:
        row = OPENPOSE_136.index(name)
        assert frame.poses[0].keypoints_image[row].tolist() == list(STANDING[name])


@pytest.mark.parametrize("row", [[None, None, None], None, [1.0, None, 1.0], [1.0, 2.0, None]])
def test_numbers_that_are_null_are_keypoints_not_found(row: Any) -> None:
    body: list[Any] = triples(BODY_18)
    body[4] = row
    _, (frame,) = read({"people": [{"pose_keypoints_2d": body}], **CANVAS})
    assert frame.poses[0].scores[OPENPOSE_136.index("right_wrist")] == 0
    assert (frame.poses[0].scores > 0).sum() == 17
    flat_body = [n for each in body for n in (each or [None] * 3)]
    _, (again,) = read({"people": [{"pose_keypoints_2d": flat_body}], **CANVAS})
    assert again == frame


@pytest.mark.parametrize("unit", [1.0, 100.0])
def test_world_landmarks_are_refused_in_words(unit: float) -> None:
    world = [
        {"x": (x - 256) / 300 * unit, "y": (y - 320) / 300 * unit, "z": 0.1, "visibility": 1}
        for x, y in pairs(MEDIAPIPE_33.names)
    ]
    with pytest.raises(ValueError, match="world landmarks"):
        read([world], ReadOptions(WH))


def test_a_neck_that_was_not_labelled_lies_between_the_shoulders() -> None:
    keypoints = flat(HALPE_26.names) + [0.0, 0.0, 0.0] * 110
    keypoints[3 * HALPE_26.index("neck") : 3 * HALPE_26.index("neck") + 3] = [0, 0, 0]
    _, (frame,) = read([{"image_id": "a.jpg", "keypoints": keypoints}], ReadOptions(WH))
    assert_stands(frame.poses[0])


def test_visibility_of_annotations_becomes_a_score() -> None:
    keypoints = [
        n for i, (x, y) in enumerate(pairs(COCO_17.names)) for n in (x, y, (2, 1, 0)[i % 3])
    ]
    annotation = {"image_id": 1, "category_id": 1, "keypoints": keypoints, "bbox": [1, 2, 30, 40]}
    _, frames = read({"images": COCO_IMAGES, "annotations": [annotation]})
    (pose,) = frames[1].poses
    assert pose.scores[:3].tolist() == [1.0, 0.5, 0.0]
    assert pose.box_xyxy.tolist() == [1.0, 2.0, 31.0, 42.0]


def test_animals_of_annotations_are_left_out() -> None:
    categories = [
        {"id": 1, "name": "person", "keypoints": list(COCO_17.names)},
        {"id": 2, "name": "cat", "keypoints": [*COCO_17.names[:16], "Root of tail"]},
    ]
    annotations = [result(1), {**result(1), "category_id": 2}]
    document = {"images": COCO_IMAGES, "annotations": annotations, "categories": categories}
    assert [len(frame.poses) for frame in read(document)[1]] == [0, 1]


# 6: one canvas ------------------------------------------------------------------------------


def test_frames_without_a_size_share_that_of_the_file() -> None:
    _, frames = read([{"people": [PERSON]}, {"people": []}, FRAME])
    assert {frame.canvas_wh for frame in frames} == {WH}
    _, frames = read([{"people": [PERSON]}, {"people": []}])
    assert {frame.canvas_wh for frame in frames} == {(330, 560)}


def test_files_of_a_clip_share_a_canvas(tmp_path: Path) -> None:
    small = [number / 2 for number in flat(BODY_18)]
    documents = {
        "walk_000_keypoints.json": openpose_file([flat(BODY_18)]),
        "walk_001_keypoints.json": openpose_file([]),
        "walk_002_keypoints.json": openpose_file([small]),
        "other.json": openpose_file([small]),
    }
    paths = [tmp_path / name for name in documents]
    for path, document in zip(paths, documents.values(), strict=True):
        path.write_text(json.dumps(document))
    shared = SharedCanvases(paths)
    assert [shared.find(path) for path in paths] == [(330, 560)] * 3 + [None]
    sizes = [read_named_poses(path, shared=shared)[0][1].canvas_wh for path in paths]
    assert sizes == [(330, 560)] * 3 + [(165, 280)]
