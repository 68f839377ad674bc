"""Two skiers who cross: images, and their tracks as ComfyUI's own SAM 3 nodes give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from base_folder import PHOTO, ROOT
from numpy.typing import NDArray

SIZE_WH = 480, 240
NUM_FRAMES = 9
SKIER_XYXY = 270, 28, 510, 408
"""Around the skier in the photo, in pixels; the miniature knows nobody else."""
SNOW_RGB = 214, 220, 228
HEIGHT = 210
"""Of a skier in the clip, in pixels."""
ABSENT = 4
"""The frame in which both skiers stand at one place, and the one behind is hidden."""


def skier() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """(h, w, 3) the skier of the photo, and (h, w) an oval around that person."""
    photo_rgb = cv2.imread(str(ROOT / "miniature" / "photos" / PHOTO))[..., ::-1]
    left, top, right, bottom = SKIER_XYXY
    cut = photo_rgb[top:bottom, left:right]
    width = round(cut.shape[1] * HEIGHT / cut.shape[0])
    cut = cv2.resize(np.ascontiguousarray(cut), (width, HEIGHT), interpolation=cv2.INTER_AREA)
    oval = np.zeros((HEIGHT, width), np.uint8)
    cv2.ellipse(oval, (width // 2, HEIGHT // 2), (width // 2, HEIGHT // 2), 0, 0, 360, 1, -1)
    return cut, oval.astype(bool)


def make_clip() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """(T, h, w, 3) the images, and (T, 2, h, w) the masks: person 0 goes right, 1 behind, left."""
    cut, oval = skier()
    (width, height), side = SIZE_WH, cut.shape[1]
    images = np.full((NUM_FRAMES, height, width, 3), SNOW_RGB, np.uint8)
    masks = np.zeros((NUM_FRAMES, 2, height, width), bool)
    for frame in range(NUM_FRAMES):
        step = (width - side) // (NUM_FRAMES - 1)
        for person, x in ((1, step * (NUM_FRAMES - 1 - frame)), (0, step * frame)):
            window = slice(10, 10 + HEIGHT), slice(x, x + side)
            images[frame][window][oval] = cut[oval]
            for mask in masks[frame]:
                mask[window][oval] = False
            masks[frame, person][window] = oval
    return images, masks


def as_image(images: NDArray[np.uint8]) -> torch.Tensor:
    """IMAGE."""
    return torch.from_numpy(images).float() / 255


def track_data(masks: NDArray[np.bool_]) -> dict[str, Any]:
    """SAM3_TRACK_DATA of (T, N, h, w) masks, packed by ComfyUI's own code; skips without it."""
    tracker = pytest.importorskip("comfy.ldm.sam3.tracker", reason="ComfyUI has no SAM 3")
    return {
        "packed_masks": tracker.pack_masks(torch.from_numpy(masks).float()),
        "n_frames": len(masks),
        "scores": [0.9] * masks.shape[1],
        "orig_size": masks.shape[2:],
    }


@pytest.fixture(scope="module")
def clip() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Images and masks of two skiers who cross."""
    return make_clip()


@pytest.fixture
def give(comfyui: Any) -> Iterator[Callable[..., dict[str, Any]]]:
    """Adds a node ``Given`` with an IMAGE and SAM3_TRACK_DATA, or another value instead of it."""
    added = "GivenClipOfTheTests"

    def add(images: NDArray[np.uint8], tracks: Any) -> dict[str, Any]:
        class Given:
            @classmethod
            def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
                return {"required": {}}

            RETURN_TYPES = ("IMAGE", "SAM3_TRACK_DATA")
            FUNCTION = "give"
            CATEGORY = "test"

            def give(self) -> tuple[torch.Tensor, Any]:
                return as_image(images), tracks

        comfyui.nodes.NODE_CLASS_MAPPINGS[added] = Given
        return {"class_type": added, "inputs": {}}

    yield add
    comfyui.nodes.NODE_CLASS_MAPPINGS.pop(added, None)
