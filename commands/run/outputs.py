"""The files that ``sapiens-pose estimate`` writes for each image."""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from ...skeletons.choices import CUSTOM, Background
from ...skeletons.draw import DrawOptions, advice, render
from ...skeletons.formats.pose_keypoint_writer import EncodeOptions
from ...skeletons.formats.table import FORMATS
from ...skeletons.foundation.arrays import Image
from ...skeletons.foundation.atomic_files import write_bytes, write_text
from ...skeletons.openpose_points import OpenPoseOptions
from ...skeletons.options.drawing import DRAWING
from ...skeletons.pose import Frame
from ..arguments.drawing import look_options
from ..arguments.thresholds import shown_points
from ..files.images import encode_png

log = logging.getLogger(__name__)

_WARNING = Lock()  # the drawings of a clip are made in threads


@dataclass(frozen=True)
class Outputs:
    """Which files an image gets.

    Attributes:
        formats: names in ``FORMATS``, one JSON file each.
        styles: names in ``STYLES``, one drawing on black each.
        for_model: the model that a drawing on black is for; then there is one style, that of the
            overlay.
        overlay: whether each style is also drawn over the image.
        shown: which keypoints are drawn, and shown in the formats that hide some.
        look: how drawings look, apart from style, model and thresholds.
        keeps_places: whether the formats also hold people without a visible body; drawings never
            do.
    """

    formats: tuple[str, ...]
    styles: tuple[str, ...]
    overlay: bool
    shown: OpenPoseOptions
    keeps_places: bool = False
    for_model: str = CUSTOM
    look: DrawOptions = field(default_factory=DrawOptions)

    def __post_init__(self) -> None:
        for style in self.styles:
            self._draw_options(style, "black")

    @classmethod
    def of(cls, options: argparse.Namespace) -> Outputs:
        """What the command line asks for; a name given twice counts once.

        Raises:
            ValueError: the drawings for a model would have to be of several styles.
        """
        styles = tuple(dict.fromkeys(options.style))
        if options.for_model != CUSTOM:
            if len(styles) > 1:
                raise ValueError(
                    f"--for-model draws one image, but --style names {len(styles)} styles; give "
                    "only one, which the overlay has too."
                )
            styles = styles or (DRAWING["style"].default,)
        return cls(
            formats=tuple(dict.fromkeys(options.format)),
            styles=styles,
            overlay=options.overlay,
            shown=shown_points(options, options.score_threshold),
            keeps_places=getattr(options, "track_slots", False),
            for_model=options.for_model,
            look=look_options(options),
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
        """(H, W, 3) uint8 RGB drawing: on the image, or on ``black``, for which the look may have
        another colour.
        """
        options = self._draw_options(style, background)
        for sentence in advice(frame, options):
            with _WARNING:
                _warn_once(str(sentence))
        return render(frame, options, image_rgb).image_rgb

    def _draw_options(self, style: str, background: Background) -> DrawOptions:
        options = replace(
            self.look,
            style=style,
            score_threshold=self.shown.body_threshold,
            openpose=self.shown,
            background=background if background == "image" else self.look.background,
        )
        if self.for_model == CUSTOM or background != "black":
            return options
        return replace(options, style=DRAWING["style"].default, for_model=self.for_model)

    def json_path(self, base: Path, name: str) -> Path:
        """The path of the JSON file of a format."""
        return named_path(base, name, self.formats, FORMATS[name].suffix)

    @property
    def _backgrounds(self) -> tuple[Background, ...]:
        return ("black", "image") if self.overlay else ("black",)

    def _drawing_path(self, base: Path, style: str, background: str) -> Path:
        suffix = "_overlay.png" if background == "image" else ".png"
        return named_path(base, style, self.styles, suffix)


@lru_cache(maxsize=64)
def _warn_once(sentence: str) -> None:
    """Says in each process once what a model cannot take, however many images there are."""
    log.warning("%s", sentence)


def named_path(base: Path, name: str, names: tuple[str, ...], suffix: str) -> Path:
    """``photo.png`` if there is one name, ``photo.dense.png`` if there are several."""
    return Path(f"{base}{suffix}" if len(names) == 1 else f"{base}.{name}{suffix}")
