"""The names of the file formats, for command lines that must not wait for numpy."""

from __future__ import annotations

SUMMARIES = {
    "comfy": "POSE_KEYPOINT of ComfyUI nodes: a list with one entry for each picture",
    "openpose": "files of OpenPose's own program (1.3), one NAME_keypoints.json a picture",
    "coco": "COCO keypoint results, 17 points a person",
    "coco-wholebody": "COCO-WholeBody results, 133 points a person",
    "sapiens": "instance_info JSON of the Sapiens demo, one picture a file, with every point",
}
"""Name to one line for people."""
