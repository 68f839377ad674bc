"""The page of errors quotes sentences that the program still says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from source_trees import read_tree

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
QUOTED = re.findall(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
VALUE = re.compile(r"\{[^{}]*\}")


END = "\0"
"""Between two texts."""


@cache
def sentences() -> str:
    """All texts in the code, with ``...`` in place of their values."""
    found = []
    for package in ("skeletons", "sapiens_core", "nodes", "commands"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(read_tree(path)):
                if isinstance(node, ast.JoinedStr):
                    parts = (getattr(part, "value", "") for part in node.values)
                    found.append("".join(x if isinstance(x, str) else "..." for x in parts))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(VALUE.sub("...", node.value))
    return END.join(found)


def is_said(quoted: str, said: str) -> bool:
    """Whether one text holds the quoted words, with anything at each ``...``."""
    return bool(re.search(f"[^{END}]*?".join(map(re.escape, quoted.split("..."))), said))


@pytest.mark.parametrize(
    ("quoted", "said"),
    [
        ("Nothing", False),
        ("GB are needed", True),
        ("needed and ... GB", True),
        ("needed and ... gone", False),
    ],
)
def test_quoted_words_are_looked_for(quoted, said):
    assert is_said(quoted, f"GB{END}... GB are needed and ... GB are free{END}gone") == said


def test_every_quoted_error_is_still_in_the_code():
    assert len(QUOTED) > 20
    assert [quoted for quoted in QUOTED if not is_said(quoted, sentences())] == []


def test_no_error_is_quoted_twice():
    assert len(set(QUOTED)) == len(QUOTED)
