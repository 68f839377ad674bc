"""Images of every kind against Pillow's own: orientations, modes, endings, and what is needed."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.commands.files.endings import GROUPS, find_missing_package
from comfyui_sapiens_pose.commands.files.images import read_image, turn_upright
from PIL import Image, ImageOps, features

RNG = np.random.default_rng(0)
SMOOTH = np.linspace((0, 60, 250), (200, 90, 20), 24 * 16).reshape(16, 24, 3).astype(np.uint8)

needs_avif = pytest.mark.skipif(
    bool(find_missing_package(".avif")), reason="Pillow 11.3 is the first that reads AVIF"
)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def with_orientation(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def as_pillow_shows(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as opened:
        return np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))


def read(tmp_path: Path, content: bytes, name: str = "photo.jpg") -> np.ndarray:
    path = tmp_path / name
    path.write_bytes(content)
    return read_image(path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_is_pillows_transposition(orientation: int) -> None:
    image = RNG.integers(0, 255, (3, 5, 3), dtype=np.uint8)
    upright = Image.fromarray(image)
    upright.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(upright))
    np.testing.assert_array_equal(turn_upright(image, orientation), expected)


@pytest.mark.opencv
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    "kind",
    ["JPEG", "PNG", "WEBP", "TIFF", pytest.param("AVIF", marks=needs_avif)],
)
def test_every_kind_of_file_is_turned(tmp_path: Path, kind: str, orientation: int) -> None:
    lossless = {"lossless": True} if kind == "WEBP" else {}
    exif = with_orientation(orientation)
    content = saved(Image.fromarray(SMOOTH), kind, exif=exif, **lossless)
    image_rgb = read(tmp_path, content)
    assert image_rgb.shape[:2] == ((24, 16) if orientation > 4 else (16, 24))
    is_lossy = kind in ("JPEG", "AVIF")
    expected = as_pillow_shows(content) if is_lossy else turn_upright(SMOOTH, orientation)
    np.testing.assert_array_equal(image_rgb, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_is_turned_once(tmp_path: Path, orientation: int) -> None:
    """The decoder applies what the file says (irot, imir); EXIF data beside is no second turn."""
    pillow_heif = pytest.importorskip("pillow_heif")
    upright = Image.fromarray(SMOOTH)
    file = io.BytesIO()
    pillow_heif.from_pillow(upright).save(
        file, quality=-1, chroma=444, exif=with_orientation(orientation).tobytes()
    )
    image_rgb = read(tmp_path, file.getvalue(), "IMG_0001.HEIC")
    expected = turn_upright(SMOOTH, orientation)
    assert image_rgb.shape == expected.shape
    assert np.abs(image_rgb.astype(int) - expected).max() <= 6


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_is_none_turns_nothing(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = saved(Image.fromarray(SMOOTH), "PNG", exif=exif)
    assert read(tmp_path, content).shape[:2] == (16, 24)


def test_damaged_exif_data_do_not_hinder_the_image(tmp_path: Path) -> None:
    content = saved(Image.fromarray(SMOOTH), "JPEG", quality=95, exif=b"Exif\0\0no tags")
    assert read(tmp_path, content).shape[:2] == (16, 24)


def random_image(mode: str) -> Image.Image:
    if mode == "P":
        return Image.fromarray(SMOOTH).quantize(8)
    if mode == "1":
        return Image.fromarray(SMOOTH).convert("1")
    bands = {"L": 1, "LA": 2, "RGB": 3}.get(mode, 4)
    pixels = RNG.integers(0, 255, (6, 8, bands), dtype=np.uint8)
    return Image.fromarray(pixels[:, :, 0] if bands == 1 else pixels, mode)


@pytest.mark.filterwarnings("ignore:'mode' parameter:DeprecationWarning")
@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        *[(mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA")],
        *[(mode, "TIFF") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK")],
        *[(mode, "JPEG") for mode in ("L", "RGB", "CMYK")],
        *[("P", kind) for kind in ("GIF", "BMP", "PCX", "TGA")],
        *[("RGBA", kind) for kind in ("WEBP", "TGA", "SGI", "QOI")],
        ("RGB", "PPM"),
        ("RGB", "JPEG2000"),
    ],
)
def test_every_mode_has_pillows_pixels(tmp_path: Path, mode: str, kind: str) -> None:
    Image.init()
    if kind not in Image.SAVE or (kind == "JPEG2000" and not features.check("jpg_2000")):
        pytest.skip(f"this Pillow writes no {kind}")
    options = {"WEBP": {"lossless": True, "exact": True}}.get(kind, {})
    content = saved(random_image(mode), kind, **options)
    endings = next(group.endings for group in GROUPS if kind in group.formats)
    np.testing.assert_array_equal(
        read(tmp_path, content, f"photo{endings[0]}"), as_pillow_shows(content)
    )


@pytest.mark.parametrize(
    ("stored", "kind", "expected"),
    [
        (np.array([[0, 255, 256, 65535]], np.uint16), "PNG", [0, 0, 1, 255]),
        (np.array([[0, 255, 256, 65535]], np.uint16), "TIFF", [0, 0, 1, 255]),
        (np.array([[0, 255, 256, 65535]], np.uint16), "PPM", [0, 0, 1, 255]),
        (np.array([[-5, 256, 65535, 2**30]], np.int32), "TIFF", [0, 1, 255, 255]),
        (np.array([[-1, 0.5, 1, 7]], np.float32), "TIFF", [0, 128, 255, 255]),
        (np.array([[-9, 90, 255, 300]], np.float32), "TIFF", [0, 90, 255, 255]),
        (np.array([[np.nan, -np.inf, np.inf, 0.2]], np.float32), "TIFF", [0, 0, 255, 51]),
    ],
    ids=["png", "tiff", "pgm", "whole", "shares", "255 is white", "no numbers"],
)
def test_more_than_8_bits_keep_the_highest(
    tmp_path: Path, stored: np.ndarray, kind: str, expected: list[int]
) -> None:
    """Pillow's own conversion clips them: 256 would be white."""
    if kind == "PPM":  # which Pillow 10 does not write of 16 bits
        content = b"P5 4 1 65535\n" + stored.astype(">u2").tobytes()
    else:
        content = saved(Image.fromarray(stored), kind)
    image_rgb = read(tmp_path, content)
    assert image_rgb.tolist() == [[[value] * 3 for value in expected]]


