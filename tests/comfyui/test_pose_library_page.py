"""The pose library on the page: chosen by keyboard and mouse, own poses in ComfyUI's user data.

An empty page of the real server shows the chooser alone: it needs nothing else of ComfyUI's page.
"""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from base_folder import PACK_NAME, ROOT
from comfyui_sapiens_pose.skeletons.formats.sapiens_json import decode, encode
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Frame
from comfyui_sapiens_pose.skeletons.poses.place_people import place_people
from helpers.poses import make_pose

pytestmark = pytest.mark.exhaustive

LIBRARY = ROOT / "web" / "library"
POSES = json.loads((LIBRARY / "poses.json").read_text(encoding="utf-8"))["poses"]
OPEN = """async (language) => {
    const editor = '/extensions/%s/editor';
    const { choosePose } = await import(`${editor}/library.js`);
    const { wordsIn } = await import(`${editor}/words.js`);
    window.api = { fetchApi: (path, options) => fetch(`/api${path}`, options) };
    document.body.innerHTML = '<div id=here style="width: 900px; height: 640px"></div>';
    window.keys = 0;
    window.onkeydown = () => window.keys++;
    window.answer = undefined;
    const about = { words: wordsIn(language), api: window.api };
    choosePose(document.getElementById('here'), about).then((chosen) => (window.answer = chosen));
}"""
FILES = "const files = await import('/extensions/%s/editor/library_files.js');"


@pytest.fixture(scope="module")
def page(browser, server):
    page = browser.new_page(viewport={"width": 940, "height": 680})
    page.goto(f"{server.url}/extensions/{PACK_NAME}/library/poses.json")
    yield page
    page.close()


@pytest.fixture
def own(server):
    """The folder of the user's own poses, empty before and after."""
    folder = server.base / "user" / "default" / "sapiens_pose" / "library"
    for path in folder.glob("*"):
        path.unlink()
    yield folder
    for path in folder.glob("*"):
        path.unlink()


def open_library(page, language="en"):
    page.evaluate(OPEN % PACK_NAME, language)
    page.wait_for_function("document.querySelectorAll('[role=option]').length >= 30")


def chosen(page):
    page.wait_for_function("window.answer !== undefined")
    assert page.locator("[role=option]").count() == 0
    return page.evaluate("window.answer")


def active_name(page):
    return page.locator("[aria-selected=true] .sapiens-library-name").text_content()


def call(page, script, *arguments):
    """What a function of ``library_files.js`` answers, or the message of its error."""
    body = f"async (given) => {{ {FILES % PACK_NAME} try {{ return await {script}; }}"
    return page.evaluate(body + " catch (error) { return `Error: ${error.message}`; } }", arguments)


def test_a_pose_is_found_and_taken_by_keyboard(page, own):
    open_library(page)
    assert page.locator("[role=option]").count() == len(POSES)
    assert page.locator("[role=group]").count() == len({pose["group"] for pose in POSES})
    assert active_name(page) == POSES[0]["en"]
    page.keyboard.press("ArrowRight")
    assert active_name(page) == POSES[1]["en"]
    page.keyboard.press("ArrowDown")  # into the second row, or the next group
    assert active_name(page) not in (POSES[0]["en"], POSES[1]["en"])
    page.keyboard.press("ArrowUp")
    assert active_name(page) == POSES[1]["en"]
    page.keyboard.type("two hand")
    names = page.locator("[role=option]:not([hidden]) .sapiens-library-name").all_text_contents()
    assert names == ["Walking hand in hand", "Handshake"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    answer = chosen(page)
    assert [answer["name"], answer["isOwn"], answer["width"]] == ["two_handshake", False, 1024]
    (frame,) = read_poses(LIBRARY / "two_handshake.json")
    for person, pose in zip(answer["people"], frame.poses, strict=True):
        assert person["keypoint_set"] == "goliath_308"
        assert np.array_equal(person["keypoints"], pose.keypoints_image)
        assert np.array_equal(person["scores"], pose.scores)
    assert page.evaluate("window.keys") == 0  # no key went on to the page


def test_a_click_takes_and_escape_takes_nothing(page, own):
    open_library(page, "zh")
    assert "放松站立" in page.locator("[role=listbox]").text_content()
    page.mouse.click(
        *[page.locator("[role=group]").first.bounding_box()[side] + 3 for side in "xy"]
    )
    assert page.evaluate("document.activeElement.type") == "search"  # the focus stays
    page.locator("[role=option]").nth(2).click()
    assert chosen(page)["name"] == POSES[2]["name"]
    open_library(page)
    page.wait_for_function(
        "[...document.images].slice(0, 3).every((each) => each.naturalWidth > 0)"
    )
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "pose_library.png")
    page.keyboard.press("Escape")
    assert chosen(page) is None


