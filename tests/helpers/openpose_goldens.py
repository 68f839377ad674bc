"""What the OpenPose goldens hold, for the tests that read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

FOLDER = Path(__file__).parent.parent / "golden" / "openpose"
NAMES = sorted(path.name.removesuffix(".raw133.json") for path in FOLDER.glob("*.raw133.json"))
"""Cases that have the network's answer."""


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())


def raw_frame(name: str) -> Frame:
    """What the network found; the peers held it in float32."""
    raw = load(f"{name}.raw133.json")
    canvas_wh = (raw["width"], raw["height"])
    poses = tuple(
        Pose(
            keypoints_image=np.asarray(person["keypoints"], np.float32),
            scores=np.asarray(person["scores"], np.float32),
            keypoint_set=COCO_WHOLEBODY_133,
            canvas_wh=canvas_wh,
            box_xyxy=np.array([0, 0, *canvas_wh]),
        )
        for person in raw["persons"]
    )
    return Frame(canvas_wh=canvas_wh, poses=poses)
