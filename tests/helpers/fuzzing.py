"""Strangers' files made of good ones: what the fuzz tests feed, and how many times."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from comfyui_sapiens_pose.commands.trust.machine import process_peak_bytes
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

BATCH = 20
"""Cases made of one number that hypothesis draws: most of its own work is for each draw."""
SECONDS_A_BATCH = 20
"""None may take longer; far above what any takes, because the machine may be busy."""
MAX_GROWTH_BYTES = 512 * 2**20
"""By so much the process may grow while a target is fuzzed."""

ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, "", "a", "\0", "\ud800", "写真", "../../x", "/etc/passwd", "CON", "NaN"),
    *(0, -1, 1, 2**31, -(2**63), 2**64, 10**400, 0.5, -0.0, 1e-320, 1e308, -1e308),
    *(float("nan"), float("inf"), float("-inf")),
    *([], {}, [[]], [{}], [None], {"": {}}, [0] * 54, [[1.0, 2.0, 1.0]] * 18),
)
"""What nobody expects in the place of a value."""


Make = Callable[[random.Random], Any]
"""A case from a source of chance; from the same source the same case."""


def fuzz(check: Callable[[Any], object], make: Make, count: int) -> None:
    """Calls ``check`` with ``count`` cases of ``make``, the same ones in every run.

    Raises:
        AssertionError: a batch took too long, or the process grew too much.
        Whatever ``check`` raises, with the smallest case that does.
    """

    def check_all(seed: int) -> None:
        for place in range(BATCH):
            note(f"case {place} of the seed {seed}")
            check(make(random.Random(seed * BATCH + place)))

    run = settings(
        max_examples=count // BATCH,
        derandomize=True,
        database=None,
        deadline=SECONDS_A_BATCH * 1000,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )(given(st.integers(0, 2**40))(check_all))
    before = process_peak_bytes()
    run()
    grown = process_peak_bytes() - before
    assert grown < MAX_GROWTH_BYTES, f"{grown / 2**20:.0f} MB more memory"


def mutated_documents(valid: list[Any]) -> Make:
    """One of some valid JSON documents, with up to four of its values changed."""
    texts = [json.dumps(document) for document in valid]

    def change(chance: random.Random) -> Any:
        document = json.loads(chance.choice(texts))  # a copy, sooner than by copy.deepcopy
        for _ in range(chance.choice((1, 1, 2, 4))):
            document = mutate(document, chance)
        return document

    return change


def mutate(document: Any, chance: random.Random) -> Any:
    """``document`` with one change at a place of any depth; changed in place where it can be."""
    if not isinstance(document, (dict, list)) or not document or chance.random() < 0.1:
        return _other(document, chance)
    keys = list(document) if isinstance(document, dict) else range(len(document))
    key = chance.choice(keys)
    if chance.random() < 0.6:
        document[key] = mutate(document[key], chance)
    elif isinstance(document, list):
        _change_length(document, key, chance)
    elif chance.random() < 0.5:
        del document[key]
    else:
        document[chance.choice([str(key) + "x", "", *keys])] = document.pop(key)
    return document


def _other(value: Any, chance: random.Random) -> Any:
    """Another value in the place of this one: odd, wrapped, or nearly the same."""
    kind = chance.randrange(8)
    if kind < 5:
        return copy.deepcopy(chance.choice(ODD_VALUES))
    if kind == 5:
        return [value]
    if kind == 6:
        return {"a": value}
    if isinstance(value, float):
        return value * chance.choice((-1, 0.001, 1000, 1e300))
    if isinstance(value, int):
        return value * chance.choice((-1, 2, 1000, 10**300))
    return str(value)


def _change_length(items: list[Any], at: int, chance: random.Random) -> None:
    kind = chance.randrange(4)
    if kind == 0:
        del items[at]
    elif kind == 1:
        del items[at:]
    elif kind == 2:
        items.insert(at, copy.deepcopy(chance.choice(ODD_VALUES)))
    else:
        items += copy.deepcopy(items[: chance.randrange(1, 40)])


def mutated_bytes(valid: list[bytes]) -> Make:
    """One of some valid files with bytes exchanged, left out, doubled, or cut off at the end."""

    def change(chance: random.Random) -> bytes:
        content = bytearray(chance.choice(valid))
        for _ in range(chance.choice((1, 1, 2, 4, 16))):
            _change_bytes(content, chance)
        return bytes(content)

    return change


def _change_bytes(content: bytearray, chance: random.Random) -> None:
    """Early places more often than late ones, because that is where headers are."""
    if not content:
        return
    at = int(len(content) * chance.random() ** chance.choice((1, 4, 8)))
    kind = chance.randrange(8)
    if kind < 3:
        content[at] = chance.choice((0, 1, 127, 128, 255, chance.randrange(256)))
    elif kind == 3:
        content[at] ^= 1 << chance.randrange(8)
    elif kind == 4:
        content[at : at + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"))
    elif kind == 5:
        del content[at : at + chance.choice((1, 2, 4, 100))]
    elif kind == 6:
        content[at:at] = content[at : at + chance.choice((1, 4, 100))]
    else:
        del content[at:]


def as_text(document: Any) -> bytes:
    """JSON as its writers would give it, NaN and lone surrogates too."""
    return json.dumps(document).encode("utf-8", "surrogatepass")
