"""The table of mutants fits the code and the page of promises; ``take_out.py`` runs it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from mutant_table import Mutant, read_mutants
from test_promises import NAMED, names_in, rows_of_promises

pytest.importorskip("tomllib", reason="TOML is read by Python 3.11 and newer")

MUTANTS = read_mutants()
NOT_TAKEN_OUT = re.compile(r"not taken out: \w+")
"""What a row says that has no mutant, followed by the reason."""


def function_of(test: str) -> str:
    """A node id without the case."""
    return test.partition("[")[0]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_protection_is_where_the_table_says(root: Path, mutant: Mutant) -> None:
    for change in mutant.changes:
        assert change.old != change.new
        changed = change.of((root / change.file).read_text(encoding="utf-8"))
        if change.file.endswith(".py"):
            ast.parse(changed)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_of_a_protection_are_there(root: Path, mutant: Mutant) -> None:
    assert mutant.tests
    for test in mutant.tests:
        file, _, name = function_of(test).partition("::")
        assert name in names_in(root / file), test


def test_no_two_mutants_have_the_same_name() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names)


def test_every_promise_has_mutants_or_says_why_not(root: Path) -> None:
    page = (root / "docs" / "promises.md").read_text(encoding="utf-8")
    covered = {function_of(test) for mutant in MUTANTS for test in mutant.tests}
    for row in rows_of_promises(page):
        if not NOT_TAKEN_OUT.search(row):
            for file, name in NAMED.findall(row):
                assert f"{file}::{name}" in covered, row
