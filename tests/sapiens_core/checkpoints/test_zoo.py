import gzip
import json

import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import (
    CHECKPOINTS,
    DEFAULT_SIZE,
    find_checkpoint,
    title,
)


def test_every_pair_of_size_and_keypoints_is_listed_once():
    pairs = [(row.size, row.num_keypoints) for row in CHECKPOINTS]
    assert len(set(pairs)) == len(pairs)


def test_file_names_are_those_of_the_reference():
    row = find_checkpoint("1b", 133)
    assert row.base_name == "sapiens_1b_coco_wholebody_best_coco_wholebody_AP_727.pth"
    assert row.url.startswith("https://huggingface.co/noahcao/sapiens-pose-coco/resolve/main/")
    assert find_checkpoint("0.3b", 308).older_names == (
        "sapiens_0.3b_goliath_best_goliath_AP_575.pth",
    )


def test_sapiens2_files_are_named_as_meta_names_them():
    row = find_checkpoint("sapiens2-0.4b", 308)
    page = "https://huggingface.co/facebook/sapiens2-pose-0.4b"
    assert row.url == f"{page}/resolve/main/sapiens2_0.4b_pose.safetensors"
    assert "commercial use within its use policy" in str(row.license)


@pytest.mark.parametrize("row", CHECKPOINTS, ids=lambda row: f"{row.size} {row.num_keypoints}")
def test_sizes_are_those_of_the_networks(sapiens1, sapiens2, row):
    name = row.size.removeprefix("sapiens2-")
    if name == row.size:
        path, buffers = sapiens1 / f"keys_{name}_{row.num_keypoints}.json.gz", set()
    else:
        path, buffers = sapiens2 / f"keys/keys_{name}.json.gz", {"backbone.rope_embed.periods"}
    with gzip.open(path, "rt") as file:
        shapes = {key: shape for key, shape, *_ in json.load(file)["keys"] if key not in buffers}
    assert row.num_parameters == sum(int(np.prod(shape)) for shape in shapes.values())
    assert row.file_bytes == 4 * row.num_parameters


def test_the_default_exists_and_has_all_keypoints():
    assert find_checkpoint(DEFAULT_SIZE, 308).license.name == "Sapiens2 License"


@pytest.mark.parametrize(
    ("size", "expected"), [("0.3b", "Sapiens 0.3B"), ("sapiens2-0.4b", "Sapiens2 0.4B")]
)
def test_titles(size, expected):
    assert title(size) == expected


@pytest.mark.parametrize(
    ("size", "count", "message"),
    [
        ("2b", 308, "no Sapiens 2B checkpoint with 308.*, 0.3b, 0.6b, 1b"),
        ("7b", 17, "no Sapiens 7B"),
        ("sapiens2-0.4b", 133, "no Sapiens2 0.4B checkpoint with 133.*: 0.3b, 0.6b, 1b, 2b"),
        ("1b", 5, "Keypoint sets: 17, 133, 308"),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(size, count, message):
    with pytest.raises(ValueError, match=message):
        find_checkpoint(size, count)
