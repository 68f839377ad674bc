"""``sapiens-pose retarget`` as its user types it."""

import json

import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.sapiens_core.clip.retarget_clip import retarget_clip
from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, read_poses, write_poses
from comfyui_sapiens_pose.skeletons.openpose_points import uniform_thresholds
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.retarget.retarget import RetargetOptions
from helpers.openpose_goldens import FOLDER
from helpers.pose_documents import BODY_18, assert_stands, fractions
from helpers.puppets import ADULT, BODIES, CANVAS, film, frames_of, make_motion, portrait
from helpers.samples import every_nth

NOBODY = FOLDER / "o13_empty_512x512.pose.json"
CLIP = frames_of(film(ADULT, make_motion("wave", 12)))
REFERENCE = [Frame(CANVAS, (portrait(BODIES["child"]),))]


def write(path, frames, format_name="comfy"):
    named = [(f"{number}.png", frame) for number, frame in enumerate(frames)]
    write_poses(path, named, FORMATS[format_name])
    return str(path)


@pytest.fixture
def files(tmp_path):
    """A clip and a reference."""
    return write(tmp_path / "clip.json", CLIP), write(tmp_path / "child.json", REFERENCE)


def test_a_file_holds_what_the_core_makes(tmp_path, files):
    clip, reference = files
    out = tmp_path / "out.json"
    assert main(["retarget", clip, "--reference", reference, "-o", str(out)]) == 0
    expected = tmp_path / "expected.json"
    shown = EncodeOptions(openpose=uniform_thresholds(0.3))
    frames = retarget_clip(read_poses(clip), read_poses(reference))
    write_poses(expected, [("", frame) for frame in frames], FORMATS["comfy"], shown)
    assert out.read_text() == expected.read_text()


@pytest.mark.parametrize(
    ("words", "options"),
    every_nth(
        3,
        [
            (["--placement", "as-the-driver"], {"placement": "as the driver"}),
            (["--strength", "0.5"], {"strength": 0.5}),
            (["--no-hands", "--no-feet"], {"hands": False, "feet": False}),
            (["--no-face"], {"face": False}),
            (["--anchor-frame", "5"], {"anchor_frame": 5}),
            (["--score-threshold", "0.9"], {"score_threshold": 0.9}),
        ],
    ),
)
def test_arguments_are_options(tmp_path, files, words, options):
    clip, reference = files
    out = tmp_path / "out.json"
    assert main(["retarget", clip, "--reference", reference, "-o", str(out), *words]) == 0
    expected = retarget_clip(read_poses(clip), read_poses(reference), RetargetOptions(**options))
    assert read_poses(out) == tuple(expected)


def test_images_of_one_clip_go_into_a_folder(tmp_path, files):
    clips = [
        write(tmp_path / f"{number}_keypoints.json", [frame], "openpose")
        for number, frame in enumerate(CLIP)
    ]
    out = tmp_path / "out"
    words = ["retarget", *clips, "--reference", files[1], "-o", str(out), "--to", "openpose"]
    assert main(words) == 0
    together = retarget_clip([read_poses(clip)[0] for clip in clips], read_poses(files[1]))
    written = [read_poses(out / f"{number}_keypoints.json")[0] for number in range(len(clips))]
    assert written == together


def test_everybody_can_become_the_first(tmp_path, files):
    wide = [Frame(CANVAS, (*frame.poses, *REFERENCE[0].poses)) for frame in CLIP]
    clip = write(tmp_path / "two.json", wide)
    out = tmp_path / "out.json"
    words = ["retarget", clip, "--reference", files[1], "-o", str(out), "--match", "first"]
    assert main(words) == 0
    expected = retarget_clip(read_poses(clip), read_poses(files[1]), match="first")
    assert read_poses(out) == tuple(expected)


@pytest.mark.parametrize(
    ("clip", "reference", "out", "message"),
    [
        ("clip.json", str(NOBODY), "out.json", "Nobody is found in the reference"),
        ("clip.json", "missing.json", "out.json", "missing.json"),
        ("missing.json", "child.json", "out.json", "missing.json"),
        ("clip.json", "child.json", "clip.json", "would be overwritten"),
        ("clip.json", "child.json", "child.json", "would be overwritten"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, files, capsys, clip, reference, out, message):
    words = [str(tmp_path / clip), "--reference", str(tmp_path / reference)]
    before = [path.read_text() for path in sorted(tmp_path.glob("*.json"))]
    assert main(["retarget", *words, "-o", str(tmp_path / out)]) == 1
    assert message in capsys.readouterr().err
    assert [path.read_text() for path in sorted(tmp_path.glob("*.json"))] == before


def test_a_size_for_files_without_one(tmp_path, capfd):
    """In fractions, which mean nothing without it, of the driver and of the reference."""
    names = ("a_keypoints.json", "b_keypoints.json")
    for name in names:
        document = {"people": [{"pose_keypoints_2d": fractions(BODY_18)}]}
        (tmp_path / name).write_text(json.dumps(document))
    driver, reference = (str(tmp_path / name) for name in names)
    out = tmp_path / "out.json"
    words = ["retarget", driver, "--reference", reference, "-o", str(out)]
    assert main(words) == 1
    assert "--canvas on the command line" in capfd.readouterr().err
    assert main([*words, "--canvas", "512x768"]) == 0
    (frame,) = read_poses(out)
    assert frame.canvas_wh == (512, 768)
    assert_stands(frame.poses[0], tolerance=0.01)


def test_one_bad_input_and_nothing_is_written(tmp_path, files, capfd):
    clip, reference = files
    out = tmp_path / "out.json"
    words = ["retarget", clip, str(tmp_path / "none.json"), "--reference", reference]
    assert main([*words, "-o", str(out)]) == 1
    said = capfd.readouterr().err
    assert "none.json" in said
    assert "Nothing is written" in said
    assert not out.exists()
