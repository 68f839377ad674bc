"""Memory and processor time of running processes, as Linux tells them."""

from __future__ import annotations

import os
import resource
from pathlib import Path


def resident_bytes(process_id: int | None = None) -> int:
    """Resident memory of a process, by default of this one; 0 if it has ended."""
    pages = _memory_pages(process_id or os.getpid())
    return pages[1] * resource.getpagesize()


def private_bytes(process_id: int) -> int:
    """Resident memory of a process without what it shares with others; 0 if it has ended."""
    pages = _memory_pages(process_id)
    return (pages[1] - pages[2]) * resource.getpagesize()


def children(process_id: int | None = None) -> set[int]:
    """Processes that a process, by default this one, has started and that still run."""
    tasks = (Path("/proc") / str(process_id or os.getpid()) / "task").glob("*/children")
    found = set()
    for task in tasks:
        try:
            found |= {int(child) for child in task.read_text().split()}
        except OSError:  # the thread has ended
            continue
    return found


def descendants(process_id: int) -> set[int]:
    """The children of a process, their children, and so on."""
    below = children(process_id)
    return below.union(*(descendants(child) for child in below))


def cpu_seconds(process_id: int) -> float:
    """Processor time that a process has used until now."""
    status = (Path("/proc") / str(process_id) / "stat").read_text()
    fields = status.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_pages(process_id: int) -> list[int]:
    """Pages of memory: all, resident, shared, and more; zeros if the process has ended."""
    try:
        text = (Path("/proc") / str(process_id) / "statm").read_text()
    except OSError:
        return [0] * 7
    return [int(number) for number in text.split()]
