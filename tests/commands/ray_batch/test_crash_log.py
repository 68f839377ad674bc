"""What a worker of a batch knows of those that died before it."""

import pytest
from comfyui_sapiens_pose.commands.ray_batch.crash_log import Attempts


def die_at(path, *places):
    """Another attempt that goes as far as the last of ``places``, such as ``("unit", 8)``."""
    attempts = Attempts(path)
    for kind, place in places:
        (attempts.at_unit if kind == "unit" else attempts.at_picture)(place)
    return attempts


@pytest.mark.parametrize(
    ("deaths", "one_by_one", "given_up"),
    [
        ([], [], []),
        ([[]], [], []),
        ([[("unit", 0)]], [], []),
        ([[("unit", 0)], [("unit", 0)]], [0], []),
        ([[("unit", 0), ("unit", 8)], [("unit", 0), ("unit", 8)]], [8], []),
        ([[("unit", 0), ("unit", 8)], [("unit", 0)]], [], []),
        ([[("unit", 8)], [("unit", 8)], [("picture", 8), ("picture", 9)]], [8], [9]),
        ([[("unit", 8)], [("unit", 8)], [("picture", 9)], [("picture", 10)]], [8], [9, 10]),
    ],
)
def test_what_is_known(tmp_path, deaths, one_by_one, given_up):
    path = tmp_path / "attempts" / "part-000000"
    for places in deaths:
        die_at(path, *places)
    now = Attempts(path)
    assert [unit for unit in (0, 8) if now.one_by_one(unit)] == one_by_one
    assert [picture for picture in range(16) if now.given_up(picture)] == given_up


def test_what_a_worker_said_before_its_end_is_the_reason(tmp_path):
    die_at(tmp_path / "part", ("picture", 3)).failed("CUDA error: an illegal memory access")
    assert Attempts(tmp_path / "part").given_up(3) == "CUDA error: an illegal memory access"


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("damage", [b'{"unit"', bytes(5000), b"\xff", b"[]", b"5"])
def test_a_line_that_is_damaged_counts_as_none(tmp_path, damage):
    die_at(tmp_path / "part", ("unit", 0))
    die_at(tmp_path / "part", ("unit", 0))
    with (tmp_path / "part").open("ab") as file:
        file.write(b"\n" + damage)
    assert Attempts(tmp_path / "part").one_by_one(0)


def test_nothing_is_known_of_a_part_that_was_done(tmp_path):
    die_at(tmp_path / "part", ("unit", 0))
    die_at(tmp_path / "part", ("unit", 0)).done()
    assert not (tmp_path / "part").exists()
    assert not Attempts(tmp_path / "part").one_by_one(0)
