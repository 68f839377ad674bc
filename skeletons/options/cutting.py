"""Options of cutting out: boxes, masks and crops of body parts, a face, and whole people."""

from __future__ import annotations

from dataclasses import replace

from ..choices import MISSING_SUMMARIES, PARTS
from ..foundation.limits import MAX_COUNT, MAX_MARGIN
from .option import SCORE_THRESHOLD, Option, OptionTable, Widget

CUTTING = OptionTable(
    (
        Option(
            "part",
            "choice",
            "The body part. 'hands' and 'feet' give the left one and then the right one of each "
            "person.",
            default="face",
            choices=dict.fromkeys(PARTS, ""),
            flag="--part",
            widget=Widget(),
        ),
        Option(
            "padding",
            "number",
            "Room on each side of the keypoints, as a share of the longer side of their box.",
            default=0.25,
            least=0,
            most=MAX_MARGIN,
            flag="--padding",
            widget=Widget(most=4, step=0.05),
        ),
        Option(
            "square",
            "switch",
            "Make boxes square, and move them into the image if they fit.",
            default=True,
            flag="--square",
            widget=Widget(),
        ),
        Option(
            "crop_size",
            "whole",
            "Side of a crop in pixels. A box that is not square gets black bars.",
            default=512,
            least=16,
            most=4096,
            unit="px",
            flag="--crop-size",
            widget=Widget(step=8),
        ),
        Option(
            "missing",
            "choice",
            "The crop of a part that is not visible.",
            default="black",
            choices=MISSING_SUMMARIES,
            widget=Widget(advanced=True),
        ),
        Option(
            "dilation",
            "number",
            "How far a mask reaches beyond the keypoints, as a share of the longer side of their "
            "box.",
            default=0.15,
            least=0,
            most=MAX_MARGIN,
            flag="--dilation",
            widget=Widget(most=2, step=0.01, advanced=True),
        ),
        Option(
            "min_keypoints",
            "whole",
            "A part with fewer visible keypoints counts as missing.",
            default=2,
            least=0,
            most=MAX_COUNT,
            flag="--min-keypoints",
            widget=Widget(least=1, most=308, advanced=True),
        ),
        replace(SCORE_THRESHOLD, flag="--score-threshold"),
    )
)

WAN_ANIMATE = OptionTable(
    (
        Option(
            "person_id",
            "whole",
            "The id of the person, as Track Sapiens People gives it.",
            least=0,
            most=MAX_COUNT,
            none="the person with the largest box in each frame",
            widget=Widget(
                least=-1,
                none_at=-1,
                note="-1 is the person with the largest box in each frame.",
            ),
        ),
        Option(
            "steady",
            "switch",
            "Keep the crop's size over the whole clip and move it smoothly. Off: cut each frame "
            "separately, as the makers' program does; the crop then moves with mouth and brows.",
            default=False,
            widget=Widget(),
        ),
    )
)

IDENTITY_MASKS = OptionTable(
    (
        Option(
            "background",
            "choice",
            "The colour where nobody is, which tells SCAIL-2 what to do.",
            default="black",
            choices={
                "black": "the driving video where a character is animated, or the reference image "
                "where one is replaced",
                "white": "the reference image where a character is animated, or the driving video "
                "where one is replaced",
            },
            widget=Widget(),
        ),
        SCORE_THRESHOLD,
    )
)
