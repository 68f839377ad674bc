"""Writes the poses of the library, from ``library_poses``: ``python docs/make_pose_library.py``.

Each is a JSON file in ``web/library``, of the format ``sapiens``, beside a small image as Render
Sapiens Pose draws it; ``poses.json`` lists them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.formats.sapiens_json import VERSION
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_text
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose, on_canvas
from library_poses import GROUPS, POSES, LibraryPose
from panels import write_image
from posed_figure import look, pose_figure

LIBRARY = Path(__file__).resolve().parents[1] / "web" / "library"

MARGIN = 0.06
"""Room around the people, as a share of the canvas."""

THUMBNAIL_PX, QUALITY = 240, 70
DRAWN_AT = 3
"""Thumbnails are drawn this many times larger, and shrunk, so that limbs stay visible."""


def frame_of(row: LibraryPose) -> Frame:
    """The people of a pose, seen."""
    people = [pose_figure(figure) for figure in row.people]
    return Frame(row.canvas_wh, tuple(look(people, row.canvas_wh, MARGIN, row.zoom_to)))


def pose_text(row: LibraryPose) -> str:
    """The JSON of a pose."""
    width, height = row.canvas_wh
    document = {
        "version": VERSION,
        "image": row.name,
        "canvas": {"width": width, "height": height},
        "keypoint_set": GOLIATH_308.name,
        "instance_info": [_person(pose) for pose in frame_of(row).poses],
    }
    return json.dumps(document, separators=(",", ":")) + "\n"


def _person(pose: Pose) -> dict[str, Any]:
    return {
        "keypoints": pose.keypoints_image.tolist(),
        "keypoint_scores": pose.scores.astype(int).tolist(),
        "bbox": pose.box_xyxy.tolist(),
        "bbox_score": 1,
    }


def index_text() -> str:
    """The list of all poses: groups, titles, sizes."""
    rows = [
        {
            "name": row.name,
            "group": row.group,
            "en": row.en,
            "zh": row.zh,
            "people": len(row.people),
            "width": row.canvas_wh[0],
            "height": row.canvas_wh[1],
        }
        for row in POSES
    ]
    groups = [{"name": name, "en": en, "zh": zh} for name, (en, zh) in GROUPS.items()]
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    groups_text = json.dumps(groups, ensure_ascii=False)
    return f'{{"groups": {groups_text},\n"poses": [\n' + ",\n".join(lines) + "\n]}\n"


def thumbnail(row: LibraryPose) -> Image:
    """(H, W, 3) RGB, the longer side ``THUMBNAIL_PX``."""
    scale = THUMBNAIL_PX / max(row.canvas_wh)
    width, height = (round(side * scale) for side in row.canvas_wh)
    large = (DRAWN_AT * width, DRAWN_AT * height)
    frame = Frame(large, tuple(on_canvas(pose, large) for pose in frame_of(row).poses))
    drawn = render(frame, DrawOptions("openpose", draw_feet=True)).image_rgb
    return cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    LIBRARY.mkdir(exist_ok=True)
    write_text(LIBRARY / "poses.json", index_text())
    for each in POSES:
        write_text(LIBRARY / f"{each.name}.json", pose_text(each))
        write_image(LIBRARY / f"{each.name}.webp", thumbnail(each), QUALITY)
