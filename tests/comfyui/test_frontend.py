"""The nodes in ComfyUI's page, in a real browser."""

import json
import shutil

import pytest
from base_folder import CORE_POSES, MINIATURE, PHOTO, ROOT
from examples import EXAMPLES, read_example, runnable
from graphs import FILE_TO_SKELETON, NODES, PHOTO_TO_SKELETON, changed, node, with_defaults
from helpers.samples import sample
from in_browser import open_frontend

ALONE = "SapiensPosePreprocessor"
QUICK_EXAMPLES = [path for path in EXAMPLES if path.stem == "photo_to_openpose_controlnet"]
"""``make exhaustive`` opens the others."""


def test_a_photo_becomes_a_skeleton_on_the_page(page, server):
    prompt = with_defaults(
        PHOTO_TO_SKELETON, lambda kind: server.object_info[kind]["input"]["required"]
    )
    page.load_prompt(prompt)
    assert page.unknown_nodes() == []
    assert page.press_run(server)["status"]["status_str"] == "success"
    for node_type in ("SapiensPose", "SapiensPoseRender", "PreviewImage"):
        assert page.pictures_on(node_type) == [[640, 425]]
    assert page.errors == []


@pytest.mark.parametrize("node_type", sample(NODES, ["SapiensPose"]))
def test_the_help_page_of_a_node_is_shown(page, node_type):
    page.errors.clear()
    title, pictures = page.open_help(node_type)
    assert title == page.display_name(node_type)
    assert pictures
    assert all(width > 0 for width in pictures)
    # The page asks for English first, and takes what is for all languages if there is none.
    assert [error for error in page.errors if "/en.md" not in error] == []


@pytest.mark.parametrize("path", sample(EXAMPLES, QUICK_EXAMPLES), ids=lambda path: path.stem)
def test_an_example_runs(page, server, path):
    workflow = runnable(read_example(path), server.object_info)
    page.load(workflow)
    assert page.unknown_nodes() == []
    assert len(page.serialize()["nodes"]) == len(workflow["nodes"])
    run = page.press_run(server)
    assert run["status"]["status_str"] == "success", run["status"]
    executed = [run["prompt"][2][node_id]["class_type"] for node_id in run["outputs"]]
    assert {"SapiensPose", "SapiensPosePreprocessor"} & set(executed)
    assert page.errors == []


@pytest.mark.parametrize("path", sample(EXAMPLES, QUICK_EXAMPLES), ids=lambda path: path.stem)
def test_an_example_is_saved_as_it_was_opened(page, path):
    workflow = read_example(path)
    page.load(workflow)
    saved = page.serialize()
    assert links_of(saved) == links_of(workflow)
    assert widgets_of(saved) == widgets_of(workflow)


def links_of(workflow: dict) -> set[tuple]:
    """From which output to which input the links go."""
    return {tuple(link[1:5]) for link in workflow["links"]}


def widgets_of(workflow: dict) -> dict:
    """Values of our nodes' widgets by node."""
    return {
        node["id"]: node["widgets_values"] for node in workflow["nodes"] if node["type"] in NODES
    }


WITH_LOADER = [path for path in EXAMPLES if "SapiensPoseLoader" in path.read_text()]


@pytest.mark.parametrize("path", sample(WITH_LOADER, QUICK_EXAMPLES), ids=lambda path: path.stem)
def test_a_model_that_is_missing_is_offered_by_the_page(page, path):
    page.load(read_example(path))
    offered = page.offered_models()
    assert offered["sapiens2_0.4b_pose.safetensors"] == "sapiens"


WORDS = ("openpose", "dwpose", "pose", "preprocessor", "skeleton", "keypoints")
CHINESE_WORDS = ("姿势", "姿态", "骨架", "骨骼", "关键点", "预处理")
PACKS = json.loads((ROOT / "tests" / "comfyui" / "pose_packs.json").read_text())
"""Ids and names of the nodes of other packs for poses, as their code has them in November 2026."""
FULL = {"ComfyUI_DWposeDeluxe": "dwpose", "comfyui_controlnet_aux": "preprocessor"}
"""Packs with at least five nodes whose names begin with a word, or with many that hold it and that
the page lists first because they are used often."""


