"""The second look: compared with the first look and the network asked by hand."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.detection.masks import people_from_masks
from comfyui_sapiens_pose.sapiens_core.detection.owners import hide_outside_masks
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import CropJob, EstimateOptions, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.pipeline import PoseOptions, find_poses
from comfyui_sapiens_pose.sapiens_core.refine import (
    find_second_looks,
    take_better_looks,
    take_if_better,
    taken_indices,
)
from comfyui_sapiens_pose.skeletons.formats import sapiens_json, sapiens_key
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.body_parts import BodyPart, PartOptions, find_parts
from comfyui_sapiens_pose.skeletons.poses.cleanup import CleanupOptions
from helpers.poses import make_pose, mirrored
from helpers.reading_network import BOX, SIDE, WHOLEBODY, ReadingNetwork, person, picture_rgb

WH = (640, 480)
SETS = [COCO_WHOLEBODY_133, GOLIATH_308]
PARTS = ["face", "left_hand", "right_hand"]


@pytest.fixture(scope="module", params=[133, 308])
def scene(request, sapiens1):
    """A random network and two pictures with three people each, as first seen."""
    count = request.param
    path = sapiens1 / f"tiny_{count}.safetensors"
    estimator = PoseEstimator(load_model(path, num_heads=3))
    with np.load(sapiens1 / f"e2e_{count}.npz") as golden:
        image_rgb = np.ascontiguousarray(golden["image_bgr"][..., ::-1])
        boxes = golden["bboxes_xyxy"]
    images = [image_rgb, np.ascontiguousarray(image_rgb[::-1])]
    people = [People(boxes), People(boxes[::-1])]
    return estimator, images, estimator.estimate(images, people, EstimateOptions(flip=False))


def part_of(pose, name: str, side: float = 100.0) -> BodyPart:
    rows = pose.keypoint_set.part_indices(name)
    return BodyPart(name, pose.keypoints_image[rows], (0, 0, round(side), round(side)), 0.5)


def refine(scene, parts, options=None, on_batch=None):
    """The frames of a scene after the second look, without masks."""
    estimator, images, frames = scene
    looks = find_second_looks(frames, [People([])] * len(frames), parts, 0.3)
    jobs = [look.job for look in looks]
    found = estimator.find_keypoints(images, jobs, options, on_batch)
    return take_better_looks(frames, looks, found, None)


@pytest.mark.parametrize("keypoint_set", SETS)
@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize(
    ("gain", "shift", "taken"),
    [(0.01, 3, True), (0.0, 3, False), (-0.01, 3, False), (0.2, 49, True), (0.2, 51, False)],
)
def test_a_part_is_taken_only_if_it_is_better_and_near(keypoint_set, name, gain, shift, taken):
    pose = make_pose(keypoint_set)
    second = replace(
        pose, keypoints_image=pose.keypoints_image + np.array([shift, 0]), scores=pose.scores + gain
    )
    found = take_if_better(pose, second, part_of(pose, name))
    if not taken:
        assert found == pose
        return
    own = taken_indices(keypoint_set, name)
    others = np.setdiff1d(np.arange(len(keypoint_set)), own)
    for indices, source in ((own, second), (others, pose)):
        assert np.array_equal(found.keypoints_image[indices], source.keypoints_image[indices])
        assert np.array_equal(found.scores[indices], source.scores[indices])
    assert found.refined == (name,)


def test_several_parts_are_taken_one_after_the_other():
    pose = make_pose(GOLIATH_308)
    second = replace(pose, scores=pose.scores + 0.1)
    for name in PARTS:
        pose = take_if_better(pose, second, part_of(pose, name))
    assert pose.refined == ("face", "left_hand", "right_hand")


@pytest.mark.parametrize("keypoint_set", SETS)
def test_parts_have_the_joints_of_the_body_that_belong_to_them(keypoint_set):
    names = {
        part: {keypoint_set.names[row] for row in taken_indices(keypoint_set, part)}
        for part in PARTS
    }
    assert {"nose", "left_eye", "right_ear"} <= names["face"]
    assert "left_wrist" in names["left_hand"]
    assert "right_wrist" in names["right_hand"]
    assert not names["left_hand"] & (names["right_hand"] | names["face"])
    flip = keypoint_set.flip_indices
    assert set(flip[taken_indices(keypoint_set, "left_hand")]) == set(
        taken_indices(keypoint_set, "right_hand")
    )


@pytest.mark.parametrize(
    ("parts", "looked_at"),
    [("off", ()), ("face", ("face",)), ("hands", ("hands",)), ("both", ("face", "hands"))],
)
def test_the_result_is_the_two_looks_put_together_by_hand(scene, parts, looked_at):
    estimator, images, frames = scene
    options = EstimateOptions(flip=False, batch_size=3)
    steps = []
    found = refine(scene, parts, options, lambda *step: steps.append(step))
    margins = {"face": 0.3, "hands": 0.5}
    crops = 0
    for index, (before, after) in enumerate(zip(frames, found, strict=True)):
        for pose, result in zip(before.poses, after.poses, strict=True):
            expected = pose
            for part in looked_at:
                choice = PartOptions(part, padding=margins[part], square=False, min_keypoints=4)
                for found_part in filter(None, find_parts(pose, choice)):
                    crops += 1
                    job = CropJob(index, found_part.box)
                    ((points, scores),) = estimator.find_keypoints(images, [job], options)
                    second = replace(pose, keypoints_image=points, scores=scores)
                    expected = take_if_better(expected, second, found_part)
            assert result.refined == expected.refined
            assert np.allclose(result.scores, expected.scores, atol=1e-4)
            near = np.abs(result.keypoints_image - expected.keypoints_image).max(-1) < 0.5
            assert near.mean() > 0.97  # a maximum may move by rounding in another batch
    assert (steps[-1] if steps else (0, 0)) == (crops, crops)
    assert bool(crops) == bool(looked_at)


def test_something_is_better_and_something_is_not(scene):
    """Otherwise the test before proves little."""
    found = refine(scene, "both", EstimateOptions(flip=False))
    taken = sum(len(pose.refined) for frame in found for pose in frame.poses)
    assert 0 < taken < 18


def test_the_first_look_is_not_changed(scene):
    frames = scene[2]
    before = [replace(frame) for frame in frames]
    refine(scene, "both", EstimateOptions(flip=False))
    assert frames == before


def test_sets_without_parts_and_frames_without_people_come_back(sapiens1, scene):
    estimator = PoseEstimator(load_model(sapiens1 / "tiny_17.safetensors", num_heads=4))
    frames = [Frame(WH, (make_pose(COCO_17),)), Frame(WH)]
    image_rgb = np.zeros((480, 640, 3), np.uint8)
    assert refine((estimator, [image_rgb] * 2, frames), "both") == frames
    assert refine((scene[0], [], []), "both") == []


def test_people_whose_parts_are_not_seen_come_back(scene):
    estimator = scene[0]
    pose = make_pose(estimator.keypoint_set)
    unseen = replace(pose, scores=np.full(len(pose.scores), 0.1))
    image_rgb, frame = np.zeros((480, 640, 3), np.uint8), Frame(WH, (unseen,))
    assert refine((estimator, [image_rgb], [frame]), "both") == [frame]


def test_an_unknown_choice_is_refused():
    with pytest.raises(ValueError, match=r"refine is 'feet', expected one of \['off', 'face',"):
        PoseOptions(refine="feet")


@pytest.mark.parametrize("keypoint_set", SETS)
def test_left_and_right_stay_what_they_are_in_the_mirrored_picture(keypoint_set):
    pose = make_pose(keypoint_set)
    second = replace(
        pose, keypoints_image=pose.keypoints_image + np.array([2, 1]), scores=pose.scores + 0.1
    )
    taken = take_if_better(pose, second, part_of(pose, "left_hand"))
    mirror = mirrored(pose)
    twin = take_if_better(mirror, mirrored(second), part_of(mirror, "right_hand"))
    assert np.allclose(mirrored(twin).keypoints_image, taken.keypoints_image)
    assert np.allclose(mirrored(twin).scores, taken.scores)
    assert (taken.refined, twin.refined) == (("left_hand",), ("right_hand",))


def test_the_choice_is_written_and_read_again():
    pose = replace(make_pose(GOLIATH_308), refined=("face", "left_hand"))
    frame = Frame(WH, (pose, make_pose(GOLIATH_308, seed=1)))
    document = sapiens_json.encode(frame, "a.png")
    assert document["instance_info"][0]["refined"] == ["face", "left_hand"]
    assert "refined" not in document["instance_info"][1]
    assert sapiens_json.decode(document) == frame
    assert sapiens_key.decode(sapiens_key.encode(frame, [])) == frame


LAST = SIDE - 1
EVERYTHING = np.full(len(WHOLEBODY), 0.5)


def read(near_scores, mask_reach=None, flip=False, mirror=False, parts="both", seen_from=0.3):
    """The one person of the made picture, or of the mirrored one, found by every stage.

    With ``mask_reach`` a mask holds what lies left of x = 158: half of the left hand is somebody
    else's.
    """
    image_rgb, (left, top, right, bottom) = picture_rgb(), BOX
    mask = np.zeros((SIDE, SIDE), bool)
    mask[top:bottom, left:158] = True
    people = People([(left, top, right, bottom)])
    if mirror:
        image_rgb, mask = np.ascontiguousarray(image_rgb[:, ::-1]), mask[:, ::-1]
        people = People([(LAST - right, top, LAST - left, bottom)])
    if mask_reach is not None:
        (people,) = people_from_masks([mask], [(SIDE, SIDE)])
    estimator = PoseEstimator(ReadingNetwork(EVERYTHING, near_scores))
    clean = CleanupOptions(guessed_part=0.0, mask_reach=mask_reach, score_threshold=seen_from)
    options = PoseOptions(EstimateOptions(flip=flip), clean, parts)
    (frame,) = find_poses(estimator, [image_rgb], [people], options)
    (pose,) = frame.poses
    return pose


def scores_of(hand: float, other: float) -> np.ndarray:
    """Of the left hand with its wrist, and of everything else."""
    scores = np.full(len(WHOLEBODY), other)
    scores[taken_indices(WHOLEBODY, "left_hand")] = hand
    return scores


@pytest.mark.parametrize("flip", [False, True])
def test_the_mirrored_picture_gives_the_mirrored_person_and_the_other_hand(flip):
    """The network is surer of the left hand when it is near, and less sure of the rest."""
    pose, twin = (read(scores_of(0.9, 0.3), flip=flip, mirror=mirror) for mirror in (False, True))
    assert pose.refined == ("left_hand",)
    assert twin.refined == ("right_hand",)
    assert np.abs(pose.keypoints_image - person()).max() < 0.5
    near = taken_indices(WHOLEBODY, "left_hand")
    assert pose.scores[near].min() > 0.8
    assert np.delete(pose.scores, near).max() < 0.51
    swap = WHOLEBODY.flip_indices
    points = twin.keypoints_image[swap] * (-1, 1) + (LAST, 0)
    assert np.abs(points - pose.keypoints_image).max() < 0.5
    assert np.abs(twin.scores[swap] - pose.scores).max() < 0.05


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("near", "taken"), [(0.9, True), (0.4, False)])
def test_a_hand_that_a_mask_hides_in_part_is_compared_by_what_is_shown(near, taken, mirror):
    plain, found = (
        read(scores_of(near, 0.3), mask_reach=0.0, mirror=mirror, parts=parts)
        for parts in ("off", "hands")
    )
    left = "right_hand" if mirror else "left_hand"
    rows = taken_indices(WHOLEBODY, left)
    assert 3 < (plain.scores[rows] > 0).sum() < len(rows) - 3  # the mask goes through the hand
    assert found.refined == ((left,) if taken else ())
    assert (found == plain) == (not taken)
    assert np.array_equal(found.scores > 0, plain.scores > 0)


def test_what_the_second_look_puts_outside_the_mask_is_hidden():
    """The first look has the whole left hand inside, the second some of it outside."""
    mask = np.zeros((SIDE, SIDE), bool)
    mask[:, :175] = True
    people = people_from_masks([mask], [(SIDE, SIDE)])
    near = scores_of(0.9, 0.3)
    estimator = PoseEstimator(ReadingNetwork(EVERYTHING, near, near_shift=10.0))
    clean = CleanupOptions.from_switches(duplicates=False, guesses=False, mask_reach=0.0)
    options = PoseOptions(EstimateOptions(flip=False), clean, "hands")
    (frame,) = find_poses(estimator, [picture_rgb()], people, options)
    (pose,) = frame.poses
    assert pose.refined == ("left_hand",)
    assert 0 < (pose.scores == 0).sum() < 11
    assert hide_outside_masks([frame], people, 0.0) == [frame]


def test_keypoints_that_the_second_look_puts_on_somebody_else_do_not_count():
    pose = make_pose(COCO_WHOLEBODY_133)
    rows = taken_indices(COCO_WHOLEBODY_133, "left_hand")
    shown, hidden = rows[::2], rows[1::2]
    scores = pose.scores.copy()
    scores[shown], scores[hidden] = 0.5, 0.0
    pose = replace(pose, scores=scores)
    for seen, taken in ((shown, True), (shown[::2], False)):
        second_scores = np.zeros(len(scores))
        second_scores[seen] = 0.9
        second = replace(pose, scores=second_scores)
        found = take_if_better(pose, second, part_of(pose, "left_hand"))
        assert bool(found.refined) == taken


@pytest.mark.parametrize(("seen_from", "looked_at"), [(0.0, True), (0.2, True), (0.6, False)])
def test_a_lower_threshold_finds_more_to_look_at(seen_from, looked_at):
    weak = np.full(len(WHOLEBODY), 0.25)
    estimator = PoseEstimator(ReadingNetwork(weak, weak))
    clean = CleanupOptions(guessed_part=0.0, score_threshold=seen_from)
    steps = []
    find_poses(
        estimator,
        [picture_rgb()],
        [People([BOX])],
        PoseOptions(EstimateOptions(flip=False), clean, "both"),
        lambda *step: steps.append(step),
    )
    assert ((3, 3) in steps) == looked_at


def test_a_higher_threshold_still_looks_at_what_may_rise_above_it():
    pose = read(scores_of(0.9, 0.3), seen_from=0.6)
    assert pose.refined == ("left_hand",)
