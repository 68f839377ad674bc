"""The same numbers on a GPU. Skipped where PyTorch sees none, as on the machines of our CI."""

from pathlib import Path

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import normalise
from comfyui_sapiens_pose.sapiens_core.decode import decode
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.network.backbone_v2 import rope_tables

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no GPU here")

BOX = [280.79, 44.73, 499.49, 391.41]
"""The skier of the bundled photo."""


@pytest.fixture(autouse=True)
def _exact_convolutions(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


@pytest.fixture(scope="module")
def photo(root: Path) -> np.ndarray:
    return read_image(root / "miniature" / "photos" / "000000000785.jpg")


def miniature(root: Path, device: str, dtype: torch.dtype = torch.float32) -> PoseEstimator:
    model = load_model(root / "miniature" / "sapiens_miniature_17.safetensors", dtype=dtype)
    return PoseEstimator(model.to(device), device, dtype)


@pytest.mark.parametrize("flip", [False, True], ids=["plain", "flip"])
def test_heatmaps_are_the_references(e2e, flip):
    path, heads, golden = e2e
    estimator = PoseEstimator(load_model(path, num_heads=heads).cuda(), "cuda")
    heatmaps = estimator.heatmaps(normalise(list(golden["crops_bgr"][..., ::-1])), flip=flip)
    expected = golden["heatmaps_flipavg" if flip else "heatmaps"]
    assert heatmaps.is_cuda
    assert np.abs(heatmaps.cpu().numpy() - expected).max() <= 1e-4


@pytest.mark.parametrize("name", ["rule", "cfg"])
@torch.inference_mode()
def test_sapiens2_is_the_reference_with_rotations_in_bfloat16(sapiens2, name):
    rope_tables.cache_clear()
    with np.load(sapiens2 / f"{name}.npz") as golden:
        crops, wanted = golden["crops_u8"], golden["features"]
    model = load_model(sapiens2 / f"{name}_pose.safetensors", dtype=torch.float32).cuda()
    # BCHW in BGR -> HWC in RGB
    images = normalise(list(crops[:, ::-1].transpose(0, 2, 3, 1))).cuda()
    difference = np.abs(model.backbone(images).cpu().numpy() - wanted)
    assert difference.mean() <= 8e-4
    assert difference.max() <= 2e-2


def test_decoding_gives_what_a_cpu_gives(sapiens1):
    with np.load(sapiens1 / "codec_133.npz") as golden:
        heatmaps, stable = torch.from_numpy(golden["heatmaps"])[None], golden["sens"] < 0.1
    keypoints, scores = decode(heatmaps)
    found, found_scores = decode(heatmaps.cuda())
    assert found.is_cuda
    assert torch.equal(found_scores.cpu(), scores)
    assert (found.cpu() - keypoints).abs()[0][torch.from_numpy(stable)].max() <= 1e-3


@pytest.mark.parametrize(
    ("dtype", "tolerance_px"),
    [(torch.float32, 0.05), (torch.bfloat16, 2.0), (torch.float16, 0.5)],
    ids=["fp32", "bf16", "fp16"],
)
def test_a_photo_gives_the_pose_that_a_cpu_gives(root, photo, dtype, tolerance_px):
    (expected,) = miniature(root, "cpu").estimate([photo], [People([BOX])])
    (found,) = miniature(root, "cuda", dtype).estimate([photo], [People([BOX])])
    difference = found.poses[0].keypoints_image - expected.poses[0].keypoints_image
    assert np.abs(difference[expected.poses[0].scores > 0.3]).max() <= tolerance_px
    assert np.abs(found.poses[0].scores - expected.poses[0].scores).max() <= 0.05


def test_people_who_do_not_fit_into_real_memory_come_in_smaller_batches(root, photo, caplog):
    estimator = miniature(root, "cuda")
    people = People([BOX] * 64)
    (expected,) = estimator.estimate([photo], [people], EstimateOptions(batch_size=4))
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.reset_peak_memory_stats()
    estimator.estimate([photo], [people], EstimateOptions(batch_size=16))
    sixteen = torch.cuda.max_memory_reserved()
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(sixteen * 1.1 / total)
    try:
        (found,) = estimator.estimate([photo], [people], EstimateOptions(batch_size=64))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert "Out of memory: continuing with" in caplog.text
    assert len(found.poses) == 64
    for pose, twin in zip(found.poses, expected.poses, strict=True):
        assert np.abs(pose.scores - twin.scores).max() <= 1e-4
    torch.cuda.empty_cache()
    assert torch.cuda.memory_allocated() <= before + 2**20


def test_nothing_is_kept_on_the_gpu(root, photo):
    estimator = miniature(root, "cuda")
    estimator.estimate([photo], [People([BOX])])
    before = torch.cuda.memory_allocated()
    for _ in range(5):
        estimator.estimate([photo, photo], [People([BOX] * 3), People([])])
    assert torch.cuda.memory_allocated() == before
