"""The inputs of nodes that are options: made from their rows, and read back as an option's values.

What another node gives was looked at by no widget: it may be any value of any type.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

from comfy_api.latest import io

from ...skeletons.foundation.checks import check, one_of
from ...skeletons.options.option import Option, OptionTable, Widget

INPUTS = {
    "switch": io.Boolean.Input,
    "whole": io.Int.Input,
    "number": io.Float.Input,
    "score": io.Float.Input,
    "choice": io.Combo.Input,
    "text": io.String.Input,
}
"""The type of an input by the kind of its option."""


def widgets(table: OptionTable, *names: str) -> list[Any]:
    """The inputs of some options, or of all in a table that have one, in order."""
    rows = [table[name] for name in names] or [row for row in table if row.widget]
    return [widget(row) for row in rows]


def widget(option: Option, **changes: Any) -> Any:
    """The input of an option; ``changes`` are what ComfyUI's input has otherwise."""
    look = _look(option)
    default = option.default if look.default is None else look.default
    keywords: dict[str, Any] = {"default": look.none_at if default is None else default}
    if option.kind in ("whole", "number", "score"):
        keywords["min"] = option.least if look.least is None else look.least
        keywords["max"] = option.most if look.most is None else look.most
        keywords["step"] = look.step
    if option.kind == "choice":
        keywords["options"] = [_label(option, choice) for choice in option.choices]
        keywords["default"] = _label(option, default)
    if option.kind == "text":
        keywords["placeholder"] = look.placeholder
    keywords |= {
        "tooltip": tooltip(option),
        "advanced": look.advanced or None,
        "optional": look.optional,
    }
    return INPUTS[option.kind](option.name, **keywords | changes)


def tooltip(option: Option) -> str:
    """What an option does, and a line for each choice that has a summary."""
    lines = [
        f"{_label(option, choice)}: {summary}."
        for choice, summary in option.choices.items()
        if summary
    ]
    return "\n".join([" ".join(filter(None, [option.text, _look(option).note])), *lines])


def check_inputs(table: OptionTable, **inputs: Any) -> None:
    """Raises ValueError, which names the input, if one is not what its option expects."""
    for name, value in inputs.items():
        _value(table[name], value)


def option_values(table: OptionTable, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The values of some inputs by the attributes of the options class.

    Raises:
        ValueError: a value is not what its option expects; the message names the input.
    """
    rows = {name: table[name] for name in inputs}
    return {row.attribute or name: _value(row, inputs[name]) for name, row in rows.items()}


def _value(option: Option, value: Any) -> Any:
    """What an input means for its option, checked."""
    labels = _look(option).labels
    if labels:
        by_label = {_label(option, choice): choice for choice in option.choices}
        check(option.name, value, one_of(by_label))
        return by_label[value]
    if _means_none(option, value):
        return None
    check(option.name, value, option.expected)
    return value


def _means_none(option: Option, value: Any) -> bool:
    """Whether a number is that of None, or between it and the least that the option takes."""
    none_at, is_number = _look(option).none_at, isinstance(value, Real)
    if none_at is None or option.least is None or not is_number:
        return False
    return bool(value == none_at or none_at <= value < option.least)


def _look(option: Option) -> Widget:
    return option.widget or Widget()


def _label(option: Option, choice: Any) -> Any:
    return _look(option).labels.get(choice, choice)
