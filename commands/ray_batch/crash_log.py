"""Where a worker is in its shard, on disk, so that the next knows where the last one crashed.

A shard that was begun and not finished is begun again. Its log then tells at which chunk or image
each worker before has ended, and ``run.crash_rule`` what follows from that.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..run.crash_rule import CrashRule

MAX_CRASHES_ELSEWHERE = 3
"""Maximum number of crashes at one shard outside its images, such as while its tables are written:
another worker would do no better."""

_UNKNOWN = "A worker died of it."
"""Reason of a crash of which nothing is known."""


@dataclass
class CrashLog:
    """The log of the workers that began one shard; making it begins the shard once more.

    Attributes:
        path: the file; lines are only ever added, until the shard is done.
        is_first: whether no worker has begun the shard before.

    Raises:
        RuntimeError: too many workers crashed at the shard outside its images.
        OSError: the file cannot be read or written.
    """

    path: Path
    is_first: bool = field(init=False)
    _rule: CrashRule = field(default_factory=CrashRule)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.is_first = not self.path.exists()
        lines = _read_lines(self.path)
        num_elsewhere = 0
        for line, next_line in pairwise([*lines, {"begun": os.getpid()}]):
            if not next_line.get("begun") or line.get("postponed"):
                continue
            if "chunk" in line:
                self._rule.record(line["chunk"], line.get("image"), line.get("error") or _UNKNOWN)
            else:
                num_elsewhere += 1
        if num_elsewhere >= MAX_CRASHES_ELSEWHERE:
            raise RuntimeError(
                f"{num_elsewhere} workers died at {self.path.name}, none of them while it looked "
                "at an image. Is there enough memory, and is the output folder's disk in order?"
            )
        self._add(begun=os.getpid())

    def is_one_by_one(self, chunk: int) -> bool:
        """Whether the images of a chunk are to be tried one by one."""
        return self._rule.is_one_by_one(chunk)

    def why_given_up(self, image: int) -> str | None:
        """The reason why an image of the shard is given up; None if it is not."""
        return self._rule.why_given_up(image)

    def begin(self, chunk: int, image: int | None = None) -> None:
        """A chunk is next, or one image of it alone."""
        self._add(chunk=chunk) if image is None else self._add(chunk=chunk, image=image)

    def begin_writing(self) -> None:
        """All images are done; the tables are next."""
        self._add(writing=True)

    def fail(self, error: str) -> None:
        """What was begun last has broken the worker, which is about to end."""
        self._add(**_read_lines(self.path)[-1], error=error)

    @staticmethod
    def postpone(path: Path) -> None:
        """The worker of a log stops, because a disk or server fails; it has not crashed."""
        with path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps({"postponed": True}))

    def finish(self) -> None:
        """The shard is done."""
        self.path.unlink(missing_ok=True)

    def _add(self, **line: Any) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(line))  # begins a line even after one that was cut off


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """What is on file; a line that was damaged when a machine was switched off is left out."""
    lines = []
    for text in path.read_bytes().splitlines() if path.exists() else []:
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    return [line for line in lines if isinstance(line, dict)]
