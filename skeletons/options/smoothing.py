"""Options of smoothing: less jitter in the frames of a clip."""

from __future__ import annotations

from ..choices import METHOD_SUMMARIES
from ..foundation.limits import MAX_COUNT
from .option import SCORE_THRESHOLD, Option, OptionTable, Widget

SMOOTHING = OptionTable(
    (
        Option(
            "method",
            "choice",
            "The filter that removes jitter from a clip.",
            default="savitzky-golay",
            choices=METHOD_SUMMARIES,
            flag="--smooth",
            flag_note="Also tracks people. Without it, nothing is smoothed.",
            widget=Widget(),
        ),
        Option(
            "strength",
            "number",
            "How much keypoints are smoothed. 0 leaves them where they are; more is steadier, but "
            "softens fast movements. 0.5 goes by the noise that savitzky-golay measures in the "
            "clip; 1 tolerates four times as much.",
            default=0.5,
            least=0,
            most=1,
            flag="--smooth-strength",
            widget=Widget(step=0.05),
        ),
        Option(
            "max_gap",
            "whole",
            "A keypoint that is missing for up to this many frames is filled in between the "
            "frames before and after. 0: never.",
            default=5,
            least=0,
            most=MAX_COUNT,
            unit="frames",
            flag="--smooth-gap",
            widget=Widget(advanced=True),
        ),
        Option(
            "max_person_gap",
            "whole",
            "A person who is missing as a whole for up to this many frames is filled in between "
            "two frames in which they were found. 0: nobody is ever added to a frame.",
            default=0,
            least=0,
            most=MAX_COUNT,
            unit="frames",
            flag="--smooth-person-gap",
            widget=Widget(advanced=True),
        ),
        Option(
            "spike_threshold",
            "number",
            "A keypoint that jumps this many times farther than its neighbours in time spread, "
            "and is back within an eighth of a second, is replaced by the value between its "
            "neighbours, whatever the limit for gaps is. Left and right sides that "
            "are swapped for as long are swapped back. 0: never.",
            default=5.0,
            least=0,
            most=MAX_COUNT,
            unit="spreads",
            flag="--smooth-spikes",
            widget=Widget(most=100.0, step=0.5, advanced=True),
        ),
        SCORE_THRESHOLD,
        Option(
            "fps",
            "number",
            "Frames per second of the clip. They decide over how many frames keypoints are "
            "averaged, and what counts as a spike. 0: not known; 30 is used.",
            default=0.0,
            least=0,
            most=1000,
            unit="frames per second",
            flag="--fps",
            flag_note="For the images of --clip; for a video it is read from the file.",
            widget=Widget(most=240.0, step=0.01, optional=True),
        ),
    )
)
