"""The table of mutants: each takes a protection out, and names the tests that fail without it.

``tests/mutants/*.toml`` hold it, a file for each section of ``docs/promises.md``; ``take_out.py``
runs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "mutants"


@dataclass(frozen=True)
class Change:
    """Text of a file and what stands there without the protection."""

    file: str
    old: str
    new: str

    def of(self, text: str) -> str:
        """The text of the file, changed.

        Raises:
            ValueError: the old text is not there exactly once.
        """
        count = text.count(self.old)
        if count != 1:
            raise ValueError(
                f"{self.file} has {count} times the text {self.old!r}, expected once. Write into "
                "the table of mutants how the protection reads now."
            )
        return text.replace(self.old, self.new)

    def make(self, root: Path) -> None:
        """Changes the file below ``root``; ValueError as ``of``."""
        path = root / self.file
        path.write_text(self.of(path.read_text(encoding="utf-8")), encoding="utf-8")


@dataclass(frozen=True)
class Mutant:
    """A protection that is taken out.

    Attributes:
        name: of the protection, in a few words.
        changes: what takes it out.
        tests: node ids; of one with several cases, at least one case must fail.
        slow: the tests are marked ``slow``.
        endless: without the protection, a test runs for ever or ends its process.
    """

    name: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]
    slow: bool
    endless: bool


def read_mutants() -> list[Mutant]:
    """All mutants, in the order of the files' names.

    Raises:
        KeyError, TypeError: a row lacks something, or has what no row has.
    """
    return [mutant for path in sorted(FOLDER.glob("*.toml")) for mutant in _mutants(path)]


def _mutants(path: Path) -> Iterator[Mutant]:
    import tomllib

    for row in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
        yield _mutant(**row)


def _mutant(
    name: str,
    file: str,
    old: str,
    new: str,
    tests: list[str],
    also: list[dict[str, Any]] | None = None,
    slow: bool = False,
    endless: bool = False,
) -> Mutant:
    changes = (Change(file, old, new), *(Change(**row) for row in also or []))
    return Mutant(name, changes, tuple(tests), slow, endless)
