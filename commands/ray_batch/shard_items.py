"""The inputs of a shard as items: what their results are called, and whether anything can be."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...skeletons.foundation.safe_names import find_long_name, max_name_bytes, portable_name
from ..files.find_inputs import output_names
from ..run.chunks import Item, make_clip_items
from ..run.outputs import Outputs
from ..videos.clip_frames import ClipFrame
from .addresses import Place, RemotePath
from .layout import Layout, shard_name
from .remote_files import file_name
from .tables import Input

log = logging.getLogger(__name__)


def name_results(shard: int, inputs: Sequence[Input], places: Sequence[Place]) -> list[str]:
    """Paths without ending for the results of a shard, relative to the folder for all shards."""
    folder = shard_name(shard)
    files = [Path(_safe_file_name(row.locate(places))) for row in inputs]
    if inputs and inputs[0].frame is not None:
        return [f"{folder}/{file.stem}" for file in files]
    return [f"{folder}/{name}" for name in output_names(files)]


def _safe_file_name(file: Path | RemotePath) -> str:
    """The name of an input, as results on any system can have it."""
    try:
        name = Path(file_name(file))
    except ValueError:
        return "unnamed"  # it is fetched under its own name or not at all, and nothing is written
    return portable_name(name.stem) + name.suffix


def make_item(row: Input, name: str, copy: Path | None = None) -> Item:
    """An input as what to find poses in; ``copy`` is where it is on this machine."""
    path = copy or Path(row.path)
    is_copy = str(path) != row.path
    if row.frame is None:
        return Item(path, name, is_copy=is_copy)
    frame = ClipFrame(row.frame, row.pts, row.time_s or 0.0)
    return replace(make_clip_items(path, name, [frame])[0], is_copy=is_copy)


def find_long_results(
    inputs: Sequence[Input], names: Sequence[str], outputs: Outputs, layout: Layout
) -> dict[int, str]:
    """Why inputs cannot have their results, by index: one would have too long a name on that disk.

    Otherwise that would be known only when the poses are found.
    """
    limit = max_name_bytes(layout.files)
    faults = {}
    for index, (row, name) in enumerate(zip(inputs, names, strict=True)):
        results = outputs.paths(layout.files / make_item(row, name).name)
        fault = find_long_name(results, limit)
        if fault:
            faults[index] = f"{row.path}: {fault}"
    return faults


def tell_long_results(
    shards: Iterable[Sequence[Input]], places: Sequence[Place], outputs: Outputs, layout: Layout
) -> Iterator[Sequence[Input]]:
    """The shards as they come; says how many inputs of each cannot have their results, and why."""
    for shard, inputs in enumerate(shards):
        if outputs.formats or outputs.styles:
            names = name_results(shard, inputs, places)
            faults = find_long_results(inputs, names, outputs, layout)
            if faults:
                first = next(iter(faults.values()))
                log.error("%d of %d are left out: %s", len(faults), len(inputs), first)
        yield inputs
