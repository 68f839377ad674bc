"""What FFmpeg itself makes of a clip: its own decoders, filters and conversion to RGB."""

from __future__ import annotations

from pathlib import Path

import av
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image


def ffmpeg_images(path: Path, *filters: tuple[str, str]) -> list[Image]:
    """All frames of a clip's best stream, (H, W, 3) uint8, after filters with their arguments."""
    with av.open(str(path)) as container:
        stream = container.streams.best("video")
        graph = None
        images = []
        for frame in container.decode(stream):
            graph = graph or _make_graph(stream, filters)
            graph.push(frame)
            images.append(graph.pull().to_ndarray())
    return images


def _make_graph(stream: av.VideoStream, filters: tuple[tuple[str, str], ...]) -> av.filter.Graph:
    graph = av.filter.Graph()
    last = graph.add_buffer(template=stream)
    for name, arguments in (*filters, ("format", "rgb24"), ("buffersink", "")):
        step = graph.add(name, arguments or None)
        last.link_to(step)
        last = step
    graph.configure()
    return graph
