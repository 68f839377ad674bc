"""``sapiens-pose edit`` as its user types it."""

import json

import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.skeletons.edits.edited_clip import apply_edits
from comfyui_sapiens_pose.skeletons.edits.edits import detection_digest
from comfyui_sapiens_pose.skeletons.edits.edits_text import parse_edits
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, read_poses, write_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.openpose_goldens import FOLDER
from helpers.poses import make_pose

FRAMES = [
    Frame((640, 480), (make_pose(GOLIATH_308, 2 * n, 1), make_pose(GOLIATH_308, 2 * n + 1, 2)))
    for n in range(3)
]
WRIST = GOLIATH_308.index("left_wrist")


def document(*people, keypoint_set=GOLIATH_308, base=""):
    kept = {"format": "sapiens_edits", "version": 1, "keypoint_set": keypoint_set.name}
    return json.dumps({**kept, "canvas": [640, 480], "base": base, "people": people})


LIFTED = {"who": {"id": 2}, "keys": {"0": {"joints": [WRIST, 0, -40]}, "2": {}}}


@pytest.fixture
def files(tmp_path):
    """A clip and edits that fit it."""
    named = [(f"{number}.png", frame) for number, frame in enumerate(FRAMES)]
    write_poses(tmp_path / "clip.json", named, FORMATS["comfy"])
    (tmp_path / "edits.json").write_text(document(LIFTED))
    return tmp_path


def edit(folder, *words, clip="clip.json", edits="edits.json", out="out.json"):
    paths = [str(folder / name) for name in (clip, edits, out)]
    return main(["edit", paths[0], "--edits", paths[1], "-o", paths[2], *words])


def test_a_file_holds_the_edited_poses(files):
    assert edit(files, "--to", "comfy") == 0
    edited = read_poses(files / "out.json")
    assert edited == apply_edits(FRAMES, parse_edits(document(LIFTED))).frames
    heights = [frame.poses[1].keypoints_image[WRIST, 1] for frame in edited]
    before = [frame.poses[1].keypoints_image[WRIST, 1] for frame in FRAMES]
    assert [old - new for old, new in zip(before, heights, strict=True)] == pytest.approx(
        [40, 20, 0]
    )


def test_pose_keypoint_of_another_program_is_edited(files):
    path = next(iter(sorted(FOLDER.glob("*.pose.json"))))
    (before,) = read_poses(path)
    person = {"who": {"order": 0}, "keys": {"0": {"parts": {"body": [5, 6, 0, 1]}}}}
    (files / "edits.json").write_text(document(person, keypoint_set=OPENPOSE_136))
    assert edit(files, "--to", "comfy", clip=path) == 0
    (after,) = read_poses(files / "out.json")
    found = before.poses[0].scores > 0
    moves = (after.poses[0].keypoints_image - before.poses[0].keypoints_image)[found]
    scale = [side / edited for side, edited in zip(before.canvas_wh, (640, 480), strict=True)]
    assert moves.mean(axis=0) == pytest.approx([5 * scale[0], 6 * scale[1]])


def test_several_inputs_are_one_clip(files):
    for number, frame in enumerate(FRAMES):
        write_poses(files / f"{number}.json", [(f"{number}.png", frame)], FORMATS["sapiens"])
    paths = [str(files / f"{number}.json") for number in range(3)]
    words = ["--edits", str(files / "edits.json"), "-o", str(files / "out")]
    assert main(["edit", *paths, *words]) == 0
    written = tuple(read_poses(files / "out" / f"{number}.json")[0] for number in range(3))
    assert written == apply_edits(FRAMES, parse_edits(document(LIFTED))).frames


def test_edits_that_fit_nobody_are_named(files, capfd):
    stranger = {"who": {"id": 7}, "hidden": True}
    (files / "edits.json").write_text(document(LIFTED, stranger, base="another"))
    assert edit(files, "--to", "comfy") == 1
    assert "The edits of the person with id 7 fit nobody" in capfd.readouterr().err
    expected = apply_edits(FRAMES, parse_edits(document(LIFTED))).frames
    assert read_poses(files / "out.json") == expected


def test_the_digest_of_a_file_is_that_of_its_poses(files):
    assert detection_digest(read_poses(files / "clip.json")) == detection_digest(FRAMES)


def test_no_text_changes_nothing(files):
    (files / "edits.json").write_text("\n")
    assert edit(files, "--to", "comfy") == 0
    assert read_poses(files / "out.json") == tuple(FRAMES)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"edits": "none.json"}, "none.json"),
        ({"edits": "clip.json"}, "expected an object whose format is 'sapiens_edits'"),
        ({"clip": "none.json"}, "Nothing is written"),
        ({"out": "clip.json"}, "would be overwritten"),
        ({"out": "edits.json"}, "would be overwritten"),
    ],
)
def test_what_cannot_be_is_refused(files, capfd, changes, message):
    before = {path.name: path.read_text() for path in files.iterdir()}
    assert edit(files, **changes) == 1
    assert message in capfd.readouterr().err
    assert {path.name: path.read_text() for path in files.iterdir()} == before
