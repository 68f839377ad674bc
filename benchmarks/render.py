"""Processor time of drawing, pixel for pixel: ``openpose`` against controlnet-aux, ``sapiens``
against a plain loop of cv2 calls and against whole images blended, as the reference does it.

Needs ``pip install --no-deps controlnet-aux`` and ``pip install matplotlib scipy``. Both run
alternately in one process, on one thread; the drawings must be equal.
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
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render_image
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from plain_sapiens import draw_as_the_reference, draw_in_parts

SIDE = 1024  # a power of two, so that the peer's division and multiplication by it are exact
NUM_PEOPLE = 10
GOAL, PLAIN_GOAL = 0.33, 2.0
Draw = Callable[[], np.ndarray]
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


def peer_drawing(frame: Frame) -> Draw:
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


def full_hd_people() -> tuple[Frame, np.ndarray]:
    """Two people with all 308 keypoints, and an image of 1920 x 1080 to draw them on."""
    random = np.random.default_rng(0)
    image_rgb = random.integers(0, 256, (1080, 1920, 3), np.uint8)
    scores = np.ones(len(GOLIATH_308))
    poses = [
        Pose(
            keypoints_image=random.normal(middle, (120, 200), (len(GOLIATH_308), 2)),
            scores=scores,
            keypoint_set=GOLIATH_308,
            canvas_wh=(1920, 1080),
            box_xyxy=(0, 0, 1920, 1080),
        )
        for middle in ((600, 540), (1300, 540))
    ]
    return Frame((1920, 1080), poses), image_rgb


def compare(what: str, ours: Draw, theirs: Draw, rounds: int) -> float:
    """Prints medians and the quartiles of the ratio of processor times; returns its median."""
    if not np.array_equal(ours(), theirs()):
        raise SystemExit(f"{what}: the drawings differ.")
    times = np.array([(seconds(ours), seconds(theirs)) for _ in range(rounds)])
    low, ratio, high = np.percentile(times[:, 0] / times[:, 1], (25, 50, 75))
    own_ms, peer_ms = 1000 * np.median(times, axis=0)
    print(
        f"{what}: ours {own_ms:.1f} ms, theirs {peer_ms:.1f} ms, "
        f"ratio {ratio:.3f} ({low:.3f} to {high:.3f}), {rounds} pairs, equal pixels"
    )
    return float(ratio)


def seconds(draw: Draw) -> float:
    start = time.process_time()
    draw()
    return time.process_time() - start


def main() -> int:
    """Print the medians; return 1 if the drawings differ or a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=60)
    pairs = parser.parse_args().pairs
    cv2.setNumThreads(1)
    peer_version = importlib.metadata.version("controlnet-aux")
    print(f"OpenCV {cv2.__version__}, numpy {np.__version__}, controlnet-aux {peer_version}")
    frame = crowd()
    crowd_ratio = compare(
        f"openpose, {NUM_PEOPLE} people, {SIDE} x {SIDE}, against controlnet-aux",
        lambda: render_image(frame),
        peer_drawing(frame),
        pairs,
    )
    two, image_rgb = full_hd_people()
    options = DrawOptions("sapiens", background="image")
    plain_ratio = compare(
        "sapiens, 2 x 308 keypoints, 1920 x 1080, against cv2 calls on parts",
        lambda: render_image(two, options, image_rgb),
        lambda: draw_in_parts(two, image_rgb),
        pairs,
    )
    compare(
        "the same, against blending whole images as the reference does",
        lambda: render_image(two, options, image_rgb),
        lambda: draw_as_the_reference(two, image_rgb),
        3,
    )
    return 0 if crowd_ratio <= GOAL and plain_ratio <= PLAIN_GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
