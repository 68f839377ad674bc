"""Rules about the code as a whole: who imports whom, and how large a room may be."""

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from source_trees import read_tree

tomllib = pytest.importorskip("tomllib", reason="TOML is read by Python 3.11 and newer")

PACKAGES = ("skeletons", "sapiens_core", "nodes", "commands")
BELOW = {
    "skeletons": (),
    "sapiens_core": ("skeletons",),
    "nodes": ("sapiens_core", "skeletons"),
    "commands": ("sapiens_core", "skeletons"),
}
"""What each package may import of this one, beside itself."""

ROOMS = {
    "skeletons": (
        {"foundation", "choices"},
        {"keypoint_sets", "options"},
        {"."},
        {"draw", "edits", "formats", "poses", "retarget"},
    ),
    "skeletons/formats": (
        {"."},
        {"readers", "node_values"},
        {"clips"},
        {"table", "pose_keypoint_reader"},
        {"pose_file"},
    ),
    "sapiens_core": (
        {"out_of_memory"},
        {"batches", "network"},
        {"checkpoints"},
        {"detection", "clip"},
        {"."},
    ),
    "nodes": ({"caches"}, {"host", "sockets"}, {"poses"}, {"."}),
    "commands": (
        {"failures", "stop_signals", "videos"},
        {"files", "patience", "remote"},
        {"arguments"},
        {"run"},
        {"ray_batch"},
        {"trust"},
        {"."},
    ),
}
"""Levels of a package, or of one of its rooms, the lowest first: folders, single modules, and "."
for its other modules.

A room imports lower levels, and no other room of its own level."""

LIBRARIES = {
    "skeletons": {"numpy", "cv2"},
    "sapiens_core": {
        *("numpy", "cv2", "torch", "einops", "safetensors", "huggingface_hub", "transformers"),
        *("scipy", "requests", "filelock"),
    },
}

MAX_LINES, MAX_MODULES = 350, 12

SAME_NAMES = {
    "download": "the command, and the transfer in the core",
    "drawing": "the options of drawing, and the arguments made of them",
    "edit": "the command and the node",
    "estimate": "the command and the node",
    "outputs": "the arguments about outputs, and the writing of them",
    "parts": "the command and the node",
    "people": "the arguments about people, and the people in the core",
    "pose_files": "reading pose files for the commands, and the nodes that load and save them",
    "render": "the command and the node",
    "retarget": "the command, the node, and the retargeting of poses",
    "select": "the node, and the selection of poses",
    "smooth": "the node, and the smoothing of clips",
    "sources": "the arguments about inputs, and the reading of them",
    "track": "the node, and the track of one person",
}
"""Why a name stands in two rooms: they serve the same subject, each on its own floor."""


def modules(root: Path, folder: str) -> list[Path]:
    return sorted((root / folder).rglob("*.py"))


