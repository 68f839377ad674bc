"""Selecting, tracking, smoothing and cutting out, in the real ComfyUI's executor."""

import json
import logging

import numpy as np
import pytest
from graphs import changed, node

SPREAD = np.stack([np.linspace(-20, 20, 18), np.linspace(0, 200, 18)], axis=1)
"""Eighteen joints of somebody, by their distance from the nose."""


def person(x: float, y: float = 100) -> dict:
    """POSE_KEYPOINT of somebody of whom only the body was found."""
    triples = np.column_stack([np.add(SPREAD, (x, y)), np.ones(18)])
    return {"pose_keypoints_2d": triples.ravel().tolist()}


def write_clip(comfyui, name: str, rows: list) -> str:
    """A file in the input folder, one frame a row of people's places."""
    frames = [
        {"people": [person(x) for x in row], "canvas_width": 640, "canvas_height": 425}
        for row in rows
    ]
    (comfyui.base / "input" / name).write_text(json.dumps(frames))
    return name


def graph_of(kind: str, file: str, **inputs) -> dict:
    """A file of poses through one node, told as text."""
    return {
        "file": node("SapiensPoseLoad", file=file),
        "clip": node(kind, poses=["file", 1], **inputs),
        "json": node("SapiensPoseToJSON", poses=["clip", 0], format="sapiens"),
        "text": node("PreviewAny", source=["json", 0]),
        "keypoints": node("PreviewAny", source=["clip", 1]),
        "boxes": node("PreviewAny", source=["clip", 2]),
    }


def noses(run) -> list[list[float]]:
    """x of each nose in each frame, whole pixels."""
    frames = json.loads(run.outputs["text"]["text"][0])
    return [[round(p["keypoints"][0][0] + 20) for p in f["instance_info"]] for f in frames]


def ids(run) -> list[list[int]]:
    frames = json.loads(run.outputs["text"]["text"][0])
    return [[person["person_id"] for person in frame["instance_info"]] for frame in frames]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, [[300, 100, 500], [], [510]]),
        ({"sort": "left to right"}, [[100, 300, 500], [], [510]]),
        ({"sort": "left to right", "places": "0,2"}, [[100, 500], [], [510]]),
        ({"sort": "distance to centre", "max_people": 1}, [[300], [], [510]]),
    ],
    ids=str,
)
def test_people_are_selected(comfyui, inputs, expected):
    file = write_clip(comfyui, "select.json", [[300, 100, 500], [], [510]])
    run = comfyui.run(graph_of("SapiensPoseSelect", file, **inputs))
    assert run.success, run.messages
    assert noses(run) == expected
    boxes = json.loads(run.outputs["boxes"]["text"][0])
    assert [len(frame) for frame in boxes] == [len(frame) for frame in expected]
    shown = json.loads(run.outputs["keypoints"]["text"][0])
    assert [len(frame["people"]) for frame in shown] == [len(frame) for frame in expected]


def test_people_are_selected_by_box_and_mask(comfyui):
    file = write_clip(comfyui, "places.json", [[100, 300, 500]])
    graph = graph_of("SapiensPoseSelect", file)
    graph["box"] = node("PrimitiveBoundingBox", x=40, y=0, width=100, height=425)
    run = comfyui.run(changed(graph, "clip", bboxes=["box", 0]))
    assert noses(run) == [[100]], run.messages
    graph["white"] = node("SolidMask", value=1.0, width=320, height=425)
    graph["black"] = node("SolidMask", value=0.0, width=640, height=425)
    graph["mask"] = node(
        "MaskComposite", destination=["black", 0], source=["white", 0], x=200, y=0, operation="add"
    )
    assert noses(comfyui.run(changed(graph, "clip", mask=["mask", 0]))) == [[300, 500]]


def test_a_wrong_list_is_told_in_a_sentence(comfyui):
    file = write_clip(comfyui, "wrong.json", [[300]])
    run = comfyui.run(graph_of("SapiensPoseSelect", file, places="first"))
    assert "expected a list like '0,2-3'" in run.failure


def test_people_are_tracked(comfyui):
    file = write_clip(comfyui, "track.json", [[100, 500], [504, 104], [], [512, 112]])
    run = comfyui.run(graph_of("SapiensPoseTrack", file))
    assert run.success, run.messages
    assert ids(run) == [[0, 1], [0, 1], [], [0, 1]]
    assert noses(run) == [[100, 500], [104, 504], [], [112, 512]]


