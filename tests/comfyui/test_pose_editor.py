"""The editor of Edit Sapiens Pose in ComfyUI's page: dragging, undo, keys, runs, and what is kept.

One page for all of it, because opening one takes longer than the rest.
"""

import re

import numpy as np
import pytest
from base_folder import PACK_NAME
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308, KEYPOINT_SETS
from comfyui_sapiens_pose.skeletons.keypoint_sets.tree import hanging_indices
from graphs import with_defaults
from helpers.hostile_edits import READABLE, REFUSED
from helpers.poses import make_pose
from helpers.random_edits import person_of, read_cases
from helpers.samples import sample
from pose_editor import GRAPH, Editor, clip_graph, write_clip

LEFT_SHOULDER, LEFT_ELBOW, LEFT_WRIST = 5, 7, 9
MODULES = f"/extensions/{PACK_NAME}/editor"


@pytest.mark.parametrize("part", sample(range(5), [0]))
def test_javascript_applies_a_thousand_random_edits_as_python(page, part):
    cases = read_cases()[part::5]
    people = [person_of(case) for case in cases]
    rows = page.page.evaluate(
        """async ([modules, cases, people]) => {
            const { parseEdits } = await import(`${modules}/data/state.js`);
            const { changeAt, changePerson } = await import(`${modules}/data/apply.js`);
            return cases.map(({ edits: written, canvas, frame }, index) => {
                const edits = parseEdits(JSON.stringify(written));
                const person = {
                    set: edits.keypoint_set,
                    points: Float64Array.from(people[index].points),
                    scores: Float64Array.from(people[index].scores),
                };
                const change = changeAt(edits.people[0].keys, frame, person);
                const scale = [0, 1].map((i) => canvas[i] / edits.canvas[i]);
                const after = changePerson(person, change, scale);
                const rows = [];
                for (const joint of person.scores.keys()) {
                    const at = [2 * joint, 2 * joint + 1];
                    const isSame = after.scores[joint] === person.scores[joint]
                        && at.every((i) => after.points[i] === person.points[i]);
                    const numbers = [...at.map((i) => after.points[i]), after.scores[joint]];
                    if (!isSame) rows.push(joint, ...numbers);
                }
                return rows;
            });
        }""",
        [
            MODULES,
            cases,
            [
                {"points": each.keypoints_image.ravel().tolist(), "scores": each.scores.tolist()}
                for each in people
            ],
        ],
    )
    for case, row in zip(cases, rows, strict=True):
        assert np.allclose(row, case["rows"], rtol=0, atol=1e-9), case


def test_javascript_refuses_what_python_refuses(page):
    texts = {**READABLE, **REFUSED}
    texts.pop("half a character")  # Playwright cannot carry it
    answers = page.page.evaluate(
        """async ([modules, texts]) => {
            const { EditsError, parseEdits } = await import(`${modules}/data/state.js`);
            return texts.map((text) => {
                try {
                    parseEdits(text);
                    return "";
                } catch (error) {
                    return error instanceof EditsError ? error.message : `odd: ${error}`;
                }
            });
        }""",
        [MODULES, list(texts.values())],
    )
    said = dict(zip(texts, answers, strict=True))
    assert {name for name, answer in said.items() if not answer} == set(READABLE)
    assert [answer for answer in answers if answer.startswith("odd") or len(answer) > 300] == []


LIMBS = [
    *(("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist")),
    *(("right_hip", "right_knee"), ("right_knee", "right_ankle")),
]
DRAGS = [
    *(("left_wrist", (300, 200)), ("left_elbow", (10, 20)), ("left_wrist", (1300, 1200))),
    *(("nose", (5, 5)), ("right_knee", (200, 300)), ("left_hip", (50, 60))),
    *(("right_ankle", (111, 222)), ("left_shoulder", (80, 90)), ("left_wrist", (90, 90))),
]


