"""Odd tensors, strangers' values and names, through the nodes in the real ComfyUI."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import numpy as np
import pytest
import torch
from base_folder import CORE_POSES
from graphs import FILE_TO_SKELETON, PHOTO_TO_SKELETON, changed, node

NAN, INF = float("nan"), float("inf")


def told(graph: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: row for name, row in graph.items() if name not in ("render", "show")},
        "json": node("SapiensPoseToJSON", poses=["pose", 0], format="sapiens"),
        "text": node("PreviewAny", source=["json", 0]),
    }


def scores_of(run: Any) -> np.ndarray:
    assert run.success, (run.node_errors, run.messages)
    frames = json.loads(run.outputs["text"]["text"][0])
    return np.array([p["keypoint_scores"] for frame in frames for p in frame["instance_info"]])


def photo_of(comfyui) -> torch.Tensor:
    """The bundled photo as an IMAGE."""
    loader = comfyui.nodes.NODE_CLASS_MAPPINGS["LoadImage"]()
    return loader.load_image(PHOTO_TO_SKELETON["photo"]["inputs"]["image"])[0]


def turned_around(photo: torch.Tensor) -> torch.Tensor:
    """The same values, none beside its neighbour in memory."""
    return photo.permute(3, 2, 1, 0).contiguous().permute(3, 2, 1, 0)


def with_odd_corner(value: float) -> Any:
    def change(photo: torch.Tensor) -> torch.Tensor:
        odd = photo.clone()
        odd[0, :4, :4] = value
        return odd

    return change


@pytest.fixture(scope="module")
def plain_scores(comfyui):
    return scores_of(comfyui.run(told(PHOTO_TO_SKELETON)))


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    ("change", "corner"),
    [
        (torch.Tensor.double, None),
        (turned_around, None),
        (lambda photo: torch.cat([photo, torch.rand_like(photo[..., :1])], -1), None),
        (lambda photo: photo.expand(1, *photo.shape[1:]).requires_grad_(), None),
        (with_odd_corner(NAN), 0),
        (with_odd_corner(INF), 255),
        (with_odd_corner(-INF), 0),
        (with_odd_corner(-0.5), 0),
        (with_odd_corner(1.5), 255),
    ],
    ids=["float64", "strided", "alpha", "grad", "NaN", "inf", "-inf", "negative", "above 1"],
)
def test_odd_images_give_the_pose_of_the_plain_one(comfyui, source, plain_scores, change, corner):
    """And are shown with their odd corner black or white."""
    photo = photo_of(comfyui)
    odd = comfyui.run({**told(PHOTO_TO_SKELETON), "photo": source("IMAGE", change(photo))})
    np.testing.assert_allclose(scores_of(odd), plain_scores, atol=0.05)
    (shown,) = comfyui.pictures(odd.outputs["pose"])
    expected = np.rint(photo[0, :4, :4].numpy() * 255) if corner is None else corner
    np.testing.assert_array_equal(shown[:4, :4], expected)


@pytest.mark.promise("Any number gets an answer")
def test_a_grey_image_is_a_picture(comfyui, source):
    grey = photo_of(comfyui).mean(-1, keepdim=True)
    three = comfyui.run(
        {**told(PHOTO_TO_SKELETON), "photo": source("IMAGE", grey.expand(-1, -1, -1, 3))}
    )
    one = comfyui.run({**told(PHOTO_TO_SKELETON), "photo": source("IMAGE", grey)})
    np.testing.assert_array_equal(scores_of(one), scores_of(three))


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    ("image", "message"),
    [
        (torch.zeros(0, 8, 8, 3), "has no images"),
        (torch.zeros(1, 0, 8, 3), "has no images"),
        (torch.zeros(1, 8, 8, 2), "with 1, 3 or 4 channels"),
        (torch.zeros(1, 8, 8, 5), "with 1, 3 or 4 channels"),
        (torch.zeros(8, 8, 3), "expected (frames, height, width, channels)"),
        (torch.zeros(1, 8, 8, 3, dtype=torch.uint8), "expected floating point numbers"),
        (torch.zeros(1, 8, 8, 3, dtype=torch.complex64), "expected numbers from 0 to 1"),
        (torch.zeros(1, 8, 8, 3, device="meta"), "on the device 'meta'"),
        (torch.zeros(1, 2, 40_000, 3), "sides of at most 32,766"),
    ],
    ids=lambda value: value if isinstance(value, str) else "x".join(map(str, value.shape)),
)
def test_what_is_no_image_is_one_clear_error_before_any_work(comfyui, source, image, message):
    batches = []
    run = comfyui.run(
        {**told(PHOTO_TO_SKELETON), "photo": source("IMAGE", image)},
        on_event=lambda kind, data: batches.append(data) if kind == "progress" else None,
    )
    assert not run.success
    assert message in run.failure
    assert not batches


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (torch.zeros(0, 8, 8), "at least one pixel"),
        (torch.zeros(1, 0, 0), "at least one pixel"),
        (torch.zeros(5), "at least one pixel"),
        (torch.zeros(1, 8, 8, device="meta"), "on the device 'meta'"),
        (torch.zeros(1, 8, 8, dtype=torch.complex64), "expected numbers from 0 to 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "x".join(map(str, value.shape)),
)
def test_what_is_no_mask_is_one_clear_error(comfyui, source, mask, message):
    graph = {**changed(told(PHOTO_TO_SKELETON), "pose", mask=["mask", 0])}
    run = comfyui.run({**graph, "mask": source("MASK", mask)})
    assert not run.success
    assert message in run.failure


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    "mask",
    [
        torch.full((1, 425, 640), 7.0),
        torch.ones(425, 640, dtype=torch.bool),
        torch.ones(1, 1, 5, 8, dtype=torch.float64),
        torch.where(torch.rand(1, 425, 640) < 0.001, NAN, 1.0),
    ],
    ids=["above 1", "bool", "channel", "some NaN"],
)
def test_odd_masks_show_the_person(comfyui, source, mask):
    graph = {**changed(told(PHOTO_TO_SKELETON), "pose", mask=["mask", 0])}
    run = comfyui.run({**graph, "mask": source("MASK", mask)})
    assert len(scores_of(run)) == 1


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ({"x": 10**400, "y": 0, "width": 5, "height": 5}, "expected numbers for x, y"),
        ({"x": "a", "y": 0, "width": 5, "height": 5}, "expected numbers for x, y"),
        ([[None]], "frame 0, box 0 is None"),
        (torch.zeros(2, 4), "BOUNDING_BOX is tensor("),
        ([torch.zeros(2, 4)], "expected a list of boxes"),
        ("boxes", "BOUNDING_BOX is 'boxes', expected"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_box_is_one_clear_error(comfyui, source, boxes, message):
    graph = changed(told(PHOTO_TO_SKELETON), "pose", bboxes=["boxes", 0])
    run = comfyui.run({**graph, "boxes": source("BOUNDING_BOX", boxes)})
    assert not run.success
    assert message in run.failure


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("side", [NAN, INF, -5.0, 0.0, 1e300])
def test_boxes_without_a_place_are_nobody(comfyui, source, side):
    boxes = [{"x": 0, "y": 0, "width": side, "height": side}]
    graph = changed(told(PHOTO_TO_SKELETON), "pose", bboxes=["boxes", 0])
    run = comfyui.run({**graph, "boxes": source("BOUNDING_BOX", boxes)})
    assert len(scores_of(run)) == 0


@pytest.fixture(scope="module")
def module_of(comfyui):
    """Gives a module of the nodes, as ComfyUI has loaded it, by its name."""
    pose = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPose"]
    return lambda name: importlib.import_module(pose.__module__.replace("estimate", name))


ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)
FRAME = {
    "keypoint_set": "coco_17",
    "canvas_width": 64,
    "canvas_height": 48,
    "keypoints": torch.ones(1, 17, 3, dtype=torch.float64),
    "boxes_xyxy": torch.ones(1, 4, dtype=torch.float64),
    "box_scores": torch.ones(1, dtype=torch.float64),
    "person_ids": [None],
}


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    "change",
    [
        {"keypoint_set": "unknown"},
        {"keypoint_set": []},
        {"canvas_width": -1},
        {"canvas_height": INF},
        {"keypoints": torch.ones(1, 16, 3)},
        {"keypoints": torch.full((1, 17, 3), NAN)},
        {"keypoints": [[1, 2, 3]]},
        {"keypoints": torch.ones(2, 17, 3)},
        {"boxes_xyxy": torch.ones(1, 3)},
        {"box_scores": None},
        {"person_ids": ["a"]},
        {"person_ids": 3},
        {"refined": [3]},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("reader", ["SapiensPoseRender", "SapiensPoseSelect"])
def test_poses_of_others_that_cannot_be_read_are_named(comfyui, source, reader, change):
    graph = {
        "poses": source("SAPIENS_POSES", [FRAME, FRAME | change]),
        "reader": node(reader, poses=["poses", 0]),
        "text": node("PreviewAny", source=["reader", 0]),
    }
    run = comfyui.run(graph)
    assert not run.success
    assert "SAPIENS_POSES, frame 1 cannot be read" in run.failure


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    "change",
    [
        {"keypoints": torch.ones(1, 17, 3, device="meta")},
        {"keypoints": torch.ones(1, 17, 3, dtype=torch.complex64)},
        {"boxes_xyxy": torch.ones(1, 4, dtype=torch.complex64)},
        {"box_scores": torch.ones(1, device="meta")},
        {"refined": [[object()]]},
        {"refined": [[NAN]]},
        {"refined": ["face"]},
        {"refined": [["x" * 10**6]]},
        {"refined": [["face"] * 10**6]},
        {"refined": torch.ones(2)},
        *({name: ENDLESS} for name in ("keypoint_set", "person_ids", "refined", "box_scores")),
    ],
    ids=lambda change: next(iter(change)),
)
def test_odd_values_in_poses_of_others_are_named(module_of, change):
    """Every reader looks at them in this way. Lists without end do not come through ComfyUI."""
    sockets = module_of("sockets.image_sockets")
    assert sockets.frames_from_poses([FRAME])
    with pytest.raises(ValueError, match=r"^SAPIENS_POSES, frame 1 cannot be read"):
        sockets.frames_from_poses([FRAME, FRAME | change])


@pytest.mark.promise("Any number gets an answer")
def test_an_option_that_comes_through_a_link_is_looked_at(comfyui, source):
    """No widget has seen it."""
    graph = {
        "option": source("*", 10**30),
        "file": node("SapiensPoseLoad", file=CORE_POSES),
        "smooth": node("SapiensPoseSmooth", poses=["file", 0], max_gap=["option", 0]),
        "text": node("PreviewAny", source=["smooth", 0]),
    }
    run = comfyui.run(graph)
    assert not run.success
    assert f"max_gap is {10**30}, expected a whole number from 0 to 1000000" in run.failure


def default_of(widget: Any) -> Any:
    """What a widget shows at first; None for sockets."""
    default = getattr(widget, "default", None)
    return next(iter(getattr(widget, "options", None) or [None])) if default is None else default


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    ("reader", "name", "value", "expected"),
    [
        ("Smooth", "spike_threshold", INF, "0 to 1000000"),
        ("Track", "duplicate_similarity", NAN, "more than 0 and less than 1000000"),
        ("Track", "clip", None, "a text"),
        ("Track", "first_frame", 0.5, "a whole number from -1 to 2147483647"),
        ("Select", "score_threshold", NAN, "a number such as 0.3"),
        ("Select", "max_people", 1.5, "a whole number from 0 to 1000000"),
        ("Select", "places", ["0"], "a text"),
        ("Parts", "padding", INF, "0 to 1000"),
        ("Parts", "crop_size", 10**30, "a whole number from 16 to 4096"),
        ("Render", "width", NAN, "a whole number from 0 to 16384"),
        ("Render", "point_radius", None, "-1 to 1000"),
        ("ToJSON", "format", "yaml", "one of ["),
        ("Save", "filename_prefix", None, "a text"),
        ("Load", "file", 3, "a text"),
        ("Loader", "precision", "fp8", "one of ["),
        ("Loader", "size", None, "a text"),
        ("", "score_threshold", NAN, "a number such as 0.3"),
        ("", "hands_threshold", None, "a number such as 0.3"),
        ("", "batch_size", NAN, "a whole number from 0 to 4096"),
        ("", "dim_others", NAN, "0 to 1"),
        ("", "person_threshold", INF, "a number such as 0.3"),
        ("", "person_min_size", "8", "0 to 1000000000"),
        ("", "refine", "feet", "one of ["),
        ("", "mask_meaning", None, "one of ["),
        ("", "detector", 3, "one of ["),
    ],
)
def test_options_of_nodes_are_looked_at_before_any_work(comfyui, reader, name, value, expected):
    """There is nothing to work with: the option is what is told."""
    node_class = comfyui.nodes.NODE_CLASS_MAPPINGS[f"SapiensPose{reader}"]
    inputs = node_class.define_schema().inputs
    values = {each.id: default_of(each) for each in inputs} | {"poses": [FRAME], name: value}
    values = {each.id: values[each.id] for each in inputs}
    with pytest.raises(ValueError, match=re.escape(f"{name} is {value!r}, expected {expected}")):
        node_class.execute(**values)


PERSON = {"pose_keypoints_2d": [10, 20, 1] * 18}


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([3], "Frame 0 is 3, expected one of the frames"),
        ("[" * 100_000, "nested too deeply"),
        ([{"people": [PERSON], "canvas_width": 10**6, "canvas_height": 10**6}], "can be drawn"),
        ([{"people": [], "canvas_width": -5, "canvas_height": 5}], "at least 1 x 1"),
        ([{"people": [], "canvas_width": 10**400, "canvas_height": 5}], "expected two numbers"),
        ([{"people": [], "canvas_width": 2**14, "canvas_height": 2**14}] * 40, "too many for one"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 50 else "",
)
def test_hostile_pose_keypoint_is_not_drawn(comfyui, source, value, message):
    graph = {**FILE_TO_SKELETON, "file": source("POSE_KEYPOINT", value)}
    run = comfyui.run(graph)
    assert not run.success
    assert message in run.failure
