"""Reading untrusted JSON: whatever is wrong with it raises a ValueError in plain words."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from .limits import JSON_SIGN_BYTES, MAX_JSON_BYTES, MAX_JSON_MEMORY_BYTES, check_is_file


def read_json(path: Path) -> Any:
    """The content of a JSON file, which is gzipped if its name ends in ``.gz``.

    Raises:
        OSError: the file is missing or cannot be read.
        ValueError: it is not a regular file, not JSON, or larger than ``MAX_JSON_BYTES`` and
            ``MAX_JSON_MEMORY_BYTES`` allow.
    """
    check_is_file(path)
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as file:
                data = file.read(MAX_JSON_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(MAX_JSON_BYTES + 1)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise ValueError(f"{path} is a damaged or unfinished .gz file: {error}.") from error
    try:
        return parse_json(data)
    except ValueError as error:
        raise ValueError(f"{path} is not a JSON file that can be read: {error}.") from error


def parse_json(text: str | bytes) -> Any:
    """The content of JSON text.

    Raises:
        ValueError: it is not JSON, nested too deeply, or larger than ``MAX_JSON_BYTES`` and
            ``MAX_JSON_MEMORY_BYTES`` allow.
    """
    if len(text) > MAX_JSON_BYTES:
        raise ValueError(f"it is larger than the limit of {MAX_JSON_BYTES >> 20} MB")
    expected_bytes = memory_bytes(text)
    if expected_bytes > MAX_JSON_MEMORY_BYTES:
        raise ValueError(
            f"what it says would take {expected_bytes / 2**30:.1f} GB of memory, more than the "
            f"limit of {MAX_JSON_MEMORY_BYTES >> 30} GB"
        )
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("its lists or objects are nested too deeply") from error


def memory_bytes(text: str | bytes) -> int:
    """The maximum memory of the parsed text, in bytes; signs inside of strings count, too."""
    if isinstance(text, str):
        return sum(text.count(sign) * size for sign, size in JSON_SIGN_BYTES.items())
    return sum(text.count(sign.encode()) * size for sign, size in JSON_SIGN_BYTES.items())
