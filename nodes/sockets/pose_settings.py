"""The settings of Sapiens Pose that came after its first ones: what they are, and what they mean.

They are optional inputs behind all others, so that workflows saved without them keep working.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from comfy_api.latest import io

from ...skeletons.foundation.checks import FLAG, SCORE, check, one_of, within
from ...skeletons.foundation.limits import MAX_CANVAS_SIDE

if TYPE_CHECKING:
    from ...sapiens_core.detection.masks import MaskOptions, Meaning
    from ...sapiens_core.detection.rt_detr import DetectOptions
    from ...sapiens_core.pipeline import PoseOptions
    from ...sapiens_core.refine import Refine

REFINE: dict[str, Refine] = {
    "off": "off",
    "face": "face",
    "hands": "hands",
    "face and hands": "both",
}
MASK_MEANINGS: dict[str, Meaning] = {
    "auto": "auto",
    "each part is a person": "parts",
    "each mask is a person": "people",
}
DEFAULTS: dict[str, Any] = {
    "refine": "off",
    "person_threshold": 0.5,
    "person_overlap": 0.7,
    "person_min_size": 8,
    "mask_meaning": "auto",
    "dim_others": 0.5,
    "hide_outside_mask": False,
    "merge_duplicates": True,
    "hide_guesses": True,
    "hide_face_from_behind": False,
}
EXPECTED = {
    "refine": one_of(REFINE),
    "person_threshold": SCORE,
    "person_overlap": within(0, 1),
    "person_min_size": within(0, MAX_CANVAS_SIDE),
    "mask_meaning": one_of(MASK_MEANINGS),
    "dim_others": within(0, 1),
    "hide_outside_mask": FLAG,
    "merge_duplicates": FLAG,
    "hide_guesses": FLAG,
    "hide_face_from_behind": FLAG,
}


def _share(name: str, tooltip: str) -> Any:
    return io.Float.Input(
        name,
        default=DEFAULTS[name],
        min=0.0,
        max=1.0,
        step=0.01,
        optional=True,
        advanced=True,
        tooltip=tooltip,
    )


def _switch(name: str, tooltip: str) -> Any:
    return io.Boolean.Input(
        name, default=DEFAULTS[name], optional=True, advanced=True, tooltip=tooltip
    )


def inputs() -> list[Any]:
    """The inputs, in the order that saved workflows rely on: add new ones at the end."""
    return [
        io.Combo.Input(
            "refine",
            options=list(REFINE),
            default=DEFAULTS["refine"],
            optional=True,
            tooltip="Look at each face or hand a second time, close up, and keep what is better. "
            "One more pass for each; for models with 133 or 308 keypoints.",
        ),
        _share(
            "person_threshold",
            "How sure the detector must be that something is a person. Lower finds more people, "
            "and more statues.",
        ),
        _share(
            "person_overlap",
            "Of two detected boxes that overlap more than this, only the surer one counts.",
        ),
        io.Int.Input(
            "person_min_size",
            default=DEFAULTS["person_min_size"],
            min=1,
            max=4096,
            optional=True,
            advanced=True,
            tooltip="Detected people narrower or lower than this many pixels do not count.",
        ),
        io.Combo.Input(
            "mask_meaning",
            options=list(MASK_MEANINGS),
            default=DEFAULTS["mask_meaning"],
            optional=True,
            advanced=True,
            tooltip="Is each connected part of a frame's mask a person, or each mask? With several "
            "masks a frame, put all frames of the first person first, then those of the second. "
            "Fewer masks than frames: each is one person in all frames. "
            "auto: parts if there is one mask or one a frame, else a person a mask.",
        ),
        _share(
            "dim_others",
            "With masks: how dark other people become while one is looked at. 0 leaves them.",
        ),
        _switch(
            "hide_outside_mask",
            "With masks: hide points far outside the person's own mask.",
        ),
        _switch(
            "merge_duplicates",
            "Keep one skeleton where a person was found twice, and join one found in two halves.",
        ),
        _switch(
            "hide_guesses",
            "Hide points outside of what the model saw, and hands or faces of which hardly a "
            "point is sure.",
        ),
        _switch(
            "hide_face_from_behind",
            "Hide nose, eyes and face of people who turn their back.",
        ),
    ]


def checked(settings: dict[str, Any]) -> dict[str, Any]:
    """All settings, those that are missing with their default; ValueError if one cannot be used."""
    value = DEFAULTS | settings
    for name, expected in EXPECTED.items():
        check(name, value[name], expected)
    return value


def pose_options(*, flip: bool, threshold: float, settings: dict[str, Any]) -> PoseOptions:
    """What the checked settings mean for finding poses."""
    from ...sapiens_core.detection.owners import DEFAULT_REACH
    from ...sapiens_core.estimator import EstimateOptions
    from ...sapiens_core.pipeline import PoseOptions
    from ...skeletons.poses.cleanup import CleanupOptions

    return PoseOptions(
        estimate=EstimateOptions(flip=flip, dim_others=settings["dim_others"]),
        clean=CleanupOptions.from_switches(
            duplicates=settings["merge_duplicates"],
            guesses=settings["hide_guesses"],
            mask_reach=DEFAULT_REACH if settings["hide_outside_mask"] else None,
            face_from_behind=settings["hide_face_from_behind"],
            score_threshold=threshold,
        ),
        refine=REFINE[settings["refine"]],
    )


def detect_options(settings: dict[str, Any]) -> DetectOptions:
    """What the checked settings mean for detecting people."""
    from ...sapiens_core.detection.rt_detr import DetectOptions

    return DetectOptions(
        score_threshold=settings["person_threshold"],
        max_overlap=settings["person_overlap"],
        min_side_px=settings["person_min_size"],
    )


def mask_options(settings: dict[str, Any]) -> MaskOptions:
    """What the checked settings mean for reading masks."""
    from ...sapiens_core.detection.masks import MaskOptions

    return MaskOptions(meaning=MASK_MEANINGS[settings["mask_meaning"]])
