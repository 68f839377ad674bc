"""The settings of Sapiens Pose: its inputs, and the options that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from comfy_api.latest import io

from ...sapiens_core.checkpoints.zoo import DETECTORS
from ...sapiens_core.detection.masks import MaskOptions
from ...sapiens_core.detection.rt_detr import DetectOptions
from ...sapiens_core.estimator import EstimateOptions
from ...sapiens_core.pipeline import PoseOptions
from ...skeletons.foundation.checks import short_repr
from ...skeletons.openpose_points import OpenPoseOptions
from ...skeletons.options.cleaning import CLEANING
from ...skeletons.options.detecting import DETECTING
from ...skeletons.options.drawing import SHOWN
from ...skeletons.options.estimating import ESTIMATING
from ...skeletons.options.option import Option, Widget
from ...skeletons.poses.cleanup import CleanupOptions
from .widgets import HIDDEN, default_input, option_values, widget

WHOLE = "whole"


def _detector() -> Option:
    """The row of the detector with the detectors that there are, and the first as the default.

    A frame of several people taken as one person gives a wrong skeleton without a warning.
    """
    row = DETECTING["detector"]
    sizes = ", ".join(f"{each.file_bytes / 1e6:.0f} MB" for each in DETECTORS)
    look = Widget(
        default=DETECTORS[0].name,
        labels={each.name: each.title for each in DETECTORS} | {WHOLE: "whole image"},
        note=f"The first use downloads the detector ({sizes}; {DETECTORS[0].license.name}) into "
        "models/sapiens.",
    )
    names = (*(each.name for each in DETECTORS), WHOLE)
    return replace(row, choices=dict.fromkeys(names, ""), widget=look)


FIRST = (
    _detector(),
    ESTIMATING["flip_test"],
    *(SHOWN[f"{what}_threshold"] for what in ("score", "hands", "face", "feet")),
    ESTIMATING["batch_size"],
)
"""The options of the node's first version."""

LATER = (
    ESTIMATING["refine"],
    *(DETECTING[name] for name in ("person_threshold", "person_overlap", "person_min_size")),
    DETECTING["mask_meaning"],
    ESTIMATING["dim_others"],
    *(CLEANING[name] for name in ("hide_outside_mask", "merge_duplicates", "hide_guesses")),
    CLEANING["hide_face_from_behind"],
)
"""Options that came later, optional and behind all other inputs, because old graphs lack them.

Saved workflows rely on the order: new ones go to the end."""


OWN_NODE = (*LATER[1:], FIRST[-1])
"""The options of the node Sapiens Pose Options. The main node keeps them for saved graphs, and the
page shows one only where a saved graph has changed it."""

PoseOptionsSocket = io.Custom("SAPIENS_POSE_OPTIONS")
"""A dict of values by the names of ``OWN_NODE``."""


def detector_widget() -> Any:
    """The menu of detectors."""
    return widget(FIRST[0])


def first_widgets() -> list[Any]:
    """The inputs of ``FIRST``."""
    return [_main_widget(option) for option in FIRST]


def later_widgets() -> list[Any]:
    """The inputs of ``LATER``."""
    return [_main_widget(option) for option in LATER]


def _main_widget(option: Option) -> Any:
    return widget(option, extra_dict=HIDDEN) if option in OWN_NODE else widget(option)


def own_node_widgets() -> list[Any]:
    """The inputs of ``OWN_NODE``, for the node where all of them are shown."""
    return [widget(option, advanced=None, optional=False) for option in OWN_NODE]


def with_options(inputs: Mapping[str, Any], options: Any) -> Mapping[str, Any]:
    """The inputs of the main node with those that come from the node of options.

    Raises:
        ValueError: what came is not options, or the main node itself says something else.
    """
    if options is None:
        return inputs
    if not isinstance(options, dict) or not any(each.name in options for each in OWN_NODE):
        raise ValueError(
            f"SAPIENS_POSE_OPTIONS is {short_repr(options)}, expected options. Connect Sapiens "
            "Pose Options."
        )
    for option in OWN_NODE:
        name, default = option.name, default_input(option)
        if inputs.get(name, default) not in (default, options.get(name, default)):
            raise ValueError(
                f"{name} is {short_repr(inputs[name])} here and "
                f"{short_repr(options.get(name, default))} in Sapiens Pose Options. Set it to "
                f"{short_repr(default)} here."
            )
    return {**inputs, **options}


@dataclass(frozen=True)
class PoseSettings:
    """What a user asks Sapiens Pose for.

    Attributes:
        detector: the name of a detector, or ``whole``.
        batch_size: people in a pass, None for as many as fit.
        shown: which keypoints are shown.
        poses: how poses are found.
        detecting: which detections are people.
        masks: how masks are read.
    """

    detector: str
    batch_size: int | None
    shown: OpenPoseOptions
    poses: PoseOptions
    detecting: DetectOptions
    masks: MaskOptions

    @classmethod
    def with_detector(cls, detector: Any) -> PoseSettings:
        """The defaults of all settings but for the detector, as its menu calls it.

        Raises:
            ValueError: there is no such detector.
        """
        defaults = {option.name: default_input(option) for option in FIRST}
        return cls.of(defaults | {"detector": detector})

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> PoseSettings:
        """The settings of a node's inputs; those of ``LATER`` may be missing.

        Raises:
            ValueError: a value cannot be used; the message names the input.
        """
        values = option_values((*FIRST, *LATER), inputs)
        shown = OpenPoseOptions(
            body_threshold=values["body_threshold"],
            hands_threshold=values["hands_threshold"],
            face_threshold=values["face_threshold"],
            feet_threshold=values["feet_threshold"],
        )
        clean = CleanupOptions.from_switches(
            duplicates=values["merge_duplicates"],
            guesses=values["hide_guesses"],
            outside_mask=values["hide_outside_mask"],
            face_from_behind=values["face_from_behind"],
            # No hand or face is hidden as a whole if some of its keypoints are to be shown.
            score_threshold=min(shown.body_threshold, shown.hands_threshold, shown.face_threshold),
        )
        return cls(
            detector=values["detector"],
            batch_size=values["batch_size"],
            shown=shown,
            poses=PoseOptions(
                estimate=EstimateOptions(flip=values["flip"], dim_others=values["dim_others"]),
                clean=clean,
                refine=values["refine"],
            ),
            detecting=DetectOptions(
                score_threshold=values["score_threshold"],
                max_overlap=values["max_overlap"],
                min_side_px=values["min_side_px"],
            ),
            masks=MaskOptions(meaning=values["meaning"]),
        )
