"""Time of drawing ten full people on 1024 x 1024, against controlnet-aux, pixel for pixel.

Needs ``pip install --no-deps controlnet-aux`` and ``pip install matplotlib scipy``. Both run
alternately in one process; the drawings must be equal.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import sys
import time
import types
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from comfyui_sapiens_pose.skeletons.draw import render
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import OPENPOSE_136
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

SIDE = 1024  # a power of two, so that the peer's division and multiplication by it are exact
NUM_PEOPLE = 10
GOAL = 0.4
ONE_PERSON = (
    Path(__file__).resolve().parent.parent / "tests/golden/openpose/o03_single_1024x1024.pose.json"
)


def crowd() -> Frame:
    """Ten people with all body, hand and face keypoints, of five sizes, side by side."""
    (frame,) = read_poses(ONE_PERSON)
    (person,) = frame.poses
    poses = []
    for i in range(NUM_PEOPLE):
        scale = 0.4 + 0.1 * (i % 5)
        corner = ((SIDE - scale * SIDE) * i / (NUM_PEOPLE - 1), (SIDE - scale * SIDE) * (i % 3) / 2)
        poses.append(replace(person, keypoints_image=person.keypoints_image * scale + corner))
    return Frame((SIDE, SIDE), poses)


def peer_drawing(frame: Frame) -> Callable[[], np.ndarray]:
    """A function that draws ``frame`` with the peer's functions, in the order of its own loop.

    Its packages import all their detectors; so only the module that draws is loaded.
    """
    spec = importlib.util.find_spec("controlnet_aux")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("controlnet-aux is missing: pip install --no-deps controlnet-aux")
    folder = Path(spec.submodule_search_locations[0])
    for name, path in (
        ("controlnet_aux", folder),
        ("controlnet_aux.open_pose", folder / "open_pose"),
    ):
        package = types.ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package
    util = importlib.import_module("controlnet_aux.open_pose.util")
    keypoint = importlib.import_module("controlnet_aux.open_pose.body").Keypoint

    def keypoints_of(pose: Pose, *parts: str) -> list[Any]:
        rows = pose.keypoints_image[OPENPOSE_136.part_indices(*parts)] / SIDE
        return [keypoint(x, y) for x, y in rows.tolist()]

    people = [
        [keypoints_of(pose, part) for part in ("body", "left_hand", "right_hand", "face")]
        for pose in frame.poses
    ]

    def draw() -> np.ndarray:
        canvas = np.zeros((SIDE, SIDE, 3), np.uint8)
        for body, left_hand, right_hand, face in people:
            canvas = util.draw_bodypose(canvas, body)
            canvas = util.draw_handpose(canvas, left_hand)
            canvas = util.draw_handpose(canvas, right_hand)
            canvas = util.draw_facepose(canvas, face)
        return canvas

    return draw


def seconds(draw: Callable[[], np.ndarray]) -> float:
    start = time.perf_counter()
    draw()
    return time.perf_counter() - start


def main() -> int:
    """Print the medians; return 1 if the drawings differ or the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=60)
    pairs = parser.parse_args().pairs
    frame = crowd()
    theirs = peer_drawing(frame)

    def ours() -> np.ndarray:
        return render(frame).image_rgb

    if not np.array_equal(ours(), theirs()):
        print("The drawings differ.")
        return 1
    times = np.array([(seconds(ours), seconds(theirs)) for _ in range(pairs)])
    ratio = float(np.median(times[:, 0] / times[:, 1]))
    own_ms, peer_ms = 1000 * np.median(times, axis=0)
    peer_version = importlib.metadata.version("controlnet-aux")
    print(f"{NUM_PEOPLE} people, {SIDE} x {SIDE}, {pairs} interleaved pairs, equal pixels")
    print(f"OpenCV {cv2.__version__}, numpy {np.__version__}, controlnet-aux {peer_version}")
    print(f"ours {own_ms:.1f} ms, controlnet-aux {peer_ms:.1f} ms (medians), ratio {ratio:.2f}")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
