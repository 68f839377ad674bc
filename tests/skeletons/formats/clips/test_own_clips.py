"""Clips of our own are read frame by frame as they are read as a whole, and have no length."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from comfyui_sapiens_pose.skeletons.formats.clips import own_clips
from comfyui_sapiens_pose.skeletons.formats.clips.clip_text import ClipText
from comfyui_sapiens_pose.skeletons.formats.clips.own_clips import ForeignEntryError, read_own_clip
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.formats.readers.read import read_document
from comfyui_sapiens_pose.skeletons.formats.table import read_named_poses, read_poses
from comfyui_sapiens_pose.skeletons.foundation import json_stream, safe_json
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.poses import make_frame

FORMATS = ("comfy", "sapiens", "coco", "coco-wholebody")
FRAMES = [make_frame(GOLIATH_308, people) for people in (2, 0, 1, 0)]


def clip_text(name: str, frames: list[Frame] = FRAMES, **options: Any) -> str:
    text = ClipText(name, EncodeOptions(**options), "walk.mp4")
    pieces = [text.add(frame, f"walk_{i}", i, i / 25) for i, frame in enumerate(frames)]
    return "".join(pieces) + text.end()


def images_first(text: str) -> str:
    """COCO's usual order, in which the images come before the annotations."""
    document = json.loads(text)
    return json.dumps({key: document[key] for key in ("images", "annotations", "categories")})


@pytest.mark.parametrize("name", [*FORMATS, "coco, images first", "comfy, normalised"])
def test_frames_are_those_of_the_whole_file(name: str, write: Callable[[str], Path]) -> None:
    options = {"coords": "normalised"} if "normalised" in name else {}
    text = clip_text(name.split(",")[0], **options)
    path = write(images_first(text) if "first" in name else text)
    read = list(read_own_clip(path, ReadOptions()))
    names, frames = read_document(json.loads(path.read_text()))
    assert [frame for _, frame in read] == list(frames)
    assert [len(frame.poses) for frame in frames] == [2, 0, 1, 0]
    assert tuple(name for name, _ in read if name) == names
    named = read_named_poses(path)
    assert tuple(frame for _, frame in named) == frames
    assert tuple(name for name, _ in named) == (names or tuple(f"clip_{i:05}" for i in range(4)))


@pytest.mark.parametrize("name", FORMATS)
def test_a_clip_may_be_longer_than_a_file(
    name: str, write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits are those of a frame; another program's clip of that length is refused."""
    text = clip_text(name, [make_frame(COCO_17, 1)] * 40)
    path = write(text)
    for module in (json_stream, safe_json):
        monkeypatch.setattr(module, "MAX_JSON_BYTES", len(text) // 4)
    monkeypatch.setattr(json_stream, "CHUNK", 256)
    assert len(read_poses(path)) == 40
    foreign = write(text.replace("sapiens", "sapient").replace("clip", "clap"))
    with pytest.raises(ValueError, match="larger than the limit of"):
        read_poses(foreign)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.promise("Files cost what they weigh")
def test_limits_count_per_frame(
    name: str, write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(clip_text(name))
    for limit, value, message in (
        ("MAX_PEOPLE", 1, r"clip\.json: There are 2 people; at most 1 can"),
        ("MAX_FRAMES", 2, r"clip\.json: There are 3 frames; at most 2 can"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(own_clips, limit, value)
            with pytest.raises(ValueError, match=message):
                read_poses(path)


def test_a_frame_that_cannot_be_read_is_named(write: Callable[[str], Path]) -> None:
    document = json.loads(clip_text("sapiens"))
    document["frames"][2]["instance_info"][0]["keypoint_scores"] = [1.0]
    path = write(json.dumps(document))
    with pytest.raises(ValueError, match=r"clip\.json: frame 2: Person 0 cannot be read: 308"):
        read_poses(path)


def edit_frame(document: Any) -> None:
    document[2]["people"][0]["pose_keypoints_2d"][0] += 5


def add_animal(document: Any) -> None:
    document[2]["animals"] = [[1, 2, 3]]


def raise_version(document: Any) -> None:
    document["version"] = 2


def omit_canvas(document: Any) -> None:
    del document["frames"][2]["canvas"]


def mix_annotations(document: Any) -> None:
    document["annotations"].reverse()


def add_annotation(document: Any) -> None:
    document["annotations"].append({"image_id": 3, "keypoints": [9.0, 9.0, 2.0] * 17})


def add_info(document: Any) -> None:
    document["info"] = {"year": 2026}


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        *(("comfy", edit) for edit in (edit_frame, add_animal, list.clear)),
        *(("sapiens", edit) for edit in (raise_version, omit_canvas, add_info)),
        *(("coco", edit) for edit in (mix_annotations, add_annotation, add_info)),
    ],
)
def test_what_another_program_changed_is_read_as_a_whole(
    name: str, edit: Callable[[Any], None], write: Callable[[str], Path]
) -> None:
    document = json.loads(clip_text(name))
    edit(document)
    path = write(json.dumps(document))
    with pytest.raises(ForeignEntryError):
        list(read_own_clip(path, ReadOptions()))
    try:
        expected: object = read_document(document)[1]
    except ValueError as error:
        with pytest.raises(ValueError, match=str(error)[:20]):
            read_poses(path)
    else:
        assert read_poses(path) == expected


@pytest.mark.parametrize("text", ["[]", "{}", "3", "[3]", '{"people": []}', "[[]]", "", "[", "x"])
def test_what_is_no_clip_is_left_to_the_readers(text: str, write: Callable[[str], Path]) -> None:
    with pytest.raises(ForeignEntryError):
        list(read_own_clip(write(text), ReadOptions()))


@pytest.mark.parametrize("name", FORMATS)
def test_without_native_keypoints_a_clip_is_left_to_the_readers(
    name: str, write: Callable[[str], Path]
) -> None:
    with pytest.raises(ForeignEntryError):
        list(read_own_clip(write(clip_text(name)), ReadOptions(lossless=False)))
