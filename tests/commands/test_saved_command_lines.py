"""Command lines of an earlier version mean what they meant.

What was saved stays as it is. New arguments need no entry; a changed default is a changed meaning
of old command lines, and is changed in ``tests/golden/compatibility`` too if that is meant.
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

import pytest
from comfyui_sapiens_pose.cli import COMMANDS
from comfyui_sapiens_pose.commands import convert, parts
from comfyui_sapiens_pose.commands.arguments.clip import ClipSettings
from comfyui_sapiens_pose.commands.arguments.drawing import drawing_options
from comfyui_sapiens_pose.commands.arguments.model import model_settings
from comfyui_sapiens_pose.commands.arguments.people import people_settings, pose_options
from comfyui_sapiens_pose.commands.run.outputs import Outputs
from helpers.saved import arguments_of, kept, plain, read

SAVED_ARGUMENTS = read("arguments.json")
SAVED_LINES = read("command_lines.json")


def parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """That of ``sapiens-pose``, and those of its subcommands by name."""
    top = argparse.ArgumentParser()
    subparsers = top.add_subparsers()
    for command in COMMANDS:
        command.add_parser(subparsers)
    return top, dict(subparsers.choices)


def meaning(line: str) -> dict[str, Any]:
    """What a command line asks for: every argument's value, and the options made of them."""
    words = line.split()
    options = parsers()[0].parse_args(words)
    made: dict[str, Any] = {}
    if words[0] in ("estimate", "batch"):
        made["model"] = model_settings(options)
        made["people"] = people_settings(options, 1)
        made["poses"] = pose_options(options)
        made["outputs"] = Outputs.of(options)
    if words[0] == "estimate":
        made["clip"] = ClipSettings.of(options)
    if words[0] == "render":
        made["drawing"] = drawing_options(options)
    if words[0] == "parts":
        made["part"] = parts._part_options(options)
    if words[0] == "convert":
        made["encoding"] = convert._encode_options(options)
    arguments = {name: value for name, value in vars(options).items() if name != "run"}
    return {"line": line, "arguments": plain(arguments), "options": plain(made)}


@pytest.mark.parametrize("command", SAVED_ARGUMENTS)
def test_saved_arguments_are_still_there(command: str) -> None:
    now = {row["dest"]: row for row in arguments_of(parsers()[1][command])}
    for saved in SAVED_ARGUMENTS[command]:
        row = dict(now.pop(saved["dest"], {}))
        choices = [each for each in row.get("choices") or () if each in (saved["choices"] or ())]
        assert row | {"choices": choices or row.get("choices")} == saved
    assert not [row for row in now.values() if row["required"] or not row["flags"]]


@pytest.mark.parametrize("saved", SAVED_LINES, ids=lambda saved: saved["line"])
def test_saved_command_lines_mean_the_same(
    saved: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if saved["options"].get("people", {}).get("detector_weights"):
        if not importlib.util.find_spec("transformers"):
            pytest.skip("needs transformers: pip install -e .[detector]")
        for folder in (Path("models"), Path("models/sapiens")):
            folder.mkdir()
            (folder / "rtdetr_v2_r50vd.safetensors").touch()  # is there, and is not fetched
    assert kept(meaning(saved["line"]), saved) == saved


def test_every_command_was_saved() -> None:
    assert {line["line"].split()[0] for line in SAVED_LINES} == set(SAVED_ARGUMENTS)
    assert len(SAVED_LINES) >= 20
