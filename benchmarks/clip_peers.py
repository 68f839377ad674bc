"""Tracking and smoothing of clips made of formulas, against other people's code.

Prints the figures of ``benchmarks/README.md``; those of other trackers after
``pip install trackers``, which this project does not need.

Tracking: the clips are the hard set of ``benchmarks/track.py``. The peers look at boxes alone and
have no means against people who were detected twice, so they are also given the frames without
them. In a second set people are partly covered, and boxes are around what is seen.

Smoothing: walks on which some keypoints are weak and off, and some are missing. The peer, scipy's
filter of Savitzky and Golay with windows of 5 and of 13 frames, is given all of them as they are,
the missing ones on straight lines.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions, smooth
from comfyui_sapiens_pose.sapiens_core.clip.tracker import track
from comfyui_sapiens_pose.skeletons.pose import visible_box
from scipy.signal import savgol_filter
from tracker_peers import Track, peers

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from helpers import scenes
from helpers.scene_measures import count_switches, identity_f1, keypoints_of

Tracked = list[scenes.Frame]

PEER_SETTINGS: dict[str, Any] = {
    "lost_track_buffer": scenes.LONG_AWAY,
    "minimum_consecutive_frames": 1,
}
"""Settings that suit the clips better than the defaults: who is seen once has an id."""
WEAK, WEAK_NOISE_PX, MISSING = 0.15, 24.0, 0.1
"""Shares of weak and of missing keypoints, and how far the weak ones are off: 8 % of the height."""
WINDOWS = (5, 13)
"""Frames that scipy's filter looks at."""


def figures(clips: Sequence[scenes.Scene], tracker: Track) -> str:
    """Identity F1 and switches over all clips."""
    pairs = [(scene, tracker(scene.frames)) for scene in clips]
    switches = sum(count_switches(*pair) for pair in pairs)
    return f"{identity_f1(pairs):.3f} {switches:5}"


def without_doubles(scene: scenes.Scene) -> Tracked:
    """The frames of a clip with each person once, as our tracker leaves them, without ids."""
    return [
        replace(frame, poses=[replace(pose, person_id=None) for pose in frame.poses])
        for frame in track(scene.frames)
    ]


def smoothing(seeds: range) -> None:
    """Prints the error that is left, in pixels for a person of 300, by each way to smooth."""
    errors = []
    for seed in seeds:
        random = np.random.default_rng(seed)
        truth, frames = scenes.clip(600 + 200 * np.sin(np.arange(200) / 15), 0.01, seed=seed)
        keypoints = keypoints_of(frames)
        weak = random.random(keypoints.shape[:2]) < WEAK
        keypoints[weak] += random.normal(size=(weak.sum(), 2)) * WEAK_NOISE_PX
        found = random.random(keypoints.shape[:2]) >= MISSING
        scores = np.where(found, np.where(weak, 0.1, 0.9), 0.0)
        given = [
            replace(frame, poses=[replace(frame.poses[0], keypoints_image=body, scores=row)])
            for frame, body, row in zip(frames, keypoints, scores, strict=True)
        ]
        on_lines, times = keypoints.copy(), np.arange(len(keypoints))
        for joint, seen in enumerate(found.T):
            for axis in (0, 1):
                path = on_lines[:, joint, axis]
                path[:] = np.interp(times, times[seen], path[seen])
        ways = (
            keypoints,
            *(savgol_filter(on_lines, window, 2, axis=0) for window in WINDOWS),
            keypoints_of(smooth(given, SmoothOptions(fps=30))),
        )
        squares = [((way - truth) ** 2).sum(axis=-1)[found].mean() for way in ways]
        errors.append(np.sqrt(squares))
    none, *peer, ours = np.mean(errors, axis=0).round(1).tolist()
    print(f"scipy {importlib.metadata.version('scipy')}: pixels of error of {len(seeds)} walks")
    print(f"  not smoothed {none} | savgol_filter, {WINDOWS} frames {peer} | ours {ours}")


def main() -> int:
    """Prints all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=6, help="clips per size (%(default)s)")
    seeds = range(100, 100 + parser.parse_args().seeds)
    hard = [scenes.crowd(count, seed) for count in (2, 4, 6, 8, 10) for seed in seeds]
    covered = [
        scenes.with_boxes(scenes.partly_seen_crowd(count, seed), visible_box)
        for count in (6, 8, 10)
        for seed in seeds
    ]
    once = {id(scene.frames): without_doubles(scene) for scene in hard}
    smoothing(seeds)
    print("identity F1 and switches of")
    print(
        f"  {len(hard)} clips | the same without doubled people | {len(covered)} of covered people"
    )
    ours = figures(hard, track)
    print(f"  {'ours':20} {ours} | {ours} | {figures(covered, track)}")
    for name, peer in peers(**PEER_SETTINGS).items():

        def peer_once(frames: Sequence[scenes.Frame], peer: Track = peer) -> Tracked:
            return peer(once[id(frames)])

        columns = figures(hard, peer), figures(hard, peer_once), figures(covered, peer)
        print(f"  {name:20} {' | '.join(columns)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
