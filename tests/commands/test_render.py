"""``sapiens-pose render`` as its user types it."""

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.skeletons.choices import STYLE_SUMMARIES
from comfyui_sapiens_pose.skeletons.draw import STYLES
from helpers.openpose_goldens import FOLDER

pytestmark = pytest.mark.portable

POSE = FOLDER / "o02_single_512x768.pose.json"
NOBODY = FOLDER / "o13_empty_512x512.pose.json"


def read(path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_every_style_is_described():
    assert list(STYLE_SUMMARIES) == list(STYLES)


@pytest.mark.opencv
def test_the_default_is_the_picture_a_controlnet_expects(tmp_path):
    assert main(["render", str(POSE), "-o", str(tmp_path / "out")]) == 0
    expected = read(FOLDER / "o02_single_512x768.aux.png")
    (path,) = (tmp_path / "out").iterdir()
    np.testing.assert_array_equal(read(path), expected)


def test_nobody_is_a_black_picture(tmp_path):
    assert main(["render", str(NOBODY), "-o", str(tmp_path / "a.png")]) == 0
    picture = read(tmp_path / "a.png")
    assert picture.shape == (512, 512, 3)
    assert not picture.any()


def test_size_background_and_mask(tmp_path):
    out = tmp_path / "a.png"
    options = ["--size", "300x200", "--background", "transparent", "--mask", "--style", "dense"]
    assert main(["render", str(POSE), "-o", str(out), *options]) == 0
    assert read(out).shape == (200, 300, 4)
    np.testing.assert_array_equal(read(out)[..., 3], read(tmp_path / "a_mask.png"))


@pytest.mark.parametrize("as_folder", [True, False], ids=["folder", "file"])
def test_the_picture_lies_under_the_skeleton(tmp_path, as_folder):
    stem = POSE.name.removesuffix(".json")
    picture = tmp_path / "pictures" / f"{stem}.png"
    picture.parent.mkdir()
    picture.write_bytes(encode_png(np.full((768, 512, 3), 77, np.uint8)))
    where = picture.parent if as_folder else picture
    out = tmp_path / "a.png"
    options = ["--background", "image", "--image", str(where)]
    assert main(["render", str(POSE), "-o", str(out), *options]) == 0
    assert (read(out)[0, 0] == 77).all()


@pytest.mark.parametrize(("layout", "corner"), [("fit", 0), ("fill", 77), ("stretch", 77)])
def test_a_picture_of_another_size_is_laid_out(tmp_path, layout, corner):
    picture = tmp_path / "wide.png"
    picture.write_bytes(encode_png(np.full((30, 40, 3), 77, np.uint8)))
    out = tmp_path / "a.png"
    options = ["--background", "image", "--image", str(picture), "--layout", layout]
    assert main(["render", str(POSE), "-o", str(out), *options]) == 0
    assert read(out).shape == (768, 512, 3)
    assert (read(out)[0, 0] == corner).all()


def test_a_broken_file_is_reported_and_the_rest_is_drawn(tmp_path, capfd):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    out = tmp_path / "out"
    assert main(["render", str(broken), str(POSE), str(POSE), "-o", str(out)]) == 1
    assert "broken.json" in capfd.readouterr().err
    assert len(list(out.iterdir())) == 2


@pytest.mark.parametrize("out", ["pictures", "pictures/{stem}.png"])
def test_a_drawing_does_not_take_the_place_of_its_picture(tmp_path, out, capfd):
    stem = POSE.name.removesuffix(".json")
    picture = tmp_path / "pictures" / f"{stem}.png"
    picture.parent.mkdir()
    content = encode_png(np.full((768, 512, 3), 77, np.uint8))
    picture.write_bytes(content)
    options = ["--background", "image", "--image", str(picture.parent)]
    assert main(["render", str(POSE), "-o", str(tmp_path / out.format(stem=stem)), *options]) == 1
    assert f"would overwrite the image {picture}" in capfd.readouterr().err
    assert picture.read_bytes() == content


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([str(POSE), "-o", "{tmp}", "--image", "a.png"], "needs --background image; add it"),
        ([str(POSE), str(NOBODY), "-o", "a.png"], "2 images cannot all go into a.png"),
        ([str(POSE), "-o", "{tmp}", "--background", "image"], "no image was given"),
        (["nowhere.json", "-o", "{tmp}"], "nowhere.json"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, capfd, arguments, message):
    arguments = [part.replace("{tmp}", str(tmp_path)) for part in arguments]
    assert main(["render", *arguments]) == 1
    assert message in capfd.readouterr().err


def test_a_size_that_is_none_is_refused(capfd):
    with pytest.raises(SystemExit):
        main(["render", "a.json", "-o", "out", "--size", "512"])
    assert "expected WxH" in capfd.readouterr().err


def test_the_page_on_drawing_describes_every_style(root):
    page = (root / "docs/drawing.md").read_text()
    for name, summary in STYLE_SUMMARIES.items():
        assert f"| `{name}` | {summary} |" in page, "Copy STYLE_SUMMARIES into docs/drawing.md"
    assert (root / "docs/images/styles.png").is_file()
