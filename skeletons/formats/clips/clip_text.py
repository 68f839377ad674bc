"""The text of a JSON file with all frames of a clip, made frame by frame."""

from __future__ import annotations

import json
from typing import Any

from ...keypoint_sets import COCO_17, COCO_WHOLEBODY_133
from ...pose import Frame
from .. import coco, sapiens_clip_json
from ..pose_keypoint_writer import DEFAULT_OPTIONS, EncodeOptions, encode_frame

COCO_SETS = {"coco": COCO_17, "coco-wholebody": COCO_WHOLEBODY_133}
"""The keypoint sets of COCO's formats."""

_STARTS = {
    "sapiens": '{"frames": [',
    **dict.fromkeys(COCO_SETS, '{"annotations": ['),
    "comfy": "[",
}
"""How the file begins in each format that holds a clip: what stands beside the list comes last."""


class ClipText:
    """The text of one file; every call gives what follows what was given before."""

    def __init__(
        self, format_name: str, options: EncodeOptions = DEFAULT_OPTIONS, clip_name: str = ""
    ) -> None:
        """For a file in one of the formats that hold a clip, see ``_STARTS``.

        Args:
            format_name: of the file.
            options: how POSE_KEYPOINT is encoded.
            clip_name: the name of the clip, which *sapiens* holds.
        """
        self._format_name = format_name
        self._options = options
        self._clip_name = clip_name
        self._set_name: str | None = None
        self._images: list[dict[str, Any]] = []
        self._num_annotations = 0
        self._separator = _STARTS[format_name]

    def add(self, frame: Frame, name: str, number: int, time_s: float | None = None) -> str:
        """The text of the next frame, which is empty in COCO's formats if it has nobody.

        Args:
            frame: its people.
            name: that of its image.
            number: its index in the clip, or the id of its image in COCO's formats.
            time_s: its time, which *sapiens* needs.
        """
        text = ""
        for entry in self._entries(frame, name, number, time_s):
            text += self._separator + json.dumps(entry, allow_nan=False)
            self._separator = ",\n"
        return text

    def end(self) -> str:
        """The text after the last frame, and the whole text if there is no frame."""
        start = _STARTS[self._format_name]
        text = (start if self._separator == start else "") + "]"
        if self._format_name == "comfy":
            return text
        return f"{text}, {json.dumps(self._rest(), allow_nan=False)[1:]}"

    def _entries(
        self, frame: Frame, name: str, number: int, time_s: float | None
    ) -> list[dict[str, Any]]:
        if self._format_name == "sapiens":
            entry = sapiens_clip_json.encode_frame(frame, name, number, time_s or 0.0)
            self._set_name = self._set_name or entry["keypoint_set"]
            return [entry]
        if self._format_name not in COCO_SETS:
            return [encode_frame(frame, self._options)]
        keypoint_set = COCO_SETS[self._format_name]
        self._images.append(coco.encode_image(frame, number, name))
        entries = coco.encode_people(frame, keypoint_set, number, self._num_annotations + 1)
        self._num_annotations += len(entries)
        return entries

    def _rest(self) -> dict[str, Any]:
        """What stands beside the list."""
        if self._format_name == "sapiens":
            return sapiens_clip_json.encode_header(self._clip_name, self._set_name)
        categories = coco.encode_categories(COCO_SETS[self._format_name])
        return {"images": self._images, "categories": categories}
