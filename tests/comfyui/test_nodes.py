"""The nodes in the real ComfyUI's executor, with the miniature as checkpoint."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from base_folder import (
    CORE_POSES,
    MINIATURE,
    MINIATURE_ELSEWHERE,
    PACK_NAME,
    PHOTO,
    ROOT,
    SAPIENS2,
)
from graphs import FILE_TO_SKELETON, PHOTO_TO_SKELETON, THREE_FRAMES, changed, node
from helpers.command_lines import ESTIMATE
from pictures import assert_alike, read_picture


@pytest.fixture(scope="module")
def command_line_pixels(comfyui, tmp_path_factory) -> np.ndarray:
    """The skeleton of the photo as ``sapiens-pose estimate`` draws it."""
    out = tmp_path_factory.mktemp("command_line")
    loader = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoader"]
    cli = importlib.import_module(loader.__module__.removesuffix("nodes.loader") + "cli")
    command = [*ESTIMATE, ROOT / "miniature" / "photos" / PHOTO, "-o", out, "--style", "openpose"]
    command += ["--weights", ROOT / "miniature" / MINIATURE]
    assert cli.main([str(each) for each in command]) == 0
    return read_picture(out / f"{Path(PHOTO).stem}.png")


def people_of(run, node_id: str = "pose") -> list[int]:
    """Number of people in each frame of a pose node's JSON."""
    return [len(frame["people"]) for frame in json.loads(run.outputs[node_id]["openpose_json"][0])]


def test_a_photo_gives_the_pixels_of_the_command_line(comfyui, command_line_pixels):
    run = comfyui.run(PHOTO_TO_SKELETON)
    assert run.success, run.messages
    (picture,) = comfyui.pictures(run.outputs["show"])
    assert picture.any()
    assert_alike(picture, command_line_pixels)
    assert people_of(run) == [1]


def test_a_frame_with_nobody_keeps_its_place_in_the_batch(comfyui, command_line_pixels):
    run = comfyui.run(THREE_FRAMES)
    assert run.success, run.messages
    first, middle, last = comfyui.pictures(run.outputs["show"])
    assert_alike(first, command_line_pixels)
    assert_alike(last, command_line_pixels)
    assert middle.shape == first.shape
    assert not middle.any()
    assert people_of(run) == [1, 0, 1]


def test_the_node_shows_the_skeleton_over_the_picture(comfyui):
    graph = {**PHOTO_TO_SKELETON, "plain": node("PreviewImage", images=["photo", 0])}
    run = comfyui.run(graph)
    (shown,) = comfyui.pictures(run.outputs["pose"])
    (photo,) = comfyui.pictures(run.outputs["plain"])
    assert 0 < (shown != photo).any(axis=-1).mean() < 0.1


def test_the_same_graph_twice_is_served_from_the_cache(comfyui):
    executor = comfyui.executor()
    first = comfyui.run(PHOTO_TO_SKELETON, executor)
    assert set(first.executed) == set(PHOTO_TO_SKELETON)
    second = comfyui.run(PHOTO_TO_SKELETON, executor)
    assert second.executed == []
    assert second.outputs == first.outputs


@pytest.mark.parametrize(
    "change",
    [{"style": "core"}, {"width": 320}, {"background": "white"}, {"score_threshold": 0.5}],
    ids=str,
)
def test_changing_a_drawing_option_never_runs_the_network_again(comfyui, change):
    executor = comfyui.executor()
    comfyui.run(PHOTO_TO_SKELETON, executor)
    run = comfyui.run(changed(PHOTO_TO_SKELETON, "render", **change), executor)
    assert run.success
    assert run.executed == ["render", "show"]


