"""Mutated pose files, of every format and as sockets carry them: read, or refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from comfyui_sapiens_pose.commands.files.boxes_file import BoxesFile
from comfyui_sapiens_pose.skeletons.draw import STYLES, DrawOptions, render
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions, encode
from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
from comfyui_sapiens_pose.skeletons.formats.readers.read import read_document
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, read_named_poses
from comfyui_sapiens_pose.skeletons.foundation.safe_json import parse_json
from comfyui_sapiens_pose.skeletons.keypoint_sets import (
    COCO_17,
    COCO_WHOLEBODY_133,
    GOLIATH_308,
    OPENPOSE_136,
    KeypointSet,
)
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.fuzzing import Make, as_text, fuzz, mutated_bytes, mutated_documents
from helpers.openpose_goldens import FOLDER
from helpers.poses import make_pose

FILES = Path(__file__).parents[1] / "golden" / "pose_files"

READ_OPTIONS = [
    ReadOptions(),
    ReadOptions((320, 240), hands_swapped=True),
    ReadOptions(lossless=False),
    ReadOptions((320, 240), lossless=False),
    ReadOptions((320, 240), units="plus-minus-one"),
]


def frame(keypoint_set: KeypointSet, people: int) -> Frame:
    poses = [make_pose(keypoint_set, seed, seed or None) for seed in range(people)]
    return Frame((640, 480), tuple(poses))


def written(name: str) -> list[Any]:
    """What this package writes in a format."""
    sets = {"coco": [(COCO_17, 2)], "coco-wholebody": [(COCO_WHOLEBODY_133, 1)]}
    options = [EncodeOptions(), EncodeOptions(lossless=False, coords="normalised", missing="null")]
    documents = [
        FORMATS[name].encode([frame(keypoint_set, people)], ["a.png"], each)
        for keypoint_set, people in sets.get(name, [(COCO_17, 2), (OPENPOSE_136, 1)])
        for each in options
    ]
    return json.loads(json.dumps(documents))


def dialects() -> list[Any]:
    """POSE_KEYPOINT of others, of ours, and of kijai's nodes."""
    files = sorted(FOLDER.glob("o0*pose.json"))[::3]
    native = [[1.0 * i, 2.0 * i, 0.5] for i in range(len(GOLIATH_308))]
    return [
        *(json.loads(path.read_text()) for path in files),
        *encode([frame(COCO_17, 2)]),
        {"people": [{"keypoints_2d": native}], "canvas_width": 640, "canvas_height": 480},
    ]


def told(error: ValueError, path: Path) -> None:
    """A message names the file."""
    assert str(path) in str(error)


def is_short(error: ValueError) -> None:
    """A message can be read at a glance, however large the file."""
    assert len(str(error)) < 1500


USES = [None] * 20 + list(STYLES)
"""The style in which a case is drawn; None where it is read only, which is quicker."""


def with_options(documents: Make) -> Make:
    """Documents, and how they are read and drawn."""
    return lambda chance: (documents(chance), chance.choice(READ_OPTIONS), chance.choice(USES))


def use(frames: Any, style: str | None) -> None:
    """What is read can be drawn, and written without NaN."""
    if style:
        for each in frames[:2]:
            render(each, DrawOptions(style=style, canvas_wh=(32, 24)))
        json.dumps(encode(frames), allow_nan=False)


@pytest.mark.parametrize("name", FORMATS)
def test_pose_files(name: str, cases: int, memory_path: Path) -> None:
    path = memory_path / "pose.json"

    def check(case: tuple[Any, ReadOptions, str | None]) -> None:
        document, options, style = case
        path.write_bytes(as_text(document))
        try:
            named = read_named_poses(path, options)
        except ValueError as error:
            told(error, path)
            return
        use([each for _, each in named], style)
        assert all(type(name) is str and Path(name).name == name for name, _ in named)

    documents = mutated_documents(written(name))
    fuzz(check, with_options(documents), cases)


def test_pose_keypoint(cases: int) -> None:
    def check(case: tuple[Any, ReadOptions, str | None]) -> None:
        document, options, style = case
        try:
            frames = decode(document, options)
        except ValueError:
            return
        use(frames, style)

    documents = mutated_documents(dialects())
    fuzz(check, with_options(documents), cases)


def foreign() -> list[Any]:
    """Files of other programs."""
    names = ("EYE", "EAR", "HIP", "KNEE")
    others = [
        {"candidate": [[1, 2, 1.0, 0]] * 18, "subset": [[*range(18), 3, 18]]},
        [{"name": "person", "keypoints": {"x": [1.0] * 17, "y": [2.0] * 17}}],
        {"poseLandmarks": [{"x": 0.5, "y": 0.4, "z": 0, "visibility": 1}] * 33},
        {
            "NOSE": {"x": 1, "y": 2},
            **{f"LEFT_{n}": {"x": 1, "y": 2} for n in names},
        },
    ]
    return [json.loads(path.read_text()) for path in sorted(FILES.glob("*.json"))] + others


def test_files_of_other_programs(cases: int) -> None:
    def check(case: tuple[Any, ReadOptions, str | None]) -> None:
        document, options, style = case
        try:
            _, frames = read_document(document, options)
        except ValueError as error:
            is_short(error)
            return
        use(frames, style)

    fuzz(check, with_options(mutated_documents(foreign())), cases)


def test_json_text(cases: int, memory_path: Path) -> None:
    path = memory_path / "pose.json"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            parse_json(content)
            read_named_poses(path)
        except ValueError:
            return

    valid = [as_text(written(name)[0]) for name in FORMATS]
    fuzz(check, mutated_bytes([*valid, b"[" * 3000, b'{"a":' * 3000, b"1e9999"]), cases)


def test_gzipped_files(cases: int, memory_path: Path) -> None:
    import gzip

    path = memory_path / "pose.json.gz"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            read_named_poses(path)
        except ValueError as error:
            told(error, path)

    valid = [gzip.compress(as_text(written(name)[0]), mtime=0) for name in FORMATS]
    fuzz(check, mutated_bytes(valid), cases)


def test_boxes_files(cases: int, memory_path: Path) -> None:
    path = memory_path / "boxes.json"

    def check(document: Any) -> None:
        path.write_bytes(as_text(document))
        try:
            people = BoxesFile.read(path).people(Path("a.png"), 1)
            assert len(people.usable((640, 480)).pairs()) <= len(people)
        except ValueError:
            return

    box = [10.5, 20, 300, 400]
    valid = [[box], {"a.png": [box, box]}, {"a.png": [], "b.png": [box]}, []]
    fuzz(check, mutated_documents(valid), cases)
