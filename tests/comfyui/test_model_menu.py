"""One menu names the model; graphs of the version with three inputs for it mean what they did."""

import pytest
from base_folder import MINIATURE, SAPIENS2
from graphs import PHOTO_TO_SKELETON, changed, node

FILE_04B, FILE_08B, FILE_1B = (f"sapiens2_{size}b_pose.safetensors" for size in ("0.4", "0.8", "1"))
GONE = "There is no model {} in models/sapiens. Choose another one from the menu 'model'."


@pytest.fixture(scope="module")
def menu(comfyui):
    """The description of the menu, as the page gets it."""
    return comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoader"].INPUT_TYPES()["required"]


@pytest.fixture
def wanted(comfyui, monkeypatch):
    """The official file that the loader looks for, which is not there."""
    rows = []

    def find_official_file(row, may_download):
        rows.append(row.base_name)
        raise FileNotFoundError(row.base_name)

    module = comfyui.loaded_module("nodes.host.model_menu")
    monkeypatch.setattr(module, "find_official_file", find_official_file)
    return rows


def load(comfyui, **inputs):
    inputs = {"checkpoint": "official file"} | inputs
    return comfyui.run(changed(PHOTO_TO_SKELETON, "model", **inputs))


def told(run):
    return [
        data["text"]
        for kind, data in run.events
        if kind == "progress_text" and data["node"] == "model"
    ]


def test_the_menu_has_what_is_official_and_what_is_one_s_own(menu):
    description = menu["size"][1]
    options = description["options"]
    assert {MINIATURE, SAPIENS2} < set(options)
    titles = description["choice_titles"]
    assert titles[options[0]] == [options[0], "download", "Sapiens2 License"]
    assert list(titles) == list(description["official_files"]) == options[: len(titles)]
    assert [name for name, row in menu.items() if row[1].get("hidden")] == [
        "keypoints",
        "checkpoint",
    ]


def test_a_file_that_is_there_needs_no_download(comfyui, menu):
    path = comfyui.base / "models/sapiens/sub" / FILE_1B
    path.parent.mkdir()
    path.write_bytes(b"")
    try:
        kind = comfyui.nodes.NODE_CLASS_MAPPINGS["SapiensPoseLoader"]
        titles = kind.INPUT_TYPES()["required"]["size"][1]["choice_titles"]
        assert [label for label, words in titles.items() if "on disk" in words] == [
            label for label in titles if label.startswith("Sapiens2 1B")
        ]
    finally:
        path.unlink()
        path.parent.rmdir()


@pytest.mark.parametrize(
    ("inputs", "file"),
    [
        ({"size": "Sapiens2 0.4B, 308 keypoints, 1.70 GB"}, FILE_04B),
        ({"size": "Sapiens2 1B"}, FILE_1B),
        ({"size": "Sapiens 1B", "keypoints": "17 COCO body"}, "sapiens_1b_coco_best"),
        ({"checkpoint": FILE_1B}, FILE_1B),  # nobody had to choose a size beside it
        ({"size": "Sapiens2 1B", "checkpoint": FILE_1B}, FILE_1B),
        # The menu alone counts, once somebody has chosen from it.
        ({"size": "Sapiens2 0.8B, 308 keypoints, 3.39 GB", "checkpoint": FILE_1B}, FILE_08B),
    ],
    ids=str,
)
def test_the_official_file_that_is_looked_for(comfyui, wanted, inputs, file):
    assert not load(comfyui, **{"size": "Sapiens2 0.4B"} | inputs).success
    assert len(wanted) == 1
    assert wanted[0].startswith(file)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"size": MINIATURE}, []),
        ({"size": MINIATURE, "checkpoint": MINIATURE}, []),
        (
            {"size": MINIATURE, "checkpoint": FILE_1B, "keypoints": "133 COCO-WholeBody"},
            [MINIATURE],
        ),
        ({"size": "Sapiens2 0.4B", "checkpoint": MINIATURE}, [MINIATURE]),
        ({"size": "Sapiens 1B", "checkpoint": MINIATURE}, [MINIATURE]),
    ],
    ids=str,
)
def test_a_file_of_one_s_own_is_used_and_never_in_silence(comfyui, inputs, words):
    run = load(comfyui, **inputs)
    assert run.success, (run.node_errors, run.messages)
    assert told(run) == [
        f"{file} is used. To choose another model, use the menu 'model'." for file in words
    ]


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (
            {"size": "Sapiens2 1B", "checkpoint": FILE_04B},
            "size is Sapiens2 1B and keypoints is 308 Goliath (all), but checkpoint is "
            f"{FILE_04B}. Choose one model in the menu 'model', or set checkpoint to 'official "
            "file'.",
        ),
        (
            {"size": "Sapiens 2B"},
            "There is no Sapiens 2B checkpoint with 308 keypoints. Sizes with 308 keypoints: ",
        ),
        ({"size": "Sapiens2 1B", "checkpoint": "gone.pth"}, GONE.format("gone.pth")),
    ],
    ids=str,
)
def test_a_wrong_combination_is_one_error_at_the_loader(comfyui, inputs, words):
    run = load(comfyui, **inputs)
    assert run.node_errors == {}
    assert run.failure.startswith(words)
    (error,) = [data for kind, data in run.messages if kind == "execution_error"]
    assert error["node_id"] == "model"
    assert error["exception_type"] == "ValueError"


@pytest.mark.parametrize("size", ["gone.pth", "Sapiens2 7B", "", 3])
def test_a_model_that_is_gone_is_one_error_before_the_run(comfyui, size):
    (error,) = load(comfyui, size=size).node_errors["model"]["errors"]
    assert error["extra_info"]["input_name"] == "size"
    assert "menu 'model'" in error["details"] or "expected a text" in error["details"]


def test_a_model_that_comes_through_a_link_is_looked_at_in_the_run(comfyui):
    graph = {**PHOTO_TO_SKELETON, "text": node("PrimitiveString", value="gone.pth")}
    run = comfyui.run(changed(graph, "model", size=["text", 0]))
    assert run.failure == GONE.format("gone.pth")
