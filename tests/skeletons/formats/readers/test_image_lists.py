"""COCO annotations: visibility, and animals."""

from __future__ import annotations

from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from helpers.pose_documents import COCO_IMAGES, pairs, read, result


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