def test_tracks_end_at_a_cut_of_the_images(comfyui):
    file = write_clip(comfyui, "cut.json", [[100]] * 4)
    graph = graph_of("SapiensPoseTrack", file, image=["film", 0])
    graph["dark"] = node("EmptyImage", width=64, height=48, batch_size=2, color=0)
    graph["light"] = node("EmptyImage", width=64, height=48, batch_size=2, color=0xFFFFFF)
    graph["film"] = node("ImageBatch", image1=["dark", 0], image2=["light", 0])
    run = comfyui.run(graph)
    assert ids(run) == [[0], [0], [1], [1]], run.messages
    told = [data["text"] for kind, data in run.events if kind == "progress_text"]
    assert told == ["Cut before frame 2: everybody gets a new id."]
    run = comfyui.run(changed(graph, "clip", image=["dark", 0]))
    assert "There are 2 images for 4 frames of poses" in str(run.messages)


def test_slots_are_kept_in_pose_keypoint(comfyui):
    file = write_clip(comfyui, "slots.json", [[100, 500], [504], [104, 508]])
    run = comfyui.run(graph_of("SapiensPoseTrack", file, fixed_slots=True))
    assert run.success, run.messages
    frames = json.loads(run.outputs["keypoints"]["text"][0])
    assert [len(frame["people"]) for frame in frames] == [2, 2, 2]
    assert not any(frames[1]["people"][0]["pose_keypoints_2d"])
    boxes = json.loads(run.outputs["boxes"]["text"][0])
    assert [len(frame) for frame in boxes] == [2, 1, 2]


def part(comfyui, number: int, first_frame: int, row: list) -> dict:
    """The graph that tracks one frame as a part of the clip."""
    file = write_clip(comfyui, f"part{number}.json", [row])
    return graph_of("SapiensPoseTrack", file, clip="parts", first_frame=first_frame)


def test_a_clip_in_parts_and_the_cache(comfyui):
    executor = comfyui.executor()
    first, second = part(comfyui, 1, 0, [100, 500]), part(comfyui, 2, 1, [504, 104])
    early = comfyui.run(part(comfyui, 3, 7, [100]), executor)
    assert "no batch of the clip 'parts' ended at frame 7" in early.failure.lower()
    assert ids(comfyui.run(first, executor)) == [[0, 1]]
    run = comfyui.run(second, executor)
    assert ids(run) == [[0, 1]]
    assert noses(run) == [[104, 504]]
    assert comfyui.run(second, executor).executed == []
    # Another beginning, and the second part is tracked again though nothing of its own changed.
    other = comfyui.executor()
    comfyui.run(changed(first, "clip", max_gap=3), other)
    again = comfyui.run(second, executor)
    assert "clip" in again.executed
    assert ids(again) == [[0, 1]]


def test_spaces_around_the_name_of_a_clip_do_not_matter(comfyui):
    first, second = part(comfyui, 1, 0, [100, 500]), part(comfyui, 2, 1, [504, 104])
    first, second = (changed(graph, "clip", clip=" spaced ") for graph in (first, second))
    executor = comfyui.executor()
    comfyui.run(first, executor)
    comfyui.run(second, executor)
    comfyui.run(changed(first, "clip", max_gap=3), comfyui.executor())
    assert "clip" in comfyui.run(second, executor).executed


def test_a_clip_in_parts_that_are_not_numbered(comfyui):
    rows = [[100, 500], [504, 104], [508, 108]]
    graphs = [part(comfyui, number, -1, row) for number, row in enumerate(rows)]
    graphs = [changed(graph, "clip", clip="not numbered") for graph in graphs]
    places = [noses(comfyui.run(graph)) for graph in graphs]
    assert places == [[[100, 500]], [[104, 504]], [[108, 508]]]
    assert [noses(comfyui.run(graph)) for graph in graphs] == places


def test_a_linked_number_of_the_first_frame_is_waited_for(comfyui, caplog):
    caplog.set_level(logging.WARNING)
    executor = comfyui.executor()
    first, second = part(comfyui, 1, 0, [100, 500]), part(comfyui, 2, 1, [504, 104])
    first, second = (changed(graph, "clip", clip="linked") for graph in (first, second))
    second = changed(second, "clip", clip=["name", 0], first_frame=["size", 0])
    second["name"] = node("PrimitiveString", value="linked")
    second["white"] = node("EmptyImage", width=1, height=1, color=0, batch_size=1)
    second["size"] = node("GetImageSize", image=["white", 0])
    assert ids(comfyui.run(first, executor)) == [[0, 1]]
    runs = [comfyui.run(second, executor) for _ in range(3)]
    assert [ids(run) for run in runs[:1]] == [[[0, 1]]], runs[0].messages
    assert noses(runs[0]) == [[104, 504]]
    assert runs[-1].executed == []
    assert not [record for record in caplog.records if "NoneType" in record.getMessage()]


