"""A Ray cluster of two nodes on this machine.

Addresses are of the loopback network; Ray would exchange 127.0.0.1 itself for an outer one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

HEAD, OTHER = "127.0.0.2", "127.0.0.3"
NODE = {"num_cpus": 1, "object_store_memory": 100 << 20}


def two_nodes() -> Cluster:
    """A head with one core, and another node with one."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True,
        head_node_args={**NODE, "node_ip_address": HEAD, "include_dashboard": False},
    )
    add_other(cluster)
    return cluster


def add_other(cluster: Cluster) -> None:
    """Adds the other node."""
    cluster.add_node(**NODE, node_ip_address=OTHER)
