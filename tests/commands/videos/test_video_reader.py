"""Reading and writing videos, against files that PyAV wrote."""

import random
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_reader import VideoReader
from comfyui_sapiens_pose.commands.videos.video_writer import VideoWriter
from helpers.clips import bar_length, pan, turn_clockwise, write_clip, write_png_clip
from helpers.odd_pictures import bomb

UNEVEN_MS = np.cumsum(np.random.default_rng(0).integers(10, 120, 30)).tolist()
KINDS = {
    "a.mp4": {},
    "uneven.mp4": {"times_ms": UNEVEN_MS},
    "uneven.mkv": {"times_ms": UNEVEN_MS},
    "vp9.webm": {"codec": "libvpx-vp9"},
    "a.ts": {},
    "mpeg4.avi": {"codec": "mpeg4"},
    "h264.avi": {},
    "one.mp4": {"count": 1},
}


def bars(images):
    return [int((image[image.shape[0] // 2, :, 0] > 128).sum()) for image in images]


def read_all(path):
    info = read_info(path)
    with VideoReader(path) as reader:
        return [reader.read(frame) for frame in info.frames()]


@pytest.mark.parametrize("name", KINDS)
def test_every_frame_is_read_in_any_order(tmp_path, name):
    path = write_clip(tmp_path / name, **KINDS[name])
    frames = read_info(path).frames()
    images = read_all(path)
    expected = [bar_length(number, len(images), 128) for number in range(len(images))]
    assert len(images) == KINDS[name].get("count", 30)
    assert bars(images) == pytest.approx(expected, abs=2)
    order = list(range(len(frames)))
    random.Random(0).shuffle(order)
    with VideoReader(path) as reader:
        for place in order:
            assert np.array_equal(reader.read(frames[place]), images[place])


@pytest.mark.parametrize("name", KINDS)
def test_what_is_written_has_the_same_frames_at_the_same_times(tmp_path, name):
    path = write_clip(tmp_path / name, **KINDS[name])
    before, images = read_info(path), read_all(path)
    with VideoWriter(tmp_path / "out.mp4", before) as writer:
        for frame, image in zip(before.frames(), images, strict=True):
            writer.write(frame, image)
    after = read_info(tmp_path / "out.mp4")
    start = before.ticks[0]
    assert [tick * after.time_base for tick in after.ticks] == [
        (tick - start) * before.time_base for tick in before.ticks
    ]
    assert after.size_wh == before.size_wh
    assert bars(read_all(tmp_path / "out.mp4")) == pytest.approx(bars(images), abs=2)
    if "uneven" not in name:
        assert after.rate == before.rate


def test_a_turned_clip_is_upright(tmp_path):
    path = turn_clockwise(write_clip(tmp_path / "phone.mp4"))
    info = read_info(path)
    assert info.size_wh == (96, 128)
    image = read_all(path)[14]
    # The white left half has become the upper half.
    assert image.shape == (128, 96, 3)
    assert image[:60].min() > 200
    assert image[68:].max() < 50


@pytest.mark.parametrize("size_wh", [(127, 96), (128, 95), (127, 95)])
def test_an_odd_side_grows_by_a_pixel(tmp_path, size_wh):
    path = write_clip(tmp_path / "odd.mkv", size_wh=size_wh, codec="ffv1", pixels="bgr0")
    info, images = read_info(path), read_all(path)
    with VideoWriter(tmp_path / "out.mp4", info) as writer:
        for frame, image in zip(info.frames(), images, strict=True):
            writer.write(frame, image)
    assert read_info(tmp_path / "out.mp4").size_wh == (128, 96)
    assert bars(read_all(tmp_path / "out.mp4"))[:-1] == pytest.approx(bars(images)[:-1], abs=2)


def test_colours_stay(tmp_path):
    info = read_info(write_clip(tmp_path / "a.mp4", size_wh=(96, 96)))
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [200, 120, 40]], np.uint8)
    image = np.repeat(np.repeat(colours.reshape(2, 2, 3), 48, axis=0), 48, axis=1)
    with VideoWriter(tmp_path / "out.mp4", info) as writer:
        writer.write(info.frames()[0], image)
    (found,) = read_all(tmp_path / "out.mp4")
    assert np.abs(found.astype(int) - image)[4:-4:8, 4:-4:8].max() <= 6


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


@pytest.mark.promise("Files cost what they weigh")
def test_a_cut_file_is_read_as_far_as_it_goes(tmp_path):
    path = write_clip(tmp_path / "cut.mkv")
    whole = read_all(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    images = read_all(path)
    assert 10 < len(images) < 30
    assert bars(images[:-1]) == bars(whole[: len(images) - 1])


def test_frames_that_are_promised_but_missing_are_counted(tmp_path):
    path = write_clip(
        tmp_path / "cut.mp4", size_wh=(480, 400), draw=pan, options={"movflags": "+faststart"}
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    info = read_info(path)
    assert info.missing == 30 - len(info.ticks)
    assert 5 < info.missing < 20


@pytest.mark.promise("Files cost what they weigh")
def test_a_damaged_frame_is_an_error_of_its_own(tmp_path):
    path = write_clip(tmp_path / "hit.mov", codec="png", pixels="rgb24")
    whole = read_all(path)
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
    with pytest.raises(ValueError, match=r"bad\.mp4 is not a video"):
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
    with pytest.raises(ValueError, match="has no pictures in it"):
        read_info(path)


@pytest.mark.promise("Files cost what they weigh")
def test_a_kind_of_video_that_nothing_here_decodes_is_refused(tmp_path):
    path = write_clip(tmp_path / "a.avi", codec="mpeg4")
    path.write_bytes(path.read_bytes().replace(b"FMP4", b"\1\2\3\4"))
    with pytest.raises(ValueError, match="has no pictures in it"):
        read_info(path)


@pytest.mark.parametrize(("start_s", "seconds"), [(0.0, 1.2), (0.6, 0.6)])
def test_sound_is_kept_for_the_frames_that_are(tmp_path, start_s, seconds):
    info = read_info(write_clip(tmp_path / "a.mp4", sound=True))
    with VideoWriter(tmp_path / "out.mp4", info, with_audio=True) as writer:
        for frame in info.frames(start_s=start_s):
            writer.write(frame, np.zeros((96, 128, 3), np.uint8))
    with av.open(str(tmp_path / "out.mp4")) as container:
        (audio,) = container.streams.audio
        assert float(audio.duration * audio.time_base) == pytest.approx(seconds, abs=0.1)
        assert float((audio.start_time or 0) * audio.time_base) == pytest.approx(0, abs=0.05)


def test_sound_that_mp4_cannot_hold_is_left_out_and_told(tmp_path, caplog):
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        audio = container.add_stream(
            "vorbis", rate=48000, layout="stereo", options={"strict": "-2"}
        )
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        container.mux([*video.encode(frame), *video.encode()])
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        frame.sample_rate = 48000
        container.mux([*audio.encode(frame), *audio.encode()])
    info = read_info(path)
    with VideoWriter(tmp_path / "out.mp4", info, with_audio=True) as writer:
        writer.write(info.frames()[0], np.zeros((64, 64, 3), np.uint8))
    assert "its sound (vorbis) is left out" in caplog.text
    assert len(read_all(tmp_path / "out.mp4")) == 1


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


def test_without_pyav_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match=r"pip install 'av>=14.2'"):
        read_info(tmp_path / "a.mp4")


@pytest.mark.parametrize("third_byte", [0xFF, 0x4C & 0xFE], ids=["no such rate", "no channels"])
def test_damaged_sound_costs_no_picture(tmp_path, caplog, third_byte):
    path = write_clip(tmp_path / "a.ts", 20, sound=True)
    data = bytearray(path.read_bytes())
    header = b"\xff\xf1\x4c"  # of a piece of sound
    for at in [at for at in range(len(data)) if data[at : at + 3] == header][1::3]:
        data[at + 2] = third_byte
        data[at + 3] &= 0x3F
    path.write_bytes(data)
    info = read_info(path)
    with VideoWriter(tmp_path / "out.mp4", info, with_audio=True) as writer:
        for frame in info.frames():
            writer.write(frame, np.zeros((96, 128, 3), np.uint8))
    assert len(read_info(tmp_path / "out.mp4").ticks) == 20
    assert caplog.text.count("its sound is damaged") == 1


def test_sound_of_an_unknown_kind_is_left_out_and_told(tmp_path, caplog):
    path = write_clip(tmp_path / "a.mov", 3, sound=True)
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"zzzz").replace(b"esds", b"zzzz"))
    info = read_info(path)
    with VideoWriter(tmp_path / "out.mp4", info, with_audio=True) as writer:
        writer.write(info.frames()[0], np.zeros((96, 128, 3), np.uint8))
    assert "not known here) is left out" in caplog.text
