"""A long day with Edit Sapiens Pose: everything by which ComfyUI's page broke pose editors.

One page for each way of drawing nodes. ``make exhaustive`` runs it.
"""

import json

import numpy as np
import pytest
from in_browser import READY
from pose_editor import GRAPH, Editor

LEFT_ELBOW, LEFT_WRIST = 7, 9
TEXT_OF = "node.widgets.find(widget => widget.name === 'edits').value"

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module", params=["classic", "Nodes 2.0"])
def editor(request, opened_page, server):
    opened_page.use_nodes_2(request.param == "Nodes 2.0")
    found = Editor(opened_page, server)
    found.load(GRAPH)
    assert found.text == ""
    found.before = found.run()
    yield found
    opened_page.use_nodes_2(False)
    opened_page.page.reload(wait_until="load")  # with all scripts again
    opened_page.page.wait_for_function(READY)
    # The page opens the last graph again, which must not come after the next test's.
    opened_page.page.wait_for_load_state("networkidle")
    opened_page.page.wait_for_timeout(2000)


def prompt_text(editor):
    """What a run would get."""
    output = editor.page.evaluate("async () => (await app.graphToPrompt()).output")
    (found,) = (each for each in output.values() if each["class_type"] == "SapiensPoseEdit")
    return found["inputs"]["edits"]


def wait_for_text(editor, text):
    editor.page.wait_for_function(
        f"text => {{ {NODE_OF_PAGE} return node && {TEXT_OF} === text; }}", arg=text
    )


NODE_OF_PAGE = """const node = (app.canvas.graph ?? app.graph)._nodes
    .find(node => node.type === 'SapiensPoseEdit');"""


def shows_its_poses(editor):
    editor.wait("session.detection !== null && session.rows.length === 1")


def test_a_drag_is_in_the_workflow_the_prompt_and_the_run(editor):
    editor.drag(LEFT_WRIST, 25, -35)
    assert LEFT_WRIST in editor.joints
    saved = editor.frontend.serialize()
    (row,) = (row for row in saved["nodes"] if row["type"] == "SapiensPoseEdit")
    assert row["widgets_values"] == [editor.text, False]
    assert prompt_text(editor) == editor.text
    shown = editor.shown()
    assert editor.run() == pytest.approx(shown, abs=1e-3)
    assert np.abs(shown - editor.before).max() > 5


def test_keys_in_the_editor_leave_the_graph_alone(editor):
    editor.ask("node.isMine = true")
    kept = editor.text
    editor.click_beside()
    editor.press("Control+z")
    assert editor.text == ""
    editor.press("Control+Shift+z")
    assert editor.text == kept
    editor.press("Control+b", "Delete", "Backspace", "Control+g", "Control+a", "q", "w", "x")
    editor.press("Control+c", "Control+Enter")
    state = "[node.isMine, node.mode, app.graph._groups.length, app.graph._nodes.length]"
    assert editor.ask(state) == [True, 0, 0, len(GRAPH)]
    assert editor.text == kept


def test_a_gesture_is_one_step_of_the_graphs_undo(editor):
    first = editor.text
    editor.drag(LEFT_ELBOW, -12, 10)
    second = editor.text
    editor.drag(LEFT_ELBOW, -9, 7)
    third = editor.text
    assert len({first, second, third}) == 3
    editor.press("Escape")
    for key, text in (
        *(("Control+z", second), ("Control+z", first)),
        *(("Control+y", second), ("Control+y", third)),
    ):
        editor.page.wait_for_timeout(500)
        editor.press(key)
        wait_for_text(editor, text)
        shows_its_poses(editor)


def test_a_copied_node_has_edits_of_its_own(editor):
    kept = editor.text
    editor.ask("(app.canvas.copyToClipboard([node]), app.canvas.pasteFromClipboard(), 1)")
    nodes = "app.graph._nodes.filter(each => each.type === node.type)"
    editor.wait(f"{nodes}.length === 2")
    texts = f"{nodes}.map(each => each.widgets.find(w => w.name === 'edits').value)"
    assert editor.ask(texts) == [kept, kept]
    editor.ask(f"(app.graph.remove({nodes}[1]), 1)")
    assert editor.text == kept
    editor.page.wait_for_timeout(500)


def test_runs_from_the_cache_keep_the_poses(editor):
    for _ in range(2):
        editor.frontend.press_run(editor.server)
        shows_its_poses(editor)


def test_other_tabs_and_a_reload_keep_edits_and_poses(editor):
    kept, shown = editor.text, editor.shown()
    run = "name => app.extensionManager.command.execute(name)"
    editor.page.evaluate(run, "Comfy.NewBlankWorkflow")
    editor.page.wait_for_timeout(1000)
    assert editor.page.evaluate("app.graph._nodes.length") < len(GRAPH)
    editor.page.evaluate(run, "Workspace.PreviousOpenedWorkflow")
    wait_for_text(editor, kept)
    shows_its_poses(editor)
    assert editor.shown() == pytest.approx(shown, abs=1e-3)
    editor.page.wait_for_timeout(2000)  # the page keeps a draft meanwhile
    editor.page.reload(wait_until="load")
    editor.page.wait_for_function(READY)
    wait_for_text(editor, kept)
    shows_its_poses(editor)
    assert editor.shown() == pytest.approx(shown, abs=1e-3)


