"""The inputs of ``batch``: images and videos on this machine, in buckets, in tables of paths."""

from __future__ import annotations

import argparse
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..failures import PlaceError
from ..files.animations import is_clip, read_clip_info
from ..files.endings import ALWAYS_CLIP_SUFFIXES, VIDEO_SUFFIXES, LeftOut, suffix_of
from ..files.find_inputs import find_inputs, path_sort_key, read_list
from ..remote.remote_errors import translated
from .addresses import Place, RemotePath, is_address, parse_address, parse_listed
from .remote_files import Staging, find_remote
from .tables import Input

log = logging.getLogger(__name__)

MAX_ROWS = 2**24
"""Maximum number of rows of a table of paths: a file of kilobytes may hold any number of equal
rows."""
MAX_TEXT_BYTES = 2**31
"""Maximum size of all paths of a table together, in bytes."""
MAX_PATH_BYTES = 2**15
"""Maximum size of a path, in bytes; no system has longer ones."""
MAX_VIDEOS = 2**20
"""Maximum number of videos; each is a shard of its own."""
_ROWS_PER_BATCH = 2**14

_CLIP_SUFFIXES = VIDEO_SUFFIXES | ALWAYS_CLIP_SUFFIXES

Found = str | RemotePath
"""A path on this machine, an address that a list names, or what is in a place that a user typed."""


def find_sources(
    options: argparse.Namespace, places: Sequence[Place], left_out: LeftOut
) -> Iterator[Iterable[Input]]:
    """All images in order, then the frames of each video or animated image.

    Of millions of images only the paths are held in memory, and none is opened: which are animated
    is told by their endings. ``places`` are those that the options' addresses are in; ``left_out``
    counts what folders, patterns and addresses hold that is not looked at.

    Raises:
        FileNotFoundError: an input does not exist.
        ValueError: an input stands for no picture and no video, a list or table cannot be read, or
            a list has what it may not have, or a name is no text.
        OSError: a bucket cannot be reached.
    """
    images: list[Found] = []
    videos: list[Found] = []
    for file in _find_files(options, left_out):
        _check_is_text(str(file))
        (videos if _suffix(file) in _CLIP_SUFFIXES else images).append(file)
    if len(videos) > MAX_VIDEOS:
        raise ValueError(f"There are {len(videos):,} videos; expected at most {MAX_VIDEOS:,}.")
    if images:
        yield (_make_input(file, places) for file in images)
    staging = Staging()
    for file in videos:
        video = _make_input(file, places)
        located = video.locate(places)
        staging.keep_only({located})
        yield _list_frames(video, located, staging, options.every)


def _make_input(file: Found, places: Sequence[Place]) -> Input:
    if isinstance(file, str):
        return Input(file)
    return Input(str(file), place=places.index(file.place), remote_path=file.path)


def _list_frames(
    video: Input, located: Path | RemotePath, staging: Staging, every: int
) -> list[Input]:
    """Every n-th frame of a video; if it cannot be read its first, so that a worker says why.

    An image that is not animated is none.
    """
    try:
        local = staging.make_local(located)
        if suffix_of(local.name) in ALWAYS_CLIP_SUFFIXES and not is_clip(local):
            return [video]
        frames = read_clip_info(local).frames(every)
    except PlaceError:
        raise  # the plan of another time would be another one
    except (ValueError, OSError) as error:
        log.debug("%s", error)
        return [video._replace(frame=0, time_s=0.0)]
    return [video._replace(frame=each.index, pts=each.pts, time_s=each.time_s) for each in frames]


def _find_files(options: argparse.Namespace, left_out: LeftOut) -> Iterator[Found]:
    for text in options.inputs:
        typed = parse_address(text) if is_address(text) else Path(text)
        suffix = suffix_of(typed.name)
        if suffix == ".parquet":
            yield from _read_table(typed, options.path_column)
        elif suffix == ".txt" and (isinstance(typed, RemotePath) or typed.is_file()):
            staging = Staging()
            yield from _resolve_listed(typed, read_list(staging.make_local(typed)))
        elif isinstance(typed, RemotePath):
            with translated(str(typed)):
                found = find_remote(typed, left_out)
            yield from sorted(found, key=lambda file: path_sort_key(file.path.split("/")))
        else:
            for file in find_inputs([typed], options.recursive, options.output, left_out):
                yield str(file.path.absolute())


