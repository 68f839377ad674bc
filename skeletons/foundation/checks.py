"""What options may be: they are looked at when they are made, before any work.

Nodes are handed what other nodes give, which no widget has looked at: any number, of any type.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from .limits import MAX_CANVAS_SIDE, MAX_NUMBER


@dataclass(frozen=True)
class Expected:
    """What a value may be.

    Attributes:
        text: in words, to go on after "expected".
        accepts: whether a value is so; any value may be asked about.
    """

    text: str
    accepts: Callable[[Any], bool]

    def or_none(self) -> Expected:
        """The same, and None."""
        return Expected(f"{self.text}, or None", lambda value: value is None or self.accepts(value))


def check(name: str, value: Any, expected: Expected) -> None:
    """Raises ValueError, which names the option and its value, if that is not what is expected."""
    if not expected.accepts(value):
        raise ValueError(f"{name} is {short_repr(value)}, expected {expected.text}.")


def short_repr(value: Any) -> str:
    """A value as an error names it: a few dozen letters, however long it is."""
    try:
        return reprlib.repr(value)
    except ValueError:  # Python does not write them
        return "a number with thousands of digits"


def first_line(error: BaseException) -> str:
    """The first line of what an error says, or its type's name if it says nothing."""
    return (str(error).strip() or type(error).__name__).split("\n", 1)[0]


def within(least: float, most: float) -> Expected:
    """A number in a range, both ends included; NaN is in none."""
    return Expected(
        f"{least} to {most}", lambda value: _is_number(value) and least <= value <= most
    )


def between(least: float, most: float) -> Expected:
    """A number in a range without its ends."""
    return Expected(
        f"more than {least} and less than {most}",
        lambda value: _is_number(value) and least < value < most,
    )


def whole(least: int, most: int) -> Expected:
    """A whole number in a range, both ends included."""
    return Expected(
        f"a whole number from {least} to {most}",
        lambda value: isinstance(value, Integral) and least <= int(value) <= most,
    )


def one_of(choices: Iterable[Any]) -> Expected:
    """One of some texts, whole numbers or None."""
    known = list(choices)
    kinds = tuple(map(type, known))
    return Expected(f"one of {known}", lambda value: isinstance(value, kinds) and value in known)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real)


def _is_flag(value: Any) -> bool:
    import numpy as np  # late, because menus and help are made from options without it

    return isinstance(value, (int, np.bool_)) and value in (0, 1)


def _is_size(value: Any) -> bool:
    side = whole(1, MAX_CANVAS_SIDE)
    return isinstance(value, (list, tuple)) and len(value) == 2 and all(map(side.accepts, value))


SCORE = Expected("a number such as 0.3", within(-MAX_NUMBER, MAX_NUMBER).accepts)
"""From which on something counts: the scores of networks have no bounds."""
FLAG = Expected("true or false", _is_flag)
TEXT = Expected("a text", lambda value: isinstance(value, str))
SIZE = Expected(f"width and height, whole numbers from 1 to {MAX_CANVAS_SIDE}", _is_size)
