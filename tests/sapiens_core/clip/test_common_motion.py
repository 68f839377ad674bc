"""What a camera that turns does to everybody: agreement, votes, and ids in a pan."""

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip.common_motion import agreed_motion, vote_for_shift
from comfyui_sapiens_pose.sapiens_core.clip.track import Sightings, Track
from comfyui_sapiens_pose.sapiens_core.clip.tracker import TrackOptions, track
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.scenes import CANVAS, figure, make_pose

PLACES = ((100, 300, 250), (420, 350, 180), (700, 320, 220), (1000, 380, 200), (1250, 330, 240))
"""Of five people who stand: hips, and height, in pixels."""


def sightings_at(x: float, places=PLACES) -> Sightings:
    return Sightings.of([make_pose(figure((px + x, y), h, 0)) for px, y, h in places], 0.3)


def standing_tracks() -> list[Track]:
    people = sightings_at(0)
    poses = [make_pose(figure((x, y), height, 0)) for x, y, height in PLACES]
    return [Track.start(i, pose, people, i, np.zeros(2)) for i, pose in enumerate(poses)]


def pan(speeds) -> list[Frame]:
    """Five people who stand; how far the camera has turned since the last frame, in pixels."""
    return [
        Frame(CANVAS, [make_pose(figure((x - moved, y), h, 0)) for x, y, h in PLACES])
        for moved in np.cumsum(speeds)
    ]


def ids(frames) -> list[list[int]]:
    return [[pose.person_id for pose in frame.poses] for frame in frames]


def test_nobody_and_too_few_agree_on_nothing():
    for motions in ([], [(9.0, 0.0)] * 3):
        assert agreed_motion(motions, 100).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("motions", "agreed"),
    [
        ([(9, 1)] * 4, (9, 1)),
        ([(9, 1), (9, 1), (9, 1), (9, 1), (-30, 0)], (9, 1)),
        ([(9, 0), (9, 0), (-9, 0), (-9, 0)], (0, 0)),
        ([(4, 0)] * 8, (0, 0)),
        ([(1, 9), (-1, -9), (4, 0), (-3, 1), (2, 2)], (0, 0)),
    ],
)
def test_what_most_do_is_common_and_what_everybody_does_alone_is_not(motions, agreed):
    assert agreed_motion([np.array(motion, float) for motion in motions], 100) == pytest.approx(
        agreed
    )


@pytest.mark.parametrize("shift", [0, 40, -250])
def test_the_vote_finds_the_way_that_all_went(shift):
    assert vote_for_shift(standing_tracks(), sightings_at(shift)) == pytest.approx((shift, 0))


def test_somebody_of_another_size_elsewhere_has_no_vote():
    elsewhere = sightings_at(0, [(100, 3000, 20)])
    assert vote_for_shift(standing_tracks(), elsewhere).tolist() == [0, 0]


@pytest.mark.parametrize(
    "speeds",
    [[0, *[60] * 9], [0, 0, 0, 90, 90, 40, 110, 60, 90, 20], [0, *[0, 80] * 5]],
    ids=["from the first frame", "sudden and by hand", "jerks"],
)
def test_a_pan_keeps_ids(speeds):
    assert ids(track(pan(speeds))) == [[0, 1, 2, 3, 4]] * len(speeds)


def test_a_newcomer_in_a_pan_moves_with_the_others():
    """Seen once, then missing for two frames, so 180 pixels farther when seen again."""
    frames = pan([0, *[60] * 9])
    newcomer = [make_pose(figure((600 - 60 * time, 150), 90, 0)) for time in range(10)]
    shown = [
        Frame(CANVAS, [*frame.poses, *([newcomer[time]] if time in (5, 8, 9) else [])])
        for time, frame in enumerate(frames)
    ]
    assert ids(track(shown, TrackOptions(min_frames=1)))[8] == [0, 1, 2, 3, 4, 5]
