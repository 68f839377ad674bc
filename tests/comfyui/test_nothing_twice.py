"""Networks run on what is new alone: what they found is kept, as it was before any threshold."""

import pytest
from graphs import PHOTO_TO_SKELETON, changed, node
from helpers.samples import every_nth
from pictures import assert_alike

CLIP = {
    **PHOTO_TO_SKELETON,
    "other": node("ImageInvert", image=["photo", 0]),
    "clip": node("ImageBatch", image1=["photo", 0], image2=["other", 0]),
}
CLIP = changed(CLIP, "pose", image=["clip", 0])
"""Two frames, each with one person."""
DETECTED = changed(
    PHOTO_TO_SKELETON,
    "pose",
    **{"detector": "RT-DETR v2 r18", "person_threshold": 0.0, "person_overlap": 0},
    person_min_size=150,
)
"""Few of the boxes that random weights find."""
BOXES = [
    {"x": 100, "y": 30, "width": 300, "height": 390},
    {"x": 0, "y": 0, "width": 320, "height": 200},
]


@pytest.fixture
def passes(comfyui, monkeypatch):
    """How many crops, and how many images, went through the two networks since the last look."""
    counts = {"crops": 0, "images": 0}
    comfyui.forget_models()
    estimator = comfyui.loaded_module("sapiens_core.estimator").PoseEstimator
    detector = comfyui.loaded_module("sapiens_core.detection.rt_detr").PersonDetector
    for place, name, what in ((estimator, "heatmaps", "crops"), (detector, "_boxes", "images")):
        real = getattr(place, name)

        def counted(self, batch, real=real, what=what, **options):
            counts[what] += len(batch)
            return real(self, batch, **options)

        monkeypatch.setattr(place, name, counted)

    def look():
        seen = tuple(counts.values())
        counts.update(crops=0, images=0)
        return seen

    return look


def run(comfyui, graph, executor=None):
    result = comfyui.run(graph, executor)
    assert result.success, (result.node_errors, result.messages)
    return result


SETTINGS = (
    {"score_threshold": 0.6},
    {"hands_threshold": 0.9, "face_threshold": 0.9, "feet_threshold": 0.9},
    {"merge_duplicates": False, "hide_guesses": False},
    {"hide_face_from_behind": True, "hide_outside_mask": True},
    {"batch_size": 2},
    {"person_threshold": 0.1, "person_overlap": 0.9, "person_min_size": 99},
    {"dim_others": 0.9},
)


def test_what_changes_no_crop_runs_no_network(comfyui, passes):
    executor, graph = comfyui.executor(), CLIP
    run(comfyui, graph, executor)
    assert passes() == (2, 0)
    for inputs in SETTINGS:
        graph = changed(graph, "pose", **inputs)
        again = run(comfyui, graph, executor)
        assert passes() == (0, 0), inputs
    comfyui.forget_models()
    fresh = run(comfyui, graph)
    assert passes() == (2, 0)
    assert again.outputs["pose"]["openpose_json"] == fresh.outputs["pose"]["openpose_json"]


@pytest.mark.parametrize(
    ("node_id", "inputs", "crops"),
    every_nth(
        2,
        [
            ("pose", {"flip_test": False}, 2),
            ("pose", {"image": ["photo", 0]}, 0),
            ("pose", {"image": ["other", 0]}, 0),
            ("model", {"download": False}, 0),
            ("model", {"precision": "fp32"}, 2),
        ],
    ),
    ids=str,
)
def test_what_changes_the_crops_runs_the_network(comfyui, passes, node_id, inputs, crops):
    executor = comfyui.executor()
    run(comfyui, CLIP, executor)
    passes()
    run(comfyui, changed(CLIP, node_id, **inputs), executor)
    assert passes() == (crops, 0)


def test_one_more_person_is_one_more_crop(comfyui, passes, source):
    executor = comfyui.executor()
    for boxes, crops in ((BOXES[:1], 2), (BOXES, 2), (BOXES[::-1], 0), ([], 0)):
        graph = changed(
            {**CLIP, "boxes": source("BOUNDING_BOX", boxes)}, "pose", bboxes=["boxes", 0]
        )
        run(comfyui, graph, executor if boxes else None)
        assert passes() == (crops, 0)
        executor = comfyui.executor()  # the source gives something else, which it does not tell


def test_what_was_found_before_a_cancel_is_not_found_again(comfyui, passes):
    import comfy.model_management

    def cancel(kind, data):
        if kind == "progress" and data["node"] == "pose":
            comfy.model_management.interrupt_current_processing()

    three = {
        "grey": node("EmptyImage", width=640, height=425, color=0x808080),
        "three": node("ImageBatch", image1=["clip", 0], image2=["grey", 0]),
    }
    graph = changed({**CLIP, **three}, "pose", image=["three", 0], batch_size=1)
    assert comfyui.run(graph, on_event=cancel).kinds[-1] == "execution_interrupted"
    passes()
    run(comfyui, graph)
    assert passes() in [(1, 0), (2, 0)]  # by where the second frame sees the cancel of the first


@pytest.mark.usefixtures("detector")
def test_the_detector_sees_an_image_once(comfyui, passes):
    executor = comfyui.executor()
    run(comfyui, DETECTED, executor)
    crops, images = passes()
    assert (crops > 0, images) == (True, 1)
    for inputs in ({"score_threshold": 0.5}, {"person_threshold": 0.99}):
        run(comfyui, changed(DETECTED, "pose", **inputs), executor)
        assert passes()[1] == 0, inputs


def test_the_preprocessor_and_the_main_node_share_what_is_known(comfyui, passes):
    drawn = run(comfyui, CLIP)
    assert passes() == (2, 0)
    alone = {
        **{name: CLIP[name] for name in ("photo", "other", "clip")},
        "all": node(
            "SapiensPosePreprocessor",
            image=["clip", 0],
            model=CLIP["model"]["inputs"]["checkpoint"],
            detector="whole image",
        ),
        "show": node("PreviewImage", images=["all", 0]),
    }
    executor = comfyui.executor()
    shown = run(comfyui, alone, executor)
    run(comfyui, changed(alone, "all", hands="disable", resolution=64), executor)
    assert passes() == (0, 0)
    assert_alike(
        comfyui.pictures(shown.outputs["show"])[0], comfyui.pictures(drawn.outputs["show"])[0]
    )


def test_a_long_clip_keeps_within_its_memory(comfyui, passes):
    """With room for one person of 17 keypoints, the frame that was used last is known."""
    run(comfyui, CLIP)
    passes()
    managed_model = comfyui.loaded_module("nodes.host.managed_model")
    folder = comfyui.base / "models" / "sapiens"
    model = managed_model.get_model(folder / CLIP["model"]["inputs"]["checkpoint"])
    cache = model._estimator._cache
    assert cache.num_bytes == 2 * 17 * 3 * 8
    cache.max_bytes = 17 * 3 * 8
    run(comfyui, changed(CLIP, "pose", score_threshold=0.1))
    assert passes() == (0, 0)
    assert cache.num_bytes == 17 * 3 * 8
    run(comfyui, changed(CLIP, "pose", score_threshold=0.2))
    assert passes() == (1, 0)
