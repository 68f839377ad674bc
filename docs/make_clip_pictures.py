"""Draws the pictures of the help pages on people and clips: ``python docs/make_clip_pictures.py``.

Everybody is made of formulas. Needs the package to be installed.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions, smooth
from comfyui_sapiens_pose.sapiens_core.clip.tracker import track
from comfyui_sapiens_pose.skeletons.choices import METHOD_SUMMARIES
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.body_part_crops import (
    cut_crops,
    draw_masks,
    find_all_parts,
)
from comfyui_sapiens_pose.skeletons.poses.body_parts import PartOptions, clip_to_canvas
from comfyui_sapiens_pose.skeletons.poses.select import SelectOptions, select
from synthetic_person import Stance, person

FOLDER = Path(__file__).resolve().parents[1] / "web" / "docs" / "images"
CANVAS = (480, 360)
HEADS = (30, 36, 25)
"""Sizes of the three walkers."""
STARTS, STEPS = (60, 420, 250), (15, -15, 2)
"""Pixels from the left in the first frame, and from frame to frame."""
NUM_FRAMES, HIDDEN = 24, {1: range(9, 13), 2: range(15, 19)}
"""Frames in which a walker is not found."""

COLORS = DrawOptions("sapiens", color_by_person=True, line_width=3, point_radius=1)
GREY, FRAME, FONT = (225, 225, 225), (70, 70, 70), cv2.FONT_HERSHEY_SIMPLEX


def walkers() -> list[Frame]:
    """Two who cross and one behind them; found in another order in every frame."""
    frames = []
    for time in range(NUM_FRAMES):
        poses = []
        for number, (head, start, step) in enumerate(zip(HEADS, STARTS, STEPS, strict=True)):
            if time in HIDDEN.get(number, ()):
                continue
            swing = 35 * math.sin(time * 0.6 + number)
            stance = Stance(
                (start + step * time, 75 + 18 * number),
                head,
                left_arm=(20 + swing, 30 + swing),
                right_arm=(20 - swing, 30 - swing),
            )
            poses.append(person(stance, CANVAS))
        frames.append(Frame(CANVAS, poses[time % 3 :] + poses[: time % 3]))
    return frames


def drawn(frame: Frame) -> np.ndarray:
    """The frame with a colour and a number for everybody who has an id, else by their places."""
    picture = render(frame, COLORS).image_rgb.copy()
    for place, pose in enumerate(frame.poses):
        number = place if pose.person_id is None else pose.person_id
        x, y = pose.keypoints_image[pose.keypoint_set.index("nose")].astype(int).tolist()
        cv2.putText(picture, f"{number}", (x - 8, max(24, y - 40)), FONT, 0.8, GREY, 2, cv2.LINE_AA)
    return picture


def captioned(picture: np.ndarray, caption: str) -> np.ndarray:
    """The picture under a bar with its caption."""
    bar = np.full((30, picture.shape[1], 3), 40, np.uint8)
    cv2.putText(bar, caption, (8, 21), FONT, 0.5, GREY, 1, cv2.LINE_AA)
    return cv2.copyMakeBorder(
        np.vstack([bar, picture]), 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=FRAME
    )


def track_picture() -> np.ndarray:
    """A row of frames as they were found, and the same tracked."""
    found = walkers()
    rows = []
    for caption, frames in (("found", found), ("tracked", track(found))):
        cells = [captioned(drawn(frames[t]), f"{caption}, frame {t}") for t in (4, 10, 16, 22)]
        rows.append(np.hstack(cells))
    return np.vstack(rows)


def select_picture() -> np.ndarray:
    """Three people, and who is left of them by some choices."""
    frame = track(walkers())[2]
    choices = {
        "all": SelectOptions(),
        "sort: left to right, places: 0": SelectOptions(sort="left to right", places="0"),
        "sort: area, max_people: 2": SelectOptions(sort="area", max_people=2),
        "track_ids: 2": SelectOptions(track_ids="2"),
    }
    return np.hstack([captioned(drawn(select(frame, c)), name) for name, c in choices.items()])


def smooth_picture() -> np.ndarray:
    """The way of one wrist, as found and by each method."""
    random = np.random.default_rng(3)
    frames = []
    for time in range(90):
        swing = 60 * max(0.0, math.sin((time - 30) * 0.2)) if 30 < time < 62 else 0.0
        pose = person(Stance((240, 75), 34, left_arm=(20 + swing, 30 + 2 * swing)), CANVAS)
        points = pose.keypoints_image + random.normal(scale=2.5, size=(308, 2))
        frames.append(Frame(CANVAS, [replace(pose, keypoints_image=points, person_id=0)]))
    wrist = frames[0].poses[0].keypoint_set.index("left_wrist")
    cells = []
    for method in METHOD_SUMMARIES:
        plot = np.zeros((240, 480, 3), np.uint8)
        options = SmoothOptions(method)
        for clip, color in ((frames, (120, 120, 120)), (smooth(frames, options), (80, 220, 255))):
            heights = [frame.poses[0].keypoints_image[wrist, 1] for frame in clip]
            line = np.column_stack([np.arange(90) * 5.3, np.array(heights) * 1.1 - 30])
            cv2.polylines(plot, [line.astype(np.int32)], False, color, 1, cv2.LINE_AA)
        cells.append(captioned(plot, f"{method}: height of a wrist"))
    return np.vstack([np.hstack(cells[:2]), np.hstack(cells[2:])])


def parts_picture() -> np.ndarray:
    """Boxes and masks of faces and hands, and the crops."""
    canvas = (640, 480)
    stances = [
        Stance((190, 90), 52, left_arm=(15, 10), right_arm=(25, 20)),
        Stance((470, 110), 46, left_arm=(60, 110), right_arm=(40, 150)),
    ]
    frame = Frame(canvas, [person(stance, canvas) for stance in stances])
    picture = render(frame, DrawOptions("dense", line_width=2, point_radius=1)).image_rgb
    cells = []
    for part in ("face", "hands"):
        options = PartOptions(part, square=True)
        parts = find_all_parts([frame], options)
        (mask,) = draw_masks([frame], parts, options)
        shown = np.where(mask[..., None] > 0, np.maximum(picture, 60), picture)
        for found in (each for one in parts[0] for each in one if each):
            left, top, right, bottom = clip_to_canvas(found.box, canvas)
            cv2.rectangle(shown, (left, top), (right - 1, bottom - 1), (255, 200, 0), 2)
        cut = cut_crops([picture], [frame], parts, options, 240)
        columns = [np.vstack(cut[i : i + 2]) for i in range(0, len(cut), 2)]
        cells.append(captioned(np.hstack([shown, *columns]), f"part: {part}: mask, boxes, crops"))
    return np.hstack(cells)


def save(name: str, picture_rgb: np.ndarray, width: int) -> None:
    height = round(picture_rgb.shape[0] * width / picture_rgb.shape[1])
    small = cv2.resize(picture_rgb, (width, height), interpolation=cv2.INTER_AREA)
    bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
    _, content = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, 80])
    (FOLDER / f"{name}.webp").write_bytes(content.tobytes())


if __name__ == "__main__":
    save("SapiensPoseTrack", track_picture(), 1400)
    save("SapiensPoseSelect", select_picture(), 1400)
    save("SapiensPoseSmooth", smooth_picture(), 970)
    save("SapiensPoseParts", parts_picture(), 1400)
