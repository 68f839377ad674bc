"""Time of drawing 240 frames of three people for each model, against the plain style.

The plain style, ``openpose``, draws the same frames at the size that the model's makers draw at, so
that what is compared is the model's rules and the shrinking that follows. Both take turns, frame by
frame, in one process and one thread; processor time, so that a busy machine counts for less.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render, trained
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

GOAL = 1.3
LARGE_BYTES = 31 << 20
THREE_PEOPLE = (
    Path(__file__).resolve().parent.parent
    / "tests/golden/models/inputs/m03_three_832x480.raw133.json"
)


def clip(count: int) -> list[Frame]:
    """Three people with the 133 keypoints of a network, who move up and down."""
    raw = json.loads(THREE_PEOPLE.read_text())
    size_wh = raw["width"], raw["height"]
    frames = []
    for index in range(count):
        poses = []
        for place, person in enumerate(raw["persons"]):
            keypoints = np.add(person["keypoints"], (0, 20 * np.sin(index / 10 + place)))
            box = np.array([0, 0, *size_wh])
            poses.append(Pose(keypoints, person["scores"], COCO_WHOLEBODY_133, size_wh, box))
        frames.append(Frame(size_wh, poses))
    return frames


def seconds(frame: Frame, options: DrawOptions) -> float:
    start = time.thread_time()
    render(frame, options)
    return time.thread_time() - start


def compare(frames: Sequence[Frame], model: str) -> tuple[float, float]:
    """Milliseconds a frame for the model, and of the plain style at the size it is drawn at."""
    drawn_wh = trained.MODELS[model].drawn_at(frames[0].canvas_wh)
    own = DrawOptions(for_model=model)
    plain = DrawOptions(canvas_wh=drawn_wh, layout="stretch")
    seconds(frames[0], own)  # the first drawing also fills tables of weights
    times = [(seconds(frame, own), seconds(frame, plain)) for frame in frames]
    own_ms, plain_ms = (1000 * np.median(times, axis=0)).tolist()
    return own_ms, plain_ms


def main() -> int:
    """Print a table; return 1 if a model misses the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=240)
    frames = clip(parser.parse_args().frames)
    cv2.setNumThreads(1)
    # Once memory as large as this was freed, the next drawings reuse theirs, as in any process that
    # has had a large image; before, asking for it anew costs up to half of the time of either side.
    np.ones(LARGE_BYTES, np.uint8)
    width, height = frames[0].canvas_wh
    print(f"{len(frames)} frames of 3 people, {width} x {height}, medians")
    print(f"OpenCV {cv2.__version__}, numpy {np.__version__}\n")
    print("| model | drawn at | ms a frame | plain style, ms | ratio |\n|---|---|---|---|---|")
    missed = False
    for model, look in trained.MODELS.items():
        own_ms, plain_ms = compare(frames, model)
        width, height = look.drawn_at(frames[0].canvas_wh)
        ratio = own_ms / plain_ms
        print(f"| {model} | {width} x {height} | {own_ms:.1f} | {plain_ms:.1f} | {ratio:.2f} |")
        missed |= ratio > GOAL
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
