"""Every model with what it was not trained on: each is told in a sentence."""

from dataclasses import replace

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, advice, render, trained
from comfyui_sapiens_pose.skeletons.draw.trained import model_advice
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, COCO_WHOLEBODY_133
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose

TOLD = {
    "one person": model_advice.ONE_PERSON,
    "sides": model_advice.SIDES,
    "sizes": model_advice.TRAINED_SIZES,
    "feet": model_advice.NO_FEET,
    **{f"no {part}": text for part, text in model_advice.IS_OFF.items()},
    **{f"lacks {part}": text for part, text in model_advice.LACKS.items()},
}

EVERYBODY = "two people"
ODD, BODY_OFF, HANDS_OFF, FACE_OFF = "50 x 34", "body off", "hands off", "face off"
HEAD_OFF = "head off"
FEET_ON, BODY_ONLY = "feet on", "17 keypoints"

CONTROLNET = {ODD: "sides", FEET_ON: "feet"}
ONE_TO_ALL = {
    EVERYBODY: "one person",
    ODD: "sides",
    BODY_OFF: "no body",
    HEAD_OFF: "no head",
    HANDS_OFF: "no hands",
    FACE_OFF: "no face",
    FEET_ON: "feet",
    BODY_ONLY: "lacks hands, lacks face",
}
UNIANIMATE = {
    EVERYBODY: "one person",
    ODD: "sizes",
    BODY_OFF: "no body",
    HEAD_OFF: "no head",
    HANDS_OFF: "no hands",
    BODY_ONLY: "lacks hands, lacks toes",
}
SIZED = {key: text for key, text in ONE_TO_ALL.items() if key != EVERYBODY} | {ODD: "sizes"}

EXPECTED = {
    "openpose": CONTROLNET,
    "xinsir": CONTROLNET,
    "fun": CONTROLNET,
    "ltx2": CONTROLNET,
    "wan_animate": UNIANIMATE | {ODD: "sides"},
    "vace": {
        ODD: "sides",
        BODY_OFF: "no body",
        HEAD_OFF: "no head",
        FACE_OFF: "no face",
        FEET_ON: "feet",
        BODY_ONLY: "lacks face",
    },
    "steady_dancer": {
        EVERYBODY: "one person",
        ODD: "sides",
        BODY_OFF: "no body",
        HEAD_OFF: "no head",
        HANDS_OFF: "no hands",
        FEET_ON: "feet",
        BODY_ONLY: "lacks hands",
    },
    "unianimate": UNIANIMATE,
    "unianimate_infer": UNIANIMATE,
    "mimicmotion": SIZED,
    "one_to_all": ONE_TO_ALL,
    "one_to_all_infer": ONE_TO_ALL,
    "one_to_all_weak_face": ONE_TO_ALL,
    "one_to_all_weak_head": ONE_TO_ALL,
    "scail_overlay": SIZED,
}
"""By model: what is told of a combination; nothing where it is not listed."""


def person(keypoint_set, canvas_wh) -> Pose:
    count = len(keypoint_set)
    keypoints = np.random.default_rng(count).uniform(2, 30, (count, 2))
    return Pose(keypoints, np.full(count, 0.9), keypoint_set, canvas_wh, np.array([0, 0, 32, 32]))


def combination(name: str, model: str) -> tuple[Frame, DrawOptions]:
    """A frame and options that fit the model, but for one thing."""
    sizes = trained.MODELS[model].sizes_wh
    canvas_wh = sizes[0] if sizes else (64, 32)
    whole = person(COCO_WHOLEBODY_133, canvas_wh)
    frame, options = Frame(canvas_wh, [whole]), DrawOptions(for_model=model)
    match name:
        case "two people":
            return replace(frame, poses=(whole, whole)), options
        case "50 x 34":
            return frame, replace(options, canvas_wh=(50, 34))
        case "feet on":
            return frame, replace(options, draw_feet=True)
        case "17 keypoints":
            return replace(frame, poses=(person(COCO_17, canvas_wh),)), options
        case "all well":
            return frame, options
    return frame, replace(options, **{f"draw_{name.removesuffix(' off')}": False})


NAMES = ["all well", EVERYBODY, ODD, BODY_OFF, HEAD_OFF, HANDS_OFF, FACE_OFF, FEET_ON, BODY_ONLY]


def test_every_model_is_in_the_table():
    assert list(EXPECTED) == list(trained.MODELS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("model", EXPECTED)
def test_a_wrong_combination_is_told(model, name):
    frame, options = combination(name, model)
    told = [sentence.text for sentence in advice(frame, options)]
    keys = EXPECTED[model].get(name, "")
    assert told == [TOLD[key] for key in keys.split(", ") if key]
    for sentence in advice(frame, options):
        assert str(sentence).startswith(f"{model} ")


@pytest.mark.parametrize("model", EXPECTED)
def test_without_a_sentence_everything_is_drawn(model):
    """A model's parts that are neither switched off nor missing are in the drawing."""
    frame, options = combination("all well", model)
    small = Frame((32, 32), [replace(frame.poses[0], canvas_wh=(32, 32))])
    whole = render(small, options).image_rgb
    look = trained.MODELS[model]
    for part, drawn in {"body": look.joints, "hands": look.hands, "face": look.face}.items():
        without = render(small, replace(options, **{f"draw_{part}": False})).image_rgb
        assert (whole != without).any() == bool(drawn), part
