"""The example workflows: whole, of nodes as they are now, and with models that can be fetched."""

import json

import pytest
from comfyui_sapiens_pose.sapiens_core.checkpoints.zoo import CHECKPOINTS

NAMES = (
    "photo_to_skeleton",
    "photo_to_openpose_controlnet",
    "photo_to_sdxl_xinsir",
    "photo_to_z_image_fun",
    "all_308_points_to_json",
    "rtdetr_people_to_sdpose_drawing",
    "video_to_skeleton_frames",
    "one_person_of_a_video",
    "video_to_another_character",
    "edit_a_pose",
    "video_to_wan_animate",
    "video_to_vace",
    "video_to_ltx2",
    "people_of_a_video_by_sam3",
)
PICTURE_BYTES = 200_000
MODEL_SUFFIXES = (".safetensors", ".sft", ".ckpt", ".pth", ".pt")  # what ComfyUI's page fetches
OFFICIAL = {row.base_name: row.url for row in CHECKPOINTS if not row.needs_account}


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def workflow(root, name):
    return json.loads((root / "example_workflows" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def nodes(workflow):
    return {node["id"]: node for node in workflow["nodes"]}


@pytest.fixture(scope="module")
def texts(root):
    return json.loads((root / "locales/en/nodeDefs.json").read_text(encoding="utf-8"))


def models_of(node):
    return node["properties"].get("models", [])


def test_all_are_tested(root):
    assert {path.stem for path in (root / "example_workflows").glob("*.json")} == set(NAMES)


def test_links_join_nodes_that_are_there(workflow, nodes):
    for number, source, output, target, place, _ in workflow["links"]:
        assert number in nodes[source]["outputs"][output]["links"]
        assert nodes[target]["inputs"][place]["link"] == number


OPTIONAL = 7
"""Shape of a socket that may stay empty."""


def test_every_socket_that_needs_a_link_has_one(nodes):
    empty = [
        f"{node['type']}.{each['name']}"
        for node in nodes.values()
        for each in node.get("inputs", [])
        if each["link"] is None and "widget" not in each and each.get("shape") != OPTIONAL
    ]
    assert empty == []


def test_our_nodes_have_today_s_inputs_and_outputs(nodes, texts):
    ours = [node for node in nodes.values() if node["type"].startswith("Sapiens")]
    assert ours
    for node in ours:
        known = texts[node["type"]]
        assert {each["name"] for each in node["inputs"]} == set(known["inputs"])
        assert [each["name"] for each in node["outputs"]] == [
            each["name"] for each in known["outputs"].values()
        ]


def test_the_missing_model_dialog_can_offer_every_file(nodes):
    for node in nodes.values():
        for model in models_of(node):
            assert model["url"].startswith("https://huggingface.co/")
            assert model["url"].endswith("/" + model["name"])
            assert model["name"].endswith(MODEL_SUFFIXES)
        if models_of(node):
            # The dialog offers only files that a widget of the node names.
            assert any(model["name"] in node["widgets_values"] for model in models_of(node))


def test_our_loader_offers_the_official_files(nodes):
    """The preprocessor names no file: it says what it downloads, and how much that is."""
    loaders = [node for node in nodes.values() if node["type"] == "SapiensPoseLoader"]
    assert loaders or any(node["type"] == "SapiensPosePreprocessor" for node in nodes.values())
    for loader in loaders:
        assert {model["name"]: model["url"] for model in models_of(loader)} == OFFICIAL
        assert {model["directory"] for model in models_of(loader)} == {"sapiens"}


def test_a_note_explains(nodes):
    """What to choose, how large everything is, and that missing models are no error."""
    (note,) = (node for node in nodes.values() if node["type"] == "MarkdownNote")
    text = note["widgets_values"][0]
    assert text.startswith("## ")
    for words in ("Choose a", "from head to foot", "1.70 GB", "only an offer"):
        assert words in text


def test_pictures_are_there_and_small(root, name):
    for picture in (f"example_workflows/{name}.jpg", f"docs/images/workflow_{name}.webp"):
        assert 0 < (root / picture).stat().st_size < PICTURE_BYTES
