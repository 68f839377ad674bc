"""What follows from crashes: again, then one by one, then given up."""

import pytest
from comfyui_sapiens_pose.commands.run.crash_rule import MAX_CHUNK_CRASHES, CrashRule


@pytest.mark.parametrize(
    ("crashes", "one_by_one", "given_up"),
    [
        ([], [], {}),
        ([(0, None, "a")], [], {}),
        ([(0, None, "a"), (1, None, "b")], [], {}),
        ([(0, None, "a"), (0, None, "b")], [0], {}),
        ([(1, None, "a"), (1, None, "b"), (1, 9, "c")], [1], {9: "c"}),
        ([(1, None, "a"), (1, None, "b"), (1, 9, "c"), (1, 8, "d")], [1], {9: "c", 8: "d"}),
    ],
)
def test_what_follows_from_crashes(crashes, one_by_one, given_up):
    rule = CrashRule()
    for crash in crashes:
        rule.record(*crash)
    assert [chunk for chunk in range(3) if rule.is_one_by_one(chunk)] == one_by_one
    reasons = {image: rule.why_given_up(image) for image in range(16)}
    assert {image: reason for image, reason in reasons.items() if reason} == given_up


def test_one_crash_is_not_enough():
    """It may be a machine that was switched off."""
    assert MAX_CHUNK_CRASHES == 2
