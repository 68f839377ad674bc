"""``estimate`` on videos, with the miniature on a slow way over its photo."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.commands.run import chunk_worker
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_reader import VideoReader
from comfyui_sapiens_pose.skeletons.formats.table import read_named_poses, read_poses
from helpers.clips import pan, turn_clockwise, write_clip
from helpers.command_lines import ESTIMATE


@pytest.fixture
def estimate(tmp_path, root):
    """Runs ``estimate`` into ``out``; the names of what is there then."""
    weights = root / "miniature/sapiens_miniature_17.safetensors"

    def run(*arguments):
        out = tmp_path / "out"
        command = [*ESTIMATE, *arguments, "-o", out, "--weights", weights, "--no-flip"]
        run.status = main([str(each) for each in command])
        return sorted(path.relative_to(out).as_posix() for path in out.rglob("*"))

    return run


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Six frames at uneven times."""
    path = tmp_path_factory.mktemp("clips") / "pan.mp4"
    times_ms = [0, 40, 70, 200, 210, 300]
    return write_clip(path, 6, (480, 400), times_ms=times_ms, draw=pan, sound=True)


def test_a_video_becomes_drawn_videos_and_one_json(estimate, clip, tmp_path, capfd):
    names = estimate(clip, "--overlay", "--style", "openpose", "--smooth", "none")
    assert " 6/6 [" in capfd.readouterr().err
    assert names == ["pan.json", "pan_overlay.mp4", "pan_skeleton.mp4"]
    assert estimate.status == 0
    before = read_info(clip)
    for name in names[1:]:
        after = read_info(tmp_path / "out" / name)
        assert after.size_wh == (480, 400)
        assert [tick * after.time_base for tick in after.ticks] == [
            tick * before.time_base for tick in before.ticks
        ]
    check_json(tmp_path / "out/pan.json")
    check_drawings(tmp_path / "out")


