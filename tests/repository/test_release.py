"""What is released: versions that agree, and archives with our code and data and nothing else."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest
from comfyui_sapiens_pose import __version__
from helpers.command_lines import ESTIMATE

tomllib = pytest.importorskip("tomllib", reason="TOML is read by Python 3.11 and newer")
pytest.importorskip("setuptools", "77", reason="archives are built by setuptools 77 and newer")

PACK = "comfyui_sapiens_pose"
PLACES = ("commands", "nodes", "sapiens_core", "skeletons")
RECORDS = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "top_level.txt"}
SOURCE_EXTRAS = {
    *("CHANGELOG.md", "LICENSE", "MANIFEST.in", "PKG-INFO", "README.md", "SECURITY.md"),
    *("pyproject.toml", "setup.cfg"),
}
JUNK = ("out/a.png", "models/sapiens/a.pth", "tests/golden/a.npz", ".venv/lib/a.py", "nodes/a.json")
"""What lies about in a developer's folder."""
HEAVY = (".git", ".venv*", "golden", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info")
BUILD = "from setuptools.build_meta import build_sdist, build_wheel as w; build_sdist('d'); w('d')"


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def archives(root, tmp_path_factory) -> Path:
    """A folder with the wheel and the archive of the source, built from a littered copy."""
    copy = tmp_path_factory.mktemp("release") / "repository"
    shutil.copytree(root, copy, ignore=shutil.ignore_patterns(*HEAVY), symlinks=True)
    for name in JUNK:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text("junk")
    (copy / "d").mkdir()
    subprocess.run([sys.executable, "-c", BUILD], cwd=copy, check=True, capture_output=True)
    return copy / "d"


@pytest.fixture(scope="module")
def package_files(root) -> set[str]:
    """All modules, the tables of keypoints, what ComfyUI's page loads and the bundled photos."""
    files = [*root.glob("*.py"), *root.glob("skeletons/keypoint_sets/*.csv")]
    files += [path for place in PLACES for path in (root / place).rglob("*.py")]
    files += root.glob("miniature/photos/*")  # sapiens-pose check looks at them
    files += [path for path in (root / "web").rglob("*") if path.is_file()]
    files += root.glob("locales/*/*.json")
    return {path.relative_to(root).as_posix() for path in files}


@pytest.mark.exhaustive
def test_the_wheel_holds_the_package_and_nothing_else(archives, package_files):
    (path,) = archives.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
    records = f"sapiens_pose-{__version__}.dist-info"
    expected = {f"{PACK}/{name}" for name in package_files}
    assert names == expected | {f"{records}/{name}" for name in RECORDS}


@pytest.mark.exhaustive
def test_the_source_archive_holds_the_package_and_nothing_else(archives, package_files):
    (path,) = archives.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {member.name.split("/", 1)[1] for member in archive if member.isfile()}
    names = {name for name in names if not name.startswith("sapiens_pose.egg-info/")}
    assert names == package_files | SOURCE_EXTRAS


@pytest.mark.exhaustive
def test_archives_are_small(archives):
    assert all(path.stat().st_size < 3_000_000 for path in archives.iterdir())


def test_the_newest_change_is_this_version(root):
    heads = re.findall(r"^## (\S+)", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heads[0] == __version__


def test_the_oldest_versions_that_are_declared_are_those_that_are_tested(root, project):
    lines = (root / "tests" / "oldest.txt").read_text("utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    pins["opencv-python"] = pins.pop("opencv-python-headless")
    optional = project["optional-dependencies"]
    declared = [*project["dependencies"], *optional["detector"], *optional["video"]]
    declared += optional["table"]
    for requirement in declared:
        name, bound = requirement.split(">=")
        assert f"{pins[name]}.".startswith(f"{bound}."), requirement


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_an_archive_can_be_installed_and_used(archives, root, tmp_path, kind):
    """A fresh environment, which borrows the packages that ours are built on."""
    (archive,) = archives.glob(kind)
    if kind == "*.tar.gz":
        build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", archive]
        subprocess.run([*build, "--wheel-dir", tmp_path / "built"], check=True, cwd=tmp_path)
        (archive,) = (tmp_path / "built").iterdir()
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    scripts = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    (packages,) = (tmp_path / "venv").rglob("site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    install = [scripts / "python", "-m", "pip", "install", "--no-deps", "--no-index", archive]
    subprocess.run(install, check=True, cwd=tmp_path)
    assert (packages / PACK / "cli.py").is_file()
    command = scripts / "sapiens-pose"
    # What is installed, not what a variable points to.
    fresh = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    helping = [command, "--help"]
    helped = subprocess.run(helping, check=True, capture_output=True, text=True, env=fresh)
    assert "estimate" in helped.stdout
    photo = root / "miniature/photos/000000000785.jpg"
    weights = root / "miniature/sapiens_miniature_17.safetensors"
    estimate = [command, *ESTIMATE, photo, "-o", tmp_path / "out", "--weights", weights]
    subprocess.run(estimate, check=True, cwd=tmp_path, env=fresh)
    assert (tmp_path / "out" / f"{photo.stem}.json").is_file()
