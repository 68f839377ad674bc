"""When the frames of videos are shown, and which of them are asked for."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from helpers.clips import bar_length, bar_lengths, read_images, write_clip

SIZE_WH = (64, 48)


def times_s(path):
    return [frame.time_s for frame in read_info(path).frames()]


def length_s(path):
    info = read_info(path)
    return (info.end_tick - info.ticks[0]) * info.time_base


@pytest.mark.parametrize(
    ("options", "places"),
    [
        ({}, range(30)),
        ({"every": 10}, [0, 10, 20]),
        ({"start_s": 0.4}, range(10, 30)),
        ({"end_s": 0.4}, range(10)),
        ({"every": 4, "start_s": 0.41, "end_s": 0.8}, [11, 15, 19]),
    ],
)
def test_parts_of_a_clip(tmp_path, options, places):
    info = read_info(write_clip(tmp_path / "a.ts"))
    assert [frame.index for frame in info.frames(**options)] == list(places)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"every": 0}, "expected 1 or more"), ({"start_s": 9}, "no frame from 9 s to its end")],
)
def test_parts_that_are_none(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        read_info(write_clip(tmp_path / "a.mp4")).frames(**options)


STARTS_S = {
    "hour.ts": 3600,
    "wraps.ts": 2**33 / 90_000 - 0.6,  # the stamps of MPEG have 33 bits
    "dvd.mpg": 3000,
    "late.mp4": 10,
    "edited.mov": 2,
    "cut out.mkv": 5,
    "stream.flv": 7,
}


@pytest.mark.parametrize("name", STARTS_S)
def test_times_start_at_0_whatever_the_first_stamp_is(tmp_path, name):
    codec = {".mpg": "mpeg2video", ".flv": "flv"}.get(name[-4:], "libx264")
    offset = {"output_ts_offset": str(STARTS_S[name])}
    path = write_clip(tmp_path / name, 30, SIZE_WH, codec=codec, options=offset)
    assert times_s(path) == pytest.approx([0.04 * index for index in range(30)])
    part = read_info(path).frames(start_s=0.4, end_s=0.8)
    assert [frame.index for frame in part] == list(range(10, 20))


GAPS = {
    "in order": ("mpeg4", {}, [0, 1, 2, 3, 7, 8, 9, 10, 11, 15, 16, 17]),
    "with frames between": ("mpeg4", {"max_b_frames": 2}, [0, 1, 2, 3, 7, 8, 9, 10, 11]),
    "with a pyramid": ("libx264", {}, [0, 1, 2, 3, 7, 8, 9, 10, 11, 15, 16, 17]),
    "at the second frame": ("mjpeg", {}, [0, 3, 4, 5]),
    "in each place": ("msmpeg4v2", {}, [0, 2, 4, 6, 8]),
    "nowhere": ("mpeg4", {}, [0, 1, 2, 3]),
}


def write_avi(path, codec, settings, slots):
    """An AVI of 25 frames a second; where a slot is left out, its chunk is empty."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for name, value in settings.items():
            setattr(stream.codec_context, name, value)
        for index, slot in enumerate(slots):
            grey = np.full((*SIZE_WH[::-1], 3), 10 + 12 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = slot, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("name", GAPS)
def test_gaps_of_avi_are_kept(tmp_path, name):
    codec, settings, slots = GAPS[name]
    path = write_avi(tmp_path / "a.avi", codec, settings, slots)
    info = read_info(path)
    assert [frame.time_s for frame in info.frames()] == pytest.approx([s / 25 for s in slots])
    assert length_s(path) == Fraction(slots[-1] + 1, 25)
    assert info.missing == 0
    greys = [int(image.mean()) for image in read_images(path)]
    assert greys == pytest.approx([10 + 12 * index for index in range(len(slots))], abs=9)


def test_empty_chunks_at_the_end_of_avi_show_its_last_frame_on(tmp_path):
    path = write_avi(tmp_path / "a.avi", "mpeg4", {}, [0, 1, 2, 9])
    data = bytearray(path.read_bytes())
    at = data.rindex(b"00dc", 0, data.index(b"idx1"))
    size = struct.unpack_from("<I", data, at + 4)[0]
    struct.pack_into("<I4sI", data, at + 4, 0, b"JUNK", size - 8)  # the last frame becomes junk
    struct.pack_into("<I", data, data.rindex(b"00dc") + 12, 0)
    path.write_bytes(data)
    info = read_info(path)
    assert [frame.time_s for frame in info.frames()] == pytest.approx([0, 0.04, 0.08])
    assert info.missing == 0
    assert length_s(path) == Fraction(10, 25)


def trim(path, start_s, length_s):
    """Has an MP4 show a part only, by its edit list, as telephones do that trim."""
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 12
    ticks_per_s = int(1 / av.open(str(path)).streams.video[0].time_base)
    _, first = struct.unpack_from(">2i", data, at)
    movie_ticks_per_s = struct.unpack_from(">I", data, data.index(b"mvhd") + 16)[0]
    length, start = round(length_s * movie_ticks_per_s), first + round(start_s * ticks_per_s)
    data[at : at + 8] = struct.pack(">2i", length, start)
    path.write_bytes(data)


@pytest.mark.parametrize(("start_s", "seconds"), [(0, 0.6), (0.2, 0.6), (0.48, 0.2), (0.6, 0.6)])
def test_what_an_edit_list_trims_off_is_not_missing(tmp_path, start_s, seconds):
    path = write_clip(tmp_path / "a.mp4")
    trim(path, start_s, seconds)
    info = read_info(path)
    assert info.missing == 0
    first, count = round(start_s * 25), round(seconds * 25)
    assert times_s(path) == pytest.approx([0.04 * index for index in range(count)])
    expected = [bar_length(number, 30, 128) for number in range(first, first + count)]
    assert bar_lengths(read_images(path)) == pytest.approx(expected, abs=2)


def noise(number, count, size_wh):
    """A frame that takes up as many bytes as any other."""
    return np.random.default_rng(number).integers(0, 256, (*size_wh[::-1], 3), np.uint8)


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mov", "cut.avi"])
def test_frames_that_are_promised_but_missing_are_counted(tmp_path, name):
    options = {} if name == "cut.avi" else {"movflags": "+faststart"}
    path = write_clip(tmp_path / name, 15, draw=noise, options=options)
    assert read_info(path).missing == 0
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    info = read_info(path)
    assert info.missing == 15 - len(info.ticks)
    assert 2 < info.missing < 10
    assert length_s(path) == pytest.approx(len(info.ticks) / 25, abs=0.03)


def test_mp4_says_how_long_the_picture_is_where_the_last_frame_is_not_decoded_last(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        options = {"x264-params": "b-adapt=0:bframes=2"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = *SIZE_WH, "yuv420p"
        packets = []
        for number in range(10):
            grey = np.full((*SIZE_WH[::-1], 3), 20 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            packets += stream.encode(frame)
        packets += stream.encode()
        assert packets[-1].pts < 9
        packets[-1].duration = 20  # which makes up the rest of the whole
        end = packets[-1].pts + 20
        container.mux(packets)
    assert length_s(path) == Fraction(end, 25)
