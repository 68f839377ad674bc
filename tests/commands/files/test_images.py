from pathlib import Path

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.files.images import encode_png, read_image
from helpers import odd_pictures
from helpers.odd_pictures import png_of
from PIL import Image


def write_png(path, image_rgb):
    path.write_bytes(encode_png(image_rgb))
    return path


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 255, (5, 7, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", ["a.png", "with space.png", "写真.png"])
def test_png_round_trip(tmp_path, picture, name):
    assert np.array_equal(read_image(write_png(tmp_path / name, picture)), picture)


@pytest.mark.parametrize(
    "stored",
    [
        np.full((4, 6), 9, np.uint8),
        np.full((4, 6, 4), 9, np.uint8),
        np.full((4, 6, 3), 9 * 257, np.uint16),
        np.full((1, 1, 3), 9, np.uint8),
    ],
    ids=["grey", "alpha", "16 bit", "1x1"],
)
def test_other_png_kinds_become_rgb(tmp_path, stored):
    path = tmp_path / "other.png"
    path.write_bytes(cv2.imencode(".png", stored)[1].tobytes())
    image_rgb = read_image(path)
    assert image_rgb.dtype == np.uint8
    assert image_rgb.shape == (*stored.shape[:2], 3)
    assert (image_rgb == 9).all()


@pytest.mark.parametrize("content", [b"", b"cannot be read as an image", b"\x89PNG\r\n\x1a\nrest"])
def test_what_is_not_a_picture_is_refused(tmp_path, content):
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"bad\.png cannot be read as an image"):
        read_image(path)


@pytest.mark.promise("Files cost what they weigh")
def test_the_limit_holds_where_another_pack_turned_pillows_off(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    path = tmp_path / "large.png"
    path.write_bytes(png_of(14_000, 14_000))
    with pytest.raises(ValueError, match="has 14000 x 14000 pixels; at most 178,956,970 can be"):
        read_image(path)


def test_missing_pictures_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no image"):
        read_image(tmp_path / "none.png")


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("kind", odd_pictures.kinds())
def test_every_kind_of_picture_file_is_read_as_rgb(tmp_path: Path, kind: str) -> None:
    """Of several frames the first; alpha is left out. The name's ending tells nothing."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(odd_pictures.kinds()[kind])
    image_rgb = read_image(path)
    assert image_rgb.shape == (*odd_pictures.SIZE_WH[::-1], 3)
    assert image_rgb.dtype == np.uint8
    assert np.abs(image_rgb.astype(int) - 90).max() <= (12 if "cmyk" in kind else 3)


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    ("orientation", "shape", "white"),
    [
        (1, (16, 32), "left"),
        (3, (16, 32), "right"),
        (6, (32, 16), "top"),
        (8, (32, 16), "bottom"),
    ],
)
def test_pictures_are_turned_upright(
    tmp_path: Path, orientation: int, shape: tuple[int, int], white: str
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(odd_pictures.turned(orientation))
    image_rgb = read_image(path)
    assert image_rgb.shape[:2] == shape
    height, width = shape
    ends = {
        "left": image_rgb[:, : width // 2 - 2],
        "right": image_rgb[:, width // 2 + 2 :],
        "top": image_rgb[: height // 2 - 2],
        "bottom": image_rgb[height // 2 + 2 :],
    }
    assert max(ends, key=lambda end: float(ends[end].mean())) == white


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "bmp", "tiff"])
def test_pictures_that_are_cut_off(tmp_path: Path, kind: str, share: float) -> None:
    """Refused, or read at their full size with the rest missing; nothing else."""
    content = odd_pictures.kinds()[kind]
    path = tmp_path / "photo.png"
    path.write_bytes(content[: int(len(content) * share)])
    try:
        image_rgb = read_image(path)
    except ValueError as error:
        assert "cannot be read as an image" in str(error)  # noqa: PT017
        return
    assert image_rgb.shape == (*odd_pictures.SIZE_WH[::-1], 3)
