"""Asks a stand-in for the hub for a checkpoint: in this process, or in one that may be killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from comfyui_sapiens_pose.sapiens_core.checkpoints.download import find_or_download
from comfyui_sapiens_pose.sapiens_core.checkpoints.download_errors import DownloadError
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import find_checkpoint

CHECKPOINT = find_checkpoint("0.3b", 308)
CONTENT = random.Random(0).randbytes(3_000_000)
PATH = f"{CHECKPOINT.repo}/resolve/main/{CHECKPOINT.file_name}"
NAME = CHECKPOINT.base_name

CODE = """
import sys
from pathlib import Path
from helpers.downloads import ask

print(ask(Path(sys.argv[1])))
"""


class CancelledError(Exception):
    """Raised by a callback, to end a download."""


def ask(folder: Path, on_progress: Callable[[int, int], None] | None = None) -> str:
    """What came of asking for the checkpoint: the file's path, or what went wrong."""
    try:
        return str(find_or_download(CHECKPOINT, [folder], on_progress=on_progress))
    except DownloadError as error:
        return f"DownloadError: {error}"


def cancel_at(num_bytes: int) -> Callable[[int, int], None]:
    """A callback that ends a download as soon as so many bytes have arrived."""

    def on_progress(done_bytes: int, total_bytes: int) -> None:
        if done_bytes >= num_bytes:
            raise CancelledError

    return on_progress


def start(folder: Path, endpoint: str, **variables: str) -> subprocess.Popen[str]:
    """A process that asks for the checkpoint; the hub's client reads its environment at import."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(folder / "home"),
        "PYTHONPATH": os.pathsep.join(sys.path),
        **variables,
    }
    return subprocess.Popen(
        [sys.executable, "-c", CODE, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def finish(process: subprocess.Popen[str]) -> str:
    """What ``ask`` says in a process."""
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output.strip()


def partial_bytes(folder: Path) -> int:
    """Size of the unfinished file."""
    return sum(path.stat().st_size for path in folder.rglob("*.partial"))


def assert_arrived(folder: Path) -> None:
    """The whole file is there, and nothing is left unfinished."""
    assert (folder / NAME).read_bytes() == CONTENT
    assert not list(folder.rglob("*.partial"))
