"""Processes that tests start and stop, and that never outlive them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

TERMINAL_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)


@contextmanager
def started(
    command: Sequence[str], variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process with its children in a group of their own, as a terminal starts it.

    Where tests run in the background, signals of a terminal are ignored; here they are not. All
    that is left of the group is killed in the end. Standard error can be read.
    """

    def heed_signals() -> None:
        for number in TERMINAL_SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=variables,
        preexec_fn=heed_signals,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for_group_to_end(group: int, timeout_s: float = 30.0) -> list[str]:
    """The command lines of those of a process group that are alive after so long; best none."""
    until = time.monotonic() + timeout_s
    while (alive := _alive_in_group(group)) and time.monotonic() < until:
        time.sleep(0.05)
    return alive


def _alive_in_group(group: int) -> list[str]:
    """By way of Linux's /proc. One that has ended, but was not waited for, is not alive."""
    alive = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # Process id (name) state parent group ...; a name may hold anything, ")" too.
            state, _, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                alive.append((folder / "cmdline").read_text().replace("\0", " ").strip())
    return alive
