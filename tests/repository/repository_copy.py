"""A copy of the repository that can be changed, and imported as the package."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "comfyui_sapiens_pose"


@contextmanager
def copy_of_repository() -> Iterator[Path]:
    """A copy in a temporary folder: what git tracks, and new files.

    The repository is the package, so the copy has the package's name: with the folder above it in
    ``PYTHONPATH``, the package is imported from the copy.
    """
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / PACKAGE
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
        yield copy
