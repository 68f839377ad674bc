"""Options of retargeting: what a figure takes from the reference."""

from __future__ import annotations

from ..choices import PLACEMENT_SUMMARIES
from ..foundation.limits import MAX_COUNT
from .option import SCORE_THRESHOLD, Option, OptionTable

RETARGETING = OptionTable(
    (
        Option(
            "placement",
            "choice",
            "Where the figure stands.",
            default="as the reference",
            choices=PLACEMENT_SUMMARIES,
        ),
        Option(
            "strength",
            "number",
            "How much of the reference's proportions the figure takes. 1 takes them, 0 keeps the "
            "driver's.",
            default=1.0,
            least=0,
            most=1,
        ),
        *(
            Option(
                part,
                "switch",
                f"The {what} take the reference's size; otherwise they keep their own relative to "
                "the whole figure.",
                default=True,
            )
            for part, what in {
                "hands": "hands",
                "face": "keypoints of the face",
                "feet": "feet",
            }.items()
        ),
        Option(
            "anchor_frame",
            "whole",
            "For the placement 'as the reference': the frame of the clip from which on the person "
            "is looked for, to give the figure its place and size.",
            default=0,
            least=0,
            most=MAX_COUNT,
        ),
        SCORE_THRESHOLD,
    )
)
