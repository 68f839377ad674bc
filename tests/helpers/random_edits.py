"""Random edits of random people, and what becomes of them: vectors for Python and JavaScript.

``python tests/helpers/random_edits.py`` writes them anew.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from comfyui_sapiens_pose.skeletons.edits.edited_pose import change_pose
from comfyui_sapiens_pose.skeletons.edits.edits import change_at
from comfyui_sapiens_pose.skeletons.edits.edits_text import parse_edits
from comfyui_sapiens_pose.skeletons.keypoint_sets import KEYPOINT_SETS, KeypointSet
from comfyui_sapiens_pose.skeletons.keypoint_sets.tree import PART_NAMES
from comfyui_sapiens_pose.skeletons.pose import Pose

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "edits" / "random.json.gz"
COUNT = 1000

Case = dict[str, Any]


def person_of(case: Case) -> Pose:
    """The person that a case edits: made of its seed, so that the file need not hold them.

    Every ninth joint is not found: at 0, 0 if its number is even, otherwise at its place.
    """
    keypoint_set = KEYPOINT_SETS[case["edits"]["keypoint_set"]]
    numbers = np.arange(len(keypoint_set)) + case["seed"]
    keypoints = np.stack([numbers * 37 % 997 * 1.25, numbers * 61 % 743 * 0.5], axis=1)
    scores = numbers * 13 % 89 / 128 + 0.25
    missing = numbers % 9 == 0
    keypoints[missing & (np.arange(len(keypoint_set)) % 2 == 0)] = 0.0
    scores[missing] = 0.0
    canvas_wh = tuple(case["canvas"])
    return Pose(keypoints, scores, keypoint_set, canvas_wh, np.array([0, 0, *canvas_wh]))


def edited(pose: Pose, case: Case) -> Pose:
    """The person after the edits of the case, in its frame."""
    edits = parse_edits(json.dumps(case["edits"]))
    change = change_at(edits.people[0].keys, case["frame"], pose.scores, pose.keypoint_set)
    (width, height), (edits_width, edits_height) = pose.canvas_wh, edits.canvas_wh
    scale_wh = width / edits_width, height / edits_height
    return pose if change is None else change_pose(pose, change, scale_wh)


def changed_rows(case: Case, digits: int) -> list[float]:
    """Joint, x, y, score of each joint that the edits change, one after the other."""
    before = person_of(case)
    after = edited(before, case)
    rows = (before.keypoints_image != after.keypoints_image).any(axis=1)
    rows |= before.scores != after.scores
    table = np.column_stack([np.arange(len(rows)), after.keypoints_image, after.scores])[rows]
    return [round(value, digits) for value in table.ravel().tolist()]


def make_cases(count: int = COUNT) -> list[Case]:
    """Mostly small sets and few joints, so that the file stays small."""
    random, of_parts = np.random.default_rng(22), np.random.default_rng(23)
    names = list(KEYPOINT_SETS)
    cases = []
    for seed in range(count):
        keypoint_set = KEYPOINT_SETS[names[seed % len(names)]]
        keys = {str(frame): _key(random, keypoint_set) for frame in _frames(random)}
        if seed % 4 == 3:  # keys of some parts
            for key in keys.values():
                key["of"] = [name for name in PART_NAMES if of_parts.random() < 0.6] or ["body"]
        person = {"who": {"order": 0}, "keys": keys}
        edits = {"format": "sapiens_edits", "version": 1, "keypoint_set": keypoint_set.name}
        edits |= {"canvas": [1280, 720], "people": [person]}
        canvas = [[1280, 720], [640, 360], [999, 777]][seed % 3]
        cases.append({"seed": seed, "canvas": canvas, "frame": int(random.integers(0, 40))})
        cases[-1]["edits"] = edits
    return cases


def _frames(random: np.random.Generator) -> list[int]:
    return sorted(random.choice(40, size=random.integers(0, 5), replace=False).tolist())


def _key(random: np.random.Generator, keypoint_set: KeypointSet) -> dict[str, Any]:
    key: dict[str, Any] = {}
    joints = random.choice(len(keypoint_set), size=random.integers(0, 4), replace=False).tolist()
    if joints:
        moves = random.normal(0, 40, (len(joints), 2)).round(1).tolist()
        key["joints"] = [
            n for joint, move in zip(joints, moves, strict=True) for n in (joint, *move)
        ]
    if random.random() < 0.3:
        key["scores"] = [int(random.integers(len(keypoint_set))), float(random.integers(0, 2))]
    chosen = random.choice(PART_NAMES, p=[0.04, 0.04, 0.23, 0.23, 0.23, 0.23])
    if random.random() < 0.4:
        move, turn = random.normal(0, 30, 2).round(1).tolist(), round(random.normal(0, 60), 1)
        key["parts"] = {str(chosen): [*move, turn, round(random.uniform(0.5, 2), 3)]}
    return key


def read_cases() -> list[Case]:
    """The cases of the file, each with ``rows`` as ``changed_rows`` has them."""
    cases: list[Case] = json.loads(gzip.decompress(GOLDEN.read_bytes()))
    return cases


if __name__ == "__main__":
    made = [{**case, "rows": changed_rows(case, 10)} for case in make_cases()]
    text = json.dumps(made, separators=(",", ":"))
    GOLDEN.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
