"""How much memory a pass through the network needs, and how many people fit into one."""

from __future__ import annotations

from .pose_net import SapiensConfig

MAX_BATCH_SIZE = 8
"""Maximum number of people per pass: more are not faster, as four keep an H100 as busy as sixteen
(``benchmarks/gpu.py``)."""

FREE_MEMORY_SHARE = 0.8
"""Share of the free memory that is planned with; the rest is a reserve."""

_UPSAMPLING = 4
"""Pixels of the crop per heatmap cell, along one axis."""
_FLOAT32_BYTES = 4


def activation_bytes(config: SapiensConfig, batch_size: int, element_bytes: int) -> int:
    """An upper estimate of the memory of one pass beside the weights, in bytes.

    Two steps need most, and they do not overlap: a feed-forward layer of the backbone (tokens and
    their hidden layer before and after the GELU), and the head at full resolution (input, output
    and workspace of a layer, and the float32 heatmaps of the plain and the mirrored crop). On an
    H100, tensors took two fifths of the estimate, and four fifths with what PyTorch's allocator
    reserves (``benchmarks/gpu.py``).

    Args:
        config: the network.
        batch_size: crops in the pass; two per person with the flip test.
        element_bytes: size of one number of the activations, 2 or 4.
    """
    height, width = config.input_size_hw
    backbone = config.backbone
    tokens = (height // backbone.patch_size) * (width // backbone.patch_size)
    layer = tokens * (4 * backbone.width + 3 * backbone.feedforward_width) * element_bytes
    pixels = (height // _UPSAMPLING) * (width // _UPSAMPLING)
    channels = max(config.head.deconv_channels + config.head.conv_channels, default=0)
    features = 5 * pixels * channels * element_bytes
    heatmaps = 3 * pixels * config.num_keypoints * _FLOAT32_BYTES
    return batch_size * max(layer, features + heatmaps)


def fitting_batch_size(
    config: SapiensConfig, free_bytes: int, element_bytes: int, crops_per_person: int = 1
) -> int:
    """How many people fit into ``free_bytes``, 1 to ``MAX_BATCH_SIZE``."""
    person_bytes = activation_bytes(config, crops_per_person, element_bytes)
    return max(1, min(MAX_BATCH_SIZE, int(free_bytes * FREE_MEMORY_SHARE / person_bytes)))
