"""The drawing for each model against the pictures of the model's makers."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render, trained
from comfyui_sapiens_pose.skeletons.draw.trained import rules
from comfyui_sapiens_pose.skeletons.pose import Frame, on_canvas
from helpers.model_goldens import CHANGES, FOLDER, PICTURES, WITHOUT_PARTS, golden_frame

pytestmark = [pytest.mark.opencv, pytest.mark.portable]

LARGE_PX = 2000
"""Longer side from which on a drawing takes seconds."""

MODELS = sorted({picture["model"] for picture in PICTURES} - {"options"})
INPUTS = sorted({picture["input"] for picture in PICTURES})

OTHER_LINES = tuple(map(int, cv2.__version__.split(".")[:2])) >= (4, 12)
"""Whether OpenCV draws lines that leave the canvas otherwise than 4.11, of the pictures."""


def is_sample(picture: dict) -> bool:
    """Whether ``make test`` compares it; ``make exhaustive`` compares the others.

    Of each variant that is the first picture. Each of the eight models as it is draws every eighth
    input, the next model the inputs beside those, so that together they draw every input.
    """
    model, variant = picture["model"], picture["variant"]
    if max(picture["size"]) > LARGE_PX:
        return False
    if variant == "default":
        return (INPUTS.index(picture["input"]) + MODELS.index(model)) % len(MODELS) == 0
    alike = [each for each in PICTURES if (each["model"], each["variant"]) == (model, variant)]
    return picture is alike[0]


def draw_golden(picture: dict) -> np.ndarray:
    model, variant, size_wh = picture["model"], picture["variant"], tuple(picture["size"])
    fixed = variant.startswith("fixed")  # the first person, stretched, as upstream infers
    frame = golden_frame(picture["input"], 1 if fixed else None)
    if variant == "node512":
        return draw_padded(frame, size_wh)
    options = {
        "canvas_wh": size_wh,
        "layout": "stretch" if fixed else "fit",
        **WITHOUT_PARTS.get(variant, {}),
    }
    change = CHANGES.get((model, variant))
    if change is None:
        return render(frame, DrawOptions(for_model=model, **options)).image_rgb
    return trained.draw(frame, change(), DrawOptions(**options))[..., :3].copy()


def draw_padded(frame: Frame, size_wh: tuple[int, int]) -> np.ndarray:
    """As VideoX-Fun's nodes do: sides are padded to multiples of 64, and cut off afterwards."""
    padded_wh = tuple(-(-side // 64) * 64 for side in size_wh)
    poses = [replace(on_canvas(pose, size_wh), canvas_wh=padded_wh) for pose in frame.poses]
    image_rgb = render(Frame(padded_wh, poses), DrawOptions(for_model="fun")).image_rgb
    return image_rgb[: size_wh[1], : size_wh[0]]


def test_every_golden_picture_is_compared():
    drawings = [path for path in FOLDER.rglob("*.png") if path.parent.name != "wan_face"]
    assert len(PICTURES) == len(drawings) == 195
    assert {picture["model"] for picture in PICTURES} - {"options"} <= set(trained.MODELS)


def test_the_sample_has_every_model_variant_and_input():
    sample = [picture for picture in PICTURES if is_sample(picture)]
    in_sample, in_all = (
        {(picture["model"], picture["variant"]) for picture in pictures}
        for pictures in (sample, PICTURES)
    )
    assert in_sample == in_all
    left_out = set(INPUTS) - {picture["input"] for picture in sample}
    assert left_out == {"inputs/m08_4k_2160x3840.raw133.json"}


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(
            picture,
            id=picture["file"],
            marks=[] if is_sample(picture) else [pytest.mark.exhaustive],
        )
        for picture in PICTURES
    ],
)
def test_pixels_of_the_makers(picture):
    bgr = cv2.imread(str(FOLDER / picture["file"]))
    expected = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    difference = cv2.absdiff(draw_golden(picture), expected).max(axis=2)
    others = picture.get("opencv5_px", 0) if OTHER_LINES else 0
    assert np.count_nonzero(difference > picture["tolerance"]) <= others


@pytest.mark.parametrize("row", json.loads((FOLDER / "sizes.json").read_text()), ids=str)
def test_sizes_of_the_canvas_and_of_what_is_drawn_on_it(row):
    look = trained.MODELS[row["model"]]
    canvas_wh = look.drawn_at(tuple(row["source"]))
    assert canvas_wh == tuple(row["canvas"])
    if row["model"] == "one_to_all":
        widths = look.widths(canvas_wh)
        assert widths == rules.Widths(
            limb=row["stick"],
            dot=row["stick"],
            hand_line=row["hand_and_face"],
            hand_dot=row["hand_and_face"],
            face_dot=row["hand_and_face"],
        )
