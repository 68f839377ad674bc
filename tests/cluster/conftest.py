"""What the tests on a Ray cluster share."""

import os
from pathlib import Path

import pytest
from two_nodes import two_nodes


@pytest.fixture(scope="session", autouse=True)
def _workers_can_be_poisoned():
    """Workers inherit the environment, and so the hook in ``poison``."""
    paths = [str(Path(__file__).parent / "poison"), os.environ.get("PYTHONPATH", "")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        yield


@pytest.fixture(scope="session")
def nodes():
    """A cluster of two nodes; who takes one away gives another one back."""
    from comfyui_sapiens_pose.commands.ray_batch.cluster import load_ray

    load_ray()
    cluster = two_nodes()
    yield cluster
    cluster.shutdown()
