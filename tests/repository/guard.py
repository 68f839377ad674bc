"""A guard, and the code without it.

A guard is a function or a call that keeps a stranger's file or value from doing harm. It is found
by the name of its function in the syntax tree, not by its text, so that most edits leave it alone.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Guard:
    """A guard, how to take it out, and the tests that must fail without it.

    Exactly one of ``body`` and ``replace`` is given.

    Attributes:
        name: what the guard holds, in a few words.
        file: its module, relative to the root.
        function: name of the function or class, such as ``read_json`` or ``Reader.open``.
        tests: node ids. Of a test with several cases, at least one case must fail.
        body: statements that take the place of the function's body.
        replace: an expression within the function, and the one that takes its place. Three dots
            stand for any arguments: ``range(...)`` is each call of ``range``.
        endless: without the guard, a test does not end, or ends its process.
    """

    name: str
    file: str
    function: str
    tests: tuple[str, ...]
    body: str = ""
    replace: tuple[str, str] = ("", "")
    endless: bool = False

    def taken_out(self, source: str) -> str:
        """Source of the module without the guard; comments are lost.

        Raises:
            LookupError: there is no such function or expression.
            SyntaxError: the row is not Python.
        """
        tree = ast.parse(source)
        node = self._find(tree)
        if self.body:
            node.body = ast.parse(self.body).body
            return ast.unparse(tree)
        old, new = (ast.parse(text, mode="eval").body for text in self.replace)
        replacer = _Replacer(old, new)
        replacer.visit(node)
        if not replacer.count:
            raise LookupError(
                f"{self.function} in {self.file} has no expression {self.replace[0]!r}. Write into "
                "tests/repository/guard_table.py how the guard reads now."
            )
        return ast.unparse(ast.fix_missing_locations(tree))

    def take_out(self, root: Path) -> None:
        """Takes the guard out of the repository at ``root``; raises as ``taken_out``."""
        path = root / self.file
        path.write_text(self.taken_out(path.read_text(encoding="utf-8")), encoding="utf-8")

    def _find(self, tree: ast.Module) -> ast.FunctionDef | ast.ClassDef:
        body: list[ast.stmt] = tree.body
        node: ast.FunctionDef | ast.ClassDef | None = None
        for name in self.function.split("."):
            named = (
                child
                for child in body
                if isinstance(child, (ast.FunctionDef, ast.ClassDef)) and child.name == name
            )
            node = next(named, None)
            if node is None:
                raise LookupError(
                    f"{self.file} has no function {self.function!r}. Write into "
                    "tests/repository/guard_table.py what the guard is called now."
                )
            body = node.body
        assert node is not None  # a split text has at least one piece
        return node


class _Replacer(ast.NodeTransformer):
    """Puts ``new`` in the place of each expression that equals ``old``, and counts them."""

    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old = old
        self.new = new
        self.count = 0

    def visit(self, node: ast.AST) -> ast.AST:
        if self._is_old(node):
            self.count += 1
            return self.new
        return self.generic_visit(node)

    def _is_old(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.expr):
            return False
        if isinstance(self.old, ast.Call) and _is_any(self.old.args):
            return isinstance(node, ast.Call) and _same(node.func, self.old.func)
        return _same(node, self.old)


def _is_any(arguments: list[ast.expr]) -> bool:
    return len(arguments) == 1 and _same(arguments[0], ast.Constant(...))


def _same(node: ast.AST, other: ast.AST) -> bool:
    return ast.dump(node) == ast.dump(other)
