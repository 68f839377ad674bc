"""The network against the reference: exact keys of all official files, numbers of tiny ones."""

import gzip
import json

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import normalise
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensPoseNet, infer_config
from helpers.counted_layers import CountedLayers
from helpers.samples import sample

pytestmark = pytest.mark.portable

KEY_LISTS = [f"{size}_{count}" for size in ("0.3b", "0.6b", "1b", "2b") for count in (17, 133, 308)]
EXPECTED = {
    "0.3b": (1024, 24, 16, 4096),
    "0.6b": (1280, 32, 16, 5120),
    "1b": (1536, 40, 24, 6144),
    "2b": (1920, 48, 32, 7680),
}


@pytest.mark.parametrize("name", sample(KEY_LISTS, ["0.3b_308", "0.6b_133", "2b_17"]))
def test_official_checkpoints_fit_exactly(sapiens1, name):
    with gzip.open(sapiens1 / f"keys_{name}.json.gz", "rt") as file:
        official = {key: tuple(shape) for key, shape in json.load(file)["keys"]}
    config = infer_config({key: torch.Size(shape) for key, shape in official.items()})
    with torch.device("meta"):
        model = SapiensPoseNet(config)
    assert {key: tuple(value.shape) for key, value in model.state_dict().items()} == official
    size, count = name.split("_")
    backbone = config.backbone
    found = (
        backbone.width,
        backbone.num_layers,
        backbone.num_heads,
        backbone.feedforward_width,
    )
    assert found == EXPECTED[size]
    assert config.input_size_hw == (1024, 768)
    assert config.num_keypoints == int(count)


@torch.inference_mode()
def test_features_and_heatmaps_are_the_references(e2e):
    path, heads, golden = e2e
    model = load_model(path, num_heads=heads)
    inputs = normalise(list(golden["crops_bgr"][..., ::-1]))
    features = model.backbone(inputs)
    assert np.abs(features.numpy() - golden["features"]).max() <= 2e-5
    assert np.abs(model.head(features).numpy() - golden["heatmaps"]).max() <= 5e-5


@torch.inference_mode()
def test_other_input_sizes_resample_the_position_table(sapiens1):
    with np.load(sapiens1 / "e2e_17.npz") as golden:
        model = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4)
        inputs = torch.from_numpy(golden["dyn_input"])
        features = model.backbone(inputs)
        assert np.abs(features.numpy() - golden["dyn_features"]).max() <= 2e-5
        assert np.abs(model.head(features).numpy() - golden["dyn_heatmaps"]).max() <= 5e-5


def test_every_layer_with_weights_comes_from_the_operations_namespace(sapiens1):
    operations = CountedLayers()
    model = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4, operations=operations)
    with_weights = [
        type(module).__name__
        for module in model.modules()
        if next(module.parameters(recurse=False), None) is not None
    ]
    with_weights.remove("BackboneV1")  # the position table is a parameter of its own
    assert sorted(operations.made) == sorted(with_weights)


def test_heads_must_divide_the_width(sapiens1):
    with pytest.raises(ValueError, match="5 attention heads do not divide a width of 32"):
        load_model(sapiens1 / "tiny_17.safetensors", num_heads=5)
