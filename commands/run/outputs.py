"""The files that ``sapiens-pose estimate`` writes for each image."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...skeletons.choices import Background
from ...skeletons.draw import DrawOptions, render
from ...skeletons.formats.pose_keypoint_writer import EncodeOptions
from ...skeletons.formats.table import FORMATS
from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.atomic_files import write_bytes, write_text
from ...skeletons.openpose_points import OpenPoseOptions
from ...skeletons.pose import Frame
from ..arguments.thresholds import shown_points
from ..files.images import encode_png


@dataclass(frozen=True)
class Outputs:
    """Which files an image gets.

    Attributes:
        formats: names in ``FORMATS``, one JSON file each.
        styles: names in ``STYLES``, one drawing on black each.
        overlay: whether each style is also drawn over the image.
        shown: which keypoints are drawn, and shown in the formats that hide some.
        keeps_places: whether the formats also hold people without a visible body; drawings never
            do.
    """

    formats: tuple[str, ...]
    styles: tuple[str, ...]
    overlay: bool
    shown: OpenPoseOptions
    keeps_places: bool = False

    @classmethod
    def of(cls, options: argparse.Namespace) -> Outputs:
        """What the command line asks for; a name given twice counts once."""
        return cls(
            formats=tuple(dict.fromkeys(options.format)),
            styles=tuple(dict.fromkeys(options.style)),
            overlay=options.overlay,
            shown=shown_points(options, options.score_threshold),
            keeps_places=getattr(options, "track_slots", False),
        )

    def paths(self, base: Path) -> list[Path]:
        """The paths that ``write`` writes for ``base``, a path without ending, in order."""
        return [
            *(self.json_path(base, name) for name in self.formats),
            *(
                self._drawing_path(base, style, background)
                for style in self.styles
                for background in self._backgrounds
            ),
        ]

    def write(
        self, base: Path, image_name: str, image_rgb: Image | None, frame: Frame
    ) -> list[Path]:
        """Writes all files for ``base``, a path without ending; returns their paths in order.

        The image is needed for the overlay alone.
        """
        self.write_json(base, image_name, frame)
        for style in self.styles:
            for background in self._backgrounds:
                path = self._drawing_path(base, style, background)
                write_bytes(path, encode_png(self.draw(style, background, image_rgb, frame)))
        return self.paths(base)

    def write_json(self, base: Path, image_name: str, frame: Frame) -> None:
        """Writes the JSON files."""
        for name in self.formats:
            text = json.dumps(self.encode(name, image_name, frame), allow_nan=False)
            write_text(self.json_path(base, name), text + "\n")

    def encode(self, name: str, image_name: str, frame: Frame) -> Any:
        """The content of an image's JSON file in one of the formats."""
        return FORMATS[name].encode([frame], [image_name], self.encode_options)

    @property
    def encode_options(self) -> EncodeOptions:
        """How the formats are encoded."""
        shown = replace(self.shown, min_person_keypoints=0) if self.keeps_places else self.shown
        return EncodeOptions(openpose=shown)

    def draw(
        self, style: str, background: Background, image_rgb: Image | None, frame: Frame
    ) -> Image:
        """(H, W, 3) uint8 RGB drawing, on ``black`` or on the image: ``image``."""
        options = DrawOptions(
            style=style,
            score_threshold=self.shown.body_threshold,
            openpose=self.shown,
            background=background,
        )
        return render(frame, options, image_rgb).image_rgb

    def json_path(self, base: Path, name: str) -> Path:
        """The path of the JSON file of a format."""
        return named_path(base, name, self.formats, FORMATS[name].suffix)

    @property
    def _backgrounds(self) -> tuple[Background, ...]:
        return ("black", "image") if self.overlay else ("black",)

    def _drawing_path(self, base: Path, style: str, background: str) -> Path:
        suffix = "_overlay.png" if background == "image" else ".png"
        return named_path(base, style, self.styles, suffix)


def named_path(base: Path, name: str, names: tuple[str, ...], suffix: str) -> Path:
    """``photo.png`` if there is one name, ``photo.dense.png`` if there are several."""
    return Path(f"{base}{suffix}" if len(names) == 1 else f"{base}.{name}{suffix}")
