"""The node that does everything at once gives what the others give, and stands in for DWPose's."""

import json

import cv2
import numpy as np
import pytest
import torch
from base_folder import MINIATURE, PHOTO, SAPIENS2
from graphs import PHOTO_TO_SKELETON, changed, node
from helpers.samples import sample
from pictures import assert_alike

ALONE = {
    "photo": node("LoadImage", image=PHOTO),
    "all": node(
        "SapiensPosePreprocessor", image=["photo", 0], model=MINIATURE, detector="whole image"
    ),
    "show": node("PreviewImage", images=["all", 0]),
    "json": node("PreviewAny", source=["all", 1]),
    "again": node("SapiensPoseToJSON", poses=["all", 2]),
    "text": node("PreviewAny", source=["again", 0]),
}
CHAIN = {
    **PHOTO_TO_SKELETON,
    "json": node("PreviewAny", source=["pose", 1]),
    "again": node("SapiensPoseToJSON", poses=["pose", 0]),
    "text": node("PreviewAny", source=["again", 0]),
}
"""The nodes that ours is made of."""


@pytest.fixture(scope="module")
def chain(comfyui):
    run = comfyui.run(CHAIN)
    assert run.success, run.messages
    return run


def test_one_node_gives_what_three_give(comfyui, chain):
    run = comfyui.run(ALONE)
    assert run.success, run.messages
    assert_alike(
        comfyui.pictures(run.outputs["show"])[0], comfyui.pictures(chain.outputs["show"])[0]
    )
    for name in ("json", "text"):
        assert run.outputs[name]["text"] == chain.outputs[name]["text"], name
    assert len(run.outputs["all"]["images"]) == 1


@pytest.fixture(scope="module")
def drawn(comfyui):
    """Draws what a network finds that finds all 308 keypoints, wherever; it is run once."""
    executor = comfyui.executor()

    def draw(**options):
        graph = changed(CHAIN, "render", **options)
        run = comfyui.run(changed(graph, "model", checkpoint=SAPIENS2), executor)
        return comfyui.pictures(run.outputs["show"])[0]

    return draw


@pytest.mark.parametrize("part", sample(["body", "hands", "face", "feet"], ["feet"]))
def test_parts_are_drawn_as_by_render(comfyui, drawn, part):
    choice = "enable" if part == "feet" else "disable"
    run = comfyui.run(changed(ALONE, "all", model=SAPIENS2, **{part: choice}))
    (picture,) = comfyui.pictures(run.outputs["show"])
    assert_alike(picture, drawn(**{part: choice == "enable"}))
    assert (picture != drawn()).any()


@pytest.mark.usefixtures("detector")
def test_the_detector_finds_the_people(comfyui):
    """The same ones as in the other node; a random network finds whom it likes, or nobody."""
    detector = "RT-DETR v2 r18"
    run = comfyui.run(changed(ALONE, "all", detector=detector))
    assert run.success, run.messages
    expected = comfyui.run(changed(CHAIN, "pose", detector=detector))
    for name in ("json", "text"):
        assert run.outputs[name]["text"] == expected.outputs[name]["text"], name


@pytest.mark.parametrize("resolution", [0, 212, 850])
def test_the_short_side_is_the_resolution(comfyui, chain, resolution):
    run = comfyui.run(changed(ALONE, "all", resolution=resolution))
    (picture,) = comfyui.pictures(run.outputs["show"])
    (whole,) = comfyui.pictures(chain.outputs["show"])
    assert min(picture.shape[:2]) == (resolution or 425)
    shrunk = cv2.resize(picture, whole.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk.astype(int) - whole).mean() < 1
    assert run.outputs["json"]["text"] == chain.outputs["json"]["text"]  # pixels of the image


def test_another_resolution_loads_no_model_again(comfyui, caplog):
    caplog.set_level("INFO")
    executor = comfyui.executor()
    for resolution in (0, 64):
        assert comfyui.run(changed(ALONE, "all", resolution=resolution), executor).success
    assert sum(MINIATURE in record.getMessage() for record in caplog.records) <= 1


def test_too_many_drawings_are_refused_before_a_model_is_looked_for(comfyui):
    execute = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPosePreprocessor"].execute
    parts = dict.fromkeys(("body", "hands", "face", "feet"), "enable")
    with pytest.raises(ValueError, match=r"^100 drawings of 16,384 x 16,384 pixels are too many"):
        execute(torch.zeros(100, 1, 1, 3), "gone", "whole image", **parts, resolution=16_384)


def test_a_model_that_is_gone_is_told(comfyui):
    run = comfyui.run(changed(ALONE, "all", model="gone.safetensors"))
    assert run.node_errors["all"]["errors"][0]["type"] == "value_not_in_list"


DWPOSE = {
    "photo": node("LoadImage", image=PHOTO),
    "old": node(
        "DWPreprocessor",
        image=["photo", 0],
        detect_hand="disable",
        detect_body="enable",
        detect_face="disable",
        resolution=512,
        bbox_detector="yolox_l.onnx",
        pose_estimator="dw-ll_ucoco_384.onnx",
        scale_stick_for_xinsr_cn="disable",
    ),
    "show": node("PreviewImage", images=["old", 0]),
    "json": node("PreviewAny", source=["old", 1]),
}


def test_ours_takes_the_place_of_dwpose_with_what_was_chosen(comfyui):
    """By ComfyUI's own rules, for a graph of whose nodes one is missing."""
    graph = json.loads(json.dumps(DWPOSE))
    for each in graph.values():
        each["_meta"] = {}
    comfyui.log.node_replace_manager.apply_replacements(graph)
    ours = graph["old"]
    assert ours["class_type"] == "SapiensPosePreprocessor"
    chosen = {"hands": "disable", "body": "enable", "face": "disable", "resolution": 512}
    assert ours["inputs"].items() >= chosen.items()
    ours["inputs"] |= {"model": MINIATURE, "detector": "whole image"}
    run = comfyui.run(graph)
    assert run.success, run.messages
    (picture,) = comfyui.pictures(run.outputs["show"])
    assert min(picture.shape[:2]) == 512
    (person,) = json.loads(run.outputs["json"]["text"][0])[0]["people"]
    assert any(person["pose_keypoints_2d"])


def test_a_file_that_is_no_model_is_told(comfyui):
    folder = comfyui.base / "models/sapiens"
    (folder / "cat.safetensors").write_bytes(b"a cat")
    try:
        run = comfyui.run(changed(ALONE, "all", model="cat.safetensors"))
        assert "cat.safetensors" in run.failure
    finally:
        (folder / "cat.safetensors").unlink()
