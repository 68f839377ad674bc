"""The files that ``sapiens-pose estimate`` writes for each video: drawn videos, and JSON."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from ...skeletons.choices import Background
from ...skeletons.formats.clips.clip_text import ClipText
from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.atomic_files import replace_atomically
from ...skeletons.pose import Frame
from ..files.animations import AnimationReader, open_clip
from ..videos.clip_frames import ClipFrame, VideoInfo
from ..videos.frame_store import FrameStore
from ..videos.video_reader import VideoReader
from ..videos.video_writer import VideoWriter
from .chunks import Item, Result
from .outputs import Outputs, named_path

BACKGROUNDS: dict[str, Background] = {"skeleton": "black", "overlay": "image"}
"""Background of each kind of drawn video."""

FRAMES_AHEAD = 4
"""Number of frames that wait to be drawn and encoded, for each video."""


@dataclass(frozen=True)
class ClipOutputs:
    """Which files a video gets.

    Attributes:
        outputs: formats and styles.
        drawings: names in ``BACKGROUNDS``, one video each.
        json_each_frame: one JSON file per frame, in a folder of the clip's name, instead of one
            for the clip.
        keeps_size: whether drawn videos have the clip's size, or else that of the canvas of the
            first frame.

    Raises:
        ValueError: a format cannot hold a whole clip.
    """

    outputs: Outputs
    drawings: tuple[str, ...]
    json_each_frame: bool
    keeps_size: bool = True

    def __post_init__(self) -> None:
        single = {"openpose", "openpose-editor"} & set(self.outputs.formats)
        if single and not self.json_each_frame:
            raise ValueError(
                f"A file of the format {min(single)!r} holds one image: add --json frame, or "
                "choose another --format."
            )

    def paths(self, base: Path, items: Iterable[Item], folder: Path) -> list[Path]:
        """The paths that ``write`` writes."""
        bases = [folder / item.name for item in items] if self.json_each_frame else [base]
        formats = self.outputs.formats
        documents = (self.outputs.json_path(path, name) for path in bases for name in formats)
        return [*documents, *self._video_paths(base).values()]

    def write(
        self,
        base: Path,
        info: VideoInfo,
        pairs: Iterable[tuple[Item, Result]],
        folder: Path,
        frames: FrameStore,
    ) -> None:
        """Writes the frames that could be read; each file is whole or not there.

        Args:
            base: path of the clip's results without ending.
            info: the clip.
            pairs: its frames in order, and their people.
            folder: the output folder.
            frames: those that are decoded already.

        Raises:
            ValueError: no frame could be used.
            OSError: something cannot be written.
        """
        with ExitStack() as stack:
            images = stack.enter_context(_ClipImages(info.path, frames))
            documents = [
                stack.enter_context(_ClipJson(path, info.path.name, name, self.outputs))
                for name in ([] if self.json_each_frame else self.outputs.formats)
                for path in [
                    stack.enter_context(replace_atomically(self.outputs.json_path(base, name)))
                ]
            ]
            videos: list[_DrawnVideo] | None = None
            for item, frame in pairs:
                if not isinstance(frame, Frame) or item.frame is None:
                    continue
                if videos is None:
                    size_wh = info.size_wh if self.keeps_size else frame.canvas_wh
                    videos = self._open_videos(base, info, size_wh, stack)
                if self.json_each_frame:
                    self.outputs.write_json(folder / item.name, item.image_path.name, frame)
                for document in documents:
                    document.add(item.stem, item.frame, frame)
                draws_on_it = any(video.background == "image" for video in videos)
                image_rgb = images.get(item.frame) if draws_on_it else None
                for video in videos:
                    video.add(item.frame, image_rgb, frame)
            if videos is None:
                raise ValueError(f"No frame of {info.path} could be used; nothing is written.")

    def _open_videos(
        self, base: Path, info: VideoInfo, size_wh: tuple[int, int], stack: ExitStack
    ) -> list[_DrawnVideo]:
        videos = []
        for (style, background), path in self._video_paths(base).items():
            temporary = stack.enter_context(replace_atomically(path))
            with_audio = background == "image"
            writer = VideoWriter(temporary, info, size_wh=size_wh, with_audio=with_audio)
            video = _DrawnVideo(stack.enter_context(writer), self.outputs, style, background)
            videos.append(stack.enter_context(video))
        return videos

    def _video_paths(self, base: Path) -> dict[tuple[str, Background], Path]:
        """The path of each drawn video by its style and background."""
        styles = self.outputs.styles
        return {
            (style, BACKGROUNDS[drawing]): named_path(base, style, styles, f"_{drawing}.mp4")
            for style in styles
            for drawing in self.drawings
        }


class _ClipImages:
    """The frames of a clip to draw on: those that are held, or else decoded again."""

    def __init__(self, path: Path, frames: FrameStore) -> None:
        self._path = path
        self._frames = frames
        self._reader: VideoReader | AnimationReader | None = None

    def __enter__(self) -> _ClipImages:
        return self

    def __exit__(self, *_: object) -> None:
        if self._reader:
            self._reader.close()

    def get(self, clip_frame: ClipFrame) -> Image:
        """(H, W, 3) uint8 RGB."""
        image_rgb = self._frames.take(self._path, clip_frame)
        if image_rgb is not None:
            return image_rgb
        self._reader = self._reader or open_clip(self._path)
        return self._reader.read(clip_frame)


class _DrawnVideo:
    """A drawn video, whose frames are drawn and encoded in a thread of its own.

    Leaving the context waits for the frames that were added; after an error they are given up.
    """

    def __init__(
        self, writer: VideoWriter, outputs: Outputs, style: str, background: Background
    ) -> None:
        self.background = background
        self._writer = writer
        self._outputs = outputs
        self._style = style
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawing")
        self._ahead: deque[Future[None]] = deque()

    def __enter__(self) -> _DrawnVideo:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            while self._ahead and kind is None:
                self._ahead.popleft().result()
        finally:
            self._thread.shutdown(cancel_futures=True)

    def add(self, clip_frame: ClipFrame, image_rgb: Image | None, frame: Frame) -> None:
        """Draws the people of the next frame, soon; raises what went wrong with an earlier one."""
        if len(self._ahead) == FRAMES_AHEAD:
            self._ahead.popleft().result()
        self._ahead.append(self._thread.submit(self._draw, clip_frame, image_rgb, frame))

    def _draw(self, clip_frame: ClipFrame, image_rgb: Image | None, frame: Frame) -> None:
        drawing = self._outputs.draw(self._style, self.background, image_rgb, frame)
        self._writer.write(clip_frame, drawing)


class _ClipJson:
    """One JSON file of a clip, written frame by frame."""

    def __init__(self, path: Path, clip_name: str, format_name: str, outputs: Outputs) -> None:
        self._file: TextIO = path.open("w", encoding="utf-8")
        self._text = ClipText(format_name, outputs.encode_options, clip_name)

    def __enter__(self) -> _ClipJson:
        return self

    def __exit__(self, *_: object) -> None:
        with self._file:
            self._file.write(self._text.end() + "\n")

    def add(self, name: str, clip_frame: ClipFrame, frame: Frame) -> None:
        """Writes the people of the next frame."""
        self._file.write(self._text.add(frame, name, clip_frame.index, clip_frame.time_s))
