"""Retargeted clips against their truth: puppets of other proportions that do the same motion."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    BODY_25,
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
    OPENPOSE_136,
)
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions, retarget
from helpers.poses import mirrored
from helpers.puppets import (
    ADULT,
    BODIES,
    CANVAS,
    film,
    frames_of,
    make_motion,
    noisy,
    portrait,
    true_result,
)

BODY = COCO_WHOLEBODY_133.indices(("nose", *COCO_17.names[5:]))
AS_DRIVER = RetargetOptions(placement="as the driver")


def keypoints_of(frames: list[Frame], index: int = 0) -> np.ndarray:
    """(T, K, 2) of one person."""
    return np.array([frame.poses[index].keypoints_image for frame in frames])


def height_of(pose: Pose) -> float:
    return float(np.ptp(pose.keypoints_image[pose.scores > 0][:, 1]))


def error(frames: list[Frame], truth: np.ndarray, joints=BODY) -> float:
    """Mean distance of the joints from where they belong, in % of the height in the first frame."""
    distances = np.linalg.norm(keypoints_of(frames)[:, joints] - truth[:, joints], axis=-1)
    return 100 * float(distances.mean()) / float(np.ptp(truth[0, :, 1]))


def largest_change(frames: list[Frame], others: list[Frame]) -> float:
    """Pixels."""
    return float(np.abs(keypoints_of(frames) - keypoints_of(others)).max())


def driver_of(kind: str, angle: float = 0.2) -> list[Frame]:
    return frames_of(film(ADULT, make_motion(kind).turned(angle)))


@pytest.mark.parametrize("frames", [[], [Frame(CANVAS)] * 3], ids=["no frame", "nobody"])
def test_nobody_stays_nobody(frames):
    assert retarget(frames, {None: [portrait(ADULT)]}) == frames


@pytest.mark.parametrize(
    ("body", "kind", "angle", "most"),
    [
        ("child", "wave", 0.0, 1.0),
        ("child", "turn", 0.3, 1.5),
        ("long legs", "squat", 0.4, 1.5),
        ("long legs", "march", 1.4, 1.5),
        ("broad", "reach", 0.2, 1.5),
        ("broad", "wave", -0.8, 1.5),
        ("cartoon", "turn", 0.0, 1.5),
        ("cartoon", "closer", 0.2, 1.5),
        ("long arms", "march", 0.5, 1.5),
        ("long arms", "closer", 0.0, 1.5),
    ],
)
def test_a_motion_becomes_that_of_the_other_body(body, kind, angle, most):
    motion = make_motion(kind).turned(angle)
    reference = portrait(BODIES[body])
    result = retarget(frames_of(film(ADULT, motion)), {None: [reference]})
    truth = true_result(ADULT, BODIES[body], motion, reference.keypoints_image)
    assert error(result, truth) < most


@pytest.mark.parametrize("start", ["squat", "sit"])
def test_the_first_frame_alone_decides_nothing_but_the_place(start):
    crouched = film(ADULT, make_motion(start, 49).turned(0.2))[24:25]
    upright = film(ADULT, make_motion("wave").turned(0.2))
    reference = portrait(BODIES["child"])
    clip = frames_of(np.concatenate([crouched, upright]))
    result = retarget(clip, {None: [reference]})[1:]
    truth = true_result(
        ADULT, BODIES["child"], make_motion("wave").turned(0.2), reference.keypoints_image
    )
    place = (keypoints_of(result) - truth)[:, BODY].mean(axis=(0, 1))
    assert error(result, truth + place) < 1.5


def test_noise_does_not_change_proportions():
    motion = make_motion("wave").turned(0.3)
    reference = portrait(BODIES["long legs"])
    clip = frames_of(noisy(film(ADULT, motion), 0.01))
    truth = true_result(ADULT, BODIES["long legs"], motion, reference.keypoints_image)
    own_error = error(clip, film(ADULT, motion))  # what the noise alone makes
    assert error(retarget(clip, {None: [reference]}), truth) < own_error + 1.6


@pytest.mark.parametrize("kind", ["stand", "wave", "squat", "turn", "sit", "closer"])
@pytest.mark.parametrize("options", [RetargetOptions(), AS_DRIVER], ids=["reference", "driver"])
@pytest.mark.parametrize("frames", [1, 5, 48, 200])
def test_the_driver_as_reference_changes_nothing(kind, options, frames):
    clip = frames_of(noisy(film(ADULT, make_motion(kind, frames).turned(0.3)), 0.01))
    result = retarget(clip, {None: [frame.poses[0] for frame in clip]}, options)
    assert largest_change(result, clip) < 0.01


@pytest.mark.parametrize("body", BODIES)
def test_there_and_back_again(body):
    """Within 2 % of the height for the mean of the body's joints: lengths are measured twice."""
    clip = driver_of("wave")
    there = retarget(clip, {None: [portrait(BODIES[body])]})
    back = retarget(there, {None: [frame.poses[0] for frame in clip]})
    assert error(back, keypoints_of(clip)) < 2


