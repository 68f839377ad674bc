"""Drawing the images of the help pages on people and clips: ``python docs/make_clip_images.py``.

All people are synthetic. Needs the package to be installed.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions, smooth
from comfyui_sapiens_pose.sapiens_core.clip.tracker import track
from comfyui_sapiens_pose.skeletons.choices import METHOD_SUMMARIES
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.body_part_crops import (
    cut_crops,
    draw_masks,
    find_all_parts,
)
from comfyui_sapiens_pose.skeletons.poses.body_parts import PartOptions, clip_to_canvas
from comfyui_sapiens_pose.skeletons.poses.select import SelectOptions, select
from comfyui_sapiens_pose.skeletons.poses.wan_face_video import cut_face, find_face_boxes
from panels import FONT, GREY, add_caption, write_image
from synthetic_person import Stance, person

FOLDER = Path(__file__).resolve().parents[1] / "web" / "docs" / "images"
CANVAS = (480, 360)
HEADS = (30, 36, 25)
"""Head heights of the three walkers, in pixels."""
STARTS, STEPS = (60, 420, 250), (15, -15, 2)
"""x of each walker in the first frame, and its change per frame, in pixels."""
NUM_FRAMES, HIDDEN = 24, {1: range(9, 13), 2: range(15, 19)}
"""Number of frames, and those in which a walker is not detected, by the walker's index."""

COLORS = DrawOptions("sapiens", color_by_person=True, line_width=3, point_radius=1)


def make_walkers() -> list[Frame]:
    """Two crossing people and one behind them, in a different order in every frame."""
    frames = []
    for time in range(NUM_FRAMES):
        poses = []
        for index, (head, start, step) in enumerate(zip(HEADS, STARTS, STEPS, strict=True)):
            if time in HIDDEN.get(index, ()):
                continue
            swing = 35 * math.sin(time * 0.6 + index)
            stance = Stance(
                (start + step * time, 75 + 18 * index),
                head,
                left_arm=(20 + swing, 30 + swing),
                right_arm=(20 - swing, 30 - swing),
            )
            poses.append(person(stance, CANVAS))
        frames.append(Frame(CANVAS, poses[time % 3 :] + poses[: time % 3]))
    return frames


def draw_people(frame: Frame) -> Image:
    """The frame with a colour and a number per person: the id, or the index without an id."""
    image_rgb = render(frame, COLORS).image_rgb.copy()
    for index, pose in enumerate(frame.poses):
        number = index if pose.person_id is None else pose.person_id
        x, y = pose.keypoints_image[pose.keypoint_set.index("nose")].astype(int).tolist()
        cv2.putText(
            image_rgb, f"{number}", (x - 8, max(24, y - 40)), FONT, 0.8, GREY, 2, cv2.LINE_AA
        )
    return image_rgb


def make_track_image() -> Image:
    """A row of frames as they were estimated, and the same tracked."""
    estimated = make_walkers()
    rows = []
    for caption, frames in (("found", estimated), ("tracked", track(estimated))):
        cells = [
            add_caption(draw_people(frames[t]), f"{caption}, frame {t}") for t in (4, 10, 16, 22)
        ]
        rows.append(np.hstack(cells))
    return np.vstack(rows)


def make_select_image() -> Image:
    """Three people, and those that some options select."""
    frame = track(make_walkers())[2]
    choices = {
        "all": SelectOptions(),
        "sort: left to right, places: 0": SelectOptions(sort="left to right", places="0"),
        "sort: area, max_people: 2": SelectOptions(sort="area", max_people=2),
        "track_ids: 2": SelectOptions(track_ids="2"),
    }
    return np.hstack(
        [add_caption(draw_people(select(frame, c)), name) for name, c in choices.items()]
    )


