"""``estimate`` on the frames of a clip."""

import argparse
import json

import cv2
import numpy as np
import pytest
import scenes
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.clip import SORTS, ClipSettings, people_of_clip
from comfyui_sapiens_pose.commands.estimate import add_parser
from comfyui_sapiens_pose.commands.units import Failure
from comfyui_sapiens_pose.sapiens_core.images import read_image
from comfyui_sapiens_pose.skeletons.pose import Frame
from scenes import CANVAS, figure, make_pose

PLACES = [[100, 800], [805, 105], [], [112, 815, 400], [117, 820, 402]]


def parser():
    """That of ``sapiens-pose estimate``."""
    top = argparse.ArgumentParser()
    add_parser(top.add_subparsers())
    return top


def find_known_people(places, images_rgb, people, options, on_batch):
    """Stands for the network: finds people at the next of ``places``, its estimator."""
    frames = []
    for _ in images_rgb:
        random = np.random.default_rng(0)
        points = [figure((x, 400), 250, 0) for x in next(places)]
        poses = [make_pose(scenes.noisy(each, 0.002, random)) for each in points]
        frames.append(Frame(CANVAS, poses))
    return frames


@pytest.fixture
def estimate(tmp_path, monkeypatch, root):
    """Runs ``estimate`` on five frames; ids and noses of what it wrote, frame by frame."""
    monkeypatch.setattr(
        "comfyui_sapiens_pose.commands.unit_work.load_estimator",
        lambda settings, device: iter(PLACES),
    )
    monkeypatch.setattr("comfyui_sapiens_pose.commands.unit_work.find_poses", find_known_people)
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(len(PLACES)):
        cv2.imwrite(str(folder / f"{number + 8}.png"), np.full((720, 1280, 3), 90, np.uint8))

    def run(*arguments):
        command = ["estimate", str(folder), "-o", str(tmp_path / "out"), *arguments]
        command += ["--weights", str(root / "miniature/sapiens_miniature_17.safetensors")]
        run.status = main(command)
        found = []
        for number in range(len(PLACES)):
            path = tmp_path / "out" / f"{number + 8}.json"
            people = json.loads(path.read_text())["instance_info"] if path.exists() else []
            noses = [round(each["keypoints"][0][0], -1) for each in people]
            found.append(list(zip([p.get("person_id") for p in people], noses, strict=True)))
        return found

    run.folder = folder
    return run


def test_without_clip_nobody_has_an_id(estimate):
    assert {number for frame in estimate() for number, _ in frame} == {None}


@pytest.mark.parametrize("smooth", [[], ["--smooth", "gaussian"], ["--smooth", "one-euro"]])
def test_ids_stay_with_people(estimate, smooth):
    found = estimate("--clip", "--track", *smooth)
    assert [[number for number, _ in frame] for frame in found] == [
        [0, 1],
        [0, 1],
        [],
        [0, 1, 2],
        [0, 1, 2],
    ]
    for frame in found:
        for number, nose in frame:
            assert abs(nose - {0: 110, 1: 810, 2: 400}[number]) <= 20


@pytest.mark.parametrize(
    ("arguments", "noses"),
    [
        (["--max-people", "1"], [[100], [800], [], [110], [120]]),
        (["--sort", "left-to-right", "--select", "1"], [[800], [800], [], [400], [400]]),
        (["--clip", "--select-ids", "1"], [[800], [800], [], [820], [820]]),
    ],
    ids=str,
)
def test_people_are_selected(estimate, arguments, noses):
    found = estimate(*arguments)
    for frame, expected in zip(found, noses, strict=True):
        assert [nose for _, nose in frame] == pytest.approx(expected, abs=10)


def test_smoothing_changes_json_and_drawings(estimate, tmp_path):
    estimate("--clip", "--track", "--overlay")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    estimate("--clip", "--smooth", "savitzky-golay", "--overlay")
    after = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert before.keys() == after.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert {"11.json", "8.json"} <= changed
    assert not [name for name in changed if name.startswith("10")]  # nobody is in it
    assert (read_image(tmp_path / "out" / "10_overlay.png") == 90).all()


def test_a_frame_that_cannot_be_read_is_a_frame_with_nobody(estimate):
    (estimate.folder / "9.png").write_bytes(b"broken")
    found = estimate("--clip", "--smooth", "none")
    assert estimate.status == 1
    assert [len(frame) for frame in found][:1] == [2]
    assert found[1] == []
    assert [number for number, _ in found[2]] == [0, 1]


def test_time_goes_on_in_frames_that_could_not_be_read():
    """On a straight way smoothing moves nobody, unless frames are missing from it."""
    options = parser().parse_args(["estimate", "x", "-o", "out", "--clip", "--smooth", "gaussian"])
    known = {
        number: Frame(CANVAS, [make_pose(figure((100 + 20 * number, 400), 250, 0))])
        for number in (0, 1, 2, 3, 6, 7, 8)
    }
    results = [known.get(number, Failure("broken")) for number in range(9)]
    for number, result in enumerate(people_of_clip(results, ClipSettings.of(options))):
        if number not in known:
            assert result == Failure("broken")
        else:
            x = result.poses[0].keypoints_image[0, 0]
            assert x == pytest.approx(100 + 20 * number, abs=0.1)


@pytest.mark.parametrize(
    "argument",
    [["--track"], ["--smooth", "gaussian"], ["--select-ids", "0"], ["--sort", "track-id"]],
    ids="".join,
)
def test_a_clip_must_be_called_one(estimate, argument):
    estimate(*argument)
    assert estimate.status == 1


@pytest.mark.parametrize("argument", [["--select", "first"], ["--smooth-strength", "2"]])
def test_wrong_values_are_told_before_anything_runs(estimate, argument, tmp_path):
    estimate("--clip", "--smooth", "gaussian", *argument)
    assert estimate.status == 1
    assert not (tmp_path / "out").exists()


def test_with_the_real_network(tmp_path, sapiens1):
    folder = tmp_path / "frames"
    folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), random.integers(0, 255, (60, 40, 3), np.uint8))
    arguments = ["estimate", folder, "-o", tmp_path / "out", "--num-heads", "4", "--clip"]
    arguments += ["--weights", sapiens1 / "tiny_17.safetensors", "--smooth", "one-euro"]
    assert main([str(argument) for argument in arguments]) == 0
    for number in range(3):
        document = json.loads((tmp_path / "out" / f"{number}.json").read_text())
        assert [person["person_id"] for person in document["instance_info"]] == [0]


def test_sorts_have_names_without_spaces():
    assert not [name for name in SORTS if " " in name]
