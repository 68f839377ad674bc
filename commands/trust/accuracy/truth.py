"""People whose keypoints somebody annotated, as COCO, COCO-WholeBody and Goliath keep them."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ....skeletons.foundation.safe_json import read_json
from ....skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308, KeypointSet
from ....skeletons.pose import Array, number_array

log = logging.getLogger(__name__)

KEYS: dict[str, tuple[str, ...]] = {
    GOLIATH_308.name: ("goliath_wholebody_kpts",),
    COCO_WHOLEBODY_133.name: (
        *("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts"),
    ),
    COCO_17.name: ("keypoints",),
}
"""The keys of an annotation whose lists, one after the other, are the keypoints of a set."""

AREA_OF_BOX = 0.53
"""Size of a person without ``area``, as a share of the box: the factor of ``xtcocotools``."""


@dataclass(frozen=True)
class ImageEntry:
    """An image of a data set: its id, its name below the folder of images, and its size."""

    id: int
    file_name: str
    canvas_wh: tuple[int, int]


@dataclass(frozen=True, eq=False)
class TruePerson:
    """One annotation.

    Attributes:
        image_id: of the image.
        triples: (K, 3) x, y in image pixels, and COCO's visibility: 0 not annotated, 1 hidden,
            2 visible.
        box_xywh: left, top, width, height in image pixels.
        area: size of the person in square pixels.
        is_crowd: the box is around several people, whom nobody annotated.
    """

    image_id: int
    triples: Array
    box_xywh: tuple[float, float, float, float]
    area: float
    is_crowd: bool

    def clipped_box(self, canvas_wh: tuple[int, int]) -> list[float]:
        """Left, top, right, bottom within the image, as mmpose clips annotated boxes."""
        left, top, width, height = self.box_xywh
        most_x, most_y = canvas_wh[0] - 1, canvas_wh[1] - 1
        x = [min(max(value, 0.0), most_x) for value in (left, left + width)]
        y = [min(max(value, 0.0), most_y) for value in (top, top + height)]
        return [x[0], y[0], x[1], y[1]]


@dataclass(frozen=True)
class Truth:
    """A data set.

    Attributes:
        keypoint_set: of the annotations.
        images: those that count.
        people: of these images.
        num_images: number of images in the file.
    """

    keypoint_set: KeypointSet
    images: tuple[ImageEntry, ...]
    people: tuple[TruePerson, ...]
    num_images: int

    @cached_property
    def by_image(self) -> dict[int, list[TruePerson]]:
        """The people of each image, by its id."""
        people: dict[int, list[TruePerson]] = {image.id: [] for image in self.images}
        for person in self.people:
            people[person.image_id].append(person)
        return people

    def only(self, images: Sequence[ImageEntry]) -> Truth:
        """The same with some of its images, in their order."""
        kept = {image.id for image in images}
        people = tuple(person for person in self.people if person.image_id in kept)
        return replace(self, images=tuple(images), people=people)

    def boxes(self, image: ImageEntry) -> list[list[float]]:
        """Boxes of those people of an image whom mmpose estimates when it takes annotated boxes.

        Crowds, people without a keypoint, and boxes without area are left out.
        """
        boxes = []
        for person in self.by_image[image.id]:
            left, top, right, bottom = box = person.clipped_box(image.canvas_wh)
            has_area = right > left and bottom > top
            if not person.is_crowd and has_area and (person.triples[:, 2] > 0).any():
                boxes.append(box)
        return boxes


def read_truth(path: Path) -> Truth:
    """Reads annotations.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no data set with keypoints.
    """
    if not path.exists():
        raise FileNotFoundError(f"There is no annotation file {path}.")
    document = read_json(path)
    if not isinstance(document, Mapping) or not all(
        isinstance(document.get(key), list) for key in ("images", "annotations")
    ):
        raise ValueError(
            f"{path} is not a data set of COCO's form: expected an object with the lists 'images' "
            "and 'annotations', such as person_keypoints_val2017.json."
        )
    try:
        images = tuple(_read_image(entry) for entry in document["images"])
        known = {image.id for image in images}
        entries = [entry for entry in document["annotations"] if "keypoints" in entry]
        keypoint_set = _find_set(entries)
        people = tuple(_read_person(entry, keypoint_set) for entry in entries)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{path} cannot be read as COCO annotations: {error!r:.200}") from error
    if len(known) != len(images):
        raise ValueError(f"{path} has several images with the same id.")
    if not people:
        raise ValueError(f"{path} has no annotation with 'keypoints'; use a keypoint file.")
    if strangers := {person.image_id for person in people} - known:
        raise ValueError(f"{path} annotates an image {min(strangers)} that 'images' does not list.")
    return Truth(keypoint_set, images, people, len(images))


def _find_set(entries: Sequence[Mapping[str, Any]]) -> KeypointSet:
    """The set whose keys the annotations have."""
    for keypoint_set in (GOLIATH_308, COCO_WHOLEBODY_133):
        if entries and all(key in entries[0] for key in KEYS[keypoint_set.name]):
            return keypoint_set
    return COCO_17


def _read_image(entry: Mapping[str, Any]) -> ImageEntry:
    name = entry["file_name"]
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise ValueError(f"the image name {name!r:.80} leads out of the folder of images")
    return ImageEntry(int(entry["id"]), name, (int(entry["width"]), int(entry["height"])))


def _read_person(entry: Mapping[str, Any], keypoint_set: KeypointSet) -> TruePerson:
    flat = [number for key in KEYS[keypoint_set.name] for number in entry[key]]
    triples = number_array(flat).reshape(-1, 3)
    if len(triples) != len(keypoint_set) or not np.isfinite(triples).all():
        raise ValueError(f"annotation {entry['id']} does not have {len(keypoint_set)} keypoints")
    left, top, width, height = (float(number) for number in entry["bbox"])
    area = float(entry.get("area", AREA_OF_BOX * width * height))
    if not all(map(math.isfinite, (left, top, width, height, area))):
        raise ValueError(f"annotation {entry['id']} has a box or area that is not finite")
    box = (left, top, width, height)
    return TruePerson(int(entry["image_id"]), triples, box, area, bool(entry.get("iscrowd")))


def choose_images(truth: Truth, folder: Path, limit: int, seed: int) -> Truth:
    """Those images that lie in a folder; with a limit, so many of those with annotated people.

    Args:
        truth: the data set.
        folder: where the images lie; what is missing is left out, and the log says so.
        limit: maximum number of images, chosen at random; 0 takes all.
        seed: of the choice.

    Raises:
        FileNotFoundError: there is no such folder, or none of the images lies in it.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder of images {folder}.")
    here = [image for image in truth.images if (folder / image.file_name).is_file()]
    if not here:
        raise FileNotFoundError(
            f"None of the {len(truth.images)} images of the annotations lies in {folder}; the "
            f"first would be {truth.images[0].file_name}."
        )
    if len(here) < len(truth.images):
        log.warning(
            "%d of the %d images are not in %s and are left out: the figures are those of the "
            "other %d.",
            *(len(truth.images) - len(here), len(truth.images), folder.name, len(here)),
        )
    if limit:
        with_people = [image for image in here if truth.boxes(image)]
        chosen = random.Random(seed).sample(with_people, min(limit, len(with_people)))
        here = sorted(chosen, key=lambda image: image.id)
    return truth.only(here)