def test_own_poses_are_kept_found_and_deleted(page, own):
    poses = [make_pose(COCO_17, seed=seed) for seed in (1, 2)]
    width, height = poses[0].canvas_wh
    people = [
        {
            "keypoint_set": "coco_17",
            "keypoints": pose.keypoints_image.round(1).tolist(),
            "scores": pose.scores.tolist(),
        }
        for pose in poses
    ]
    given = {"width": width, "height": height, "people": people}
    save = "files.saveOwnPose(given[0], given[1], { api: window.api })"
    open_library(page)
    page.keyboard.press("Escape")
    names = [call(page, save, name, given) for name in ("My/pose", "My/pose", "con", "50% 漢字")]
    assert names == ["My_pose", "My_pose 2", "_con", "50_ 漢字"]
    assert {path.stem for path in own.iterdir()} == set(names)
    (frame,) = read_poses(own / "My_pose.json")
    for pose, person in zip(frame.poses, people, strict=True):
        assert np.array_equal(pose.keypoints_image, person["keypoints"])
        assert np.array_equal(pose.scores, person["scores"])
    other = {**people[0], "keypoint_set": "body_25"}
    assert call(page, save, "two sets", {**given, "people": [people[0], other]}).startswith("Error")

    (own / "broken.json").write_text("{")
    (own / "notes.txt").write_text("nothing of ours")
    open_library(page)
    page.wait_for_function("document.querySelectorAll('[role=option]').length >= 38")
    page.keyboard.type("my poses")
    page.wait_for_function("document.querySelector('[aria-disabled=true]:not([hidden])')")
    assert page.locator("[role=option]:not([hidden])").count() == 5
    page.locator("[aria-disabled=true]").click(force=True)
    assert "broken cannot be read" in page.locator("[aria-live]").text_content()
    page.keyboard.press("ArrowLeft")
    before = active_name(page)
    page.keyboard.press("Shift+Delete")
    assert len(list(own.glob("*.json"))) == 5
    page.keyboard.press("Shift+Delete")
    page.wait_for_function("document.querySelectorAll('[role=option]:not([hidden])').length === 4")
    assert not (own / f"{before}.json").exists()
    page.keyboard.type(" pose 2")
    page.keyboard.press("Enter")
    answer = chosen(page)
    assert [answer["name"], answer["isOwn"], len(answer["people"])] == ["My_pose 2", True, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"canvas": {"width": 0, "height": 5}},
        {"canvas": None},
        {"keypoint_set": "constructor"},
        {"instance_info": []},
        {"instance_info": [None]},
        {"instance_info": [{"keypoints": [[0, 0]] * 17, "keypoint_scores": [1] * 16}]},
        {"instance_info": [{"keypoints": [[0, None]] * 17, "keypoint_scores": [1] * 17}]},
        {"instance_info": [{"keypoints": [[0, 1e9]] * 17, "keypoint_scores": [1] * 17}]},
    ],
)
def test_files_that_cannot_be_read_say_so(page, change):
    pose = make_pose(COCO_17, seed=1)
    document = encode(Frame(pose.canvas_wh, (pose,)), "a")
    assert call(page, "files.readPoses(given[0]).people.length", json.dumps(document)) == 1
    answer = call(page, "files.readPoses(given[0])", json.dumps({**document, **change}))
    assert str(answer).startswith("Error: ")


def test_people_are_placed_as_in_python(page):
    for name in ("hand_wave", "two_dance", "sit_side"):
        document = json.loads((LIBRARY / f"{name}.json").read_text(encoding="utf-8"))
        for canvas_wh in ((512, 768), (1280, 720)):
            script = "files.placePeople(files.readPoses(given[0]), ...given[1])"
            placed = call(page, script, json.dumps(document), canvas_wh)
            expected = place_people(decode(document), canvas_wh)
            assert [placed["width"], placed["height"]] == list(canvas_wh)
            for person, pose in zip(placed["people"], expected.poses, strict=True):
                assert np.array(person["keypoints"]) == pytest.approx(pose.keypoints_image)
