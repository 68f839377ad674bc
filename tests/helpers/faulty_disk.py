"""Disks that are full or cannot be written to, mounted for one command alone."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Sequence
from pathlib import Path

# A mount of its own, seen by this process only and gone with it; what was written is kept.
SCRIPT = """
options=$1 disk=$2 kept=$3
shift 3
mount -t tmpfs -o "$options" tmpfs "$disk" || exit 99
"$@"
status=$?
cp -a "$disk/." "$kept"
exit $status
"""


def run_on_disk(
    options: str, disk: Path, command: Sequence[str | Path]
) -> subprocess.CompletedProcess[str]:
    """Runs a command while a small disk lies at ``disk``, an empty folder.

    Args:
        options: mount options of a tmpfs, such as ``size=16k`` or ``ro``.
        disk: where it is mounted; afterwards, what was on it is there as plain files.
        command: what to run.
    """
    arguments = ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", options, disk]
    kept = disk.with_name(f"{disk.name}.kept")
    for folder in (disk, kept):
        folder.mkdir(parents=True)
    done = subprocess.run([*arguments, kept, *command], capture_output=True, text=True)
    disk.rmdir()
    kept.rename(disk)
    return done


@functools.cache
def why_no_disk() -> str:
    """Why disks cannot be mounted here; empty if they can."""
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        return f"disks cannot be mounted: {error}"
    return f"disks cannot be mounted: {done.stderr.strip()}" if done.returncode else ""
