"""Keypoints in every way that programs write them, as rows of x, y, score.

Flat numbers, pairs, triples, MediaPipe's x, y, z, visibility, columns of x and y, objects with x
and y, and objects by name. A keypoint that is null, not a number or beyond ``MAX_NUMBER`` was not
found: 0, 0, 0. Without scores, every keypoint was found that is not at 0, 0.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from ...keypoint_sets.joint_names import canonical_name
from ...pose import Array, is_within_limits, number_array

WRAPPERS = ("__ndarray__", "landmark", "points", "data", "value")
"""Keys of an object that holds the list itself: json_tricks, protobuf, and others."""

X_KEYS, Y_KEYS = ("x", "X"), ("y", "Y")
SCORE_KEYS = (
    *("score", "confidence", "visibility", "visible", "conf", "c", "v"),
    *("likelihood", "inFrameLikelihood", "probability", "prob"),
)
NAME_KEYS = ("name", "part", "class_name", "label", "class", "type", "id")
PLACE_KEYS = ("position", "location", "point", "coordinates")

WIDTHS = (3, 2, 4)
"""Numbers per keypoint: x, y, score; x, y; x, y, z, score. The first that fits is taken."""

Names = tuple["str | None", ...]


def read_points(
    value: Any, where: str, counts: Collection[int] | None = None
) -> tuple[Array, Names | None]:
    """(N, 3) x, y, score, and the joints if the file names them; (0, 3) for null and nothing.

    Args:
        value: what the file has.
        where: its place, for messages.
        counts: the numbers of keypoints that are known; only these are read as pairs or fours.

    Raises:
        ValueError: it is anything else.
    """
    value = _unwrap(value)
    if value is None:
        return np.zeros((0, 3)), None
    if isinstance(value, Mapping):
        return _read_object(value, where)
    if isinstance(value, (str, bytes)) or not isinstance(value, (Sequence, np.ndarray)):
        raise ValueError(f"{where}: expected a list of numbers or of triples.")
    if len(value) and all(item is None or isinstance(item, Mapping) for item in value):
        return _read_objects(list(value))
    return _clean(_to_triples(_to_array(value, where), where, counts or ())), None


def with_scores(triples: Array, scores: Any, where: str) -> Array:
    """The keypoints with scores that the file has apart from them; ValueError if they do not fit.

    A keypoint whose score is null was not found.
    """
    scores = _unwrap(scores)
    if scores is None:
        return triples
    try:
        column = number_array(scores).reshape(-1)
    except ValueError as error:
        raise ValueError(f"{where}: expected a list of scores.") from error
    if len(column) != len(triples):
        raise ValueError(f"{where}: {len(column)} scores for {len(triples)} keypoints.")
    unnamed = (triples[:, 2] <= 0) & (triples == 0).all(axis=1)
    scored = np.column_stack([triples[:, :2], np.where(unnamed, 0.0, column)])
    return _clean(scored)


def looks_like_point(item: Any) -> bool:
    """Whether an object is a single keypoint."""
    if not isinstance(item, Mapping):
        return False
    place = _first(item, PLACE_KEYS)
    inner = place if isinstance(place, Mapping) else item
    x, y = _first(inner, X_KEYS), _first(inner, Y_KEYS)
    return isinstance(x, (int, float)) and isinstance(y, (int, float))


def _unwrap(value: Any) -> Any:
    """What an object with one of ``WRAPPERS`` holds."""
    for _ in range(3):
        inner = _first(value, WRAPPERS) if isinstance(value, Mapping) else None
        if not isinstance(inner, (list, tuple)):
            break
        value = inner
    return value


def _first(item: Mapping[str, Any], keys: Sequence[str]) -> Any:
    """The value of the first of ``keys`` that an object has; None without any."""
    return next((item[key] for key in keys if item.get(key) is not None), None)


def _read_object(value: Mapping[str, Any], where: str) -> tuple[Array, Names | None]:
    """Columns of x, y and scores, or one point by name for each key."""
    x, y = _first(value, X_KEYS), _first(value, Y_KEYS)
    if isinstance(x, (list, tuple)) and isinstance(y, (list, tuple)):
        try:
            pairs = np.column_stack([number_array(x), number_array(y)])
        except ValueError as error:
            raise ValueError(f"{where}: expected as many x as y.") from error
        triples = _clean(_from_pairs(pairs))
        return with_scores(triples, _first(value, SCORE_KEYS), where), None
    names = [name for name, item in value.items() if _is_point(item)]
    if not names:
        raise ValueError(f"{where}: expected a list of numbers or of triples.")
    rows = [_point(value[name]) for name in names]
    return _clean(np.array(rows)), tuple(map(canonical_name, names))


def _is_point(item: Any) -> bool:
    if looks_like_point(item):
        return True
    is_row = isinstance(item, (list, tuple)) and len(item) in WIDTHS
    return is_row and all(isinstance(number, (int, float)) for number in item)


def _read_objects(value: Sequence[Any]) -> tuple[Array, Names | None]:
    rows = np.array([(0.0, 0.0, 0.0) if item is None else _point(item) for item in value])
    names = [_first(item, NAME_KEYS) if item is not None else None for item in value]
    if not any(isinstance(name, str) for name in names):
        return _clean(rows), None
    return _clean(rows), tuple(
        canonical_name(name) if isinstance(name, str) else None for name in names
    )


def _point(item: Any) -> tuple[float, float, float]:
    """x, y, score of one keypoint; not a number where it has none."""
    if isinstance(item, (list, tuple)):
        row = _to_triples(_to_array([item], ""), "", {1})[0]
        return float(row[0]), float(row[1]), float(row[2])
    place = _first(item, PLACE_KEYS)
    inner = place if isinstance(place, Mapping) else item
    x, y, score = _first(inner, X_KEYS), _first(inner, Y_KEYS), _first(item, SCORE_KEYS)
    return _number(x), _number(y), 1.0 if score is None else _number(score)


def _number(value: Any) -> float:
    try:
        return float(value) if isinstance(value, (int, float)) else np.nan
    except OverflowError:
        return np.nan


def _to_array(value: Any, where: str) -> Array:
    """The numbers in an array; a row that is null becomes zeros, a number that is null NaN."""
    is_nested = any(isinstance(item, (list, tuple)) for item in value)
    if is_nested:
        width = next(len(item) for item in value if isinstance(item, (list, tuple)))
        value = [(0.0,) * width if item is None else item for item in value]
    try:
        numbers = number_array(value)
    except ValueError as error:
        raise ValueError(f"{where}: expected a list of numbers or of triples.") from error
    return numbers[0] if numbers.ndim == 3 and len(numbers) == 1 else numbers


def _to_triples(numbers: Array, where: str, counts: Collection[int]) -> Array:
    """(N, 3) from (N * width,) or (N, width)."""
    width = 3 if not numbers.size else 0
    if numbers.ndim == 2:
        is_known = numbers.shape[1] in WIDTHS and len(numbers) in counts
        width = numbers.shape[1] if is_known or numbers.shape[1] == 3 else width
    elif numbers.ndim == 1 and numbers.size:
        fitting = (w for w in WIDTHS if not numbers.size % w and numbers.size // w in counts)
        width = next(fitting, 0 if numbers.size % 3 else 3)
    if not width:
        raise ValueError(
            f"{where}: numbers of shape {numbers.shape}, expected triples of x, y, confidence."
        )
    rows = numbers.reshape(-1, width)
    return _from_pairs(rows) if width == 2 else rows[:, [0, 1, width - 1]]


def _from_pairs(pairs: Array) -> Array:
    found = (pairs != 0).any(axis=1) & np.isfinite(pairs).all(axis=1)
    return np.column_stack([pairs, found])


def _clean(triples: Array) -> Array:
    triples = triples.reshape(-1, 3)
    triples[~is_within_limits(triples).all(axis=1)] = 0.0
    return triples
