"""Options of the node that does everything at once: few, and as those who know DWPose expect."""

from __future__ import annotations

from dataclasses import replace

from .drawing import DRAWING
from .estimating import MODEL
from .option import OptionTable, Widget

_SWITCH = {True: "enable", False: "disable"}
"""As in DWPose's nodes, so that a graph in which ours takes their place keeps what was chosen."""

PREPROCESSING = OptionTable(
    (
        replace(
            MODEL["size"],
            name="model",
            text="Which model, with its keypoints and the size of its file. A larger one is more "
            "accurate, slower, and needs more memory. What is not in models/sapiens yet is "
            "downloaded.",
            flag=None,
        ),
        *(
            replace(
                DRAWING[name],
                kind="choice",
                choices=dict.fromkeys(_SWITCH, ""),
                default=name != "feet",
                flag=None,
                none="",
                widget=Widget(labels=_SWITCH),
            )
            for name in ("body", "hands", "face", "feet")
        ),
        replace(
            DRAWING["detect_resolution"],
            name="resolution",
            attribute="detect_resolution",
            text="Resize the finished drawing to this short side in pixels, as DWPose does. 0: the "
            "size of the image, which is better for ControlNets.",
            flag=None,
            widget=Widget(step=64),
        ),
    )
)
