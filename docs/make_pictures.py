"""Draws the pictures of the front page, the help pages and the examples.

``python docs/make_pictures.py`` needs the package to be installed. The skeletons on the photo are
what the bundled miniature finds in it; the figures with hands and faces are made of formulas.
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
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133, GOLIATH_308
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.body_parts import PartOptions, cut_crop, find_parts
from synthetic_person import Stance, person

ROOT = Path(__file__).resolve().parents[1]
PHOTOS = ROOT / "miniature" / "photos"
HELP = ROOT / "web" / "docs" / "images"

SKIER = slice(180, 560)  # columns of the photo
BAR, GAP, QUALITY = 40, 6, 88
LARGE = 0.8  # letters on help pages, which ComfyUI shows in a narrow column
DARK, GREY, YELLOW = (32, 32, 32), (225, 225, 225), (255, 200, 0)

FIGURE_WH = (680, 760)
FIGURE = Stance((340, 150), 84, left_arm=(35, 150), right_arm=(30, 20), lean=3)
CLOSE_UP = Stance((320, 170), 122, left_arm=(35, 150), right_arm=(30, 20), lean=3)
SHARP = 2  # figures are drawn so many times larger, and shrunk


def found_in(picture_rgb: np.ndarray, boxes_xyxy: list | None = None) -> Frame:
    """What the miniature finds, in the whole picture or in boxes."""
    network = load_model(ROOT / "miniature/sapiens_miniature_17.safetensors", dtype=torch.float32)
    people = People(boxes_xyxy) if boxes_xyxy else People.whole_image(picture_rgb)
    return PoseEstimator(network).estimate([picture_rgb], [people])[0]


def skier() -> np.ndarray:
    """The photo's middle."""
    return np.ascontiguousarray(read_image(PHOTOS / "000000000785.jpg")[:, SKIER])


def drawn(frame: Frame, height: int, photo: np.ndarray | None = None, **options) -> np.ndarray:
    """A frame drawn at a height, over the photo if there is one."""
    width = round(frame.canvas_wh[0] * height / frame.canvas_wh[1])
    background = {} if photo is None else {"background": "image"}
    wanted = DrawOptions(canvas_wh=(width, height), **background, **options)
    return render(frame, wanted, photo).image_rgb


def resized(picture_rgb: np.ndarray, height: int) -> np.ndarray:
    """The picture at a height, in proportion."""
    width = round(picture_rgb.shape[1] * height / picture_rgb.shape[0])
    return cv2.resize(picture_rgb, (width, height), interpolation=cv2.INTER_AREA)


def row(panels: dict[str, np.ndarray], text: float = 0.55) -> np.ndarray:
    """Pictures of one height side by side, each under its caption in letters of that size."""
    cells, bar_height = [], round(BAR * text / 0.55)
    for caption, picture in panels.items():
        bar = np.full((bar_height, picture.shape[1], 3), DARK, np.uint8)
        place = (10, round(bar_height * 0.66))
        cv2.putText(bar, caption, place, cv2.FONT_HERSHEY_SIMPLEX, text, GREY, 1, cv2.LINE_AA)
        gap = np.full((picture.shape[0] + bar_height, GAP, 3), DARK, np.uint8)
        cells += [np.vstack((bar, picture)), gap]
    return np.hstack(cells[:-1])


def hero() -> np.ndarray:
    """The front page: a photo, its skeletons, and all 308 points on a figure."""
    photo, height = skier(), 520
    frame = found_in(photo)
    close = Frame(FIGURE_WH, [person(CLOSE_UP, FIGURE_WH)])
    return row(
        {
            "photo": resized(photo, height),
            "pose over the photo": drawn(frame, height, photo, relative_size=True),
            "for OpenPose ControlNets": drawn(frame, height, relative_size=True),
            "all 308 points, on a drawn figure": resized(
                drawn(close, SHARP * height, style="dense", relative_size=True), height
            ),
        }
    )


def keypoint_sets() -> np.ndarray:
    """What a model finds: the three keypoint sets on one figure, and the face of the largest."""
    pose, height = person(FIGURE, FIGURE_WH), 320
    panels = {
        str(len(points)): resized(
            drawn(Frame(FIGURE_WH, [convert_pose(pose, points)]), SHARP * height, style="dense"),
            height,
        )[:, 20:-20]
        for points in (COCO_17, COCO_WHOLEBODY_133, GOLIATH_308)
    }
    return row(panels, LARGE)


