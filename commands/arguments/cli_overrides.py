"""Arguments that have no value unless they are given: the defaults are those of the classes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def given(options: argparse.Namespace, fields: Mapping[str, str]) -> dict[str, Any]:
    """The values that were given, by the field that each is for.

    Args:
        options: what was parsed.
        fields: argument, such as ``--track-gap``, to the name of a class's field.
    """
    values = {field: _value(options, argument) for argument, field in fields.items()}
    return {field: value for field, value in values.items() if value is not None}


def built(
    kind: Callable[..., T], options: argparse.Namespace, fields: Mapping[str, str], **others: Any
) -> T:
    """An object of a class, of the values that were given and of ``others``.

    Args:
        kind: the class.
        options: what was parsed.
        fields: argument to the name of the class's field, as for ``given``.
        others: fields that have no argument in ``fields``.

    Raises:
        ValueError: a value is out of range; the argument is named, and not the field.
    """
    try:
        return kind(**others, **given(options, fields))
    except ValueError as error:
        name, _, rest = str(error).partition(" ")
        named = {field: argument for argument, field in fields.items()}
        raise ValueError(f"{named.get(name, name)} {rest}") from error


def refuse_given(options: argparse.Namespace, arguments: Iterable[str], missing: str) -> None:
    """Raises ValueError if any of the arguments was given, which would change nothing.

    Args:
        options: what was parsed.
        arguments: such as ``--track-gap``.
        missing: a sentence that says why, and what to add.
    """
    values = {argument: _value(options, argument) for argument in arguments}
    idle = [each for each, value in values.items() if value is not None and value is not False]
    if idle:
        raise ValueError(f"{' and '.join(idle)} would change nothing. {missing}")


def _value(options: argparse.Namespace, argument: str) -> Any:
    return getattr(options, argument.removeprefix("--").replace("-", "_"))
