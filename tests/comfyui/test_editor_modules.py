"""The pure modules of the pose editor: the arithmetic of parts, key frames, copies and orders.

Their page has nothing of ComfyUI's, so that it opens at once.
"""

import json

import numpy as np
import pytest
from base_folder import PACK_NAME
from comfyui_sapiens_pose.skeletons.edits.edited_clip import apply_edits, in_places
from comfyui_sapiens_pose.skeletons.edits.edits_text import parse_edits
from comfyui_sapiens_pose.skeletons.keypoint_sets import GOLIATH_308
from comfyui_sapiens_pose.skeletons.keypoint_sets.tree import PART_NAMES, hanging_indices
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from synthetic_person import Stance, person

SIZE = (640, 480)
NAMES = GOLIATH_308.names
LEFT_WRIST, NOSE = NAMES.index("left_wrist"), NAMES.index("nose")


@pytest.fixture(scope="module")
def modules(browser, server):
    """Asks the page for the value of a script, which may use the modules by their names."""
    files = ("apply", "copies", "keys", "model", "parts", "people", "state")
    page = browser.new_page()
    page.goto(f"{server.url}/system_stats")
    page.evaluate(
        """async ([root, files]) => {
            for (const file of files)
                Object.assign(window, await import(`${root}/data/${file}.js`));
            window.detectionOf = (frames) => ({ base: "b", frames: frames.map((people) => ({
                canvas: [640, 480], image: "",
                people: people.map(({ points, scores, ...about }) => ({ ...about,
                    points: Float64Array.from(points), scores: Float64Array.from(scores) })),
            })) });
            window.pointsOf = (detection, edits, frame = 0, index = 0) =>
                [...rowsOf(detection, edits, {}, frame)[index].posed.points];
        }""",
        [f"/extensions/{PACK_NAME}/editor", files],
    )
    yield page.evaluate
    page.close()


def pose_at(x: float, person_id: int = 1) -> Pose:
    found = person(Stance((x, 80), 40, (50, 80), (20, 130), 8), SIZE)
    return Pose(found.keypoints_image, found.scores, GOLIATH_308, SIZE, found.box_xyxy,
                person_id=person_id)  # fmt: skip


def as_row(pose: Pose) -> dict:
    about = {"id": pose.person_id, "set": pose.keypoint_set.name, "box": [0, 0, 9, 9]}
    points = pose.keypoints_image.ravel().tolist()
    return {**about, "points": points, "scores": pose.scores.tolist()}


def shown(points) -> np.ndarray:
    return np.reshape(points, (-1, 2))


def applied(edits: dict, poses: list[Pose], frames: int = 1) -> list[Frame]:
    clip = [Frame(SIZE, tuple(poses))] * frames
    return list(apply_edits(clip, parse_edits(json.dumps({**edits, "base": ""}))).frames)


TURNS = [
    ("body", {"degrees": 30, "factor": 1.2}),
    ("left_hand", {"degrees": -50, "factor": 2}),
    ("face", {"shift": [12, -7], "degrees": 15}),
    ("body", {"shift": [5, 9], "degrees": -20, "factor": 0.7}),
    ("right_foot", {"shift": [3, 4]}),
]


def test_parts_are_turned_as_wholes_whatever_was_edited_before(modules):
    pose = pose_at(300)
    texts = modules(
        """([person, turns, joint]) => {
            const detection = detectionOf([[person]]);
            let edits = null;
            const steps = [];
            const row = () => rowsOf(detection, edits, {}, 0)[0];
            const move = { joints: new Map([[joint, [9, -14]]]), parts: new Map() };
            edits = movePerson(detection, edits, row(), 0, move);
            for (const [part, turn] of turns) {
                const before = pointsOf(detection, edits);
                const about = shownPivot(row().posed, part);
                edits = transformPart(detection, edits, row(), 0, part, turn);
                steps.push({ before, about, after: pointsOf(detection, edits) });
            }
            return [steps, writeEdits(edits)];
        }""",
        [as_row(pose), TURNS, hanging_indices(GOLIATH_308, "left_hand")[3].item()],
    )
    steps, text = texts
    for (part, turn), step in zip(TURNS, steps, strict=True):
        before, after = shown(step["before"]), shown(step["after"])
        moved = before.copy()
        joints = hanging_indices(GOLIATH_308, part)
        angle = np.deg2rad(turn.get("degrees", 0))
        rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        away = (before[joints] - step["about"]) * turn.get("factor", 1)
        moved[joints] = away @ rotation + step["about"] + turn.get("shift", [0, 0])
        assert after == pytest.approx(moved, abs=1e-6), part
    (frame,) = applied(json.loads(text), [pose])
    assert frame.poses[0].keypoints_image == pytest.approx(after, abs=0.2)  # the text is rounded


