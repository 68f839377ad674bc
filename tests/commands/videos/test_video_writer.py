"""Writing videos: the same frames at the same times."""

from fractions import Fraction

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_writer import VideoWriter
from helpers.clips import KINDS, bar_lengths, colours, read_images, turn_clockwise, write_clip
from helpers.samples import sample


@pytest.mark.parametrize("name", sample(KINDS, ["uneven.mkv", "a.ts", "one.mp4"]))
def test_what_is_written_has_the_same_frames_at_the_same_times(tmp_path, name):
    path = write_clip(tmp_path / name, **KINDS[name])
    before, images = read_info(path), read_images(path)
    with VideoWriter(tmp_path / "out.mp4", before) as writer:
        for frame, image in zip(before.frames(), images, strict=True):
            writer.write(frame, image)
    after = read_info(tmp_path / "out.mp4")
    start = before.ticks[0]
    assert [tick * after.time_base for tick in after.ticks] == [
        (tick - start) * before.time_base for tick in before.ticks
    ]
    assert after.size_wh == before.size_wh
    assert bar_lengths(read_images(tmp_path / "out.mp4")) == pytest.approx(
        bar_lengths(images), abs=2
    )
    if "uneven" not in name:
        assert after.rate == before.rate


@pytest.mark.parametrize("size_wh", [(127, 96), (128, 95), (127, 95)])
def test_an_odd_side_grows_by_a_pixel(tmp_path, size_wh):
    path = write_clip(tmp_path / "odd.mkv", size_wh=size_wh, codec="ffv1", pixels="bgr0")
    info, images = read_info(path), read_images(path)
    with VideoWriter(tmp_path / "out.mp4", info) as writer:
        for frame, image in zip(info.frames(), images, strict=True):
            writer.write(frame, image)
    assert read_info(tmp_path / "out.mp4").size_wh == (128, 96)
    assert bar_lengths(read_images(tmp_path / "out.mp4"))[:-1] == pytest.approx(
        bar_lengths(images)[:-1], abs=2
    )


def test_colours_stay(tmp_path):
    info = read_info(write_clip(tmp_path / "a.mp4", size_wh=(96, 96)))
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [200, 120, 40]], np.uint8)
    image = np.repeat(np.repeat(colours.reshape(2, 2, 3), 48, axis=0), 48, axis=1)
    with VideoWriter(tmp_path / "out.mp4", info) as writer:
        writer.write(info.frames()[0], image)
    (found,) = read_images(tmp_path / "out.mp4")
    assert np.abs(found.astype(int) - image)[4:-4:8, 4:-4:8].max() <= 6


def test_pixels_that_are_no_squares_stay_so(tmp_path):
    path = tmp_path / "wide.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(16, 11)
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        container.mux([*stream.encode(frame), *stream.encode()])
    info = read_info(path)
    assert info.pixel_aspect == Fraction(16, 11)
    with VideoWriter(tmp_path / "out.mp4", info) as writer:
        writer.write(info.frames()[0], np.zeros((64, 64, 3), np.uint8))
    assert read_info(tmp_path / "out.mp4").pixel_aspect == Fraction(16, 11)
    assert read_info(turn_clockwise(path)).pixel_aspect == Fraction(11, 16)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {}),
        ("a.mp4", {"every": 7}),
        ("a.mp4", {"every": 4, "end_s": 0.7}),
        ("uneven.mp4", {}),
        ("uneven.mkv", {"every": 7}),
        ("one.mp4", {"every": 7}),
        ("mpeg4.avi", {"every": 10}),
    ],
)
def test_the_last_frame_is_shown_as_long_as_it_should(tmp_path, name, options):
    info = read_info(write_clip(tmp_path / name, **KINDS[name]))
    frames = info.frames(**options)
    with VideoWriter(tmp_path / "out.mp4", info) as writer:
        for frame in frames:
            writer.write(frame, colours(frame.index, 30, info.size_wh))
    start = info.ticks[frames[0].index]
    last_s = (info.ticks[frames[-1].index] - start) * info.time_base
    length_s = (info.end_of(frames[-1]) - start) * info.time_base
    if "every" in options and "end_s" not in options:
        assert info.end_of(frames[-1]) == info.end_tick
    with av.open(str(tmp_path / "out.mp4")) as container:
        (stream,) = container.streams.video
        assert stream.duration * stream.time_base == length_s
        last = max((packet for packet in container.demux(stream) if packet.size), key=pts_of)
        assert last.pts * stream.time_base == last_s
        if av.library_versions["libavformat"] >= (62,):  # FFmpeg 7 guesses it from the rate
            assert (last.pts + last.duration) * stream.time_base == length_s


def pts_of(packet):
    return packet.pts
