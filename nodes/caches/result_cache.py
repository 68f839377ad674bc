"""Results of a network by what it looked at, so that nothing is looked at twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from numpy.typing import NDArray

Result = TypeVar("Result", bound=tuple[NDArray[Any], ...])
"""Arrays that nobody changes."""


class ResultCache(Generic[Result]):
    """Keeps the results that were used last.

    Args:
        max_bytes: of all arrays together; the results that were not used for the longest time go.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.num_bytes = 0
        self._results: OrderedDict[bytes, Result] = OrderedDict()

    def get_or_find(
        self, keys: Sequence[bytes], find: Callable[[list[int]], Iterable[Result]]
    ) -> list[Result]:
        """The result of each key.

        Args:
            keys: everything that a result depends on, as hashes.
            find: called once with the positions of the keys without a result, if there are any;
                gives their results in order. Those before an error are kept.
        """
        known = {key: self._results[key] for key in keys if key in self._results}
        missing = [index for index, key in enumerate(keys) if key not in known]
        if missing:
            for index, result in zip(missing, find(missing), strict=True):
                known[keys[index]] = result
                self._keep(keys[index], result)
        for key in keys:
            self._keep(key, known[key])
        return [known[key] for key in keys]

    def _keep(self, key: bytes, result: Result) -> None:
        if key not in self._results:
            self.num_bytes += _size(result)
        self._results[key] = result
        self._results.move_to_end(key)
        while self.num_bytes > self.max_bytes:
            self.num_bytes -= _size(self._results.popitem(last=False)[1])


def _size(result: tuple[NDArray[Any], ...]) -> int:
    return sum(array.nbytes for array in result)
