"""The real 0.4B at its real size. No trained weight is needed: each is made from its name."""

import gzip
import json
import zlib

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.sapiens_core.checkpoints.key_names import PERIODS_KEY, canonical_tensors
from comfyui_sapiens_pose.sapiens_core.crop import Crop, normalise
from comfyui_sapiens_pose.sapiens_core.decode import decode
from comfyui_sapiens_pose.sapiens_core.network.backbone_v2 import rope_periods
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensPoseNet, infer_config

SEED = 404
INPUT_HW = (1024, 768)


def uniform(key: str, count: int) -> np.ndarray:
    """(count,) float32 numbers of mean 0 and deviation 1 that depend on the key alone."""
    words = np.random.PCG64(zlib.crc32(key.encode()) + (SEED << 33)).random_raw((count + 1) // 2)
    halves = words.astype("<u8").view("<u4")[:count] >> 8
    return (halves.astype(np.float32) * np.float32(2**-24) * 2 - 1) * np.float32(np.sqrt(3))


OFFSET_AND_SPREAD = (
    (".gamma.", 0.35, 0.15),
    (".q_norm.", 1.3, 0.2),
    (".k_norm.", 1.3, 0.2),
    (".ln1.", 1.0, 0.2),
    (".ln2.", 1.0, 0.2),
    ("_token", 0.0, 0.5),
    ("conv_pose.bias", 2.0, 0.5),
    ("bias", 0.0, 0.1),
)
"""What the numbers are scaled to, by the first part of the key that fits; else by fan-in."""


def weight(key: str, shape: list[int]) -> torch.Tensor:
    """The tensor that the golden numbers were made with, float32 holding float16 values."""
    if key == PERIODS_KEY:
        return rope_periods(4 * shape[0])
    values = uniform(key, int(np.prod(shape)))
    kind = next((row for row in OFFSET_AND_SPREAD if row[0] in key), None)
    if kind:
        values = kind[1] + kind[2] * values
    elif "deconv_layers" in key:
        values = values / np.sqrt(shape[0] * 4.0)
    else:
        values = values / np.sqrt(int(np.prod(shape[1:])))
    values = values.reshape(shape)
    if key.endswith("conv_pose.bias"):
        values[5::37], values[7::41] = -8.0, 0.15
    if key.endswith("conv_pose.weight"):
        values[7::41] *= 0.02
    return torch.from_numpy(values.astype(np.float16).astype(np.float32))


@pytest.fixture(scope="module")
def model(sapiens2):
    with gzip.open(sapiens2 / "keys" / "keys_0.4b.json.gz", "rt") as file:
        keys = json.load(file)["keys"]
    tensors = canonical_tensors({key: weight(key, shape) for key, shape, _ in keys})
    with torch.device("meta"):
        network = SapiensPoseNet(infer_config({key: t.shape for key, t in tensors.items()}))
    network.load_state_dict(tensors, assign=True)
    return network.eval()


@pytest.mark.slow
@torch.inference_mode()
def test_the_real_0_4b_is_the_references(sapiens2, model):
    with np.load(sapiens2 / "full_0.4b.npz") as arrays:
        golden = dict(arrays)
    image = read_image(sapiens2 / "prep_image.png")
    crop = Crop.from_box(golden["box"], INPUT_HW)
    features = model.backbone(normalise([crop.pixels(image, cubic_enlargement=True)]))
    heatmaps = model.head(features)
    for found, wanted in (
        (features[0, ::16, ::4, ::4], golden["features_sub"]),
        (heatmaps[0, ::11, ::8, ::8], golden["heatmaps_sub"]),
    ):
        difference = np.abs(found.numpy() - wanted)
        assert difference.mean() <= 1e-3
        assert difference.max() <= 2e-2
    cells, scores = (found[0].numpy() for found in decode(heatmaps, float("inf")))
    height, width = heatmaps.shape[2:]
    unit = cells.astype(float) / (width - 1, height - 1)
    keypoints = crop.to_image(unit * (INPUT_HW[1] - 1, INPUT_HW[0] - 1))
    assert np.abs(scores - golden["scores_noflip"]).max() <= 2e-2
    stable = (golden["sens"] < 0.5) & (scores > 0)
    error = np.abs(keypoints - golden["keypoints_noflip"]).max(axis=-1)
    assert (error <= 0.05 + 8 * golden["sens"])[stable].mean() >= 0.99
