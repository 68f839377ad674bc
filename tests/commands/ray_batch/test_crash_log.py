"""What a worker of a batch knows of those that crashed before it."""

import pytest
from comfyui_sapiens_pose.commands.ray_batch.crash_log import MAX_CRASHES_ELSEWHERE, CrashLog


def crash_at(path, *places):
    """Another worker, which gets as far as the last of some chunks, or images of chunks."""
    crashes = CrashLog(path)
    for place in places:
        crashes.begin(*place)
    return crashes


@pytest.mark.parametrize(
    ("workers", "one_by_one", "given_up"),
    [
        ([], [], []),
        ([[]], [], []),
        ([[(0,)]], [], []),
        ([[(0,)], [(0,)]], [0], []),
        ([[(0,), (8,)], [(0,), (8,)]], [8], []),
        ([[(0,), (8,)], [(0,)]], [], []),
        ([[(8,)], [(8,)], [(8, 8), (8, 9)]], [8], [9]),
        ([[(8,)], [(8,)], [(8, 9)], [(8, 10)]], [8], [9, 10]),
    ],
)
def test_what_is_known(tmp_path, workers, one_by_one, given_up):
    path = tmp_path / "attempts" / "part-000000"
    for places in workers:
        crash_at(path, *places)
    now = CrashLog(path)
    assert now.is_first == (not workers)
    assert [chunk for chunk in (0, 8) if now.is_one_by_one(chunk)] == one_by_one
    assert [image for image in range(16) if now.why_given_up(image)] == given_up


def test_what_a_worker_said_before_its_end_is_the_reason(tmp_path):
    crash_at(tmp_path / "part", (0, 3)).fail("CUDA error: an illegal memory access")
    reason = CrashLog(tmp_path / "part").why_given_up(3)
    assert reason == "CUDA error: an illegal memory access"


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("damage", [b'{"chunk"', bytes(5000), b"\xff", b"[]", b"5"])
def test_a_line_that_is_damaged_counts_as_none(tmp_path, damage):
    crash_at(tmp_path / "part", (0,))
    crash_at(tmp_path / "part", (0,))
    with (tmp_path / "part").open("ab") as file:
        file.write(b"\n" + damage)
    assert CrashLog(tmp_path / "part").is_one_by_one(0)


def test_nothing_is_known_of_a_part_that_was_done(tmp_path):
    crash_at(tmp_path / "part", (0,))
    crash_at(tmp_path / "part", (0,)).finish()
    assert not (tmp_path / "part").exists()
    assert not CrashLog(tmp_path / "part").is_one_by_one(0)


@pytest.mark.parametrize("is_writing", [False, True])
def test_crashes_outside_the_images_end_a_shard(tmp_path, is_writing):
    for _ in range(MAX_CRASHES_ELSEWHERE):
        crashes = CrashLog(tmp_path / "part")
        if is_writing:
            crashes.begin(0)
            crashes.begin_writing()
    with pytest.raises(RuntimeError, match="3 workers died at part, none of them while it looked"):
        CrashLog(tmp_path / "part")
