"""What ``batch`` has to do: its inputs in parts, fixed on disk once, and what is done of it.

In the output folder::

    manifest.json                 model, settings and digest of the inputs, for a rerun to compare
    people/part-000000.parquet    a row for each person
    inputs/part-000000.parquet    a row for each input; there once the part is done
    files/part-000000/            JSON and drawings, if asked for
    errors.parquet                the inputs that came to nothing, and why
    .batch/plan.parquet           every input; row group n is part n
    .batch/attempts/              where workers are, in case they die
    .batch/lock                   held by the run that writes here
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ...skeletons.foundation.atomic_files import write_text
from ...skeletons.foundation.safe_names import check_no_link
from .tables import INPUTS, PEOPLE, Input, rows_of_table

PLAN = pa.schema(
    [
        ("path", pa.string()),
        ("frame", pa.int64()),
        ("pts", pa.int64()),
        ("time_s", pa.float64()),
    ]
)

_PART_NAME = re.compile("part-[0-9]{6,}")


@dataclass(frozen=True)
class Layout:
    """Where things are in the output folder.

    Attributes:
        folder: the output folder; every machine sees it under this path.
    """

    folder: Path

    @property
    def manifest(self) -> Path:
        """Of the run."""
        return self.folder / "manifest.json"

    @property
    def plan(self) -> Path:
        """Every input."""
        return self.folder / ".batch" / "plan.parquet"

    @property
    def new_plan(self) -> Path:
        """Every input of a run that may be refused."""
        return self.folder / ".batch" / "plan.new.parquet"

    @property
    def lock(self) -> Path:
        """Held by the run that writes here."""
        return self.folder / ".batch" / "lock"

    @property
    def attempts(self) -> Path:
        """Folder for where workers are."""
        return self.folder / ".batch" / "attempts"

    @property
    def errors(self) -> Path:
        """The inputs that came to nothing."""
        return self.folder / "errors.parquet"

    @property
    def files(self) -> Path:
        """Folder with a folder of JSON and drawings for each part."""
        return self.folder / "files"

    def people(self, part: int) -> Path:
        """The people of a part."""
        return self.folder / "people" / f"{part_name(part)}.parquet"

    def inputs(self, part: int) -> Path:
        """The inputs of a part; the file is written last."""
        return self.folder / "inputs" / f"{part_name(part)}.parquet"

    def done(self) -> set[int]:
        """The parts of the plan that are done; one whose tables are damaged is not."""
        if not self.plan.exists():
            return set()
        plan = pq.read_metadata(self.plan)
        listed = {path.name for path in self.inputs(0).parent.glob("part-*.parquet")}
        return {
            part
            for part in range(plan.num_row_groups)
            if self.inputs(part).name in listed
            and rows_of_table(self.inputs(part), INPUTS) == plan.row_group(part).num_rows
            and rows_of_table(self.people(part), PEOPLE) is not None
        }

    def check_links(self) -> None:
        """Raises ValueError if what is kept for a later run lies elsewhere, by a link."""
        for path in (self.lock, self.new_plan, self.attempts):
            check_no_link(path, self.folder)

    def forget_attempts(self) -> None:
        """That an earlier run was stopped is no picture's fault."""
        for path in self.attempts.iterdir():
            if _PART_NAME.fullmatch(path.name):
                path.unlink()


def part_name(part: int) -> str:
    """``part-000012``."""
    return f"part-{part:06}"


def in_parts(sources: Iterable[Iterable[Input]], size: int) -> Iterator[list[Input]]:
    """The inputs of each source, ``size`` at a time; a part never holds two sources.

    A source is what a single process takes one unit after another from: all pictures, or a video.
    """
    for source in sources:
        rest = iter(source)
        while part := list(islice(rest, size)):
            yield part


def write_plan(path: Path, parts: Iterable[Sequence[Input]]) -> dict[str, Any]:
    """Writes the plan; how many parts and inputs it has, and a digest of them.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    num_parts = num_inputs = 0
    with pq.ParquetWriter(path, PLAN, compression="zstd") as writer:
        for part in parts:
            columns = [list(column) for column in zip(*part, strict=True)]
            writer.write_table(pa.table(columns, schema=PLAN))
            digest.update(json.dumps(columns).encode())
            num_parts += 1
            num_inputs += len(part)
    return {"inputs": num_inputs, "parts": num_parts, "inputs_sha256": digest.hexdigest()}


def read_part(plan: pq.ParquetFile, part: int) -> list[Input]:
    """The inputs of one part of an open plan."""
    table = plan.read_row_group(part)
    columns = (table[name].to_pylist() for name in PLAN.names)
    return [Input(*row) for row in zip(*columns, strict=True)]


def settle_manifest(layout: Layout, wanted: dict[str, Any]) -> None:
    """Writes the manifest, or compares with the one that is there.

    Raises:
        ValueError: the folder holds results of other inputs, settings or another model, or the
            manifest cannot be read.
    """
    wanted = json.loads(json.dumps(wanted, default=str))
    if not layout.manifest.exists():
        write_text(layout.manifest, json.dumps(wanted, indent=1) + "\n")
        return
    try:
        found = json.loads(layout.manifest.read_text(encoding="utf-8"))
        before = dict(_leaves(found))
    except (ValueError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"{layout.manifest} cannot be read: {error}. Give another output folder."
        ) from error
    now = dict(_leaves(wanted))
    for name in (*now, *before):
        if before.get(name) != now.get(name):
            raise ValueError(
                f"{layout.folder} holds results of another run: {name} was {before.get(name)!r} "
                f"and is {now.get(name)!r} now. Go on with what it was, or give another output "
                "folder."
            )


def _leaves(document: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no dictionary, by the way to it: ``settings.flip``."""
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
