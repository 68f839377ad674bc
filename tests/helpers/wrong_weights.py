"""Wrong variants of the miniature, as files go wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from comfyui_sapiens_pose.sapiens_core.crop import PIXEL_MEAN_RGB, PIXEL_STD_RGB
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from safetensors.torch import load_file, save_file
from torch import Tensor

Tensors = dict[str, Tensor]

PATCHES = "backbone.patch_embed.projection"


def _right(tensors: Tensors) -> Tensors:
    return tensors


def _random(tensors: Tensors, prefix: str = "") -> Tensors:
    generator = torch.Generator().manual_seed(1)
    noise = {key: torch.randn(value.shape, generator=generator) for key, value in tensors.items()}
    return {
        key: 0.02 * noise[key] if key.startswith(prefix) else value
        for key, value in tensors.items()
    }


def _random_head(tensors: Tensors) -> Tensors:
    return _random(tensors, "head.")


def _order_of_joints(order: Tensor) -> Callable[[Tensors], Tensors]:
    def change(tensors: Tensors) -> Tensors:
        return {
            key: value[order] if key.startswith("head.final_layer") else value
            for key, value in tensors.items()
        }

    return change


def _layers_exchanged(tensors: Tensors) -> Tensors:
    def name(key: str) -> str:
        for old, new in (("0", "4"), ("4", "0")):
            start = f"backbone.layers.{old}."
            if key.startswith(start):
                return f"backbone.layers.{new}." + key.removeprefix(start)
        return key

    return {name(key): value for key, value in tensors.items()}


def _blue_first(tensors: Tensors) -> Tensors:
    return {**tensors, f"{PATCHES}.weight": tensors[f"{PATCHES}.weight"].flip(1).contiguous()}


def _of_0_to_1(tensors: Tensors) -> Tensors:
    """As if it had been trained on pixel values divided by 255."""
    weight = tensors[f"{PATCHES}.weight"].float()
    mean, std = (
        torch.tensor(row).view(1, 3, 1, 1) / 255 for row in (PIXEL_MEAN_RGB, PIXEL_STD_RGB)
    )
    bias = tensors[f"{PATCHES}.bias"].float() - (weight * mean / std).sum((1, 2, 3))
    return {**tensors, f"{PATCHES}.weight": weight / std, f"{PATCHES}.bias": bias}


def _not_a_number(tensors: Tensors) -> Tensors:
    wrong = tensors["head.final_layer.bias"].clone()
    wrong[3] = float("nan")
    return {**tensors, "head.final_layer.bias": wrong}


VARIANTS: dict[str, Callable[[Tensors], Tensors]] = {
    "right": _right,
    "random": _random,
    "random head": _random_head,
    "joints in another order": _order_of_joints(torch.tensor([*range(5, 17), *range(5)])),
    "left and right exchanged": _order_of_joints(torch.tensor(COCO_17.flip_indices.copy())),
    "two layers exchanged": _layers_exchanged,
    "blue first": _blue_first,
    "values of 0 to 1": _of_0_to_1,
    "not a number": _not_a_number,
}


def write_variant(miniature: Path, name: str, path: Path) -> Path:
    """Writes a variant of the miniature in float32."""
    tensors = {key: value.float() for key, value in load_file(miniature).items()}
    save_file(VARIANTS[name](tensors), path, {"num_heads": "4"})
    return path
