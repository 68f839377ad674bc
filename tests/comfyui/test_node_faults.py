"""Every stage cancelled, and out of memory, in the real ComfyUI: the same graph runs again at once.

The user's click, or the allocator's refusal, comes in the middle of a stage: in a function of it
that is called there.
"""

import gc
import importlib
import sys
import threading
import weakref

import numpy as np
import pytest
from base_folder import CORE_POSES, PACK_NAME, ROOT
from graphs import PHOTO_TO_SKELETON, changed, node
from helpers.samples import sample

MODEL = "tiny_133.safetensors"

GRAPH = {
    **changed(PHOTO_TO_SKELETON, "model", checkpoint=MODEL),
    "box": node("PrimitiveBoundingBox", x=0, y=0, width=300, height=425),
    "two": node("ImageBatch", image1=["photo", 0], image2=["photo", 0]),
    "track": node("SapiensPoseTrack", poses=["pose", 0]),
    "smooth": node("SapiensPoseSmooth", poses=["track", 0]),
    "render": node("SapiensPoseRender", poses=["smooth", 0], style="dense", score_threshold=0.0),
}
GRAPH = changed(
    GRAPH, "pose", image=["two", 0], bboxes=["box", 0], refine="face and hands", batch_size=1
)
DETECTED = changed(PHOTO_TO_SKELETON, "pose", detector="RT-DETR v2 r18", person_threshold=1.0)

STAGES = {
    "load": ("model", "nodes.host.managed_model", "load_model"),
    "crop": ("pose", "sapiens_core.crop", "Crop.pixels"),
    "estimate": ("pose", "sapiens_core.estimator", "normalise"),
    "flip": ("pose", "sapiens_core.estimator", "PoseEstimator._both_ways"),
    "decode": ("pose", "sapiens_core.estimator", "decode"),
    "refine": ("pose", "sapiens_core.refine", "_visible_parts"),
    "track": ("track", "sapiens_core.clip.tracker", "Tracker.update"),
    "smooth": ("smooth", "sapiens_core.clip.smooth", "_smooth_person"),
    "draw": ("render", "skeletons.draw.dense", "_draw_region"),
    "detect": ("pose", "sapiens_core.detection.rt_detr", "network_input"),
}
"""The node that works on each, and a function in the midst of it."""

WORK = {"load": "loading the model", "track": "tracking", "smooth": "smoothing", "draw": "drawing"}
"""What a failure says was done; in all other stages poses are found."""


@pytest.fixture(scope="module", autouse=True)
def _model(comfyui):
    """A tiny network of 133 points, with the number of heads that its own file does not tell."""
    from safetensors.torch import load_file, save_file

    path = comfyui.base / "models" / "sapiens" / MODEL
    tensors = load_file(ROOT / "tests" / "golden" / "sapiens1" / MODEL)
    save_file(tensors, path, metadata={"num_heads": "3"})
    yield
    path.unlink()


@pytest.fixture(scope="module")
def expected(comfyui):
    """What the graph shows if all goes well."""
    run = comfyui.run(GRAPH)
    assert run.success, (run.node_errors, run.messages)
    return comfyui.pictures(run.outputs["show"])


def stage_of(name, request):
    """Node, graph, and the place of the function, its module being loaded."""
    node_id, module, path = STAGES[name]
    request.getfixturevalue("expected")
    graph = GRAPH
    if name == "detect":
        request.getfixturevalue("detector")
        graph = DETECTED
        assert request.getfixturevalue("comfyui").run(graph).success
    (place,) = [
        loaded
        for known, loaded in list(sys.modules.items())
        if known.endswith(f"custom_nodes.{PACK_NAME}.{module}")
        or known.endswith(f"/{PACK_NAME}.{module}")
    ]
    *classes, function = path.split(".")
    for name_of_class in classes:
        place = getattr(place, name_of_class)
    request.getfixturevalue("comfyui").forget_models()
    return node_id, graph, place, function


def leftovers(comfyui):
    """Temporary files, and threads that prepare crops."""
    files = [*comfyui.base.rglob("*.part"), *comfyui.base.rglob("*.partial")]
    return files + [t for t in threading.enumerate() if t.name.startswith("prepare")]


