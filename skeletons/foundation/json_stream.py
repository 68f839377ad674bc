"""Reading JSON that is longer than memory: one entry of its outer lists at a time.

A clip is a list of frames, or an object with a list of them. Python's own decoder parses each entry
alone, on text that slides over the file; an entry that ends beyond the text is tried again with
twice as much of it.

ijson 3.6 was tried. Users do not have it, it has no limit for an entry, and its speed depends on
what was compiled: 266 MB of our own frames took 6 seconds of processor time with its C library, 119
without, and 9.5 here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from .limits import MAX_CLIP_BYTES, MAX_JSON_BYTES
from .safe_json import check_memory, open_json

CHUNK = 2**20
"""How many characters are read at a time; a frame of one person with 308 keypoints has 19,000."""

MARGIN = 16
"""How many characters at the end of the text may be half a number, escape or word."""

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


def json_items(path: Path) -> Iterator[tuple[str | None, Any]]:
    """Every entry of the outer list of a JSON file, or of the lists in its outer object.

    Yields the key and an entry: of a list, ``None`` and each of its entries; of an object, the key
    of each member with each entry of a list, or with a value that is no list; of anything else,
    ``None`` and that. An empty list gives nothing. Each entry has the limits of ``parse_json``, all
    together ``MAX_CLIP_BYTES``.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it is not JSON, or something in it is above a limit; entries that were given
            before are right.
    """
    with open_json(path) as file:
        text = _SlidingText(file)
        if text.skip("["):
            for entry in _entries(text):
                yield None, entry
        elif text.skip("{"):
            yield from _members(text)
        else:
            yield None, text.value()
        text.check_end()


def _entries(text: _SlidingText) -> Iterator[Any]:
    """The entries of a list, after its first bracket."""
    if text.skip("]"):
        return
    while True:
        yield text.value()
        if not text.skip(","):
            text.expect("]")
            return


def _members(text: _SlidingText) -> Iterator[tuple[str, Any]]:
    """The members of an object, after its first brace."""
    if text.skip("}"):
        return
    while True:
        key = text.value()
        if not isinstance(key, str):
            raise ValueError(f"expected a name in quotation marks {text.place}")
        text.expect(":")
        if text.skip("["):
            for entry in _entries(text):
                yield key, entry
        else:
            yield key, text.value()
        if not text.skip(","):
            text.expect("}")
            return


class _SlidingText:
    """The part of a file that is looked at."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._num_before = 0
        self._is_end = False

    @property
    def place(self) -> str:
        """Where in the file this is, for messages."""
        return f"at character {self._num_before + self._at:,}"

    def skip(self, sign: str) -> bool:
        """Whether the next sign that is no space is this one, which is then passed."""
        is_next = self._next_sign() == sign
        self._at += is_next
        return is_next

    def expect(self, sign: str) -> None:
        """Pass a sign; ValueError if another one is next."""
        if not self.skip(sign):
            raise ValueError(f"expected {sign} {self.place}")

    def check_end(self) -> None:
        """Raises ValueError if anything but space follows."""
        if self._next_sign():
            raise ValueError(f"there is more text after the end, {self.place}")

    def value(self) -> Any:
        """The value that is next.

        Raises:
            ValueError: it is no JSON, nested too deeply, or above a limit.
        """
        self._next_sign()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_end or not self._is_cut(error):
                    at = f"at character {self._num_before + error.pos:,}"
                    raise ValueError(f"{error.msg} {at}") from error
            except RecursionError as error:
                raise ValueError("its lists or objects are nested too deeply") from error
            else:
                if self._is_end or end + MARGIN <= len(self._text):
                    self._at = end
                    return value
            self._slide(len(self._text) - self._at)
            self._check_entry()

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether the text may be wrong only because it ends too early."""
        is_string = error.msg.startswith("Unterminated string")
        return is_string or error.pos + MARGIN >= len(self._text)

    def _check_entry(self) -> None:
        """Raises ValueError if what is next is above the limits of one entry."""
        size = len(self._text) - self._at
        if size > MAX_JSON_BYTES:
            raise ValueError(
                f"one of its entries is larger than the limit of {MAX_JSON_BYTES >> 20} MB"
            )
        if size > 4 * CHUNK:
            check_memory(self._text)

    def _next_sign(self) -> str:
        """The next sign that is no space, or nothing at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or self._is_end:
                return self._text[self._at : self._at + 1]
            self._slide(0)

    def _slide(self, more: int) -> None:
        """Leave behind what was read, and read ``more`` characters, at least ``CHUNK``."""
        read = self._file.read(max(more, CHUNK))
        self._is_end = not read
        self._num_before += self._at
        self._text = self._text[self._at :] + read
        self._at = 0
        if self._num_before + len(self._text) > MAX_CLIP_BYTES:
            raise ValueError(f"it is larger than the limit of {MAX_CLIP_BYTES >> 30} GB")
