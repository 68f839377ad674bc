"""Reading untrusted JSON: whatever is wrong with it raises a ValueError in plain words."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from .limits import JSON_SIGN_BYTES, MAX_JSON_BYTES, MAX_JSON_MEMORY_BYTES, check_is_file

CHUNK = 2**20
"""How many bytes of a file are counted at a time."""


def read_json(path: Path) -> Any:
    """The content of a JSON file, which is gzipped if its name ends in ``.gz``.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it is not a regular file, not JSON, or larger than ``MAX_JSON_BYTES`` and
            ``MAX_JSON_MEMORY_BYTES`` allow.
    """
    with _open_bytes(path) as file:
        return parse_json(file.read(MAX_JSON_BYTES + 1))


def check_json(path: Path) -> None:
    """Raises OSError or ValueError where ``read_json`` does before it parses a file."""
    with _open_bytes(path) as file:
        size = expected_bytes = 0
        while chunk := file.read(CHUNK):
            size += len(chunk)
            _check_size(size)
            expected_bytes += memory_bytes(chunk)
        _check_memory(expected_bytes)


@contextmanager
def open_json(path: Path) -> Iterator[TextIO]:
    """The text of a JSON file, which is gzipped if its name ends in ``.gz``.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it is not a regular file; or whatever is wrong with its content while it is
            read, which then begins with the path.
    """
    with _open_bytes(path) as file:
        encoding = json.detect_encoding(file.peek(4)[:4])
        yield TextIOWrapper(file, encoding, "surrogatepass", newline="")


@contextmanager
def _open_bytes(path: Path) -> Iterator[BufferedReader]:
    """The unpacked bytes of a file; what goes wrong with its content names the file."""
    check_is_file(path)
    try:
        with path.open("rb") as file:
            is_packed = path.suffix == ".gz"
            yield BufferedReader(gzip.GzipFile(fileobj=file)) if is_packed else file
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{path} is a damaged or unfinished .gz file: {error}.") from error
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as JSON: {error}.") from error


def parse_json(text: str | bytes) -> Any:
    """The content of JSON text.

    Raises:
        ValueError: it is not JSON, nested too deeply, or larger than ``MAX_JSON_BYTES`` and
            ``MAX_JSON_MEMORY_BYTES`` allow.
    """
    _check_size(len(text))
    check_memory(text)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("its lists or objects are nested too deeply") from error


def check_memory(text: str | bytes) -> None:
    """Raises ValueError if the parsed text may take more than ``MAX_JSON_MEMORY_BYTES``."""
    _check_memory(memory_bytes(text))


def _check_size(size: int) -> None:
    if size > MAX_JSON_BYTES:
        raise ValueError(f"it is larger than the limit of {MAX_JSON_BYTES >> 20} MB")


def _check_memory(expected_bytes: int) -> None:
    if expected_bytes > MAX_JSON_MEMORY_BYTES:
        raise ValueError(
            f"its content would take {expected_bytes / 2**30:.1f} GB of memory, more than the "
            f"limit of {MAX_JSON_MEMORY_BYTES >> 30} GB"
        )


def memory_bytes(text: str | bytes) -> int:
    """The maximum memory of the parsed text, in bytes; signs inside of strings count, too."""
    if isinstance(text, str):
        return sum(text.count(sign) * size for sign, size in JSON_SIGN_BYTES.items())
    return sum(text.count(sign.encode()) * size for sign, size in JSON_SIGN_BYTES.items())
