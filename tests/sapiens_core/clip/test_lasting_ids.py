"""Who is seen in a frame or two has no id, and the ids of the others have no holes."""

import pytest
from comfyui_sapiens_pose.sapiens_core.clip.lasting_ids import FULL_CLIP, LastingIds
from comfyui_sapiens_pose.sapiens_core.clip.tracker import TrackOptions, follow, track
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.scenes import CANVAS, figure, make_pose


def clip(*rows) -> list[Frame]:
    """One frame per row, with people of these numbers, each at a place of its own."""
    return [
        Frame(CANVAS, [make_pose(figure((100 + 200 * number, 400), 250, 0)) for number in row])
        for row in rows
    ]


def ids(frames) -> list[list[int]]:
    return [[pose.person_id for pose in frame.poses] for frame in frames]


def test_nobody():
    assert [*LastingIds(3, 20).end()] == []
    assert ids(track(clip(*[[]] * FULL_CLIP))) == [[]] * FULL_CLIP


@pytest.mark.parametrize("seen", [(0, 1), (4, 5), (4, 9), (10, 11)], ids=str)
def test_a_two_frame_ghost_has_no_id_and_leaves_no_hole(seen):
    rows = [[0, *([1] if time in seen else []), *([2] if time > 5 else [])] for time in range(12)]
    assert ids(track(clip(*rows))) == [[0]] * 6 + [[0, 1]] * 6


@pytest.mark.parametrize(("min_frames", "count"), [(1, 2), (2, 2), (3, 2), (4, 1)])
def test_three_frames_in_all_make_somebody(min_frames, count):
    rows = [[0, 1] if time in (2, 5, 11) else [0] for time in range(12)]
    tracked = ids(track(clip(*rows), TrackOptions(min_frames=min_frames)))
    assert {number for row in tracked for number in row} == {*range(count)}


def test_in_a_short_clip_everybody_counts():
    rows = [[0]] * (FULL_CLIP - 2)
    assert ids(track(clip(*rows, [0, 1])))[-1] == [0, 1]
    assert ids(track(clip(*rows, [0], [0, 1])))[-1] == [0]


def test_frames_come_as_soon_as_they_are_decided():
    """After ten frames; those with somebody new when that one has stayed, or is given up."""
    rows = [*[[0]] * 12, [0, 1], *[[0]] * 40]
    num_read = 0

    def read():
        nonlocal num_read
        for frame in clip(*rows):
            num_read += 1
            yield frame

    delays = []
    for index, _ in enumerate(follow(read(), TrackOptions(max_gap=5))):
        delays.append(num_read - index - 1)
    assert delays[:13] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 6]
    assert delays[-1] == 0


def test_who_is_in_the_last_frame_of_a_part_may_stay():
    rows = [[0, 1] if time in (3, 11) else [0] for time in range(12)]
    for goes_on, last in ((False, [0]), (True, [0, 1])):
        lasting = LastingIds(3, 20)
        numbered = track(clip(*rows), TrackOptions(min_frames=1))
        given = [out for frame in numbered for out in lasting.add(frame)]
        given += lasting.end(goes_on=goes_on)
        assert ids(given)[-1] == last
        assert lasting.state.num_frames == 12
        assert lasting.state.next_id == len(last)


def test_how_many_have_no_id_is_told(caplog):
    caplog.set_level("INFO")
    track(clip(*[[0]] * 12))
    assert not caplog.messages
    track(clip([0, 1], *[[0]] * 12, [0, 5]))
    assert "Left out, because seen in fewer than 3 frames: 2 people." in caplog.text


def test_wrong_options():
    with pytest.raises(ValueError, match="min_frames"):
        TrackOptions(min_frames=0)