@pytest.mark.parametrize("name", ["coco_17", "coco_wholebody_133", "goliath_308", "openpose_136"])
def test_a_drag_keeps_lengths_and_takes_hands_along(page, name):
    keypoint_set = KEYPOINT_SETS[name]
    pose = make_pose(keypoint_set, seed=3)
    drags = [(keypoint_set.index(joint), target) for joint, target in DRAGS]
    steps = page.page.evaluate(
        """async ([modules, set, points, drags]) => {
            const { dragJoint } = await import(`${modules}/stage/drag.js`);
            const { movePerson, rowsOf } = await import(`${modules}/data/model.js`);
            const scores = new Float64Array(points.length / 2).fill(1);
            const person = { id: 4, set, box: [0, 0, 9, 9], scores };
            person.points = Float64Array.from(points);
            const detection = { base: "", frames: [{ canvas: [640, 480], people: [person] }] };
            const start = { format: "sapiens_edits", version: 1, keypoint_set: set };
            let edits = { ...start, canvas: [1280, 480], people: [] };
            return drags.map(([joint, target]) => {
                const [row] = rowsOf(detection, edits, {}, 0);
                const move = dragJoint(row.shown, joint, target, true);
                edits = movePerson(detection, edits, row, 0, move);
                return [...rowsOf(detection, edits, {}, 0)[0].shown.points];
            });
        }""",
        [MODULES, name, pose.keypoints_image.ravel().tolist(), drags],
    )
    shown = [np.reshape(step, (-1, 2)) for step in steps]
    for before, after in zip([pose.keypoints_image, *shown], shown, strict=False):
        for pair in LIMBS:
            start, end = keypoint_set.indices(pair)
            lengths = [np.linalg.norm(each[end] - each[start]) for each in (before, after)]
            assert lengths[0] == pytest.approx(lengths[1])
        hand = keypoint_set.part_indices("left_hand")
        wrist = keypoint_set.index("left_wrist")
        reach = [np.linalg.norm(each[hand] - each[wrist], axis=1) for each in (before, after)]
        assert reach[0] == pytest.approx(reach[1])
    for joint in ("nose", "left_hip", "left_shoulder"):
        at = [name for name, _ in DRAGS].index(joint)
        assert shown[at][keypoint_set.index(joint)] == pytest.approx(DRAGS[at][1])


@pytest.mark.exhaustive
def test_a_day_with_the_editor(page, server):
    frontend, editor = page, Editor(page, server)
    frontend.load_prompt(
        with_defaults(GRAPH, lambda kind: server.object_info[kind]["input"]["required"])
    )
    frontend._show("SapiensPoseEdit")
    editor.screenshot("0_before_the_run")
    before = editor.run()
    editor.ask("node.isMine = true")

    # A drag of the wrist bends the arm, and the run gives what the editor shows.
    editor.drag(LEFT_WRIST, 25, -35)
    editor.screenshot("1_dragged")
    assert editor.joints.keys() == {LEFT_ELBOW, LEFT_WRIST}
    dragged, shown = editor.text, editor.shown()
    for start, end in ((LEFT_SHOULDER, LEFT_ELBOW), (LEFT_ELBOW, LEFT_WRIST)):
        lengths = [np.linalg.norm(pose[end] - pose[start]) for pose in (before, shown)]
        assert lengths[0] == pytest.approx(lengths[1], rel=1e-3)
    after = editor.run()
    assert after == pytest.approx(shown, abs=1e-3)
    others = [joint for joint in range(17) if joint not in editor.joints]
    assert (after[others] == before[others]).all()

    # Keys are the editor's: its own undo, and nothing that changes the graph.
    editor.click_beside()
    editor.press("Control+z")
    assert editor.text == ""
    editor.press("Control+Shift+z")
    assert editor.text == dragged
    editor.press("Control+b", "Delete", "Backspace", "Control+g", "x")
    assert editor.ask("[node.isMine, node.mode, app.graph._groups.length]") == [True, 0, 0]
    editor.press("ArrowLeft", "ArrowLeft")  # the arm is stretched out to the right
    assert editor.shown()[LEFT_WRIST][0] == pytest.approx(shown[LEFT_WRIST][0] - 2, abs=0.01)
    assert "person 1, left wrist" in editor.status
    editor.press("Shift+h")
    assert editor.ask("node.sapiensPose.session.rows[0].shown") is None
    editor.press("Shift+h")
    editor.press_until("Control+z", dragged)

    # A graph undo makes new nodes; they show the edits that the graph has, with the same poses.
    editor.press("Escape", "Control+z")
    editor.wait("!node.isMine && node.sapiensPose.session.detection !== null")
    assert editor.text != dragged
    assert editor.shown() == pytest.approx(before if not editor.text else editor.shown(), abs=1e-3)

    # A saved workflow shows the same when it is opened, without a run.
    editor.drag(LEFT_WRIST, -20, 20)
    saved, kept = frontend.serialize(), editor.text
    frontend.load(saved)
    frontend._show("SapiensPoseEdit")
    editor.wait("node.sapiensPose.session.detection !== null")
    assert editor.text == kept
    (row,) = (row for row in saved["nodes"] if row["type"] == "SapiensPoseEdit")
    assert row["widgets_values"] == [kept, False]

    # Nodes 2.0.
    frontend.use_nodes_2(True)
    frontend._show("SapiensPoseEdit")
    editor.drag(LEFT_ELBOW, 0, -30)
    editor.screenshot("2_nodes_2.0")
    frontend.use_nodes_2(False)
    assert LEFT_ELBOW in editor.joints
    assert editor.text != kept
    assert frontend.errors == []


