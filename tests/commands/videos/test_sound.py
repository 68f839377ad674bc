"""The sound of drawn videos is that of the video that they are drawn after, and lasts as long."""

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import pytest
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.video_writer import VideoWriter
from helpers.clips import write_clip
from helpers.samples import every_nth
from helpers.sounding_clips import write_sounding_clip

SECOND_MS = [200 * index for index in range(5)]
KEPT = {
    "mp3": ["a.mp4", "a.avi", "a.flv"],
    "aac": ["a.ts", "a.mov"],
    "ac3": ["a.ts"],
    "eac3": ["a.mkv"],
    "mp2": ["a.mpg"],
    "alac": ["a.mov"],
    "flac": ["a.mkv"],
    "libopus": ["a.webm"],
    "vorbis": ["a.mkv"],
    "pcm_s16le": ["a.avi", "a.mov"],
    "pcm_s16be": ["a.mov"],
    "pcm_f32le": ["a.mkv"],
}
LEFT_OUT = {"pcm_u8": "a.avi", "pcm_mulaw": "a.mov", "adpcm_ms": "a.avi", "wavpack": "a.mkv"}


def draw_after(path, out, **options):
    """Draws some frames of a clip with its sound; the length of the picture in seconds."""
    info = read_info(path)
    image = np.zeros((*info.size_wh[::-1], 3), np.uint8)
    with VideoWriter(out, info, with_audio=True) as writer:
        for frame in info.frames(**options):
            writer.write(frame, image)
    with av.open(str(out)) as container:
        (video,) = container.streams.video
        return video.duration * video.time_base


@dataclass
class Heard:
    """What a clip sounds like: its codec, its length, and how loud each tenth of a second is."""

    codec: str
    seconds: float
    loudness: list[float]


def hear(path):
    """The sound of a clip; None if it has none."""
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        (sound,) = container.streams.audio
        mono = av.AudioResampler("fltp", "mono", 48_000)
        frames = [piece for frame in container.decode(sound) for piece in mono.resample(frame)]
        codec = sound.codec_context.codec.canonical_name
    wave = np.abs(np.concatenate([frame.to_ndarray()[0] for frame in frames]))
    tenths = [float(wave[at : at + 4800].mean()) for at in range(0, len(wave) - 4799, 4800)]
    # MP4 has one name for MPEG's layers 2 and 3.
    return Heard({"mp2": "mp3"}.get(codec, codec), len(wave) / 48_000, tenths)


@pytest.mark.parametrize(
    ("codec", "name"), every_nth(2, [(c, n) for c, names in KEPT.items() for n in names])
)
def test_sound_that_mp4_holds_is_copied(tmp_path, codec, name, caplog):
    if codec not in av.codecs_available:
        pytest.skip(f"this build of FFmpeg does not write {codec}")
    times_ms = range(0, 1000, 40) if name == "a.mpg" else SECOND_MS  # which has one rate only
    path = write_sounding_clip(tmp_path / name, codec, times_ms, 1000)
    picture_s = draw_after(path, tmp_path / "out.mp4")
    before, after = hear(path), hear(tmp_path / "out.mp4")
    assert after.codec == before.codec
    assert after.loudness[1:9] == pytest.approx(before.loudness[1:9], abs=0.03)
    assert after.seconds == pytest.approx(float(picture_s), abs=0.06)
    assert not caplog.text


@pytest.mark.parametrize("codec", LEFT_OUT)
def test_sound_that_mp4_cannot_hold_is_left_out_and_told(tmp_path, codec, caplog):
    path = write_sounding_clip(tmp_path / LEFT_OUT[codec], codec, SECOND_MS, 1000)
    assert draw_after(path, tmp_path / "out.mp4") == 1
    assert hear(tmp_path / "out.mp4") is None
    assert f"its sound is left out: MP4 cannot hold {codec}." in caplog.text


