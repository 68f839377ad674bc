"""Speed of the network relative to a plain matrix product, in one run.

    python benchmarks/forward.py [--full]

A block of the 0.3B backbone and the head at 308 keypoints, random weights, one person, float32,
against one matrix product of the same number of operations. ``--full`` also times whole passes
through a 0.3B network, against such a product and against the reference's way of running the same
weights (``plain_network.py``); that takes some minutes on two cores.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import plain_network
import torch
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensPoseNet
from networks import config_03b
from timing import medians_ms

ROUNDS = 5
FULL_ROUNDS = 3
SAME_HEATMAPS = 1e-3
"""Maximum difference by rounding; the heatmaps of the random network reach about 1."""
CONFIG = config_03b(num_keypoints=308)
BACKBONE, HEAD = CONFIG.backbone, CONFIG.head
TOKENS = 64 * 48


def block_operations() -> int:
    """Number of multiplications of one transformer block."""
    width = BACKBONE.width
    linear = TOKENS * width * (4 * width + 2 * BACKBONE.feedforward_width)
    attention = 2 * TOKENS * TOKENS * width
    return linear + attention


def head_operations() -> int:
    """Number of multiplications of the head; a transposed convolution has 4 x 4 weights."""
    total, pixels, channels = 0, TOKENS, HEAD.in_channels
    for width in HEAD.deconv_channels:
        total += pixels * channels * width * 16
        pixels, channels = pixels * 4, width
    for width in HEAD.conv_channels:
        total += pixels * channels * width
        channels = width
    return total + pixels * channels * HEAD.num_keypoints


def product_of(operations: int) -> Callable[[], torch.Tensor]:
    """A matrix product with ``operations`` multiplications, of the shape of the linear layers."""
    columns = operations // (TOKENS * BACKBONE.width)
    left, right = torch.randn(TOKENS, BACKBONE.width), torch.randn(BACKBONE.width, columns)
    return lambda: left @ right


def compare(module: Callable[[], object], operations: int, rounds: int) -> dict[str, float]:
    """The time of a module, and its speed as a fraction of the matrix product's."""
    times = medians_ms({"module": module, "product": product_of(operations)}, rounds)
    speed = times["product"] / times["module"]
    return {"ms": times["module"], "gmac": operations / 1e9, "of_a_product": speed}


def network() -> SapiensPoseNet:
    """A 0.3B network of 308 keypoints with random weights."""
    torch.manual_seed(0)
    return SapiensPoseNet(CONFIG).eval()


@torch.inference_mode()
def measure(rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """The figures of a block and of the head."""
    model = network()
    tokens, features = torch.randn(1, TOKENS, 1024), torch.randn(1, 1024, 64, 48)
    block = model.backbone.layers[0]
    return {
        "0.3B block": compare(lambda: block(tokens), block_operations(), rounds),
        "head, 308": compare(lambda: model.head(features), head_operations(), rounds),
    }


@torch.inference_mode()
def whole_pass(rounds: int = FULL_ROUNDS) -> dict[str, float]:
    """Times of one person through the whole network, ours and the reference's way.

    Raises:
        RuntimeError: the two do not give the same heatmaps.
    """
    model, images = network(), torch.randn(1, 3, 1024, 768)
    weights = model.state_dict()
    operations = BACKBONE.num_layers * block_operations() + head_operations()
    ways: dict[str, Callable[[], torch.Tensor]] = {
        "ours": lambda: model(images),
        "plain": lambda: plain_network.forward(weights, model.config, images),
        "product": product_of(operations),
    }
    difference = float((ways["ours"]() - ways["plain"]()).abs().max())
    if difference > SAME_HEATMAPS:
        raise RuntimeError(f"Our heatmaps and the plain ones are {difference} apart.")
    times = medians_ms(ways, rounds)
    return {
        "ms": times["ours"],
        "gmac": operations / 1e9,
        "of_a_product": times["product"] / times["ours"],
        "of_plain": times["ours"] / times["plain"],
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="also a whole 0.3B pass")
    full = parser.parse_args().full
    rows = measure()
    if full:
        rows["0.3B, 308"] = whole_pass()
    for name, row in rows.items():
        print(
            f"{name:14}{row['ms']:10.1f} ms  {row['gmac']:8.1f} GMAC"
            f"  {row['of_a_product']:.2f} of a product"
            + (f", {row['of_plain']:.2f} of the plain time" if "of_plain" in row else "")
        )


if __name__ == "__main__":
    main()
