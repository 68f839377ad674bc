"""What a node tells on the page: how many people, and why nobody, in the page's language."""

import json

import pytest
from base_folder import CORE_POSES, MINIATURE, PHOTO
from graphs import PHOTO_TO_SKELETON, changed, node

BLACK = {
    "black": node("EmptyImage", width=640, height=425, color=0),
    "mask": node("ImageToMask", image=["black", 0], channel="red"),
}
WHITE = {
    "white": node("EmptyImage", width=640, height=425, color=0xFFFFFF),
    "mask": node("ImageToMask", image=["white", 0], channel="red"),
}


def told(run, node_id="pose"):
    assert run.success, run.messages
    return texts_on(run, node_id)


def texts_on(run, node_id):
    texts = [data for kind, data in run.events if kind == "progress_text"]
    return [data["text"] for data in texts if data["node"] == node_id]


def with_mask(nodes):
    return changed({**PHOTO_TO_SKELETON, **nodes}, "pose", mask=["mask", 0])


def with_frames(count):
    graph = changed(PHOTO_TO_SKELETON, "pose", image=["frames", 0])
    return {**graph, "frames": node("RepeatImageBatch", image=["photo", 0], amount=count)}


RAN = "17 keypoints, float32 on cpu."
BOXES = node("PrimitiveBoundingBox", x=1000, y=1000, width=4, height=4)


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (PHOTO_TO_SKELETON, f"1 person found. {RAN}"),
        (with_frames(3), f"1 person in 3 frames. {RAN}"),
        (with_mask(WHITE), f"1 person found. {RAN}"),
        (
            with_mask(BLACK),
            "Nobody found: the mask is black. Connect one that is white where people are.",
        ),
        (
            changed({**PHOTO_TO_SKELETON, "boxes": BOXES}, "pose", bboxes=["boxes", 0]),
            "Nobody found: bboxes has no box in the image. Check the node that makes them.",
        ),
    ],
)
def test_how_many_people_or_why_nobody(comfyui, graph, expected):
    assert told(comfyui.run(graph)) == [expected]


@pytest.mark.parametrize("side", [1, 64])
def test_a_whole_image_without_a_person_is_told(comfyui, side):
    grey = {"photo": node("EmptyImage", width=side, height=side, color=0x808080)}
    (text,) = told(comfyui.run({**PHOTO_TO_SKELETON, **grey}))
    assert text.startswith("Nobody found: the best keypoint scores 0.")
    assert text.endswith(", 0.30 is needed. Choose an image that shows a person.")


def test_frames_with_nobody_are_counted(comfyui):
    graph = with_frames(2)
    graph |= {
        **BLACK,
        "white": WHITE["white"],
        "both": node("ImageBatch", image1=["white", 0], image2=["black", 0]),
        "mask": node("ImageToMask", image=["both", 0], channel="red"),
    }
    run = comfyui.run(changed(graph, "pose", mask=["mask", 0]))
    assert told(run) == [f"1 person in 2 frames. {RAN} Nobody in 1 of 2 frames."]


@pytest.mark.usefixtures("detector")
def test_how_near_the_detector_was(comfyui):
    graph = changed(PHOTO_TO_SKELETON, "pose", detector="RT-DETR v2 r18", person_threshold=0.999)
    (text,) = told(comfyui.run(graph))
    assert text.startswith("Nobody found: best 0.")
    assert " is below person_threshold 1.00. Lower it, or " in text


def test_the_preprocessor_tells_too(comfyui):
    graph = {
        "photo": node("LoadImage", image=PHOTO),
        "all": node(
            "SapiensPosePreprocessor", image=["photo", 0], model=MINIATURE, detector="whole image"
        ),
    }
    assert told(comfyui.run(graph), "all") == [f"1 person found. {RAN}"]


def test_what_was_told_is_there_for_a_page_that_comes_later(comfyui):
    """ComfyUI sends what a node gave the page again when it takes the node from its cache."""
    executor = comfyui.executor()
    for _ in range(2):
        run = comfyui.run(PHOTO_TO_SKELETON, executor)
        assert run.outputs["pose"]["sapiens_text"] == [f"1 person found. {RAN}"]
    assert "pose" not in run.executed


NOBODY_EDITED = {"format": "sapiens_edits", "version": 1, "keypoint_set": "openpose_136"}
NOBODY_EDITED |= {"canvas": [1024, 1024], "people": [{"who": {"id": 5}, "hidden": True}]}


def from_file(class_type, **inputs):
    return {
        "file": node("SapiensPoseLoad", file=CORE_POSES),
        "tells": node(class_type, poses=["file", 0], **inputs),
        "show": node("PreviewAny", source=["tells", 0]),
    }


@pytest.mark.parametrize(
    ("graph", "start"),
    [
        (from_file("SapiensPoseRender", for_model="vace", width=512), "vace is drawn at 1024"),
        (from_file("SapiensPoseEdit", edits=json.dumps(NOBODY_EDITED)), "The edits of the person"),
    ],
    ids=["render", "edit"],
)
def test_nodes_at_the_end_of_a_graph_keep_what_they_told(comfyui, graph, start):
    executor = comfyui.executor()
    (text,) = told(comfyui.run(graph, executor), "tells")
    again = comfyui.run(graph, executor)
    assert "tells" not in again.executed
    assert again.outputs["tells"]["sapiens_text"] == [text]
    assert text.startswith(start)


@pytest.mark.parametrize(
    ("graph", "start"),
    [
        (from_file("SapiensPoseRender", for_model="vace", style="dense"), "style is dense, but"),
        (from_file("SapiensPoseTrack", clip="a", first_frame=5), "No batch of the clip 'a'"),
    ],
    ids=["render", "track"],
)
def test_an_error_is_told_on_its_node(comfyui, graph, start):
    run = comfyui.run(graph)
    assert texts_on(run, "tells") == [run.failure]
    assert run.failure.startswith(start)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, []),
        (
            {"track_ids": "0"},
            ["track_ids need Track: connect Track Sapiens People before this node."],
        ),
        ({"places": "7"}, ["The selection left none of the 3 people: use less strict settings."]),
    ],
    ids=str,
)
def test_an_empty_selection_says_why(comfyui, inputs, expected):
    graph = {
        "file": node("SapiensPoseLoad", file=CORE_POSES),
        "select": node("SapiensPoseSelect", poses=["file", 0], **inputs),
        "render": node("SapiensPoseRender", poses=["select", 0]),
    }
    assert told(comfyui.run(graph), "select") == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"Comfy.Locale": "zh"}, "找到 1 个人。 17 个关键点，cpu 上的 float32。"),  # noqa: RUF001
        ({"Comfy.Locale": "xx"}, f"1 person found. {RAN}"),
        ({"Comfy.Locale": "../zh"}, f"1 person found. {RAN}"),
        ({"Comfy.Locale": ["zh"]}, f"1 person found. {RAN}"),
        ([], f"1 person found. {RAN}"),
    ],
    ids=str,
)
def test_the_page_is_told_in_its_language(comfyui, settings, expected):
    path = comfyui.base / "user" / "default" / "comfy.settings.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings))
    try:
        assert told(comfyui.run(PHOTO_TO_SKELETON)) == [expected]
    finally:
        path.unlink()