@pytest.mark.parametrize(
    "words",
    [
        ("openpose", "pose", "姿势"),
        pytest.param(WORDS + CHINESE_WORDS, marks=pytest.mark.exhaustive),
    ],
    ids=len,
)
def test_the_search_finds_the_preprocessor_first(page, words):
    """But for *controlnet*: names of ComfyUI's own nodes, which are used often, begin so.

    Beside other packs a name is among five only for the word that it begins with, or if few others
    begin so or hold it: with six packs ours is for 10 or 11 of 13 words, as 14 other names are for
    no more than that.
    """
    found = page.found(words)
    assert {word: names[0] for word, names in found.items()} == dict.fromkeys(found, NODES[ALONE])


@pytest.mark.exhaustive
@pytest.mark.parametrize("without", [*FULL, None])
def test_the_search_finds_the_preprocessor_among_other_packs(browser, server, without):
    packs = {pack: names for pack, names in PACKS.items() if pack != without}
    blank = {"input": {}, "output": [], "output_name": [], "output_is_list": []}
    blank |= {"output_node": False, "category": "x", "description": "", "python_module": "x"}
    others = {
        kind: {**blank, "name": kind, "display_name": name}
        for names in packs.values()
        for kind, name in names.items()
    }
    full = {word for pack, word in FULL.items() if pack in packs}
    page = open_frontend(browser, server.url, other_nodes=others)
    found = page.found([word for word in (*WORDS, *CHINESE_WORDS) if word not in full])
    assert "OpenPose Studio" in found["openpose"]
    places = {word: names.index(NODES[ALONE]) + 1 for word, names in found.items()}
    assert max(places.values()) <= 5, places


def test_an_empty_page_becomes_a_skeleton_by_one_node_and_one_wire(drawn_page, server, is_nodes_2):
    """By clicks alone, but for the model: without its file, the miniature stands in for it."""
    page, size = drawn_page, 200 + is_nodes_2
    page.empty()
    page.add_node("load image", 500, 300)
    page.add_node("openpose", 950, 300)
    page.connect("LoadImage", "IMAGE", ALONE, "image")
    made = page.serialize()
    assert sorted(node["type"] for node in made["nodes"]) == ["LoadImage", ALONE]
    assert len(made["links"]) == 1
    page.choose("LoadImage", image=PHOTO)
    page.choose(ALONE, model=MINIATURE, detector="whole image", resolution=size)
    assert page.press_run(server)["status"]["status_str"] == "success"
    ((_, height),) = page.pictures_on(ALONE)
    assert height == size
    page.page.get_by_text("1 person found.").first.wait_for()
    assert page.errors == []


IS_WHOLE = """element => {
    const widget = element.closest(".dom-widget"); // of the classic renderer
    const bottom = (box) => box.getBoundingClientRect().bottom;
    return !widget || bottom(element) <= bottom(widget);
}"""
"""Whether no line of a text is cut off."""


def end_as_the_newest_page_does(page, node_type):
    """Ends a run once more, without the text on a node: frontend 1.58 takes it away."""
    script = """type => {
        const node = app.graph._nodes.find(node => node.type === type);
        const index = node.widgets.findIndex(one => one.name === "$$node-text-preview");
        node.widgets.splice(index, 1)[0].onRemove?.();
        app.api.dispatchEvent(new CustomEvent("execution_success", {detail: {}}));
    }"""
    page.page.evaluate(script, node_type)
    own = "app.graph._nodes.find(node => node.type === type).widgets.map(one => one.name)"
    page.page.wait_for_function(f"type => {own}.includes('$$node-text-preview')", arg=node_type)


def test_a_node_says_that_nobody_was_found_and_why(drawn_page, server, is_nodes_2):
    page, threshold = drawn_page, 0.3 + is_nodes_2 / 10
    graph = changed(PHOTO_TO_SKELETON, "pose", mask=["photo", 1], feet_threshold=threshold)
    page.load_prompt(
        with_defaults(graph, lambda kind: server.object_info[kind]["input"]["required"])
    )
    assert page.press_run(server)["status"]["status_str"] == "success"
    told = page.page.get_by_text("Nobody found: the mask is black.").first
    told.wait_for()
    page.page.wait_for_timeout(500)
    assert told.evaluate(IS_WHOLE)
    end_as_the_newest_page_does(page, "SapiensPose")
    told.wait_for()


@pytest.mark.exhaustive
def test_an_error_is_on_its_node_until_it_runs_again(drawn_page, server):
    page, wrong = drawn_page, changed(FILE_TO_SKELETON, "render", for_model="vace", style="dense")
    page.load_prompt(
        with_defaults(wrong, lambda kind: server.object_info[kind]["input"]["required"])
    )
    assert page.press_run(server)["status"]["status_str"] == "error"
    told = page.page.get_by_text("style is dense, but drawings for vace use their own value").first
    told.wait_for()
    page.choose("SapiensPoseRender", style="openpose", for_model="fun")
    assert page.press_run(server)["status"]["status_str"] == "success"
    told.wait_for(state="detached")