def test_the_editor_over_the_page_has_the_same_state(editor):
    editor.frontend._show("SapiensPoseEdit")
    kept = editor.text
    editor.open()
    editor.drag_in_overlay(LEFT_WRIST, 20, 30)
    assert editor.text != kept
    editor.ask("node.isMine = true")
    editor.press("Control+z")
    assert editor.text == kept
    assert editor.ask("node.isMine")
    editor.screenshot("5_overlay")
    editor.press("Escape")
    assert not editor.ask("node.sapiensOverlay.element.open")
    assert editor.shown()[LEFT_WRIST].tolist()
    editor.drag(LEFT_WRIST, -4, 4)
    assert editor.text != kept


def test_the_side_panel_squeezes_nothing(editor):
    width = "node.sapiensPose.stage.element.clientWidth"
    before = editor.ask(width)
    editor.ask("(app.canvas.selectNode?.(node), 1)")
    for is_open in (True, False):
        editor.frontend.set("Comfy.RightSidePanel.IsOpen", is_open)
        editor.page.wait_for_timeout(800)
    assert editor.ask(width) == before


@pytest.mark.parametrize("scale", [0.3, 2])
def test_dragging_is_right_at_any_zoom_of_the_graph(editor, scale):
    editor.frontend._show("SapiensPoseEdit")
    editor.ask(f"(app.canvas.ds.scale = {scale}, 1)")
    if scale > 1:
        editor.ask("(app.canvas.ds.offset = [120 - node.pos[0], 60 - node.pos[1]], 1)")
    editor.ask("app.canvas.setDirty(true, true)")
    editor.page.wait_for_timeout(800)
    before = editor.shown()[LEFT_ELBOW]
    place = editor.ask(f"node.sapiensPose.stage.where(0, {LEFT_ELBOW})")
    editor.page.keyboard.down("Alt")
    editor.drag_from(place, 12, -8)
    editor.page.keyboard.up("Alt")
    rect = "node.sapiensPose.stage.element.getBoundingClientRect().width"
    pixels = editor.ask(
        f"node.sapiensPose.stage.view.scale * {rect} / node.sapiensPose.stage.element.clientWidth"
    )
    moved = editor.shown()[LEFT_ELBOW] - before
    assert moved == pytest.approx([12 / pixels, -8 / pixels], abs=0.5)
    editor.frontend._show("SapiensPoseEdit")


def test_collapsing_and_the_other_renderer_keep_the_editor(editor):
    kept = editor.text
    for _ in range(2):
        editor.ask("(node.collapse(), 1)")
        editor.page.wait_for_timeout(500)
    is_nodes_2 = editor.page.evaluate("LiteGraph.vueNodesMode ?? false")
    for on in (not is_nodes_2, is_nodes_2):
        editor.frontend.use_nodes_2(on)
        editor.frontend._show("SapiensPoseEdit")
        before = editor.text
        editor.drag(LEFT_WRIST, 6, 3)
        assert editor.text not in {before, ""}
    assert editor.text != kept


def test_the_editor_works_inside_a_subgraph(editor):
    saved = editor.frontend.serialize()
    kept = editor.text
    editor.ask("(app.canvas.setGraph(app.graph.convertToSubgraph(new Set([node])).subgraph), 1)")
    editor.page.wait_for_timeout(1000)
    wait_for_text(editor, kept)
    editor.frontend.press_run(editor.server)
    inside = "(app.canvas.graph._nodes.find(node => node.type === 'SapiensPoseEdit'))"
    editor.page.wait_for_function(f"() => {inside}.sapiensPose.session.detection !== null")
    editor.page.evaluate(f"{inside}.sapiensPose.host.open()")
    editor.page.wait_for_timeout(500)
    place = editor.page.evaluate(f"{inside}.sapiensOverlay.stage.where(0, {LEFT_WRIST})")
    editor.drag_from(place, 15, 9)
    text = editor.page.evaluate(f"{inside}.widgets.find(w => w.name === 'edits').value")
    assert text not in {kept, ""}
    editor.press("Escape")
    record = editor.frontend.press_run(editor.server)
    assert record["status"]["status_str"] == "success"
    editor.frontend.load(saved)
    editor.frontend._show("SapiensPoseEdit")


def test_lost_poses_are_said_and_edits_survive_without_the_script(editor):
    kept, saved = editor.text, editor.frontend.serialize()
    for path in (editor.server.base / "temp" / "sapiens_pose").glob("*.bin"):
        path.unlink()
    editor.frontend.load(saved)
    editor.wait("session.message === 'gone'")
    assert editor.text == kept
    assert "Press Run once" in editor.ask("node.sapiensPose.note.textContent")
    editor.frontend.press_run(editor.server)
    script = "**/edit_pose.js"
    editor.page.route(script, lambda route: route.abort())
    editor.page.reload(wait_until="load")
    editor.page.wait_for_function(READY)
    editor.page.evaluate("saved => app.loadGraphData(saved)", saved)
    editor.page.wait_for_timeout(1000)
    assert editor.ask("node.sapiensPose === undefined")
    assert prompt_text(editor) == kept
    assert json.loads(kept)["people"]
    editor.page.unroute(script)
