"""The node of options for Render: each of its inputs changes the drawing, and Render shows none."""

import logging

import pytest
from graphs import FILE_TO_SKELETON, changed, node

OPTIONS = {
    "head": False,
    "toe_limbs": "wan_animate",
    "face_points": "brows_eyes_mouth",
    "width_rule": "scail",
    "hand_line_width": 9.0,
    "dim_by_score": True,
    "exchange_red_blue": True,
    "paint_order": "by_layer",
    "draw_at": "twice",
    "resize_by": "area",
}
DEPENDS = ("resize_by", "dim_by_score", "paint_order")
"""On drawing large, on scores, and on people who overlap."""


def graph_with(**options):
    graph = {**FILE_TO_SKELETON, "options": node("SapiensRenderOptions", **options)}
    return changed(graph, "render", options=["options", 0])


def image_of(comfyui, graph):
    run = comfyui.run(graph)
    assert run.success, run.messages
    (image,) = comfyui.pictures(run.outputs["show"])
    return image


def inputs_of(comfyui, node_id):
    return comfyui.nodes.NODE_CLASS_MAPPINGS[node_id].define_schema().inputs


def test_render_has_none_of_the_inputs(comfyui):
    own_node = inputs_of(comfyui, "SapiensRenderOptions")
    assert [each.id for each in own_node] == list(OPTIONS)
    assert not any(each.advanced or each.optional for each in own_node)
    assert not {each.id for each in inputs_of(comfyui, "SapiensPoseRender")} & set(OPTIONS)


def test_options_change_the_drawing(comfyui):
    plain = image_of(comfyui, FILE_TO_SKELETON)
    assert (image_of(comfyui, graph_with()) == plain).all()
    for name in OPTIONS.keys() - set(DEPENDS):
        image = image_of(comfyui, graph_with(**{name: OPTIONS[name]}))
        assert (image != plain).any(), name


def test_what_the_style_has_no_use_for_is_told(comfyui, caplog):
    with caplog.at_level(logging.WARNING):
        run = comfyui.run(changed(graph_with(head=False), "render", style="dense"))
    assert run.success, run.messages
    assert "head has no effect in the style dense, only in the style openpose." in caplog.text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "SAPIENS_RENDER_OPTIONS is 3, expected options. Connect Sapiens Render Options."),
        ({"style": "dense"}, "SAPIENS_RENDER_OPTIONS is {'style': 'dense'}, expected options."),
        ({"draw_at": "thrice"}, "draw_at is 'thrice'"),
    ],
    ids=str,
)
def test_what_is_no_options_is_told(comfyui, source, value, words):
    graph = {**FILE_TO_SKELETON, "options": source("SAPIENS_RENDER_OPTIONS", value)}
    run = comfyui.run(changed(graph, "render", options=["options", 0]))
    assert run.failure.startswith(words)
