"""Draws every style on the same poses: ``python docs/make_contact_sheet.py``.

Writes ``docs/images/styles.png``; needs the package to be installed.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from comfyui_sapiens_pose.commands.files.images import encode_png
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from synthetic_person import Stance, person

SHEET = Path(__file__).resolve().parent / "images" / "styles.png"

HEIGHT = 768
SHRINK = 0.5  # of the finished drawings, to keep the sheet small
BAR = 34

STYLES = {
    "openpose": DrawOptions("openpose"),
    "openpose, feet, xinsir=sticks": DrawOptions("openpose", draw_feet=True, xinsir="sticks"),
    "core": DrawOptions("core"),
    "sapiens": DrawOptions("sapiens"),
    "sapiens_openpose": DrawOptions("sapiens_openpose"),
    "dense": DrawOptions("dense"),
    "dense, color_by_person, white": DrawOptions("dense", color_by_person=True, background="white"),
}


def frames() -> dict[str, Frame]:
    """The poses of the sheet, by caption."""
    tall, wide = (512, HEIGHT), (896, HEIGHT)
    one = person(Stance((250, 90), 86, left_arm=(30, 150), right_arm=(25, 15)), tall)
    close = person(Stance((256, 150), 150, left_arm=(18, 183), right_arm=(14, -30), lean=5), tall)
    three = (
        Stance((190, 190), 72, left_arm=(50, 100), right_arm=(40, 130), lean=-5),
        Stance((455, 170), 80, left_arm=(110, 170), right_arm=(110, 170)),
        Stance((710, 200), 68, left_arm=(20, 60), right_arm=(65, 20), lean=7),
    )
    shown = {
        f"{len(keypoint_set)} points": Frame(tall, [convert_pose(one, keypoint_set)])
        for keypoint_set in (COCO_17, COCO_WHOLEBODY_133, GOLIATH_308)
    }
    shown["three people, 308"] = Frame(wide, [person(stance, wide) for stance in three])
    shown["half body, 308"] = Frame(tall, [close])
    return shown


def captioned(picture_rgb: np.ndarray, caption: str) -> np.ndarray:
    """The picture, shrunk, under a bar with its caption and inside a thin frame."""
    small = cv2.resize(picture_rgb, None, fx=SHRINK, fy=SHRINK, interpolation=cv2.INTER_AREA)
    cell = np.full((small.shape[0] + BAR, small.shape[1], 3), 40, np.uint8)
    cell[BAR:] = small
    grey, font = (225, 225, 225), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(cell, caption, (8, 22), font, 0.42, grey, 1, cv2.LINE_AA)
    return cv2.copyMakeBorder(cell, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(70, 70, 70))


def sheet() -> np.ndarray:
    """(H, W, 3) RGB: a row a style, a column a pose."""
    rows = [
        [
            captioned(render(frame, options).image_rgb, f"{style}: {caption}")
            for caption, frame in frames().items()
        ]
        for style, options in STYLES.items()
    ]
    return np.vstack([np.hstack(row) for row in rows])


if __name__ == "__main__":
    SHEET.parent.mkdir(exist_ok=True)
    SHEET.write_bytes(encode_png(sheet()))