def imports(
    path: Path, root: Path, parts_of: Callable[[ast.AST], Iterator[ast.AST]] = ast.walk
) -> set[str]:
    """Absolute names of everything a file imports, relative imports resolved from the root.

    A name imported from a module may be a module too, and comes with it as well.
    """
    package = path.relative_to(root).parent.parts
    found = set()
    for node in parts_of(read_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            prefix = (".",) if node.level else ()
            stem = [*prefix, *base, *(node.module or "").split(".")]
            names = [alias.name for alias in node.names] + ([""] if node.module else [])
            found |= {"/".join(filter(None, [*stem, name])) for name in names}
    return found


def own_imports(path: Path, root: Path) -> set[tuple[str, ...]]:
    """What a file imports of this package: the names of folders and module, from the root."""
    return {tuple(name.split("/")[1:]) for name in imports(path, root) if name.startswith("./")}


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_run_one_way(root, package):
    others = {*PACKAGES, "cli"} - {package, *BELOW[package]}
    for path in modules(root, package):
        for name in own_imports(path, root):
            assert name[0] not in others, f"{path} imports {name}"


def level_and_room(package: str, name: tuple[str, ...]) -> tuple[int, str]:
    """Where a module of a package stands in ``ROOMS``; ``name`` begins below the package."""
    known = {room: level for level, rooms in enumerate(ROOMS[package]) for room in rooms}
    room = name[0] if name and name[0] in known else "."
    return known[room], room


@pytest.mark.parametrize("package", ROOMS)
def test_rooms_import_lower_rooms_only(root, package):
    inside = tuple(package.split("/"))
    for path in modules(root, package):
        level, room = level_and_room(
            package, path.relative_to(root / package).with_suffix("").parts
        )
        for name in own_imports(path, root):
            if name[: len(inside)] == inside:
                other_level, other = level_and_room(package, name[len(inside) :])
                assert other_level < level or other == room, f"{path} imports {name}"


@pytest.mark.parametrize("package", ROOMS)
def test_every_room_has_a_level(root, package):
    folders = {path.parent.name for path in (root / package).glob("*/__init__.py")}
    assert folders <= set().union(*ROOMS[package])


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
        pytest.param(
            "import comfyui_sapiens_pose.sapiens_core.estimator",
            {"huggingface_hub", "comfy"},
            marks=pytest.mark.exhaustive,  # PyTorch takes seconds; the test below reads instead
        ),
    ],
)
def test_nothing_heavy_is_loaded_early(statement, unwanted):
    assert not loaded_by(statement) & unwanted


def run_on_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Parts of a module that run when it is imported: all but functions and what is for mypy."""
    for node in ast.iter_child_nodes(tree):
        is_for_mypy = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not is_for_mypy and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from run_on_import(node)


def imported_with(root: Path, module: str) -> set[str]:
    """Paths of modules of this package, and names of others, that come with one of its modules."""
    found, todo = set(), {module}
    while todo:
        path = todo.pop()
        found.add(path)
        package = [str(parent) for parent in Path(path).parents][:-1]
        names = {f"{parent}/__init__.py" for parent in package}
        for name in imports(root / path, root, run_on_import):
            own = name.removeprefix("./")
            names |= {own} if own == name else {f"{own}.py", f"{own}/__init__.py"}
        ours = {name for name in names if (root / name).is_file()}
        found |= {name for name in names if not name.endswith(".py")}
        todo |= ours - found
    return found


def test_the_estimator_comes_without_what_fetches_models_or_is_of_comfyui(root):
    found = imported_with(root, "sapiens_core/estimator.py")
    assert {"torch", "sapiens_core/network/__init__.py", "skeletons/pose.py"} <= found
    assert not {re.split(r"[./]", name)[0] for name in found} & {"huggingface_hub", "comfy"}


@pytest.mark.parametrize("folder", [*PACKAGES, "tests", "docs", "benchmarks", "miniature"])
def test_modules_stay_small(root, folder):
    for path in modules(root, folder):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= MAX_LINES, f"{path} has {lines} lines"


def test_execute_of_a_node_stays_small(root):
    for path in (root / "nodes").rglob("*.py"):
        for node in ast.walk(read_tree(path)):
            if isinstance(node, ast.FunctionDef) and node.name == "execute":
                assert node.end_lineno - node.lineno < 40, path


@pytest.mark.parametrize("package", PACKAGES)
def test_folders_stay_small(root, package):
    counts = Counter(path.parent for path in modules(root, package) if path.stem != "__init__")
    for folder, count in counts.items():
        assert count <= MAX_MODULES, f"{folder} has {count} modules"


def test_modules_of_different_rooms_have_different_names(root):
    counts = Counter(path.stem for package in PACKAGES for path in modules(root, package))
    del counts["__init__"]
    same = {name for name, count in counts.items() if count > 1}
    assert same == SAME_NAMES.keys(), "Rename a module, or say in SAME_NAMES why not"


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
        for folder in PACKAGES
        for path in (root / folder).rglob("__init__.py")
    }
    assert set(packages) == folders | {"comfyui_sapiens_pose"}
