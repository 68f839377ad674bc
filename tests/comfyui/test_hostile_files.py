"""Strangers' names of files, through the nodes in the real ComfyUI."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from base_folder import CORE_POSES
from graphs import FILE_TO_SKELETON, node


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("../stolen", "outside the output folder"),
        ("poses/../../stolen", "outside the output folder"),
        ("..\\stolen", "outside the output folder"),
        ("/tmp/stolen", "outside the output folder"),
        ("\\stolen", "outside the output folder"),
        ("C:\\stolen", "outside the output folder"),
        ("stolen\0.json", "control character"),
        ("CON", "Windows reserves it for a device"),
        ("aux.json", "Windows reserves it for a device"),
        ("nul/stolen", "Windows reserves it for a device"),
        ("stolen?", 'Windows allows none of ? * < > | " in it'),
        ("a<b/stolen", "Windows allows none of"),
        ("stolen. /pose", "ends in a dot or a space"),
        ("stolen" * 100, "longer than 200 bytes"),
        ("link/stolen", "leads out of ComfyUI's output folder"),
    ],
)
def test_nothing_is_saved_under_a_hostile_name(comfyui, tmp_path, prefix, message):
    link = comfyui.base / "output" / "link"
    link.symlink_to(tmp_path)
    before = set(comfyui.base.parent.rglob("*"))
    graph = {
        "file": node("SapiensPoseLoad", file=CORE_POSES),
        "save": node("SapiensPoseSave", poses=["file", 0], filename_prefix=prefix),
    }
    run = comfyui.run(graph)
    save = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseSave"]
    with pytest.raises(ValueError, match=re.escape(message)):  # as if it came through a link
        save.execute(poses=[], filename_prefix=prefix, format="comfy")
    link.unlink()
    assert not run.success
    (told,) = run.node_errors["save"]["errors"]
    assert message in told["details"], "told before anything is run"
    assert set(comfyui.base.parent.rglob("*")) <= before
    assert not list(tmp_path.iterdir())


@pytest.mark.promise("Files stay in their folder")
@pytest.mark.parametrize("ending", ["", " [input]", " [output]", " [temp]"])
@pytest.mark.parametrize("name", ["../secret.json", "/etc/passwd", "a\0.json", "link.json"])
def test_nothing_is_loaded_from_outside_the_folders(comfyui, tmp_path, name, ending):
    secret = comfyui.base / "secret.json"
    secret.write_text('{"people": []}')
    folder = comfyui.folder_paths.get_directory_by_type(ending.strip(" []") or "input")
    link = Path(folder) / "link.json"
    link.symlink_to(secret)
    name += ending
    graph = {**FILE_TO_SKELETON, "file": node("SapiensPoseLoad", file=name)}
    run = comfyui.run(graph)
    loader = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoad"]
    with pytest.raises(ValueError, match=r"leads out of ComfyUI's \w+ folder|cannot be the name"):
        loader.execute(file=name, hands_swapped=False)
    link.unlink()
    secret.unlink()
    assert not run.success


@pytest.mark.promise("Files stay in their folder")
def test_a_json_file_with_a_hostile_name_of_its_picture_is_loaded_as_its_people(comfyui):
    """The name is not used here."""
    path = comfyui.base / "input" / "named.json"
    path.write_text(json.dumps({"image": "../../CON", "instance_info": []}))
    text = node("PreviewAny", source=["file", 1])
    run = comfyui.run({"file": node("SapiensPoseLoad", file=path.name), "text": text})
    os.unlink(path)
    assert run.success, run.messages
