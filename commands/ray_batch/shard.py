"""Does a part of a batch: the same in a test, in a worker of a cluster, and once more after it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from ...skeletons.foundation.file_digest import file_sha256
from ..files.find_inputs import output_names
from ..files.video import ClipFrame
from ..run.chunk_worker import UnitWorker, WorkSettings
from ..run.chunks import UNIT_SIZE, Failure, Item, Result, Unit, clip_items
from ..run.resume_store import remove_leftovers
from .crash_log import Attempts
from .layout import Layout, part_name, read_part
from .remote_files import Staging, file_name
from .tables import Input, inputs_table, people_table, write_table

log = logging.getLogger(__name__)


class BrokenWorkerError(Exception):
    """Something went wrong that may have spoilt the device; another process should go on."""


@dataclass(frozen=True)
class Job:
    """What every worker of a batch knows.

    Attributes:
        layout: of the output folder.
        work: which network, and what to do with it; it writes into the layout's ``files``.
        sha256: of the weights, so that no machine has others.
        version: of this program.
    """

    layout: Layout
    work: WorkSettings
    sha256: str
    version: str


@dataclass(frozen=True)
class PartSummary:
    """What came of a part.

    Attributes:
        part: its number.
        inputs: how many it has.
        people: how many were found in them.
        errors: inputs that came to nothing.
        first_error: of them.
    """

    part: int
    inputs: int
    people: int
    errors: int
    first_error: str


class PartWorker:
    """A loaded network that does parts.

    Args:
        job: what they belong to.
        device: where the network runs.

    Raises:
        ValueError, OSError: the weights cannot be used, or are not those of the manifest.
        ImportError: a library is missing.
    """

    def __init__(self, job: Job, device: str) -> None:
        weights = job.work.model.weights
        if file_sha256(weights) != job.sha256:
            raise ValueError(f"{weights} differs from the file of that name the run began with.")
        self._job = job
        self._units = UnitWorker(job.work, device)
        self._plan = pq.ParquetFile(job.layout.plan)
        self._staging = Staging()

    def do(self, part: int) -> PartSummary:
        """Does a part and writes its tables, that of the inputs last.

        Raises:
            BrokenWorkerError: the process should end; the next one will know where this one was.
            OSError: the results cannot be written.
        """
        layout = self._job.layout
        inputs = read_part(self._plan, part)
        attempts = Attempts(layout.attempts / part_name(part))
        names = _names(part, inputs)
        if not attempts.is_first:
            # Who died here could not remove what it was writing.
            items = (_item(*each) for each in zip(inputs, names, strict=True))
            outputs = self._job.work.outputs
            files = (path for item in items for path in outputs.paths(layout.files / item.name))
            remove_leftovers([layout.people(part), layout.inputs(part), *files])
        results = self._results(inputs, names, attempts)
        model = self._job.work.model.weights.name
        write_table(layout.people(part), people_table(inputs, results, model, self._job.version))
        write_table(layout.inputs(part), inputs_table(inputs, results))
        attempts.done()
        errors = [result.message for result in results if isinstance(result, Failure)]
        people = sum(len(result.poses) for result in results if not isinstance(result, Failure))
        return PartSummary(part, len(inputs), people, len(errors), errors[0] if errors else "")

    def _results(
        self, inputs: Sequence[Input], names: Sequence[str], attempts: Attempts
    ) -> list[Result]:
        results: list[Result] = []
        for start in range(0, len(inputs), UNIT_SIZE):
            unit = range(start, min(start + UNIT_SIZE, len(inputs)))
            if attempts.one_by_one(start):
                results += [self._alone(inputs[i], names[i], i, attempts) for i in unit]
                continue
            attempts.at_unit(start)
            results += self._together([inputs[i] for i in unit], [names[i] for i in unit], attempts)
        return results

    def _alone(self, each: Input, name: str, place: int, attempts: Attempts) -> Result:
        reason = attempts.given_up(place)
        if reason:
            return Failure(f"{each.path}: {reason}")
        attempts.at_picture(place)
        return self._together([each], [name], attempts)[0]

    def _together(
        self, inputs: Sequence[Input], names: Sequence[str], attempts: Attempts
    ) -> list[Result]:
        """The results of one unit; what cannot be fetched is a failure of its own."""
        self._staging.keep_only({each.path for each in inputs})
        results: list[Result | None] = [None] * len(inputs)
        items = {}
        for place, (each, name) in enumerate(zip(inputs, names, strict=True)):
            try:
                items[place] = _item(each, name, self._staging.local(each.path))
            except (ValueError, OSError) as error:
                results[place] = Failure(f"{each.path}: {error}")
        found = self._do(Unit(0, tuple(items.values())), attempts) if items else []
        for (place, item), result in zip(items.items(), found, strict=True):
            results[place] = _told(result, item.path, inputs[place].path)
        return [result for result in results if result is not None]

    def _do(self, unit: Unit, attempts: Attempts) -> list[Result]:
        try:
            return self._units.do(unit)
        except ImportError:
            raise  # not the picture's fault, and no better in another process
        except Exception as error:
            attempts.failed(f"{type(error).__name__}: {error}")
            raise BrokenWorkerError(str(error)) from error


def _names(part: int, inputs: Sequence[Input]) -> list[str]:
    """Paths without ending for the results of a part, below the folder for all parts."""
    folder = part_name(part)
    files = [Path(_file_name(each.path)) for each in inputs]
    if inputs and inputs[0].frame is not None:
        return [f"{folder}/{file.stem}" for file in files]
    return [f"{folder}/{name}" for name in output_names(files)]


def _file_name(path: str) -> str:
    try:
        return file_name(path)
    except ValueError:
        return "unnamed"  # it is fetched under its own name or not at all, and nothing is written


def _item(each: Input, name: str, copy: Path | None = None) -> Item:
    """An input as what to look at; ``copy`` is where it is on this machine."""
    path = copy or Path(each.path)
    if each.frame is None:
        return Item(path, name)
    return clip_items(path, name, [ClipFrame(each.frame, each.pts, each.time_s or 0.0)])[0]


def _told(result: Result, path: Path, address: str) -> Result:
    """A failure names the input as its owner knows it, not as a copy of it."""
    if isinstance(result, Failure):
        return Failure(result.message.replace(str(path), address))
    return result