SETS = (COCO_17, COCO_WHOLEBODY_133, GOLIATH_308, OPENPOSE_136, BODY_25)


@pytest.mark.parametrize("own", SETS, ids=lambda each: each.name)
@pytest.mark.parametrize("other", SETS, ids=lambda each: each.name)
def test_any_keypoint_set_takes_a_reference_of_any_other(own, other):
    motion = make_motion("wave").turned(0.2)
    full = driver_of("wave")
    reference = portrait(BODIES["child"])
    clip = [Frame(CANVAS, (convert_pose(frame.poses[0], own),)) for frame in full]
    result = retarget(clip, {None: [convert_pose(reference, other)]})
    truth = true_result(ADULT, BODIES["child"], motion, reference.keypoints_image)
    assert {pose.keypoint_set for frame in result for pose in frame.poses} == {own}
    shared = [name for name in COCO_17.names if name in own.names]
    found = keypoints_of(result)[:, own.indices(tuple(shared))]
    distances = np.linalg.norm(found - truth[:, COCO_WHOLEBODY_133.indices(tuple(shared))], axis=-1)
    assert 100 * distances.mean() / np.ptp(truth[0, :, 1]) < 1.6


@pytest.mark.parametrize("keypoint_set", KEYPOINT_SETS.values(), ids=lambda each: each.name)
def test_no_keypoint_is_lost_and_scores_stay(keypoint_set):
    random = np.random.default_rng(3)
    poses = [convert_pose(frame.poses[0], keypoint_set) for frame in driver_of("turn")]
    shape = len(poses), len(keypoint_set)
    scores = np.where(random.random(shape) < 0.3, 0.0, random.uniform(0.05, 1, shape))
    clip = [
        Frame(CANVAS, (replace(pose, scores=np.where(pose.scores > 0, row, 0), person_id=5),))
        for pose, row in zip(poses, scores, strict=True)
    ]
    result = retarget(clip, {5: [portrait(BODIES["cartoon"])]})
    for before, after in zip(clip, result, strict=True):
        assert np.array_equal(before.poses[0].scores, after.poses[0].scores)
        assert after.poses[0].person_id == 5
        moved = (before.poses[0].keypoints_image != after.poses[0].keypoints_image).any(axis=1)
        assert moved[before.poses[0].scores > 0].all()


def test_a_missing_keypoint_at_the_origin_stays_there():
    pose = driver_of("stand")[0].poses[0]
    keypoints, scores = pose.keypoints_image.copy(), pose.scores.copy()
    keypoints[100], scores[[100, 101]] = 0, 0
    clip = [Frame(CANVAS, (replace(pose, keypoints_image=keypoints, scores=scores),))]
    after = retarget(clip, {None: [portrait(BODIES["child"])]})[0].poses[0]
    assert (after.keypoints_image[100] == 0).all()
    assert (after.keypoints_image[101] != keypoints[101]).all()  # hidden ones move along


def shifted(frames: list[Frame], by: float, person_id: int) -> list[Pose]:
    return [
        replace(
            frame.poses[0],
            keypoints_image=frame.poses[0].keypoints_image + np.array((by, 0)),
            person_id=person_id,
        )
        for frame in frames
    ]


