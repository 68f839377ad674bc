"""The files that ``sapiens-pose estimate`` writes for each video: drawn videos, and JSON."""

from __future__ import annotations

from collections.abc import Iterable
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
from ..videos.video_reader import VideoReader
from ..videos.video_writer import VideoWriter
from .chunks import Item, Result
from .outputs import Outputs, named_path

BACKGROUNDS: dict[str, Background] = {"skeleton": "black", "overlay": "image"}
"""Background of each kind of drawn video."""

_Videos = dict[tuple[str, Background], VideoWriter]


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
        self, base: Path, info: VideoInfo, pairs: Iterable[tuple[Item, Result]], folder: Path
    ) -> None:
        """Writes the frames that could be read; each file is whole or not there.

        Args:
            base: path of the clip's results without ending.
            info: the clip.
            pairs: its frames in order, and their people.
            folder: the output folder.

        Raises:
            ValueError: no frame could be used.
            OSError: something cannot be written.
        """
        with ExitStack() as stack:
            reader = open_clip(info.path)
            stack.callback(reader.close)
            documents = [
                stack.enter_context(_ClipJson(path, info.path.name, name, self.outputs))
                for name in ([] if self.json_each_frame else self.outputs.formats)
                for path in [
                    stack.enter_context(replace_atomically(self.outputs.json_path(base, name)))
                ]
            ]
            videos: _Videos | None = None
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
                self._draw(videos, reader, item.frame, frame)
            if videos is None:
                raise ValueError(f"No frame of {info.path} could be used; nothing is written.")

    def _open_videos(
        self, base: Path, info: VideoInfo, size_wh: tuple[int, int], stack: ExitStack
    ) -> _Videos:
        return {
            key: stack.enter_context(
                VideoWriter(
                    stack.enter_context(replace_atomically(path)),
                    info,
                    size_wh=size_wh,
                    with_audio=key[1] == "image",
                )
            )
            for key, path in self._video_paths(base).items()
        }

    def _draw(
        self,
        videos: _Videos,
        reader: VideoReader | AnimationReader,
        clip_frame: ClipFrame,
        frame: Frame,
    ) -> None:
        image_rgb: Image | None = None
        if any(background == "image" for _, background in videos):
            image_rgb = reader.read(clip_frame)
        for (style, background), video in videos.items():
            video.write(clip_frame, self.outputs.draw(style, background, image_rgb, frame))

    def _video_paths(self, base: Path) -> dict[tuple[str, Background], Path]:
        """The path of each drawn video by its style and background."""
        styles = self.outputs.styles
        return {
            (style, BACKGROUNDS[drawing]): named_path(base, style, styles, f"_{drawing}.mp4")
            for style in styles
            for drawing in self.drawings
        }


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
