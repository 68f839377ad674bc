"""The tables of ``batch``: a row for each person, and a row for each input, failed or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from ...skeletons.foundation.atomic_files import replace_atomically
from ...skeletons.pose import Frame
from ..files import keypoint_table
from ..run.chunks import Failure, Result
from .addresses import Place, RemotePath, is_address, parse_listed

PEOPLE = pa.schema(
    [
        *keypoint_table.make_schema(),
        pa.field("model", pa.string()),
        pa.field("version", pa.string()),
    ]
)
"""Columns of ``estimate --table``, and which weights and program version found the person."""

INPUTS = pa.schema(
    [
        *((name, PEOPLE.field(name).type) for name in ("path", "frame", "time_s")),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("people", pa.int32()),
        ("error", pa.string()),
    ]
)
"""Columns of inputs: ``error`` is null where all went well; size and people are null where not."""

ERRORS = pa.schema([INPUTS.field(name) for name in ("path", "frame", "time_s", "error")])


class Input(NamedTuple):
    """A row of the plan.

    Attributes:
        path: of an image or video, or an address such as ``s3://bucket/photo.jpg``, as people read
            it. Only one that a list names is opened as it stands here.
        frame: index of the frame in its video, from 0 on; None for an image.
        pts: the frame's time stamp in ticks of the file, if it has one.
        time_s: seconds from the start of the file; None for an image.
        place: for what was found in a place that the user typed, its index among those.
        remote_path: the path in that place; None without one.
    """

    path: str
    frame: int | None = None
    pts: int | None = None
    time_s: float | None = None
    place: int | None = None
    remote_path: str | None = None

    def locate(self, places: Sequence[Place]) -> Path | RemotePath:
        """Where the file is; ``places`` are those that the user typed.

        Raises:
            ValueError: a list may not name it.
        """
        if self.place is not None:
            return RemotePath(places[self.place], self.remote_path or "")
        return parse_listed(self.path) if is_address(self.path) else Path(self.path)


def make_people_table(
    inputs: Sequence[Input], results: Sequence[Result], model: str, version: str
) -> pa.Table:
    """A row for each person; ``model`` names the weights and ``version`` this program."""
    rows = [
        row | _name_input(source) | {"model": model, "version": version}
        for source, result in zip(inputs, results, strict=True)
        if isinstance(result, Frame)
        for row in keypoint_table.make_rows(Path(source.path), None, result)
    ]
    return pa.Table.from_pylist(rows, PEOPLE)


def make_inputs_table(inputs: Sequence[Input], results: Sequence[Result]) -> pa.Table:
    """A row for each input."""
    pairs = zip(inputs, results, strict=True)
    rows = [_name_input(source) | _describe(result) for source, result in pairs]
    return pa.Table.from_pylist(rows, INPUTS)


def read_errors(inputs_files: Iterable[Path]) -> pa.Table:
    """The rows of tables of inputs that have an error, in order.

    Raises:
        ValueError: a table is damaged.
    """
    tables = [pa.Table.from_pylist([], ERRORS)]
    for path in inputs_files:
        try:
            rows = pq.read_table(path, columns=ERRORS.names, partitioning=None)
        except (OSError, pa.ArrowException) as error:
            raise ValueError(
                f"{path} cannot be read: {' '.join(str(error).split())} Remove it, then repeat "
                "the command to do that part again."
            ) from error
        tables.append(rows.filter(rows["error"].is_valid()))
    return pa.concat_tables(tables)


def count_valid_rows(path: Path, schema: pa.Schema) -> int | None:
    """Number of rows of a Parquet file with the columns of ``schema``; None if it is none."""
    try:
        metadata = pq.read_metadata(path)
        names = metadata.schema.to_arrow_schema().names
    except (OSError, pa.ArrowException):
        return None
    return metadata.num_rows if names == schema.names else None


def count_rows(files: Iterable[Path]) -> int:
    """Number of rows of Parquet files, which are not read."""
    return sum(pq.read_metadata(path).num_rows for path in files)


def write_table(path: Path, rows: pa.Table) -> None:
    """Writes a Parquet file that is either whole or not there.

    Raises:
        OSError: it cannot be written.
    """
    with replace_atomically(path) as temporary:
        pq.write_table(rows, temporary, compression="zstd")


def _name_input(source: Input) -> dict[str, Any]:
    return {"path": source.path, "frame": source.frame, "time_s": source.time_s}


def _describe(result: Result) -> dict[str, Any]:
    if isinstance(result, Failure):
        return {"error": result.message}
    width, height = result.canvas_wh
    return {"width": width, "height": height, "people": len(result.poses)}
