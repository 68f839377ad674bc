"""The command line as its user types it."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.error_text import error_text
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.skeletons.choices import FORMAT_SUMMARIES
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from helpers.command_lines import ESTIMATE
from helpers.samples import sample


@pytest.fixture
def weights(root):
    return str(root / "miniature/sapiens_miniature_17.safetensors")


def write_pictures(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(encode_png(np.full((30, 20, 3), 128, np.uint8)))
    return folder


def test_help_names_every_command():
    command = [sys.executable, "-m", "comfyui_sapiens_pose.cli", "--help"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in ("estimate", "render", "convert"):
        assert name in text


def test_estimate_writes_the_references_layout(tmp_path, weights):
    folder = write_pictures(tmp_path / "in", "a.png")
    assert main([*ESTIMATE, str(folder), "-o", str(tmp_path / "out"), "--weights", weights]) == 0
    content = json.loads((tmp_path / "out/a.json").read_text())
    assert content["image"] == "a.png"
    assert content["canvas"] == {"width": 20, "height": 30}
    assert content["keypoint_set"] == "coco_17"
    (person,) = content["instance_info"]
    assert np.array(person["keypoints"]).shape == (17, 2)
    assert len(person["keypoint_scores"]) == 17
    assert person["bbox"] == [0, 0, 20, 30]
    assert person["bbox_score"] == 1.0
    assert cv2.imread(str(tmp_path / "out/a.png")).shape == (30, 20, 3)


def test_a_broken_picture_is_reported_and_the_rest_is_done(tmp_path, weights, capfd):
    folder = write_pictures(tmp_path / "in", "a.png", "c.png")
    (folder / "b.png").write_bytes(b"no picture")
    assert main([*ESTIMATE, str(folder), "-o", str(tmp_path / "out"), "--weights", weights]) == 1
    assert sorted(path.name for path in (tmp_path / "out").glob("*.json")) == ["a.json", "c.json"]
    error = capfd.readouterr().err
    assert "b.png cannot be read as an image" in error
    assert "1 of 3 images failed; the others are done" in error


def test_nobody_gives_an_empty_list_and_a_black_picture(tmp_path, weights):
    folder = write_pictures(tmp_path / "in", "a.png")
    (tmp_path / "boxes.json").write_text('{"a.png": []}')
    arguments = [*ESTIMATE, folder, "-o", tmp_path, "--weights", weights, "--overlay"]
    arguments += ["--bboxes", tmp_path / "boxes.json"]
    assert main([str(argument) for argument in arguments]) == 0
    assert json.loads((tmp_path / "a.json").read_text())["instance_info"] == []
    assert cv2.imread(str(tmp_path / "a.png")).max() == 0
    assert (cv2.imread(str(tmp_path / "a_overlay.png")) == 128).all()


def test_several_styles_and_formats_give_several_files(tmp_path, weights):
    folder = write_pictures(tmp_path / "in", "a.png")
    arguments = [*ESTIMATE, folder, "-o", tmp_path / "out", "--weights", weights, "--overlay"]
    arguments += ["--style", "openpose", "dense", "--format", "comfy", "openpose"]
    assert main([str(argument) for argument in arguments]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a.comfy.json",
        "a.dense.png",
        "a.dense_overlay.png",
        "a.openpose.png",
        "a.openpose_keypoints.json",
        "a.openpose_overlay.png",
    ]


def test_a_style_that_is_named_twice_counts_once(tmp_path, weights):
    folder = write_pictures(tmp_path / "in", "a.png")
    arguments = [*ESTIMATE, folder, "-o", tmp_path / "out", "--weights", weights]
    arguments += ["--style", "dense", "dense", "--format", "comfy", "comfy"]
    assert main([str(argument) for argument in arguments]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.json", "a.png"]


def test_a_folder_is_no_place_for_its_own_results(tmp_path, weights, capfd):
    folder = write_pictures(tmp_path / "in")
    (folder / "a.bmp").write_bytes(cv2.imencode(".bmp", np.zeros((30, 20, 3), np.uint8))[1])
    assert main([*ESTIMATE, str(folder), "-o", str(folder), "--weights", weights]) == 1
    assert "the next run would take them as inputs" in capfd.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["a.bmp"]


@pytest.mark.parametrize("name", sample(FORMAT_SUMMARIES, ["sapiens", "openpose"]))
def test_each_format_is_read_back(tmp_path, weights, name):
    folder = write_pictures(tmp_path / "in", "a.png")
    arguments = [*ESTIMATE, folder, "-o", tmp_path / "out", "--weights", weights]
    assert main([str(argument) for argument in [*arguments, "--format", name]]) == 0
    (path,) = (tmp_path / "out").glob("a*.json")
    (frame,) = read_poses(path)
    assert len(frame.poses) <= 1


def test_two_inputs_with_one_stem_both_survive(tmp_path, weights):
    write_pictures(tmp_path / "x", "a.png")
    write_pictures(tmp_path / "y", "a.png")
    arguments = [*ESTIMATE, tmp_path / "x", tmp_path / "y", "-o", tmp_path / "out"]
    assert main([str(value) for value in [*arguments, "--weights", weights]]) == 0
    assert sorted(path.name for path in (tmp_path / "out").glob("*.json")) == ["a.json", "a_2.json"]


def test_two_results_of_one_name_are_refused(tmp_path, weights, capfd):
    folder = write_pictures(tmp_path / "in", "a.png", "a_overlay.png")
    arguments = [*ESTIMATE, str(folder), "-o", str(tmp_path / "out"), "--weights", weights]
    assert main([*arguments, "--overlay"]) == 1
    assert "a_overlay.png. Rename one of them" in capfd.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main(arguments) == 0


def test_results_that_are_links_to_one_file_are_two_results(tmp_path, weights):
    folder = write_pictures(tmp_path / "in", "a.png", "b.png")
    (tmp_path / "out").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "out" / name).symlink_to("elsewhere.png")
    assert main([*ESTIMATE, str(folder), "-o", str(tmp_path / "out"), "--weights", weights]) == 0
    assert not (tmp_path / "out/a.png").is_symlink()


@pytest.mark.parametrize("size", ["64x64", "96X48", "48x96"])
def test_sapiens2_runs_at_the_size_that_is_asked_for(tmp_path, sapiens2, size):
    folder = write_pictures(tmp_path / "in", "a.png")
    arguments = [*ESTIMATE, str(folder), "-o", str(tmp_path), "--input-size", size]
    arguments += ["--weights", str(sapiens2 / "cfg_pose.safetensors"), "--no-flip"]
    assert main(arguments) == 0
    (person,) = json.loads((tmp_path / "a.json").read_text())["instance_info"]
    assert len(person["keypoints"]) == 308


@pytest.mark.parametrize("size", ["64", "axb", "64x", "64x48x3", "-64x48"])
def test_what_is_no_size_is_refused(size, capfd):
    with pytest.raises(SystemExit):
        main([*ESTIMATE, "a.png", "-o", "out", f"--input-size={size}"])
    assert "not a size like 1024x768 (height x width)" in capfd.readouterr().err


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("command", ["estimate", "batch"])
@pytest.mark.parametrize("size", ["8208x768", "768x8208", "160000x160000", "1" * 5000 + "x16"])
def test_an_input_size_that_no_machine_has_memory_for_is_refused(command, size, capfd):
    with pytest.raises(SystemExit):
        main([command, "a.png", "-o", "out", f"--input-size={size}"])
    assert "has a side of more than 8192 pixels" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "2b"], "no Sapiens 2B checkpoint with 308 keypoints"),
        (["--weights", "none.pth"], "no checkpoint none.pth"),
        (["--weights", "."], "is a folder with no checkpoint"),
        (["--bboxes", "none.json"], "no boxes file none.json"),
        (["--device", "cuda:99"], "Device 'cuda:99' cannot be used here"),
        (["--device", "toaster"], "Device 'toaster' cannot be used here"),
        (["--bboxes", "b.json", "--masks", "m"], "--bboxes and --masks each say where people are"),
        (["--bboxes", "b.json", "--detector", "rtdetr-r50"], "--bboxes and --detector each say"),
        (
            ["--detector-weights", "d.safetensors"],
            "No detector is selected; add --detector rtdetr",
        ),
        (["--hide-outside-mask"], "add --masks FOLDER"),
        (["--device", "cpu", "--devices", "cpu,cpu"], "give only one of them"),
        (["--devices", ","], "No device is named"),
        (["--video", "none", "overlay"], "give 'none' alone"),
    ],
)
def test_mistakes_get_one_clear_line(tmp_path, arguments, message, capfd):
    folder = write_pictures(tmp_path / "in", "a.png")
    assert main([*ESTIMATE, str(folder), "-o", str(tmp_path / "out"), *arguments]) == 1
    error = capfd.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_a_detector_is_not_downloaded_when_its_library_is_missing(
    tmp_path, root, weights, capfd, monkeypatch
):
    from comfyui_sapiens_pose.commands.arguments import model

    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.setattr(model, "fetch", lambda *_: pytest.fail("it was fetched"))
    photo = str(root / "miniature/photos/000000000785.jpg")
    arguments = ["--weights", weights, "--detector", "rtdetr-r18"]
    assert main([*ESTIMATE, photo, "-o", str(tmp_path), *arguments]) != 0
    assert "pip install 'transformers>=4.50'" in capfd.readouterr().err


def test_what_nobody_foresaw_is_one_sentence(tmp_path, weights, capfd, monkeypatch):
    def fail(_):
        raise KeyError("a\nb")

    monkeypatch.setattr("comfyui_sapiens_pose.commands.run.run.make_plan", fail)
    folder = write_pictures(tmp_path / "in", "a.png")
    assert main([*ESTIMATE, str(folder), "-o", str(tmp_path), "--weights", weights]) == 1
    error = capfd.readouterr().err
    assert error.startswith("sapiens-pose: An unexpected error: KeyError at ")
    assert "test_cli.py:" in error
    assert error.count("\n") == 1


def test_without_pytorch_the_user_is_told_to_install_it():
    error = ModuleNotFoundError("No module named 'torch'", name="torch")
    assert "Run: pip install torch" in error_text(error)
    assert error_text(ModuleNotFoundError("No module named 'x'", name="x")) == "No module named 'x'"
