"""Does a shard of a batch: in a test, in an actor of a cluster, and again after a crash."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow.parquet as pq
import torch

from ...sapiens_core.checkpoints.shards import checkpoint_sha256
from ...skeletons.foundation.checks import first_line
from ..failures import Cause, PlaceError
from ..remote.time_limits import TimeLimits
from ..run.chunk_worker import ChunkWorker, WorkSettings
from ..run.chunks import CHUNK_SIZE, Chunk, Failure, Item, Result
from ..run.resume_store import remove_leftovers
from ..run.worker_pool import WorkerPool
from .addresses import Place
from .crash_log import CrashLog
from .fetching import Fetcher
from .layout import Layout, read_shard, shard_name
from .shard_items import find_long_results, make_item, name_results
from .tables import Input, make_inputs_table, make_people_table, write_table

log = logging.getLogger(__name__)


class BrokenWorkerError(Exception):
    """An error that may have spoilt the device; another process should go on."""


@dataclass(frozen=True)
class Job:
    """What every worker of a batch knows.

    Attributes:
        layout: of the output folder.
        work: which network, and what to do with it; files go into the layout's ``files``.
        sha256: of the weights; a machine with other weights refuses to work.
        version: of this program.
        places: the file systems behind the addresses that the user typed, as the user configures
            them.
        limits: how long to wait for a file behind an address.
        run: names the run, so that crashes of another one are told from its own.
    """

    layout: Layout
    work: WorkSettings
    sha256: str
    version: str
    places: tuple[Place, ...] = ()
    limits: TimeLimits = field(default_factory=TimeLimits)
    run: str = ""


@dataclass(frozen=True)
class ShardSummary:
    """What a shard came to.

    Attributes:
        shard: its number.
        inputs: number of its inputs.
        people: number of people in them.
        errors: number of inputs that failed.
        first_error: why the first of those failed; empty if none did.
    """

    shard: int
    inputs: int
    people: int
    errors: int
    first_error: str


class ShardWorker:
    """A loaded network that does shards.

    Args:
        job: what they belong to.
        device: where the network runs.

    Raises:
        PlaceError: a file that the run began with is not here: the worker is to be loaded later.
        ValueError: the weights cannot be used, or are not those of the manifest.
        ImportError: a library is missing.
        OutOfMemory: the models do not fit.
    """

    def __init__(self, job: Job, device: str) -> None:
        self._job, self._device = job, device
        self._chunk_worker: ChunkWorker | None = None
        self._guard: WorkerPool | None = None
        with _place_at_fault("A worker cannot start"):
            weights = job.work.model.weights
            if checkpoint_sha256(weights) != job.sha256:
                raise ValueError(
                    f"{weights} differs from the file of that name the run began with."
                )
            self._chunk_worker = ChunkWorker(job.work, device)
            self._plan = pq.ParquetFile(job.layout.plan)
        self._fetcher = Fetcher(job.limits)

    def process(self, shard: int) -> ShardSummary:
        """Does a shard and writes its tables, that of the inputs last.

        Raises:
            BrokenWorkerError: the process should end; the next one will know where this one was.
            PlaceError: a disk, share or server fails, or memory: the shard is to be done later.
            RuntimeError: too many workers crashed at the shard, none of them at an image.
        """
        try:
            return self._process(shard)
        except PlaceError:
            self._postpone(shard)
            raise
        except OSError as error:  # inputs that fail are rows: this is the output folder
            self._postpone(shard)
            folder, reason = self._job.layout.folder, error.strerror or error
            raise PlaceError(
                f"{shard_name(shard)} in {folder} is not finished: {reason}."
            ) from error
        except MemoryError as error:
            self._postpone(shard)
            raise PlaceError(f"Memory ran out at {shard_name(shard)}.") from error

    def _postpone(self, shard: int) -> None:
        """What is on file about the shard's workers stays; this one did not crash."""
        with suppress(OSError):
            CrashLog.postpone(self._job.layout.crash_log(shard))

    def _process(self, shard: int) -> ShardSummary:
        layout = self._job.layout
        crashes = CrashLog(layout.crash_log(shard), self._job.run)
        inputs = read_shard(self._plan, shard)
        names = name_results(shard, inputs, self._job.places)
        if not crashes.is_first:
            self._remove_leftovers(shard, inputs, names)
        with self._guarded() if crashes.is_guarded else nullcontext():
            results = self._find_poses(inputs, names, crashes)
        crashes.begin_writing()
        model, version = self._job.work.model.weights.name, self._job.version
        write_table(layout.people(shard), make_people_table(inputs, results, model, version))
        write_table(layout.inputs(shard), make_inputs_table(inputs, results))
        crashes.finish()
        errors = [result.message for result in results if isinstance(result, Failure)]
        num_people = sum(len(result.poses) for result in results if not isinstance(result, Failure))
        return ShardSummary(
            shard, len(inputs), num_people, len(errors), errors[0] if errors else ""
        )

    def _remove_leftovers(self, shard: int, inputs: Sequence[Input], names: Sequence[str]) -> None:
        """A worker that crashed could not remove what it was writing."""
        layout, outputs = self._job.layout, self._job.work.outputs
        items = [make_item(row, name) for row, name in zip(inputs, names, strict=True)]
        files = [path for item in items for path in outputs.paths(layout.files / item.name)]
        remove_leftovers([layout.people(shard), layout.inputs(shard), *files])

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Images are looked at in another process, so that this one survives what kills it.

        Its model takes the place of the one here.
        """
        self._close_chunk_worker()
        with WorkerPool(self._job.work, [self._device]) as self._guard:
            try:
                yield
            finally:
                self._guard = None

    def _close_chunk_worker(self) -> None:
        if self._chunk_worker:
            self._chunk_worker.close()
        self._chunk_worker = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _find_poses(
        self, inputs: Sequence[Input], names: Sequence[str], crashes: CrashLog
    ) -> list[Result]:
        results: list[Result] = []
        for start in range(0, len(inputs), CHUNK_SIZE):
            stop = min(start + CHUNK_SIZE, len(inputs))
            crashes.begin(start)
            results += self._find_together(start, inputs[start:stop], names[start:stop], crashes)
        return results

    def _find_together(
        self, start: int, inputs: Sequence[Input], names: Sequence[str], crashes: CrashLog
    ) -> list[Result]:
        """The results of one chunk; an input that cannot be fetched is a failure of its own."""
        files = [row.locate(self._job.places) for row in inputs]
        self._fetcher.keep_only(set(files))
        too_long = find_long_results(inputs, names, self._job.work.outputs, self._job.layout)
        results: dict[int, Result] = {}
        items: dict[int, Item] = {}
        for index, (row, name) in enumerate(zip(inputs, names, strict=True)):
            reason = crashes.why_given_up(start + index) or too_long.get(index)
            if reason:
                results[index] = Failure(reason)
                continue
            try:
                items[index] = make_item(row, name, self._fetcher.fetch(files[index], files))
            except PlaceError:
                raise
            except (ValueError, OSError) as error:
                results[index] = Failure(_with_name(str(error), row.path))
        chunk = Chunk(start, tuple(items.values()))
        found = self._process_chunk(chunk) if items else []
        for (index, item), result in zip(items.items(), found, strict=True):
            results[index] = _name_input(result, item.path, inputs[index].path)
        for index, result in results.items():
            if isinstance(result, Failure) and result.cause is Cause.CRASH:
                crashes.give_up(start + index, result.message)
        for result in results.values():
            if isinstance(result, Failure) and result.cause in (Cause.PLACE, Cause.MEMORY):
                raise PlaceError(result.message)
        return [results[index] for index in range(len(inputs))]

    def _process_chunk(self, chunk: Chunk) -> list[Result]:
        try:
            with _place_at_fault("A worker cannot start again"):
                if self._guard:
                    return next(results for _, results in self._guard.run([chunk]))
                if self._chunk_worker is None:  # a guard had taken its place
                    self._chunk_worker = ChunkWorker(self._job.work, self._device)
            return self._chunk_worker.process(chunk)
        except (ImportError, PlaceError):
            raise  # not the image's fault, and no better in another process
        except Exception as error:
            raise BrokenWorkerError(str(error)) from error


@contextmanager
def _place_at_fault(what: str) -> Iterator[None]:
    """A share is at fault where a worker lacks a file: it was there when the run began."""
    try:
        yield
    except PlaceError:
        raise
    except OSError as error:
        is_of_the_system = error.filename and error.strerror
        reason = f"{error.filename}: {error.strerror}." if is_of_the_system else first_line(error)
        raise PlaceError(f"{what}: {reason}") from error


def _with_name(message: str, path: str) -> str:
    return message if message.startswith(path) else f"{path}: {message}"


def _name_input(result: Result, path: Path, address: str) -> Result:
    """A failure that names the input as its owner knows it, and not the copy of it."""
    if isinstance(result, Failure):
        return replace(result, message=result.message.replace(str(path), address))
    return result
