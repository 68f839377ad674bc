"""Which files are looked for, and what is said of those that are not."""

from __future__ import annotations

import sys
from pathlib import Path

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.files.endings import (
    ANIMATED_SUFFIXES,
    GROUPS,
    IMAGE_SUFFIXES,
    SEARCHED_SUFFIXES,
    VIDEO_SUFFIXES,
    LeftOut,
    find_missing_package,
)
from comfyui_sapiens_pose.commands.files.find_inputs import find_inputs
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_reader import VideoReader
from PIL import Image


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_an_ending_stands_in_one_group() -> None:
    endings = [ending for group in GROUPS for ending in group.endings]
    assert len(set(endings)) == len(endings)
    assert all(ending == ending.lower() and ending.startswith(".") for ending in endings)
    assert not IMAGE_SUFFIXES & VIDEO_SUFFIXES
    assert ANIMATED_SUFFIXES < IMAGE_SUFFIXES


@pytest.mark.parametrize(
    ("ending", "formats"),
    [(ending, group.formats) for group in GROUPS if group.formats for ending in group.endings],
)
def test_pillow_knows_each_ending_of_an_image(ending: str, formats: tuple[str, ...]) -> None:
    if ending in (".heic", ".heif", ".hif") or find_missing_package(ending):
        pytest.skip("Pillow alone does not read it")
    Image.init()
    # Pillow 10.0 reads .pfm, but does not know the ending.
    assert Image.registered_extensions().get(ending, "PPM") in formats


CONTAINERS = {
    ".m2ts": ("mpegts", "libx264"),
    ".3gp": ("3gp", "h263"),
    ".flv": ("flv", "flv1"),
    ".ogv": ("ogg", "libvpx"),
    ".vob": ("vob", "mpeg2video"),
    ".asf": ("asf", "msmpeg4"),
    ".mxf": ("mxf", "mpeg2video"),
    ".y4m": ("yuv4mpegpipe", "rawvideo"),
    ".mjpeg": ("mjpeg", "mjpeg"),
    ".rm": ("rm", "rv20"),
}


@pytest.mark.parametrize("ending", CONTAINERS)
def test_videos_of_each_container_are_found_and_read(tmp_path: Path, ending: str) -> None:
    container, codec = CONTAINERS[ending]
    path = tmp_path / f"CLIP{ending.upper()}"
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height = 176, 144
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for number in range(3):
            grey = np.full((144, 176, 3), 60 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame = frame.reformat(format=stream.pix_fmt)
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode())
    (found,) = find_inputs([tmp_path])
    assert found.is_video
    info = read_info(found.path)
    with VideoReader(found.path) as reader:
        greys = [reader.read(frame).mean() for frame in info.frames()]
    np.testing.assert_allclose(greys, [0, 60, 120], atol=4)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ((), ""),
        ((".hidden", "._a.png", "Thumbs.db", "desktop.ini"), ""),
        (("a.psd",), "1 .psd"),
        (("a.HEIC", "b.heic", "c.psd"), "2 .heic, 1 .psd"),
        (("README", "a.xmp", "a.json", "a.txt"), "1 without ending, 1 .json, 1 .txt, 1 .xmp"),
        (
            tuple(f"x.{letter}" for letter in "abcdefghij"),
            "1 .a, 1 .b, 1 .c, 1 .d, 1 .e, 1 .f, 1 .g, 1 .h, 2 of other kinds",
        ),
        (tuple(f"{number}.cr2" for number in range(1200)), "1,200 .cr2"),
    ],
    ids=["nothing", "hidden", "one", "several", "side files", "many kinds", "many"],
)
def test_what_is_left_out_is_named(names: tuple[str, ...], text: str) -> None:
    left_out = LeftOut()
    for name in names:
        left_out.add(name)
    assert left_out.describe() == text


@pytest.mark.parametrize(
    ("below", "recursive", "text"),
    [
        ("", False, "1 .psd, 1 .xmp, 2 folders (--recursive searches them)"),
        ("", True, "2 .psd, 1 .dng, 1 .xmp"),
        ("deep", False, "1 .dng, 1 .psd, 1 folder (--recursive searches them)"),
        ("*", False, "1 .psd, 1 .xmp"),
        ("**/*", False, "2 .psd, 1 .dng, 1 .xmp"),
        ("*.jpg", False, ""),
        ("a.jpg", False, ""),
    ],
)
def test_what_folders_and_patterns_hold_beside_is_counted(
    tmp_path: Path, below: str, recursive: bool, text: str
) -> None:
    make(tmp_path, "a.jpg", "a.xmp", "b.psd", ".git/x.psd", "out/a.json", "deep/er/b.png")
    make(tmp_path, "deep/c.jpg", "deep/c.dng", "deep/d.psd", "empty/.keep")
    left_out = LeftOut()
    find_inputs([tmp_path / below], recursive, tmp_path / "out", left_out)
    assert left_out.describe() == text


def test_a_folder_with_none_says_what_it_has(tmp_path: Path) -> None:
    make(tmp_path, "full/a.jpg", "full/b.psd", "raw/a.cr2", "raw/b.cr2")
    with pytest.raises(ValueError, match=r"raw has no image or video\. It has 2 \.cr2\.$"):
        find_inputs([tmp_path / "full", tmp_path / "raw"])


def test_what_is_left_out_of_folders_is_read_if_it_is_named(tmp_path: Path) -> None:
    make(tmp_path, "a.psd", "b.jpg", "c.ico", "d.txt")
    for pattern, names in {
        "a.psd": ["a.psd"],
        "*.psd": ["a.psd"],
        "*": ["b.jpg"],
        "[ac].*": None,
    }.items():
        if names is None:
            with pytest.raises(ValueError, match=r"It has 1 \.ico, 1 \.psd"):
                find_inputs([tmp_path / pattern])
        else:
            assert [file.path.name for file in find_inputs([tmp_path / pattern])] == names


@pytest.mark.parametrize("below", ["", "*", "*.HEIC"])
def test_heic_without_its_package_is_left_out_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    make(tmp_path, "IMG_0001.HEIC", "IMG_0002.heic")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    advice = r"HEIC and HEIF need a package: pip install pillow-heif\.$"
    if below != "*.HEIC":
        make(tmp_path, "IMG_0003.JPG")
        left_out = LeftOut()
        (found,) = find_inputs([tmp_path / below], left_out=left_out)
        assert found.path.name == "IMG_0003.JPG"
        assert left_out.describe() == "2 .heic"
        assert left_out.advise() == "HEIC and HEIF need a package: pip install pillow-heif."
    else:
        with pytest.raises(ValueError, match=rf"matches .*\. It has 1 \.heic\. {advice}"):
            find_inputs([tmp_path / below])
    # Named itself, it is taken: reading it says what is missing.
    assert [file.path.name for file in find_inputs([tmp_path / "IMG_0001.HEIC"])]


def test_heic_with_its_package_is_found(tmp_path: Path) -> None:
    pytest.importorskip("pillow_heif")
    make(tmp_path, "IMG_0001.HEIC")
    assert [file.path.name for file in find_inputs([tmp_path])] == ["IMG_0001.HEIC"]


def test_every_searched_ending_is_an_input(tmp_path: Path) -> None:
    pytest.importorskip("pillow_heif")
    make(tmp_path, *(f"a{ending}" for ending in SEARCHED_SUFFIXES))
    found = {file.path.suffix for file in find_inputs([tmp_path])}
    assert found == {ending for ending in SEARCHED_SUFFIXES if not find_missing_package(ending)}
