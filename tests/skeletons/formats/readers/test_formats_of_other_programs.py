"""Documents of other programs, made after the descriptions of their formats."""

from __future__ import annotations

import json
from typing import Any

import pytest
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    HALPE_26,
    MEDIAPIPE_33,
    MPI_15,
    OPENPOSE_136,
    KeypointSet,
)
from helpers.pose_documents import (
    BODY_18,
    COCO_IMAGES,
    FRAME,
    PERSON,
    WH,
    assert_stands,
    flat,
    instance,
    landmarks,
    pairs,
    read,
    result,
    triples,
    ultralytics_person,
)
from helpers.poses import STANDING

PRESET = {"width": 512, "height": 768, "keypoints": [pairs(BODY_18)]}


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