def runs_again(comfyui, graph, executor, first, expected):
    """The same graph, at once: what was done is kept, and what comes out is right."""
    again = comfyui.run(graph, executor)
    assert again.success, again.messages
    done, done_again = set(first.executed[:-1]), set(again.executed)
    assert not done & done_again
    if graph is GRAPH:
        for picture, twin in zip(comfyui.pictures(again.outputs["show"]), expected, strict=True):
            np.testing.assert_array_equal(picture, twin)
    assert not leftovers(comfyui)


@pytest.mark.promise("Cancel works at every step")
@pytest.mark.parametrize("stage", sample(STAGES, ["estimate", "draw"]))
def test_a_cancel_in_a_stage_ends_the_run_and_the_next_one_is_right(
    comfyui, expected, monkeypatch, request, stage
):
    import comfy.model_management as mm

    node_id, graph, place, function = stage_of(stage, request)
    executor = comfyui.executor()
    with monkeypatch.context() as patch:
        real = getattr(place, function)

        def cancelled_meanwhile(*args, **kwargs):
            mm.interrupt_current_processing()
            return real(*args, **kwargs)

        patch.setattr(place, function, cancelled_meanwhile)
        run = comfyui.run(graph, executor)
    assert run.kinds[-1] == "execution_interrupted"
    assert "show" not in run.executed
    assert run.executed[-1] == node_id or stage == "load"
    assert not leftovers(comfyui)
    runs_again(comfyui, graph, executor, run, expected)


@pytest.mark.promise("Cancel works at every step")
def test_a_cancel_is_seen_at_every_step(comfyui):
    """ComfyUI looks for it when it shows a bar anew, which it does not do at each of many steps."""
    import comfy.model_management as mm

    package = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPose"].__module__.rpartition(".")[0]
    report = importlib.import_module(f"{package}.host.progress").progress_of(1000)
    report(1, 1000)
    mm.interrupt_current_processing()
    with pytest.raises(mm.InterruptProcessingException):
        report(2, 1000)


@pytest.mark.promise("Memory that runs out is explained")
@pytest.mark.parametrize("stage", sample(STAGES, ["estimate"]))
def test_memory_that_runs_out_in_a_stage_is_one_sentence_and_the_next_run_is_right(
    comfyui, expected, monkeypatch, request, stage
):
    import comfy.model_management as mm
    import torch

    node_id, graph, place, function = stage_of(stage, request)
    executor = comfyui.executor()
    with monkeypatch.context() as patch:

        def refused(*args, **kwargs):
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

        patch.setattr(place, function, refused)
        run = comfyui.run(graph, executor)
    assert not run.success
    work = WORK.get(stage, "finding poses")
    assert run.failure.startswith(f"Memory ran out while {work}. Use a smaller model or image,")
    assert run.executed[-1] == node_id
    assert mm.current_loaded_models == []
    runs_again(comfyui, graph, executor, run, expected)


@pytest.mark.promise("Nothing is left behind")
def test_a_model_that_is_not_used_any_more_is_let_go(comfyui, expected):
    """Also one that was in the middle of a run that was cancelled."""
    import comfy.model_management as mm

    def cancel(kind, data):
        if kind == "progress" and data["node"] == "pose":
            networks.extend(weakref.ref(loaded.model.model) for loaded in mm.current_loaded_models)
            mm.interrupt_current_processing()

    networks, executor = [], comfyui.executor()
    comfyui.forget_models()
    mm.unload_all_models()
    assert comfyui.run(GRAPH, executor, cancel).kinds[-1] == "execution_interrupted"
    assert networks
    assert comfyui.run(PHOTO_TO_SKELETON, executor).success
    mm.unload_all_models()
    gc.collect()
    assert [network() for network in networks] == [None]


@pytest.mark.promise("What was finished stays")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of POSIX")
def test_a_file_that_cannot_be_saved_is_told_and_the_next_run_saves_it(comfyui):
    import resource

    graph = {
        "file": node("SapiensPoseLoad", file=CORE_POSES),
        "save": node("SapiensPoseSave", poses=["file", 0], filename_prefix="full/pose"),
    }
    assert comfyui.run(graph).success
    folder = comfyui.base / "output" / "full"
    before = (folder / "pose_00001.json").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        run = comfyui.run(graph)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not run.success
    assert "pose_00002.json was not written: File too large." in run.failure
    assert [path.name for path in folder.iterdir()] == ["pose_00001.json"]
    assert comfyui.run(graph).success
    assert sorted(path.name for path in folder.iterdir()) == ["pose_00001.json", "pose_00002.json"]
    assert (folder / "pose_00001.json").read_bytes() == before
