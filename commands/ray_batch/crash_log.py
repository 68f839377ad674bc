"""Where a worker is in its shard, on disk, so that the next knows how the last one ended.

A shard that was begun and not finished is begun again. What is on file is never forgotten before
the shard is done, whichever run goes on with it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

MAX_CRASHES = 3
"""Maximum number of times in a run that workers which keep images in another process crash at the
same position of a shard, such as its tables: the next would do no better."""


@dataclass
class CrashLog:
    """The log of the workers that began one shard; making it begins the shard once more.

    Attributes:
        path: the file; lines are only ever added, until the shard is done.
        run: names the run; crashes of another one, which may have been stopped, say nothing about
            the shard itself.
        is_first: whether no worker has begun the shard before.
        is_guarded: whether a worker has crashed at it, so that its images are to be kept in another
            process.

    Raises:
        RuntimeError: too many workers crashed at the shard, none of them at an image.
        OSError: the file cannot be read or written.
    """

    path: Path
    run: str = ""
    is_first: bool = field(init=False)
    is_guarded: bool = field(init=False)
    _given_up: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.is_first = not self.path.exists()
        lines = _read_lines(self.path)
        self._given_up = {line["given_up"]: line["reason"] for line in lines if "given_up" in line}
        crashes = list(_find_crashes(lines))
        self.is_guarded = bool(crashes)
        counts = Counter(position for begun, position in crashes if self._counts(begun))
        if counts and max(counts.values()) >= MAX_CRASHES:
            raise RuntimeError(
                f"{max(counts.values())} workers died at {self.path.name}, none of them while it "
                "looked at an image. Check the memory and the output folder's disk."
            )
        self._add(begun=os.getpid(), run=self.run, guarded=self.is_guarded)

    def _counts(self, begun: dict[str, Any]) -> bool:
        return bool(begun.get("guarded")) and begun.get("run") == self.run

    def why_given_up(self, image: int) -> str | None:
        """The reason why an image of the shard is given up; None if it is not."""
        return self._given_up.get(image)

    def begin(self, chunk: int) -> None:
        """A chunk is next."""
        self._add(chunk=chunk)

    def give_up(self, image: int, reason: str) -> None:
        """An image has killed the process that looked at it."""
        self._given_up[image] = reason
        self._add(given_up=image, reason=reason)

    def begin_writing(self) -> None:
        """All images are done; the tables are next."""
        self._add(writing=True)

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


def _find_crashes(lines: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    """How each worker that crashed began, and its last position; a log ends with a crash."""
    begun: dict[str, Any] = {}
    for line, next_line in pairwise([*lines, {"begun": True}]):
        begun = line if "begun" in line else begun
        if "begun" in next_line and "postponed" not in line:
            yield begun, json.dumps(line) if "begun" not in line else ""


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """What is on file; a line that was damaged when a machine was switched off is left out."""
    lines = []
    for text in path.read_bytes().splitlines() if path.exists() else []:
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    return [line for line in lines if isinstance(line, dict)]