def test_colours_of_16_bits_keep_the_highest_8(tmp_path: Path) -> None:
    import cv2

    stored = RNG.integers(0, 2**16, (5, 6, 3), dtype=np.uint16)
    content = cv2.imencode(".png", stored[:, :, ::-1])[1].tobytes()
    np.testing.assert_array_equal(read(tmp_path, content), stored >> 8)


@pytest.mark.parametrize("name", ["IMG_0001.HEIC", pytest.param("plain.avif", marks=needs_avif)])
def test_cases_from_the_field_show_the_skier(root: Path, name: str) -> None:
    if name.endswith("HEIC"):
        pytest.importorskip("pillow_heif")
    image_rgb = read_image(root / "tests/golden/images" / name)
    photo = read_image(root / "miniature/photos/000000000785.jpg")
    assert image_rgb.shape == photo.shape
    assert np.abs(image_rgb.astype(int) - photo).mean() < 4


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("IMG_0001.HEIC", "pip install pillow-heif"),
        ("photo.jpg", "pip install pillow-heif"),
    ],
)
def test_heic_without_its_package_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, advice: str
) -> None:
    """By its content, whatever its name."""
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ValueError, match=advice):
        read(tmp_path, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", name)


def test_avif_without_its_decoder_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "check", lambda name: False)
    with pytest.raises(ValueError, match=r"AVIF needs Pillow 11\.3 or newer: pip install -U"):
        read(tmp_path, b"\0\0\0\x18ftypavif\0\0\0\0avifmif1")


@pytest.mark.parametrize("name", ["a.tga", "a.psd", "a.pcx"])
def test_text_is_no_image_whatever_its_ending(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be read as an image"):
        read(tmp_path, b"no image, but text that is longer than any header" * 9, name)


def test_an_ending_that_needs_no_mark_is_read_by_its_name_only(tmp_path: Path) -> None:
    """A Targa file begins with nothing that tells it from others."""
    content = saved(Image.fromarray(SMOOTH), "TGA")
    np.testing.assert_array_equal(read(tmp_path, content, "a.tga"), SMOOTH)
    with pytest.raises(ValueError, match="cannot be read as an image"):
        read(tmp_path, content, "a.png")


@pytest.mark.parametrize("kind", ["TIFF", "MPO"])
def test_pages_are_no_animation(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """The first one is taken without a word."""
    pages = [Image.fromarray(SMOOTH), Image.fromarray(255 - SMOOTH)]
    content = saved(pages[0], kind, save_all=True, append_images=pages[1:])
    np.testing.assert_array_equal(read(tmp_path, content), as_pillow_shows(content))
    assert caplog.messages == []
