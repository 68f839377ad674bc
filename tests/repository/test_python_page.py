"""The examples of docs/python.md run as they stand there, and what it calls public stays."""

from __future__ import annotations

import inspect
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose import api
from helpers.samples import sample

EXAMPLES = ("skeleton.png", "skeleton.mp4", "poses.json", None, "overlay.png")
"""A file that each example writes."""

PUBLIC = {
    "DrawOptions": "style background",
    "EstimateOptions": "flip batch_size",
    "Frame": "canvas_wh poses",
    "People": "boxes_xyxy scores",
    "Pose": "keypoints_image scores keypoint_set canvas_wh box_xyxy box_score person_id",
    "PoseEstimator": "model device dtype",
    "PoseOptions": "estimate clean refine",
    "VideoInfo": "path",
    "VideoReader": "path",
    "VideoWriter": "path like",
    "find_poses": "estimator images_rgb people options",
    "load_estimator": "model keypoints weights device precision models_dir",
    "normalise": "crops_rgb",
    "read_image": "path",
    "read_poses": "path",
    "read_video_info": "path",
    "render": "frame options image_rgb",
    "write_image": "path image_rgb",
    "write_poses": "path frames format_name names",
}
"""Public names with arguments that they must keep, in order of those without others between."""


@pytest.fixture(scope="module")
def page(root) -> str:
    return (root / "docs/python.md").read_text(encoding="utf-8")


def examples(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


@pytest.fixture
def folder(root, tmp_path, monkeypatch) -> Path:
    """A photo, a clip of three frames, and the miniature under the name of the official file."""
    photo = root / "miniature/photos/000000000785.jpg"
    shutil.copy(photo, tmp_path / "photo.jpg")
    models = tmp_path / "models" / "sapiens"
    models.mkdir(parents=True)
    miniature = root / "miniature/sapiens_miniature_17.safetensors"
    shutil.copy(miniature, models / "sapiens2_0.4b_pose.safetensors")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_clip(path: Path, image: np.ndarray) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.height, stream.width = image.shape[:2]
        for _ in range(2):
            for packet in stream.encode(av.VideoFrame.from_ndarray(image)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


@pytest.mark.parametrize("number", sample(range(len(EXAMPLES)), [0, 3]))
def test_an_example_runs_as_it_stands(page, folder, number, capsys):
    if "clip.mp4" in (code := examples(page)[number]):
        photo = api.read_image("photo.jpg")
        write_clip(folder / "clip.mp4", np.ascontiguousarray(photo[:424:2, ::2]))
    exec(compile(code, f"example {number + 1}", "exec"), {})  # noqa: S102
    assert EXAMPLES[number] is None or (folder / EXAMPLES[number]).stat().st_size > 0
    if "left wrist" in code:  # 449, 165 in the annotations; a cell is 6 pixels there
        x, y = map(float, re.findall(r"[\d.]+", capsys.readouterr().out)[-2:])
        assert np.hypot(x - 449, y - 165) < 8


def test_there_are_five_examples(page):
    assert len(examples(page)) == len(EXAMPLES) == 5


def test_what_is_public_stays():
    assert sorted(api.__all__) == sorted(PUBLIC)
    for name, expected in PUBLIC.items():
        found = list(inspect.signature(getattr(api, name)).parameters)
        wanted = expected.split()
        assert [each for each in found if each in wanted] == wanted, name


def test_every_public_name_is_on_the_page(page):
    listed = page.split("## What is public")[1]
    assert [name for name in PUBLIC if not re.search(rf"`{name}\b", listed)] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("poses.json", [], "unknown"), "format_name is 'unknown', expected one of comfy"),
        (("poses.json", [api.Frame((2, 2))], "coco"), "0 names were given for 1 frames"),
    ],
)
def test_wrong_values_are_named(folder, arguments, message):
    with pytest.raises(ValueError, match=message):
        api.write_poses(*arguments, names=[])
