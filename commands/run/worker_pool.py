"""Does units in processes of their own, each with a model of its own.

Every worker has its own pipe and gets a unit when it has done the last one, so that a fast device
does more of them, and one that dies takes nothing with it that others wait for.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, Any

from ..stop_signals import STOP_SIGNALS, stop_signals_held
from .chunks import Failure, Item, Result, Unit, decode_results, encode_results

if TYPE_CHECKING:
    from .chunk_worker import OnPictures, WorkSettings

log = logging.getLogger(__name__)

ATTEMPTS = 2
"""Workers that a unit may bring down before its pictures are looked at one by one."""
SECONDS_TO_END = 5.0
"""A worker that is told to end and does not is killed after so long."""


class WorkerError(RuntimeError):
    """Workers cannot be started."""


@dataclass(eq=False)
class _Task:
    """A unit, or a picture of one that brought workers down.

    Attributes:
        unit: what to do.
        whole: the unit of a run that it belongs to.
        failed: workers that it brought down.
    """

    unit: Unit
    whole: Unit
    failed: int = 0


@dataclass(eq=False)
class _Worker:
    device: str
    process: SpawnProcess
    pipe: Connection
    ready: bool = False
    task: _Task | None = None
    shown: int = 0  # pictures of the task that were reported as done


@dataclass
class WorkerPool:
    """Workers on some devices.

    Args:
        settings: of the work.
        devices: one for each worker; a device may be named several times.
        on_pictures: called with the pictures that were done since the last call; the number is
            negative when a worker died in the middle of some.
    """

    settings: WorkSettings
    devices: Sequence[str]
    on_pictures: OnPictures | None = None
    _workers: list[_Worker] = field(default_factory=list)
    _waiting: deque[_Task] = field(default_factory=deque)
    _pieces: dict[int, dict[Item, Result]] = field(default_factory=dict)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(SECONDS_TO_END)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers.clear()

    def run(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, list[Result]]]:
        """Each unit with its results, in the order in which they get done.

        A unit whose worker dies is done once more by another one. If that dies too, its pictures
        are done one by one, and the one that brings down a worker is a ``Failure``.

        Raises:
            WorkerError: no worker can be started.
            ValueError, OSError: what a worker says that the settings cannot be used for.
        """
        source = iter(units)
        while True:
            self._hand_out(source)
            if not any(worker.task for worker in self._workers):
                return
            yield from self._collect()

    def _hand_out(self, source: Iterator[Unit]) -> None:
        """Work for everybody who has none; a worker is started when there is some for it."""
        idle = [worker for worker in self._workers if not worker.task]
        missing = Counter(self.devices) - Counter(worker.device for worker in self._workers)
        for place in range(len(idle) + missing.total()):
            if not self._waiting:
                unit = next(source, None)
                if unit is None:
                    return
                self._waiting.append(_Task(unit, unit))
            worker = idle[place] if place < len(idle) else self._start(_first(missing))
            worker.task = self._waiting.popleft()
            if worker.ready:
                _send(worker.pipe, worker.task.unit)

    def _collect(self) -> Iterator[tuple[Unit, list[Result]]]:
        by_pipe: dict[Any, _Worker] = {worker.pipe: worker for worker in self._workers}
        for pipe in wait(list(by_pipe)):
            worker = by_pipe[pipe]
            try:
                kind, value = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._replace(worker)
                continue
            if kind == "ready":
                worker.ready = True
                if worker.task:
                    _send(worker.pipe, worker.task.unit)
            elif kind == "unusable":
                raise value
            elif kind == "pictures":
                self._show(worker, value)
            elif worker.task:
                task, worker.task = worker.task, None
                self._show(worker, len(task.unit.items))
                worker.shown = 0
                yield from self._done(task, decode_results(value))

    def _show(self, worker: _Worker, pictures: int) -> None:
        if self.on_pictures and pictures != worker.shown:
            self.on_pictures(pictures - worker.shown)
        worker.shown = pictures

    def _done(self, task: _Task, results: list[Result]) -> Iterator[tuple[Unit, list[Result]]]:
        if task.unit is task.whole:
            yield task.whole, results
            return
        pieces = self._pieces.setdefault(task.whole.number, {})
        pieces.update(zip(task.unit.items, results, strict=True))
        if len(pieces) == len(task.whole.items):
            del self._pieces[task.whole.number]
            yield task.whole, [pieces[item] for item in task.whole.items]

    def _replace(self, worker: _Worker) -> Iterator[tuple[Unit, list[Result]]]:
        """What becomes of a dead worker's task."""
        worker.process.join()
        if not worker.ready:
            raise WorkerError(
                f"A worker on {worker.device} ended before its model was loaded (exit code "
                f"{worker.process.exitcode}); is there memory for one model a worker?"
            )
        self._workers.remove(worker)
        worker.pipe.close()
        if worker.task is None:
            return
        task = worker.task
        task.failed += 1
        self._show(worker, 0)
        code = worker.process.exitcode
        first = task.unit.items[0].picture_path
        log.warning("A worker on %s died (exit code %s) near %s.", worker.device, code, first)
        if len(task.unit.items) == 1 and task.failed >= ATTEMPTS:
            self._show(worker, 1)
            failure = Failure(f"{first}: the worker that looked at it died (exit code {code}).")
            yield from self._done(task, [failure])
        elif task.failed >= ATTEMPTS:
            self._waiting.extend(
                _Task(replace(task.unit, items=(item,)), task.whole, ATTEMPTS - 1)
                for item in task.unit.items
            )
        else:
            self._waiting.append(task)

    def _start(self, device: str) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        arguments = (self.settings, device, self._num_threads(device), theirs)
        process = context.Process(target=_work, args=arguments, daemon=True)
        with stop_signals_held():
            process.start()
            theirs.close()
            self._workers.append(_Worker(device, process, ours))
        return self._workers[-1]

    def _num_threads(self, device: str) -> int:
        """Threads of a worker: those that share the processor share its cores."""
        on_processor = sum(each == "cpu" for each in self.devices)
        return max(1, num_cores() // max(1, on_processor)) if device == "cpu" else 0


def num_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _first(missing: Counter[str]) -> str:
    """A device of which most workers are missing, taken out."""
    ((device, _),) = missing.most_common(1)
    missing[device] -= 1
    return device


def _send(pipe: Connection, message: Any) -> None:
    try:
        pipe.send(message)
    except OSError:
        log.debug("The worker is dead already; that is seen when its pipe is read.")


def _work(settings: WorkSettings, device: str, num_threads: int, pipe: Connection) -> None:
    """A worker's life."""
    # Signals of a terminal reach every process; the first one decides and ends the others.
    for number in STOP_SIGNALS:
        signal.signal(number, _end if number == signal.SIGTERM else signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        _serve(settings, device, num_threads, pipe)
    finally:
        # What ends by itself is not to be ended: Python would tell of that on the terminal.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _serve(settings: WorkSettings, device: str, num_threads: int, pipe: Connection) -> None:
    """Loads the model, then does units until there are no more."""
    import torch

    from ...sapiens_core.out_of_memory import OutOfMemory
    from .chunk_worker import UnitWorker

    if num_threads:
        torch.set_num_threads(num_threads)
    try:
        worker = UnitWorker(settings, device)
    except (ValueError, OSError, ImportError, OutOfMemory) as error:
        pipe.send(("unusable", _plain(error)))
        return
    try:
        pipe.send(("ready", None))
        while True:
            unit: Unit = pipe.recv()
            results = worker.do(unit, lambda pictures: pipe.send(("pictures", pictures)))
            pipe.send(("results", encode_results(results)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        log.debug("Nobody is there to work for.")


def _end(*_: object) -> None:
    """Ends the process, once, so that it removes its temporary files."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


def _plain(error: Exception) -> Exception:
    """An error of a kind that every process knows."""
    for kind in (FileNotFoundError, OSError, ValueError, ImportError):
        if isinstance(error, kind):
            return kind(str(error))
    return RuntimeError(str(error))
