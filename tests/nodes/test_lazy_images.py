"""Images of a tensor that are converted when they are asked for."""

import gc

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.nodes.caches import lazy_images
from comfyui_sapiens_pose.nodes.caches.lazy_images import LazyImages


def clip(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def counted(monkeypatch):
    """Shapes of all tensors that were hashed or converted."""
    calls = {"_digest": [], "_convert": []}
    for name, seen in calls.items():
        original = getattr(lazy_images, name)

        def call(values, original=original, seen=seen):
            seen.append(tuple(values.shape))
            return original(values)

        monkeypatch.setattr(lazy_images, name, call)
    monkeypatch.setattr(lazy_images, "_digests", lazy_images._Digests())
    return calls


def test_frames_are_converted_one_by_one(counted):
    image = clip(3, 4, 6, 3)
    images = LazyImages(image)
    assert (len(images), images.sizes_wh, counted["_convert"]) == (3, [(6, 4)] * 3, [])
    expected = (image * 255).round().byte().numpy()
    np.testing.assert_array_equal(images[1], expected[1])
    assert len(counted["_convert"]) == 1
    assert images[1] is images[1]
    np.testing.assert_array_equal(images[-1], expected[2])
    np.testing.assert_array_equal(np.stack(list(images)), expected)


@pytest.mark.parametrize(
    ("indices", "frames"),
    [(slice(None, None, 2), [0, 2, 4]), (slice(4, 1, -1), [4, 3, 2]), (slice(9, None), [])],
)
def test_some_of_the_images(indices, frames):
    image = clip(5, 2, 2, 3)
    images, all_images = LazyImages(image)[indices], LazyImages(image)
    assert len(images) == len(images.sizes_wh) == len(frames)
    for some, frame in zip(images, frames, strict=True):
        np.testing.assert_array_equal(some, all_images[frame])
    assert images.digests() == [all_images.digests()[frame] for frame in frames]
    np.testing.assert_array_equal(list(images[1:]), [all_images[frame] for frame in frames[1:]])


def test_grey_alpha_and_values_that_are_none():
    grey = torch.tensor([0.0, 1.0, float("nan"), float("inf"), -1, 2]).reshape(1, 1, 6, 1)
    (image,) = LazyImages(grey)
    assert image.tolist() == [[[value] * 3 for value in (0, 255, 0, 255, 0, 255)]]
    (image,) = LazyImages(torch.tensor([[[[0.2, 0.4, 0.6, 0.5]]]]))
    assert image.tolist() == [[[51, 102, 153]]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_images_are_known_by_their_content(dtype):
    image = clip(3, 70, 70, 3).to(dtype)
    image[2] = image[0]
    first, second, third = LazyImages(image).digests()
    assert first == third != second
    assert LazyImages(image.clone()).digests() == [first, second, third]
    assert first not in LazyImages(image.reshape(3, 35, 140, 3)).digests()
    image[0, 1, 1, 0] = 0.25
    assert LazyImages(image.clone()).digests()[0] != first


def test_a_tensor_is_read_once_while_nobody_changes_it(counted):
    image = clip(4, 130, 130, 3)
    digests = LazyImages(image).digests()
    assert (130, 130, 3) in counted["_digest"]
    counted["_digest"].clear()
    assert LazyImages(image).digests() == digests
    assert counted["_digest"] == [(4, 3, 3, 3)]
    image.mul_(0.5)  # in place, as no node may
    assert LazyImages(image).digests() != digests


def test_a_tensor_is_not_kept_alive(counted):
    image = clip(1, 4, 4, 3)
    LazyImages(image).digests()
    known = lazy_images._digests._last[0]
    assert known() is image
    del image
    gc.collect()
    assert known() is None
