"""A ComfyUI of its own for the pictures of the pages: with this pack and all that they name."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow_nodes import ModelFile
from workflows import WORKFLOWS

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def run_comfyui() -> Iterator[str]:
    """Runs ComfyUI on an empty folder, and gives its address.

    The folder has what the tests have: the miniature, the photo 785, a clip and pose files. Files
    of other models are there by name only, so that none is shown as missing.
    """
    sys.path.insert(0, str(ROOT / "tests" / "comfyui"))
    from over_http import serve

    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as server:
        for file in _model_files():
            path = server.base / "models" / file.directory / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        yield server.url


def _model_files() -> set[ModelFile]:
    nodes = [node for workflow in WORKFLOWS.values() for node in workflow.nodes.values()]
    return {file for node in nodes for file in node.files}
