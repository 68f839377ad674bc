"""What the pack tells the Comfy Registry agrees with the pack."""

import sys

import cv2
import pytest
from comfyui_sapiens_pose import WEB_DIRECTORY, __version__
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import CHECKPOINTS, DETECTORS

if sys.version_info < (3, 11):
    pytest.skip("TOML is read by Python 3.11 and newer.", allow_module_level=True)

import tomllib
from make_registry_entry import BANNER, BANNER_WH, ICON, ICON_SIDE, PROJECT, with_addresses


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


def test_all_addresses_follow_from_the_one_that_is_filled_in():
    project = PROJECT.read_text(encoding="utf-8")
    assert with_addresses(project) == project
    elsewhere = with_addresses(project.replace("github.com/OWNER/", "github.com/somebody/", 1))
    assert "OWNER/" not in elsewhere
    with pytest.raises(ValueError, match="Repository"):
        with_addresses(project.replace("Repository", "Elsewhere"))


@pytest.mark.parametrize(
    ("name", "path", "size_wh"),
    [("Icon", ICON, (ICON_SIDE, ICON_SIDE)), ("Banner", BANNER, BANNER_WH)],
)
def test_images_have_the_sizes_that_the_registry_shows(root, pyproject, name, path, size_wh):
    assert pyproject["tool"]["comfy"][name].endswith(f"/{path}")
    assert cv2.imread(str(root / path)).shape[1::-1] == size_wh
