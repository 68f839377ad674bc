"""A Ray cluster of two nodes on this machine, and what a batch on it is compared with.

Addresses are of the loopback network; Ray would exchange 127.0.0.1 itself for an outer one.
"""

import os

import pytest

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[cluster]'")

HEAD, OTHER = "127.0.0.2", "127.0.0.3"
STORE_BYTES = 100 << 20


@pytest.fixture(scope="session", autouse=True)
def _workers_find_the_tests(tmp_path_factory):
    """Workers inherit the environment, and so the hooks of ``poison``."""
    from comfyui_sapiens_pose.commands.batch_ray import QUIET

    folder = os.path.dirname(__file__)
    os.environ.update(QUIET, PYTHONPATH=f"{folder}/poison")
    yield
    del os.environ["PYTHONPATH"]


@pytest.fixture(scope="session")
def nodes():
    """The cluster; a test may take a node away, but gives another one back."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": STORE_BYTES}
    cluster = Cluster(
        initialize_head=True,
        head_node_args={**node, "node_ip_address": HEAD, "include_dashboard": False},
    )
    cluster.add_node(**node, node_ip_address=OTHER)
    yield cluster
    cluster.shutdown()
