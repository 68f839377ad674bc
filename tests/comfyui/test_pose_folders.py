"""The menu of Load Sapiens Pose: files of the input folder and the newest of the output folder."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from base_folder import CORE_POSES
from graphs import FILE_TO_SKELETON, changed, node


@pytest.fixture
def menu(comfyui: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Input and output are empty folders; gives what the menu shows."""
    for kind in ("input", "output"):
        (tmp_path / kind).mkdir()
        monkeypatch.setattr(comfyui.folder_paths, f"{kind}_directory", str(tmp_path / kind))
    loader = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoad"]
    return lambda: loader.define_schema().inputs[0].options


def save(path: Path, age_s: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('[{"people": [], "canvas_width": 64, "canvas_height": 48}]')
    os.utime(path, (10**9 - age_s, 10**9 - age_s))


def test_no_file_is_told(comfyui, menu):
    assert menu() == ["no pose file yet"]
    graph = changed(FILE_TO_SKELETON, "file", file=menu()[0])
    (error,) = comfyui.run(graph).node_errors["file"]["errors"]
    assert "No pose file is chosen. Press 'upload pose file'" in error["details"]
    with_text = {**graph, "text": node("PrimitiveString", value='[{"people": []}]')}
    run = comfyui.run(changed(with_text, "file", json=["text", 0], width=64, height=48))
    assert run.success, (run.node_errors, run.messages)


def test_files_of_input_come_first_and_then_the_newest_of_output(menu, tmp_path):
    for name in ("input/b.json", "input/folder/a.json", "input/image.png"):
        save(tmp_path / name)
    save(tmp_path / "output/old.json", age_s=5)
    save(tmp_path / "output/poses/new.json", age_s=1)
    assert menu() == ["b.json", "folder/a.json", "poses/new.json [output]", "old.json [output]"]


def test_only_the_newest_of_many_saved_files_are_listed(comfyui, menu, tmp_path, monkeypatch):
    loader = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoad"]
    folders = importlib.import_module(f"{loader.__module__.rpartition('.')[0]}.host.pose_folders")
    monkeypatch.setattr(folders, "MAX_SAVED_FILES", 2)
    for age_s in (3, 1, 2):
        save(tmp_path / f"output/{age_s}.json", age_s)
    assert menu() == ["1.json [output]", "2.json [output]"]
    graph = changed(FILE_TO_SKELETON, "file", file="3.json [output]")
    assert comfyui.run(graph).success, "a file that is not listed is there all the same"


def test_what_is_saved_is_in_the_menu_and_is_drawn_alike(comfyui):
    graph = {**FILE_TO_SKELETON, "save": node("SapiensPoseSave", poses=["file", 0])}
    run = comfyui.run(changed(graph, "save", filename_prefix="menu/pose"))
    loader = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoad"]
    names = loader.define_schema().inputs[0].options
    saved = next(name for name in names if name.endswith("[output]"))
    assert saved == "menu/pose_00001.json [output]"
    again = comfyui.run(changed(FILE_TO_SKELETON, "file", file=saved))
    np.testing.assert_array_equal(
        comfyui.pictures(run.outputs["show"])[0], comfyui.pictures(again.outputs["show"])[0]
    )


@pytest.mark.parametrize(
    "name", ["gone.json", "gone.json [output]", "gone.json [temp]", "[output]"]
)
def test_a_file_that_is_gone_is_told_before_the_run(comfyui, name):
    run = comfyui.run(changed(FILE_TO_SKELETON, "file", file=name))
    (error,) = run.node_errors["file"]["errors"]
    assert "There is no pose file" in error["details"]
    assert error["extra_info"]["input_name"] == "file"


def test_names_of_input_may_be_annotated_too(comfyui):
    run = comfyui.run(changed(FILE_TO_SKELETON, "file", file=f"{CORE_POSES} [input]"))
    assert run.success, (run.node_errors, run.messages)
