"""Options of detecting: where people are in an image."""

from __future__ import annotations

from ..foundation.limits import MAX_CANVAS_SIDE, MAX_PER_PASS
from .option import Option, OptionTable, Widget

DETECTING = OptionTable(
    (
        Option(
            "detector",
            "choice",
            "How people are found if there are no boxes or masks. RT-DETR v2 "
            "r18 is twice as fast as r50, but misses more people. Taking the whole image as one "
            "person needs no detector.",
            default="auto",
            flag="--detector",
            flag_note="The detectors need the package transformers. 'auto' uses rtdetr-r50 if it "
            "is installed, otherwise the whole image.",
            widget=Widget(labels={"whole": "whole image"}),
        ),
        Option(
            "detector_weights",
            "path",
            "Use this weights file for the detector.",
            flag="--detector-weights",
        ),
        Option(
            "person_threshold",
            "score",
            "Detections with a lower score do not count as people. Lower finds more people, and "
            "more statues. 0.5 is what the detector's makers use.",
            default=0.5,
            attribute="score_threshold",
            flag="--person-threshold",
            widget=Widget(least=0, most=1, step=0.01, advanced=True, optional=True),
        ),
        Option(
            "person_overlap",
            "number",
            "Of two detected boxes that overlap more than this, only the higher-scoring one is "
            "kept. The default is high because the detector is trained to find each person once, "
            "and people who hug overlap too.",
            default=0.7,
            least=0,
            most=1,
            attribute="max_overlap",
            flag="--person-overlap",
            widget=Widget(step=0.01, advanced=True, optional=True),
        ),
        Option(
            "person_min_size",
            "number",
            "Detected people who are narrower or lower than this many pixels do not count.",
            default=8,
            least=0,
            most=MAX_CANVAS_SIDE,
            unit="px",
            attribute="min_side_px",
            flag="--person-min-size",
            widget=Widget(least=1, most=4096, whole=True, advanced=True, optional=True),
        ),
        Option(
            "batch_size",
            "whole",
            "Images in one pass through the detector.",
            least=1,
            most=MAX_PER_PASS,
            none="what suits the device",
        ),
        Option(
            "bboxes",
            "text",
            "Boxes of the people: a JSON file with a list of [x1, y1, x2, y2] for each image name. "
            "'whole' means the same as --detector whole.",
            unit="FILE.json",
            flag="--bboxes",
        ),
        Option(
            "masks",
            "path",
            "Masks of the people: for photo.jpg either photo.png, where each white part is a "
            "person, or a folder 'photo' with one mask per person.",
            unit="folder",
            flag="--masks",
        ),
        Option(
            "mask_meaning",
            "choice",
            "Whether each connected part of a frame's mask is a person, or each mask. 'auto': each "
            "part if there is one mask or one per frame, otherwise each mask.",
            default="auto",
            choices={"auto": "", "parts": "", "people": ""},
            attribute="meaning",
            widget=Widget(
                labels={"parts": "each part is a person", "people": "each mask is a person"},
                advanced=True,
                optional=True,
                note="With several masks per frame, put all frames of the first person first, "
                "then those of the second. With fewer masks than frames, each mask is one person "
                "in all frames.",
            ),
        ),
        Option(
            "min_part",
            "number",
            "Connected parts of a mask that are smaller than this share of it are specks and do "
            "not count.",
            default=0.001,
            least=0,
            most=1,
        ),
    )
)
