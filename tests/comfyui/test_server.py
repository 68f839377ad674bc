"""The nodes behind ComfyUI's server, as the page talks to it."""

import json
import re

import pytest
from base_folder import MINIATURE, PACK_NAME, ROOT
from graphs import NODES, PHOTO_TO_SKELETON, changed, node
from pictures import read_picture

SLOW = {
    **changed(PHOTO_TO_SKELETON, "pose", image=["frames", 0], batch_size=1),
    "new": node("ImageInvert", image=["photo", 0]),
    "frames": node("RepeatImageBatch", image=["new", 0], amount=40),
}
"""Forty frames, one at a time, of an image in which nobody was looked for yet."""


def inputs_of(info: dict) -> dict:
    """Options of all inputs of a node by name."""
    groups = (info["input"].get("required", {}), info["input"].get("optional", {}))
    return {name: spec[1] for group in groups for name, spec in group.items()}


def test_all_nodes_are_known_by_their_ids(server):
    ours = {
        name: info["display_name"]
        for name, info in server.object_info.items()
        if info["category"].split("/")[0] == "Sapiens Pose"
    }
    assert ours == NODES, "Write new nodes into NODES of tests/comfyui/graphs.py"


@pytest.mark.parametrize("node_id", NODES)
def test_every_node_and_input_says_what_it_is(server, node_id):
    info = server.object_info[node_id]
    assert info["description"]
    assert info["search_aliases"]
    silent = [name for name, options in inputs_of(info).items() if not options.get("tooltip")]
    assert silent == []


def test_the_model_list_follows_the_folders(server):
    name = "arrived_later.safetensors"
    options = inputs_of(server.object_info["SapiensPoseLoader"])["checkpoint"]["options"]
    assert MINIATURE in options
    assert name not in options
    later = server.base / "models" / "sapiens" / name
    later.write_bytes((server.base / "models" / "sapiens" / MINIATURE).read_bytes())
    info = server.get("/object_info/SapiensPoseLoader")["SapiensPoseLoader"]
    assert name in inputs_of(info)["checkpoint"]["options"]


def test_a_graph_runs_and_is_told_as_it_goes(server):
    run = server.run(PHOTO_TO_SKELETON)
    assert run.success, run.messages
    kinds = [kind for kind, _ in run.events]
    assert {"execution_start", "executing", "progress", "progress_state", "executed"} <= set(kinds)
    assert kinds[-1] == "execution_success"
    executed = {data["node"]: data["output"] for kind, data in run.events if kind == "executed"}
    assert executed.keys() == {"pose", "render", "show"}
    assert executed == run.outputs


def test_previews_can_be_fetched(server):
    outputs = server.run(PHOTO_TO_SKELETON).outputs
    for node_id in ("pose", "render"):
        (shown,) = outputs[node_id]["images"]
        place = f"filename={shown['filename']}&subfolder={shown['subfolder']}&type={shown['type']}"
        picture = read_picture(server.get(f"/view?{place}"))
        assert picture.shape == (425, 640, 3)
        assert picture.any()
    (frame,) = json.loads(outputs["pose"]["openpose_json"][0])
    assert (frame["canvas_width"], frame["canvas_height"]) == (640, 425)


def test_the_same_graph_twice_is_served_from_the_cache(server):
    graph = changed(PHOTO_TO_SKELETON, "pose", score_threshold=0.25)
    first = server.run(graph)
    second = server.run(graph)
    assert second.success
    assert second.executed == []
    assert second.outputs == first.outputs
    drawn = server.run(changed(graph, "render", style="dense"))
    assert drawn.executed == ["render", "show"]


def test_what_is_wrong_is_answered_before_anything_runs(server):
    run = server.run(changed(PHOTO_TO_SKELETON, "model", size="gone.pth"))
    assert not run.success
    assert "no model gone.pth" in json.dumps(run.node_errors["model"])
    assert run.events == []


def test_a_cancel_ends_a_long_run_within_a_batch(server):
    told = []

    def cancel_after_the_first_batch(kind, data):
        if kind == "progress" and data["node"] == "pose":
            if not told:
                server.post("/interrupt", {"prompt_id": data["prompt_id"]})
            told.append(data["value"])

    run = server.run(SLOW, cancel_after_the_first_batch)
    assert run.events[-1][0] == "execution_interrupted"
    assert len(told) <= 3
    assert server.run(PHOTO_TO_SKELETON).success


def test_an_error_in_a_run_is_one_sentence_for_people(server):
    graph = {"model": node("SapiensPoseLoader", size="Sapiens2 0.4B", download=False)}
    graph["pose"] = node("SapiensPose", model=["model", 0], image=["photo", 0])
    graph["photo"] = PHOTO_TO_SKELETON["photo"]
    run = server.run(graph)
    assert not run.success
    message = run.failure
    for fact in ("sapiens2_0.4b_pose.safetensors", "1.70 GB", "models/sapiens", "download"):
        assert fact in message


def test_the_log_has_no_complaint_about_the_pack(server):
    log = re.sub(r"\x1b\[\d+m", "", server.log.read_text()).split("Starting server")[0]
    loaded = [line for line in log.splitlines() if line.endswith(f"custom_nodes/{PACK_NAME}")]
    assert len(loaded) == 1
    assert "IMPORT FAILED" not in loaded[0]
    assert not re.search(r"\[(WARNING|ERROR)\].*(comfy_entrypoint|sapiens)", log, re.IGNORECASE)


@pytest.mark.parametrize("node_id", NODES)
def test_every_node_has_a_help_page_with_pictures(server, node_id):
    page = server.get(f"/extensions/{PACK_NAME}/docs/{node_id}.md").decode()
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page)
    assert pictures
    for picture in pictures:
        assert read_picture(server.get(f"/extensions/{PACK_NAME}/docs/{picture}")).any()


def test_every_word_is_translated(server):
    translated = server.get("/i18n")
    for locale in ("en", "zh"):
        for node_id in NODES:
            entry = translated[locale]["nodeDefs"][node_id]
            info = server.object_info[node_id]
            assert entry["display_name"]
            assert entry["description"]
            assert entry["inputs"].keys() == inputs_of(info).keys()
            assert all(row["name"] and row["tooltip"] for row in entry["inputs"].values())
            assert len(entry["outputs"]) == len(info["output"])


def test_the_examples_are_offered_as_templates(server):
    examples = sorted(path.stem for path in (ROOT / "example_workflows").glob("*.json"))
    assert examples
    assert sorted(server.get("/workflow_templates")[PACK_NAME]) == examples
