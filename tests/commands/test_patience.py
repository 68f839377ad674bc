"""Growing pauses, and an end."""

import time

import pytest
from comfyui_sapiens_pose.commands.failures import PlaceError
from comfyui_sapiens_pose.commands.patience import Patience


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test sets, and that goes on while somebody sleeps."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def test_without_patience_the_first_failure_is_the_last(clock):
    with pytest.raises(PlaceError, match=r"^Full; nothing has succeeded for 0 s, so the run stops"):
        Patience(0).fail("Full.")


def test_pauses_double_and_end_at_the_limit(clock):
    pauses = []

    def fail():
        raise OSError("The disk is full.")

    sleep = time.sleep
    time.sleep = lambda seconds: (pauses.append(seconds), sleep(seconds))
    with pytest.raises(PlaceError, match=r"full; nothing has succeeded for 300 s"):
        Patience(300).keep_trying(fail)
    assert pauses == [1, 1, 2, 4, 8, 16, 32, 60, 60, 60, 56]


def test_a_success_gives_all_patience_back(clock):
    patience = Patience(10)
    patience.fail("Away.")
    clock[0] += 9
    patience.succeed()
    assert patience.fail("Away.") == 1
    clock[0] += 9
    assert patience.fail("Away.") == 1


def test_nobody_is_stopped_while_another_may_succeed(clock):
    patience = Patience(10)
    begun = clock[0]
    clock[0] += 1
    patience.fail("Away.")
    assert not patience.has_failed_since(begun)
    clock[0] += 1000
    assert patience.has_failed_since(clock[0])
    assert patience.fail("Away.", may_end=False) == 60
