"""What follows from crashes: again, then one by one."""

import signal

import pytest
from comfyui_sapiens_pose.commands.run.crash_rule import MAX_CHUNK_CRASHES, CrashRule, is_own_fault


@pytest.mark.parametrize(
    ("crashes", "one_by_one"),
    [([], []), ([0], []), ([0, 1], []), ([0, 0], [0]), ([1, 0, 1], [1])],
)
def test_what_follows_from_crashes(crashes, one_by_one):
    rule = CrashRule()
    for chunk in crashes:
        rule.record(chunk)
    assert [chunk for chunk in range(3) if rule.is_one_by_one(chunk)] == one_by_one


def test_one_crash_is_not_enough():
    """Others may have ended the process."""
    assert MAX_CHUNK_CRASHES == 2


@pytest.mark.parametrize(
    ("exit_code", "is_own"),
    [
        (None, False),
        (0, False),
        (7, True),
        (-signal.SIGSEGV, True),
        (-signal.SIGABRT, True),
        (-signal.SIGTERM, False),
        (-9, False),
    ],
)
def test_who_ended_a_process(exit_code, is_own):
    assert is_own_fault(exit_code) is is_own
