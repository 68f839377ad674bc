"""Opens video files with PyAV, which is loaded when it is needed, and chooses their stream."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...skeletons.foundation.limits import MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE

THREADED_PIXELS = 2**25
"""Maximum number of pixels of frames that are decoded several at a time: larger than 8K."""
DECODER_OPTIONS = {"max_pixels": str(MAX_IMAGE_PIXELS + 64 * MAX_IMAGE_SIDE)}
"""With it FFmpeg allocates no memory for larger frames. It counts in rows of whole 64 pixels."""

LATE_STREAMS = (b"\0\0\1\xba", b"FLV")
"""How files begin whose streams are found after their header: MPEG program streams, and FLV."""


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
        container = av.open(str(path), options=_safe_options(path))
    except av.FFmpegError as error:
        raise ValueError(f"{path} cannot be read as a video: {error}") from error
    stream = _best_video(container)
    if stream is None:
        has_covers = any(stream.codec_context for stream in container.streams.video)
        container.close()
        if has_covers:
            raise ValueError(f"{path} has no video, only a cover image.")
        raise ValueError(f"{path} has no images that can be read.")
    context = stream.codec_context
    context.options = DECODER_OPTIONS
    is_small = context.width * context.height <= THREADED_PIXELS
    context.thread_type = "AUTO" if is_small else "SLICE"
    return container, stream


def _safe_options(path: Path) -> dict[str, str]:
    """Options for opening a file: PyAV before 18 crashes if it has ``LATE_STREAMS`` and any."""
    with path.open("rb") as file:
        has_late_streams = file.read(4).startswith(LATE_STREAMS)
    is_old = int(load_av().__version__.split(".")[0]) < 18
    return {} if has_late_streams and is_old else DECODER_OPTIONS


def _best_video(container: Any) -> Any:
    """The stream to decode, or None."""
    best = container.streams.best("video")
    known = [stream for stream in container.streams.video if stream.codec_context]
    cover = load_av().stream.Disposition.attached_pic
    videos = [stream for stream in known if cover not in stream.disposition]
    if any(stream.index == best.index for stream in videos):
        return best
    return max(videos, key=lambda stream: stream.codec_context.bit_rate or 0, default=None)


def best_sound(container: Any, video: Any) -> Any:
    """The stream of sound that players play with a video, or None."""
    return container.streams.best("audio", related=video)