def check_json(path):
    """Every frame is there, with its time, its names and the skier."""
    document = json.loads(path.read_text())
    assert document["clip"] == "pan.mp4"
    assert document["keypoint_set"] == "coco_17"
    assert document["meta_info"]["num_keypoints"] == 17
    assert [frame["frame"] for frame in document["frames"]] == list(range(6))
    assert [frame["time_s"] for frame in document["frames"]] == [0, 0.04, 0.07, 0.2, 0.21, 0.3]
    named = read_named_poses(path)
    assert [name for name, _ in named] == [f"pan_{index:06}" for index in range(6)]
    assert {pose.person_id for _, frame in named for pose in frame.poses} == {0}
    # The skier stays where he is, the picture moves: to the left and up.
    noses = np.array([frame.poses[0].keypoints_image[0] for _, frame in named])
    assert np.abs(noses + [[160 * i // 6, 25 * i // 6] for i in range(6)] - noses[0]).max() < 12


def check_drawings(folder):
    """The skeletons are where the people are, over black and over the picture."""
    frame = read_poses(folder / "pan.json")[5]
    rows = frame.poses[0].keypoint_set.part_indices("body")
    visible = rows[frame.poses[0].scores[rows] > 0.5]
    x, y = frame.poses[0].keypoints_image[visible].round().astype(int).T
    for name, elsewhere in (("skeleton", 0.0), ("overlay", 5.0)):
        path = folder / f"pan_{name}.mp4"
        with VideoReader(path) as reader:
            drawn = reader.read(read_info(path).frames()[5]).astype(int)
        background = pan(5, 6) if name == "overlay" else 0 * pan(5, 6)
        change = np.abs(drawn - background).max(axis=-1)
        assert change[y, x].mean() > 60
        assert np.median(change) <= elsewhere


def test_each_frame_may_have_its_own_json(estimate, clip, tmp_path):
    names = estimate(clip, "--json", "frame", "--video", "none", "--every", "3", "--start", "0.07")
    assert names == ["pan", "pan/pan_000002.json", "pan/pan_000005.json"]
    assert json.loads((tmp_path / "out/pan/pan_000002.json").read_text())["image"]


def test_other_formats_hold_a_clip_too(estimate, clip, tmp_path):
    names = ["comfy", "coco", "coco-wholebody"]
    estimate(clip, "--format", *names, "--video", "none", "--every", "4")
    for name in names:
        assert len(read_poses(tmp_path / f"out/pan.{name}.json")) == 2


def test_openpose_does_not(estimate, clip, capfd):
    estimate(clip, "--format", "openpose")
    assert estimate.status == 1
    assert "add --json frame" in capfd.readouterr().err


def test_a_turned_video_is_drawn_upright(estimate, tmp_path):
    path = turn_clockwise(write_clip(tmp_path / "phone.mp4", 3, (400, 300), draw=pan))
    estimate(path)
    assert read_info(tmp_path / "out/phone_skeleton.mp4").size_wh == (300, 400)
    assert read_poses(tmp_path / "out/phone.json")[0].canvas_wh == (300, 400)


def test_boxes_are_given_by_the_name_of_a_frame(estimate, clip, tmp_path):
    (tmp_path / "boxes.json").write_text('{"pan_000000.png": [], "pan_000001.png": [[0,0,99,99]]}')
    estimate(clip, "--bboxes", tmp_path / "boxes.json", "--end", "0.06", "--video", "none")
    assert [len(frame.poses) for frame in read_poses(tmp_path / "out/pan.json")] == [0, 1]


def test_boxes_of_parts_are_boxes_of_the_clip(estimate, clip, tmp_path):
    estimate(clip, "--end", "0.06")
    command = ["parts", tmp_path / "out/pan.json", "-o", tmp_path / "parts", "--part", "person"]
    assert main([str(each) for each in command]) == 0
    estimate(clip, "--end", "0.06", "--bboxes", tmp_path / "parts/boxes.json")
    assert estimate.status == 0


def test_damaged_frames_are_told_once_and_the_rest_is_done(estimate, tmp_path, capfd):
    path = write_clip(tmp_path / "hit.mov", 6, (96, 96), codec="png", pixels="rgb24")
    data = bytearray(path.read_bytes())
    places = [at for at in range(len(data)) if data[at : at + 4] == b"\x89PNG"]
    for at in places[2:4]:
        data[at : at + 8] = bytes(8)
    path.write_bytes(data)
    assert estimate(path) == ["hit.json", "hit_skeleton.mp4"]
    assert estimate.status == 1
    errors = capfd.readouterr().err
    assert errors.count("cannot be read") == 1
    assert "2 of the 6 frames of" in errors
    document = json.loads((tmp_path / "out/hit.json").read_text())
    assert [frame["frame"] for frame in document["frames"]] == [0, 1, 4, 5]
    assert len(read_info(tmp_path / "out/hit_skeleton.mp4").ticks) == 4


def test_a_video_without_a_frame_of_use_writes_nothing(estimate, clip, tmp_path, capfd):
    (tmp_path / "boxes.json").write_text("{}")
    assert estimate(clip, "--bboxes", tmp_path / "boxes.json") == []
    assert estimate.status == 1
    assert "has no entry 'pan_000000.png'" in capfd.readouterr().err


def test_what_was_found_is_kept_if_it_cannot_be_written(estimate, clip, tmp_path, capfd):
    blocked = tmp_path / "out/pan_skeleton.mp4"
    blocked.mkdir(parents=True)
    estimate(clip, "--end", "0.06")
    assert estimate.status == 1
    assert "repeat the command to write it again" in capfd.readouterr().err
    blocked.rmdir()
    assert estimate(clip, "--end", "0.06") == ["pan.json", "pan_skeleton.mp4"]
    assert "Resuming: 0 of 2 images are left" in capfd.readouterr().err


@pytest.mark.promise("What was finished stays")
def test_what_was_kept_and_is_damaged_is_found_again(estimate, clip, tmp_path, capfd):
    (tmp_path / "out/pan_skeleton.mp4").mkdir(parents=True)  # keeps the run from its end
    (tmp_path / "a.png").write_bytes(encode_png(pan(0, 10)))
    arguments = [tmp_path / "a.png", clip, "--end", "0.06"]
    estimate(*arguments)
    (tmp_path / "out/pan_skeleton.mp4").rmdir()
    (kept,) = tmp_path.glob("out/.sapiens-pose/*/00000001.json")
    kept.write_bytes(bytes(5000))
    names = ["a.json", "a.png", "pan.json", "pan_skeleton.mp4"]
    assert estimate(*arguments) == names
    assert estimate.status == 0
    assert "Resuming: 2 of 3 images are left" in capfd.readouterr().err


def test_what_failed_for_once_is_in_the_table_of_the_run_that_goes_on(
    estimate, clip, tmp_path, monkeypatch
):
    (tmp_path / "out/pan_skeleton.mp4").mkdir(parents=True)  # keeps the run from its end
    (tmp_path / "a.png").write_bytes(encode_png(pan(0, 10)))
    arguments = [tmp_path / "a.png", clip, "--end", "0.06", "--table", "npz"]
    with monkeypatch.context() as share:
        share.setattr(
            chunk_worker, "read_image", lambda path: (_ for _ in ()).throw(OSError("away"))
        )
        estimate(*arguments)
    (tmp_path / "out/pan_skeleton.mp4").rmdir()
    estimate(*arguments)
    assert estimate.status == 0
    with np.load(tmp_path / "out/keypoints.npz") as table:
        assert len(table["path"]) == 1


def test_a_clip_whose_results_are_gone_is_written_again(estimate, clip, tmp_path):
    (tmp_path / "pan.mp4").write_bytes(clip.read_bytes())
    (tmp_path / "out/pan_2_skeleton.mp4").mkdir(parents=True)
    estimate(clip, tmp_path / "pan.mp4", "--end", "0.06")
    (tmp_path / "out/pan.json").unlink()
    (tmp_path / "out/pan_2_skeleton.mp4").rmdir()
    assert "pan.json" in estimate(clip, tmp_path / "pan.mp4", "--end", "0.06")


def test_a_file_that_ends_early_is_told_and_read_as_far_as_it_goes(estimate, tmp_path, capfd):
    path = tmp_path / "cut.mp4"
    write_clip(path, 20, (480, 400), draw=pan, options={"movflags": "+faststart"})
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    estimate(path, "--video", "none")
    assert "frames are missing" in capfd.readouterr().err
    assert 0 < len(read_poses(tmp_path / "out/cut.json")) < 20


def test_a_video_that_cannot_be_opened_leaves_the_others_alone(estimate, clip, tmp_path, capfd):
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    names = estimate(tmp_path / "bad.mp4", clip, "--end", "0.05")
    assert names == ["pan.json", "pan_skeleton.mp4"]
    assert estimate.status == 1
    assert "bad.mp4 cannot be read as a video" in capfd.readouterr().err


@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_a_table_has_a_row_for_each_person(estimate, clip, tmp_path, kind):
    (tmp_path / "a.png").write_bytes(encode_png(pan(0, 10)))
    arguments = [clip, tmp_path / "a.png", "--end", "0.1", "--video", "none", "--table", kind]
    assert estimate(*arguments) == sorted(
        ["a.json", "a.png", f"keypoints.{kind}", "pan.json", f"pan.{kind}"]
    )
    frames = read_poses(tmp_path / "out/pan.json")
    points = np.array([frame.poses[0].keypoints_image for frame in frames])
    if kind == "npz":
        with np.load(tmp_path / "out/pan.npz") as table:
            assert np.array_equal(table["keypoints"], points)
            assert table["frame"].tolist() == [0, 1, 2]
            assert table["time_s"].tolist() == [0, 0.04, 0.07]
            assert table["names"][0] == "nose"
        with np.load(tmp_path / "out/keypoints.npz") as table:
            assert table["frame"].tolist() == [-1]
            assert table["path"].tolist() == [(tmp_path / "a.png").as_posix()]
    else:
        from pyarrow.parquet import read_table

        table = read_table(tmp_path / "out/pan.parquet").to_pydict()
        assert np.array_equal(table["x"], points[..., 0])
        assert np.array_equal(table["y"], points[..., 1])
        assert table["frame"] == [0, 1, 2]
        assert table["person_id"] == [None] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_a_table_holds_names_that_are_no_text(estimate, tmp_path, kind):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.png"))
    path.write_bytes(encode_png(pan(0, 10)))
    assert f"keypoints.{kind}" in estimate(path, "--table", kind)
    if kind == "npz":
        with np.load(tmp_path / "out/keypoints.npz") as table:
            assert table["path"].tolist() == [f"{tmp_path}/b\\udcff.png"]
    else:
        from pyarrow.parquet import read_table

        paths = read_table(tmp_path / "out/keypoints.parquet")["path"].to_pylist()
        assert paths == [f"{tmp_path}/b\\udcff.png"]


@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_a_table_may_have_no_row(estimate, tmp_path, kind):
    (tmp_path / "a.png").write_bytes(encode_png(pan(0, 10)))
    (tmp_path / "boxes.json").write_text('{"a.png": []}')
    estimate(tmp_path / "a.png", "--bboxes", tmp_path / "boxes.json", "--table", kind)
    assert estimate.status == 0
    if kind == "npz":
        with np.load(tmp_path / "out/keypoints.npz") as table:
            assert table["keypoints"].shape == (0, 0, 2)
    else:
        from pyarrow.parquet import read_table

        assert len(read_table(tmp_path / "out/keypoints.parquet")) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.png", "--every", "2"], "are for videos"),
        (["a.png", "--track"], "add --clip"),
        (["pan.mp4", "--start", "99"], "has no frame from 99 s"),
        (["pan.mp4", "--table", "npz", "--skip-existing"], "give only one of them"),
        (["pan.mp4", "--devices", "cpu,toaster"], "'toaster' cannot be used"),
    ],
)
def test_mistakes_get_one_clear_line(estimate, clip, tmp_path, arguments, message, capfd):
    (tmp_path / "a.png").write_bytes(encode_png(pan(0, 10)))
    (tmp_path / "pan.mp4").write_bytes(clip.read_bytes())
    assert estimate(tmp_path / arguments[0], *arguments[1:]) == []
    assert estimate.status == 1
    errors = capfd.readouterr().err
    assert message in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("text", ["x", "1:2:3:4", "-1", "", "nan"])
def test_what_is_no_time_is_refused(estimate, clip, text, capfd):
    with pytest.raises(SystemExit):
        estimate(clip, f"--start={text}")
    assert "not a time such as" in capfd.readouterr().err


def test_frames_of_a_clip_and_pictures_of_the_same_name_are_told(estimate, clip, tmp_path, capfd):
    (tmp_path / "in/pan").mkdir(parents=True)
    (tmp_path / "in/pan.mp4").write_bytes(clip.read_bytes())
    (tmp_path / "in/pan/pan_000000.png").write_bytes(encode_png(pan(0, 10)))
    assert estimate(tmp_path / "in", "--recursive", "--json", "frame") == []
    assert "pan_000000.json. Rename one of them" in capfd.readouterr().err


def test_no_result_takes_the_place_of_an_input(tmp_path, root, capfd):
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(pan(0, 10)))
    weights = root / "miniature/sapiens_miniature_17.safetensors"
    assert main([*ESTIMATE, str(path), "-o", str(tmp_path), "--weights", str(weights)]) == 1
    assert "would overwrite an input" in capfd.readouterr().err
    assert path.read_bytes() == encode_png(pan(0, 10))