def test_several_people_are_retargeted_as_each_would_be_alone():
    first, second = shifted(driver_of("wave"), -100, 7), shifted(driver_of("squat"), 150, 3)
    references = {7: [portrait(BODIES["child"])], 3: [portrait(BODIES["broad"])]}
    clip = [
        Frame(CANVAS, ((a, b) if time % 2 else (b, a)) if time > 9 else (a,))
        for time, (a, b) in enumerate(zip(first, second, strict=True))
    ]
    result = retarget(clip, references)
    assert [[pose.person_id for pose in frame.poses] for frame in result] == [
        [pose.person_id for pose in frame.poses] for frame in clip
    ]
    for person_id in references:
        alone = [
            Frame(CANVAS, tuple(pose for pose in frame.poses if pose.person_id == person_id))
            for frame in clip
        ]
        expected = retarget(alone, {person_id: references[person_id]})
        for together, by_itself in zip(result, expected, strict=True):
            assert by_itself.poses == tuple(
                pose for pose in together.poses if pose.person_id == person_id
            )


def test_people_without_a_reference_are_passed_on():
    first, second = shifted(driver_of("wave"), -100, 7), shifted(driver_of("squat"), 150, 3)
    clip = [Frame(CANVAS, pair) for pair in zip(first, second, strict=True)]
    result = retarget(clip, {3: [portrait(BODIES["child"])]})
    assert [frame.poses[0] for frame in result] == first
    assert all(frame.poses[1] != pose for frame, pose in zip(result, second, strict=True))


def test_progress_counts_people():
    first, second = shifted(driver_of("wave"), -100, 7), shifted(driver_of("squat"), 150, 3)
    clip = [Frame(CANVAS, pair) for pair in zip(first, second, strict=True)]
    seen = []
    look = [portrait(BODIES["child"])]
    retarget(clip, {7: look, 3: look}, on_person=lambda *numbers: seen.append(numbers))
    assert seen == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ((None, None), "Two people without id are in frame 0.*Track people"),
        ((4, 4), "Two people of one id are in frame 0"),
    ],
)
def test_people_who_cannot_be_told_apart_are_refused(ids, message):
    pose = portrait(ADULT)
    clip = [Frame(CANVAS, tuple(replace(pose, person_id=each) for each in ids))]
    with pytest.raises(ValueError, match=message):
        retarget(clip, {ids[0]: [pose]})


def test_one_person_of_two_keypoint_sets_is_refused():
    pose = portrait(ADULT)
    clip = [Frame(CANVAS, (pose,)), Frame(CANVAS, (convert_pose(pose, COCO_17),))]
    with pytest.raises(ValueError, match="different keypoint sets"):
        retarget(clip, {None: [pose]})


