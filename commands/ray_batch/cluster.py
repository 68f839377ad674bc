"""A Ray cluster: connecting to it, or starting one, and what each actor gets of it."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..stop_signals import Stopped

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "1",
}
"""Environment for Ray, set unless the user has set it: nothing is sent anywhere, little is
printed."""
OBJECT_STORE_BYTES = 128 << 20
"""Size of the object store of a cluster started here, in bytes; only numbers of shards and
summaries lie in it."""
CPUS_PER_ACTOR = 4
"""Number of cores of an actor without a GPU, or all there are if they are fewer."""
SECONDS_TO_CONNECT = 10.0


@dataclass(frozen=True)
class ActorResources:
    """How many actors there are, and what each of them gets.

    Attributes:
        num_actors: on all machines together.
        gpus: GPUs per actor; a fraction if several share one.
        cpus: cores per actor.
    """

    num_actors: int
    gpus: float
    cpus: float


@contextmanager
def connect(address: str) -> Iterator[Any]:
    """The module ``ray``, connected to a cluster, or to one that lives as long as the context.

    Args:
        address: ``local`` starts one on this machine, ``auto`` finds one that runs on it,
            anything else is the address of one, such as ``10.0.0.1:6379``.

    Raises:
        ImportError: Ray is not installed.
        ConnectionError: there is no such cluster.
        Stopped: a signal asks the program to stop while Ray starts.
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
        _check_reachable(address)
    on_terminate = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
    except SystemExit:  # Ray's handler, which it sets while it starts
        raise Stopped(signal.SIGTERM) from None
    except Exception as error:  # Ray raises plain ones when a machine is too slow
        what = "Ray cannot be started" if address == "local" else f"No Ray cluster at {address}"
        raise ConnectionError(f"{what}: {error}") from error
    signal.signal(signal.SIGTERM, on_terminate)  # Ray's would end this process without a word
    try:
        yield ray
    finally:
        ray.shutdown()


def _check_reachable(address: str) -> None:
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
    """The module ``ray``, made quiet.

    Raises:
        ImportError: it is not installed.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError as error:
        raise ImportError(
            "sapiens-pose batch needs Ray: pip install ray, or install this package with [cluster]."
        ) from error
    return ray


def divide_resources(
    resources: dict[str, float], num_actors: int | None, gpus: float | None, cpus: float | None
) -> ActorResources:
    """What each actor gets of a cluster's resources; what is None is chosen here.

    One actor for each GPU if there are any, else one for every ``CPUS_PER_ACTOR`` cores.

    Raises:
        ValueError: a number makes no sense, or the cluster has too little for even one actor.
    """
    is_too_few = num_actors is not None and num_actors < 1
    if is_too_few or (gpus or 0) < 0 or (cpus is not None and cpus <= 0):
        raise ValueError("--actors must be 1 or more, and the GPUs and cores of each positive.")
    all_gpus, all_cpus = resources.get("GPU", 0.0), resources.get("CPU", 0.0)
    gpus = (1.0 if all_gpus else 0.0) if gpus is None else gpus
    cpus = (1.0 if gpus else min(float(CPUS_PER_ACTOR), all_cpus)) if cpus is None else cpus
    if gpus > all_gpus or cpus > all_cpus:
        raise ValueError(
            f"A worker needs {gpus:g} GPUs and {cpus:g} CPUs, but the cluster has {all_gpus:g} "
            f"and {all_cpus:g} in all. Change --gpus-per-actor or --cpus-per-actor."
        )
    fitting = [int(all_gpus / gpus)] if gpus else []
    fitting += [int(all_cpus / cpus)] if cpus else []
    return ActorResources(num_actors or max(1, min(fitting, default=1)), gpus, cpus)