@pytest.mark.exhaustive
def test_pose_files_are_uploaded_dropped_and_saved(drawn_page, server, tmp_path, is_nodes_2):
    page, name = drawn_page, f"renderer_{is_nodes_2}"
    uploaded, dropped = tmp_path / f"uploaded_{name}.json", tmp_path / f"dropped_{name}.json"
    for path in (uploaded, dropped):
        shutil.copy(ROOT / "tests" / "golden" / "openpose" / CORE_POSES, path)
    graph = {
        "file": node("SapiensPoseLoad", file=CORE_POSES),
        "save": node("SapiensPoseSave", poses=["file", 0], filename_prefix=name),
    }
    page.load_prompt(
        with_defaults(graph, lambda kind: server.object_info[kind]["input"]["required"])
    )
    with page.page.expect_file_chooser() as chooser:
        page.press_button("SapiensPoseLoad", "upload pose file")
    chooser.value.set_files(uploaded)
    wait_for(page, lambda value, choices: value == uploaded.name and value in choices)
    page.drop("SapiensPoseLoad", dropped)
    wait_for(page, lambda value, choices: value == dropped.name and uploaded.name in choices)
    run = page.press_run(server)
    assert run["status"]["status_str"] == "success"
    ran = [row for row in run["prompt"][2].values() if row["class_type"] == "SapiensPoseLoad"]
    assert [row["inputs"]["file"] for row in ran] == [dropped.name]
    wait_for(page, lambda _, choices: f"{name}_00001.json [output]" in choices)
    (saved,) = (each for each in page.serialize()["nodes"] if each["type"] == "SapiensPoseLoad")
    assert saved["widgets_values"] == [dropped.name, False, 0, 0, "as the numbers tell"]
    assert page.errors == []


def wait_for(page, is_right):
    """Until the menu of pose files is as it should be."""
    for _ in range(100):
        if is_right(*page.widget("SapiensPoseLoad", "file")):
            return
        page.page.wait_for_timeout(100)
    pytest.fail(f"the menu of files is {page.widget('SapiensPoseLoad', 'file')}")


OLD_LOADER = ["Sapiens2 0.4B", "308 Goliath (all)", "fp32", MINIATURE, True]
OLD_POSE = ["whole image", False, 0.31, 0.32, 0.33, 0.34, 2, "face", 0.61, 0.62, 33]
OLD_POSE += ["each mask is a person", 0.7, True, False, False, True]
"""Values of every widget in the order of the version before there was a node of options."""


@pytest.mark.exhaustive
def test_old_graphs_keep_their_values_and_new_ones_show_few(drawn_page, server):
    page = drawn_page
    page.load_prompt(
        with_defaults(PHOTO_TO_SKELETON, lambda kind: server.object_info[kind]["input"]["required"])
    )
    assert len(page.widgets("SapiensPose")[1]) == 7
    workflow = page.serialize()
    for row in workflow["nodes"]:
        old = {"SapiensPoseLoader": OLD_LOADER, "SapiensPose": OLD_POSE}.get(row["type"])
        row["widgets_values"] = old or row.get("widgets_values")
    page.load(workflow)
    values, shown = page.widgets("SapiensPose")
    names = list(values)
    assert list(values.values()) == OLD_POSE
    assert shown == names  # all of them were changed
    values, shown = page.widgets("SapiensPoseLoader")
    assert list(values.values()) == [MINIATURE, *OLD_LOADER[1:3], "official file", True]
    assert shown == ["size", "precision", "download"]
    run = page.press_run(server)
    assert run["status"]["status_str"] == "success"
    (sent,) = (row for row in run["prompt"][2].values() if row["class_type"] == "SapiensPose")
    assert [sent["inputs"][name] for name in names] == OLD_POSE
    assert page.errors == []


@pytest.mark.exhaustive
def test_the_nodes_have_chinese_names_for_those_who_want_them(browser, server):
    page = open_frontend(browser, server.url, locale="zh-CN")
    names = json.loads((ROOT / "locales" / "zh" / "nodeDefs.json").read_text())
    for node_type in NODES:
        assert page.display_name(node_type) == names[node_type]["display_name"]
