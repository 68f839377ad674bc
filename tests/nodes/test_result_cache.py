"""Results that are kept by what a network looked at."""

import numpy as np
import pytest
from comfyui_sapiens_pose.nodes.caches.result_cache import ResultCache


def result(value: float) -> tuple[np.ndarray]:
    return (np.full(10, value),)


class Finder:
    """Finds the first letter's number, and remembers what it was asked for."""

    def __init__(self, keys: list[bytes]) -> None:
        self.keys, self.asked = keys, []

    def __call__(self, indices: list[int]) -> list[tuple[np.ndarray]]:
        self.asked += [self.keys[index] for index in indices]
        return [result(self.keys[index][0]) for index in indices]


def values(cache: ResultCache, *keys: bytes) -> tuple[list[float], list[bytes]]:
    """What the cache gives for the keys, and what it had to find for that."""
    finder = Finder(list(keys))
    found = cache.get_or_find(list(keys), finder)
    return [float(array[0]) for (array,) in found], finder.asked


@pytest.mark.parametrize(
    ("first", "second", "found_again"),
    [
        ([], [], []),
        ([b"a"], [], []),
        ([], [b"a"], [b"a"]),
        ([b"a", b"b"], [b"b", b"a"], []),
        ([b"a", b"b"], [b"a", b"c", b"b", b"d"], [b"c", b"d"]),
        ([b"a", b"a"], [b"a"], []),
    ],
)
def test_only_what_is_new_is_found(first, second, found_again):
    cache = ResultCache(1000)
    assert values(cache, *first)[1] == first
    assert values(cache, *second) == ([key[0] for key in second], found_again)


@pytest.mark.parametrize(
    ("used", "kept"),
    [
        ([b"a", b"b", b"c"], [b"c", b"b"]),
        ([b"a", b"b", b"a", b"c"], [b"c", b"a"]),
    ],
)
def test_what_was_not_used_for_the_longest_time_goes(used, kept):
    cache = ResultCache(160)  # two results of 80 bytes
    for key in used:
        values(cache, key)
        assert cache.num_bytes <= 160
    assert values(cache, *kept)[1] == []
    assert cache.num_bytes == 160


def test_more_at_once_than_fits_is_given_all_the_same():
    cache = ResultCache(160)
    keys = [b"a", b"b", b"c", b"d"]
    assert values(cache, *keys)[0] == [key[0] for key in keys]
    assert cache.num_bytes == 160


def test_what_failed_is_not_kept():
    cache = ResultCache(160)
    with pytest.raises(MemoryError):
        cache.get_or_find([b"a"], lambda indices: (_ for _ in ()).throw(MemoryError))
    assert values(cache, b"a") == ([b"a"[0]], [b"a"])


def test_what_was_found_before_an_error_is_kept():
    def find(indices):
        yield result(b"a"[0])
        raise InterruptedError

    cache = ResultCache(160)
    with pytest.raises(InterruptedError):
        cache.get_or_find([b"a", b"b"], find)
    assert values(cache, b"a", b"b") == ([b"a"[0], b"b"[0]], [b"b"])
