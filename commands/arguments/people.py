"""Where the people of an image come from on the command line: boxes, a detector, or neither."""

from __future__ import annotations

import argparse
import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...skeletons.options.cleaning import CLEANING
from ...skeletons.options.detecting import DETECTING
from ...skeletons.options.estimating import ESTIMATING
from .from_options import add_option, add_options, given_values, make_options, refuse_given
from .thresholds import shown_points

if TYPE_CHECKING:
    from ...sapiens_core.checkpoints.zoo import DetectorCheckpoint
    from ...sapiens_core.pipeline import PoseOptions

log = logging.getLogger(__name__)

WHOLE = "whole"
"""Not a detector: each image is one person."""

AUTO = DETECTING["detector"].default
"""The first detector if its library is installed, else ``WHOLE``."""

FOR_DETECTOR = tuple(
    DETECTING[name]
    for name in ("detector_weights", "person_threshold", "person_overlap", "person_min_size")
)
"""Options that only a detector uses."""

FOR_MASKS = (ESTIMATING["dim_others"], CLEANING["hide_outside_mask"])
"""Options that only masks use."""


@dataclass(frozen=True)
class PeopleSettings:
    """Where people come from; if nothing of it is set, one person fills each image.

    ``skeletons/options/detecting.py`` has rows for what a detector uses.

    Attributes:
        boxes: a file of boxes.
        masks: a folder of masks.
        detector_weights: the detector's file.
        num_images: number of images in all: a bare list of boxes is for a single one.
    """

    boxes: Path | None = None
    masks: Path | None = DETECTING["masks"].default
    detector_weights: Path | None = DETECTING["detector_weights"].default
    score_threshold: float = DETECTING["person_threshold"].default
    max_overlap: float = DETECTING["person_overlap"].default
    min_side_px: float = DETECTING["person_min_size"].default
    num_images: int = 1


def add_people_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments about finding people and cleaning up after them."""
    from ...sapiens_core.checkpoints.zoo import DETECTORS

    add = parser.add_argument
    names = (AUTO, *(row.name for row in DETECTORS), WHOLE)
    add_option(add, replace(DETECTING["detector"], choices=dict.fromkeys(names, "")))
    add_options(add, *FOR_DETECTOR, given_only=True)
    add_options(add, DETECTING["bboxes"], DETECTING["masks"])
    add_options(add, *FOR_MASKS, given_only=True)
    add_option(add, ESTIMATING["refine"])
    add_options(add, *(row for row in CLEANING if row not in FOR_MASKS))


def pose_options(options: argparse.Namespace) -> PoseOptions:
    """What the arguments mean for finding poses."""
    from ...sapiens_core.estimator import EstimateOptions
    from ...sapiens_core.pipeline import PoseOptions
    from ...skeletons.poses.cleanup import CleanupOptions

    shown = shown_points(options, options.score_threshold)
    return PoseOptions(
        estimate=make_options(EstimateOptions, options, ESTIMATING),
        clean=CleanupOptions.from_switches(
            duplicates=options.merge_duplicates,
            guesses=options.hide_guesses,
            outside_mask=options.hide_outside_mask,
            face_from_behind=options.hide_face_from_behind,
            # No hand or face is hidden as a whole if some of its keypoints are to be shown.
            score_threshold=min(shown.body_threshold, shown.hands_threshold, shown.face_threshold),
        ),
        refine=options.refine,
    )


def people_settings(options: argparse.Namespace, num_images: int) -> PeopleSettings:
    """What the arguments mean for finding people, the detector found on disk or downloaded.

    Raises:
        ValueError, FileNotFoundError: they contradict one another, or a file cannot be used.
        DownloadError: the detector is not on disk and cannot be fetched.
        ImportError: the detector's library is missing, and a detector is asked for.
    """
    from ..files.boxes_file import BoxesFile
    from ..files.masks_folder import MasksFolder

    _check(options)
    boxes = Path(options.bboxes) if options.bboxes and options.bboxes != WHOLE else None
    if boxes:
        BoxesFile.read(boxes)
    if options.masks:
        MasksFolder.at(options.masks)
    return make_options(
        PeopleSettings,
        options,
        FOR_DETECTOR,
        boxes=boxes,
        masks=options.masks,
        detector_weights=_detector_weights(options),
        num_images=num_images,
    )


def _check(options: argparse.Namespace) -> None:
    """Raises ValueError if one argument would silently put another one out of use."""
    sources = {
        "--bboxes": options.bboxes,
        "--masks": options.masks,
        "--detector": options.detector not in (AUTO, WHOLE),
    }
    several = [name for name, is_given in sources.items() if is_given]
    if len(several) > 1:
        raise ValueError(f"{' and '.join(several)} each say where people are; give one of them.")
    if not several and options.detector == WHOLE:
        missing = "No detector is selected; add --detector rtdetr-r50."
        refuse_given(options, FOR_DETECTOR, missing)
    elif several and not sources["--detector"]:
        missing = f"{several[0]} says where people are, so nobody is detected; omit one of the two."
        refuse_given(options, FOR_DETECTOR, missing)
    if not options.masks:
        refuse_given(options, FOR_MASKS, "There are no masks: add --masks FOLDER.")


def _detector_weights(options: argparse.Namespace) -> Path | None:
    """The detector's file, or None if nobody is to be detected.

    The workers are told the file, and never decide themselves: all do the same, and the file is
    part of what a run is known again by.
    """
    from ...sapiens_core.checkpoints.zoo import DETECTORS
    from ...sapiens_core.detection.rt_detr import require_library

    if options.bboxes or options.masks or options.detector == WHOLE:
        return None
    try:
        require_library()
    except ImportError as error:
        if options.detector != AUTO or given_values(options, FOR_DETECTOR):
            raise
        log.warning("Each image is taken as one person, as with --detector %s. %s", WHOLE, error)
        return None
    names = {row.name: row for row in DETECTORS}
    found: Path = options.detector_weights or _fetch(
        names.get(options.detector, DETECTORS[0]), options
    )
    return found


def _fetch(row: DetectorCheckpoint, options: argparse.Namespace) -> Path:
    from ...sapiens_core.checkpoints.download_errors import DownloadError
    from .model import fetch, models_folders

    try:
        return fetch(row, models_folders(options.models_dir))
    except DownloadError as error:
        raise DownloadError(
            f"{error} To take each image as one person instead, add --detector {WHOLE}."
        ) from error
