"""Tables of which ``make test`` runs a few rows, and ``make exhaustive`` the others."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from itertools import product
from typing import Any

import pytest


def sample(values: Iterable[Any], quick: Container[Any]) -> list[Any]:
    """Values for ``parametrize`` or ``params``: all of them, and marked those not in ``quick``."""
    return [
        value if value in quick else pytest.param(value, marks=pytest.mark.exhaustive)
        for value in values
    ]


def every_nth(step: int, rows: Iterable[Sequence[Any]]) -> list[Any]:
    """Rows for ``parametrize``, a value per argument: all, and marked those between ``step``."""
    return [
        pytest.param(*row, marks=pytest.mark.exhaustive) if number % step else tuple(row)
        for number, row in enumerate(rows)
    ]


def each_once(*tables: Sequence[Any]) -> list[Any]:
    """All combinations of the values of some tables, as rows for ``parametrize``.

    Marked are all but as many as the longest table has values; among these is each value once at
    least.
    """
    longest = max(map(len, tables))
    quick = {tuple(turn % len(table) for table in tables) for turn in range(longest)}
    rows = []
    for numbers in product(*(range(len(table)) for table in tables)):
        row = [table[number] for table, number in zip(tables, numbers, strict=True)]
        marks = () if numbers in quick else pytest.mark.exhaustive
        rows.append(pytest.param(*row, marks=marks))
    return rows
