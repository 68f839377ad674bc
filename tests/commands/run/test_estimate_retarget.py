"""``estimate --retarget``: the same numbers as ``estimate`` and then ``retarget``."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.arguments.clip import ClipSettings
from comfyui_sapiens_pose.commands.estimate import add_parser
from comfyui_sapiens_pose.commands.files.images import encode_png, read_image
from comfyui_sapiens_pose.commands.run.chunks import Failure, Selected
from comfyui_sapiens_pose.commands.run.clip_people import process_clip
from comfyui_sapiens_pose.commands.run.plan import make_plan
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.sapiens_core.clip.retarget_clip import retarget_clip
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, read_poses, write_poses
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions
from helpers.clips import pan, write_clip
from helpers.command_lines import ESTIMATE
from helpers.openpose_goldens import FOLDER
from helpers.puppets import ADULT, BODIES, CANVAS, film, frames_of, make_motion, portrait

NOBODY = FOLDER / "o13_empty_512x512.pose.json"
REFERENCE = [Frame(CANVAS, (portrait(BODIES["child"]),))]
DRIVER = frames_of(film(ADULT, make_motion("wave", 12)))


@pytest.fixture
def reference(tmp_path) -> Path:
    """Pose file of a child."""
    path = tmp_path / "child.json"
    write_poses(path, [("child.png", frame) for frame in REFERENCE], FORMATS["sapiens"])
    return path


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    """A folder with the frames of a clip."""
    folder = tmp_path_factory.mktemp("frames")
    for number in range(4):
        (folder / f"{number}.png").write_bytes(encode_png(pan(number, 4)))
    return folder


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    """Five frames of a video."""
    return write_clip(tmp_path_factory.mktemp("clips") / "pan.mp4", 5, (480, 400), draw=pan)


@pytest.fixture
def run(tmp_path, root):
    """Runs a command whose results go into a folder of ``tmp_path``; the folder."""

    def run_into(name: str, command: str, *words: object) -> Path:
        out = tmp_path / name
        line = [command, *words, "-o", out]
        if command == "estimate":
            weights = root / "miniature/sapiens_miniature_17.safetensors"
            line += ["--weights", weights, "--no-flip"]
        run_into.status = main([str(word) for word in line])
        return out

    return run_into


def parse(*words: object) -> argparse.Namespace:
    top = argparse.ArgumentParser()
    add_parser(top.add_subparsers())
    return top.parse_args([*ESTIMATE, *map(str, words)])


def frames_in(folder: Path) -> list[Frame]:
    """The frames of all pose files, in order."""
    return [frame for path in sorted(folder.glob("*.json")) for frame in read_poses(path)]


@pytest.mark.parametrize(
    ("source", "of_estimate", "of_retarget"),
    [
        ("video", [], []),
        pytest.param("video", ["--track"], ["--match", "first"], marks=pytest.mark.exhaustive),
        pytest.param(
            "video",
            ["--smooth", "gaussian"],
            ["--strength", "0.5", "--anchor-frame", "3"],
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            "video",
            [],
            ["--placement", "as-the-driver", "--no-hands", "--no-face", "--no-feet"],
            marks=pytest.mark.exhaustive,
        ),
        pytest.param("images", [], [], marks=pytest.mark.exhaustive),
        pytest.param(
            "images",
            ["--score-threshold", "0.6"],
            ["--placement", "as-the-driver"],
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_a_clip_is_as_if_retargeted_afterwards(
    run, reference, request, source, of_estimate, of_retarget
):
    inputs = [request.getfixturevalue(source), *(["--clip"] if source == "images" else [])]
    before = run("before", *ESTIMATE, *inputs, *of_estimate)
    shared = of_estimate if "--score-threshold" in of_estimate else []
    files = sorted(before.glob("*.json"))
    words = ["--to", "sapiens", "--reference", reference, *shared, *of_retarget]
    afterwards = run("afterwards", "retarget", *files, *words)
    out = run("out", *ESTIMATE, *inputs, *of_estimate, "--retarget", reference, *of_retarget)
    assert run.status == 0
    assert [path.name for path in sorted(out.glob("*.json"))] == [path.name for path in files]
    assert frames_in(out) == frames_in(afterwards)
    assert frames_in(out) != frames_in(before)


def test_images_that_are_no_clip_are_retargeted_one_by_one(run, reference, images):
    before = run("before", *ESTIMATE, images)
    out = run("out", *ESTIMATE, images, "--retarget", reference, "--table", "npz")
    for path in before.glob("*.json"):
        frame = read_poses(path)[0]
        assert read_poses(out / path.name) == tuple(retarget_clip([frame], REFERENCE))
    assert read_image(out / "0.png").shape[1::-1] == CANVAS
    table = np.load(out / "keypoints.npz")
    written = read_poses(out / "0.json")[0].poses[0]
    assert np.array_equal(table["keypoints"][0], written.keypoints_image)


@pytest.mark.crash
def test_workers_retarget_too(run, reference, images):
    words = [images, "--retarget", reference]
    one = run("one", *ESTIMATE, *words)
    two = run("two", *ESTIMATE, *words, "--devices", "cpu", "--jobs-per-device", "2")
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes()


@pytest.mark.parametrize(
    ("placement", "size_wh", "drawn"),
    [("as-the-reference", CANVAS, ["skeleton"]), ("as-the-driver", (480, 400), ["overlay"])],
)
def test_a_drawn_video_has_the_canvas_on_which_people_stand(
    run, reference, video, placement, size_wh, drawn
):
    words = ["--retarget", reference, "--placement", placement, "--video", *drawn]
    out = run("out", *ESTIMATE, video, *words)
    assert run.status == 0
    assert read_info(out / f"pan_{drawn[0]}.mp4").size_wh == size_wh
    document = json.loads((out / "pan.json").read_text())
    assert {(f["canvas"]["width"], f["canvas"]["height"]) for f in document["frames"]} == {size_wh}


def test_failed_frames_stay_and_do_not_count(reference):
    options = parse("x", "-o", "out", "--clip", "--retarget", reference)
    results = [*DRIVER[:3], Failure("broken"), *DRIVER[3:]]
    found = list(process_clip(results, ClipSettings.of(options)))
    assert found[3] == Failure("broken")
    expected = retarget_clip(DRIVER, REFERENCE)
    del found[3]
    assert found == [Selected(frame.canvas_wh, frame.poses, 1) for frame in expected]


def test_several_people_need_no_ids(reference):
    """They are told apart as by ``retarget``."""
    aside = np.array((250, 0))
    clip = [
        Frame(CANVAS, (pose, replace(pose, keypoints_image=pose.keypoints_image + aside)))
        for pose in (frame.poses[0] for frame in DRIVER)
    ]
    words = ["--clip", "--retarget", reference, "--match", "first"]
    settings = ClipSettings.of(parse("x", "-o", "out", *words))
    expected = retarget_clip(clip, REFERENCE, match="first")
    assert [frame.poses for frame in process_clip(clip, settings)] == [
        frame.poses for frame in expected
    ]


def test_options_are_those_of_the_core(reference):
    words = "--placement as-the-driver --strength 0.25 --no-hands --no-face --no-feet"
    words += " --anchor-frame 7 --match id --score-threshold 0.45"
    found = ClipSettings.of(parse("x", "-o", "out", "--retarget", reference, *words.split()))
    assert found.retargeting.match == "id"
    assert found.retargeting.options == RetargetOptions(
        placement="as the driver",
        strength=0.25,
        hands=False,
        face=False,
        feet=False,
        anchor_frame=7,
        score_threshold=0.45,
    )
    plain = ClipSettings.of(parse("x", "-o", "out", "--retarget", reference)).retargeting
    assert (plain.options, plain.match) == (RetargetOptions(), "order")
    assert ClipSettings.of(parse("x", "-o", "out")).retargeting is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--strength 0.5", "--strength has no effect.*add --retarget"),
        ("--no-hands --no-feet", "--hands and --feet have no effect.*add --retarget"),
        ("--placement as-the-driver", "--placement has no effect.*add --retarget"),
        ("--anchor-frame 0 --match order", "--match and --anchor-frame have no effect"),
        ("--retarget REF --overlay", "cannot be drawn over.*--placement as-the-driver"),
        ("--retarget REF --video skeleton overlay", "cannot be drawn over"),
        (f"--retarget {NOBODY}", "Nobody is found in the reference"),
        ("--retarget missing.json", "missing.json"),
    ],
)
def test_what_cannot_be_is_refused(reference, words, message):
    line = [str(reference) if word == "REF" else word for word in words.split()]
    with pytest.raises((ValueError, OSError), match=message):
        ClipSettings.of(parse("x", "-o", "out", *line))


def test_a_reference_is_never_overwritten(run, reference, images):
    place = reference.parent / "out" / "0.json"
    place.parent.mkdir()
    text = reference.read_text()
    place.write_text(text)
    run("out", *ESTIMATE, images, "--retarget", place)
    assert run.status == 1
    assert place.read_text() == text


def test_another_reference_is_another_run(root, reference, images, tmp_path):
    weights = root / "miniature/sapiens_miniature_17.safetensors"
    line = [images, "-o", tmp_path / "out", "--weights", weights, "--retarget", reference]
    versions = [make_plan(parse(*line)).version, make_plan(parse(*line)).version]
    reference.write_text(reference.read_text() + " ")
    versions.append(make_plan(parse(*line)).version)
    assert versions[0] == versions[1] != versions[2]