LENGTHS = {
    "a.mp4": [
        (SECOND_MS, 1000, {}, 1),
        ([0, 1000, 2000], 3000, {}, 3),
        ([0], 2000, {}, 2),
        (SECOND_MS, 1600, {}, 1.6),
        (SECOND_MS, 1000, {"every": 3}, 1),
        (SECOND_MS, 1000, {"every": 3, "end_s": 0.8}, 0.8),
        (SECOND_MS, 1000, {"start_s": 0.6}, 0.4),
        ([0, 1000, 2000], 3000, {"every": 2}, 3),
    ],
    "a.mkv": [([0, 1000, 2000], 3000, {}, 3), (SECOND_MS, 1000, {"every": 3}, 1)],
}


@pytest.mark.parametrize(
    ("name", "times_ms", "end_ms", "options", "seconds"),
    every_nth(3, [(name, *case) for name, cases in LENGTHS.items() for case in cases]),
)
def test_picture_and_sound_last_as_long_as_the_clip(
    tmp_path, name, times_ms, end_ms, options, seconds
):
    path = write_sounding_clip(tmp_path / name, "mp3", times_ms, end_ms)
    assert draw_after(path, tmp_path / "out.mp4", **options) == Fraction(str(seconds))
    assert hear(tmp_path / "out.mp4").seconds == pytest.approx(seconds, abs=0.06)


@pytest.mark.parametrize(
    ("offsets_s", "sound_codec"),
    [([0, 0], "aac"), ([0, 900], "aac"), ([900, 0], "mp2"), ([0, 0.4], "ac3"), ([5, 3, 2], "mp2")],
)
def test_joined_streams_keep_their_sound(tmp_path, offsets_s, sound_codec):
    pieces = [
        write_sounding_clip(
            tmp_path / f"{index}.ts",
            sound_codec,
            SECOND_MS,
            1000,
            options={"output_ts_offset": str(offset_s)},
        ).read_bytes()
        for index, offset_s in enumerate(offsets_s)
    ]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(pieces))
    seconds = len(pieces)
    times_s = [frame.time_s for frame in read_info(path).frames()]
    assert times_s == pytest.approx([index / 5 for index in range(5 * seconds)], abs=0.03)
    assert draw_after(path, tmp_path / "out.mp4") == pytest.approx(seconds, abs=0.05)
    one, joined = hear(tmp_path / "0.ts").loudness, hear(tmp_path / "out.mp4").loudness
    assert len(joined) == pytest.approx(10 * seconds, abs=1)
    for index in range(seconds):
        assert joined[10 * index + 2 : 10 * index + 8] == pytest.approx(one[2:8], abs=0.08)
    part = draw_after(path, tmp_path / "part.mp4", start_s=0.8, end_s=1.4)
    assert part == pytest.approx(0.6, abs=0.05)
    assert hear(tmp_path / "part.mp4").seconds == pytest.approx(0.6, abs=0.06)


def test_sound_of_joined_streams_stays_with_its_picture(tmp_path):
    """Where the sound of the first ends early, that of the second does not begin early."""
    clips = [
        write_sounding_clip(tmp_path / f"{sound_ms}.ts", "mp2", SECOND_MS, 1000, sound_ms=sound_ms)
        for sound_ms in (400, 1000)
    ]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(clip.read_bytes() for clip in clips))
    draw_after(path, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        packets = [packet for packet in container.demux(audio=0) if packet.size]
    times_s = np.array([float(packet.pts * packet.time_base) for packet in packets])
    second_s = read_info(path).frames()[5].time_s
    assert 0.8 < second_s < 1.05  # a transport stream does not say how long its last frame lasts
    assert times_s[times_s > 0.45].min() == pytest.approx(second_s, abs=0.06)


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
    assert "its sound is left out: its kind is not known" in caplog.text


def test_sound_that_lacks_its_description_is_left_out_and_told(tmp_path, caplog):
    path = write_sounding_clip(tmp_path / "a.mkv", "flac", SECOND_MS, 1000)
    private = b"\x63\xa2"  # what the codec needs to know, in Matroska
    path.write_bytes(path.read_bytes().replace(private, b"\x63\xa3"))
    assert draw_after(path, tmp_path / "out.mp4") == 1
    assert hear(tmp_path / "out.mp4") is None
    assert caplog.text.count("its sound is left out: it is damaged") == 1
