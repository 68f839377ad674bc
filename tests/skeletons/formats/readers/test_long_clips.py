"""Lists of frames that this package did not write, or that were edited, are read one by one."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.formats import pose_keypoint_writer
from comfyui_sapiens_pose.skeletons.formats.clips.clip_text import ClipText
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.formats.readers.read import read_document
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.foundation import json_stream, safe_json
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

CANVAS_WH = (1280, 720)

MAX_MEMORY = 1.5
"""Maximum memory while a clip is read, in sizes of its file; parsed JSON takes 3 to 5."""


def make_clip(num_frames: int, num_people: int = 1) -> list[Frame]:
    """People with all digits of their numbers, as a network gives them."""
    random = np.random.default_rng(0)
    num = len(COCO_WHOLEBODY_133)

    def pose(person_id: int) -> Pose:
        return Pose(
            keypoints_image=random.uniform(size=(num, 2)) * CANVAS_WH,
            scores=random.uniform(0.4, 1, num),
            keypoint_set=COCO_WHOLEBODY_133,
            canvas_wh=CANVAS_WH,
            box_xyxy=np.array([0.0, 0.0, *CANVAS_WH]),
            person_id=person_id,
        )

    people = [tuple(map(pose, range(num_people))) for _ in range(num_frames)]
    return [Frame(CANVAS_WH, poses) for poses in people]


def clip_text(frames: list[Frame], is_edited: bool = False, **options: bool) -> str:
    text = ClipText("comfy", EncodeOptions(**options))
    texts = [text.add(frame, f"{index}.png", index) for index, frame in enumerate(frames)]
    if is_edited:
        middle = len(texts) // 2
        texts[middle] = texts[middle].replace('_2d": [', '_2d": [1', 1)
    return "".join(texts) + text.end()


KINDS = {
    "without complete poses": (False, False, True),
    "edited": (True, True, True),
    "complete poses are not wanted": (True, False, False),
}
"""Whether a file has complete poses, whether a frame was edited, and whether they are wanted."""


@pytest.mark.parametrize("kind", KINDS)
def test_frames_are_those_of_the_whole_file(kind: str, write: Callable[[str], Path]) -> None:
    lossless, is_edited, wanted = KINDS[kind]
    text = clip_text(make_clip(3, 2), is_edited, lossless=lossless)
    options = ReadOptions(lossless=wanted)
    _, frames = read_document(json.loads(text), options)
    assert read_poses(write(text), options) == frames
    ids = [pose.person_id for frame in frames for pose in frame.poses]
    assert ids == ([0, 1] * 3 if lossless else [None] * 6)


def check_memory(path: Path, options: ReadOptions, num_frames: int) -> None:
    tracemalloc.start()
    frames = read_poses(path, options)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(frames) == num_frames
    assert peak < MAX_MEMORY * path.stat().st_size


@pytest.mark.promise("Files cost what they weigh")
def test_a_clip_takes_little_more_memory_than_its_file(
    write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "CHUNK", 2**10)
    monkeypatch.setattr(safe_json, "CHUNK", 2**10)
    check_memory(write(clip_text(make_clip(40), lossless=False)), ReadOptions(), 40)


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", KINDS)
def test_long_clips_take_little_more_memory_than_their_files(
    kind: str, write: Callable[[str], Path]
) -> None:
    lossless, is_edited, wanted = KINDS[kind]
    path = write(clip_text(make_clip(1000, 2), is_edited, lossless=lossless))
    check_memory(path, ReadOptions(lossless=wanted), 1000)


EMPTY = pose_keypoint_writer.encode_frame(Frame(CANVAS_WH))


@pytest.mark.parametrize(
    "documents",
    [
        [EMPTY, EMPTY],
        [EMPTY, 5],
        [EMPTY, {"people": [{"pose_keypoints_2d": "text"}]}],
        [EMPTY, {"people": {}}],
        [{"people": [{"pose_keypoints_2d": [1.0] * 7}]}],
        [{"people": [], "image_id": 1, "keypoints": [1.0] * 51}] * 2,
        [{"people": [{"pose_keypoints_2d": [1.0] * 54}]}, {"image_id": 1}],
    ],
)
def test_what_cannot_be_read_is_said_as_of_the_whole_file(
    documents: list[object], write: Callable[[str], Path]
) -> None:
    path = write(json.dumps(documents))
    assert said(lambda: read_poses(path)).removeprefix(f"{path}: ") == said(
        lambda: read_document(documents)[1]
    )


def said(read: Callable[[], tuple[Frame, ...]]) -> str:
    """What is said of a document, or what was read."""
    try:
        return str(read())
    except ValueError as error:
        return str(error)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    ("limit", "message"),
    [("MAX_JSON_BYTES", "is larger than the limit of 0 MB"), ("MAX_JSON_MEMORY_BYTES", "GB of")],
)
def test_limits_are_those_of_a_file(
    limit: str, message: str, write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames come one by one, but together they may be too many."""
    text = json.dumps([{"people": [{"pose_keypoints_2d": [1.0] * 54}]}] * 30)
    monkeypatch.setattr(safe_json, limit, len(text) // 2)
    with pytest.raises(ValueError, match=message):
        read_poses(write(text))
