"""What the tests on a Ray cluster share."""

import os
from pathlib import Path

import pytest
from comfyui_sapiens_pose.commands.files.images import encode_png
from helpers.clips import pan
from two_nodes import two_nodes


@pytest.fixture(scope="session", autouse=True)
def _workers_can_be_poisoned():
    """Workers inherit the environment, and so the hook in ``poison``."""
    paths = [str(Path(__file__).parent / "poison"), os.environ.get("PYTHONPATH", "")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        yield


@pytest.fixture(scope="session")
def weights(root):
    return root / "miniature/sapiens_miniature_17.safetensors"


@pytest.fixture(scope="session", params=[20, pytest.param(300, marks=pytest.mark.slow)])
def photos(request, tmp_path_factory, weights):
    """A folder of pictures, and what a single process finds."""
    from test_ray import single

    folder = tmp_path_factory.mktemp("photos") / "in"
    folder.mkdir()
    for number in range(request.param):
        (folder / f"{number:03}.png").write_bytes(encode_png(pan(number, request.param)))
    return folder, single(folder, tmp_path_factory.mktemp("single"), weights)


@pytest.fixture(scope="session")
def nodes():
    """A cluster of two nodes; who takes one away gives another one back."""
    from comfyui_sapiens_pose.commands.ray_batch.cluster import load_ray

    load_ray()
    cluster = two_nodes()
    yield cluster
    cluster.shutdown()
