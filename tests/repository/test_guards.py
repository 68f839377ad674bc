"""The table of guards fits the code; ``take_out.py`` sees that their tests fail without them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from guard import Guard
from guard_table import GUARDS, MAX_GUARDS
from test_promises import names_in

SOURCE = """
class Reader:
    def open(self, path):
        check(path)
        return [read(number) for number in range(LIMIT)]
"""


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_is_where_the_table_says(root: Path, guard: Guard) -> None:
    assert bool(guard.body) != bool(guard.replace[0])
    source = (root / guard.file).read_text(encoding="utf-8")
    changed = guard.taken_out(source)
    assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source))


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_the_tests_of_a_guard_exist(root: Path, guard: Guard) -> None:
    assert guard.tests
    for test in guard.tests:
        file, _, name = test.partition("::")
        assert name in names_in(root / file), test


def test_guards_are_few_and_named_once() -> None:
    assert len(GUARDS) <= MAX_GUARDS
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"body": "return []"}, "return []"),
        ({"replace": ("range(...)", "()")}, "return [read(number) for number in ()]"),
        ({"replace": ("LIMIT", "10 ** 9")}, "for number in range(10 ** 9)]"),
    ],
)
def test_a_guard_is_taken_out_of_its_function(change: dict, line: str) -> None:
    changed = Guard("a limit", "reader.py", "Reader.open", (), **change).taken_out(SOURCE)
    assert changed.rstrip().endswith(line)
    assert ("check(path)" in changed) == ("replace" in change)


@pytest.mark.parametrize(
    ("function", "change"),
    [
        ("Reader.close", {"body": "return"}),
        ("open", {"body": "return"}),
        ("Reader.open", {"replace": ("MISSING", "0")}),
        ("Reader.open", {"replace": ("range(0)", "()")}),
    ],
)
def test_what_is_not_there_is_an_error(function: str, change: dict) -> None:
    with pytest.raises(LookupError, match=r"guard_table\.py"):
        Guard("a limit", "reader.py", function, (), **change).taken_out(SOURCE)
