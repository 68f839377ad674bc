"""Tables of which ``make test`` runs a few rows, and ``make exhaustive`` the others."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import pytest


def sample(values: Iterable[Any], quick: Container[Any]) -> list[Any]:
    """Values for ``parametrize`` or ``params``: all of them, and marked those not in ``quick``."""
    return [
        value if value in quick else pytest.param(value, marks=pytest.mark.exhaustive)
        for value in values
    ]
