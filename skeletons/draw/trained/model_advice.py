"""What a model cannot take as it was drawn: a sentence about each, for the user to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ...convert_sets import MISSING, source_indices
from ...keypoint_sets import KEYPOINT_SETS, OPENPOSE_136, KeypointSet
from ...pose import Frame
from ..options import DrawOptions
from .rows import LANDMARKS, MODELS, Look
from .rules import SizeWh

ONE_PERSON = (
    "{model} was trained on one person per image, but there are {people}; all are drawn. Select "
    "one of them first."
)
SIDES = (
    "{model} takes sides that are multiples of {multiple} pixels, but the drawing has "
    "{width} x {height}: the model's node will cut or stretch it. Draw at {cut_width} x "
    "{cut_height}."
)
TRAINED_SIZES = (
    "{model} was trained on {sizes} pixels, landscape or portrait, but the drawing has "
    "{width} x {height}."
)
NO_FEET = "{model} was trained without feet, so none are drawn."
IS_OFF = {
    "body": "{model} was trained with bodies, but they are turned off.",
    "head": "{model} was trained with heads, but they are turned off.",
    "hands": "{model} was trained with hands, but they are turned off.",
    "face": "{model} was trained with faces, but they are turned off.",
}
LACKS = {
    "hands": "{model} was trained with hands, but poses with {keypoints} keypoints have none.",
    "face": "{model} was trained with faces, but poses with {keypoints} keypoints have none.",
    "toes": "{model} was trained with toes, but poses with {keypoints} keypoints have none.",
}
DRAWN_AT = (
    "{model} is drawn at {drawn_width} x {drawn_height} pixels and resized to {width} x {height}, "
    "as its makers do."
)

NO_EFFECT = "{option} has no effect in the style {style}, only in the style openpose."

OF_OPENPOSE = {
    "draw_head": "head",
    **{
        name: name
        for name in ("toe_limbs", "face_points", "width_rule", "dim_by_score", "paint_order")
    },
}
"""Attributes of ``DrawOptions`` that other styles have no use for, and the options' names."""

_JOINTS = {
    "hands": OPENPOSE_136.part_indices("left_hand", "right_hand"),
    "face": OPENPOSE_136.part_indices("face")[list(LANDMARKS)],  # the eyes' dots are of the body
    "toes": OPENPOSE_136.part_indices("left_foot", "right_foot"),
}


@dataclass(frozen=True)
class Sentence:
    """A sentence for the user; ``str`` of it is the English one.

    Attributes:
        text: in English, where ``{name}`` stands for a value.
        values: names and values.
    """

    text: str
    values: tuple[tuple[str, object], ...]

    def __str__(self) -> str:
        return self.text.format(**dict(self.values))


def advice(frame: Frame, options: DrawOptions) -> list[Sentence]:
    """Sentences about people, size and parts of a frame that the model was not trained on.

    For no model, about options that the style has no use for. None if all is well.
    """
    look, model = MODELS.get(options.for_model), options.for_model
    if look is None:
        return list(_about_style(options))
    people = len(frame.found_poses)
    sentences = []
    if look.one_person and people > 1:
        sentences.append(_sentence(ONE_PERSON, model=model, people=people))
    sentences.extend(_about_size(look, model, options.canvas_wh or frame.canvas_wh))
    if options.draw_feet and not look.toes:
        sentences.append(_sentence(NO_FEET, model=model))
    if not look.parts_vary:
        sentences.extend(_about_parts(frame, look, options))
    return sentences


def explain_size(for_model: str, canvas_wh: SizeWh) -> Sentence | None:
    """A sentence about a drawing that is made at another size than asked; None if there is none.

    Args:
        for_model: a model's name, or ``custom``.
        canvas_wh: the size asked for.
    """
    look = MODELS.get(for_model)
    if look is None or look.drawn_at(canvas_wh) == canvas_wh:
        return None
    drawn_width, drawn_height = look.drawn_at(canvas_wh)
    return _sentence(
        DRAWN_AT,
        model=for_model,
        drawn_width=drawn_width,
        drawn_height=drawn_height,
        width=canvas_wh[0],
        height=canvas_wh[1],
    )


def sampler_size(for_model: str, canvas_wh: SizeWh) -> SizeWh:
    """Width and height for the node of a model: the drawing's, cut to what the model takes."""
    look = MODELS.get(for_model)
    sides = look.sides if look else 1
    width, height = (max(sides, side // sides * sides) for side in canvas_wh)
    return width, height


def _about_style(options: DrawOptions) -> Iterator[Sentence]:
    if options.style == "openpose":
        return
    for each in fields(options):
        if each.name in OF_OPENPOSE and getattr(options, each.name) != each.default:
            yield _sentence(NO_EFFECT, option=OF_OPENPOSE[each.name], style=options.style)


def _about_size(look: Look, model: str, canvas_wh: SizeWh) -> Iterator[Sentence]:
    size = {"model": model, "width": canvas_wh[0], "height": canvas_wh[1]}
    if any(side % look.sides for side in canvas_wh):
        cut_width, cut_height = sampler_size(model, canvas_wh)
        cut = {"multiple": look.sides, "cut_width": cut_width, "cut_height": cut_height}
        yield _sentence(SIDES, **size, **cut)
    if look.sizes_wh and (max(canvas_wh), min(canvas_wh)) not in look.sizes_wh:
        sizes = ", ".join(f"{long} x {short}" for long, short in look.sizes_wh)
        yield _sentence(TRAINED_SIZES, **size, sizes=sizes)


def _about_parts(frame: Frame, look: Look, options: DrawOptions) -> Iterator[Sentence]:
    """About what is switched off, and what the keypoint sets of the people do not have."""
    model = options.for_model
    trained = {"body": look.joints, "hands": look.hands, "face": look.face, "toes": look.toes}
    switches = {"body": options.draw_body, "hands": options.draw_hands, "face": options.draw_face}
    if options.draw_body and not options.draw_head:
        yield _sentence(IS_OFF["head"], model=model)
    for part, is_on in switches.items():
        if trained[part] and not is_on:
            yield _sentence(IS_OFF[part], model=model)
    for name in dict.fromkeys(pose.keypoint_set.name for pose in frame.found_poses):
        keypoint_set = KEYPOINT_SETS[name]
        for part, joints in _JOINTS.items():
            if trained[part] and switches.get(part, True) and _lacks(keypoint_set, joints):
                yield _sentence(LACKS[part], model=model, keypoints=len(keypoint_set))


def _lacks(keypoint_set: KeypointSet, joints: NDArray[np.intp]) -> bool:
    return bool((source_indices(keypoint_set, OPENPOSE_136)[joints] == MISSING).all())


def _sentence(text: str, **values: object) -> Sentence:
    return Sentence(text, tuple(values.items()))
