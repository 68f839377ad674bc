"""The inputs of nodes that are options: made from their rows, and read back as an option's values.

What another node gives was looked at by no widget: it may be any value of any type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from comfy_api.latest import io

from ...skeletons.foundation.checks import check, one_of
from ...skeletons.options.option import Option, OptionTable, Widget


class _TextOrCombo(str):
    """The type COMBO, to which ComfyUI lets text be linked as well.

    ComfyUI asks first whether a link's type differs from the input's, and takes what does not. So
    core's primitive node for text can choose from a menu; what it says is looked at in the run.
    """

    __hash__ = str.__hash__

    def __ne__(self, other: object) -> bool:
        return other != "STRING" and str.__ne__(self, other)


class MenuInput(io.Combo.Input):
    """A menu that also takes text through a link."""

    def get_io_type(self) -> str:
        """What ComfyUI compares with the type of a link."""
        return _TextOrCombo(super().get_io_type())


class _UncheckedCombo(_TextOrCombo):
    """The type COMBO, whose values ComfyUI does not look up: it asks for the type before."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return False


class UncheckedMenuInput(io.Combo.Input):
    """A menu of which graphs may name what is not there, such as a file to be downloaded."""

    def get_io_type(self) -> str:
        """What ComfyUI compares with the type of a link, and with that of menus."""
        return _UncheckedCombo(super().get_io_type())


INPUTS = {
    "switch": io.Boolean.Input,
    "whole": io.Int.Input,
    "number": io.Float.Input,
    "score": io.Float.Input,
    "choice": MenuInput,
    "text": io.String.Input,
}
"""The type of an input by the kind of its option."""


CHOICE_TITLES = "choice_titles"
"""Key in an input's ``extra_dict``, for ``web/widgets.js``: by choice, what is shown instead."""
HIDDEN = {"hidden": True}
"""For the ``extra_dict`` of an input that saved graphs still have, and the page no longer shows."""


def widgets(table: OptionTable, *names: str) -> list[Any]:
    """The inputs of some options, or of all in a table that have one, in order."""
    rows = [table[name] for name in names] or [row for row in table if row.widget]
    return [widget(row) for row in rows]


def widget(option: Option, input_type: Any = None, **changes: Any) -> Any:
    """The input of an option, of its kind's type unless another is given.

    ``changes`` are what ComfyUI's input has otherwise.
    """
    look = _look(option)
    keywords: dict[str, Any] = {"default": default_input(option)}
    if option.kind in ("whole", "number", "score"):
        keywords["min"] = option.least if look.least is None else look.least
        keywords["max"] = option.most if look.most is None else look.most
        keywords["step"] = look.step
    if option.kind == "choice":
        keywords["options"] = [_label(option, choice) for choice in option.choices]
    if option.kind == "text":
        keywords["placeholder"] = look.placeholder
    if look.choice_titles:
        titles = look.choice_titles.items()
        keywords["extra_dict"] = {CHOICE_TITLES: {choice: [title] for choice, title in titles}}
    keywords |= {
        "display_name": look.title or None,
        "tooltip": tooltip(option),
        "advanced": look.advanced or None,
        "optional": look.optional,
    }
    input_type = input_type or INPUTS["whole" if look.whole else option.kind]
    return input_type(option.name, **keywords | changes)


def default_input(option: Option) -> Any:
    """What the input of an option shows at first."""
    look = _look(option)
    default = option.default if look.default is None else look.default
    if default is None and None not in look.labels:
        return look.none_at
    return _label(option, default)


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


def option_values(options: Iterable[Option], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a node's inputs by the attributes of the options class.

    Args:
        options: rows; those of inputs that old graphs lack have their default.
        inputs: by name.

    Raises:
        ValueError: a value is not what its option expects; the message names the input.
    """
    values = {}
    for option in options:
        if option.name in inputs:
            values[option.attribute_name] = _value(option, inputs[option.name])
        elif _look(option).optional:
            values[option.attribute_name] = _value(option, default_input(option))
    return values


def _value(option: Option, value: Any) -> Any:
    """What an input means for its option, checked."""
    look = _look(option)
    if look.labels:
        by_label = {_label(option, choice): choice for choice in option.choices}
        check(option.name, value, one_of(by_label))
        return by_label[value]
    if look.none_at is None or option.least is None:
        check(option.name, value, option.expected)
        return value
    least = min(look.none_at, option.least)
    check(option.name, value, replace(option, least=least, none="").expected)
    return None if value == look.none_at or value < option.least else value


def _look(option: Option) -> Widget:
    return option.widget or Widget()


def _label(option: Option, choice: Any) -> Any:
    return _look(option).labels.get(choice, choice)
