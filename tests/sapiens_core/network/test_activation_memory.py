"""How many people fit into memory, and what happens when they do not."""

import gzip
import json
import weakref

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, People, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.network.activation_memory import (
    MAX_BATCH_SIZE,
    activation_bytes,
    fitting_batch_size,
)
from comfyui_sapiens_pose.sapiens_core.network.pose_net import infer_config
from torch.utils._python_dispatch import TorchDispatchMode

PICTURE = np.full((40, 30, 3), 90, np.uint8)


class LimitedMemory(torch.nn.Module):
    """A network in a memory that holds so many people at a time."""

    def __init__(self, model, limit):
        super().__init__()
        self.model, self.config, self.limit = model, model.config, limit
        self.batches = []

    def forward(self, images):
        self.batches.append(len(images))
        if len(images) > self.limit:
            raise torch.cuda.OutOfMemoryError("out of memory")
        return self.model(images)


@pytest.fixture
def model(sapiens1):
    return load_model(sapiens1 / "tiny_17.safetensors", num_heads=4)


@pytest.mark.parametrize(
    ("limit", "batches"), [(9, [7]), (3, [7, 3, 3, 1]), (1, [7, 3, 1, 1, 1, 1, 1, 1, 1])]
)
def test_a_batch_that_does_not_fit_is_halved_and_the_run_goes_on(model, limit, batches):
    limited = LimitedMemory(model, limit)
    people = People([[0, 0, 10 + index, 40] for index in range(7)])
    options = EstimateOptions(flip=False, batch_size=7)
    (frame,) = PoseEstimator(limited).estimate([PICTURE], [people], options)
    assert limited.batches == batches
    assert [pose.box_xyxy[2] for pose in frame.poses] == [10 + index for index in range(7)]
    (expected,) = PoseEstimator(model).estimate([PICTURE], [people], options)
    for pose, twin in zip(frame.poses, expected.poses, strict=True):
        assert np.allclose(pose.scores, twin.scores, atol=1e-4)


@pytest.mark.parametrize(
    ("limit", "flip", "first", "second"),
    [
        (9, False, [7], [7]),
        (3, False, [7, 3, 3, 1], [3, 3, 1]),
        (6, True, [14, 6, 6, 2], [6, 6, 2]),
        (1, True, [14, 6, 2, *[1] * 14], [1] * 14),
    ],
)
def test_what_did_not_fit_is_not_tried_again(model, limit, flip, first, second):
    limited = LimitedMemory(model, limit)
    estimator = PoseEstimator(limited)
    people = People([[0, 0, 10 + index, 40] for index in range(7)])
    for batches in (first, second):
        limited.batches.clear()
        estimator.estimate([PICTURE], [people], EstimateOptions(flip=flip, batch_size=7))
        assert limited.batches == batches


def test_a_pass_that_failed_leaves_nothing_when_the_next_one_starts(model):
    living = []

    class Failing(LimitedMemory):
        def forward(self, images):
            assert not [made for made in living if made() is not None]
            made = images * 2
            living.append(weakref.ref(made))
            return super().forward(images)

    estimator = PoseEstimator(Failing(model, 1))
    estimator.estimate([PICTURE], [People([[0, 0, 9, 9]] * 3)], EstimateOptions(batch_size=3))
    assert len(living) == 8


def test_one_person_who_does_not_fit_is_an_error(model):
    with pytest.raises(torch.cuda.OutOfMemoryError):
        PoseEstimator(LimitedMemory(model, 0)).estimate([PICTURE], [People([[0, 0, 9, 9]])])


@pytest.mark.parametrize(
    ("free_bytes", "batch_size"), [(0, 1), (10**9, 1), (24 * 10**9, MAX_BATCH_SIZE)]
)
def test_the_batch_fits_the_free_memory(sapiens1, free_bytes, batch_size):
    assert fitting_batch_size(official_config(sapiens1), free_bytes, 4) == batch_size


def test_the_batch_grows_with_memory_and_lower_precision(sapiens1):
    config = official_config(sapiens1)
    sizes = [fitting_batch_size(config, gigabytes * 10**9, 4) for gigabytes in range(12)]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 3
    assert fitting_batch_size(config, 4 * 10**9, 2) > fitting_batch_size(config, 4 * 10**9, 4)


def official_config(sapiens1):
    with gzip.open(sapiens1 / "keys_0.3b_308.json.gz", "rt") as file:
        keys = json.load(file)["keys"]
    return infer_config({key: torch.Size(shape) for key, shape in keys})


class PeakMemory(TorchDispatchMode):
    """Counts the bytes of all living tensors that operations have made."""

    def __init__(self):
        super().__init__()
        self.living, self.peak = {}, 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        import weakref

        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, (tuple, list)) else (result,):
            if isinstance(tensor, torch.Tensor):
                storage = tensor.untyped_storage()
                key = storage.data_ptr()
                if key not in self.living:
                    self.living[key] = storage.nbytes()
                    weakref.finalize(tensor, self.living.pop, key, None)
        self.peak = max(self.peak, sum(self.living.values()))
        return result


@torch.inference_mode()
def test_the_estimate_covers_what_a_pass_really_needs(sapiens1):
    model = load_model(sapiens1 / "tiny_308.safetensors", num_heads=3)
    images = torch.zeros(3, 3, *model.config.input_size_hw)
    with PeakMemory() as memory:
        model(images)
    estimate = activation_bytes(model.config, 3, 4)
    assert memory.peak <= estimate <= 6 * memory.peak


@pytest.mark.parametrize(
    ("limit", "batches"),
    [(8, [8]), (7, [8, 4, 4]), (2, [8, 4, 2, 2, 2, 2]), (1, [8, 4, 2, *[1, 1] * 4])],
)
def test_the_mirrored_crops_share_the_pass_while_they_fit(model, limit, batches):
    limited = LimitedMemory(model, limit)
    people = People([[0, 0, 10 + index, 40] for index in range(4)])
    options = EstimateOptions(flip=True, batch_size=4)
    (frame,) = PoseEstimator(limited).estimate([PICTURE], [people], options)
    assert limited.batches == batches
    (expected,) = PoseEstimator(model).estimate([PICTURE], [people], options)
    for pose, twin in zip(frame.poses, expected.poses, strict=True):
        assert np.allclose(pose.scores, twin.scores, atol=1e-4)
