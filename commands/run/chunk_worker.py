"""Works on units: the same code in one process, in each of several, and on other machines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ...sapiens_core.detection.people import People
from ...sapiens_core.out_of_memory import OutOfMemory, explain_out_of_memory
from ...sapiens_core.pipeline import PoseOptions, find_poses
from ...skeletons.foundation.arrays import Image
from ...skeletons.pose import Frame
from ..arguments.model import ModelSettings
from ..arguments.people import PeopleSettings
from ..arguments.selection import Selection
from ..files.images import read_image
from ..files.video import VideoReader
from .chunks import PIXELS_TOGETHER, Failure, Item, Result, Unit
from .clip_people import select_people
from .estimator_on_device import load_estimator
from .outputs import Outputs
from .people_finder import people_finder

log = logging.getLogger(__name__)

T = TypeVar("T")

OnPictures = Callable[[int], None]
"""Called now and then with the number of a unit's pictures that are done."""


@dataclass(frozen=True)
class WorkSettings:
    """All that a unit's results depend on, beside its pictures and the device.

    Attributes:
        model: which network, and how it runs.
        people: who finds people.
        poses: how poses are found and cleaned up.
        selection: whom to keep; clips are selected from later.
        outputs: what is written of a picture; nothing is written of a frame of a clip.
        folder: where to.
    """

    model: ModelSettings
    people: PeopleSettings
    poses: PoseOptions
    selection: Selection
    outputs: Outputs
    folder: Path


@dataclass
class _Seen:
    """A picture that could be read, and its people once they are found."""

    place: int
    path: Path
    image_rgb: Image
    people: People = field(default_factory=lambda: People([]))

    @property
    def num_pixels(self) -> int:
        return self.image_rgb.shape[0] * self.image_rgb.shape[1]


class UnitWorker:
    """A loaded network, and all else that it takes to do units.

    Args:
        settings: of the work.
        device: where the network runs, such as ``cuda:1``.

    Raises:
        ValueError, OSError: the weights, boxes or masks cannot be used.
        ImportError: the detector's library is missing.
        OutOfMemory: the models do not fit.
    """

    def __init__(self, settings: WorkSettings, device: str) -> None:
        self._settings = settings
        with explain_out_of_memory("loading the model"):
            self._estimator = load_estimator(settings.model, device)
        with explain_out_of_memory("loading the detector"):
            self._find_people = people_finder(settings.people, device)
        self._reader: VideoReader | None = None

    def do(self, unit: Unit, on_pictures: OnPictures | None = None) -> list[Result]:
        """Finds the people of a unit, and writes what is to be written of each picture.

        A picture that cannot be read, looked at or written is a ``Failure`` of its own.

        Raises:
            RuntimeError: the device failed; it cannot be said whose fault that was.
        """
        results: dict[int, Result] = {}
        seen: list[_Seen] = []
        for place, item in enumerate(unit.items):
            try:
                with explain_out_of_memory(f"looking at {item.picture_path}"):
                    one = _Seen(place, item.picture_path, self._read(item))
            except (ValueError, OSError, OutOfMemory) as error:
                results[place] = Failure(str(error))
                continue
            if sum(each.num_pixels for each in (*seen, one)) > PIXELS_TOGETHER:
                self._look(unit, seen, results, on_pictures)
                seen = []
            seen.append(one)
        self._look(unit, seen, results, on_pictures)
        return [results[place] for place in range(len(unit.items))]

    def close(self) -> None:
        """Lets go of the clip that was read last."""
        if self._reader:
            self._reader.close()
        self._reader = None

    def _look(
        self,
        unit: Unit,
        seen: Sequence[_Seen],
        results: dict[int, Result],
        on_pictures: OnPictures | None,
    ) -> None:
        """Adds what is found in some of a unit's pictures, and writes it."""
        done_before = len(results)
        for one, people in zip(seen, self._people(seen), strict=True):
            if isinstance(people, Failure):
                results[one.place] = people
            else:
                one.people = people
        seen = [one for one in seen if one.place not in results]
        poses = self._poses(seen, on_pictures, done_before)
        for one, result in zip(seen, poses, strict=True):
            results[one.place] = result
            if isinstance(result, Frame) and not unit.is_clip:
                results[one.place] = self._write(unit.items[one.place], one.image_rgb, result)

    def _read(self, item: Item) -> Image:
        if item.frame is None:
            return read_image(item.path)
        if self._reader is None or self._reader.path != item.path:
            self.close()
            self._reader = VideoReader(item.path)
        return self._reader.read(item.frame)

    def _people(self, seen: Sequence[_Seen]) -> list[People | Failure]:
        def find(some: Sequence[_Seen]) -> list[People]:
            return self._find_people([one.path for one in some], [one.image_rgb for one in some])

        return _together_or_alone("finding people", find, seen)

    def _poses(
        self, seen: Sequence[_Seen], on_pictures: OnPictures | None, done_before: int
    ) -> list[Result]:
        def on_batch(done: int, people: int) -> None:
            if on_pictures:
                on_pictures(done_before + done * len(seen) // people)

        def find(some: Sequence[_Seen]) -> list[Frame]:
            images_rgb, people = [one.image_rgb for one in some], [one.people for one in some]
            told = on_batch if len(some) == len(seen) else None
            return find_poses(self._estimator, images_rgb, people, self._settings.poses, told)

        return _together_or_alone("finding poses", find, seen)

    def _write(self, item: Item, image_rgb: Image, frame: Frame) -> Result:
        frame = select_people(self._settings.selection, frame)
        base = self._settings.folder / item.name
        try:
            with explain_out_of_memory(f"writing the results of {item.picture_path}"):
                self._settings.outputs.write(base, item.picture_path.name, image_rgb, frame)
        except (ValueError, OSError, OutOfMemory) as error:
            return Failure(str(error))
        return frame


def _together_or_alone(
    work: str, find: Callable[[Sequence[_Seen]], Sequence[T]], seen: Sequence[_Seen]
) -> list[T | Failure]:
    """What is found in all pictures at once; if that fails, in one after the other."""
    try:
        with explain_out_of_memory(f"{work} in {', '.join(one.path.name for one in seen)}"):
            return list(find(seen))
    except (ValueError, OSError, OutOfMemory) as error:
        if len(seen) == 1:
            return [Failure(str(error))]
    return [result for one in seen for result in _together_or_alone(work, find, [one])]
