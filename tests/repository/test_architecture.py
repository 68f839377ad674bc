"""Rules about the code as a whole."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

tomllib = pytest.importorskip("tomllib", reason="TOML is read by Python 3.11 and newer")

FLOORS = ("skeletons", "sapiens_core", "nodes")
LIBRARIES = {
    "skeletons": {"numpy", "cv2"},
    "sapiens_core": {
        *("numpy", "cv2", "torch", "einops", "safetensors", "huggingface_hub", "transformers"),
        *("scipy", "requests", "filelock", "av", "PIL"),
    },
}


def modules(root: Path, folder: str) -> list[Path]:
    return sorted((root / folder).rglob("*.py"))


def imports(path: Path, root: Path) -> set[str]:
    """Absolute names of everything a file imports, relative imports resolved from the root."""
    package = path.relative_to(root).parent.parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            prefix = (".",) if node.level else ()
            stem = [*prefix, *base, *(node.module or "").split(".")]
            names = [alias.name for alias in node.names] if not node.module else [""]
            found |= {"/".join(filter(None, [*stem, name])) for name in names}
    return found


def test_imports_run_one_way(root):
    for height, floor in enumerate(FLOORS):
        above = [*FLOORS[height + 1 :], "commands", "cli"]
        for path in modules(root, floor):
            for name in imports(path, root):
                parts = name.split("/")
                assert not (parts[0] == "." and parts[1] in above), f"{path} imports {name}"


@pytest.mark.parametrize("floor", LIBRARIES)
def test_each_floor_uses_its_libraries_only(root, floor):
    for path in modules(root, floor):
        for name in imports(path, root):
            top = re.split(r"[./]", name)[0]
            known = name.startswith("./") or top in sys.stdlib_module_names
            assert known or top in LIBRARIES[floor], f"{path} imports {name}"


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that a statement loads in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*(name.split('.')[0] for name in sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import comfyui_sapiens_pose", {"torch", "numpy", "cv2", "comfy", "huggingface_hub"}),
        ("import comfyui_sapiens_pose.cli", {"torch", "numpy", "cv2", "huggingface_hub"}),
        ("import comfyui_sapiens_pose.skeletons.pose", {"torch", "huggingface_hub"}),
        ("import comfyui_sapiens_pose.sapiens_core.estimator", {"huggingface_hub", "comfy"}),
    ],
)
def test_nothing_heavy_is_loaded_early(statement, unwanted):
    assert not loaded_by(statement) & unwanted


def test_modules_stay_small(root):
    for folder in (*FLOORS, "commands"):
        for path in modules(root, folder):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            assert lines <= 350, f"{path} has {lines} lines"


def test_requirements_agree_and_leave_torch_alone(root):
    lines = (root / "requirements.txt").read_text().splitlines()
    listed = [line for line in lines if line and not line.startswith("#")]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert listed == project["dependencies"]
    assert not [line for line in listed if line.startswith("torch")]


def test_every_package_is_installed(root):
    packages = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"][
        "packages"
    ]
    folders = {
        ".".join(("comfyui_sapiens_pose", *path.parent.relative_to(root).parts))
        for folder in (*FLOORS, "commands")
        for path in (root / folder).rglob("__init__.py")
    }
    assert set(packages) == folders | {"comfyui_sapiens_pose"}
