"""Hands out the shards of a batch to actors of a Ray cluster, and replaces actors that die.

An actor gets a shard when it has done the last one. Only the numbers of shards travel out and only
summaries travel back; images and results go between actors and disk, and disk tells what is done.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...skeletons.foundation.checks import first_line
from ..failures import PlaceError
from ..patience import Patience
from .cluster import ActorResources
from .shard import BrokenWorkerError, Job, ShardSummary, ShardWorker

log = logging.getLogger(__name__)

MAX_START_CRASHES = 3
"""Number of actors that may die in a row while they start, in which nothing else gets done: one may
be a machine that was switched off."""


class ShardActor:
    """A ``ShardWorker`` in a process of a cluster."""

    def load(self, job: Job, device: str) -> None:
        """Loads the network; raises as ``ShardWorker`` does."""
        logging.basicConfig(level=logging.INFO, format="%(message)s")
        self._worker = ShardWorker(job, device)

    def process(self, shard: int) -> ShardSummary:
        """Does a shard; raises as ``ShardWorker`` does."""
        return self._worker.process(shard)


@dataclass(frozen=True)
class _Call:
    """What an actor is busy with, and since when: a shard, or loading the network."""

    actor: Any
    shard: int | None
    begun_s: float = field(default_factory=time.monotonic)


class _Pause(NamedTuple):
    """Until when an actor waits for a place, and whether it has loaded the network."""

    until_s: float
    actor: Any
    is_loaded: bool


@dataclass
class ActorPool:
    """Actors on the machines of a cluster.

    Args:
        ray: the module, connected.
        job: what the shards belong to.
        resources: how many actors, and what each gets.
        patience: with disks, shares and servers that fail.
    """

    ray: Any
    job: Job
    resources: ActorResources
    patience: Patience
    _waiting: deque[int] = field(default_factory=deque)
    _calls: dict[Any, _Call] = field(default_factory=dict)
    _num_start_crashes: int = 0
    _pauses: list[_Pause] = field(default_factory=list)

    def run(self, shards: Iterable[int]) -> Iterator[ShardSummary]:
        """Has the shards done; yields the summary of each when it is done, in any order.

        A shard whose actor dies is done again by another one, which reads in the shard's crash log
        what the last one died at.

        A shard whose inputs or results cannot be reached is done again after all others; an actor
        that cannot reach the weights loads them again after a pause.

        Raises:
            RuntimeError: no actor can be started, or one says that it cannot go on.
            PlaceError: nothing has succeeded any more, and patience has ended.
        """
        self._waiting.extend(shards)
        try:
            while self._start_missing_actors():
                self._wake_actors()
                if not self._calls:
                    time.sleep(self._seconds_to_wake() or 0.0)
                    continue
                timeout = self._seconds_to_wake()
                for answer in self.ray.wait(list(self._calls), timeout=timeout)[0]:
                    yield from self._receive(answer)
        except self.ray.exceptions.RayError as error:
            raise RuntimeError(f"The cluster cannot continue: {first_line(error)}") from error
        finally:
            actors = [call.actor for call in self._calls.values()]
            for actor in (*actors, *(pause.actor for pause in self._pauses)):
                self.ray.kill(actor)
            self._calls.clear()
            self._pauses.clear()

    def _start_missing_actors(self) -> bool:
        """Starts as many actors as there are shards for; returns whether any shard is left."""
        num_busy = sum(call.shard is not None for call in self._calls.values())
        num_left = num_busy + len(self._waiting)
        while len(self._calls) + len(self._pauses) < min(self.resources.num_actors, num_left):
            self._load(self._create_actor())
        return num_left > 0

    def _load(self, actor: Any) -> None:
        """Has an actor load the network."""
        device = "cuda" if self.resources.gpus else "cpu"
        self._calls[actor.load.remote(self.job, device)] = _Call(actor, None)

    def _create_actor(self) -> Any:
        options = {
            "num_gpus": self.resources.gpus,
            "num_cpus": self.resources.cpus,
            # Not restarted by Ray: it would wait, maybe for ever, for a machine such as the one
            # that went away, and send the shard to that actor alone.
            "max_restarts": 0,
            "max_task_retries": 0,
            "scheduling_strategy": "SPREAD",
        }
        return self.ray.remote(**options)(ShardActor).remote()

    def _receive(self, answer: Any) -> Iterator[ShardSummary]:
        """Yields the summary of a shard that is done, and gives its actor the next one."""
        call = self._calls.pop(answer)
        try:
            summary: ShardSummary | None = self.ray.get(answer)
        except self.ray.exceptions.RayTaskError as error:  # the actor is alive and says why
            if isinstance(error.cause, PlaceError):
                self._postpone(call, error.cause)
                return
            if not _is_crash(error.cause, call):
                self.ray.kill(call.actor)
                reason = f"{type(error.cause).__name__}: {error.cause}"
                raise RuntimeError(f"A worker cannot continue. {reason}") from error
            self._handle_crash(call, error.cause)
            return
        except self.ray.exceptions.RayError as error:  # the actor has died
            self._handle_crash(call, error)
            return
        self._num_start_crashes = 0
        if summary:
            self.patience.succeed()
        self._give_shard(call.actor)
        if summary:
            yield summary

    def _give_shard(self, actor: Any) -> None:
        """Gives an actor the next shard, or ends it if there is none."""
        if self._waiting:
            shard = self._waiting.popleft()
            self._calls[actor.process.remote(shard)] = _Call(actor, shard)
        else:
            self.ray.kill(actor)

    def _postpone(self, call: _Call, error: PlaceError) -> None:
        """Puts a shard behind all others, if it is one, and has its actor pause."""
        is_loaded = call.shard is not None
        if call.shard is not None:
            self._waiting.append(call.shard)
        may_end = all(self.patience.has_failed_since(other.begun_s) for other in self._busy)
        self._pauses.append(_Pause(time.monotonic(), call.actor, is_loaded))
        pause_s = self.patience.fail(str(error), may_end)
        self._pauses[-1] = _Pause(time.monotonic() + pause_s, call.actor, is_loaded)

    def _wake_actors(self) -> None:
        """Goes on with each actor whose pause is over."""
        now_s = time.monotonic()
        over = [pause for pause in self._pauses if pause.until_s <= now_s]
        self._pauses = [pause for pause in self._pauses if pause.until_s > now_s]
        for pause in over:
            if pause.is_loaded or not self._waiting:
                self._give_shard(pause.actor)
            else:
                self._load(pause.actor)

    def _seconds_to_wake(self) -> float | None:
        """Time until the first pause is over; None if nobody pauses."""
        first_s = min((pause.until_s for pause in self._pauses), default=None)
        return None if first_s is None else max(0.0, first_s - time.monotonic())

    @property
    def _busy(self) -> list[_Call]:
        return [call for call in self._calls.values() if call.shard is not None]

    def _handle_crash(self, call: _Call, error: Exception) -> None:
        self.ray.kill(call.actor)
        reason = _describe(error)
        if call.shard is not None:
            self._waiting.appendleft(call.shard)
            log.warning("A worker stopped unexpectedly; retrying its shard: %s", reason)
            return
        self._num_start_crashes += 1
        if self._num_start_crashes >= MAX_START_CRASHES:
            raise RuntimeError(
                f"{MAX_START_CRASHES} workers in a row died while they started: {reason}"
            )
        log.warning("A worker died while starting; starting another one: %s", reason)


def _describe(error: Exception) -> str:
    """The line of an error that says what happened; Ray's are long."""
    if getattr(error, "actor_init_failed", False):  # such as a machine without this package
        return str(error).rstrip().rpartition("\n")[2]
    return first_line(error)


def _is_crash(error: Exception, call: _Call) -> bool:
    """Whether another actor might do better where this one raised an error."""
    if call.shard is None:  # such as a GPU whose memory is full
        return not isinstance(error, (ValueError, OSError, ImportError))
    return isinstance(error, BrokenWorkerError)