@pytest.mark.exhaustive
def test_the_whole_editor(page, server):
    frontend, editor = page, Editor(page, server)
    write_clip(server.base / "input" / "two.json")
    editor.load(clip_graph("two.json"))
    before = editor.run()
    editor.open()
    wrist = GOLIATH_308.index("left_wrist")

    # By the mouse: an arm of the second person, and the hand turned about its wrist.
    editor.drag_in_overlay(wrist, 30, -60, person=1)
    assert "person 2 / 2, left wrist" in editor.status
    hand = hanging_indices(GOLIATH_308, "left_hand")
    lifted = editor.shown(1)
    assert (lifted[wrist] - before[1][wrist])[1] < -20
    reach = [np.linalg.norm(pose[hand] - pose[wrist], axis=1) for pose in (before[1], lifted)]
    assert reach[0] == pytest.approx(reach[1], abs=0.01)
    editor.page.get_by_role("button", name=re.compile("^left hand")).first.click()
    editor.drag_handle("knob", 60, 40)
    turned = editor.shown(1)
    assert turned[wrist] == pytest.approx(lifted[wrist], abs=0.01)
    assert np.abs(turned[hand] - lifted[hand]).max() > 5
    editor.screenshot("3_whole_editor")

    # By keys alone: a face hidden, a second key frame that is as detected, a copy of the person.
    editor.press("Escape")
    editor.open()
    editor.press("g", "g", "g", "g", "g", "g", "h")  # left hand, ..., none, body, face
    assert "person 2 / 2, face" in editor.status
    editor.press("End", "k", "Home", "d")
    assert "person 3 / 3, added" in editor.status
    editor.press("Control+z", "Control+Shift+z", "Escape")
    assert not editor.ask("node.sapiensOverlay.element.open")
    keys = editor.edits["people"][0]["keys"]
    assert keys["11"] == {"of": ["face"]}
    assert set(keys["0"]["of"]) == {"body", "face", "left_hand"}

    # What comes out is what the editor shows.
    shown = [editor.shown(person) for person in range(3)]
    after = editor.run()
    for person in range(3):
        assert after[person] == pytest.approx(shown[person], abs=2e-3)
    assert (after[0] == before[0]).all()

    # Other people come: the edits are kept, said, and given to somebody.
    kept = editor.text
    write_clip(server.base / "input" / "others.json", tilt=90, shift=60, first_id=7)
    frontend.choose("SapiensPoseLoad", file="others.json")
    editor.run()
    editor.wait("session.unplaced.length === 1")
    assert editor.text == kept
    editor.open()
    editor.screenshot("4_new_detection")
    banner = editor.page.locator(".sapiens-banner")
    assert "kept, but not applied" in banner.inner_text()
    editor.page.get_by_role("button", name=re.compile("^Person 1 ?as detected")).click()
    editor.page.get_by_role("button", name="Give to person 1").click()
    assert editor.ask("session.unplaced.length") == 0
    assert not banner.is_visible()
    assert editor.edits["people"][0]["who"]["id"] == 7
    editor.press("Escape")
    assert frontend.errors == []


@pytest.mark.exhaustive
def test_people_of_the_library_come_into_a_graph_of_other_keypoints(page, server):
    editor = Editor(page, server)
    editor.load(GRAPH)
    before = editor.run()
    editor.open()
    editor.page.get_by_role("button", name="Add").first.click()
    editor.page.get_by_text("35 poses.").wait_for()
    editor.page.keyboard.type("towards")
    editor.press("Enter")
    editor.wait("session.rows.length === 2")
    assert "person 2 / 2, added" in editor.status
    editor.press("Escape")
    first, second = editor.run()
    assert (first == before).all()
    assert second == pytest.approx(editor.shown(1), abs=2e-3)
    assert page.errors == []
