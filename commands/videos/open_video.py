"""Opens video files with PyAV, which is loaded when it is needed, and chooses their stream."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...skeletons.foundation.limits import MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".wmv"}
)
THREADED_PIXELS = 2**25
"""Maximum number of pixels of frames that are decoded several at a time: larger than 8K."""
DECODER_OPTIONS = {"max_pixels": str(MAX_IMAGE_PIXELS + 64 * MAX_IMAGE_SIDE)}
"""With it FFmpeg allocates no memory for larger frames. It counts in rows of whole 64 pixels."""
COVER = 0x400
"""FFmpeg's flag of a stream that is no video but one attached picture, such as an album's cover."""


def load_av() -> Any:
    """The module ``av``.

    Raises:
        ImportError: PyAV is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise ImportError("Videos need the package PyAV: pip install 'av>=14.2'.") from error
    return av


def open_video(path: Path) -> tuple[Any, Any]:
    """A PyAV container, and the stream of it that players show, ready to be decoded.

    That is the one that FFmpeg's ``av_find_best_stream`` chooses: the default one, then the one
    with more frames and more bits a second. Covers and pictures that are attached are none.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no video that can be read.
        ImportError: PyAV is not installed.
    """
    av = load_av()
    if not path.is_file():
        raise FileNotFoundError(f"There is no video {path}.")
    try:
        container = av.open(str(path), options=DECODER_OPTIONS)
    except av.FFmpegError as error:
        raise ValueError(f"{path} is not a video that can be read: {error}") from error
    stream = _best_video(container)
    if stream is None:
        has_covers = any(stream.codec_context for stream in container.streams.video)
        container.close()
        if has_covers:
            raise ValueError(f"{path} has no video in it, only a cover picture.")
        raise ValueError(f"{path} has no pictures in it that can be read.")
    context = stream.codec_context
    context.options = DECODER_OPTIONS
    is_small = context.width * context.height <= THREADED_PIXELS
    context.thread_type = "AUTO" if is_small else "SLICE"
    return container, stream


def _best_video(container: Any) -> Any:
    """The stream to decode, or None."""
    best = container.streams.best("video")
    known = [stream for stream in container.streams.video if stream.codec_context]
    videos = [stream for stream in known if not int(stream.disposition) & COVER]
    if any(stream.index == best.index for stream in videos):
        return best
    return max(videos, key=lambda stream: stream.codec_context.bit_rate or 0, default=None)


def best_sound(container: Any, video: Any) -> Any:
    """The stream of sound that players play with a video, or None."""
    return container.streams.best("audio", related=video)
