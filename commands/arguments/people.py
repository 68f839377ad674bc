"""Where the people of a picture come from on the command line: boxes, a detector, or neither."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .cli_overrides import built, given, refuse_given
from .thresholds import shown_points
from .types import finite_number, share

if TYPE_CHECKING:
    from ...sapiens_core.pipeline import PoseOptions

log = logging.getLogger(__name__)


WHOLE = "whole"

DIM_OTHERS = 0.5

DETECTION = {
    "--person-threshold": "score_threshold",
    "--person-overlap": "max_overlap",
    "--person-min-size": "min_side_px",
}
"""The arguments for fields of ``PeopleSettings`` that a detector alone uses."""

ABOUT_DETECTION = ["--detector-weights", *DETECTION]


@dataclass(frozen=True)
class PeopleSettings:
    """Where people come from; if nothing is said of it, one person fills each picture.

    Attributes:
        boxes: a file of boxes.
        masks: a folder of masks.
        detector_weights: the detector's file.
        score_threshold: how sure the detector must be of a person.
        max_overlap: of two detected boxes that overlap more, the surer one counts.
        min_side_px: detected people with a shorter side do not count.
        num_images: pictures in all: a bare list of boxes is for a single one.
    """

    boxes: Path | None = None
    masks: Path | None = None
    detector_weights: Path | None = None
    score_threshold: float = 0.5
    max_overlap: float = 0.7
    min_side_px: float = 8.0
    num_images: int = 1


def add_people_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about finding people and cleaning up after them."""
    from ...sapiens_core.checkpoints.zoo import DETECTORS

    add = parser.add_argument
    add(
        "--detector",
        choices=[*(row.name for row in DETECTORS), WHOLE],
        default=WHOLE,
        help="how people are found: RT-DETR v2 with a larger or a smaller backbone (needs the "
        "package transformers), or 'whole': one person fills the picture (default: %(default)s)",
    )
    add("--detector-weights", type=Path, metavar="FILE", help="this file of the detector's weights")
    add(
        "--person-threshold",
        type=share,
        metavar="0..1",
        help="how sure the detector must be of a person (default: "
        f"{PeopleSettings.score_threshold})",
    )
    add(
        "--person-overlap",
        type=share,
        metavar="0..1",
        help="of two detected boxes that overlap more, only the surer one counts (default: "
        f"{PeopleSettings.max_overlap})",
    )
    add(
        "--person-min-size",
        type=finite_number,
        metavar="PX",
        help="detected people narrower or lower than this do not count (default: "
        f"{PeopleSettings.min_side_px:g})",
    )
    add(
        "--bboxes",
        metavar="FILE.json",
        help="boxes of the people instead: a JSON file with a list of [x1, y1, x2, y2] for each "
        "picture name; 'whole' is the same as --detector whole",
    )
    add(
        "--masks",
        type=Path,
        metavar="FOLDER",
        help="masks of the people instead: for photo.jpg either photo.png, where each white part "
        "is a person, or a folder 'photo' with a mask for each person",
    )
    add(
        "--dim-others",
        type=share,
        metavar="0..1",
        help="with --masks: how dark other people become while one is looked at (default: "
        f"{DIM_OTHERS})",
    )
    add(
        "--hide-outside-mask",
        action="store_true",
        help="with --masks: hide points far outside the person's own mask",
    )
    add(
        "--refine",
        choices=("off", "face", "hands", "both"),
        default="off",
        help="look at faces or hands a second time, close up, and keep what is better; for 133 "
        "and 308 keypoints (default: %(default)s)",
    )
    add(
        "--merge-duplicates",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="keep one skeleton where a person was found twice or in halves (default: on)",
    )
    add(
        "--hide-guesses",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="hide points outside a person's crop, and hands and faces of which hardly a point "
        "is sure (default: on)",
    )
    add(
        "--hide-face-from-behind",
        action="store_true",
        help="hide nose, eyes and face of people who turn their back",
    )


def pose_options(options: argparse.Namespace) -> PoseOptions:
    """What the arguments mean for finding poses."""
    from ...sapiens_core.detection.owners import DEFAULT_REACH
    from ...sapiens_core.estimator import EstimateOptions
    from ...sapiens_core.pipeline import PoseOptions
    from ...skeletons.poses.cleanup import CleanupOptions

    shown = shown_points(options, options.score_threshold)
    return PoseOptions(
        estimate=built(
            EstimateOptions,
            options,
            {"--batch-size": "batch_size"},
            flip=options.flip,
            dim_others=DIM_OTHERS if options.dim_others is None else options.dim_others,
        ),
        clean=CleanupOptions.from_switches(
            duplicates=options.merge_duplicates,
            guesses=options.hide_guesses,
            mask_reach=DEFAULT_REACH if options.hide_outside_mask else None,
            face_from_behind=options.hide_face_from_behind,
            # No hand or face goes of which points are to be shown.
            score_threshold=min(shown.body_threshold, shown.hands_threshold, shown.face_threshold),
        ),
        refine=options.refine,
    )


def people_settings(options: argparse.Namespace, num_images: int) -> PeopleSettings:
    """What the arguments mean for finding people, the detector found on disk or downloaded.

    Raises:
        ValueError, FileNotFoundError: they contradict one another, or a file cannot be used.
        DownloadError: the detector is not on disk and cannot be fetched.
        ImportError: the detector's library is missing.
    """
    from ..files.boxes_file import BoxesFile
    from ..files.masks_folder import MasksFolder

    _check(options)
    boxes = Path(options.bboxes) if options.bboxes and options.bboxes != WHOLE else None
    detects = not options.bboxes and not options.masks and options.detector != WHOLE
    if boxes:
        BoxesFile.read(boxes)
    if options.masks:
        MasksFolder.at(options.masks)
    return PeopleSettings(
        boxes=boxes,
        masks=options.masks,
        detector_weights=_detector_weights(options) if detects else None,
        num_images=num_images,
        **given(options, DETECTION),
    )


def _check(options: argparse.Namespace) -> None:
    """Raises ValueError if one argument would silently put another one out of use."""
    sources = {
        "--bboxes": options.bboxes,
        "--masks": options.masks,
        "--detector": options.detector != WHOLE,
    }
    several = [name for name, is_given in sources.items() if is_given]
    if len(several) > 1:
        raise ValueError(f"{' and '.join(several)} each say where people are; give one of them.")
    if not several:
        missing = "People are not detected: say by what, such as --detector rtdetr-r50."
        refuse_given(options, ABOUT_DETECTION, missing)
    elif not sources["--detector"]:
        missing = f"{several[0]} says where people are, so that they are not detected; leave out "
        refuse_given(options, ABOUT_DETECTION, missing + "one or the other.")
    if not options.masks:
        idle = ["--dim-others", "--hide-outside-mask"]
        refuse_given(options, idle, "There are no masks: say where with --masks.")


def _detector_weights(options: argparse.Namespace) -> Path:
    from ...sapiens_core.checkpoints.zoo import DETECTORS
    from ...sapiens_core.detection.rt_detr import require_library
    from .model import fetch, models_folder

    require_library()
    row = next(row for row in DETECTORS if row.name == options.detector)
    found: Path = options.detector_weights or fetch(row, models_folder(options.models_dir))
    return found
