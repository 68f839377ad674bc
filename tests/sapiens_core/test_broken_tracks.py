"""Ids from elsewhere that go over to another person."""

from dataclasses import replace

import pytest
from comfyui_sapiens_pose.sapiens_core.broken_tracks import BrokenTrack, find_broken_tracks
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers import scenes


def with_ids(scene: scenes.Scene, id_of=lambda frame, person: person) -> list[Frame]:
    """The frames of a scene with ids by index of the frame and number of the person."""
    return [
        replace(
            frame,
            poses=tuple(
                replace(pose, person_id=id_of(index, person))
                for pose, person in zip(frame.poses, persons, strict=True)
            ),
        )
        for index, (frame, persons) in enumerate(zip(scene.frames, scene.persons, strict=True))
    ]


@pytest.fixture(scope="module")
def crossing() -> scenes.Scene:
    return scenes.crossing((8, -8), 0, "first", seed=1)


@pytest.mark.parametrize("frames", [[], [Frame((10, 10))] * 3])
def test_nobody_has_no_track(frames):
    assert find_broken_tracks(frames) == []


def test_people_who_cross_and_keep_their_ids(crossing):
    assert find_broken_tracks(with_ids(crossing)) == []


def test_people_who_exchange_ids_when_they_cross(crossing):
    frames = with_ids(crossing, lambda frame, person: person ^ (frame >= 20))
    assert find_broken_tracks(frames) == [BrokenTrack(20, 0, 1), BrokenTrack(20, 1, 0)]


def test_somebody_who_comes_back_with_a_new_id():
    scene = scenes.crossing((8, -8), 5, "first", seed=1)
    frames = with_ids(scene, lambda frame, person: 2 if person == 0 and frame > 20 else person)
    (broken,) = find_broken_tracks(frames)
    assert (broken.old_id, broken.new_id) == (0, 2)
    assert 20 < broken.frame <= 24


@pytest.mark.parametrize(("wrong", "count"), [({20}, 0), ({40}, 2)], ids=["for a moment", "last"])
def test_a_single_frame_counts_at_the_end_only(crossing, wrong, count):
    frames = with_ids(crossing, lambda frame, person: person ^ (frame in wrong))
    assert len(find_broken_tracks(frames)) == count


def test_people_without_ids_break_nothing(crossing):
    assert find_broken_tracks(with_ids(crossing, lambda frame, person: None)) == []