def test_poses_are_smoothed(comfyui):
    random = np.random.default_rng(0)
    frames = [{"people": [person(100)], "canvas_width": 640, "canvas_height": 425}] * 30
    frames = json.loads(json.dumps(frames))
    for frame in frames:
        triples = np.reshape(frame["people"][0]["pose_keypoints_2d"], (18, 3))
        triples[:, :2] += random.normal(scale=1, size=(18, 2))
        frame["people"][0]["pose_keypoints_2d"] = triples.ravel().tolist()
    file = "noisy.json"
    (comfyui.base / "input" / file).write_text(json.dumps(frames))
    left = {}
    for method in ("none", "savitzky-golay", "gaussian", "one-euro"):
        run = comfyui.run(graph_of("SapiensPoseSmooth", file, method=method))
        assert run.success, run.messages
        frames = json.loads(run.outputs["text"]["text"][0])
        xs = [frame["instance_info"][0]["keypoints"][0][0] for frame in frames]
        left[method] = np.abs(np.diff(xs, 2)).mean()
    assert max(left["savitzky-golay"], left["gaussian"], left["one-euro"]) * 4 < left["none"]


@pytest.mark.parametrize("kind", ["SapiensPoseTrack", "SapiensPoseSmooth"])
def test_a_clip_with_a_frame_from_a_pose_editor(comfyui, kind):
    """The file has the network's points of 17 joints riding along, and the editor moves a nose."""
    points = np.column_stack([np.add(SPREAD[:17], (300, 100)), np.full(17, 2)]).ravel().tolist()
    results = [
        {"image_id": frame, "category_id": 1, "keypoints": points, "score": 1.0}
        for frame in range(3)
    ]
    (comfyui.base / "input" / "native.json").write_text(json.dumps(results))
    saved = comfyui.run(
        {
            "file": node("SapiensPoseLoad", file="native.json", width=640, height=425),
            "json": node("SapiensPoseToJSON", poses=["file", 0], format="comfy"),
            "text": node("PreviewAny", source=["json", 0]),
        }
    )
    frames = json.loads(saved.outputs["text"]["text"][0])
    assert {person["keypoint_set"] for person in frames[1]["sapiens"]["people"]} == {"coco_17"}
    frames[1]["people"][0]["pose_keypoints_2d"][0] += 3
    (comfyui.base / "input" / "edited.json").write_text(json.dumps(frames))
    run = comfyui.run(graph_of(kind, "edited.json"))
    assert run.success, run.messages
    assert ids(run) == [[0], [0], [0]]


@pytest.mark.parametrize(
    ("missing", "num_crops"), [("black", 4), ("previous", 4), ("skip", 3)], ids=str
)
def test_parts_are_cut_out(comfyui, missing, num_crops):
    file = write_clip(comfyui, "parts.json", [[100, 500], [], [110]])
    graph = {
        "file": node("SapiensPoseLoad", file=file),
        "white": node("EmptyImage", width=640, height=425, color=0xFFFFFF, batch_size=3),
        "parts": node(
            "SapiensPoseParts",
            poses=["file", 0],
            image=["white", 0],
            part="person",
            crop_size=64,
            missing=missing,
        ),
        "boxes": node("PreviewAny", source=["parts", 0]),
        "mask picture": node("MaskToImage", mask=["parts", 1]),
        "mask": node("PreviewImage", images=["mask picture", 0]),
        "crops": node("PreviewImage", images=["parts", 2]),
        "core crops": node("CropByBBoxes", image=["white", 0], bboxes=["parts", 0]),
        "core": node("PreviewImage", images=["core crops", 0]),
    }
    run = comfyui.run(graph)
    assert run.success, run.messages
    boxes = json.loads(run.outputs["boxes"]["text"][0])
    assert [len(frame) for frame in boxes] == [2, 0, 1]
    assert {box["label"] for frame in boxes for box in frame} == {"person"}
    first, middle, last = comfyui.pictures(run.outputs["mask"])
    assert first[200, 100].any()
    assert not middle.any()
    assert last[200, 110].any()
    crops = comfyui.pictures(run.outputs["crops"])
    assert [crop.shape for crop in crops] == [(64, 64, 3)] * num_crops
    assert crops[0].min() == 255
    if missing == "black":
        assert not crops[2].any()


def test_without_the_image_there_are_boxes_and_masks_alone(comfyui):
    file = write_clip(comfyui, "no_image.json", [[100]])
    graph = {
        "file": node("SapiensPoseLoad", file=file),
        "parts": node("SapiensPoseParts", poses=["file", 0], part="person"),
        "boxes": node("PreviewAny", source=["parts", 0]),
        "crops": node("PreviewImage", images=["parts", 2]),
    }
    run = comfyui.run(graph)
    assert json.loads(run.outputs["boxes"]["text"][0])[0]
    told = [data["exception_message"] for kind, data in run.events if kind == "execution_error"]
    assert told
    assert "needs the image" in told[0]
    assert "crops" not in run.outputs
