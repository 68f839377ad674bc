"""Drawing every style, and for every model: ``python docs/make_contact_sheet.py``.

Writes ``docs/images/styles.png`` and ``docs/images/models.webp``; needs the installed package.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.draw.trained import MODELS
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from panels import add_caption, write_image
from synthetic_person import Stance, person

IMAGES = Path(__file__).resolve().parent / "images"
SHEET, MODELS_SHEET = IMAGES / "styles.png", IMAGES / "models.webp"

HEIGHT = 768
SHRINK = 0.5
"""Scale of the finished drawings, which keeps the sheet small."""

STYLES = {
    "openpose": DrawOptions("openpose"),
    "openpose, feet, xinsir=sticks": DrawOptions("openpose", draw_feet=True, xinsir="sticks"),
    "core": DrawOptions("core"),
    "sapiens": DrawOptions("sapiens"),
    "sapiens_openpose": DrawOptions("sapiens_openpose"),
    "dense": DrawOptions("dense"),
    "dense, color_by_person, white": DrawOptions("dense", color_by_person=True, background="white"),
}


def make_frames() -> dict[str, Frame]:
    """The frames of the sheet, by caption."""
    tall, wide = (512, HEIGHT), (896, HEIGHT)
    one = person(Stance((250, 90), 86, left_arm=(30, 150), right_arm=(25, 15)), tall)
    close = person(Stance((256, 150), 150, left_arm=(18, 183), right_arm=(14, -30), lean=5), tall)
    three = (
        Stance((190, 190), 72, left_arm=(50, 100), right_arm=(40, 130), lean=-5),
        Stance((455, 170), 80, left_arm=(110, 170), right_arm=(110, 170)),
        Stance((710, 200), 68, left_arm=(20, 60), right_arm=(65, 20), lean=7),
    )
    frames = {
        f"{len(keypoint_set)} points": Frame(tall, [convert_pose(one, keypoint_set)])
        for keypoint_set in (COCO_17, COCO_WHOLEBODY_133, GOLIATH_308)
    }
    frames["three people, 308"] = Frame(wide, [person(stance, wide) for stance in three])
    frames["half body, 308"] = Frame(tall, [close])
    return frames


def draw_cell(frame: Frame, options: DrawOptions, caption: str) -> Image:
    """A drawing, shrunk and with its caption."""
    image_rgb = render(frame, options).image_rgb
    small = cv2.resize(image_rgb, None, fx=SHRINK, fy=SHRINK, interpolation=cv2.INTER_AREA)
    return add_caption(small, caption, bar_px=34, text_scale=0.42)


def make_models_sheet() -> Image:
    """(H, W, 3) RGB, two models per row, of each one person, three people and half a body."""
    names = ("133 points", "three people, 308", "half body, 308")
    frames = {name: frame for name, frame in make_frames().items() if name in names}
    groups = [
        np.hstack(
            [
                draw_cell(frame, DrawOptions(for_model=model), f"{model}: {caption}")
                for caption, frame in frames.items()
            ]
        )
        for model in MODELS
    ]
    groups += [np.zeros_like(groups[0])] * (len(groups) % 2)
    return np.vstack([np.hstack(pair) for pair in zip(groups[::2], groups[1::2], strict=True)])


def make_sheet() -> Image:
    """(H, W, 3) RGB, one row per style, one column per frame."""
    rows = [
        [
            draw_cell(frame, options, f"{style}: {caption}")
            for caption, frame in make_frames().items()
        ]
        for style, options in STYLES.items()
    ]
    return np.vstack([np.hstack(row) for row in rows])


if __name__ == "__main__":
    SHEET.parent.mkdir(exist_ok=True)
    SHEET.write_bytes(encode_png(make_sheet()))
    write_image(MODELS_SHEET, make_models_sheet())
