"""Finding people with the detector, with masks and in boxes, in the real ComfyUI's executor."""

import importlib
import json
from dataclasses import asdict

import numpy as np
import pytest
from base_folder import DETECTOR, MINIATURE
from graphs import PHOTO_TO_SKELETON, changed, node
from helpers.samples import sample


def told(graph: dict) -> dict:
    """The graph with its poses and boxes told as text."""
    return {
        **graph,
        "json": node("SapiensPoseToJSON", poses=["pose", 0], format="sapiens"),
        "text": node("PreviewAny", source=["json", 0]),
        "boxes": node("PreviewAny", source=["pose", 2]),
    }


def people_of(run) -> list[list[dict]]:
    assert run.success, (run.node_errors, run.messages)
    frames = json.loads(run.outputs["text"]["text"][0])
    frames = frames if isinstance(frames, list) else [frames]
    return [frame["instance_info"] for frame in frames]


@pytest.mark.usefixtures("detector")
def test_the_detector_on_disk_is_used(comfyui):
    graph = changed(
        told(PHOTO_TO_SKELETON),
        "pose",
        detector="RT-DETR v2 r18",
        person_threshold=0.0,
        person_overlap=0.0,
        flip_test=False,
    )
    (people,) = people_of(comfyui.run(graph))
    assert len(people) >= 1
    assert all(person["bbox"] != [0, 0, 640, 425] for person in people)
    (nobody,) = people_of(comfyui.run(changed(graph, "pose", person_threshold=1.0)))
    assert nobody == []


@pytest.mark.usefixtures("detector")
def test_a_detector_is_not_offered_as_a_pose_model(comfyui):
    inputs = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoader"].INPUT_TYPES()
    offered = json.dumps(inputs["required"]["checkpoint"])
    assert MINIATURE in offered
    assert DETECTOR not in offered


def test_a_detector_is_the_default_and_settings_are_optional(comfyui):
    inputs = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPose"].INPUT_TYPES()
    assert inputs["required"]["detector"][1]["default"] == "RT-DETR v2 r50"
    names = list(inputs["optional"])
    assert names[:2] == ["bboxes", "mask"]
    assert {"refine", "merge_duplicates", "hide_face_from_behind"} <= set(names[2:])


def test_each_part_of_a_mask_is_a_person(comfyui):
    """White halves on black: a mask a person, and both in one."""
    graph = {
        **told(PHOTO_TO_SKELETON),
        "left": node("SolidMask", value=1.0, width=200, height=425),
        "right": node("SolidMask", value=1.0, width=300, height=425),
        "black": node("SolidMask", value=0.0, width=640, height=425),
        "one": node(
            "MaskComposite",
            destination=["black", 0],
            source=["left", 0],
            x=0,
            y=0,
            operation="add",
        ),
        "both": node(
            "MaskComposite",
            destination=["one", 0],
            source=["right", 0],
            x=300,
            y=0,
            operation="add",
        ),
    }
    graph = changed(graph, "pose", mask=["both", 0], merge_duplicates=False)
    (people,) = people_of(comfyui.run(graph))
    assert [person["bbox"] for person in people] == [[0, 0, 200, 425], [300, 0, 600, 425]]
    single = changed(graph, "pose", mask_meaning="each mask is a person")
    (people,) = people_of(comfyui.run(single))
    assert [person["bbox"] for person in people] == [[0, 0, 600, 425]]


def test_twice_the_same_box_is_one_person(comfyui):
    graph = {
        **changed(told(PHOTO_TO_SKELETON), "pose", bboxes=["box", 0]),
        "box": node("PrimitiveBoundingBox", x=0, y=0, width=640, height=425),
    }
    (people,) = people_of(comfyui.run(graph))
    assert len(people) == 1
    assert np.mean(people[0]["keypoint_scores"]) > 0.5


@pytest.mark.parametrize(
    "refine", sample(["off", "face", "hands", "face and hands"], ["face and hands"])
)
def test_refining_a_set_without_parts_changes_nothing(comfyui, refine):
    plain = people_of(comfyui.run(told(PHOTO_TO_SKELETON)))
    assert people_of(comfyui.run(changed(told(PHOTO_TO_SKELETON), "pose", refine=refine))) == plain


@pytest.fixture(scope="module")
def sockets(comfyui):
    """Gives a module of the sockets, as ComfyUI has loaded it."""
    name = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPose"].__module__
    return lambda module: importlib.import_module(name.replace("estimate", f"sockets.{module}"))


@pytest.mark.parametrize(
    ("setting", "changes"),
    [
        ({}, {}),
        ({"dim_others": 0.2}, {"estimate.dim_others": 0.2}),
        ({"refine": "face"}, {"refine": "face"}),
        ({"refine": "face and hands"}, {"refine": "both"}),
        ({"merge_duplicates": False}, {"clean.same_person": None}),
        ({"hide_guesses": False}, {"clean.guessed_part": 0.0, "clean.outside_crop": False}),
        ({"hide_outside_mask": True}, {"clean.mask_reach": 0.1}),
        ({"hide_face_from_behind": True}, {"clean.face_from_behind": True}),
        ({"person_threshold": 0.4}, {"detect.score_threshold": 0.4}),
        ({"person_overlap": 0.9}, {"detect.max_overlap": 0.9}),
        ({"person_min_size": 64}, {"detect.min_side_px": 64}),
        ({"mask_meaning": "each mask is a person"}, {"mask.meaning": "people"}),
        ({"mask_meaning": "each part is a person"}, {"mask.meaning": "parts"}),
    ],
    ids=str,
)
def test_each_setting_changes_what_it_says(sockets, setting, changes):
    settings, widgets = sockets("pose_settings"), sockets("widgets")

    def meaning(chosen: dict) -> dict:
        asked = settings.PoseSettings.of(first | chosen)
        parts = {
            "estimate": asked.poses.estimate,
            "clean": asked.poses.clean,
            "detect": asked.detecting,
            "mask": asked.masks,
        }
        told = {f"{part}.{k}": v for part, each in parts.items() for k, v in asdict(each).items()}
        return told | {"refine": asked.poses.refine}

    first = {row.name: widgets.default_input(row) for row in settings.FIRST}
    later = {row.name: widgets.default_input(row) for row in settings.LATER}
    assert meaning({}) == meaning(later)
    assert meaning(setting) == meaning({}) | changes
