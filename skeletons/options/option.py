"""An option: one row, of which everything that is known about the option is made.

From a row come the input of a node (``nodes/sockets/widgets.py``), the argument of a command line
(``commands/arguments/from_options.py``), the check and the default of an attribute of an options
class, and a line of a page (``docs/make_option_tables.py``). No array library is loaded for it, so
that help stays fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal

from ..foundation.checks import (
    FLAG,
    SCORE,
    SIZE,
    TEXT,
    Expected,
    between,
    check,
    one_of,
    whole,
    within,
)

Kind = Literal["switch", "whole", "number", "score", "choice", "text", "size", "path"]
"""What a value is. A score is a number from a network, which sets no bounds; where a person types
it, it is from 0 to 1. A size is width and height in pixels."""


@dataclass(frozen=True)
class Widget:
    """The input of a node, and how it differs from the rest of its row; None: it does not.

    Attributes:
        least, most: the range of the slider, inside that of the option.
        step: of the slider.
        whole: whole numbers only, where the option takes any.
        default: where the option's own is None, or another one suits a person better.
        none_at: the value that stands for None, which a widget cannot show.
        labels: the texts of the menu, by the value that they stand for.
        advanced: behind ComfyUI's "advanced inputs".
        optional: added after the node was first released; old graphs lack it.
        note: further sentences, which are true of the node alone.
        placeholder: shown in an empty text field.
        title: what the page calls the input, where its name does not explain itself.
        choice_titles: what the page shows for a choice, by the choice; graphs keep the choice.
    """

    least: float | None = None
    most: float | None = None
    step: float | None = None
    whole: bool = False
    default: Any = None
    none_at: float | None = None
    labels: Mapping[Any, str] = field(default_factory=dict)
    advanced: bool = False
    optional: bool = False
    note: str = ""
    placeholder: str | None = None
    title: str = ""
    choice_titles: Mapping[Any, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Option:
    """One row.

    Attributes:
        name: of the node's input, and of the options class's attribute.
        kind: what a value is.
        text: plain sentences: what it does, what more and less mean, why the default is so.
        default: of the attribute and of the command line.
        least, most: bounds of a number, both included unless ``open``.
        open: both bounds are excluded.
        choices: each with a summary, which may be empty. Empty where a surface lists what it has,
            such as models or files.
        unit: of a number, as a word: frames, px.
        none: what None means, in words; without it None is refused.
        attribute: of the options class, where it is not called as the input.
        flag: on the command line; None: there is no such argument.
        flag_note: further sentences, which are true of the command line alone.
        several: the command line takes more than one value.
        widget: of the node; None: there is no such input.
    """

    name: str
    kind: Kind
    text: str
    default: Any = None
    least: float | None = None
    most: float | None = None
    open: bool = False
    choices: Mapping[Any, str] = field(default_factory=dict)
    unit: str = ""
    none: str = ""
    attribute: str = ""
    flag: str | None = None
    flag_note: str = ""
    several: bool = False
    widget: Widget | None = None

    @property
    def attribute_name(self) -> str:
        """What the options class calls it."""
        return self.attribute or self.name

    @cached_property
    def expected(self) -> Expected:
        """What a value may be, by kind, bounds and choices."""
        expected = self._expected_value()
        return expected.or_none() if self.none else expected

    def _expected_value(self) -> Expected:
        if self.kind == "whole":
            return whole(int(self._least), int(self._most))
        if self.kind == "number":
            return (between if self.open else within)(self._least, self._most)
        if self.kind == "choice":
            return one_of(self.choices)
        return {"switch": FLAG, "score": SCORE, "size": SIZE}.get(self.kind, TEXT)

    @property
    def _least(self) -> float:
        return self._bound(self.least)

    @property
    def _most(self) -> float:
        return self._bound(self.most)

    def _bound(self, bound: float | None) -> float:
        if bound is None:
            raise ValueError(f"The option {self.name} has no bounds; give it both.")
        return bound


@dataclass(frozen=True)
class OptionTable:
    """The options of a subject, in order; no two have the same name, or the same attribute."""

    rows: tuple[Option, ...]

    def __getitem__(self, name: str) -> Option:
        """The row of a name."""
        return self._by_name[name]

    def __iter__(self) -> Iterator[Option]:
        return iter(self.rows)

    def check(self, options: Any) -> None:
        """Checks those attributes of an options class that have a row.

        Raises:
            ValueError: a value is not what its row expects; the message names the attribute.
        """
        for each in fields(options):
            if each.name in self._by_attribute:
                expected = self._by_attribute[each.name].expected
                check(each.name, getattr(options, each.name), expected)

    @cached_property
    def _by_name(self) -> dict[str, Option]:
        return {row.name: row for row in self.rows}

    @cached_property
    def _by_attribute(self) -> dict[str, Option]:
        return {row.attribute_name: row for row in self.rows}


SCORE_THRESHOLD = Option(
    "score_threshold",
    "score",
    "Keypoints with a lower score count as missing.",
    default=0.3,
    widget=Widget(least=0, most=1, step=0.01, advanced=True),
)
"""The score from which on a keypoint counts, which nearly every subject has."""
