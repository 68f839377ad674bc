"""The score from which on a keypoint counts, which nearly every subject has."""

from __future__ import annotations

from .option import Option, Widget

SCORE_SLIDER = Widget(least=0.0, most=1.0, step=0.01, advanced=True)

SCORE_THRESHOLD = Option(
    "score_threshold",
    "score",
    "Keypoints with a lower score count as missing.",
    default=0.3,
    widget=SCORE_SLIDER,
)