@dataclass(frozen=True)
class Detections:
    """Boxes of people by image id, as left, top, right, bottom in image pixels, with scores."""

    boxes_xyxy: Mapping[int, list[list[float]]]
    scores: Mapping[int, list[float]]


def annotated_boxes(truth: Truth) -> Detections:
    """The annotated boxes, each with score 1."""
    boxes = {image.id: truth.boxes(image) for image in truth.images}
    return Detections(boxes, {key: [1.0] * len(value) for key, value in boxes.items()})


def read_detections(path: Path, truth: Truth) -> Detections:
    """A detector's results: a list of ``image_id``, ``category_id``, ``bbox`` and ``score``.

    Category 1, people, counts alone, and of the images those of ``truth``. Boxes that show nothing
    of their image are left out.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it holds something else.
    """
    if not path.exists():
        raise FileNotFoundError(f"There is no file of detections {path}.")
    document = read_json(path)
    if not isinstance(document, list):
        raise ValueError(f"{path} is not a detector's result file: expected a list.")
    sizes = {image.id: image.canvas_wh for image in truth.images}
    boxes: dict[int, list[list[float]]] = {key: [] for key in sizes}
    scores: dict[int, list[float]] = {key: [] for key in sizes}
    try:
        for entry in document:
            key = int(entry["image_id"])
            if int(entry["category_id"]) != 1 or key not in sizes:
                continue
            left, top, width, height = (float(number) for number in entry["bbox"][:4])
            score = float(entry["score"])
            shows = left < sizes[key][0] and top < sizes[key][1] and left + width > 0
            if width > 0 and height > 0 and shows and top + height > 0 and math.isfinite(score):
                boxes[key].append([left, top, left + width, top + height])
                scores[key].append(score)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{path} is not a detector's result file: expected image_id, category_id, bbox and "
            f"score in each entry ({error!r:.100})."
        ) from error
    if not any(boxes.values()):
        raise ValueError(f"{path} has no box of a person in any of these images.")
    return Detections(boxes, scores)
