"""Options of retargeting: a motion in the proportions of another person."""

from __future__ import annotations

from ..choices import MATCH_SUMMARIES, PLACEMENT_SUMMARIES
from ..foundation.limits import MAX_COUNT
from .option import SCORE_THRESHOLD, Option, OptionTable, Widget

RETARGETING = OptionTable(
    (
        Option(
            "reference",
            "path",
            "Pose files of the person to become: of one image, or of several images of the same "
            "people.",
            several=True,
            flag="--reference",
        ),
        Option(
            "retarget",
            "path",
            "Pose files of the person to become. The people found get these proportions, as with "
            "sapiens-pose retarget, before anything is written or drawn. The frames of a video "
            "are one clip; all images are one clip with --clip, otherwise each image is its own "
            "clip.",
            several=True,
            flag="--retarget",
        ),
        Option(
            "placement",
            "choice",
            "Where the figure stands and how large it is. Models that start from the reference "
            "image, such as Wan Animate, need the reference's place; to replace somebody in "
            "their own video, keep the driver's.",
            default="as the reference",
            choices=PLACEMENT_SUMMARIES,
            flag="--placement",
            widget=Widget(),
        ),
        Option(
            "strength",
            "number",
            "How much of the reference's proportions the figure takes. 0 keeps the driver's "
            "proportions and only changes position and size; 1 fully uses the reference's.",
            default=1.0,
            least=0,
            most=1,
            flag="--strength",
            widget=Widget(step=0.05),
        ),
        Option(
            "hands",
            "switch",
            "Hands take the reference's size. Off: they keep their size relative to the figure.",
            default=True,
            flag="--hands",
            widget=Widget(),
        ),
        Option(
            "face",
            "switch",
            "Head and face take the reference's size. Off: they keep their size relative to the "
            "figure.",
            default=True,
            flag="--face",
            widget=Widget(),
        ),
        Option(
            "feet",
            "switch",
            "Feet take the reference's size. Off: they keep their size relative to the figure.",
            default=True,
            flag="--feet",
            widget=Widget(),
        ),
        Option(
            "match",
            "choice",
            "Who becomes whom, if there are several people.",
            default="order",
            choices=MATCH_SUMMARIES,
            flag="--match",
            widget=Widget(advanced=True),
        ),
        Option(
            "anchor_frame",
            "whole",
            "For the placement 'as the reference': the frame of the clip, from 0, in which the "
            "figure has the reference's place and size. If a person is not in it, their next "
            "frame is used.",
            default=0,
            least=0,
            most=MAX_COUNT,
            flag="--anchor-frame",
            widget=Widget(advanced=True),
        ),
        SCORE_THRESHOLD,
    )
)
