"""``estimate`` on the frames of a clip."""

import argparse
import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.arguments.clip import ClipSettings
from comfyui_sapiens_pose.commands.arguments.selection import Selection
from comfyui_sapiens_pose.commands.estimate import add_parser
from comfyui_sapiens_pose.commands.files.images import encode_png, read_image
from comfyui_sapiens_pose.commands.run.clip_people import Tally, process_clip, select_people
from comfyui_sapiens_pose.commands.run.outputs import Outputs
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.select import SelectOptions
from helpers import poses, scenes
from helpers.command_lines import ESTIMATE
from helpers.samples import every_nth
from helpers.scenes import CANVAS, figure, make_pose

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
        poses = [make_pose(scenes.add_noise(each, 0.002, random)) for each in points]
        frames.append(Frame(CANVAS, poses))
    return frames


@pytest.fixture
def estimate(tmp_path, monkeypatch, root):
    """Runs ``estimate`` on five frames; ids and noses of what it wrote, frame by frame."""
    monkeypatch.setattr(
        "comfyui_sapiens_pose.commands.run.chunk_worker.load_estimator",
        lambda settings, device, model: iter(PLACES),
    )
    monkeypatch.setattr(
        "comfyui_sapiens_pose.commands.run.chunk_worker.find_poses", find_known_people
    )
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(len(PLACES)):
        cv2.imwrite(str(folder / f"{number + 8}.png"), np.full((36, 64, 3), 90, np.uint8))

    def run(*arguments):
        command = [*ESTIMATE, str(folder), "-o", str(tmp_path / "out"), *arguments]
        command += ["--weights", str(root / "miniature/sapiens_miniature_17.safetensors")]
        run.status = main(command)
        found = []
        for number in range(len(PLACES)):
            path = tmp_path / "out" / f"{number + 8}.json"
            document = json.loads(path.read_text()) if path.exists() else []
            people = document["instance_info"] if isinstance(document, dict) else []
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
    every_nth(
        3,
        [
            (["--max-people", "1"], [[100], [800], [], [110], [120]]),
            (["--sort", "left-to-right", "--select", "1"], [[800], [800], [], [400], [400]]),
            (["--clip", "--select-ids", "1"], [[800], [800], [], [820], [820]]),
            (["--sort", "left-to-right", "--sort-reverse"], [[800, 100], [800, 100], [], ...]),
            (["--select-box", "0,0,110,720"], [[100], [100], [], [], []]),
            (["--select-box", "350,0,500,720", "--select-box", "300,0,0,720"], [[100], ...]),
            (
                ["--select-box", "0,0,200,720", "--select-min-inside", "1"],
                [[100], [100], [], [110], ...],
            ),
            (["--select-min-score", "1"], [[], [], [], [], []]),
            (["--select-min-keypoints", "17"], [[100, 800], [800, 100], [], ...]),
            (
                ["--clip", "--track", "--track-gap", "0", "--select-ids", "2"],
                [[], [], [], [110], [120]],
            ),
        ],
    ),
    ids=str,
)
def test_people_are_selected(estimate, arguments, noses):
    found = estimate(*arguments)
    shown = slice(noses.index(...)) if ... in noses else slice(None)
    for frame, expected in zip(found[shown], noses[shown], strict=True):
        assert [nose for _, nose in frame] == pytest.approx(expected, abs=10)


@pytest.mark.parametrize(
    ("arguments", "told"),
    every_nth(
        2,
        [
            ([], None),
            (["--select-min-keypoints", "17"], None),
            (["--max-people", "1"], None),
            (["--select", "2"], None),
            (["--select", "9"], 10),
            (["--select-box", "0,0,9,9"], 10),
            (["--clip", "--select-ids", "7"], 10),
            (["--clip", "--track", "--track-slots", "--select-box", "0,0,9,9"], 10),
            (["--clip", "--smooth", "none", "--select", "3", "--table", "npz"], 10),
        ],
    ),
    ids=str,
)
def test_it_is_told_once_when_nobody_is_left(estimate, arguments, told, capfd):
    found = estimate(*arguments)
    assert any(found) == (told is None)
    expected = f"The selection left none of the {told} people found."
    lines = [line for line in capfd.readouterr().err.splitlines() if "selection left" in line]
    assert lines == ([expected] if told else [])


def test_a_single_picture_tells_how_many_were_found_and_that_none_is_left(estimate, capfd):
    for number in range(1, len(PLACES)):
        (estimate.folder / f"{number + 8}.png").unlink()
    estimate("--select", "5")
    told = capfd.readouterr().err.splitlines()
    assert "8.png: people found: 2" in told
    assert "The selection left none of the 2 people found." in told


def test_an_empty_place_is_nobody_who_could_be_left():
    somebody = make_pose(figure((400, 400), 250, 0))
    empty = replace(somebody, scores=np.zeros_like(somebody.scores))
    tally = Tally()
    selection = Selection(SelectOptions(places="0"))
    tally.add(select_people(selection, Frame(CANVAS, (empty, somebody))))
    assert (tally.num_found, tally.num_left) == (1, 0)


def test_people_in_the_white_of_a_mask_stay(estimate, tmp_path):
    """The mask is of another size than the pictures; what is nearly white is white."""
    mask = np.zeros((8, 16, 3), np.uint8)
    mask[:, 8:12] = (100, 130, 0)
    (tmp_path / "mask.png").write_bytes(encode_png(mask))
    found = estimate("--select-mask", str(tmp_path / "mask.png"))
    for frame, expected in zip(found, [[800], [800], [], [810], [820]], strict=True):
        assert [nose for _, nose in frame] == pytest.approx(expected, abs=10)


