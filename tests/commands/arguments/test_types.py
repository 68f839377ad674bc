"""Numbers as people type them: taken, or one sentence that names the option."""

from __future__ import annotations

import pytest
from comfyui_sapiens_pose.cli import main
from helpers.samples import sample


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("number", sample(["nan", "inf", "-inf", "1e400", "a", ""], ["nan", "a"]))
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


@pytest.mark.parametrize("number", sample(["5", "-1", "-0.01", "1.0001"], ["-0.01", "1.0001"]))
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


@pytest.mark.parametrize(
    ("command", "argument", "expected"),
    [
        ("estimate a.mp4 -o out", "--every=0", "a whole number from 1 to"),
        ("batch a.mp4 -o out", "--every=1.5", "a whole number from 1 to"),
        ("batch a.mp4 -o out", "--every=", "a whole number from 1 to"),
        ("estimate a.png -o out", "--batch-size=0", "a whole number from 1 to 4096"),
        ("estimate a.png -o out", f"--batch-size={'9' * 5000}", "a whole number from 1 to 4096"),
        ("estimate a.png -o out", "--jobs-per-device=0", "a whole number from 1 to 64"),
        ("estimate a.png -o out", f"--jobs-per-device={'1' * 30}", "a whole number from 1 to 64"),
        ("estimate a.png -o out", "--person-min-size=-1", "0 to 1000000000"),
        ("estimate a.png -o out", "--track-gap=-1", "a whole number from 0 to 1000000"),
        ("estimate a.png -o out", "--track-gap=1000001", "a whole number from 0 to 1000000"),
        ("estimate a.png -o out", "--smooth-gap=a", "a whole number from 0 to 1000000"),
        ("estimate a.png -o out", "--track-similarity=1", "more than 0 and less than 1"),
        ("estimate a.png -o out", "--track-similarity=0", "more than 0 and less than 1"),
        ("estimate a.png -o out", "--track-duplicates=0", "more than 0 and less than 1000000"),
        ("estimate a.png -o out", "--smooth-strength=2", "0 to 1"),
        ("estimate a.png -o out", "--smooth-spikes=1e308", "0 to 1000000"),
        ("estimate a.png -o out", "--select-min-score=-1", "0 to 1"),
        ("estimate a.png -o out", "--select-min-keypoints=18", "a whole number from 0 to 17"),
        ("estimate a.png -o out", "--select-min-inside=2", "0 to 1"),
        ("estimate a.png -o out", "--max-people=-1", "a whole number from 0 to 1000000"),
        ("batch a.png -o out", "--part-size=0", "a whole number from 1 to 1000000"),
        ("batch a.png -o out", "--cpus-per-actor=0", "more than 0 and less than 1000000"),
        ("render a.json -o out", "--line-width=1001", "0 to 1000"),
        ("render a.json -o out", "--image-opacity=1.5", "0 to 1"),
        ("parts a.json -o out", "--crop-size=8", "a whole number from 16 to 4096"),
        ("parts a.json -o out", "--padding=-1", "0 to 1000"),
        ("parts a.json -o out", "--min-keypoints=-1", "a whole number from 0 to 1000000"),
    ],
)
def test_numbers_out_of_bounds_on_the_command_line(
    command: str, argument: str, expected: str, capfd: pytest.CaptureFixture[str]
) -> None:
    flag, _, number = argument.partition("=")
    with pytest.raises(SystemExit):
        main([*command.split(), argument])
    message = f"argument {flag}: '{number[:20]}' is given, expected {expected}"
    assert message in capfd.readouterr().err
