"""The inputs of ``batch``: what is on this machine, in buckets, and in tables of paths."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..sapiens_core.images import IMAGE_SUFFIXES
from ..sapiens_core.inputs import find_inputs, parts_order
from ..sapiens_core.video import VIDEO_SUFFIXES, read_info
from .batch_tables import Input
from .remote import Staging, find_remote, is_address

log = logging.getLogger(__name__)


def find_sources(options: argparse.Namespace) -> Iterator[list[Input]]:
    """All pictures in order, then each video by itself.

    Raises:
        FileNotFoundError: an input does not exist.
        ValueError: an input stands for no picture and no video, or a table cannot be read.
        OSError: a bucket cannot be reached.
    """
    found = list(_find(options))
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
        if is_address(text) and not text.lower().endswith(".parquet"):
            found = find_remote(text, IMAGE_SUFFIXES | VIDEO_SUFFIXES)
            yield from sorted(found, key=lambda each: parts_order(each.split("/")))
        elif text.lower().endswith(".parquet"):
            yield from _paths_in_table(text, options.path_column)
        else:
            for each in find_inputs([Path(text)], options.recursive, options.output):
                yield str(each.path.absolute())


def _paths_in_table(path: str, column: str) -> Sequence[str]:
    """The paths and addresses in a Parquet file; paths are relative to its folder.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it has no such column, or is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    staging = Staging()
    local = staging.local(path)
    if not local.is_file():
        raise FileNotFoundError(f"There is no table {path}.")
    try:
        names = pq.read_schema(local).names
        if column not in names:
            raise ValueError(
                f"{path} has no column {column!r}, but {', '.join(names)}; say --path-column."
            )
        paths = [
            text for text in pq.read_table(local, columns=[column])[column].to_pylist() if text
        ]
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path} is no Parquet file that can be read: {error}") from error
    if not paths:
        raise ValueError(f"{path} names no picture and no video.")
    folder = local.parent.absolute()
    return [text if is_address(text) else str(folder / text) for text in paths]


def _is_video(path: str) -> bool:
    return Path(path.partition("?")[0] if is_address(path) else path).suffix.lower() in (
        VIDEO_SUFFIXES
    )
