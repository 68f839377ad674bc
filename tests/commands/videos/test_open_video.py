"""Of several streams the one is read that players show."""

from fractions import Fraction

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos.open_video import open_video
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from helpers.clips import read_images

DEFAULT, COVER = "default", "attached_pic"


def write_streams(path, streams):
    """A file with several streams of images; each has a codec, side, count, and what it is for."""
    generator = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        for codec, side, _, disposition in streams:
            stream = container.add_stream(codec, rate=25)
            stream.width = stream.height = side
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            if disposition:
                stream.disposition = av.stream.Disposition[disposition].value
        for index in range(max(count for _, _, count, _ in streams)):
            for stream, (_, side, count, _) in zip(container.streams.video, streams, strict=True):
                if index < count:
                    noise = generator.integers(0, 256, (side, side, 3), np.uint8)
                    frame = av.VideoFrame.from_ndarray(noise, format="rgb24")
                    frame.pts, frame.time_base = index, Fraction(1, 25)
                    container.mux(stream.encode(frame))
        for stream in container.streams.video:
            container.mux(stream.encode())
    return path


STREAMS = {
    "only one.mp4": ([("mpeg4", 48, 3, "")], 48),
    "default second.mkv": ([("mpeg4", 64, 3, ""), ("mpeg4", 48, 3, DEFAULT)], 48),
    "default second.mp4": ([("mpeg4", 64, 3, ""), ("mpeg4", 48, 3, DEFAULT)], 48),
    "cover first.mp4": ([("mjpeg", 64, 1, COVER), ("mpeg4", 48, 3, "")], 48),
    "cover last.mov": ([("mpeg4", 48, 3, ""), ("mjpeg", 64, 1, COVER)], 48),
    "proxy first.mov": ([("mpeg4", 32, 5, DEFAULT), ("mpeg4", 64, 5, DEFAULT)], 64),
    "still first.ts": ([("mpeg2video", 64, 1, ""), ("mpeg2video", 48, 5, "")], 48),
    "two alike.ts": ([("mpeg2video", 48, 5, ""), ("mpeg2video", 64, 5, "")], 48),
}


@pytest.mark.parametrize("name", STREAMS)
def test_the_stream_that_players_show_is_read(tmp_path, name):
    streams, side = STREAMS[name]
    path = write_streams(tmp_path / name, streams)
    assert read_info(path).size_wh == (side, side)
    assert {image.shape for image in read_images(path)} == {(side, side, 3)}


def test_a_stream_that_nothing_here_decodes_is_passed_over(tmp_path):
    streams = [("mpeg4", 64, 5, ""), ("msmpeg4v2", 48, 5, "")]
    path = write_streams(tmp_path / "a.avi", streams)
    path.write_bytes(path.read_bytes().replace(b"FMP4", b"\1\2\3\4"))
    assert read_info(path).size_wh == (48, 48)


def test_a_song_with_a_cover_is_no_video(tmp_path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=25)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic.value
        sound = container.add_stream("aac", rate=48000, layout="mono")
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        container.mux([*cover.encode(frame), *cover.encode()])
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48000
        container.mux([*sound.encode(frame), *sound.encode()])
    with pytest.raises(ValueError, match=r"song\.mp4 has no video, only a cover image"):
        open_video(path)
