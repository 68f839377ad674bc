"""Numbers as people type them: taken, or one sentence that names the option."""

from __future__ import annotations

import pytest
from comfyui_sapiens_pose.cli import main


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e400", "a", ""])
@pytest.mark.parametrize(
    "option",
    [
        *("--score-threshold", "--person-threshold", "--person-overlap", "--person-min-size"),
        *("--hands-threshold", "--face-threshold", "--feet-threshold", "--dim-others"),
        *("--track-similarity", "--track-duplicates", "--smooth-strength", "--smooth-spikes"),
        *("--select-min-score", "--select-min-inside"),
    ],
)
def test_numbers_on_the_command_line(
    option: str, number: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["estimate", "a.png", "-o", "out", f"{option}={number}"])
    assert f"argument {option}: '{number}' is given, expected " in capfd.readouterr().err


@pytest.mark.parametrize("number", ["5", "-1", "-0.01", "1.0001"])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        *(("estimate a.png -o out", f"--{part}-threshold") for part in ("score", "hands", "feet")),
        *(("estimate a.png -o out", f"--person-{what}") for what in ("threshold", "overlap")),
        ("estimate a.png -o out", "--dim-others"),
        ("batch a.png -o out", "--face-threshold"),
        ("render a.json -o out", "--score-threshold"),
        ("parts a.json -o out", "--score-threshold"),
        ("convert a.json -o out --to comfy", "--threshold"),
    ],
)
def test_shares_on_the_command_line(
    command: str, option: str, number: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*command.split(), f"{option}={number}"])
    assert f"argument {option}: '{number}' is given, expected 0 to 1" in capfd.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "a", ""])
@pytest.mark.parametrize("command", ["estimate", "batch"])
def test_counts_on_the_command_line(
    command: str, number: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, "a.mp4", "-o", "out", f"--every={number}"])
    assert "is given, expected a whole number" in capfd.readouterr().err


@pytest.mark.parametrize("number", ["-1", "1.5", "a", "", "9" * 5000, "1000000001"])
@pytest.mark.parametrize(
    "option", ["--track-gap", "--smooth-gap", "--smooth-person-gap", "--select-min-keypoints"]
)
def test_whole_numbers_on_the_command_line(
    option: str, number: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["estimate", "a.mp4", "-o", "out", f"{option}={number}"])
    assert "is given, expected a whole number from 0 to " in capfd.readouterr().err
