"""Animated images as clips: their frames are Pillow's, their times those that browsers show."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from comfyui_sapiens_pose.commands.files import animations
from comfyui_sapiens_pose.commands.files.animations import (
    AnimationReader,
    is_clip,
    open_clip,
    read_clip_info,
)
from comfyui_sapiens_pose.commands.files.endings import find_missing_package
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.commands.videos.clip_frames import ClipFrame
from PIL import Image, ImageDraw, ImageOps

SIZE_WH = (20, 12)
needs_avif = pytest.mark.skipif(
    bool(find_missing_package(".avif")), reason="Pillow 11.3 is the first that reads AVIF"
)
KINDS = ["gif", "png", "apng", "webp", pytest.param("avif", marks=needs_avif)]


def make_frames(count: int, mode: str = "RGB") -> list[Image.Image]:
    """A square that walks to the right over a clear or coloured ground."""
    frames = []
    for number in range(count):
        ground = (30, 90, 200, 0) if mode == "RGBA" else (30, 90, 200)
        frame = Image.new(mode, SIZE_WH, ground)
        square = (3 * number, 2, 3 * number + 4, 8)
        ImageDraw.Draw(frame).rectangle(square, fill=(255, 40 * number, 9))
        frames.append(frame)
    return frames


def save(path: Path, frames: list[Image.Image], **options: object) -> Path:
    kind = {".apng": "PNG"}.get(path.suffix)
    frames[0].save(path, kind, save_all=True, append_images=frames[1:], **options)
    return path


def pillows_frames(path: Path) -> list[np.ndarray]:
    frames = []
    with Image.open(path) as opened:
        for index in range(opened.n_frames):
            opened.seek(index)
            frames.append(np.asarray(ImageOps.exif_transpose(opened).convert("RGB")))
    return frames


def read_all(path: Path) -> list[np.ndarray]:
    info = read_clip_info(path)
    reader = open_clip(path)
    frames = [reader.read(frame) for frame in info.frames()]
    reader.close()
    return frames


@pytest.mark.parametrize("kind", KINDS)
def test_an_animated_image_is_a_clip_of_pillows_frames(tmp_path: Path, kind: str) -> None:
    path = save(tmp_path / f"walk.{kind}", make_frames(5), duration=[50, 100, 30, 200, 70])
    assert is_clip(path)
    info = read_clip_info(path)
    assert info.size_wh == SIZE_WH
    assert [float(tick * info.time_base) for tick in info.ticks] == [0, 0.05, 0.15, 0.18, 0.38]
    assert float(info.end_tick * info.time_base) == 0.45
    expected = pillows_frames(path)
    assert len(expected) == 5
    np.testing.assert_array_equal(read_all(path), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_still_image_is_none(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"still.{kind}"
    make_frames(1)[0].save(path, {"apng": "PNG"}.get(kind))
    assert not is_clip(path)


@pytest.mark.parametrize("disposal", [1, 2, 3])
@pytest.mark.parametrize("kind", ["gif", "png"])
def test_each_way_to_clear_a_frame_is_pillows(tmp_path: Path, kind: str, disposal: int) -> None:
    if kind == "png":
        disposal -= 1
    frames = make_frames(4, "RGBA")
    path = save(tmp_path / f"walk.{kind}", frames, duration=40, disposal=disposal)
    np.testing.assert_array_equal(read_all(path), pillows_frames(path))


@pytest.mark.parametrize(
    ("durations", "starts"),
    [([0, 0, 0], [0, 0.1, 0.2]), ([10, 20, 30], [0, 0.1, 0.12]), ([500, 20, 20], [0, 0.5, 0.52])],
)
def test_frames_that_say_no_time_are_shown_as_browsers_do(
    tmp_path: Path, durations: list[int], starts: list[float]
) -> None:
    path = save(tmp_path / "walk.gif", make_frames(3), duration=durations)
    info = read_clip_info(path)
    assert [float(tick * info.time_base) for tick in info.ticks] == starts


def test_frames_are_found_in_any_order(tmp_path: Path) -> None:
    """Pillow 13 cannot go back in an APNG, other than to its start."""
    for kind in ("gif", "png", "webp"):
        path = save(tmp_path / f"walk.{kind}", make_frames(5), duration=40)
        expected = pillows_frames(path)
        with AnimationReader(path) as reader:
            for index in (3, 1, 1, 4, 0, 2):
                frame = ClipFrame(index, None, 0.0)
                np.testing.assert_array_equal(reader.read(frame), expected[index])


def test_the_stand_in_of_an_apng_is_no_frame(tmp_path: Path) -> None:
    """The first image of such a file is for programs that know no APNG; browsers leave it out."""
    frames = make_frames(4)
    path = save(tmp_path / "walk.png", frames, duration=40, default_image=True)
    assert len(read_clip_info(path).ticks) == 3
    np.testing.assert_array_equal(read_all(path), pillows_frames(path)[1:])
    path = save(tmp_path / "one.png", frames[:2], duration=40, default_image=True)
    assert not is_clip(path)


@pytest.mark.parametrize("orientation", [3, 6])
def test_an_animation_is_turned(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "walk.webp", make_frames(3), duration=40, exif=exif, lossless=True)
    assert read_clip_info(path).size_wh == (SIZE_WH[::-1] if orientation == 6 else SIZE_WH)
    np.testing.assert_array_equal(read_all(path), pillows_frames(path))


def parts_of_gif(image: Image.Image) -> tuple[bytes, bytes, bytes]:
    """Header, palette, and frame with its descriptor of ten bytes."""
    file = io.BytesIO()
    image.save(file, "GIF")
    content = file.getvalue()
    end = 13 + 3 * 2 ** ((content[10] & 7) + 1)
    return content[:13], content[13:end], content[content.index(b",", end) : -1]


def test_what_lies_beyond_the_canvas_of_a_gif_is_not_shown(tmp_path: Path) -> None:
    """Its later frames may be larger; Pillow lets the canvas grow, browsers do not."""
    header, palette, first = parts_of_gif(Image.new("P", (5, 4)))
    large, own_palette, second = parts_of_gif(make_frames(1)[0])
    descriptor = second[:9] + bytes([0x80 | large[10] & 7])
    path = tmp_path / "small.gif"
    path.write_bytes(b"".join([header, palette, first, descriptor, own_palette, second[10:], b";"]))
    assert pillows_frames(path)[1].shape == (12, 20, 3)
    frames = read_all(path)
    assert [frame.shape for frame in frames] == [(4, 5, 3)] * 2
    np.testing.assert_array_equal(frames[1], pillows_frames(path)[1][:4, :5])


def test_an_animation_that_is_cut_off_keeps_what_can_be_read(tmp_path: Path) -> None:
    content = save(tmp_path / "walk.png", make_frames(5), duration=40).read_bytes()
    path = tmp_path / "cut.png"
    path.write_bytes(content[: len(content) * 3 // 4])
    info = read_clip_info(path)
    assert 1 < len(info.ticks) < 5
    assert info.missing == 5 - len(info.ticks)
    with pytest.raises(ValueError, match=r"cut\.png: the frame at 0\.20 s cannot be read"):
        AnimationReader(path).read(ClipFrame(4, None, 0.2))


@pytest.mark.promise("Files cost what they weigh")
def test_frames_of_too_many_pixels_are_not_composed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "walk.gif", make_frames(5), duration=40)
    monkeypatch.setattr(animations, "MAX_ANIMATION_PIXELS", 4 * SIZE_WH[0] * SIZE_WH[1])
    with pytest.raises(ValueError, match=r"5 frames of 20 x 12 pixels; at most 960 pixels"):
        read_clip_info(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.gif", b""),
        ("text.webp", b"no image at all, but text that is longer than a header"),
        ("short.webp", b"RIFF\0\0\0\0WEBPVP8X"),
        ("short.png", b"\x89PNG\r\n\x1a\n\0\0"),
        ("missing.gif", None),
    ],
)
def test_what_cannot_be_opened_is_no_clip(tmp_path: Path, name: str, content: bytes | None) -> None:
    """Reading it as an image says why."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert not is_clip(tmp_path / name)


def test_a_still_png_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders hold many thousands of them."""
    path = tmp_path / "still.png"
    make_frames(1)[0].save(path)
    monkeypatch.setattr(animations, "read_content", lambda path: pytest.fail("it was read"))
    assert not is_clip(path)


def test_an_animation_read_as_an_image_is_its_first_frame_with_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = save(tmp_path / "walk.webp", make_frames(3), duration=40, lossless=True)
    np.testing.assert_array_equal(read_image(path), pillows_frames(path)[0])
    assert caplog.messages == [f"{path} is animated; only its first frame is used."]
