"""Finds the people and poses of chunks: the same code in one process, in several, on a cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ...sapiens_core.clip.images.small_image import SmallImage
from ...sapiens_core.detection.people import People
from ...sapiens_core.network.pose_net import SapiensPoseNet
from ...sapiens_core.out_of_memory import OutOfMemory, explain_out_of_memory
from ...sapiens_core.pipeline import PoseOptions, find_poses
from ...skeletons.foundation.arrays import Image
from ...skeletons.pose import Frame
from ..arguments.model import ModelSettings
from ..arguments.people import PeopleSettings
from ..arguments.retarget_options import Retargeting
from ..arguments.selection import Selection
from ..failures import Cause, cause_of_reading, cause_of_writing
from ..files.animations import AnimationReader, open_clip
from ..files.images import read_image
from ..videos.frame_store import FrameStore
from ..videos.video_reader import VideoReader
from .chunks import MAX_PIXELS_TOGETHER, Chunk, ClipPoses, Failure, Item, Result
from .clip_people import retarget_frames, select_people
from .models_on_device import load_estimator, load_people_finder
from .outputs import Outputs

log = logging.getLogger(__name__)

T = TypeVar("T")

OnProgress = Callable[[int], None]
"""Called now and then with the number of a chunk's images that are done."""


OnRead = Callable[[int | None], None]
"""Called with the index of the image that is read next, and with None when it was read."""


@dataclass(frozen=True)
class WorkSettings:
    """All that a chunk's results depend on, beside its images and the device.

    Attributes:
        model: which network, and how it runs.
        people: what finds people.
        poses: how poses are found and cleaned up.
        selection: whom to keep; in clips that is decided later.
        retargeting: whose bodies they get, if others'; in clips that too is done later.
        outputs: which files an image gets; a frame of a clip gets none here.
        folder: the output folder.
        keeps_images: whether frames of clips keep a small image, for cuts and the camera.
    """

    model: ModelSettings
    people: PeopleSettings
    poses: PoseOptions
    selection: Selection
    outputs: Outputs
    folder: Path
    retargeting: Retargeting | None = None
    keeps_images: bool = False


@dataclass
class _LoadedImage:
    """An image of a chunk in memory, and its people once they are found."""

    index: int
    path: Path
    image_rgb: Image
    people: People = field(default_factory=lambda: People([]))

    @property
    def num_pixels(self) -> int:
        return self.image_rgb.shape[0] * self.image_rgb.shape[1]


