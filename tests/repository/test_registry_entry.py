"""What the pack tells the Comfy Registry agrees with the pack."""

import sys

import pytest
from comfyui_sapiens_pose import WEB_DIRECTORY, __version__
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import CHECKPOINTS, DETECTORS

if sys.version_info < (3, 11):
    pytest.skip("TOML is read by Python 3.11 and newer.", allow_module_level=True)

import tomllib


@pytest.fixture(scope="module")
def pyproject(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def test_every_official_file_is_listed(pyproject):
    listed = [
        (model["location"], model["model_url"]) for model in pyproject["tool"]["comfy"]["Models"]
    ]
    assert listed == [
        (f"models/sapiens/{row.base_name}", row.url) for row in (*CHECKPOINTS, *DETECTORS)
    ]


def test_versions_agree(pyproject):
    assert pyproject["project"]["version"] == __version__


def test_the_pages_folder_is_told_once(root, pyproject):
    assert "web" not in pyproject["tool"]["comfy"]
    assert (root / WEB_DIRECTORY / "docs").is_dir()