def make_smooth_image() -> Image:
    """The path of one wrist, as estimated and smoothed by each method."""
    random = np.random.default_rng(3)
    frames = []
    for time in range(90):
        swing = 60 * max(0.0, math.sin((time - 30) * 0.2)) if 30 < time < 62 else 0.0
        pose = person(Stance((240, 75), 34, left_arm=(20 + swing, 30 + 2 * swing)), CANVAS)
        keypoints = pose.keypoints_image + random.normal(scale=2.5, size=(308, 2))
        frames.append(Frame(CANVAS, [replace(pose, keypoints_image=keypoints, person_id=0)]))
    wrist = frames[0].poses[0].keypoint_set.index("left_wrist")
    cells = []
    for method in METHOD_SUMMARIES:
        plot = np.zeros((240, 480, 3), np.uint8)
        options = SmoothOptions(method)
        for clip, color in ((frames, (120, 120, 120)), (smooth(frames, options), (80, 220, 255))):
            heights = [frame.poses[0].keypoints_image[wrist, 1] for frame in clip]
            line = np.column_stack([np.arange(90) * 5.3, np.array(heights) * 1.1 - 30])
            cv2.polylines(plot, [line.astype(np.int32)], False, color, 1, cv2.LINE_AA)
        cells.append(add_caption(plot, f"{method}: height of a wrist"))
    return np.vstack([np.hstack(cells[:2]), np.hstack(cells[2:])])


def make_parts_image() -> Image:
    """Boxes and masks of faces and hands, and the crops."""
    canvas = (640, 480)
    stances = [
        Stance((190, 90), 52, left_arm=(15, 10), right_arm=(25, 20)),
        Stance((470, 110), 46, left_arm=(60, 110), right_arm=(40, 150)),
    ]
    frame = Frame(canvas, [person(stance, canvas) for stance in stances])
    image_rgb = render(frame, DrawOptions("dense", line_width=2, point_radius=1)).image_rgb
    cells = []
    for name in ("face", "hands"):
        options = PartOptions(name, square=True)
        parts = find_all_parts([frame], options)
        (mask,) = draw_masks([frame], parts, options)
        marked = np.where(mask[..., None] > 0, np.maximum(image_rgb, 60), image_rgb)
        for part in filter(None, itertools.chain.from_iterable(parts[0])):
            left, top, right, bottom = clip_to_canvas(part.box, canvas)
            cv2.rectangle(marked, (left, top), (right - 1, bottom - 1), (255, 200, 0), 2)
        crops = cut_crops([image_rgb], [frame], parts, options, 240)
        columns = [np.vstack(crops[i : i + 2]) for i in range(0, len(crops), 2)]
        cells.append(
            add_caption(np.hstack([marked, *columns]), f"part: {name}: mask, boxes, crops")
        )
    return np.hstack(cells)


def make_wan_animate_image() -> Image:
    """Frames of a person who walks with the box of the face, and the crops below."""
    canvas = (320, 300)
    columns = []
    for step in range(4):
        head = 60 + 4 * step
        pose = person(Stance((70 + 55 * step, 110), head, left_arm=(15, 10)), canvas)
        frame = Frame(canvas, [pose])
        image_rgb = render(frame, DrawOptions("dense", line_width=2, point_radius=1)).image_rgb
        (box,) = find_face_boxes([pose])
        face = cv2.resize(cut_face(image_rgb, box), (320, 320), interpolation=cv2.INTER_AREA)
        if box:
            cv2.rectangle(image_rgb, box[:2], (box[2] - 1, box[3] - 1), (255, 200, 0), 2)
        columns.append(
            np.vstack([add_caption(image_rgb, f"frame {step}"), add_caption(face, "face video")])
        )
    return np.hstack(columns)


def save(name: str, image_rgb: Image, width: int) -> None:
    """Write the image of a help page, ``width`` pixels wide."""
    height = round(image_rgb.shape[0] * width / image_rgb.shape[1])
    small = cv2.resize(image_rgb, (width, height), interpolation=cv2.INTER_AREA)
    write_image(FOLDER / f"{name}.webp", small, quality=80)


if __name__ == "__main__":
    save("SapiensPoseTrack", make_track_image(), 1400)
    save("SapiensPoseSelect", make_select_image(), 1400)
    save("SapiensPoseSmooth", make_smooth_image(), 970)
    save("SapiensPoseParts", make_parts_image(), 1400)
    save("SapiensWanAnimateInputs", make_wan_animate_image(), 1200)
