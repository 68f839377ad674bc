"""The images that a node shows on itself."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io, ui
from torch import Tensor

PREVIEW_FRAMES = 8
"""Maximum number of frames in a preview; of a longer batch they are evenly spread.

A page takes 13.5 seconds to show 240 frames of 1920 x 1080, and a file is written for each."""


def shown_frames(num_frames: int) -> slice:
    """At most ``PREVIEW_FRAMES`` of so many frames, the first one among them."""
    return slice(None, None, max(1, -(-num_frames // PREVIEW_FRAMES)))


def preview(node: type[io.ComfyNode], images: Tensor) -> dict[str, Any]:
    """What a node tells the page of its images (B, H, W, 3), 0 to 1: a few of many."""
    return dict(ui.PreviewImage(images[shown_frames(len(images))], cls=node).as_dict())
