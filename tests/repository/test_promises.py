"""The page of promises names tests that are there, and leaves out none of the hostile ones."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FILE = re.compile(r"`(tests/[\w/]+\.py)[`:]")
TESTS = Path(__file__).resolve().parents[1]
HOSTILE = sorted(
    f"tests/{path.relative_to(TESTS).as_posix()}" for path in TESTS.rglob("test_hostile_*.py")
)
"""Files of which every test is a promise."""


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "promises.md").read_text(encoding="utf-8")


def names_in(path: Path) -> set[str]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    functions = (node.name for node in body if isinstance(node, ast.FunctionDef))
    return {name for name in functions if name.startswith("test_")}


def test_every_test_on_the_page_exists(root: Path, page: str) -> None:
    named = NAMED.findall(page)
    assert len(named) > 40
    for file in FILE.findall(page):
        assert (root / file).is_file(), file
    for file, name in named:
        assert name in names_in(root / file), f"{file}::{name}"


def rows_of_promises(page: str) -> list[str]:
    tables = re.findall(r"\| promise \| tests \|\n\|[-|]+\n((?:\|.*\n)+)", page)
    assert len(tables) >= 4
    return "".join(tables).splitlines()


def test_every_row_of_promises_names_a_test(page: str) -> None:
    for row in rows_of_promises(page):
        assert FILE.search(row), row


@pytest.mark.parametrize("file", HOSTILE)
def test_every_hostile_case_is_on_the_page(root: Path, page: str, file: str) -> None:
    named = {name for path, name in NAMED.findall(page) if path == file}
    assert names_in(root / file) <= named


def test_every_fuzzed_target_is_on_the_page(root: Path, page: str) -> None:
    for path in (root / "tests").rglob("test_fuzz_*.py"):
        for name in names_in(path):
            assert f"`{path.relative_to(root).as_posix()}::{name}`" in page, name
