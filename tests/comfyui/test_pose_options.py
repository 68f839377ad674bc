"""The node of options says what inputs of the main node said, which still count in old graphs."""

import json

import pytest
from graphs import PHOTO_TO_SKELETON, changed, node

OPTIONS = {"hide_guesses": False, "merge_duplicates": False, "batch_size": 2}
GRAPH = {**PHOTO_TO_SKELETON, "options": node("SapiensPoseOptions", **OPTIONS)}
GRAPH = changed(GRAPH, "pose", options=["options", 0])


def inputs_of(comfyui, node_id):
    return comfyui.nodes.NODE_CLASS_MAPPINGS[node_id].define_schema().inputs


def test_the_main_node_shows_at_most_seven_widgets(comfyui):
    widgets = [each for each in inputs_of(comfyui, "SapiensPose") if hasattr(each, "default")]
    shown = [each.id for each in widgets if not each.as_dict().get("hidden")]
    assert len(shown) <= 7
    own_node = inputs_of(comfyui, "SapiensPoseOptions")
    assert {each.id for each in widgets} - set(shown) == {each.id for each in own_node}
    defaults = {each.id: each.default for each in widgets}
    assert all(each.default == defaults[each.id] and not each.advanced for each in own_node)


def test_options_do_what_the_inputs_did(comfyui):
    """``person_min_size`` and the like are tested with the inputs, which are read by the same."""
    seen = []
    settings = comfyui.loaded_module("nodes.sockets.pose_settings")
    for inputs, options in ((OPTIONS, None), ({}, OPTIONS), (OPTIONS, OPTIONS)):
        merged = settings.with_options(inputs, options)
        first = {each.name: settings.default_input(each) for each in settings.FIRST}
        seen.append(settings.PoseSettings.of(first | dict(merged)))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0].batch_size == 2
    with_node = comfyui.run(GRAPH)
    assert with_node.success, with_node.messages
    assert "openpose_json" in with_node.outputs["pose"]


def test_one_fact_in_two_places_is_an_error(comfyui):
    run = comfyui.run(changed(GRAPH, "pose", person_threshold=0.7, batch_size=2))
    assert run.failure == (
        "person_threshold is 0.7 here and 0.5 in Sapiens Pose Options. Set it to 0.5 here."
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (3, "SAPIENS_POSE_OPTIONS is 3, expected options. Connect Sapiens Pose Options."),
        ({"batch_size": "many"}, "batch_size is 'many'"),
    ],
    ids=str,
)
def test_what_is_no_options_is_told(comfyui, source, value, words):
    graph = {**PHOTO_TO_SKELETON, "options": source("SAPIENS_POSE_OPTIONS", value)}
    run = comfyui.run(changed(graph, "pose", options=["options", 0]))
    assert run.failure.startswith(words)


@pytest.mark.parametrize(
    ("sizes", "kept"), [([10], 1), ([2_000_000], 1), ([100_000] * 5, 2), ([10] * 5, 5)]
)
def test_the_json_of_the_page_is_bounded(comfyui, sizes, kept):
    estimate = comfyui.loaded_module("nodes.estimate")
    text = estimate._first_frames([{"people": "x" * size} for size in sizes])
    assert [len(frame["people"]) for frame in json.loads(text)] == sizes[:kept]