class ChunkWorker:
    """A loaded network, and all else that chunks take.

    Args:
        settings: of the work.
        device: where the network runs, such as ``cuda:1``.
        model: the pose network, if it was loaded already.
        frames: gets the frames of clips that were decoded, for those who draw on them.

    Raises:
        ValueError, OSError: the weights, boxes or masks cannot be used.
        ImportError: the detector's library is missing.
        OutOfMemory: the models do not fit.
    """

    def __init__(
        self,
        settings: WorkSettings,
        device: str,
        model: SapiensPoseNet | None = None,
        frames: FrameStore | None = None,
    ) -> None:
        self._settings = settings
        self._frames = frames
        with explain_out_of_memory("loading the model"):
            self._estimator = load_estimator(settings.model, device, model)
        with explain_out_of_memory("loading the detector"):
            self._find_people = load_people_finder(settings.people, device)
        self._reader: VideoReader | AnimationReader | None = None
        self._last_read: Path | None = None

    def process(
        self,
        chunk: Chunk,
        on_progress: OnProgress | None = None,
        on_read: OnRead | None = None,
    ) -> list[Result]:
        """Finds the poses of a chunk, and writes the files that each image gets.

        An image that cannot be read, looked at or written is a ``Failure`` of its own, which says
        whether the image is at fault.

        Raises:
            RuntimeError: the device failed; which image caused it is unknown.
        """
        results: dict[int, Result] = {}
        loaded: list[_LoadedImage] = []
        for index, item in enumerate(chunk.items):
            try:
                if on_read:
                    on_read(index)
                with explain_out_of_memory(f"looking at {item.image_path}"):
                    image = _LoadedImage(index, item.image_path, self._read(item))
            except (ValueError, OSError, OutOfMemory) as error:
                cause = _cause_of(error, item.path, self._last_read)
                results[index] = Failure(str(error), cause)
                continue
            if not item.is_copy:
                self._last_read = item.path
            if on_read:
                on_read(None)
            if sum(other.num_pixels for other in (*loaded, image)) > MAX_PIXELS_TOGETHER:
                self._process_loaded(chunk, loaded, results, on_progress)
                loaded = []
            loaded.append(image)
        self._process_loaded(chunk, loaded, results, on_progress)
        return [results[index] for index in range(len(chunk.items))]

    def close(self) -> None:
        """Closes the clip that was read last."""
        if self._reader:
            self._reader.close()
        self._reader = None

    def _read(self, item: Item) -> Image:
        if item.frame is None:
            return read_image(item.path)
        if self._reader is None or self._reader.path != item.path:
            self.close()
            self._reader = open_clip(item.path)
        image_rgb = self._reader.read(item.frame)
        if self._frames:
            self._frames.put(item.path, item.frame, image_rgb)
        return image_rgb

    def _process_loaded(
        self,
        chunk: Chunk,
        images: Sequence[_LoadedImage],
        results: dict[int, Result],
        on_progress: OnProgress | None,
    ) -> None:
        """Adds the results of some of a chunk's images, their files written."""
        done_before = len(results)
        for image, people in zip(images, self._find_all_people(images), strict=True):
            if isinstance(people, Failure):
                results[image.index] = people
            else:
                image.people = people
        images = [image for image in images if image.index not in results]
        poses = self._find_all_poses(images, on_progress, done_before)
        for image, result in zip(images, poses, strict=True):
            if isinstance(result, Frame) and chunk.is_clip:
                small = SmallImage.of(image.image_rgb) if self._settings.keeps_images else None
                result = ClipPoses(result.canvas_wh, result.poses, small)
            elif isinstance(result, Frame):
                result = self._write(chunk.items[image.index], image.image_rgb, result)
            results[image.index] = result

    def _find_all_people(self, images: Sequence[_LoadedImage]) -> list[People | Failure]:
        def find(some: Sequence[_LoadedImage]) -> list[People]:
            paths, images_rgb = [image.path for image in some], [image.image_rgb for image in some]
            return self._find_people(paths, images_rgb)

        return _find_together_or_alone("finding people", find, images)

    def _find_all_poses(
        self, images: Sequence[_LoadedImage], on_progress: OnProgress | None, done_before: int
    ) -> list[Result]:
        def on_batch(num_done: int, num_people: int) -> None:
            if on_progress:
                on_progress(done_before + num_done * len(images) // num_people)

        def find(some: Sequence[_LoadedImage]) -> list[Frame]:
            images_rgb = [image.image_rgb for image in some]
            people = [image.people for image in some]
            report = on_batch if len(some) == len(images) else None
            return find_poses(self._estimator, images_rgb, people, self._settings.poses, report)

        return _find_together_or_alone("finding poses", find, images)

    def _write(self, item: Item, image_rgb: Image, frame: Frame) -> Result:
        frame = select_people(self._settings.selection, frame)
        if self._settings.retargeting:
            (frame,) = retarget_frames([frame], self._settings.retargeting)
        base = self._settings.folder / item.name
        try:
            with explain_out_of_memory(f"writing the results of {item.image_path}"):
                self._settings.outputs.write(base, item.image_path.name, image_rgb, frame)
        except OutOfMemory as error:
            return Failure(str(error), Cause.MEMORY)
        except (ValueError, OSError) as error:
            return Failure(str(error), cause_of_writing(error))
        return frame


def _cause_of(error: Exception, path: Path, last_read: Path | None) -> Cause:
    if isinstance(error, OutOfMemory):
        return Cause.MEMORY
    return cause_of_reading(error, path, last_read)


def _find_together_or_alone(
    work: str,
    find: Callable[[Sequence[_LoadedImage]], Sequence[T]],
    images: Sequence[_LoadedImage],
) -> list[T | Failure]:
    """What ``find`` returns for all images at once; if that fails, for one after the other."""
    try:
        with explain_out_of_memory(f"{work} in {', '.join(image.path.name for image in images)}"):
            return list(find(images))
    except (ValueError, OSError, OutOfMemory) as error:
        if len(images) == 1:
            return [Failure(str(error), _cause_of(error, images[0].path, None))]
    return [result for image in images for result in _find_together_or_alone(work, find, [image])]