@pytest.mark.parametrize(
    "options",
    [
        {"placement": "elsewhere"},
        {"strength": 1.5},
        {"hands": 2},
        {"anchor_frame": -1},
        {"score_threshold": float("nan")},
    ],
)
def test_impossible_options_are_refused(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        RetargetOptions(**options)


GONE = slice(10, 20)


def test_frames_without_anybody_stay_so():
    clip = driver_of("wave")
    clip[GONE] = [Frame(CANVAS)] * 10
    result = retarget(clip, {None: [portrait(BODIES["child"])]})
    assert [len(frame.poses) for frame in result] == [len(frame.poses) for frame in clip]


def upper_body(pose: Pose) -> Pose:
    """What an image that ends below the hips shows."""
    scores = pose.scores.copy()
    low = [name for name in COCO_17.names if "knee" in name or "ankle" in name]
    scores[COCO_WHOLEBODY_133.indices(tuple(low))] = 0
    scores[COCO_WHOLEBODY_133.part_indices("left_foot", "right_foot")] = 0
    return replace(pose, scores=scores)


@pytest.mark.parametrize("of_clip", [False, True])
@pytest.mark.parametrize("of_reference", [False, True])
def test_half_bodies_keep_the_shoulders_in_place(of_clip, of_reference):
    reference = portrait(BODIES["broad"])
    clip = driver_of("wave")
    if of_clip:
        clip = [Frame(CANVAS, (upper_body(frame.poses[0]),)) for frame in clip]
    look = upper_body(reference) if of_reference else reference
    result = retarget(clip, {None: [look]})
    shoulders = COCO_WHOLEBODY_133.indices(("left_shoulder", "right_shoulder"))
    first = result[0].poses[0].keypoints_image
    if of_clip or of_reference:
        middle = first[shoulders].mean(axis=0)
        assert np.allclose(middle, reference.keypoints_image[shoulders].mean(axis=0), atol=1e-6)
    truth = true_result(
        ADULT, BODIES["broad"], make_motion("wave").turned(0.2), reference.keypoints_image
    )
    arms = COCO_WHOLEBODY_133.indices(COCO_17.names[5:11])
    neck = truth[:, shoulders].mean(axis=1) - keypoints_of(result)[:, shoulders].mean(axis=1)
    assert error(result, truth - neck[:, None], arms) < 1.5


def test_as_the_reference_stands_where_the_reference_stands():
    reference = portrait(BODIES["child"])
    moved = replace(reference, keypoints_image=reference.keypoints_image * 0.7 + (150, 40))
    first = retarget(driver_of("squat"), {None: [moved]})[0].poses[0]
    hips = COCO_WHOLEBODY_133.indices(("left_hip", "right_hip"))
    ankles = COCO_WHOLEBODY_133.indices(("left_ankle", "right_ankle"))
    for joints, axis, combine in ((hips, 0, np.mean), (ankles, 1, np.max)):
        there, wanted = (combine(pose.keypoints_image[joints, axis]) for pose in (first, moved))
        assert np.isclose(there, wanted)
    assert abs(height_of(first) / height_of(moved) - 1) < 0.03


def test_the_place_is_given_by_the_anchor_frame():
    reference = portrait(BODIES["child"])
    clip = driver_of("closer")
    late = retarget(clip, {None: [reference]}, RetargetOptions(anchor_frame=47))
    early = retarget(clip, {None: [reference]})
    assert abs(height_of(late[47].poses[0]) / height_of(reference) - 1) < 0.06
    assert abs(height_of(early[0].poses[0]) / height_of(reference) - 1) < 0.06
    assert height_of(early[47].poses[0]) > 1.3 * height_of(reference)


@pytest.mark.parametrize("body", BODIES)
def test_as_the_driver_keeps_ground_point_and_height(body):
    clip = driver_of("march")
    result = retarget(clip, {None: [portrait(BODIES[body])]}, AS_DRIVER)
    hips = COCO_WHOLEBODY_133.indices(("left_hip", "right_hip"))
    ankles = COCO_WHOLEBODY_133.indices(("left_ankle", "right_ankle"))
    before, after = keypoints_of(clip), keypoints_of(result)
    assert np.allclose(before[:, hips, 0].mean(axis=1), after[:, hips, 0].mean(axis=1))
    assert np.allclose(before[:, ankles, 1].max(axis=1), after[:, ankles, 1].max(axis=1))
    top = [height_of(frame.poses[0]) for frame in (clip[0], result[0])]
    assert abs(top[1] / top[0] - 1) < 0.08  # keypoints end below the top of the head
    assert {frame.canvas_wh for frame in result} == {CANVAS}


def test_a_reference_of_another_canvas_gives_its_own():
    reference = portrait(BODIES["child"])
    other = replace(reference, canvas_wh=(900, 1400))
    result = retarget(driver_of("wave"), {None: [other]})
    assert {frame.canvas_wh for frame in result} == {(900, 1400)}
    same = retarget(driver_of("wave"), {None: [reference]})
    assert largest_change(result, same) == 0


def test_strength_0_scales_everything_alike():
    clip = driver_of("wave")
    options = RetargetOptions(strength=0)
    result = retarget(clip, {None: [portrait(BODIES["cartoon"])]}, options)
    before, after = keypoints_of(clip), keypoints_of(result)
    scale = np.ptp(after[0, :, 1]) / np.ptp(before[0, :, 1])
    rest = after - scale * before
    assert np.ptp(rest, axis=1).max() < 1e-6
    unchanged = retarget(
        clip, {None: [portrait(BODIES["cartoon"])]}, replace(AS_DRIVER, strength=0)
    )
    assert largest_change(unchanged, clip) < 1e-6


def test_strength_goes_all_the_way_in_even_steps():
    clip = driver_of("wave")
    look = {None: [portrait(BODIES["cartoon"])]}
    clips = [retarget(clip, look, replace(AS_DRIVER, strength=s)) for s in (0, 0.25, 0.5, 1)]
    changes = [np.abs(keypoints_of(each) - keypoints_of(clip)).mean() for each in clips]
    assert changes == sorted(changes)
    assert changes[0] < 1e-6 < changes[1]


@pytest.mark.parametrize("part", ["hands", "face", "feet"])
def test_parts_that_are_off_keep_their_own_size(part):
    names = {"hands": ("left_hand", "right_hand"), "feet": ("left_foot", "right_foot")}
    rows = COCO_WHOLEBODY_133.part_indices(*names.get(part, ("face",)))
    clip = driver_of("stand")
    look = {None: [portrait(BODIES["cartoon"])]}
    on = keypoints_of(retarget(clip, look, AS_DRIVER))
    off = keypoints_of(retarget(clip, look, replace(AS_DRIVER, **{part: False})))
    before, with_it, without = (
        np.linalg.norm(keypoints[:, rows[1]] - keypoints[:, rows[2]], axis=-1)
        for keypoints in (keypoints_of(clip), on, off)
    )
    assert np.allclose(without, before)
    assert np.abs(np.log(with_it / before)).min() > 0.05


@pytest.mark.parametrize("options", [RetargetOptions(), AS_DRIVER], ids=["reference", "driver"])
def test_mirrored_in_mirrored_out(options):
    clip, reference = driver_of("wave"), portrait(BODIES["child"], "wave", 0.3)
    result = retarget(clip, {None: [reference]}, options)
    flipped = [Frame(CANVAS, (mirrored(frame.poses[0]),)) for frame in clip]
    other = retarget(flipped, {None: [mirrored(reference)]}, options)
    back = [Frame(CANVAS, (mirrored(frame.poses[0]),)) for frame in other]
    assert largest_change(result, back) < 1e-6


def test_neither_place_nor_size_of_the_clip_matters():
    clip = driver_of("wave")
    look = {None: [portrait(BODIES["child"])]}
    other = [
        Frame(
            CANVAS,
            (replace(frame.poses[0], keypoints_image=frame.poses[0].keypoints_image * 2.5 + 31),),
        )
        for frame in clip
    ]
    assert largest_change(retarget(clip, look), retarget(other, look)) < 0.01


@pytest.mark.parametrize(
    "names",
    [
        ("nose",),
        ("left_wrist",),
        ("left_shoulder", "right_shoulder"),
        ("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
        ("left_wrist", "right_ankle", "left_knee"),
        (),
    ],
)
@pytest.mark.parametrize("of_reference", [False, True])
def test_next_to_nothing_seen_gives_finite_people(names, of_reference):
    scores = np.zeros(len(COCO_WHOLEBODY_133))
    scores[COCO_WHOLEBODY_133.indices(names)] = 1
    little = [
        Frame(CANVAS, (replace(frame.poses[0], scores=scores),)) for frame in driver_of("wave")
    ]
    whole = driver_of("turn")
    clip, look = (whole, little) if of_reference else (little, whole)
    for options in (RetargetOptions(), AS_DRIVER):
        result = retarget(clip, {None: [look[0].poses[0]]}, options)
        assert [len(frame.poses) for frame in result] == [len(frame.poses) for frame in clip]
        assert np.abs(keypoints_of(result)).max() < 1e5


def test_points_that_lie_on_each_other_are_no_body():
    pose = portrait(ADULT)
    heap = replace(pose, keypoints_image=np.full_like(pose.keypoints_image, 7.0))
    for clip, look in ((heap, pose), (pose, heap), (heap, heap)):
        result = retarget([Frame(CANVAS, (clip,))], {None: [look]})
        assert np.isfinite(keypoints_of(result)).all()


def test_the_box_is_around_the_new_body():
    pose = retarget(driver_of("wave"), {None: [portrait(BODIES["child"])]})[20].poses[0]
    low, high = pose.keypoints_image.min(axis=0), pose.keypoints_image.max(axis=0)
    assert np.array_equal(pose.box_xyxy, [*low, *high])
