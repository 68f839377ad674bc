"""Options of tracking: who is who in the frames of a clip."""

from __future__ import annotations

from ..foundation.limits import MAX_COUNT
from .option import SCORE_THRESHOLD, Option, OptionTable, Widget

TRACKING = OptionTable(
    (
        Option(
            "track",
            "switch",
            "Give each person the same id in every frame of a clip.",
            default=False,
            flag="--track",
        ),
        Option(
            "max_gap",
            "whole",
            "A person who is missing for up to this many frames keeps the id when they reappear "
            "near their predicted path. More bridges longer absences; less avoids giving the id "
            "to somebody else.",
            default=20,
            least=0,
            most=MAX_COUNT,
            unit="frames",
            flag="--track-gap",
            widget=Widget(),
        ),
        Option(
            "clip",
            "text",
            "Name of a clip that is tracked in several runs, each with some of its frames; see "
            "first_frame. Empty: these frames are the whole clip.",
            default="",
            widget=Widget(title="clip (its name)"),
        ),
        Option(
            "first_frame",
            "whole",
            "With clip: the number of the first of these frames in that clip. 0 starts the clip "
            "again; -1 continues where the last run ended.",
            default=0,
            least=-1,
            most=2**31 - 1,
            widget=Widget(),
        ),
        Option(
            "fixed_slots",
            "switch",
            "Keep an empty entry for people who are missing, so that each person has the same "
            "index in every frame. For programs that pick people by index.",
            default=False,
            flag="--track-slots",
            widget=Widget(advanced=True, title="fixed_slots (same index)"),
        ),
        Option(
            "min_similarity",
            "number",
            "Detections less similar than this to every track start a new track. Higher: fewer "
            "mix-ups, more ids.",
            default=0.2,
            least=0,
            most=1,
            open=True,
            flag="--track-similarity",
            widget=Widget(least=0.01, most=0.99, step=0.01, advanced=True),
        ),
        Option(
            "duplicate_similarity",
            "number",
            "Of two poses of one frame that are at least this similar, the lower-scoring one is "
            "removed, because both show the same person. Above 1: all are kept.",
            default=0.8,
            least=0,
            most=MAX_COUNT,
            open=True,
            flag="--track-duplicates",
            widget=Widget(least=0.05, most=1.05, step=0.05, advanced=True),
        ),
        SCORE_THRESHOLD,
        Option(
            "min_frames",
            "whole",
            "In a clip of ten frames or more, a person seen in fewer frames than this is left out "
            "and gets no id: usually somebody found twice, or nobody. 1: everybody gets an id.",
            default=3,
            least=1,
            most=MAX_COUNT,
            unit="frames",
            flag="--track-min-frames",
            widget=Widget(most=1000, advanced=True, optional=True),
        ),
    )
)
