"""Whatever the people: nothing is lost, nothing is shown that should not be."""

from __future__ import annotations

import json

import numpy as np
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.formats import coco, openpose_json, sapiens_json
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.formats.readers.read import read_document
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    KEYPOINT_SETS,
    OPENPOSE_136,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.openpose_points import OpenPoseOptions, to_openpose
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from hypothesis import given, settings
from hypothesis import strategies as st

some = settings(max_examples=20, deadline=None, derandomize=True)

SETS = st.sampled_from(sorted(KEYPOINT_SETS)).map(KEYPOINT_SETS.__getitem__)
SIDES = st.integers(1, 8192)


@st.composite
def poses(draw: st.DrawFn, keypoint_set: KeypointSet, canvas_wh: tuple[int, int]) -> Pose:
    """Numbers from a drawn seed, spread from one corner's pixel to far off the canvas."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    spread = draw(st.sampled_from([0.0, 0.01, 1.0, 3.0]))
    count = len(keypoint_set)
    scores = random.uniform(draw(st.sampled_from([-0.5, 0.0, 0.31])), 1.2, count)
    return Pose(
        keypoints_image=(random.uniform(-0.5, 1.5, (count, 2)) * canvas_wh) * spread,
        scores=np.where(random.random(count) < draw(st.sampled_from([0, 0.3, 1])), 0.3, scores),
        keypoint_set=keypoint_set,
        canvas_wh=canvas_wh,
        box_xyxy=random.uniform(-10, 9000, 4),
        box_score=draw(st.floats(0, 1)),
        person_id=draw(st.none() | st.integers(0, 99)),
    )


@st.composite
def frames(draw: st.DrawFn, sets: st.SearchStrategy[KeypointSet] = SETS) -> Frame:
    canvas_wh = draw(st.tuples(SIDES, SIDES))
    people = draw(st.lists(poses(draw(sets), canvas_wh), max_size=20))
    return Frame(canvas_wh=canvas_wh, poses=tuple(people))


def encode_options() -> st.SearchStrategy[EncodeOptions]:
    jaws = st.sampled_from(["hidden", "drawn", "none"])
    threshold = st.sampled_from([0.0, 0.3, 0.9])
    return st.builds(
        EncodeOptions,
        openpose=st.builds(
            OpenPoseOptions,
            body_threshold=threshold,
            hands_threshold=threshold,
            min_hand_keypoints=st.integers(0, 21),
            face_jaw=jaws,
        ),
        confidence=st.sampled_from(["binary", "raw"]),
        missing=st.sampled_from(["zeros", "null"]),
        coords=st.sampled_from(["pixels", "normalised"]),
        body=st.sampled_from([18, 25]),
    )


@some
@given(st.lists(frames(), max_size=3), encode_options())
def test_pose_keypoint_loses_nothing(written: list[Frame], options: EncodeOptions) -> None:
    text = json.dumps(encode(written, options), allow_nan=False)
    assert decode(json.loads(text)) == tuple(written)


@some
@given(frames(), encode_options())
def test_openpose_files_lose_nothing(frame: Frame, options: EncodeOptions) -> None:
    text = json.dumps(openpose_json.encode(frame, options), allow_nan=False)
    assert decode(json.loads(text)) == (frame,)


@some
@given(frames())
def test_the_sapiens_json_loses_nothing(frame: Frame) -> None:
    text = json.dumps(sapiens_json.encode(frame, "photo"), allow_nan=False)
    assert sapiens_json.decode(json.loads(text)) == frame


@some
@given(st.lists(frames(st.just(COCO_WHOLEBODY_133)), max_size=2))
def test_coco_wholebody_loses_nothing(written: list[Frame]) -> None:
    document = coco.encode(written, COCO_WHOLEBODY_133)
    names, read = read_document(json.loads(json.dumps(document, allow_nan=False)))
    assert read == tuple(written)
    assert names == tuple(map(str, range(len(written))))


@some
@given(frames(st.just(OPENPOSE_136)))
def test_what_is_shown_is_read_from_the_arrays_alone(frame: Frame) -> None:
    shown = [to_openpose(pose) for pose in frame.poses]
    shown = [pose for pose in shown if pose.scores[OPENPOSE_136.part_indices("body")].any()]
    written = encode((frame,), EncodeOptions(confidence="raw"))
    (read,) = decode(json.loads(json.dumps(written)), ReadOptions(lossless=False))
    assert read.canvas_wh == frame.canvas_wh
    for pose, expected in zip(read.poses, shown, strict=True):
        # A face at 0, 0 counts as missing, whatever its confidence.
        visible = (expected.scores > 0) & expected.keypoints_image.any(axis=1)
        assert np.array_equal(pose.scores[visible], expected.scores[visible])
        assert np.array_equal(pose.keypoints_image[visible], expected.keypoints_image[visible])
        assert not pose.scores[expected.scores <= 0].any()


@some
@given(frames(), encode_options())
def test_the_written_shape(frame: Frame, options: EncodeOptions) -> None:
    (document,) = encode((frame,), options)
    lengths = {"pose_keypoints_2d": 3 * (options.body or 18), "face_keypoints_2d": 210}
    for person in document["people"]:
        for name, part in person.items():
            expected = lengths.get(name, 18 if "foot" in name else 63)
            assert len(part or [0] * expected) == expected
            assert (part is None) <= (options.missing == "null" and name != "pose_keypoints_2d")


@some
@given(frames())
def test_a_mirror_twice_is_the_identity(frame: Frame) -> None:
    for pose in frame.poses:
        swap = pose.keypoint_set.flip_indices
        assert np.array_equal(pose.keypoints_image[swap][swap], pose.keypoints_image)


@some
@given(frames(st.sampled_from([COCO_17, COCO_WHOLEBODY_133, GOLIATH_308])))
def test_mirroring_before_or_after_a_conversion_is_the_same(frame: Frame) -> None:
    """Left hands stay left hands in every conversion."""
    for pose in frame.poses:
        mirrored = _mirror(pose)
        for target in (COCO_17, COCO_WHOLEBODY_133, OPENPOSE_136):
            if len(target) <= len(pose.keypoint_set) or target is OPENPOSE_136:
                before = convert_pose(mirrored, target)
                after = _mirror(convert_pose(pose, target))
                found = after.scores > 0
                np.testing.assert_allclose(
                    before.keypoints_image[found], after.keypoints_image[found], rtol=1e-12
                )
                assert np.array_equal(before.scores, after.scores)


def _mirror(pose: Pose) -> Pose:
    swap = pose.keypoint_set.flip_indices
    return Pose(
        keypoints_image=pose.keypoints_image[swap] * (-1, 1),
        scores=pose.scores[swap],
        keypoint_set=pose.keypoint_set,
        canvas_wh=pose.canvas_wh,
        box_xyxy=pose.box_xyxy,
    )
