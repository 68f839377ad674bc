"""Options of selecting: which people of a frame stay, and in which order."""

from __future__ import annotations

from ..choices import SORT_SUMMARIES
from ..foundation.limits import MAX_COUNT
from .option import SCORE_THRESHOLD, Option, OptionTable, Widget

BODY_KEYPOINTS = 17
"""Of every set that a network gives; nobody has more who is not read from OpenPose's keypoints."""

SELECTING = OptionTable(
    (
        Option(
            "sort",
            "choice",
            "The order of the people in each frame.",
            default="as they come",
            choices=SORT_SUMMARIES,
            flag="--sort",
            flag_note="track-id also tracks.",
            widget=Widget(),
        ),
        Option(
            "max_people",
            "whole",
            "Maximum number of people per frame. 0: no limit.",
            default=0,
            least=0,
            most=MAX_COUNT,
            flag="--max-people",
            widget=Widget(),
        ),
        Option(
            "places",
            "text",
            "Which people to keep, by their index in the sorted list, counted from 0: '0' is the "
            "first, '0,2-3' the first, third and fourth. Empty: all.",
            default="",
            unit="list",
            flag="--select",
            widget=Widget(placeholder="0,2-3", title="places (people to keep)"),
        ),
        Option(
            "track_ids",
            "text",
            "The ids of the people to keep, as tracking gave them, such as '0,2-3'. Nobody has "
            "an id without tracking. Empty: all.",
            default="",
            unit="list",
            flag="--select-ids",
            flag_note="Also tracks.",
            widget=Widget(placeholder="0,2-3"),
        ),
        Option(
            "reverse",
            "switch",
            "Reverse the order of the people.",
            default=False,
            flag="--sort-reverse",
            widget=Widget(advanced=True),
        ),
        Option(
            "min_score",
            "number",
            "Leave out people whose visible body keypoints have a lower mean score.",
            default=0.0,
            least=0,
            most=1,
            flag="--select-min-score",
            widget=Widget(step=0.01, advanced=True),
        ),
        Option(
            "min_keypoints",
            "whole",
            "Leave out people with fewer visible body keypoints.",
            default=0,
            least=0,
            most=BODY_KEYPOINTS,
            flag="--select-min-keypoints",
            widget=Widget(advanced=True),
        ),
        Option(
            "min_inside",
            "number",
            "How much of a person must lie in the boxes or the mask, as a share of the visible "
            "keypoints.",
            default=0.5,
            least=0,
            most=1,
            flag="--select-min-inside",
            widget=Widget(step=0.05, advanced=True, title="min_inside (share in boxes or mask)"),
        ),
        SCORE_THRESHOLD,
        Option(
            "select_box",
            "text",
            "Keep only people in this box, in pixels. Give it several times to keep people in any "
            "of the boxes. If the first number is negative, write --select-box=-10,0,640,480.",
            unit="x1,y1,x2,y2",
            flag="--select-box",
        ),
        Option(
            "select_mask",
            "path",
            "Keep only people in the white area of this image, which is laid over every image. "
            "With --select-box: in either.",
            unit="image",
            flag="--select-mask",
        ),
    )
)
