"""Retargeting in the real ComfyUI's executor, against what the command line writes."""

import importlib
import json
from dataclasses import replace

import numpy as np
import pytest
from graphs import changed, node
from helpers.samples import sample

CANVAS = (640, 425)
JOINTS = np.array(
    [
        *((0, 0), (0, 30), (-25, 30), (-30, 70), (-35, 105), (25, 30), (30, 70), (35, 105)),
        *((-15, 110), (-17, 165), (-18, 215), (15, 110), (17, 165), (18, 215)),
        *((-5, -5), (5, -5), (-12, 0), (12, 0)),
    ],
    dtype=float,
)
"""OpenPose's eighteen joints of somebody who stands, by their distance from the nose."""
LEGS = [9, 10, 12, 13]
SHORT_LEGS = JOINTS.copy()
SHORT_LEGS[LEGS, 1] -= (JOINTS[LEGS, 1] - JOINTS[8, 1]) / 2


def person(joints: np.ndarray, x: float, y: float = 100) -> dict:
    triples = np.column_stack([np.add(joints, (x, y)), np.ones(18)])
    return {"pose_keypoints_2d": triples.ravel().tolist()}


def write(comfyui, name: str, rows: list, joints: np.ndarray = JOINTS) -> str:
    """A POSE_KEYPOINT file in the input folder, one frame a row of people's places."""
    frames = [
        {
            "people": [person(joints, x) for x in row],
            "canvas_width": CANVAS[0],
            "canvas_height": CANVAS[1],
        }
        for row in rows
    ]
    (comfyui.base / "input" / name).write_text(json.dumps(frames))
    return name


def graph_of(clip: str, reference: str, socket: int = 1, **inputs) -> dict:
    return {
        "clip": node("SapiensPoseLoad", file=clip),
        "reference": node("SapiensPoseLoad", file=reference),
        "retarget": node(
            "SapiensPoseRetarget",
            poses=["clip", socket],
            reference_poses=["reference", socket],
            **inputs,
        ),
        "json": node("SapiensPoseToJSON", poses=["retarget", 0], format="comfy"),
        "text": node("PreviewAny", source=["json", 0]),
        "keypoints": node("PreviewAny", source=["retarget", 1]),
        "boxes": node("PreviewAny", source=["retarget", 2]),
    }


@pytest.fixture(scope="module")
def module_of(comfyui):
    """Gives a module of the pack by its name, as ComfyUI has loaded it."""
    retarget = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseRetarget"]
    pack = retarget.__module__.removesuffix(".nodes.poses.retarget")
    return lambda name: importlib.import_module(f"{pack}.{name}")


@pytest.fixture
def files(comfyui):
    clip = write(comfyui, "driver.json", [[100 + 10 * time] for time in range(8)] + [[]])
    return clip, write(comfyui, "short.json", [[400]], SHORT_LEGS)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        pytest.param({}, [], marks=pytest.mark.exhaustive),
        pytest.param(
            {"placement": "as the driver"},
            ["--placement", "as-the-driver"],
            marks=pytest.mark.exhaustive,
        ),
        ({"strength": 0.5, "hands": False}, ["--strength", "0.5", "--no-hands"]),
        pytest.param({"anchor_frame": 3}, ["--anchor-frame", "3"], marks=pytest.mark.exhaustive),
        pytest.param({"match": "first"}, ["--match", "first"], marks=pytest.mark.exhaustive),
    ],
    ids=str,
)
@pytest.mark.parametrize("socket", sample([0, 1], [0]), ids=["SAPIENS_POSES", "POSE_KEYPOINT"])
def test_node_and_command_agree_to_the_last_digit(
    comfyui, module_of, files, tmp_path, inputs, words, socket
):
    run = comfyui.run(graph_of(*files, socket, **inputs))
    assert run.success, run.messages
    clip, reference = (str(comfyui.base / "input" / name) for name in files)
    out = tmp_path / "out.json"
    main = module_of("cli").main
    assert main(["retarget", clip, "--reference", reference, "-o", str(out), *words]) == 0
    assert json.loads(run.outputs["text"]["text"][0]) == json.loads(out.read_text())
    assert len(json.loads(run.outputs["boxes"]["text"][0])) == 9


def test_legs_become_short_and_the_place_is_the_references(comfyui, files):
    run = comfyui.run(graph_of(*files))
    (first, *_) = json.loads(run.outputs["keypoints"]["text"][0])
    points = np.array(first["people"][0]["pose_keypoints_2d"]).reshape(-1, 3)[:, :2]
    assert np.allclose(points[[8, 11], 0].mean(), 400, atol=0.01)
    assert np.allclose(points[10, 1], 100 + SHORT_LEGS[10, 1], atol=0.01)
    trunk, leg = points[8, 1] - points[1, 1], points[10, 1] - points[8, 1]
    assert leg / trunk == pytest.approx(
        (SHORT_LEGS[10, 1] - SHORT_LEGS[8, 1]) / (SHORT_LEGS[8, 1] - SHORT_LEGS[1, 1]), rel=0.2
    )


def test_the_preview_shows_sixteen_frames_at_most(comfyui, files):
    clip = write(comfyui, "longer.json", [[100]] * 17)
    graph = graph_of(clip, files[1])
    graph["size"] = node("GetImageSize", image=["retarget", 3])
    graph["width"] = node("PreviewAny", source=["size", 0])
    graph["count"] = node("PreviewAny", source=["size", 2])
    run = comfyui.run(graph)
    assert run.success, run.messages
    assert len(run.outputs["retarget"]["images"]) == 16
    assert run.outputs["count"]["text"] == ["16"]
    cell = round(512 * CANVAS[0] / CANVAS[1])
    assert run.outputs["width"]["text"] == [str(3 * cell + 2 * 4)]


def test_a_reference_without_anybody_is_refused(comfyui, files):
    nobody = write(comfyui, "nobody.json", [[]])
    run = comfyui.run(changed(graph_of(*files), "reference", file=nobody))
    assert not run.success
    assert "Nobody is found in the reference" in str(run.messages)


def test_a_person_of_133_keypoints_keeps_them(comfyui, module_of, files, tmp_path):
    formats = module_of("skeletons.formats.table")
    whole_body = module_of("skeletons.keypoint_sets").COCO_WHOLEBODY_133
    convert_pose = module_of("skeletons.convert_sets").convert_pose
    name, reference = files
    frames = [
        replace(frame, poses=tuple(convert_pose(pose, whole_body) for pose in frame.poses))
        for frame in formats.read_poses(comfyui.base / "input" / name)
    ]
    path = comfyui.base / "input" / "133.json"
    formats.write_poses(path, [("", frame) for frame in frames], formats.FORMATS["comfy"])
    run = comfyui.run(graph_of("133.json", reference, 0))
    assert run.success, run.messages
    written = tmp_path / "text.json"
    written.write_text(run.outputs["text"]["text"][0])
    poses = [pose for frame in formats.read_poses(written) for pose in frame.poses]
    assert {pose.keypoint_set for pose in poses} == {whole_body}
