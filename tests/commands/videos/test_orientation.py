"""Clips are shown turned and mirrored as FFmpeg's own autorotation shows them."""

import math
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos.orientation import Orientation, read_orientation
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from helpers.clips import colours, read_images, set_matrix, write_clip
from helpers.ffmpeg_images import ffmpeg_images
from PIL import Image

SIZE_WH = (64, 48)


def turn(degrees: float, scale: float = 1.0) -> tuple[float, float, float, float]:
    """The matrix of a turn clockwise."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return (scale * cos, scale * sin, -scale * sin, scale * cos)


# What FFmpeg's command line does for each matrix, after `fftools/ffmpeg_filter.c`.
EXACT = {
    "none": ((1, 0, 0, 1), []),
    "mirrored": ((-1, 0, 0, 1), [("hflip", "")]),
    "upside down": ((-1, 0, 0, -1), [("hflip", ""), ("vflip", "")]),
    "flipped": ((1, 0, 0, -1), [("vflip", "")]),
    "transposed": ((0, 1, 1, 0), [("transpose", "cclock_flip")]),
    "clockwise": ((0, 1, -1, 0), [("transpose", "clock")]),
    "transposed over": ((0, -1, -1, 0), [("transpose", "clock_flip")]),
    "anticlockwise": ((0, -1, 1, 0), [("transpose", "cclock")]),
    "nearly clockwise": (turn(89.6), [("transpose", "clock")]),
    "just clockwise": (turn(90.4), [("transpose", "clock")]),
    "nearly upside down": (turn(179.7), [("hflip", ""), ("vflip", "")]),
    "nearly upright": (turn(-0.4), []),
    "nearly anticlockwise": (turn(270.3), [("transpose", "cclock")]),
    "twice as large": (turn(90, 2.0), [("transpose", "clock")]),
    "no size at all": ((0, 0, 0, 0), []),
}
ANGLES = [1.2, 5, 33.4, 45, 134, 200.2, 359]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """An MP4 that is not turned."""
    path = tmp_path_factory.mktemp("clips") / "a.mp4"
    return write_clip(path, 2, SIZE_WH, draw=colours)


def turned(clip, path, matrix):
    path.write_bytes(clip.read_bytes())
    return set_matrix(path, matrix)


@pytest.mark.parametrize("name", EXACT)
def test_frames_are_those_of_ffmpeg(clip, tmp_path, name):
    matrix, filters = EXACT[name]
    path = turned(clip, tmp_path / "a.mp4", matrix)
    images = read_images(path)
    for image, expected in zip(images, ffmpeg_images(path, *filters), strict=True):
        assert np.array_equal(image, expected)
    assert read_info(path).size_wh == images[0].shape[1::-1]


@pytest.mark.parametrize("angle", ANGLES)
def test_odd_angles_are_turned_as_by_ffmpeg(clip, tmp_path, angle):
    path = turned(clip, tmp_path / "a.mp4", turn(angle))
    images = read_images(path)
    expected = ffmpeg_images(path, ("format", "gbrp"), ("rotate", f"{round(angle)}*PI/180"))
    assert read_info(path).size_wh == SIZE_WH
    for image, other in zip(images, expected, strict=True):
        is_black = (other.max(axis=2) < 30) | (image.max(axis=2) < 30)
        is_inside = cv2.erode((~is_black).astype(np.uint8), np.ones((5, 5))) > 0
        difference = np.abs(image.astype(int) - other)[is_inside]
        # The colours that wrap around make sharp edges, which are interpolated in two ways.
        assert difference.mean() < 2
        assert ((image.max(axis=2) < 5) != (other.max(axis=2) < 5)).mean() < 0.04


def test_a_mirrored_clip_has_its_left_at_the_right(clip, tmp_path):
    """As front cameras write it: a turn by 180 degrees says what only its mirroring undoes."""
    before, after = read_images(clip), read_images(turned(clip, tmp_path / "a.mp4", (-1, 0, 0, 1)))
    assert np.array_equal(after[0], before[0][:, ::-1])


@pytest.mark.parametrize(("exif", "turn_back"), [(6, 1), (3, 2), (8, -1)])
def test_the_angle_is_known_beside_data_that_pyav_does_not_know(tmp_path, exif, turn_back):
    """As frames of Motion JPEG have it that a camera took: PyAV has no name for their EXIF."""
    path = write_jpegs(tmp_path / "a.mov", exif)
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        if not frame.rotation:
            pytest.skip("this FFmpeg does not read EXIF")
        image = frame.to_ndarray(format="rgb24")
    (shown, _) = read_images(path)
    assert np.array_equal(np.rot90(shown, turn_back), image)


def write_jpegs(path, exif):
    """A clip of two JPEG files with an orientation."""
    image = Image.fromarray(colours(0, 2, SIZE_WH))
    tags = image.getexif()
    tags[0x0112] = exif
    image.save(path.with_suffix(".jpg"), exif=tags)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuvj420p"
        for number in range(2):
            packet = av.Packet(path.with_suffix(".jpg").read_bytes())
            packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1, 25), True
            packet.pts = packet.dts = number
            container.mux(packet)
    return path


def test_no_matrix_is_no_turn():
    frame = av.VideoFrame(8, 6, "rgb24")
    assert read_orientation(frame) == Orientation()
    image = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    assert np.array_equal(Orientation().apply(image), image)