def three_people() -> tuple[np.ndarray, list[list[float]]]:
    """The picture of three, and their boxes."""
    people = json.loads((PHOTOS / "montage_785.json").read_text())["people"]
    boxes = [[x, y, x + w, y + h] for x, y, w, h in (one["bbox_xywh"] for one in people)]
    return read_image(PHOTOS / "montage_785.jpg"), boxes


def with_boxes(picture_rgb: np.ndarray, boxes_xyxy: list[list[float]]) -> np.ndarray:
    """A copy with the boxes drawn on it."""
    boxed = picture_rgb.copy()
    for box in np.round(boxes_xyxy).astype(int):
        cv2.rectangle(boxed, box[:2], box[2:], YELLOW, 3)
    return boxed


def people_in_boxes() -> np.ndarray:
    """Boxes in, poses out."""
    photo, boxes = three_people()
    poses = drawn(found_in(photo, boxes), photo.shape[0], photo, relative_size=True)
    panels = {"bboxes in": with_boxes(photo, boxes), "poses out": poses}
    width = round(photo.shape[1] * 310 / photo.shape[0])
    shrunk = {name: cv2.resize(panel, (width, 310)) for name, panel in panels.items()}
    return np.vstack([row({name: panel}, LARGE) for name, panel in shrunk.items()])


def styles() -> np.ndarray:
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
        name: resized(drawn(frame, SHARP * height, **options), height)[:, 45:-45]
        for name, options in looks.items()
    }
    names = list(panels)
    pairs = (names[at : at + 2] for at in range(0, len(names), 2))
    return np.vstack([row({name: panels[name] for name in pair}, LARGE) for pair in pairs])


def thumbnails() -> dict[str, np.ndarray]:
    """A square picture for each example, for ComfyUI's list of templates."""
    whole, side = read_image(PHOTOS / "000000000785.jpg"), 400
    frames = [np.ascontiguousarray(whole[:, left : left + 425]) for left in (120, 190)]
    bold = {"relative_size": True, "line_width": 6, "point_radius": 6}
    over = [drawn(found_in(photo), side, photo, **bold) for photo in frames]
    alone = [drawn(found_in(photo), side, **bold) for photo in frames]
    figure = Frame(FIGURE_WH, [person(CLOSE_UP, FIGURE_WH)])
    dense = resized(drawn(figure, SHARP * 448, style="dense"), 448)[:side, :side]
    clip = np.vstack([np.hstack([resized(p, side // 2) for p in pair]) for pair in (over, alone)])
    faces = []
    for photo in frames:
        options = PartOptions("face", square=True)
        (face,) = find_parts(found_in(photo).poses[0], options)
        faces.append(cut_crop(photo, face.box, side // 2))
    one = np.hstack([np.vstack(faces), over[0][:, 100 : 100 + side // 2]])
    photo, boxes = three_people()
    both = with_boxes(drawn(found_in(photo, boxes), 425, photo, **bold), boxes)
    return {
        "photo_to_openpose_controlnet": np.hstack((over[1][:, :184], alone[1][:, 184:])),
        "all_308_points_to_json": dense,
        "rtdetr_people_to_sdpose_drawing": resized(both[:, 75:500], side),
        "video_to_skeleton_frames": clip,
        "one_person_of_a_video": one,
    }


def write(path: Path, picture_rgb: np.ndarray) -> None:
    """Writes a WebP or JPEG file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flag = cv2.IMWRITE_WEBP_QUALITY if path.suffix == ".webp" else cv2.IMWRITE_JPEG_QUALITY
    path.write_bytes(cv2.imencode(path.suffix, picture_rgb[..., ::-1], [flag, QUALITY])[1])


def main() -> None:
    """Writes everything."""
    write(ROOT / "docs/images/hero.webp", hero())
    write(HELP / "SapiensPoseLoader.webp", keypoint_sets())
    write(HELP / "SapiensPose.webp", people_in_boxes())
    write(HELP / "SapiensPoseRender.webp", styles())
    for name, picture in thumbnails().items():
        write(ROOT / "example_workflows" / f"{name}.jpg", picture)


if __name__ == "__main__":
    main()