@pytest.mark.parametrize(
    ("node_id", "inputs", "message"),
    [
        ("model", {"size": "gone.pth"}, "no model gone.pth"),
        ("model", {"precision": "int3"}, "int3"),
        ("pose", {"score_threshold": 1.5}, "1.5"),
        ("pose", {"batch_size": -1}, "-1"),
        ("pose", {"model": ["photo", 0]}, "SAPIENS_MODEL"),
        ("render", {"style": "crayon"}, "crayon"),
        ("render", {"poses": ["photo", 0]}, "SAPIENS_POSES"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_run_is_said_before_the_run(comfyui, node_id, inputs, message):
    run = comfyui.run(changed(PHOTO_TO_SKELETON, node_id, **inputs))
    assert node_id in run.node_errors
    assert message in json.dumps(run.node_errors[node_id]["errors"])
    assert node_id not in run.executed


def test_a_sapiens2_file_runs_by_the_same_nodes(comfyui):
    graph = changed(PHOTO_TO_SKELETON, "model", checkpoint=SAPIENS2)
    run = comfyui.run(changed(graph, "pose", flip_test=False))
    assert run.success, run.messages
    (frame,) = json.loads(run.outputs["pose"]["openpose_json"][0])
    (person,) = frame["sapiens"]["people"]
    assert person["keypoint_set"] == "goliath_308"
    assert len(person["keypoint_scores"]) == 308


def test_a_missing_link_is_said_before_the_run(comfyui):
    graph = {**PHOTO_TO_SKELETON, "pose": node("SapiensPose", model=["model", 0])}
    (error,) = comfyui.run(graph).node_errors["pose"]["errors"]
    assert error["type"] == "required_input_missing"


def test_progress_is_told_for_each_batch(comfyui):
    comfyui.forget_models()
    run = comfyui.run(changed(THREE_FRAMES, "pose", batch_size=1))
    told = [
        (data["value"], data["max"])
        for kind, data in run.events
        if kind == "progress" and data["node"] == "pose"
    ]
    assert told == [(1, 2), (2, 2)]


def test_a_cpu_takes_one_person_at_a_time_unless_told(comfyui):
    """So that a cancel waits for one person, not for eight."""
    comfyui.forget_models()
    run = comfyui.run(THREE_FRAMES)
    told = [
        data["value"] for kind, data in run.events if kind == "progress" and data["node"] == "pose"
    ]
    assert told == [1, 2]


@pytest.mark.parametrize(("room", "people"), [(0, 1), (1.1, 1), (3.9, 3), (100, 8)])
def test_weights_that_are_not_loaded_yet_count_as_taken(comfyui, monkeypatch, room, people):
    """With memory for the weights and so many people, as if on a GPU: nothing is run."""
    import comfy.model_management

    loader = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoader"]
    pack = loader.__module__.removesuffix(".nodes.loader")
    memory = importlib.import_module(f"{pack}.sapiens_core.network.activation_memory")
    managed_model = importlib.import_module(f"{pack}.nodes.host.managed_model")
    model = managed_model.ManagedModel(comfyui.base / "models" / "sapiens" / MINIATURE, "fp32")
    model.device = torch.device("cuda")
    one = memory.activation_bytes(model.patcher.model.config, 2, 4) / memory.FREE_MEMORY_SHARE
    free_bytes = model.patcher.model_size() + room * one
    monkeypatch.setattr(comfy.model_management, "get_free_memory", lambda device: free_bytes)
    assert model.fitting_batch_size(2) == people


def test_a_cancel_takes_effect_within_a_batch(comfyui):
    import comfy.model_management

    comfyui.forget_models()
    graph = changed(THREE_FRAMES, "pose", batch_size=1)
    batches = []

    def cancel_after_the_first_batch(kind, data):
        if kind == "progress" and data["node"] == "pose":
            batches.append(data["value"])
            comfy.model_management.interrupt_current_processing()

    run = comfyui.run(graph, on_event=cancel_after_the_first_batch)
    assert batches == [1]
    assert run.kinds[-1] == "execution_interrupted"
    assert "render" not in run.executed


def test_what_is_saved_can_be_loaded_and_drawn_alike(comfyui):
    graph = {**PHOTO_TO_SKELETON, "save": node("SapiensPoseSave", poses=["pose", 0])}
    names = []
    for _ in range(2):
        run = comfyui.run(changed(graph, "save", filename_prefix="%date:yyyy%/pose"))
        assert run.success, run.messages
        (saved,) = run.outputs["save"]["poses"]
        names.append(saved["filename"])
    assert names == ["pose_00001.json", "pose_00002.json"]
    assert len(saved["subfolder"]) == len("2026")
    written = comfyui.base / "output" / saved["subfolder"] / saved["filename"]
    (comfyui.base / "input" / "saved.json").write_bytes(written.read_bytes())
    drawn = comfyui.run(changed(FILE_TO_SKELETON, "file", file="saved.json"))
    assert drawn.success, drawn.messages
    np.testing.assert_array_equal(
        comfyui.pictures(drawn.outputs["show"])[0], comfyui.pictures(run.outputs["show"])[0]
    )


@pytest.mark.parametrize(
    ("sides", "expected"),
    [({}, None), ({"width": 0, "height": 0}, None), ({"width": 901, "height": 802}, (901, 802))],
)
def test_the_size_of_a_file_that_does_not_say_it_can_be_typed(comfyui, sides, expected):
    people = {"pose_keypoints_2d": [10, 20, 1] * 18}
    path = comfyui.base / "input" / "no_canvas.json"
    path.write_text(json.dumps({"version": 1.3, "people": [people]}))
    run = comfyui.run(
        {
            "file": node("SapiensPoseLoad", file=path.name, **sides),
            "json": node("SapiensPoseToJSON", poses=["file", 0], format="sapiens"),
            "text": node("PreviewAny", source=["json", 0]),
        }
    )
    assert run.success, run.messages
    (picture,) = json.loads(run.outputs["text"]["text"][0])
    canvas = (picture["canvas"]["width"], picture["canvas"]["height"])
    assert canvas == (expected or (10, 20))


def test_half_a_size_is_an_error(comfyui):
    graph = {
        "file": node("SapiensPoseLoad", file=CORE_POSES, width=640),
        "text": node("PreviewAny", source=["file", 1]),
    }
    run = comfyui.run(graph)
    assert not run.success
    assert "give both" in run.failure


def test_nothing_is_saved_outside_the_output_folder(comfyui):
    graph = {
        "file": node("SapiensPoseLoad", file=CORE_POSES),
        "save": node("SapiensPoseSave", poses=["file", 0], filename_prefix="../../stolen"),
    }
    run = comfyui.run(graph)
    assert not run.success
    assert "outside the output folder" in run.node_errors["save"]["errors"][0]["details"]
    assert not list(comfyui.base.parent.rglob("stolen*"))


@pytest.mark.parametrize("file_format", ["comfy", "sapiens", "coco"])
def test_poses_are_told_as_text(comfyui, file_format):
    run = comfyui.run(
        {
            **PHOTO_TO_SKELETON,
            "json": node("SapiensPoseToJSON", poses=["pose", 0], format=file_format),
            "text": node("PreviewAny", source=["json", 0]),
        }
    )
    assert run.success, run.messages
    assert json.loads(run.outputs["text"]["text"][0])


def test_text_of_another_node_is_read_instead_of_the_file(comfyui):
    run = comfyui.run(
        {
            **PHOTO_TO_SKELETON,
            "json": node("SapiensPoseToJSON", poses=["pose", 0], format="openpose-editor"),
            "file": node("SapiensPoseLoad", file=CORE_POSES, json=["json", 0]),
            "again": node("SapiensPoseToJSON", poses=["file", 0], format="openpose-editor"),
            "text": node("PreviewAny", source=["again", 0]),
            "first": node("PreviewAny", source=["json", 0]),
        }
    )
    assert run.success, run.messages
    assert run.outputs["text"]["text"] == run.outputs["first"]["text"]


def test_folders_of_extra_model_paths_are_searched_and_kept(comfyui):
    folders = comfyui.folder_paths.get_folder_paths("sapiens")
    places = "models/sapiens", "elsewhere", "models/sapiens2"
    assert folders == [str(comfyui.base / place) for place in places]
    run = comfyui.run(changed(PHOTO_TO_SKELETON, "model", checkpoint=MINIATURE_ELSEWHERE))
    assert run.success, run.messages


def test_only_checkpoints_are_offered(comfyui):
    (comfyui.base / "models" / "sapiens" / "notes.txt").write_text("")
    files = comfyui.folder_paths.get_filename_list("sapiens")
    assert set(files) == {MINIATURE, MINIATURE_ELSEWHERE, SAPIENS2}


def test_the_model_runs_again_after_it_was_unloaded(comfyui):
    import comfy.model_management as mm

    executor = comfyui.executor()
    comfyui.run(PHOTO_TO_SKELETON, executor)
    assert mm.current_loaded_models
    mm.unload_all_models()
    run = comfyui.run(changed(PHOTO_TO_SKELETON, "pose", flip_test=False), executor)
    assert run.success, run.messages
    assert "model" not in run.executed


def test_loading_the_pack_brings_in_nothing_slow(comfyui):
    """Half a second or more each: scipy, and what finds or fetches models."""
    ours = {name for name in comfyui.imported if PACK_NAME in name}
    others = {name.split(".")[0] for name in comfyui.imported - ours} - sys.stdlib_module_names
    assert not others & {"scipy", "transformers", "huggingface_hub", "ray", "pyarrow", "av"}
