"""Where a worker is in its part, on disk, so that the next one knows what the last one died of.

A part that was begun and not finished is begun anew. Its file then tells in which unit the worker
was; once two have died in the same unit, the third looks at that unit's pictures one by one, and
the picture that it dies at is given up.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEATHS_IN_A_UNIT = 2
"""After so many its pictures are looked at one by one; one may be a machine that went away."""


@dataclass
class Attempts:
    """The attempts at one part; making it begins another.

    Attributes:
        path: their file; lines are only ever added, until the part is done.
        is_first: whether nobody has tried before.
    """

    path: Path
    is_first: bool = field(init=False)
    _deaths: Counter[int] = field(default_factory=Counter)
    _given_up: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        last: dict[str, Any] = {}
        self.is_first = not self.path.exists()
        for line in [*_lines(self.path), {"begun": os.getpid()}]:
            if line.get("begun") and "picture" in last:
                self._given_up[last["picture"]] = last.get("error") or "A worker died of it."
            elif line.get("begun") and "unit" in last:
                self._deaths[last["unit"]] += 1
            last = line
        self._add(begun=os.getpid())

    def one_by_one(self, unit: int) -> bool:
        """Whether the pictures of a unit are to be looked at one by one."""
        return self._deaths[unit] >= DEATHS_IN_A_UNIT

    def given_up(self, picture: int) -> str | None:
        """Why a picture of the part is not to be looked at again, if it is not."""
        return self._given_up.get(picture)

    def at_unit(self, unit: int) -> None:
        """A unit is next."""
        self._add(unit=unit)

    def at_picture(self, picture: int) -> None:
        """A picture is next, by itself."""
        self._add(picture=picture)

    def failed(self, error: str) -> None:
        """What was next has broken the worker, which is about to end."""
        last = [line for line in _lines(self.path) if not line.get("begun")][-1]
        self._add(**last, error=error)

    def done(self) -> None:
        """The part is finished."""
        self.path.unlink(missing_ok=True)

    def _add(self, **line: Any) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(line))  # begins a line even after one that was cut off


def _lines(path: Path) -> list[dict[str, Any]]:
    """What is on file; a line damaged by a machine that went away counts as none."""
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return [line for line in found if isinstance(line, dict)]
