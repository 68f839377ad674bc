"""Source files as trees, each parsed once for all tests that look at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def read_tree(path: Path) -> ast.Module:
    """The tree of a Python file; whoever gets it must not change it."""
    return ast.parse(path.read_text(encoding="utf-8"))
