"""Graphs that failed for users, through the server: each does what its owner expects."""

import shutil

import pytest
from base_folder import CLIP, MINIATURE, PHOTO, ROOT, SAPIENS2
from graphs import node
from pictures import read_picture

OFFICIAL = "sapiens2_0.4b_pose.safetensors"
FOUND_NOBODY = "Nobody found: the mask is black. Connect one that is white where people are."


def graph_of(checkpoint=MINIATURE, pose=None, render=None, **others):
    """Photo, model, poses and drawing, all widgets as their pages saved them."""
    thresholds = dict.fromkeys(
        ("score_threshold", "hands_threshold", "face_threshold", "feet_threshold"), 0.3
    )
    found = {"detector": "whole image", "flip_test": False, "batch_size": 0, **thresholds}
    drawn = {"style": "openpose", "layout": "fit", "xinsir": "off", "width": 0, "height": 0}
    return {
        "1": node("LoadImage", image=PHOTO),
        "2": node("SapiensPoseLoader", size="Sapiens2 0.4B", checkpoint=checkpoint, download=True),
        "3": node("SapiensPose", **{"model": ["2", 0], "image": ["1", 0]} | found | (pose or {})),
        "4": node("SapiensPoseRender", poses=["3", 0], **drawn | (render or {})),
        **others,
    }


BACKGROUND_OF_OTHER_SIZE = graph_of(
    render={"background": "image", "image": ["a", 0]},
    a=node(
        "ImageScale",
        image=["1", 0],
        width=1280,
        height=850,
        crop="disabled",
        upscale_method="bilinear",
    ),
)
NOBODY = graph_of(pose={"mask": ["1", 1]})
"""A JPEG has no transparent part: its mask is black."""
FILE_IN_SUBFOLDER = graph_of(checkpoint="official file")
MANY_FRAMES = graph_of(
    pose={"image": ["8", 0]},
    render={"width": 192, "height": 108},
    **{
        "1": node("LoadVideo", file=CLIP),
        "9": node("GetVideoComponents", video=["1", 0]),
        "8": node("RepeatImageBatch", image=["9", 0], amount=6),
    },
)
"""Eighteen frames."""


@pytest.fixture
def official_file(server):
    """The official file in a folder of its own below models/sapiens; it is small and random."""
    path = server.base / "models" / "sapiens" / "pose" / OFFICIAL
    path.parent.mkdir()
    shutil.copy(ROOT / "tests" / "golden" / "sapiens2" / SAPIENS2, path)
    yield
    shutil.rmtree(path.parent)


def texts(run):
    """What each node told the page, by the node's id."""
    told = {}
    for kind, data in run.events:
        if kind == "binary" and data[:4] == b"\0\0\0\3":  # a text: length and id of the node first
            end = 8 + int.from_bytes(data[4:8], "big")
            told[data[8:end].decode()] = data[end:].decode()
    return told


@pytest.mark.usefixtures("official_file")
@pytest.mark.parametrize(
    ("graph", "size_wh", "previews", "told"),
    [
        (BACKGROUND_OF_OTHER_SIZE, (1280, 850), 1, "1 person found."),
        (NOBODY, (640, 425), 1, FOUND_NOBODY),
        (FILE_IN_SUBFOLDER, (640, 425), 1, "308 keypoints"),
        (MANY_FRAMES, (192, 108), 6, "1 person in 18 frames."),
    ],
    ids=["background of other size", "nobody", "file in subfolder", "many frames"],
)
def test_a_graph_does_what_its_owner_expects(server, graph, size_wh, previews, told):
    run = server.run(graph)
    assert run.success, (run.node_errors, run.messages)
    assert told in texts(run)["3"]
    for node_id in ("3", "4"):
        assert len(run.outputs[node_id]["images"]) == previews
    shown = run.outputs["4"]["images"][0]
    drawn = read_picture(server.get(f"/view?filename={shown['filename']}&type={shown['type']}"))
    assert drawn.shape == (*size_wh[::-1], 3)
    assert drawn.any() == (graph is not NOBODY)
