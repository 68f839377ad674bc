"""Where the time stamps of a stream jump, and what is made of it."""

from types import SimpleNamespace

import pytest
from comfyui_sapiens_pose.commands.videos.read_info import read_info
from comfyui_sapiens_pose.commands.videos.time_line import TimeLine
from helpers.clips import bar_length, bar_lengths, read_images, write_clip

PICTURE, SOUND = SimpleNamespace(index=0), SimpleNamespace(index=1)
SECOND = 90_000

# Stream and second of each packet in the file's order, and the second on the line.
LINES = {
    "nothing": [],
    "no jump": [(PICTURE, 5, 5), (PICTURE, 6, 6), (SOUND, 5.5, 5.5), (PICTURE, 7, 7)],
    "a gap": [(PICTURE, 0, 0), (PICTURE, 1, 1), (PICTURE, 9, 9), (PICTURE, 10, 10)],
    "back to the start": [(PICTURE, 0, 0), (PICTURE, 1, 1), (PICTURE, 0, 2), (PICTURE, 1, 3)],
    "far ahead": [(PICTURE, 0, 0), (PICTURE, 1, 1), (PICTURE, 3600, 2), (PICTURE, 3601, 3)],
    "far ahead and back": [
        *[(PICTURE, 0, 0), (PICTURE, 1, 1), (PICTURE, 900, 2), (PICTURE, 901, 3)],
        *[(PICTURE, 0, 4), (PICTURE, 1, 5)],
    ],
    "sound follows": [
        *[(PICTURE, 0, 0), (SOUND, 0, 0), (PICTURE, 1, 1), (SOUND, 1, 1)],
        *[(PICTURE, 0, 2), (SOUND, 0, 2), (PICTURE, 1, 3), (SOUND, 1, 3)],
    ],
    "sound leads": [
        *[(SOUND, 0, 0), (PICTURE, 0, 0), (SOUND, 1, 1), (PICTURE, 1, 1)],
        *[(SOUND, 0.5, 2), (PICTURE, 0.5, 2), (SOUND, 1.5, 3), (PICTURE, 1.5, 3)],
    ],
    "sound ends later": [
        *[(PICTURE, 0, 0), (SOUND, 0, 0), (PICTURE, 1, 1), (SOUND, 1, 1), (SOUND, 2, 2)],
        *[(PICTURE, 0, 3), (SOUND, 0, 3)],
    ],
    "the picture is away while sound goes on": [
        *[(PICTURE, 0, 0), (SOUND, 0, 0), (PICTURE, 1, 1)],
        *[(SOUND, second, second) for second in range(1, 20)],
        *[(PICTURE, 20, 20), (SOUND, 20, 20), (PICTURE, 21, 21)],
    ],
    "sound of the next piece comes before the last of the picture": [
        *[(PICTURE, 0, 0), (SOUND, 0, 0), (PICTURE, 1, 1)],
        *[(SOUND, 0, 4), (SOUND, 1, 5), (PICTURE, 2, 2), (PICTURE, 3, 3), (PICTURE, 0, 4)],
    ],
    "sound begins later than the picture": [
        *[(PICTURE, 0, 0), (SOUND, 0, 0), (PICTURE, 1, 1), (SOUND, 1, 1)],
        *[(SOUND, 0.5, 2.5), (PICTURE, 0, 2), (SOUND, 1.5, 3.5)],
    ],
    "a little back": [(PICTURE, 0, 0), (PICTURE, 1, 1), (PICTURE, 1.95, 1.95)],
}


@pytest.mark.parametrize("name", LINES)
def test_pieces_follow_one_another(name):
    packets = [make_packet(stream, second) for stream, second, _ in LINES[name]]
    placed = TimeLine().place_all(packets)
    found = [(each.packet.dts + each.shift) / SECOND for each in placed]
    assert found == pytest.approx([expected for *_, expected in LINES[name]])


def make_packet(stream, second):
    stamp = None if second is None else round(second * SECOND)
    return SimpleNamespace(stream=stream, pts=stamp, dts=stamp, duration=SECOND)


def test_a_packet_without_a_stamp_is_of_the_piece_before():
    packets = [make_packet(PICTURE, second) for second in (0, 1, 0, None)]
    *_, placed = TimeLine().place_all(packets)
    assert (placed.piece, placed.shift) == (1, 2 * SECOND)


@pytest.mark.parametrize("offsets_s", [(0, 0), (0, 700), (700, 0), (0, 0.2), (5, 3, 0)])
def test_joined_streams_are_one_clip(tmp_path, offsets_s):
    pieces = []
    for number, offset_s in enumerate(offsets_s):
        options = {"output_ts_offset": str(offset_s)}
        clip = write_clip(tmp_path / f"{number}.ts", 10, (64, 48), options=options)
        pieces.append(clip.read_bytes())
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(pieces))
    count = 10 * len(pieces)
    info = read_info(path)
    assert [frame.time_s for frame in info.frames()] == pytest.approx(
        [0.04 * index for index in range(count)]
    )
    assert float((info.end_tick - info.ticks[0]) * info.time_base) == pytest.approx(count / 25)
    expected = [bar_length(index, 10, 64) for index in range(10)] * len(pieces)
    assert bar_lengths(read_images(path)) == pytest.approx(expected, abs=2)
