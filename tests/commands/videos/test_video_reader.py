"""Reading the frames of videos, against files that PyAV wrote."""

import random
import sys

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_reader import VideoReader
from helpers.clips import (
    KINDS,
    bar_length,
    bar_lengths,
    read_images,
    turn_clockwise,
    write_clip,
    write_png_clip,
)
from helpers.odd_pictures import bomb
from helpers.samples import sample


@pytest.mark.parametrize("name", sample(KINDS, ["uneven.mkv", "a.ts", "one.mp4"]))
def test_every_frame_is_read_in_any_order(tmp_path, name):
    path = write_clip(tmp_path / name, **KINDS[name])
    frames = read_info(path).frames()
    images = read_images(path)
    expected = [bar_length(number, len(images), 128) for number in range(len(images))]
    assert len(images) == KINDS[name].get("count", 30)
    assert bar_lengths(images) == pytest.approx(expected, abs=2)
    order = list(range(len(frames)))
    random.Random(0).shuffle(order)
    with VideoReader(path) as reader:
        for place in order:
            assert np.array_equal(reader.read(frames[place]), images[place])


def test_a_turned_clip_is_upright(tmp_path):
    path = turn_clockwise(write_clip(tmp_path / "phone.mp4"))
    info = read_info(path)
    assert info.size_wh == (96, 128)
    image = read_images(path)[14]
    # The white left half has become the upper half.
    assert image.shape == (128, 96, 3)
    assert image[:60].min() > 200
    assert image[68:].max() < 50


@pytest.mark.promise("Files cost what they weigh")
def test_a_cut_file_is_read_as_far_as_it_goes(tmp_path):
    path = write_clip(tmp_path / "cut.mkv")
    whole = read_images(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    images = read_images(path)
    assert 10 < len(images) < 30
    assert bar_lengths(images[:-1]) == bar_lengths(whole[: len(images) - 1])


@pytest.mark.promise("Files cost what they weigh")
def test_a_damaged_frame_is_an_error_of_its_own(tmp_path):
    path = write_clip(tmp_path / "hit.mov", codec="png", pixels="rgb24")
    whole = read_images(path)
    data = path.read_bytes()
    at = data.index(b"\x89PNG", len(data) // 2)
    path.write_bytes(data[:at] + bytes(8) + data[at + 8 :])
    frames, failed = read_info(path).frames(), []
    with VideoReader(path) as reader:
        for frame, before in zip(frames, whole, strict=True):
            try:
                assert np.array_equal(reader.read(frame), before)
            except ValueError:
                failed.append(frame)
        with pytest.raises(ValueError, match=rf"frame at {failed[0].time_s:.2f} s cannot be read"):
            reader.read(failed[0])
    assert len(failed) == 1


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("content", [b"", b"no video", b"\0\0\0\x18ftypmp42" + bytes(100)])
def test_what_is_no_video_is_refused(tmp_path, content):
    path = tmp_path / "bad.mp4"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"bad\.mp4 cannot be read as a video"):
        read_info(path)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("said_wh", [(14_000, 14_000), (64, 64)], ids=["said", "not said"])
def test_frames_of_too_many_pixels_are_not_decoded(tmp_path, said_wh):
    path = write_png_clip(tmp_path / "large.mov", bomb(14_000), said_wh)
    with pytest.raises(ValueError, match="its frames have more than 178,956,970 pixels"):
        read_info(path)
    with VideoReader(path) as reader:
        # Nor one of them when the file was opened: PyAV does not know what they look like.
        assert reader.stream.codec_context.pix_fmt is None


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(("side", "kind"), [(64, "AUTO"), (6_000, "SLICE")])
def test_large_frames_are_decoded_one_at_a_time(tmp_path, side, kind):
    path = write_png_clip(tmp_path / "large.mov", bomb(side), (side, side))
    with VideoReader(path) as reader:
        assert reader.stream.thread_type.name == kind
        assert reader.first_frame().width == side


def test_a_missing_video_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no video"):
        read_info(tmp_path / "none.mp4")


@pytest.mark.promise("Files cost what they weigh")
def test_sound_without_pictures_is_refused(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48000
        container.mux([*stream.encode(frame), *stream.encode()])
    with pytest.raises(ValueError, match="has no images that can be read"):
        read_info(path)


@pytest.mark.promise("Files cost what they weigh")
def test_a_kind_of_video_that_nothing_here_decodes_is_refused(tmp_path):
    path = write_clip(tmp_path / "a.avi", codec="mpeg4")
    path.write_bytes(path.read_bytes().replace(b"FMP4", b"\1\2\3\4"))
    with pytest.raises(ValueError, match="has no images that can be read"):
        read_info(path)


def test_without_pyav_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match=r"pip install 'av>=14.2'"):
        read_info(tmp_path / "a.mp4")


def hide(source, path, indices):
    """Copies a clip of VP8 or VP9; the frames at some indices are decoded, but not shown."""
    with av.open(str(source)) as before, av.open(str(path), "w") as after:
        stream = before.streams.video[0]
        copy = after.add_stream_from_template(stream)
        bit = {"vp8": 0x10, "vp9": 0x02}[stream.codec_context.codec.canonical_name]
        for index, packet in enumerate(packet for packet in before.demux(stream) if packet.size):
            data = bytearray(bytes(packet))
            data[0] &= 0xFF ^ bit if index in indices else 0xFF
            hidden = av.Packet(bytes(data))
            hidden.stream, hidden.time_base = copy, packet.time_base
            hidden.pts, hidden.dts, hidden.is_keyframe = packet.pts, packet.dts, packet.is_keyframe
            after.mux(hidden)
    return path


@pytest.mark.parametrize(
    ("name", "codec", "gop", "indices"),
    [
        ("a.webm", "libvpx", 12, []),
        ("a.webm", "libvpx", 12, [3]),
        ("a.mkv", "libvpx", 12, [1, 2, 7]),
        ("a.webm", "libvpx", 12, [8]),
        ("a.webm", "libvpx-vp9", 1, [2, 5]),  # FFmpeg packs each with the frame after
        ("a.nut", "libvpx-vp9", 1, [2, 5]),
        ("a.nut", "libvpx-vp9", 1, [8]),
    ],
)
def test_frames_that_are_decoded_but_not_shown_are_none(tmp_path, name, codec, gop, indices):
    clip = write_clip(tmp_path / "shown.webm", 9, codec=codec, gop=gop)
    path = hide(clip, tmp_path / name, indices)
    shown = [index for index in range(9) if index not in indices]
    times_s = [frame.time_s for frame in read_info(path).frames()]
    assert times_s == pytest.approx([0.04 * index for index in shown])
    expected = [bar_length(index, 9, 128) for index in shown]
    assert bar_lengths(read_images(path)) == pytest.approx(expected, abs=3)


@pytest.mark.parametrize("hit", [4, 11, 28, 29])
def test_a_damaged_frame_costs_no_other_that_is_decoded_beside_it(tmp_path, hit):
    path = write_clip(tmp_path / "a.mp4", options={"movflags": "+faststart"}, gop=1)
    with av.open(str(path)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][hit]
        position, size = packet.pos, packet.size
    data = bytearray(path.read_bytes())
    data[position : position + size] = b"\xff" * size  # lengths that are longer than the frame
    path.write_bytes(data)
    read = []
    with VideoReader(path) as reader:
        for frame in read_info(path).frames():
            try:
                reader.read(frame)
                read.append(frame.index)
            except ValueError:
                continue
    assert read == [index for index in range(30) if index != hit]
