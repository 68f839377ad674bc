"""Keypoints as a table for analysis: one row per person, as Parquet or NPZ."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ...skeletons.keypoint_sets import KEYPOINT_SETS
from ...skeletons.pose import Frame
from ..videos.clip_frames import ClipFrame

ROWS_AT_ONCE = 1000
"""Number of rows that a Parquet table is written by."""


def make_rows(path: Path, clip_frame: ClipFrame | None, frame: Frame) -> list[dict[str, Any]]:
    """A row for each person of an image, values in plain types, coordinates in image pixels.

    ``frame`` and ``time_s`` are None where there is no ``clip_frame``, ``person_id`` where
    nobody was tracked.
    """
    return [
        {
            "path": readable_path(path),
            "frame": clip_frame.index if clip_frame else None,
            "time_s": clip_frame.time_s if clip_frame else None,
            "person": index,
            "person_id": pose.person_id,
            "keypoint_set": pose.keypoint_set.name,
            "box_xyxy": pose.box_xyxy.tolist(),
            "box_score": pose.box_score,
            "x": pose.keypoints_image[:, 0].tolist(),
            "y": pose.keypoints_image[:, 1].tolist(),
            "score": pose.scores.tolist(),
        }
        for index, pose in enumerate(frame.poses)
    ]


def readable_path(path: Path) -> str:
    """A path as text that every table can hold: bytes that are no UTF-8 are written ``\\udcff``."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def make_schema() -> Any:
    """The columns of ``make_rows`` as Arrow has them; ImportError without PyArrow."""
    pa = _load_pyarrow()
    numbers = pa.list_(pa.float64())
    return pa.schema(
        {
            "path": pa.string(),
            "frame": pa.int64(),
            "time_s": pa.float64(),
            "person": pa.int32(),
            "person_id": pa.int32(),
            "keypoint_set": pa.string(),
            "box_xyxy": numbers,
            "box_score": pa.float64(),
            "x": numbers,
            "y": numbers,
            "score": numbers,
        }
    )


def require_library(kind: str) -> None:
    """Raises ImportError if the library that a kind of table needs is missing."""
    if kind == "parquet":
        _load_pyarrow()


class ParquetTable:
    """A table that is written while it grows, ``ROWS_AT_ONCE`` rows at a time."""

    def __init__(self, path: Path) -> None:
        self._schema = make_schema()
        self._writer = _load_pyarrow().parquet.ParquetWriter(path, self._schema)
        self._rows: list[dict[str, Any]] = []

    def __enter__(self) -> ParquetTable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None:
            self._flush()
        self._writer.close()

    def add(self, path: Path, clip_frame: ClipFrame | None, frame: Frame) -> None:
        """Adds the people of an image."""
        self._rows += make_rows(path, clip_frame, frame)
        if len(self._rows) >= ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        pa = _load_pyarrow()
        self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
        self._rows = []


class NpzTable:
    """Arrays with a row for each person, held in memory until the end.

    The file has ``path``, ``frame`` (-1 where it is no clip), ``time_s`` (NaN), ``person``,
    ``person_id`` (-1 where nobody was tracked), ``boxes_xyxy`` (N, 4), ``box_scores`` (N,),
    ``keypoints`` (N, K, 2) in pixels, ``scores`` (N, K) and the ``names`` (K,) of the keypoints.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._columns: list[tuple[Any, ...]] = []
        self._set_name: str | None = None

    def __enter__(self) -> NpzTable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if kind is None:
            self._write()

    def add(self, path: Path, clip_frame: ClipFrame | None, frame: Frame) -> None:
        """Adds the people of an image."""
        frame_index, time_s = (clip_frame.index, clip_frame.time_s) if clip_frame else (-1, np.nan)
        for index, pose in enumerate(frame.poses):
            person_id = -1 if pose.person_id is None else pose.person_id
            self._set_name = pose.keypoint_set.name
            start = readable_path(path), frame_index, time_s, index, person_id
            self._columns.append(
                (*start, pose.box_xyxy, pose.box_score, pose.keypoints_image, pose.scores)
            )

    def _write(self) -> None:
        keypoint_set = KEYPOINT_SETS[self._set_name] if self._set_name else None
        names = list(keypoint_set.names) if keypoint_set else []
        kinds = {
            **{"path": (str, ()), "frame": (np.int64, ()), "time_s": (float, ())},
            **{"person": (np.int32, ()), "person_id": (np.int32, ())},
            **{"boxes_xyxy": (float, (4,)), "box_scores": (float, ())},
            **{"keypoints": (float, (len(names), 2)), "scores": (float, (len(names),))},
        }
        columns = list(zip(*self._columns, strict=True)) or [()] * len(kinds)
        arrays: dict[str, Any] = {
            name: np.array(column, dtype=dtype).reshape(len(self._columns), *shape)
            for (name, (dtype, shape)), column in zip(kinds.items(), columns, strict=True)
        }
        arrays["names"] = np.array(names, dtype=str)
        with self._path.open("wb") as file:
            np.savez_compressed(file, **arrays)


TABLES: dict[str, type[ParquetTable] | type[NpzTable]] = {
    "parquet": ParquetTable,
    "npz": NpzTable,
}
"""The kinds of tables by name, which is also the file name's ending."""


def _load_pyarrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(
            "Parquet needs the package PyArrow: pip install pyarrow; or use --table npz."
        ) from error
    return pa
