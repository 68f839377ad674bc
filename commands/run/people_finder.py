"""A function that finds the people of images: from boxes, masks, a detector, or none of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..arguments.people import PeopleSettings

if TYPE_CHECKING:
    from ...sapiens_core.detection.people import People
    from ...skeletons.foundation.arrays import Image

log = logging.getLogger(__name__)


PeopleFinder = Callable[[Sequence[Path], "Sequence[Image]"], "list[People]"]
"""From the paths and pixels of some pictures to the people of each."""


def people_finder(settings: PeopleSettings, device: str) -> PeopleFinder:
    """A function from pictures to their people, its model loaded.

    What is wrong with one picture is raised for all that are looked at with it.

    Raises:
        ValueError, OSError: the boxes file, the masks or the detector's weights cannot be used.
        ImportError: the detector's library is missing.
    """
    from ...sapiens_core.detection.people import People
    from ..files.boxes_file import BoxesFile
    from ..files.masks_folder import MasksFolder

    if settings.masks:
        masks = MasksFolder.at(settings.masks)
        return lambda paths, images_rgb: list(map(masks.people, paths, images_rgb))
    if settings.boxes:
        boxes, count = BoxesFile.read(settings.boxes), settings.num_images
        return lambda paths, _: [boxes.people(path, count) for path in paths]
    if settings.detector_weights:
        return _detection(settings, settings.detector_weights, device)
    return lambda _, images_rgb: list(map(People.whole_image, images_rgb))


def _detection(settings: PeopleSettings, weights: Path, device_name: str) -> PeopleFinder:
    from ...sapiens_core.detection.rt_detr import DetectOptions, PersonDetector, load_detector
    from .estimator_on_device import choose_device

    device = choose_device(device_name)
    detector = PersonDetector(load_detector(weights).to(device), device)
    log.info("%s: people, on %s", weights.name, device)
    options = DetectOptions(settings.score_threshold, settings.max_overlap, settings.min_side_px)
    return lambda _, images_rgb: detector.detect(images_rgb, options)
