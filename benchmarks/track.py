"""Identities in synthetic clips, against a tracker that uses the overlap of boxes only.

Prints the figures of ``benchmarks/README.md``; returns 1 if a goal is missed. The clips are those
of the tests, see ``tests/helpers/scenes.py``, with other seeds. BoT-SORT and ByteTrack stand beside
the plain tracker where ``pip install trackers`` was run.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from pathlib import Path

import numpy as np
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions, smooth
from comfyui_sapiens_pose.sapiens_core.clip.tracker import track
from comfyui_sapiens_pose.skeletons.choices import METHOD_SUMMARIES
from comfyui_sapiens_pose.skeletons.pose import visible_box
from tracker_peers import peers

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from helpers import scenes
from helpers.scene_measures import (
    count_switches,
    identity_f1,
    keypoints_of,
    measure_jitter,
    measure_lag,
    track_by_boxes,
)

SPEEDS = ((4, -4), (8, -8), (3, -10), (9, 3), (12, 4), (16, -16), (6, 0))
"""Speeds of two crossing people, in pixels per frame; the people are 180 to 300 pixels tall."""
FEW_JOINTS = (
    ("nose",),
    ("left_eye", "right_eye"),
    ("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    ("left_shoulder", "left_elbow", "left_wrist"),
    ("left_ankle", "right_ankle"),
)
"""The only joints of a person that are visible for some frames."""
MIN_F1 = 0.95
MIN_STEADIER = 5.0
MAX_LAG = 1.0


def crossings(seeds: range) -> bool:
    """Whether no id changes at any crossing."""
    with_switch = np.zeros(2, int)
    cases = list(itertools.product(SPEEDS, range(6), ("first", "second", "both"), seeds))
    for speeds, missed, who, seed in cases:
        scene = scenes.crossing(speeds, missed, who, seed)
        for column, tracker in enumerate((track, track_by_boxes)):
            with_switch[column] += count_switches(scene, tracker(scene.frames)) > 0
    print(f"easy set, {len(cases)} crossings, up to 5 frames missed: with a switch")
    print(f"  ours {with_switch[0]}, plain IoU {with_switch[1]}")
    return not with_switch[0]


def crowds(seeds: range) -> bool:
    """Whether identities in crowds reach the goal."""
    print(f"hard set, {len(seeds)} clips of 200 frames each: identity F1, switches")
    all_ours = []
    others = {name: peer for name, peer in peers().items() if name in ("BoT-SORT", "ByteTrack")}
    for num_people in (2, 4, 6, 8, 10):
        clips = [scenes.crowd(num_people, seed) for seed in seeds]
        start = time.perf_counter()
        ours = [(scene, track(scene.frames)) for scene in clips]
        frame_ms = (time.perf_counter() - start) * 1000 / sum(len(s.frames) for s in clips)
        plain = [(scene, track_by_boxes(scene.frames)) for scene in clips]
        # Without duplicates, which a plain tracker cannot recognise.
        clean = [(s, track_by_boxes([without_ids(frame) for frame in out])) for s, out in ours]
        columns = [
            f"{name} {identity_f1(pairs):.3f} {sum(count_switches(*pair) for pair in pairs):4}"
            for name, pairs in (
                ("ours", ours),
                ("plain IoU", plain),
                ("plain IoU without duplicates", clean),
                *((name, [(s, peer(s.frames)) for s in clips]) for name, peer in others.items()),
            )
        ]
        print(
            f"  {num_people:2} people: " + " | ".join(columns) + f" | {frame_ms:.1f} ms per frame"
        )
        all_ours += ours
    total = identity_f1(all_ours)
    print(f"  all: ours {total:.3f}, ghosts {sum(ghosts(*pair) for pair in all_ours)}")
    return total >= MIN_F1


def partly_seen(seeds: range) -> bool:
    """Whether partly visible people keep their ids at least as well as by boxes only."""
    print("people of whom parts are seen: clips with a switch of crossings, identity F1 of crowds")
    kinds = {
        "crossings": [scenes.covered_crossing(speeds, seed) for speeds in SPEEDS for seed in seeds],
        "crowds": [scenes.partly_seen_crowd(count, seed) for count in (6, 8, 10) for seed in seeds],
    }
    good = True
    for boxes, box_of in (("whole bodies", given_box), ("what is seen", visible_box)):
        for kind, clips in kinds.items():
            boxed = [scenes.with_boxes(scene, box_of) for scene in clips]
            ours, plain = (
                [(scene, tracker(scene.frames)) for scene in boxed]
                for tracker in (track, track_by_boxes)
            )
            switched, plain_switched = (
                sum(count_switches(*pair) > 0 for pair in pairs) for pairs in (ours, plain)
            )
            f1, plain_f1 = identity_f1(ours), identity_f1(plain)
            print(
                f"  {len(clips)} {kind}, boxes of {boxes}: ours {switched}, {f1:.3f} | "
                f"plain IoU {plain_switched}, {plain_f1:.3f}"
            )
            good &= switched <= plain_switched if kind == "crossings" else f1 >= plain_f1
    walks = [scenes.partly_seen_walk(names, n) for names in FEW_JOINTS for n in (1, 3, 10)]
    ids = [{p.person_id for f in track(scene.frames) for p in f.poses} for scene in walks]
    print(f"  {len(walks)} walks of one person, ids given: {sorted(map(len, ids))}")
    return good and all(len(ids_of_walk) == 1 for ids_of_walk in ids)


def given_box(pose: scenes.Pose) -> scenes.Array:
    """The box that the scene has for a pose, around the whole body."""
    return pose.box_xyxy


def without_ids(frame: scenes.Frame) -> scenes.Frame:
    """The frame without ids."""
    poses = tuple(scenes.replace(pose, person_id=None) for pose in frame.poses)
    return scenes.replace(frame, poses=poses)


def ghosts(scene: scenes.Scene, tracked: list[scenes.Frame]) -> int:
    """The number of tracked poses that are not in the scene."""
    return sum(
        pose not in frame.poses
        for frame, out in zip(scene.frames, tracked, strict=True)
        for pose in without_ids(out).poses
    )


def smoothing() -> bool:
    """Whether a standing person becomes steadier, and a fast one is not delayed."""
    print("smoothing at strength 0.5, noise of 1 % of the height")
    path = np.concatenate([np.full(40, 300), np.arange(300, 700, 30), np.full(40, 700)])
    truth, moving = scenes.clip(path, noise=0.01)
    _, still = scenes.clip(np.full(200, 640), noise=0.01)
    good = True
    for method in METHOD_SUMMARIES:
        options = SmoothOptions(method)
        steadier = measure_jitter(keypoints_of(still)) / measure_jitter(
            keypoints_of(smooth(still, options))
        )
        lag = measure_lag(truth, keypoints_of(smooth(moving, options)))
        print(f"  {method:15} jitter / {steadier:5.1f}, a move of 30 px per frame lags {lag:5.2f}")
        good &= method == "none" or (steadier >= MIN_STEADIER and abs(lag) <= MAX_LAG)
    return good


def main() -> int:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=6, help="clips of each kind (%(default)s)")
    seeds = range(100, 100 + parser.parse_args().seeds)
    results = [crossings(seeds), crowds(seeds), partly_seen(seeds), smoothing()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
