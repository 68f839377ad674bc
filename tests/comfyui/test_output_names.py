"""Two servers that save into one folder; only names are looked at, so that no server is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from base_folder import COMFYUI_DIR, PACK_NAME, ROOT

SAVE = """
import json, sys
sys.argv, (output, own) = sys.argv[:1], sys.argv[1:]
import folder_paths
from comfyui_sapiens_pose.nodes.host.output_names import save_new
folder_paths.set_output_directory(output)
def text():
    return [json.dumps(own)]
for _ in range(30):
    files, subfolder = save_new("poses/pose", dict.fromkeys(["_00000.json", "_00001.json"], text))
    assert subfolder == "poses"
    print(*(path.name for path in files), flush=True)
"""


@pytest.mark.promise("What was finished stays")
def test_two_servers_that_save_into_one_folder_overwrite_nothing(tmp_path: Path) -> None:
    """Each finds in its files what it saved, and no number belongs to both."""
    (tmp_path / "custom_nodes").mkdir()
    (tmp_path / "custom_nodes" / PACK_NAME).symlink_to(ROOT)
    packages = os.pathsep.join([str(COMFYUI_DIR), str(tmp_path / "custom_nodes")])
    variables = os.environ | {"PYTHONPATH": packages}
    processes = {
        own: subprocess.Popen(
            [sys.executable, "-c", SAVE, tmp_path / "output", own],
            stdout=subprocess.PIPE,
            env=variables,
        )
        for own in ("a", "b")
    }
    saved = {own: process.communicate()[0].decode() for own, process in processes.items()}
    folder = tmp_path / "output" / "poses"
    assert {path.name for path in folder.iterdir()} == set(" ".join(saved.values()).split())
    assert len(list(folder.iterdir())) == 2 * 2 * 30
    for own, names in saved.items():
        assert all(json.loads((folder / name).read_text()) == own for name in names.split())
    assert sorted(
        int(line.split("_")[1]) for names in saved.values() for line in names.splitlines()
    ) == [*range(1, 61)]
