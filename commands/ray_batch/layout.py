"""The output folder of ``batch``: the plan of its shards, fixed on disk once, and what is done.

In the output folder::

    manifest.json                 model, settings and digest of the inputs, for a rerun to compare
    people/part-000000.parquet    a row for each person
    inputs/part-000000.parquet    a row for each input; there once the shard is done
    files/part-000000/            JSON and drawings, if asked for
    errors.parquet                the inputs that failed, and why
    .batch/plan.parquet           every input; row group n is shard n
    .batch/attempts/              the crash log of each shard that is being done
    .batch/lock                   held by the run that writes here

A piece of a batch is a *shard* in the code; on disk it is called a part, as it was at first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ...skeletons.foundation.atomic_files import write_text
from ...skeletons.foundation.safe_names import check_no_link
from .tables import INPUTS, PEOPLE, Input, count_valid_rows, read_errors

PLAN = pa.schema(
    [
        ("path", pa.string()),
        ("frame", pa.int64()),
        ("pts", pa.int64()),
        ("time_s", pa.float64()),
        ("place", pa.int32()),
        ("remote_path", pa.string()),
    ]
)


@dataclass(frozen=True)
class Layout:
    """Where things are in the output folder.

    Attributes:
        folder: the output folder; every machine sees it under this path.
    """

    folder: Path

    @property
    def manifest(self) -> Path:
        """Settings and digests of the run."""
        return self.folder / "manifest.json"

    @property
    def plan(self) -> Path:
        """Every input."""
        return self.folder / ".batch" / "plan.parquet"

    @property
    def new_plan(self) -> Path:
        """Every input of a run that may still be refused."""
        return self.folder / ".batch" / "plan.new.parquet"

    @property
    def lock(self) -> Path:
        """Held by the run that writes here."""
        return self.folder / ".batch" / "lock"

    @property
    def crash_logs(self) -> Path:
        """Folder with a log of workers for each shard that is being done."""
        return self.folder / ".batch" / "attempts"

    @property
    def errors(self) -> Path:
        """The inputs that failed."""
        return self.folder / "errors.parquet"

    @property
    def files(self) -> Path:
        """Folder with a folder of JSON and drawings for each shard."""
        return self.folder / "files"

    def crash_log(self, shard: int) -> Path:
        """The log of the workers that began a shard."""
        return self.crash_logs / shard_name(shard)

    def people(self, shard: int) -> Path:
        """The table of a shard's people."""
        return self.folder / "people" / f"{shard_name(shard)}.parquet"

    def inputs(self, shard: int) -> Path:
        """The table of a shard's inputs, which is written last."""
        return self.folder / "inputs" / f"{shard_name(shard)}.parquet"

    def find_done(self) -> set[int]:
        """The shards of the plan that are done; one whose tables are damaged is not."""
        if not self.plan.exists():
            return set()
        plan = pq.read_metadata(self.plan)
        listed = {path.name for path in self.inputs(0).parent.glob("part-*.parquet")}
        return {
            shard
            for shard in range(plan.num_row_groups)
            if self.inputs(shard).name in listed
            and count_valid_rows(self.inputs(shard), INPUTS) == plan.row_group(shard).num_rows
            and count_valid_rows(self.people(shard), PEOPLE) is not None
        }

    def forget_failed(self) -> None:
        """Makes the shards that have inputs with an error undone.

        Raises:
            ValueError: a table is damaged.
        """
        for shard in self.find_done():
            if len(read_errors([self.inputs(shard)])):
                self.inputs(shard).unlink()

    def check_links(self) -> None:
        """Raises ValueError if what is kept for a later run lies elsewhere, by a link."""
        for path in (self.lock, self.new_plan, self.crash_logs):
            check_no_link(path, self.folder)


def shard_name(shard: int) -> str:
    """The name of a shard's files, such as ``part-000012``."""
    return f"part-{shard:06}"


def split_into_shards(sources: Iterable[Iterable[Input]], size: int) -> Iterator[list[Input]]:
    """The inputs of each source, ``size`` at a time; no shard holds inputs of two sources.

    A source is what a single process divides into chunks: all images, or one video.
    """
    for source in sources:
        rest = iter(source)
        while shard := list(islice(rest, size)):
            yield shard


def write_plan(path: Path, shards: Iterable[Sequence[Input]]) -> dict[str, Any]:
    """Writes the plan.

    Returns:
        The number of ``inputs`` and of shards, ``parts``, and a digest: ``inputs_sha256``.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    num_shards = num_inputs = 0
    with pq.ParquetWriter(path, PLAN, compression="zstd") as writer:
        for shard in shards:
            columns = [list(column) for column in zip(*shard, strict=True)]
            writer.write_table(pa.table(columns, schema=PLAN))
            digest.update(json.dumps(columns).encode())
            num_shards += 1
            num_inputs += len(shard)
    return {"inputs": num_inputs, "parts": num_shards, "inputs_sha256": digest.hexdigest()}


def read_shard(plan: pq.ParquetFile, shard: int) -> list[Input]:
    """The inputs of one shard of an open plan."""
    table = plan.read_row_group(shard)
    columns = (table[name].to_pylist() for name in PLAN.names)
    return [Input(*row) for row in zip(*columns, strict=True)]


def settle_manifest(layout: Layout, wanted: dict[str, Any]) -> None:
    """Writes the manifest, or compares it with the one that is there.

    Raises:
        ValueError: the folder holds results of other inputs, settings or another model, or the
            manifest cannot be read.
    """
    wanted = json.loads(json.dumps(wanted, default=str))
    if not layout.manifest.exists():
        write_text(layout.manifest, json.dumps(wanted, indent=1) + "\n")
        return
    try:
        before = dict(_list_values(json.loads(layout.manifest.read_text(encoding="utf-8"))))
    except (ValueError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"{layout.manifest} cannot be read: {error}. Give another output folder."
        ) from error
    now = dict(_list_values(wanted))
    for name in (*now, *before):
        if before.get(name) != now.get(name):
            raise ValueError(
                f"{layout.folder} holds results of another run: {name} was {before.get(name)!r} "
                f"and is {now.get(name)!r} now. Use what it was, or give another output folder."
            )


def _list_values(document: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is not a dictionary, with its path: ``settings.flip``."""
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _list_values(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
