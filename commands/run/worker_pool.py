"""Does chunks in several processes, each with its own model.

Every worker has its own pipe and gets a chunk when it has done the last one, so that a fast device
does more of them, and a worker that crashes takes nothing with it that others wait for.

Libraries were tried with one of two workers killed in the middle of 12 tasks:
``concurrent.futures.ProcessPoolExecutor`` (Python 3.11) and loky 3.7 failed all tasks that were not
done, ended the other worker, whose model was loaded, and took no more tasks;
``multiprocessing.Pool`` (Python 3.11) never answered for the killed worker's task nor said that
there was one. None of them gives a worker that replaces another its device, or tells how far a task
is.
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
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any

from ...skeletons.foundation.checks import first_line
from ..failures import Cause
from ..stop_signals import STOP_SIGNALS, stop_signals_held
from .chunks import Chunk, Failure, Item, Result, decode_results, encode_results
from .crash_rule import CrashRule, is_own_fault

if TYPE_CHECKING:
    from .chunk_worker import OnProgress, WorkSettings

log = logging.getLogger(__name__)

SECONDS_TO_END = 5.0
"""Time that a worker has to end when it is told to, in seconds; then it is killed."""


class WorkerError(RuntimeError):
    """Workers cannot be started."""


@dataclass(frozen=True)
class _Task:
    """What a worker does at a time.

    Attributes:
        whole: a chunk of the run.
        items: those of its images that are left.
        is_alone: the one image is tried alone, because workers crashed at the chunk.
    """

    whole: Chunk
    items: tuple[Item, ...]
    is_alone: bool = False

    @property
    def chunk(self) -> Chunk:
        return replace(self.whole, items=self.items)


@dataclass(eq=False)
class _Worker:
    device: str
    process: BaseProcess
    pipe: Connection
    is_ready: bool = False
    task: _Task | None = None
    num_shown: int = 0  # images of the task that were reported as done
    reading: int | None = None  # which of its images is just being read
    error: str = ""  # what it said before it ended


@dataclass
class WorkerPool:
    """Workers on some devices.

    Args:
        settings: of the work.
        devices: one for each worker; a device may be named several times.
        on_progress: called with the number of images that were done since the last call, which is
            negative when a worker crashed in the middle of some.
    """

    settings: WorkSettings
    devices: Sequence[str]
    on_progress: OnProgress | None = None
    _workers: list[_Worker] = field(default_factory=list)
    _waiting: deque[_Task] = field(default_factory=deque)
    _crashes: CrashRule = field(default_factory=CrashRule)
    _known: dict[int, dict[Item, Result]] = field(default_factory=dict)

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

    def run(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, list[Result]]]:
        """Each chunk with its results, in the order in which they get done.

        When a worker crashes, ``crash_rule`` decides what is done again, and what is given up and a
        ``Failure``.

        Raises:
            WorkerError: no worker can be started.
            ValueError, OSError: what a worker says that the settings cannot be used for.
        """
        source = iter(chunks)
        while True:
            self._hand_out(source)
            if not any(worker.task for worker in self._workers):
                return
            yield from self._receive()

    def _hand_out(self, source: Iterator[Chunk]) -> None:
        """Gives a task to every worker without one; starts a worker when there is one for it."""
        idle = [worker for worker in self._workers if not worker.task]
        missing = Counter(self.devices) - Counter(worker.device for worker in self._workers)
        for index in range(len(idle) + missing.total()):
            if not self._waiting:
                chunk = next(source, None)
                if chunk is None:
                    return
                self._waiting.append(_Task(chunk, chunk.items))
            worker = idle[index] if index < len(idle) else self._start(_take_device(missing))
            worker.task = self._waiting.popleft()
            if worker.is_ready:
                _send(worker.pipe, worker.task.chunk)

    def _receive(self) -> Iterator[tuple[Chunk, list[Result]]]:
        """Waits for messages of workers; yields the chunks that are done by them."""
        by_pipe: dict[Any, _Worker] = {worker.pipe: worker for worker in self._workers}
        for pipe in wait(list(by_pipe)):
            worker = by_pipe[pipe]
            try:
                kind, value = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._handle_crash(worker)
                continue
            if kind == "ready":
                worker.is_ready = True
                if worker.task:
                    _send(worker.pipe, worker.task.chunk)
            elif kind == "unusable":
                raise value
            elif kind == "broken":
                worker.error = value
            elif kind == "reading":
                worker.reading = value
            elif kind == "progress":
                self._show(worker, value)
            elif worker.task:
                task, worker.task = worker.task, None
                self._show(worker, len(task.chunk.items))
                worker.num_shown = 0
                yield from self._finish(task, decode_results(value))

    def _show(self, worker: _Worker, num_done: int) -> None:
        if self.on_progress and num_done != worker.num_shown:
            self.on_progress(num_done - worker.num_shown)
        worker.num_shown = num_done

    def _finish(self, task: _Task, results: list[Result]) -> Iterator[tuple[Chunk, list[Result]]]:
        """Yields a chunk whose results are complete."""
        whole = task.whole
        known = self._known.setdefault(whole.number, {})
        known.update(zip(task.items, results, strict=True))
        if len(known) == len(whole.items):
            del self._known[whole.number]
            yield whole, [known[item] for item in whole.items]

    def _handle_crash(self, worker: _Worker) -> Iterator[tuple[Chunk, list[Result]]]:
        """Removes a worker whose process has ended, and decides what is done with its task."""
        worker.process.join()
        code = worker.process.exitcode
        if not worker.is_ready:
            raise WorkerError(
                f"A worker on {worker.device} ended before its model was loaded (exit code "
                f"{code}); is there enough memory for one model per worker?"
            )
        self._workers.remove(worker)
        worker.pipe.close()
        if worker.task is None:
            return
        self._show(worker, 0)
        task = worker.task
        culprit = _find_culprit(worker, task)
        near = (culprit or task.items[0]).image_path
        log.warning("A worker on %s died (exit code %s) near %s.", worker.device, code, near)
        if culprit:
            self._show(worker, 1)
            reason = worker.error or f"the worker that looked at it died (exit code {code})."
            given_up = replace(task, items=(culprit,))
            yield from self._finish(given_up, [Failure(f"{near}: {reason}", Cause.CRASH)])
            rest = tuple(item for item in task.items if item != culprit)
            if rest:
                self._waiting.append(replace(task, items=rest))
            return
        self._crashes.record(task.whole.number)
        if self._crashes.is_one_by_one(task.whole.number):
            self._waiting.extend(_Task(task.whole, (item,), True) for item in task.items)
        else:
            self._waiting.append(task)

    def _start(self, device: str) -> _Worker:
        context = _context_of_workers()
        ours, theirs = context.Pipe()
        arguments = (self.settings, device, self._num_threads(device), theirs)
        process = context.Process(target=_run_worker, args=arguments, daemon=True)
        with stop_signals_held():
            process.start()
            theirs.close()
            self._workers.append(_Worker(device, process, ours))
        return self._workers[-1]

    def _num_threads(self, device: str) -> int:
        """Threads of a worker: those that share the processor share its cores; 0 = PyTorch's."""
        on_processor = sum(name == "cpu" for name in self.devices)
        return max(1, num_cores() // max(1, on_processor)) if device == "cpu" else 0


def _context_of_workers() -> SpawnContext | ForkServerContext:
    """What starts the processes of workers.

    On Linux they are forked off a process that has imported PyTorch and runs nothing, so that a
    worker that replaces another begins 3 seconds of processor time earlier. Elsewhere each starts
    anew: forks are not safe on macOS, and Windows has none.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__package__}.chunk_worker"])
    return context


def num_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _find_culprit(worker: _Worker, task: _Task) -> Item | None:
    """The image that a worker surely crashed at; None if it may have been another one."""
    if task.is_alone:
        return task.items[0]
    is_reading = worker.reading is not None and is_own_fault(worker.process.exitcode)
    return task.items[worker.reading] if is_reading and worker.reading is not None else None


def _take_device(missing: Counter[str]) -> str:
    """The device of which most workers are missing, counted down."""
    ((device, _),) = missing.most_common(1)
    missing[device] -= 1
    return device


def _send(pipe: Connection, message: Any) -> None:
    try:
        pipe.send(message)
    except OSError:
        log.debug("The worker has crashed already; that is seen when its pipe is read.")


def _run_worker(settings: WorkSettings, device: str, num_threads: int, pipe: Connection) -> None:
    """What the process of a worker runs."""
    # Signals of a terminal reach every process; the first one decides and ends the others.
    for number in STOP_SIGNALS:
        signal.signal(number, _exit_once if number == signal.SIGTERM else signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        _serve(settings, device, num_threads, pipe)
    finally:
        # What ends by itself is not to be ended: Python would tell of that on the terminal.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _serve(settings: WorkSettings, device: str, num_threads: int, pipe: Connection) -> None:
    """Loads the model, then does chunks until the pipe is closed."""
    import torch

    from ...sapiens_core.out_of_memory import OutOfMemory
    from .chunk_worker import ChunkWorker

    if num_threads:
        torch.set_num_threads(num_threads)
    try:
        worker = ChunkWorker(settings, device)
    except (ValueError, OSError, ImportError, OutOfMemory) as error:
        pipe.send(("unusable", _make_plain(error)))
        return
    try:
        pipe.send(("ready", None))
        while True:
            chunk: Chunk = pipe.recv()
            results = worker.process(
                chunk,
                lambda num_done: pipe.send(("progress", num_done)),
                lambda index: pipe.send(("reading", index)),
            )
            pipe.send(("results", encode_results(results)))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        log.debug("The process that this worker belongs to has ended.")
    except Exception as error:  # it may have spoilt the device
        pipe.send(("broken", f"{type(error).__name__}: {first_line(error)}"))
        sys.exit(1)


def _exit_once(*_: object) -> None:
    """Ends the process so that it removes its temporary files; a second signal has no effect."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


def _make_plain(error: Exception) -> Exception:
    """The error as one of a type that every process knows."""
    for kind in (FileNotFoundError, OSError, ValueError, ImportError):
        if isinstance(error, kind):
            return kind(str(error))
    return RuntimeError(str(error))
