"""The inputs of ``batch``: what is on this machine, in buckets, and in tables of paths."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from pathlib import Path

from ..sapiens_core.images import IMAGE_SUFFIXES
from ..sapiens_core.inputs import find_inputs, parts_order, read_list
from ..sapiens_core.video import VIDEO_SUFFIXES, read_info
from .batch_tables import Input
from .remote import Staging, file_name, find_remote, is_address

log = logging.getLogger(__name__)


def find_sources(options: argparse.Namespace) -> Iterator[list[Input]]:
    """All pictures in order, then each video by itself.

    Raises:
        FileNotFoundError: an input does not exist.
        ValueError: an input stands for no picture and no video, a list or table cannot be read, or
            a name cannot be a file's or is no text.
        OSError: a bucket cannot be reached.
    """
    found = list(_find(options))
    for path in found:
        _check(path)
    pictures = [path for path in found if not _is_video(path)]
    if pictures:
        yield [Input(path) for path in pictures]
    staging = Staging()
    for path in filter(_is_video, found):
        staging.keep_only({path})
        yield _frames(path, staging, options.every)


def _frames(path: str, staging: Staging, every: int) -> list[Input]:
    """Frames of a video; of one that cannot be read the first, so that a worker says why."""
    try:
        frames = read_info(staging.local(path)).frames(every)
    except (ValueError, OSError) as error:
        log.debug("%s", error)
        return [Input(path, 0, None, 0.0)]
    return [Input(path, frame.index, frame.pts, frame.time_s) for frame in frames]


def _find(options: argparse.Namespace) -> Iterator[str]:
    for text in options.inputs:
        if _suffix(text) == ".parquet":
            yield from _paths_in_table(text, options.path_column)
        elif _suffix(text) == ".txt" and (is_address(text) or Path(text).is_file()):
            staging = Staging()
            yield from (_beside(text, line) for line in read_list(staging.local(text)))
        elif is_address(text):
            found = find_remote(text, IMAGE_SUFFIXES | VIDEO_SUFFIXES)
            yield from sorted(found, key=lambda each: parts_order(each.split("/")))
        else:
            for each in find_inputs([Path(text)], options.recursive, options.output):
                yield str(each.path.absolute())


def _paths_in_table(table: str, column: str) -> Iterator[str]:
    """The paths and addresses in a Parquet file, as ``_beside`` has them.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it has no such column, or nothing that is text in it, or is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    staging = Staging()
    local = staging.local(table)
    if not local.is_file():
        raise FileNotFoundError(f"There is no table {table}.")
    try:
        names = pq.read_schema(local).names
        if column not in names:
            raise ValueError(
                f"{table} has no column {column!r}, but {', '.join(names)}; say --path-column."
            )
        paths = list(filter(None, pq.read_table(local, columns=[column])[column].to_pylist()))
    except pa.ArrowInvalid as error:
        raise ValueError(f"{table} is no Parquet file that can be read: {error}") from error
    if not paths:
        raise ValueError(f"{table} names no picture and no video.")
    for path in paths:
        if not isinstance(path, str):
            raise ValueError(f"The column {column!r} of {table} holds {path!r}, expected paths.")
        yield _beside(table, path)


def _beside(listing: str, path: str) -> str:
    """What a list or table names: an address, or a path below the folder that the list is in."""
    if is_address(path):
        return path
    if Path(path).is_absolute() or not is_address(listing):
        return str(Path(listing).absolute().parent / path)
    address, mark, query = listing.partition("?")
    return f"{address.rpartition('/')[0]}/{path}{mark}{query}"


def _check(path: str) -> None:
    """Raises ValueError if no file can be called so, or no table of Parquet can hold the name."""
    if not file_name(path):
        raise ValueError(f"{path!r} is to be a picture or video, but names no file.")
    try:
        path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The name {path!r} is not UTF-8, and Parquet holds no other text. Rename the file."
        ) from error


def _is_video(path: str) -> bool:
    return _suffix(path) in VIDEO_SUFFIXES


def _suffix(path: str) -> str:
    """The ending in small letters, without an address's query."""
    return Path(path.partition("?")[0] if is_address(path) else path).suffix.lower()