def _read_table(table: Path | RemotePath, column: str) -> Iterator[Found]:
    """The paths and addresses in a Parquet file, as ``_resolve_listed`` yields them.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it has no such column, or nothing that is text in it, or more than is read, or
            is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    staging, shown = Staging(), str(table)
    local = staging.make_local(table)
    if not local.is_file():
        raise FileNotFoundError(f"There is no table {shown}.")
    count = 0
    try:
        _check_table(pq.read_metadata(local), shown, column)
        # As a dictionary, a long text that stands in many rows is held once.
        with pq.ParquetFile(local, read_dictionary=[column]) as file:
            for path in _resolve_listed(table, _read_texts(file, shown, column)):
                count += 1
                yield path
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise ValueError(f"{shown} cannot be read as a Parquet file: {error}") from error
    if not count:
        raise ValueError(f"{shown} has no images or videos.")


def _check_table(metadata: Any, table: str, column: str) -> None:
    """Raises ValueError if what a Parquet file says about itself keeps it from being read."""
    from pyarrow import types

    schema = metadata.schema.to_arrow_schema()
    names = schema.names
    if column not in names:
        raise ValueError(
            f"{table} has no column {column!r}; it has {', '.join(names)}. Choose one with "
            "--path-column."
        )
    if names.count(column) > 1:
        raise ValueError(
            f"{table} has {names.count(column)} columns {column!r}, expected one; rename the "
            "others, or choose another one with --path-column."
        )
    kind = schema.field(column).type
    text = kind.value_type if types.is_dictionary(kind) else kind
    if str(text) not in ("string", "large_string", "string_view", "null"):
        raise ValueError(f"The column {column!r} of {table} holds {kind}, expected paths.")
    if metadata.num_rows > MAX_ROWS:
        raise ValueError(
            f"{table} has {metadata.num_rows:,} rows; at most {MAX_ROWS:,} can be read. "
            "Split it into several tables and batches."
        )


def _read_texts(file: Any, table: str, column: str) -> Iterator[str]:
    """The texts of a column that are neither null nor empty.

    Raises:
        ValueError: a text is longer than a path can be, or all are too long together.
        pyarrow.ArrowException, UnicodeDecodeError: the file is damaged.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    size = 0
    for batch in file.iter_batches(_ROWS_PER_BATCH, columns=[column]):
        rows = batch.column(column)
        if isinstance(rows, pa.DictionaryArray):
            longest = pc.max(pc.binary_length(rows.dictionary)).as_py() or 0
            if longest > MAX_PATH_BYTES:
                raise ValueError(
                    f"{table} has a path of {longest:,} bytes; expected at most {MAX_PATH_BYTES:,}."
                )
            rows = rows.dictionary_decode()
        size += rows.nbytes
        if size > MAX_TEXT_BYTES:
            raise ValueError(
                f"The paths in {table} have more than {MAX_TEXT_BYTES:,} bytes; split it into "
                "several tables and batches."
            )
        yield from filter(None, rows.to_pylist())


def _resolve_listed(listing: Path | RemotePath, lines: Iterable[str]) -> Iterator[Found]:
    """What a list or table names: addresses, or paths relative to the folder that the list is in.

    Raises:
        ValueError: an address is none that a list may name.
    """
    for line in lines:
        if is_address(line):
            parse_listed(line)
            yield line
        elif isinstance(listing, Path):
            yield str(listing.absolute().parent / line)
        elif os.path.isabs(line):
            yield str(Path(line))
        else:
            yield listing.beside(line)


def _check_is_text(path: str) -> None:
    """Raises ValueError if no table of Parquet can hold the path."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The name {path!r} is not UTF-8, and Parquet holds only UTF-8 text. Rename the file."
        ) from error


def _suffix(file: Found) -> str:
    """The ending in small letters; an address's is that of its name."""
    if isinstance(file, str) and is_address(file):
        file = parse_listed(file)
    return suffix_of(file if isinstance(file, str) else file.name)
