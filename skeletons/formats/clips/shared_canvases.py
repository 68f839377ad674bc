"""The canvas that the files of a clip share, for those that do not say how large it is.

Files of one folder whose names differ in their last number alone are a clip, as OpenPose writes
them: ``walk_000000000000_keypoints.json``. A file without a size has that of the others in its
clip, or the smallest that holds everybody in them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ...foundation.safe_json import read_json
from ...pose import canvas_around
from ..read_options import DEFAULT_OPTIONS, ReadOptions
from ..readers.build import Canvas, canvas_of_clip, scale_to_pixels
from ..readers.read import find_people


class SharedCanvases:
    """The canvases of the clips among some files; a clip is looked at when one is asked for."""

    def __init__(self, paths: Sequence[Path], options: ReadOptions = DEFAULT_OPTIONS) -> None:
        self._options = options
        self._clips: dict[tuple[Path, str], list[Path]] = {}
        for path in paths:
            self._clips.setdefault(_clip_of(path), []).append(path)
        self._found: dict[tuple[Path, str], Canvas | None] = {}

    def find(self, path: Path) -> Canvas | None:
        """The canvas of a file that does not say its own, or None if it is alone.

        Files that cannot be read are left out; reading them says why.
        """
        clip = _clip_of(path)
        if clip not in self._found:
            self._found[clip] = self._canvas(self._clips.get(clip, []))
        return self._found[clip]

    def _canvas(self, paths: Sequence[Path]) -> Canvas | None:
        sizes = [] if len(paths) < 2 else [_sizes(path, self._options) for path in paths]
        said = {size for known, _ in sizes for size in known}
        needed = [size for _, guessed in sizes for size in guessed]
        if len(said) == 1:
            return said.pop()
        widths, heights = [wh[0] for wh in needed], [wh[1] for wh in needed]
        return (max(widths), max(heights)) if needed else None


def image_stem(path: Path) -> str:
    """The name of an image without its suffix, from the name of the file of its poses."""
    name = path.name.removesuffix(".gz").removesuffix(".json")
    return name.removesuffix("_keypoints") or name


def _clip_of(path: Path) -> tuple[Path, str]:
    return path.parent, re.sub(r"\d+$", "", image_stem(path))


def _sizes(path: Path, options: ReadOptions) -> tuple[list[Canvas], list[Canvas]]:
    """The canvases that a file says, and the one that its other frames need."""
    try:
        found = find_people(read_json(path), options)
        scale_to_pixels(found, options)
    except (OSError, ValueError):
        return [], []
    sizes = [frame.frame.canvas_wh if frame.frame else frame.canvas_wh for frame in found]
    said = [size for size in sizes if size]
    return said, [canvas_of_clip(found) or canvas_around()] if None in sizes else []
