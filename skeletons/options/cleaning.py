"""Options of cleaning up: who was found twice, and what the network only guessed."""

from __future__ import annotations

from ..foundation.limits import MAX_MARGIN
from .option import SCORE_THRESHOLD, Option, OptionTable, Widget

MASK_REACH = 0.1
"""``mask_reach`` where ``hide_outside_mask`` is on, in longer sides of the person's box."""

CLEANING = OptionTable(
    (
        Option(
            "hide_outside_mask",
            "switch",
            "With masks: hide keypoints far outside the person's own mask.",
            default=False,
            flag="--hide-outside-mask",
            widget=Widget(advanced=True, optional=True),
        ),
        Option(
            "merge_duplicates",
            "switch",
            "Keep one skeleton where a person was found twice, and join one who was found in two "
            "halves.",
            default=True,
            flag="--merge-duplicates",
            widget=Widget(advanced=True, optional=True),
        ),
        Option(
            "hide_guesses",
            "switch",
            "Hide keypoints outside the crop that the model saw, and hands and faces with hardly "
            "any confident keypoints.",
            default=True,
            flag="--hide-guesses",
            widget=Widget(advanced=True, optional=True),
        ),
        Option(
            "hide_face_from_behind",
            "switch",
            "Hide nose, eyes and face of people who face away from the camera.",
            default=False,
            attribute="face_from_behind",
            flag="--hide-face-from-behind",
            widget=Widget(advanced=True, optional=True),
        ),
        SCORE_THRESHOLD,
        Option(
            "same_person",
            "number",
            "Two skeletons with at least this object keypoint similarity are of one person; see "
            "skeletons/poses/duplicates.py.",
            default=0.85,
            least=0,
            most=1,
            none="all are kept",
        ),
        Option(
            "join_halves",
            "switch",
            "One person found in two pieces, such as a lying one, becomes one.",
            default=True,
        ),
        Option(
            "guessed_part",
            "number",
            "A hand or face with a smaller share of its keypoints at score_threshold or above is "
            "hidden as a whole. 0: nothing is hidden.",
            default=0.2,
            least=0,
            most=1,
        ),
        Option(
            "outside_crop",
            "switch",
            "Hide keypoints outside the crop that the network saw.",
            default=True,
        ),
        Option(
            "mask_reach",
            "number",
            "Hide keypoints farther outside the person's own mask than this share of the longer "
            "side of the box.",
            least=0,
            most=MAX_MARGIN,
            none="none are hidden",
        ),
    )
)
