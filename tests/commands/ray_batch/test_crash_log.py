"""What a worker of a batch knows of those that crashed before it."""

import pytest
from comfyui_sapiens_pose.commands.ray_batch.crash_log import MAX_CRASHES, CrashLog


@pytest.fixture
def path(tmp_path):
    return tmp_path / "attempts" / "part-000000"


def crash_at(path, *chunks, run="a"):
    """Another worker, which gets as far as the last of some chunks."""
    crashes = CrashLog(path, run)
    for chunk in chunks:
        crashes.begin(chunk)
    return crashes


@pytest.mark.parametrize(
    ("workers", "is_guarded"), [([], False), ([[]], True), ([[0, 8]], True), ([[0], [0]], True)]
)
def test_after_a_crash_images_are_kept_apart(path, workers, is_guarded):
    for chunks in workers:
        crash_at(path, *chunks)
    now = CrashLog(path)
    assert now.is_first == (not workers)
    assert now.is_guarded is is_guarded


def test_who_waits_for_a_server_has_not_crashed(path):
    for _ in range(5):
        crash_at(path, 0, 8)
        CrashLog.postpone(path)
    assert not CrashLog(path).is_guarded


def test_what_is_given_up_is_never_forgotten(path):
    crash_at(path, 0).give_up(3, "It died.")
    crash_at(path, 0, run="b").give_up(5, "It died too.")
    CrashLog.postpone(path)
    now = CrashLog(path, "c")
    reasons = [now.why_given_up(image) for image in range(6)]
    assert reasons == [None, None, None, "It died.", None, "It died too."]


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("damage", [b'{"chunk"', bytes(5000), b"\xff", b"[]", b"5"])
def test_a_line_that_is_damaged_counts_as_none(path, damage):
    crash_at(path, 0).give_up(3, "It died.")
    with path.open("ab") as file:
        file.write(b"\n" + damage)
    assert CrashLog(path).is_guarded
    assert CrashLog(path).why_given_up(3) == "It died."


def test_nothing_is_known_of_a_part_that_was_done(path):
    crash_at(path, 0)
    crash_at(path, 0).finish()
    assert not path.exists()
    assert not CrashLog(path).is_guarded


@pytest.mark.parametrize("is_writing", [False, True])
def test_crashes_outside_the_images_end_a_shard(path, is_writing):
    for _ in range(1 + MAX_CRASHES):
        crashes = crash_at(path)
        if is_writing:
            crashes.begin(0)
            crashes.begin_writing()
    with pytest.raises(RuntimeError, match="3 workers died at part-000000, none of them while it"):
        CrashLog(path, "a")
    CrashLog(path, "b")


def test_crashes_at_different_chunks_do_not_end_a_shard(path):
    """Machines are switched off, but the shard gets on."""
    for chunk in range(0, 80, 8):
        crash_at(path, chunk)
    crash_at(path, 80)
