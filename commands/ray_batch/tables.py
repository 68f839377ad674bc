"""The tables of ``batch``: a row for each person, and one for each input, whatever came of it."""

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

PEOPLE = pa.schema(
    [*keypoint_table.schema(), pa.field("model", pa.string()), pa.field("version", pa.string())]
)
"""That of ``estimate --table``, and which weights and version of this program found the person."""

INPUTS = pa.schema(
    [
        *((name, PEOPLE.field(name).type) for name in ("path", "frame", "time_s")),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("people", pa.int32()),
        ("error", pa.string()),
    ]
)
"""``error`` is null where all went well; size and people are null where not."""

ERRORS = pa.schema([INPUTS.field(name) for name in ("path", "frame", "time_s", "error")])


class Input(NamedTuple):
    """A row of the plan.

    Attributes:
        path: of a picture or video, or an address such as ``s3://bucket/photo.jpg``.
        frame: number of the frame in its video, from 0 on; None for a picture.
        pts: the frame's time stamp in ticks of the file, if it has one.
        time_s: seconds from the start of the file; None for a picture.
    """

    path: str
    frame: int | None = None
    pts: int | None = None
    time_s: float | None = None


def people_table(
    inputs: Sequence[Input], results: Sequence[Result], model: str, version: str
) -> pa.Table:
    """A row for each person; ``model`` names the weights and ``version`` this program."""
    rows = [
        row | _input(each) | {"model": model, "version": version}
        for each, result in zip(inputs, results, strict=True)
        if isinstance(result, Frame)
        for row in keypoint_table.rows(Path(each.path), None, result)
    ]
    return pa.Table.from_pylist(rows, PEOPLE)


def inputs_table(inputs: Sequence[Input], results: Sequence[Result]) -> pa.Table:
    """A row for each input."""
    rows = [_input(each) | _fate(result) for each, result in zip(inputs, results, strict=True)]
    return pa.Table.from_pylist(rows, INPUTS)


def errors_table(inputs_files: Iterable[Path]) -> pa.Table:
    """The rows of input tables that have an error, in order."""
    found = [pa.Table.from_pylist([], ERRORS)]
    for path in inputs_files:
        try:
            rows = pq.read_table(path, columns=ERRORS.names, partitioning=None)
        except (OSError, pa.ArrowException) as error:
            raise ValueError(
                f"{path} cannot be read: {' '.join(str(error).split())} Remove it; the same "
                "command then does that part again."
            ) from error
        found.append(rows.filter(rows["error"].is_valid()))
    return pa.concat_tables(found)


def rows_of_table(path: Path, schema: pa.Schema) -> int | None:
    """Rows of a Parquet file with the columns of ``schema``; None if there is no such file."""
    try:
        found = pq.read_metadata(path)
        names = found.schema.to_arrow_schema().names
    except (OSError, pa.ArrowException):
        return None
    return found.num_rows if names == schema.names else None


def count_rows(files: Iterable[Path]) -> int:
    """Rows of Parquet files, without reading them."""
    return sum(pq.read_metadata(path).num_rows for path in files)


def write_table(path: Path, rows: pa.Table) -> None:
    """Writes a Parquet file that is either whole or not there.

    Raises:
        OSError: it cannot be written.
    """
    with replace_atomically(path) as part:
        pq.write_table(rows, part, compression="zstd")


def _input(each: Input) -> dict[str, Any]:
    return {"path": each.path, "frame": each.frame, "time_s": each.time_s}


def _fate(result: Result) -> dict[str, Any]:
    if isinstance(result, Failure):
        return {"error": result.message}
    width, height = result.canvas_wh
    return {"width": width, "height": height, "people": len(result.poses)}
