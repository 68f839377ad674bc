"""Writing the files of the pose editors of A1111 and Forge: one object per image, with its canvas.

Facts of the format: ``decode_json_as_poses`` in ``annotator/openpose/__init__.py`` of
``Mikubill/sd-webui-controlnet`` and of Forge, and ``src/App.vue`` of
``huchenlei/sd-webui-openpose-editor``. These want the size of the canvas, a body of 18, a
confidence of exactly 1 for what is shown, and null for a hand or face that is missing: zeros would
be drawn in the editor's corner, and an empty list is an error. Keys that they do not know are
ignored, so the key ``sapiens`` stays.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..pose import Frame
from .pose_keypoint_writer import DEFAULT_OPTIONS, EncodeOptions, encode_frame


def encode(frame: Frame, options: EncodeOptions = DEFAULT_OPTIONS) -> dict[str, Any]:
    """``frame`` as the editors write it, in pixels, whatever the options of POSE_KEYPOINT say."""
    for_editors = replace(options, confidence="binary", missing="null", coords="pixels", body=None)
    document = encode_frame(frame, for_editors)
    return {"people": document.pop("people"), "animals": [], **document}
