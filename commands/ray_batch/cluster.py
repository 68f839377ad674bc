"""Hands out the parts of a batch to the workers of a Ray cluster, through Ray Data.

Ray Data starts the workers, replaces those that go away, and sends no more parts than there are
workers to do them. Only the numbers of parts travel out and only summaries travel back; pictures
and results go between workers and disk, and disk tells what is done.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any

from .shard import BrokenWorkerError, Job, PartSummary, PartWorker

log = logging.getLogger(__name__)

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "1",
}
"""Set before Ray is loaded, unless the user has: nothing is sent anywhere, little is printed."""
OBJECT_STORE_BYTES = 128 << 20
"""Of a cluster started here: nothing but numbers of parts and summaries lies in it."""
CPUS_EACH = 4
"""Of a worker without a GPU, or all there are if they are fewer."""
SECONDS_TO_CONNECT = 10.0
BROKEN = 70
"""Exit code of a worker that asks to be replaced."""
FATAL = "fatal"
"""Column of what keeps a worker from doing any part; what it raises would only lose the part."""
INIT_DEATHS = 3
"""So many workers in a row may die while they start: their machine may have gone away."""


@dataclass(frozen=True)
class Share:
    """How many workers there are, and what each of them gets.

    Attributes:
        workers: on all machines together.
        gpus: of each; a fraction if several share one.
        cpus: of each.
    """

    workers: int
    gpus: float
    cpus: float


class Worker:
    """A ``PartWorker`` as Ray Data calls it: columns of parts in, columns of summaries out."""

    def __init__(self, job: Job, device: str) -> None:
        logging.basicConfig(level=logging.INFO, format="%(message)s")
        self._worker = PartWorker(job, device)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        try:
            summaries = [asdict(self._worker.do(int(part))) for part in batch["part"]]
        except BrokenWorkerError as error:
            log.error("This worker ends, another takes over: %s", error)
            os._exit(BROKEN)
        except (OSError, ValueError, ImportError) as error:
            return {FATAL: [f"{type(error).__name__}: {error}"]}
        return {name: [each[name] for each in summaries] for name in summaries[0]}


@contextmanager
def cluster(address: str) -> Iterator[Any]:
    """The module ``ray``, connected to a cluster, or to one that lives as long as the context.

    Args:
        address: ``local`` starts one on this machine, ``auto`` finds one that runs on it,
            anything else is the address of one, such as ``10.0.0.1:6379``.

    Raises:
        ImportError: Ray is not installed.
        ConnectionError: there is no such cluster.
    """
    ray = load_ray()
    options: dict[str, Any] = {"address": address}
    if address == "local":
        options |= {
            "include_dashboard": False,
            "object_store_memory": OBJECT_STORE_BYTES,
            "_node_ip_address": "127.0.0.1",
        }
    elif address != "auto":
        _require_reachable(address)
    on_terminate = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
    except Exception as error:  # Ray raises plain ones when a machine is too slow
        what = "Ray cannot be started" if address == "local" else f"No Ray cluster at {address}"
        raise ConnectionError(f"{what}: {error}") from error
    signal.signal(signal.SIGTERM, on_terminate)  # Ray's would end this process without a word
    try:
        yield ray
    finally:
        ray.shutdown()


def _require_reachable(address: str) -> None:
    """ConnectionError if nobody listens there; Ray itself would go on trying for minutes."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), SECONDS_TO_CONNECT).close()
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"There is no Ray cluster at {address}, expected one at an address such as "
            f"10.0.0.1:6379: {error}"
        ) from error


def load_ray() -> Any:
    """The module ``ray``, with ``ray.data`` loaded, made quiet.

    Raises:
        ImportError: it is not installed.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ImportError(
            "sapiens-pose batch needs Ray Data: pip install 'ray[data]', or install this package "
            "with [cluster]."
        ) from error
    return ray


def share_of(
    resources: dict[str, float], workers: int | None, gpus: float | None, cpus: float | None
) -> Share:
    """What each worker gets of a cluster's resources; what is None is chosen here.

    One worker for each GPU if there are any, else one for every ``CPUS_EACH`` cores.

    Raises:
        ValueError: a share makes no sense, or the cluster has too little for even one worker.
    """
    if (workers is not None and workers < 1) or (gpus or 0) < 0 or (cpus is not None and cpus <= 0):
        raise ValueError("--actors is expected to be 1 or more, and the share of each positive.")
    all_gpus, all_cpus = resources.get("GPU", 0.0), resources.get("CPU", 0.0)
    gpus = (1.0 if all_gpus else 0.0) if gpus is None else gpus
    cpus = (1.0 if gpus else min(float(CPUS_EACH), all_cpus)) if cpus is None else cpus
    if gpus > all_gpus or cpus > all_cpus:
        raise ValueError(
            f"A worker is to get {gpus:g} GPUs and {cpus:g} CPUs, but the cluster has {all_gpus:g} "
            f"and {all_cpus:g} in all. Change --gpus-per-actor or --cpus-per-actor."
        )
    fitting = [int(all_gpus / gpus)] if gpus else []
    fitting += [int(all_cpus / cpus)] if cpus else []
    return Share(workers or max(1, min(fitting, default=1)), gpus, cpus)


def do_parts(ray: Any, job: Job, parts: Sequence[int], share: Share) -> Iterator[PartSummary]:
    """Has the parts done; summaries as they come, in no order.

    A part whose worker or machine goes away gives none.

    Raises:
        RuntimeError: no worker can be started, or one cannot write.
    """
    configure(ray)
    rows = [{"part": part} for part in parts]
    with warnings.catch_warnings():
        # There is no other way yet to say max_restarts.
        warnings.filterwarnings("ignore", message=".*ray_remote_args.*")
        summaries = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            Worker,
            fn_constructor_args=[job, "cuda" if share.gpus else "cpu"],
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(
                size=min(share.workers, len(rows)), max_tasks_in_flight_per_actor=1
            ),
            num_gpus=share.gpus,
            num_cpus=share.cpus,
            # Ray would send a part to the restarted worker alone, which may wait for ever for a
            # machine such as the one that went away.
            max_restarts=0,
            max_task_retries=0,
        )
    try:
        for row in summaries.iter_rows():
            if row.get(FATAL):
                raise RuntimeError(f"A worker cannot go on. {row[FATAL]}")
            yield PartSummary(**{each.name: row[each.name] for each in fields(PartSummary)})
    except ray.exceptions.RayError as error:
        raise RuntimeError(f"The workers cannot go on: {_cause(error)}") from error


def configure(ray: Any) -> None:
    """Sets up Ray Data for workers that may die."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.max_errored_blocks = -1
    context.max_consecutive_actor_init_deaths = INIT_DEATHS
    # It shows the inside of Ray for each worker that dies.
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)


def _cause(error: BaseException) -> str:
    """The last line of what a worker said."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__