def test_a_key_frame_is_of_what_was_moved(modules):
    first = pose_at(300)
    text = modules(
        """([person, wrist, nose]) => {
            const detection = detectionOf(Array(9).fill([person]));
            let edits = null;
            const row = (frame) => rowsOf(detection, edits, {}, frame)[0];
            const move = (frame, joint, x) => {
                const moved = { joints: new Map([[joint, [x, 0]]]), parts: new Map() };
                edits = movePerson(detection, edits, row(frame), frame, moved);
            };
            move(0, wrist, 10);
            edits = transformPart(detection, edits, row(4), 4, "left_hand", { shift: [8, 0] });
            move(8, wrist, 20);
            edits = setKey(detection, edits, row(2), 2, ["left_hand"], true);
            edits = moveKey(detection, edits, row(0), "body", 8, 6);
            edits = deleteKey(detection, edits, row(0), 0, ["face"]);
            return writeEdits(edits);
        }""",
        [as_row(first), LEFT_WRIST, NOSE],
    )
    keys = json.loads(text)["people"][0]["keys"]
    assert {frame: key["of"] for frame, key in keys.items()} == {
        "0": ["body"], "2": ["left_hand"], "4": ["left_hand"], "6": ["body"],
    }  # fmt: skip
    frames = applied(json.loads(text), [first], 9)
    rights = [
        frame.poses[0].keypoints_image[:, 0] - first.keypoints_image[:, 0] for frame in frames
    ]
    assert [each[LEFT_WRIST] for each in rights] == pytest.approx(
        [10, 10 + 20 / 6, 10 + 40 / 6, 20, 10 + 80 / 6, 10 + 100 / 6, 30, 30, 30]
    )
    finger = hanging_indices(GOLIATH_308, "left_hand")[0]
    assert [each[finger] for each in rights] == pytest.approx([0, 0, 0, 4, 8, 8, 8, 8, 8])


def test_a_hand_stays_at_its_wrist_when_an_arm_is_as_detected_again(modules):
    first = pose_at(300)
    faded, back, hidden = modules(
        """([person, wrist, nose, eye]) => {
            const detection = detectionOf(Array(9).fill([person]));
            const row = (edits, frame) => rowsOf(detection, edits, {}, frame)[0];
            const parts = new Map([["left_hand", [9, -40, 0]], ["face", [3, 0, 0]]]);
            const move = { joints: new Map([[wrist, [9, -40]], [nose, [3, 0]]]), parts };
            let edits = movePerson(detection, null, row(null, 0), 0, move);
            edits = showJoints(detection, edits, row(edits, 0), 0, [eye], false);
            const faded = setKey(detection, edits, row(edits, 8), 8, ["body"], true);
            const back = resetPart(detection, edits, row(edits, 0), 0, "body", wrist);
            const scores = row(faded, 8).posed.scores;
            return [[0, 4, 8].map((frame) => pointsOf(detection, faded, frame)),
                pointsOf(detection, back), scores[eye]];
        }""",
        [as_row(first), LEFT_WRIST, NOSE, hanging_indices(GOLIATH_308, "face")[0].item()],
    )
    hand = [LEFT_WRIST, *hanging_indices(GOLIATH_308, "left_hand")]
    for points, share in zip([*faded, back], [1, 0.5, 0, 0], strict=True):
        drift = (shown(points) - first.keypoints_image)[hand]
        assert drift == pytest.approx(np.tile([9 * share, -40 * share], (len(hand), 1)))
    assert hidden == 0


def test_what_is_mirrored_twice_or_pasted_where_it_was_is_the_same(modules):
    pose = pose_at(300)
    results = modules(
        """([person, parts]) => {
            const detection = detectionOf([[person]]);
            const row = (edits) => rowsOf(detection, edits, {}, 0)[0];
            return parts.map((part) => {
                const once = mirrorPart(detection, null, row(null), 0, part);
                const twice = mirrorPart(detection, once, row(once), 0, part);
                const text = JSON.stringify(copyOf(row(null), part));
                const pasted = pasteCopy(detection, once, row(once), 0, readCopy(text), part);
                return [once, twice, pasted].map((edits) => pointsOf(detection, edits));
            });
        }""",
        [as_row(pose), list(PART_NAMES)],
    )
    before = pose.keypoints_image
    for part, (once, twice, pasted) in zip(PART_NAMES, results, strict=True):
        assert np.abs(shown(once) - before).max() > 2, part
        assert shown(twice) == pytest.approx(before, abs=1e-6), part
        joints = hanging_indices(GOLIATH_308, part)
        drift = shown(pasted)[joints] - before[joints]
        assert drift == pytest.approx(np.tile(drift[0], (len(joints), 1)), abs=0.02), part