def test_people_who_are_not_there_keep_their_places(estimate, tmp_path, monkeypatch):
    """In every format: somebody who reads places finds the same person in each."""
    places = [[100, 800], [800], [], [102, 800], [102, 800]]
    monkeypatch.setitem(globals(), "PLACES", places)
    slots = ["--clip", "--track", "--track-slots"]
    estimate(*slots, "--format", *FORMATS, "--style", "dense", "--table", "npz")
    assert estimate.status == 0
    for number, expected in enumerate(places):
        for path in (tmp_path / "out").glob(f"{number + 8}*.json"):
            people = [pose for frame in read_poses(path) for pose in frame.poses]
            assert len(people) == (2 if expected else 0), path
            if expected:
                assert people[1].keypoints_image[0, 0] == pytest.approx(800, abs=20)
                assert (people[0].scores > 0).any() == (len(expected) == 2)
    with np.load(tmp_path / "out/keypoints.npz") as table:
        assert table["person"].tolist() == [0, 1] * 4


@pytest.mark.parametrize("style", ["openpose", "dense"])
def test_kept_places_change_lists_and_no_drawing(style):
    """Somebody of whom a hand alone is seen is written, and drawn as without kept places."""
    pose = poses.make_pose(COCO_WHOLEBODY_133)
    scores = np.zeros(len(COCO_WHOLEBODY_133))
    scores[COCO_WHOLEBODY_133.part_indices("left_hand")] = 0.9
    frame = Frame(pose.canvas_wh, (replace(pose, scores=scores),))
    command = [*ESTIMATE, "x", "-o", "out", "--clip", "--track"]
    without, kept = (
        Outputs.of(parser().parse_args([*command, *slots])) for slots in ([], ["--track-slots"])
    )
    assert not without.encode("comfy", "x", frame)[0]["people"]
    assert len(kept.encode("comfy", "x", frame)[0]["people"]) == 1
    drawings = [each.draw(style, "black", None, frame) for each in (without, kept)]
    np.testing.assert_array_equal(*drawings)


def test_people_who_are_missed_are_put_back_if_that_is_asked_for(estimate):
    found = estimate("--clip", "--smooth", "none", "--smooth-person-gap", "1")
    assert [number for number, _ in found[2]] == [0, 1]


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


def test_people_beyond_the_fixed_places_are_told_once(monkeypatch, caplog):
    monkeypatch.setattr("comfyui_sapiens_pose.sapiens_core.clip.tracker.MAX_SLOTS", 1)
    options = parser().parse_args(
        [*ESTIMATE, "x", "-o", "out", "--clip", "--track", "--track-slots"]
    )
    frame = Frame(CANVAS, [make_pose(figure((x, 400), 250, 0)) for x in (100, 500)])
    found = list(process_clip([frame] * 3, ClipSettings.of(options)))
    assert [[pose.person_id for pose in each.poses] for each in found] == [[0, 1]] * 3
    assert caplog.text.count("no fixed place") == 1


@pytest.mark.parametrize(
    "argument",
    [["--track"], ["--smooth", "gaussian"], ["--select-ids", "0"], ["--sort", "track-id"]],
    ids="".join,
)
def test_a_clip_must_be_called_one(estimate, argument):
    estimate(*argument)
    assert estimate.status == 1


@pytest.mark.parametrize("argument", [["--select", "first"], ["--select-ids", "1-"]])
def test_wrong_values_are_told_before_anything_runs(estimate, argument, tmp_path):
    estimate("--clip", "--smooth", "gaussian", *argument)
    assert estimate.status == 1
    assert not (tmp_path / "out").exists()


def test_with_the_real_network(tmp_path, sapiens1):
    folder = tmp_path / "frames"
    folder.mkdir()
    random = np.random.default_rng(0)
    image = random.integers(0, 255, (60, 40, 3), np.uint8)
    for number in range(3):
        cv2.imwrite(str(folder / f"{number}.png"), image)
    arguments = [*ESTIMATE, folder, "-o", tmp_path / "out", "--num-heads", "4", "--clip"]
    arguments += ["--weights", sapiens1 / "tiny_17.safetensors", "--smooth", "one-euro"]
    assert main([str(argument) for argument in arguments]) == 0
    for number in range(3):
        document = json.loads((tmp_path / "out" / f"{number}.json").read_text())
        assert [person["person_id"] for person in document["instance_info"]] == [0]


@pytest.mark.parametrize(
    ("found", "left", "warned"), [(0, 0, False), (3, 3, False), (3, 1, False), (3, 0, True)]
)
def test_only_a_selection_that_leaves_nobody_is_warned_of(caplog, found, left, warned):
    tally = Tally(found, left)
    tally.warn_if_nobody_is_left()
    expected = [f"The selection left none of the {found} people found."]
    assert caplog.messages == (expected if warned else [])


def test_a_good_run_warns_of_nothing(root, tmp_path, capfd):
    photo = root / "miniature/photos/000000000785.jpg"
    weights = root / "miniature/sapiens_miniature_17.safetensors"
    out = tmp_path / "out"
    command = [*ESTIMATE, photo, "-o", out, "--weights", weights, "--select", "0"]
    assert main([str(each) for each in command]) == 0
    lines = [line.strip() for line in capfd.readouterr().err.splitlines()]
    assert lines == [
        "sapiens_miniature_17.safetensors: 17 keypoints, fp32 on cpu",
        "000000000785.jpg: people found: 1",
        f"{out / '000000000785.json'}",
        f"{out / '000000000785.png'}",
    ]
