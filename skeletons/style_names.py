"""The names of styles and of their options, for those who list them without drawing."""

from __future__ import annotations

from typing import Literal

Background = Literal["black", "white", "transparent", "image"]
Layout = Literal["fit", "fill", "stretch"]
Xinsir = Literal["off", "sticks", "sticks_and_dots"]

STYLE_SUMMARIES: dict[str, str] = {
    "openpose": "what OpenPose ControlNets were trained on; the pixels of DWPose",
    "core": "the pixels of ComfyUI's own pose drawing: limbs at full brightness",
    "sapiens": "lines and dots of the network's own points, as Sapiens' demos show them",
    "sapiens_openpose": "Sapiens' own blended OpenPose look; not for ControlNets",
    "dense": "every point, with the lines of brows, eyes, lips and ears, to look at",
}
"""One line about each style in ``draw.STYLES``, in the same order."""