def test_a_pasted_left_hand_becomes_a_right_one(modules):
    pose = pose_at(300)
    points = modules(
        """([person]) => {
            const detection = detectionOf([[person]]);
            const row = rowsOf(detection, null, {}, 0)[0];
            const copy = readCopy(JSON.stringify(copyOf(row, "left_hand")));
            const edits = pasteCopy(detection, null, row, 0, copy, "right_hand");
            return pointsOf(detection, edits);
        }""",
        [as_row(pose)],
    )
    for joint in hanging_indices(GOLIATH_308, "right_hand"):
        twin = NAMES.index(GOLIATH_308.joints[joint].mirror)
        sides = [NAMES.index(f"{side}_wrist") for side in ("right", "left")]
        own = shown(points)[joint] - pose.keypoints_image[sides[0]]
        other = pose.keypoints_image[twin] - pose.keypoints_image[sides[1]]
        assert own == pytest.approx(other * (-1, 1), abs=0.02)


REFUSED_COPIES = [
    "", "x", "{}", "null", '{"format":"sapiens_pose_copy"}',
    '{"format":"sapiens_pose_copy","keypoint_set":"__proto__","part":"body","pivot":[0,0],"joints":[]}',
    '{"format":"sapiens_pose_copy","keypoint_set":"coco_17","part":"tail","pivot":[0,0],"joints":[]}',
    '{"format":"sapiens_pose_copy","keypoint_set":"coco_17","part":"body","pivot":[0],"joints":[]}',
    '{"format":"sapiens_pose_copy","keypoint_set":"coco_17","part":"body","pivot":[0,0],"joints":[17,0,0,1]}',
    '{"format":"sapiens_pose_copy","keypoint_set":"coco_17","part":"body","pivot":[0,0],"joints":[1e9,0,0,1]}',
    '{"format":"sapiens_pose_copy","keypoint_set":"coco_17","part":"body","pivot":[0,0],"joints":["<b>",0,0,1]}',
    '{"format":"sapiens_pose_copy"' + " " * 70000 + "}",
]  # fmt: skip


def test_texts_that_are_no_copies_are_passed_over(modules):
    assert modules("texts => texts.map(readCopy)", REFUSED_COPIES) == [None] * len(REFUSED_COPIES)


def test_people_are_in_the_same_order_in_both_languages(modules):
    random = np.random.default_rng(5)
    cases = [
        [None if place > 4 else int(place) for place in random.integers(0, 8, count)]
        for count in (0, 1, *random.integers(2, 7, 30))
    ]
    found = modules("cases => cases.map((places) => inPlaces([...places.keys()], places))", cases)
    assert found == [in_places(range(len(places)), places) for places in cases]


def test_people_are_added_moved_in_order_and_deleted(modules):
    poses = [pose_at(200, 4), pose_at(420, 7)]
    given = {"keypoint_set": "coco_17", "keypoints": [[10 * n, 5 * n] for n in range(17)]}
    given["scores"] = [0.0 if n == 3 else 0.75 for n in range(17)]
    texts = modules(
        """([people, given]) => {
            const detection = detectionOf([people]);
            const rows = (edits) => rowsOf(detection, edits, {}, 0);
            const added = addPeople(detection, null, [given], 2, [7, 0]);
            const behind = moveInOrder(detection, added, rows(added), 2, -1);
            const gone = withoutPerson(behind, rows(behind)[2].edits);
            return [added, behind, gone].map(writeEdits);
        }""",
        [[as_row(pose) for pose in poses], given],
    )
    frames = [applied(json.loads(text), poses)[0].poses for text in texts]
    assert [[pose.person_id for pose in each] for each in frames] == [[4, 7, 8], [4, 8, 7], [4, 7]]
    new = frames[0][2]
    for name, joint in (("nose", 0), ("left_ankle", 15)):
        at = (20 * joint + 7, 10 * joint)
        assert new.keypoints_image[NAMES.index(name)] == pytest.approx(at)
    assert new.scores[NAMES.index("left_ear")] == 0
    assert frames[2] == (poses[0], poses[1])
