"""The nodes on a GPU, under ComfyUI's own memory management. Skipped where there is none."""

import json

import numpy as np
import pytest
import torch
from base_folder import MINIATURE_ELSEWHERE
from graphs import PHOTO_TO_SKELETON, changed, node
from pictures import assert_alike

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no GPU here")

TWO_MODELS = {
    **PHOTO_TO_SKELETON,
    "model2": node("SapiensPoseLoader", checkpoint=MINIATURE_ELSEWHERE),
    "pose2": node("SapiensPose", model=["model2", 0], image=["photo", 0], detector="whole image"),
    "render2": node("SapiensPoseRender", poses=["pose2", 0]),
    "show2": node("PreviewImage", images=["render2", 0]),
}


@pytest.fixture
def management(comfyui):
    """ComfyUI's memory management, with nothing loaded before and after."""
    from comfy import model_management

    model_management.unload_all_models()
    model_management.soft_empty_cache()
    yield model_management
    model_management.unload_all_models()


def points(run) -> np.ndarray:
    (frame,) = json.loads(run.outputs["pose"]["openpose_json"][0])
    return np.array(frame["people"][0]["pose_keypoints_2d"]).reshape(-1, 3)


def test_a_photo_gives_the_same_pose_in_each_precision(comfyui):
    found = {}
    for precision in ("fp32", "bf16", "fp16"):
        run = comfyui.run(changed(PHOTO_TO_SKELETON, "model", precision=precision))
        assert run.success, run.failure
        found[precision] = points(run)
    assert found["fp32"].any()
    for precision in ("bf16", "fp16"):
        assert np.abs(found[precision] - found["fp32"])[:, :2].max() <= 2


def test_the_network_runs_on_the_gpu_and_leaves_when_comfyui_says_so(comfyui, management):
    before = torch.cuda.memory_allocated()
    assert comfyui.run(PHOTO_TO_SKELETON).success
    (loaded,) = management.current_loaded_models
    assert loaded.model.load_device.type == "cuda"
    del loaded
    management.unload_all_models()
    management.soft_empty_cache()
    assert torch.cuda.memory_allocated() <= before + 2**20


def test_two_networks_take_turns(comfyui, management):
    run = comfyui.run(TWO_MODELS)
    assert run.success, run.failure
    first, second = (comfyui.pictures(run.outputs[name])[0] for name in ("show", "show2"))
    assert first.any()
    assert_alike(first, second)
