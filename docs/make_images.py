"""Drawing the images of the front page, the help pages and the examples.

``python docs/make_images.py`` needs the package to be installed. The bundled miniature
estimates the skeletons on the photo; the figures with hands and faces are synthetic.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import torch
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.estimator import People, PoseEstimator
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.draw.person_masks import color_people, draw_person_mask
from comfyui_sapiens_pose.skeletons.edits.edited_clip import apply_edits
from comfyui_sapiens_pose.skeletons.edits.edits_text import parse_edits
from comfyui_sapiens_pose.skeletons.foundation.arrays import Image
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.body_parts import PartOptions, cut_crop, find_parts
from help_graphs import LIFTED_ARM
from panels import FONT, GREY, resize_to_height, write_image
from synthetic_person import Stance, person

ROOT = Path(__file__).resolve().parents[1]
PHOTOS = ROOT / "miniature" / "photos"
HELP = ROOT / "web" / "docs" / "images"

SKIER = slice(180, 560)
"""Columns of the photo that show the skier."""
BAR, GAP = 40, 6
LARGE = 0.8
"""Scale of text on help pages, which ComfyUI shows in a narrow column."""
DARK, YELLOW = (32, 32, 32), (255, 200, 0)

FIGURE_WH = (680, 760)
FIGURE = Stance((340, 150), 84, left_arm=(35, 150), right_arm=(30, 20), lean=3)
CLOSE_UP = Stance((320, 170), 122, left_arm=(35, 150), right_arm=(30, 20), lean=3)
SHARP = 2
"""Factor by which figures are drawn larger before they are shrunk."""


def estimate(image_rgb: Image, boxes_xyxy: list | None = None) -> Frame:
    """The poses that the miniature finds in the whole image or in boxes."""
    network = load_model(ROOT / "miniature/sapiens_miniature_17.safetensors", dtype=torch.float32)
    people = People(boxes_xyxy) if boxes_xyxy else People.whole_image(image_rgb)
    return PoseEstimator(network).estimate([image_rgb], [people])[0]


def read_skier() -> Image:
    """The part of the photo with the skier."""
    return np.ascontiguousarray(read_image(PHOTOS / "000000000785.jpg")[:, SKIER])


def draw(frame: Frame, height: int, photo: Image | None = None, **options) -> Image:
    """A drawing of a frame with a height in pixels, over the photo if one is given."""
    width = round(frame.canvas_wh[0] * height / frame.canvas_wh[1])
    background = {} if photo is None else {"background": "image"}
    draw_options = DrawOptions(canvas_wh=(width, height), **background, **options)
    return render(frame, draw_options, photo).image_rgb


def make_row(panels: dict[str, Image], text_scale: float = 0.55) -> Image:
    """Images of one height side by side, each under its caption."""
    cells, bar_height = [], round(BAR * text_scale / 0.55)
    for caption, image_rgb in panels.items():
        bar = np.full((bar_height, image_rgb.shape[1], 3), DARK, np.uint8)
        baseline_xy = (10, round(bar_height * 0.66))
        cv2.putText(bar, caption, baseline_xy, FONT, text_scale, GREY, 1, cv2.LINE_AA)
        gap = np.full((image_rgb.shape[0] + bar_height, GAP, 3), DARK, np.uint8)
        cells += [np.vstack((bar, image_rgb)), gap]
    return np.hstack(cells[:-1])


def make_hero() -> Image:
    """The front page: a photo, its skeletons, and all 308 keypoints on a figure."""
    photo, height = read_skier(), 520
    frame = estimate(photo)
    close = Frame(FIGURE_WH, [person(CLOSE_UP, FIGURE_WH)])
    return make_row(
        {
            "photo": resize_to_height(photo, height),
            "pose over the photo": draw(frame, height, photo, relative_size=True),
            "for OpenPose ControlNets": draw(frame, height, relative_size=True),
            "all 308 points, on a drawn figure": resize_to_height(
                draw(close, SHARP * height, style="dense", relative_size=True), height
            ),
        }
    )


def make_keypoint_sets() -> Image:
    """The three keypoint sets of models, on one figure."""
    pose, height = person(FIGURE, FIGURE_WH), 320
    panels = {}
    for keypoint_set in (COCO_17, COCO_WHOLEBODY_133, GOLIATH_308):
        frame = Frame(FIGURE_WH, [convert_pose(pose, keypoint_set)])
        drawing = resize_to_height(draw(frame, SHARP * height, style="dense"), height)
        panels[str(len(keypoint_set))] = drawing[:, 20:-20]
    return make_row(panels, LARGE)


def read_three_people() -> tuple[Image, list[list[float]]]:
    """The photo of three people, and their boxes."""
    people = json.loads((PHOTOS / "montage_785.json").read_text())["people"]
    boxes = [[x, y, x + w, y + h] for x, y, w, h in (person["bbox_xywh"] for person in people)]
    return read_image(PHOTOS / "montage_785.jpg"), boxes


def draw_boxes(image_rgb: Image, boxes_xyxy: list[list[float]]) -> Image:
    """A copy of the image with the boxes drawn on it."""
    boxed = image_rgb.copy()
    for box in np.round(boxes_xyxy).astype(int):
        cv2.rectangle(boxed, box[:2], box[2:], YELLOW, 3)
    return boxed


def make_column(panels: dict[str, Image]) -> Image:
    """Images of one size, shrunk, one below the other, each under its caption."""
    rows = []
    for caption, panel in panels.items():
        width = round(panel.shape[1] * 310 / panel.shape[0])
        rows.append(make_row({caption: cv2.resize(panel, (width, 310))}, LARGE))
    return np.vstack(rows)


def make_people_in_boxes() -> Image:
    """Boxes in, poses out."""
    photo, boxes = read_three_people()
    poses = draw(estimate(photo, boxes), photo.shape[0], photo, relative_size=True)
    return make_column({"bboxes in": draw_boxes(photo, boxes), "poses out": poses})


def make_photo_and_skeletons() -> Image:
    """An image in, its skeletons out."""
    photo, boxes = read_three_people()
    skeletons = draw(estimate(photo, boxes), photo.shape[0])
    return make_column({"image in": photo, "image out": skeletons})


def make_styles() -> Image:
    """The styles of Render, and some of its options, on the figure."""
    frame, height = Frame(FIGURE_WH, [person(FIGURE, FIGURE_WH)]), 360
    looks = {
        "openpose": {},
        "xinsir: sticks": {"xinsir": "sticks"},
        "core": {"style": "core"},
        "sapiens": {"style": "sapiens"},
        "sapiens_openpose": {"style": "sapiens_openpose"},
        "dense, on white": {"style": "dense", "background": "white"},
    }
    panels = {
        name: resize_to_height(draw(frame, SHARP * height, **options), height)[:, 45:-45]
        for name, options in looks.items()
    }
    names = list(panels)
    pairs = (names[at : at + 2] for at in range(0, len(names), 2))
    return np.vstack([make_row({name: panels[name] for name in pair}, LARGE) for pair in pairs])


def make_thumbnails() -> dict[str, Image]:
    """A square image per example, for ComfyUI's list of templates."""
    whole, side = read_image(PHOTOS / "000000000785.jpg"), 400
    frames = [np.ascontiguousarray(whole[:, left : left + 425]) for left in (120, 190)]
    bold = {"relative_size": True, "line_width": 6, "point_radius": 6}
    overlays = [draw(estimate(photo), side, photo, **bold) for photo in frames]
    skeletons = [draw(estimate(photo), side, **bold) for photo in frames]
    thick = draw(estimate(frames[0]), side, **bold | {"line_width": 14})
    figure = Frame(FIGURE_WH, [person(CLOSE_UP, FIGURE_WH)])
    dense = resize_to_height(draw(figure, SHARP * 448, style="dense"), 448)[:side, :side]
    rows = [
        [resize_to_height(image, side // 2) for image in pair] for pair in (overlays, skeletons)
    ]
    clip = np.vstack([np.hstack(row) for row in rows])
    faces = []
    for photo in frames:
        options = PartOptions("face", square=True)
        (face,) = find_parts(estimate(photo).poses[0], options)
        faces.append(cut_crop(photo, face.box, side // 2))
    person_and_faces = np.hstack([np.vstack(faces), overlays[0][:, 100 : 100 + side // 2]])
    photo, boxes = read_three_people()
    both = draw_boxes(draw(estimate(photo, boxes), 425, photo, **bold), boxes)
    people = estimate(photo, boxes)
    outlines = [draw_person_mask(pose, people.canvas_wh) for pose in people.poses]
    colours = color_people(dict(enumerate(outlines)), people.canvas_wh)
    identities = resize_to_height(np.where(colours > 0, colours, photo)[:, 75:500], side)
    (lifted,) = apply_edits([estimate(whole)], parse_edits(LIFTED_ARM)).frames
    edited = draw(lifted, side, whole, **bold)
    return {
        "photo_to_skeleton": np.hstack((overlays[1][:, :184], skeletons[1][:, 184:])),
        "photo_to_openpose_controlnet": np.hstack((overlays[1][:, :184], skeletons[1][:, 184:])),
        "photo_to_sdxl_xinsir": np.hstack((overlays[0][:, :200], thick[:, 200:])),
        "photo_to_z_image_fun": np.hstack((skeletons[0][:, :200], overlays[0][:, 200:])),
        "all_308_points_to_json": dense,
        "rtdetr_people_to_sdpose_drawing": resize_to_height(both[:, 75:500], side),
        "video_to_skeleton_frames": clip,
        "one_person_of_a_video": person_and_faces,
        "edit_a_pose": edited[:, -side:],
        **{
            f"video_to_{model}": make_model_thumbnail(model)
            for model in ("wan_animate", "vace", "ltx2")
        },
        "people_of_a_video_by_sam3": identities,
    }


def make_model_thumbnail(model: str) -> Image:
    """The skier beside the skeleton that a model was trained on, shrunk to a third."""
    photo = np.ascontiguousarray(read_image(PHOTOS / "000000000785.jpg")[:, 190 : 190 + 425])
    frame = estimate(photo)
    skeleton = resize_to_height(draw(frame, 1200, for_model=model), 400)
    return np.hstack((resize_to_height(photo, 400)[:, :184], skeleton[:, 184:]))


def main() -> None:
    """Write all images."""
    write_image(ROOT / "docs/images/hero.webp", make_hero())
    write_image(HELP / "SapiensPoseLoader.webp", make_keypoint_sets())
    write_image(HELP / "SapiensPose.webp", make_people_in_boxes())
    write_image(HELP / "SapiensPosePreprocessor.webp", make_photo_and_skeletons())
    write_image(HELP / "SapiensPoseRender.webp", make_styles())
    for name, image_rgb in make_thumbnails().items():
        write_image(ROOT / "example_workflows" / f"{name}.jpg", image_rgb)


if __name__ == "__main__":
    main()
