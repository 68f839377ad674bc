"""Arguments that are options: made from their rows, and read back as an option's values."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from ...skeletons.foundation.checks import within
from ...skeletons.options.option import Option
from .types import number_parser, parse_size_wh

SHARE = within(0, 1)
"""Scores as a person types them."""

T = TypeVar("T")

Add = Callable[..., Any]
"""``add_argument`` of a parser, or of a group of one."""


def add_options(add: Add, *options: Option, given_only: bool = False) -> None:
    """Adds an argument for each option that has a flag; see ``add_option``."""
    for option in options:
        if option.flag:
            add_option(add, option, given_only=given_only)


def add_option(add: Add, option: Option, *, given_only: bool = False, **changes: Any) -> None:
    """Adds the argument of an option.

    Args:
        add: adds it.
        option: the row.
        given_only: the value is None unless the argument is given, so that it can be refused
            where it would have no effect; the default is that of the options class.
        changes: what argparse gets otherwise.
    """
    keywords: dict[str, Any] = {"help": help_text(option), "default": option.default}
    if option.kind == "switch":
        is_off = option.default is False
        keywords["action"] = "store_true" if is_off else argparse.BooleanOptionalAction
    elif option.kind == "choice":
        keywords["choices"] = [each for each in option.choices if each is not None]
        if all(isinstance(each, int) for each in keywords["choices"]):
            keywords["type"] = int
        if any(option.choices.values()):  # the help has a line about each
            keywords["metavar"] = option.name.upper()
    else:
        keywords |= {"type": _parser(option), "metavar": _metavar(option)}
    if option.several:
        keywords["nargs"] = "+"
    if given_only and option.kind != "switch":
        keywords["default"] = None
    add(option.flag, **keywords | changes)


def help_text(option: Option) -> str:
    """What an option does, its choices if they have summaries, and its default."""
    summaries = [f"{name}: {summary}" for name, summary in option.choices.items() if summary]
    choices = f"{'. '.join(summaries)}." if summaries else ""
    texts = [option.text, choices, option.flag_note, _default_text(option)]
    return " ".join(filter(None, texts)).replace("%", "%%")


def _default_text(option: Option) -> str:
    default = option.default
    if default is None:
        return f"(default: {option.none})" if option.none else ""
    if option.kind == "switch":
        return "(default: on)" if default else ""
    if option.several:
        return f"(default: {' '.join(default) or 'none'})"
    return f"(default: {default})" if default != "" else ""


def given_values(namespace: argparse.Namespace, options: Iterable[Option]) -> dict[str, Any]:
    """The values of the arguments that were given, by the attributes of the options class."""
    values = {row.attribute_name: _value(namespace, row) for row in options if row.flag}
    return {name: value for name, value in values.items() if value is not None}


def make_options(
    kind: Callable[..., T], namespace: argparse.Namespace, options: Iterable[Option], **others: Any
) -> T:
    """An object of an options class, of the values that were given and of ``others``.

    Args:
        kind: the class, a dataclass.
        namespace: what was parsed.
        options: rows; those that are attributes of the class and have an argument are looked at.
        others: attributes that are known otherwise.

    Raises:
        ValueError: a value cannot be used; the argument is named, and not the attribute.
    """
    attributes = inspect.signature(kind).parameters
    rows = [row for row in options if row.flag and row.attribute_name in attributes]
    try:
        return kind(**given_values(namespace, rows) | others)
    except ValueError as error:
        name, _, rest = str(error).partition(" ")
        flags = {row.attribute_name: row.flag for row in rows}
        raise ValueError(f"{flags.get(name, name)} {rest}") from error


def refuse_given(namespace: argparse.Namespace, options: Iterable[Option], advice: str) -> None:
    """Raises ValueError if any of some arguments was given, which would have no effect.

    Args:
        namespace: what was parsed.
        options: the rows of these arguments.
        advice: a sentence that says why, and what to add.
    """
    idle = [row.flag for row in options if row.flag and _is_given(namespace, row)]
    if idle:
        has = "has" if len(idle) == 1 else "have"
        raise ValueError(f"{' and '.join(idle)} {has} no effect. {advice}")


def _is_given(namespace: argparse.Namespace, option: Option) -> bool:
    """Whether an argument without a default was given, or a switch was set otherwise."""
    value = _value(namespace, option)
    return value is not None and not (option.kind == "switch" and value == option.default)


def _value(namespace: argparse.Namespace, option: Option) -> Any:
    flag = option.flag or ""
    return getattr(namespace, flag.removeprefix("--").replace("-", "_"))


def _parser(option: Option) -> Callable[[str], Any]:
    if option.kind == "path":
        return Path
    if option.kind == "size":
        return parse_size_wh
    if option.kind == "text":
        return str
    expected = SHARE if option.kind == "score" else option.expected
    return number_parser(int if option.kind == "whole" else float, expected)


def _metavar(option: Option) -> str:
    if option.unit:
        return option.unit.upper() if option.unit.islower() else option.unit
    if option.kind == "score" or (option.least, option.most) == (0, 1):
        return "0..1"
    return {"size": "WxH", "path": "FILE"}.get(option.kind, "N")
