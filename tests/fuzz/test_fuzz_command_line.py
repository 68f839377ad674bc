"""Arguments that nobody would type: done, or refused in a line; never a traceback."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import random
from pathlib import Path

import pytest
from comfyui_sapiens_pose.cli import COMMANDS, main
from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, write_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers import odd_pictures
from helpers.fuzzing import fuzz
from helpers.poses import make_pose

VALUES = [
    *("", "a", "0", "1", "-1", "0.5", "1e400", "nan", "inf", "-inf", "9" * 5000, "1" * 30, "٣"),
    *("64x48", "0x5", "-1x5", "1000000x1000000", "9999999999x1", "64x48x3", "x", "axb"),
    *("0,2-3", "3-1", "0-99999", "1-", ",,", "0-999999999999", "cpu", "meta", "cuda:99", "vulkan"),
    *("..", "/dev/null", "写真", "\0", "-o", "--", "--help", "@file", "none.json"),
]


def options_of(command: str) -> list[argparse.Action]:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    for module in COMMANDS:
        module.add_parser(subparsers)
    chosen: argparse.ArgumentParser = subparsers.choices[command]
    return [action for action in chosen._actions if action.option_strings]


@pytest.fixture
def files(memory_path: Path) -> list[str]:
    """A picture, a pose file of two people, boxes, a list, and what is none of these."""
    write_poses(memory_path / "pose.json", [("a", frame())], FORMATS["sapiens"])
    (memory_path / "a.png").write_bytes(odd_pictures.kinds()["png"])
    (memory_path / "boxes.json").write_text(json.dumps({"a.png": [[0, 0, 5, 4]]}))
    (memory_path / "list.txt").write_text("a.png\n")
    (memory_path / "none.json").write_text("{")
    return [str(path) for path in sorted(memory_path.iterdir())]


def frame() -> Frame:
    return Frame((64, 48), tuple(make_pose(COCO_17, i, canvas_wh=(64, 48)) for i in range(2)))


@pytest.mark.parametrize("command", ["estimate", "render", "convert"])
def test_arguments(command: str, cases: int, files: list[str], memory_path: Path) -> None:
    """``estimate`` gets as far as its weights, which are not there: no network is run."""
    options = options_of(command)
    fixed = ["-o", str(memory_path / "out")]
    if command == "estimate":
        fixed += ["--weights", str(memory_path / "none.pth"), "--detector", "whole"]
    if command == "convert":
        fixed += ["--to", "comfy"]
    own = {"-o", "--weights", "--model", "--detector", "--detector-weights"}

    def make(chance: random.Random) -> list[str]:
        arguments = [command, *(chance.choice(files) for _ in range(chance.choice((0, 1, 1, 2))))]
        for _ in range(chance.randrange(5)):
            action = chance.choice(options)
            if own.isdisjoint(action.option_strings):
                arguments += [chance.choice(action.option_strings), *values(action, chance)]
        return [*arguments, *fixed] if chance.random() < 0.95 else arguments

    def values(action: argparse.Action, chance: random.Random) -> list[str]:
        if action.nargs == 0:
            return []
        if action.choices and chance.random() < 0.8:
            return [str(chance.choice(list(action.choices)))]
        return [chance.choice(VALUES + files) for _ in range(chance.choice((1, 1, 1, 0, 2)))]

    def check(arguments: list[str]) -> None:
        told = io.StringIO()
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
            try:
                code = main(arguments)
            except SystemExit as error:  # argparse
                code = error.code
        logging.getLogger().handlers.clear()
        assert code in (0, 1, 2)
        assert code == 0 or told.getvalue().strip()
        assert "Traceback" not in told.getvalue()

    fuzz(check, make, cases)
    kept = {path.name for path in memory_path.iterdir()} - {"out"}
    assert kept == {Path(file).name for file in files}
