"""What each actor gets of a cluster."""

import pytest
from comfyui_sapiens_pose.commands.ray_batch.cluster import divide_resources


@pytest.mark.parametrize(
    ("resources", "asked", "expected"),
    [
        ({}, (None, None, None), (1, 0, 0)),
        ({"CPU": 2}, (None, None, None), (1, 0, 2)),
        ({"CPU": 16}, (None, None, None), (4, 0, 4)),
        ({"CPU": 16, "GPU": 2}, (None, None, None), (2, 1, 1)),
        ({"CPU": 16, "GPU": 2}, (None, 0.5, None), (4, 0.5, 1)),
        ({"CPU": 3, "GPU": 2}, (None, 0.5, None), (3, 0.5, 1)),
        ({"CPU": 16, "GPU": 2}, (None, 0, 1), (16, 0, 1)),
        ({"CPU": 2}, (7, 0, 0.25), (7, 0, 0.25)),
    ],
)
def test_actors_share_a_cluster(resources, asked, expected):
    found = divide_resources(resources, *asked)
    assert (found.num_actors, found.gpus, found.cpus) == expected


@pytest.mark.parametrize("asked", [(None, 3, None), (None, None, 17)])
def test_more_than_there_is_is_refused(asked):
    with pytest.raises(ValueError, match="Change --gpus-per-actor or --cpus-per-actor"):
        divide_resources({"CPU": 16, "GPU": 2}, *asked)


@pytest.mark.parametrize("asked", [(0, None, None), (None, -1, None), (None, None, 0)])
def test_nothing_is_refused(asked):
    with pytest.raises(ValueError, match="--actors must be 1 or more"):
        divide_resources({"CPU": 16, "GPU": 2}, *asked)
