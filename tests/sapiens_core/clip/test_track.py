"""Ids that stay with people, on clips whose truth is known."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip.track import Sightings, Track
from comfyui_sapiens_pose.sapiens_core.clip.tracker import (
    MAX_PEOPLE,
    MAX_SLOTS,
    Tracker,
    TrackOptions,
    in_slots,
    track,
    warn_of_ids_without_slot,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose, box_overlaps
from helpers.poses import make_pose as random_pose
from helpers.scenes import CANVAS, figure, make_pose

EVERYBODY = TrackOptions(min_frames=1)


def person(x: float, y: float = 400, height: float = 250, phase: float = 0) -> Pose:
    return make_pose(figure((x, y), height, phase))


def ids(frames) -> list[list[int]]:
    return [[pose.person_id for pose in frame.poses] for frame in frames]


def clip(*rows) -> list[Frame]:
    """One frame a row, people at these places."""
    return [Frame(CANVAS, [person(x) for x in row]) for row in rows]


def test_nobody():
    assert track([]) == []
    assert ids(track(clip([], []))) == [[], []]


def test_frames_with_nobody_stay_where_they_are():
    frames = clip([100], [], [104], [])
    assert ids(track(frames)) == [[0], [], [0], []]


def test_ids_follow_people_and_not_their_order():
    assert ids(track(clip([100, 800], [805, 103], [106, 810]))) == [[0, 1], [0, 1], [0, 1]]
    xs = [
        [pose.keypoints_image[0, 0] for pose in frame.poses]
        for frame in track(clip([100, 800], [805, 103]))
    ]
    assert xs == [[100, 800], [103, 805]]


def test_what_comes_out_is_what_went_in():
    frames = clip([100, 800], [805, 103])
    for before, after in zip(frames, track(frames), strict=True):
        assert before.canvas_wh == after.canvas_wh
        assert len(before.poses) == len(after.poses)
        for pose in after.poses:
            assert replace(pose, person_id=None) in before.poses


@pytest.mark.parametrize("gap", [0, 1, 5, 20, 21])
def test_known_again_after_a_gap_and_not_after_a_longer_one(gap):
    seen = [[100 + 2 * t] for t in range(15)]
    frames = clip(*seen, *([[]] * gap), [100 + 2 * (15 + gap)])
    assert ids(track(frames, EVERYBODY))[-1] == [0 if gap <= 20 else 1]


@pytest.mark.parametrize("every", [2, 4, 10, 21])
@pytest.mark.parametrize("speed", [0, 3])
def test_somebody_found_in_few_frames_keeps_the_id(every, speed):
    """Boxes on key frames only: everybody is missing for ``every`` - 1 frames again and again."""
    frames = clip(*[[100 + speed * time] if time % every == 0 else [] for time in range(60)])
    assert {number for frame in ids(track(frames)) for number in frame} == {0}


def test_somebody_seen_once_takes_no_place_from_others():
    """Who was there once may be nearly everywhere after some frames; others are known better."""
    rows = [[300]] * 20 + [[300, 345]] + [[300]] * 9 + [[330], [330]]
    shown = ids(track(clip(*rows), EVERYBODY))
    assert shown[20] == [0, 1]
    assert shown[21:] == [[0]] * 11


def test_a_velocity_is_the_way_over_the_frames_it_took():
    first, later = (Sightings.of([person(x)], 0.3) for x in (100, 150))
    seen = replace(Track.start(0, person(100), first, 0, np.zeros(2)), missed=4)
    assert seen.update(person(150), later, 0).velocity == pytest.approx((10, 0), abs=1)


def test_somebody_just_seen_may_have_any_velocity():
    """A step that is too far for somebody who was known to stand still."""
    assert ids(track(clip([100], [144]))) == [[0], [0]]
    assert ids(track(clip(*[[100]] * 30, [144]), EVERYBODY))[-1] == [1]


def test_ids_are_never_given_twice():
    frames = clip([100], *[[]] * 30, [100], *[[]] * 30, [900])
    assert [each for each in ids(track(frames, EVERYBODY)) if each] == [[0], [1], [2]]


def test_entering_and_leaving():
    frames = clip([100], [102, 900], [104, 895], [890], [885, 300])
    assert ids(track(frames)) == [[0], [0, 1], [0, 1], [1], [1, 2]]


def test_ids_that_came_along_do_not_matter():
    frames = clip([100, 800], [103, 805])
    numbered = [
        replace(frame, poses=[replace(pose, person_id=9 - place) for place, pose in enumerate(f)])
        for frame, f in ((frame, frame.poses) for frame in frames)
    ]
    assert track(numbered) == track(frames)


def test_of_two_poses_of_one_person_the_surer_stays():
    weak = make_pose(figure((101, 400), 250, 0), score=0.6)
    frame = Frame(CANVAS, [weak, person(100), person(600)])
    (tracked,) = track([frame])
    assert [pose.scores[0] for pose in tracked.poses] == [0.9, 0.9]
    (kept,) = track([frame], TrackOptions(duplicate_similarity=2))
    assert len(kept.poses) == 3


@pytest.mark.parametrize("box", [(0, 0, *CANVAS), (0, 0, 0, 0)], ids=str)
def test_loose_boxes_make_nobody_a_duplicate(box):
    poses = [replace(person(x, height=150), box_xyxy=box) for x in (500, 520, 550)]
    poses.append(make_pose(figure((501, 400), 150, 0), score=0.6))
    (tracked,) = track([Frame(CANVAS, poses)])
    assert [pose.keypoints_image[0, 0] for pose in tracked.poses] == [500, 520, 550]


def test_many_people_need_no_more_memory_than_they_are():
    xs, ys = (each.ravel() for each in np.meshgrid(np.arange(20) * 30, np.arange(15) * 30))
    frame = Frame(CANVAS, [person(x, y, 25) for x, y in zip(xs, ys, strict=True)])
    tracemalloc.start()
    tracked = track([frame, frame])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ids(tracked) == [list(range(300))] * 2
    assert peak < 20e6


def test_parts_of_two_people_at_one_place_are_no_duplicates():
    one, other = np.zeros(17), np.zeros(17)
    one[[0, 1]], other[[0, 2, 3, 4, 5]] = 0.9, 0.9
    frame = Frame(CANVAS, [replace(person(100), scores=scores) for scores in (one, other)])
    assert len(track([frame])[0].poses) == 2


def test_a_state_can_be_gone_back_to():
    tracker = Tracker()
    tracker.update(clip([100])[0])
    state = tracker.state
    frame = clip([104, 700])[0]
    assert Tracker(state=state).update(frame) == Tracker(state=state).update(frame)


def test_people_without_a_visible_joint_are_followed_by_their_box():
    faint = [
        Frame(CANVAS, [replace(person(x), scores=np.full(17, 0.1)) for x in row])
        for row in ([100, 800], [802, 104])
    ]
    assert ids(track(faint)) == [[0, 1], [0, 1]]


def area_of(names: list[str], box_xyxy: tuple[int, ...]) -> float:
    """Of a person with joints on a diagonal of 100 x 200 pixels, of which these are seen."""
    scores = np.zeros(17)
    scores[COCO_17.indices(names)] = 0.9
    points = np.linspace((100, 100), (200, 300), 17)
    pose = Pose(points, scores, COCO_17, CANVAS, np.array(box_xyxy))
    sightings = Sightings.of([pose], 0.3)
    return Track.start(0, pose, sightings, 0, np.zeros(2)).area


@pytest.mark.parametrize(
    ("num_seen", "box_xyxy", "area"),
    [
        (17, (0, 0, 200, 400), 100 * 200),
        (2, (0, 0, 200, 400), 78.125 + (80_000 - 78.125) * 15 / 17),
        (0, (0, 0, 200, 400), 80_000),
        (2, (100, 100, 101, 101), 78.125),
        (1, (0, 0, 200, 400), 80_000 * 16 / 17),
        (1, (0, 0, *CANVAS), 1),
        (2, (0, 0, *CANVAS), 78.125),
        (2, (50, 50, 50, 90), 78.125),
        (1, (50, 50, 50, 90), 1),
    ],
)
def test_a_body_is_as_large_as_its_box_the_less_of_it_is_seen(num_seen, box_xyxy, area):
    """Two neighbours are 6.25 x 12.5 pixels. Boxes without area, or of the image, say nothing."""
    assert area_of(list(COCO_17.names[:num_seen]), box_xyxy) == pytest.approx(area)


def test_boxes_may_be_given_the_wrong_way_round():
    faint = replace(person(200), scores=np.full(17, 0.1), box_xyxy=(200, 100, 100, 300))
    frame = Frame(CANVAS, [faint])
    assert ids(track([frame, frame])) == [[0], [0]]


def test_slots_stay_with_people():
    tracked = track(clip([100, 500, 900], [903, 103], [906]))
    slots = [in_slots(frame) for frame in tracked]
    assert ids(slots) == [[0, 1, 2], [0, 1, 2], [0, 1, 2]]
    shown = [[bool((p.scores > 0).any()) for p in frame.poses] for frame in slots]
    assert shown == [[True] * 3, [True, False, True], [False, False, True]]
    assert in_slots(Frame(CANVAS)) == Frame(CANVAS)
    assert track(slots) == tracked


def test_ids_without_a_fixed_place_come_last_and_are_told(caplog):
    named = [replace(person(200), person_id=each) for each in (MAX_SLOTS, 1, 10**15)]
    assert ids([in_slots(Frame(CANVAS, named))]) == [[0, 1, MAX_SLOTS, 10**15]]
    warn_of_ids_without_slot(MAX_SLOTS - 1)
    assert not caplog.messages
    warn_of_ids_without_slot(MAX_SLOTS)
    assert "Ids go up to 1000" in caplog.text


@pytest.mark.promise("Files cost what they weigh")
def test_more_people_than_can_be_followed_are_refused():
    crowd = Frame(CANVAS, [person(x) for x in (100, 300)] * (MAX_PEOPLE // 2 + 1))
    with pytest.raises(ValueError, match="4,098 people; at most 4,096"):
        track([crowd])


def test_sets_cannot_be_mixed():
    frames = [Frame((640, 480), [random_pose(each)]) for each in (COCO_17, COCO_WHOLEBODY_133)]
    with pytest.raises(ValueError, match="coco_17, coco_wholebody_133"):
        track(frames)


@pytest.mark.parametrize("seed", range(5))
def test_any_numbers_are_borne(seed):
    random = np.random.default_rng(seed)
    frames = []
    for _ in range(8):
        poses = []
        for _ in range(random.integers(0, 5)):
            points = random.normal(scale=10.0 ** random.integers(-3, 9), size=(17, 2))
            scores = random.choice((-1.0, 0.0, 0.2, 0.9, 1.2), 17)
            poses.append(Pose(points, scores, COCO_17, (1, 1), random.normal(size=4)))
        frames.append(Frame((1, 1), poses))
    for frame, out in zip(frames, track(frames), strict=True):
        assert len(out.poses) <= len(frame.poses)


def test_overlaps_of_boxes():
    boxes = np.array([[0, 0, 10, 10], [5, 5, 5, 5]], dtype=float)
    others = np.array([[5, 0, 15, 10], [20, 20, 30, 30]], dtype=float)
    assert box_overlaps(boxes, others) == pytest.approx(np.array([[1 / 3, 0], [0, 0]]))


@pytest.mark.parametrize(
    "wrong", [{"max_gap": -1}, {"min_similarity": 0}, {"duplicate_similarity": 0}]
)
def test_wrong_options(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TrackOptions(**wrong)
