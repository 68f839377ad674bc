"""``sapiens-pose convert``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from comfyui_sapiens_pose import cli
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, read_named_poses, read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, GOLIATH_308
from helpers.openpose_goldens import FOLDER
from helpers.poses import make_frame


def convert(*words: object) -> int:
    return cli.main(["convert", *map(str, words)])


@pytest.fixture(name="photo")
def _photo(tmp_path: Path) -> Path:
    """A Sapiens JSON with two people of 308 points."""
    path = tmp_path / "in" / "photo.json"
    document = FORMATS["sapiens"].encode([make_frame(GOLIATH_308, 2)], ["photo.jpg"], None)  # type: ignore[arg-type]
    path.parent.mkdir()
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_to_every_format_and_back(name: str, photo: Path, tmp_path: Path) -> None:
    assert convert(photo, "--to", name, "-o", tmp_path / "out") == 0
    (written,) = (tmp_path / "out").iterdir()
    assert written.name == f"photo{FORMATS[name].suffix}"
    assert convert(written, "--to", "sapiens", "-o", tmp_path / "back.json") == 0
    (before,), (after,) = read_poses(photo), read_poses(tmp_path / "back.json")
    if name.startswith("coco"):
        assert len(after.poses) == len(before.poses)
        assert after.canvas_wh == before.canvas_wh
    else:
        assert after == before


def test_many_files_into_one(tmp_path: Path) -> None:
    inputs = sorted(FOLDER.glob("o0[1-5]*.pose.json"))
    assert convert(*inputs, "--to", "comfy", "-o", tmp_path / "all.json") == 0
    assert read_poses(tmp_path / "all.json") == tuple(read_poses(path)[0] for path in inputs)


def test_a_list_becomes_one_file_a_picture(tmp_path: Path) -> None:
    golden = next(FOLDER.glob("o05*.pose.json"))
    video = tmp_path / "video.json"
    video.write_text(json.dumps(json.loads(golden.read_text()) * 2))
    assert convert(video, "--to", "openpose", "-o", tmp_path / "out") == 0
    names = ["video_00000_keypoints.json", "video_00001_keypoints.json"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names


def test_the_name_of_the_picture_is_kept(photo: Path, tmp_path: Path) -> None:
    assert convert(photo, "--to", "sapiens", "-o", tmp_path / "copy.json") == 0
    assert [name for name, _ in read_named_poses(tmp_path / "copy.json")] == ["photo.jpg"]


def test_options_reach_reader_and_writer(tmp_path: Path) -> None:
    core = next(FOLDER.glob("o02*.core_pose.json"))
    plain = next(FOLDER.glob("o02*[0-9].pose.json"))
    out = tmp_path / "out.json"
    options = ["--hands-swapped", "--missing", "null", "--coords", "normalised"]
    assert convert(core, "--to", "comfy", "-o", out, *options) == 0
    (ours,), (theirs,) = json.loads(out.read_text()), json.loads(plain.read_text())
    right = ours["people"][0]["hand_right_keypoints_2d"]
    expected = theirs["people"][0]["hand_right_keypoints_2d"]
    scaled = [n / s for n, s in zip(expected, (512, 768, 1) * 21, strict=True)]
    assert right == pytest.approx(scaled, rel=1e-6)


def test_a_canvas_for_files_without_one(tmp_path: Path) -> None:
    path = tmp_path / "a_keypoints.json"
    path.write_text('{"version": 1.3, "people": []}')
    out = tmp_path / "out"
    assert convert(path, "--to", "comfy", "-o", out, "--canvas", "640x480") == 0
    assert read_poses(out / "a.json")[0].canvas_wh == (640, 480)
    with pytest.raises(SystemExit):
        convert(path, "--to", "comfy", "-o", out, "--canvas", "640")


def test_one_bad_input_leaves_the_others(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    out = tmp_path / "out"
    assert convert(bad, photo, tmp_path / "none.json", "--to", "comfy", "-o", out) == 1
    assert [path.name for path in out.iterdir()] == ["photo.json"]
    said = capsys.readouterr().err
    assert "bad.json cannot be read as JSON" in said
    assert "none.json" in said
    assert convert(bad, photo, "--to", "comfy", "-o", tmp_path / "all.json") == 1
    assert not (tmp_path / "all.json").exists()
    assert "all.json is not written" in capsys.readouterr().err


def test_no_file_is_overwritten_by_accident(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = photo.read_bytes()
    assert convert(photo, "--to", "comfy", "-o", photo.parent) == 1
    assert "is an input and would be overwritten" in capsys.readouterr().err
    assert photo.read_bytes() == before
    twin = tmp_path / "twin" / "photo.json"
    twin.parent.mkdir()
    twin.write_bytes(before)
    assert convert(photo, twin, "--to", "comfy", "-o", tmp_path / "out") == 1
    assert "Two inputs would be written" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_several_frames_do_not_fit_in_one_picture(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = tmp_path / "twin.json"
    twin.write_bytes(photo.read_bytes())
    assert convert(photo, twin, "--to", "openpose", "-o", tmp_path / "all.json") == 1
    assert "holds one image, but 2 were given" in capsys.readouterr().err


def test_help_needs_no_numpy() -> None:
    code = (
        "import sys; from comfyui_sapiens_pose import cli\n"
        "try: cli.main(['convert', '--help'])\n"
        "except SystemExit: assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_coco_results_of_everybody(tmp_path: Path) -> None:
    inputs = sorted(FOLDER.glob("o0[1-5]*.pose.json"))
    assert convert(*inputs, "--to", "coco", "-o", tmp_path / "results.json") == 0
    results = json.loads((tmp_path / "results.json").read_text())["annotations"]
    assert [result["image_id"] for result in results] == [0, 1, 2, 3, 4, 4, 4]
    assert {len(result["keypoints"]) for result in results} == {3 * len(COCO_17)}


CLIP = Path(__file__).parents[1] / "golden" / "pose_files" / "clip_with_an_empty_frame.json"


@pytest.mark.parametrize("name", FORMATS)
def test_a_clip_keeps_its_length_and_canvas(name: str, tmp_path: Path) -> None:
    assert convert(CLIP, "--to", name, "-o", tmp_path / "out") == 0
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == (5 if FORMATS[name].one_image_per_file else 1)
    assert convert(*files, "--to", "comfy", "-o", tmp_path / "back.json") == 0
    before, after = read_poses(CLIP), read_poses(tmp_path / "back.json")
    assert [len(frame.poses) for frame in after] == [len(frame.poses) for frame in before]
    assert {frame.canvas_wh for frame in after} == {(832, 1216)}


def test_each_part_has_one_length_in_openpose_files(tmp_path: Path) -> None:
    assert convert(CLIP, "--to", "openpose", "-o", tmp_path) == 0
    for path in tmp_path.iterdir():
        people = json.loads(path.read_text())["people"]
        for key in people[0] if people else ():
            assert len({len(person[key]) for person in people}) == 1, (path, key)


def test_frames_without_a_size_share_that_of_their_clip(tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    assert convert(CLIP, "--to", "openpose", "-o", inputs) == 0
    for path in inputs.iterdir():
        document = json.loads(path.read_text())
        del document["sapiens"]
        path.write_text(json.dumps(document))
    assert convert(*sorted(inputs.iterdir()), "--to", "comfy", "-o", tmp_path / "c.json") == 0
    frames = read_poses(tmp_path / "c.json")
    assert len(frames) == 5
    assert len({frame.canvas_wh for frame in frames}) == 1
    options = ["--canvas", "900x1300", "--to", "comfy", "-o", tmp_path / "d.json"]
    assert convert(*sorted(inputs.iterdir()), *options) == 0
    assert {frame.canvas_wh for frame in read_poses(tmp_path / "d.json")} == {(900, 1300)}
