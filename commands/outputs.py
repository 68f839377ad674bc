"""What ``sapiens-pose estimate`` writes for each picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..sapiens_core.images import encode_png
from ..sapiens_core.people import Image
from ..skeletons.atomic import write_bytes, write_text
from ..skeletons.draw import DrawOptions, render
from ..skeletons.formats import FORMATS
from ..skeletons.openpose import same_threshold
from ..skeletons.pose import Frame
from ..skeletons.pose_keypoint import EncodeOptions


@dataclass(frozen=True)
class Outputs:
    """Which files a picture gets.

    Attributes:
        formats: names in ``FORMATS``, one JSON each.
        styles: names in ``STYLES``, one drawing on black each.
        overlay: each drawing over the picture, too.
        score_threshold: points below it are not drawn, and not shown in the formats that hide.
    """

    formats: Sequence[str]
    styles: Sequence[str]
    overlay: bool
    score_threshold: float

    def write(
        self, base: Path, image_name: str, image_rgb: Image | None, frame: Frame
    ) -> list[Path]:
        """Writes them all beside ``base``, a path without ending; the paths in order.

        The picture is needed for the overlay alone.
        """
        return [
            *(self._write_json(base, name, image_name, frame) for name in self.formats),
            *(path for name in self.styles for path in self._draw(base, name, image_rgb, frame)),
        ]

    def _write_json(self, base: Path, name: str, image_name: str, frame: Frame) -> Path:
        encode = EncodeOptions(openpose=same_threshold(self.score_threshold))
        content = FORMATS[name].encode([frame], [image_name], encode)
        path = _path(base, name, self.formats, FORMATS[name].suffix)
        write_text(path, json.dumps(content, allow_nan=False) + "\n")
        return path

    def _draw(self, base: Path, style: str, image_rgb: Image | None, frame: Frame) -> list[Path]:
        paths = []
        for background in ("black", "image") if self.overlay else ("black",):
            options = DrawOptions(
                style=style, score_threshold=self.score_threshold, background=background
            )
            suffix = "_overlay.png" if background == "image" else ".png"
            path = _path(base, style, self.styles, suffix)
            write_bytes(path, encode_png(render(frame, options, image_rgb).image_rgb))
            paths.append(path)
        return paths


def _path(base: Path, name: str, names: Sequence[str], suffix: str) -> Path:
    """``photo.png`` if there is one of a kind, ``photo.dense.png`` if there are several."""
    return Path(f"{base}{suffix}" if len(names) == 1 else f"{base}.{name}{suffix}")
