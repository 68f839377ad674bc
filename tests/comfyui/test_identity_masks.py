"""Sapiens Identity Masks in the real ComfyUI's executor, beside core's own coloured masks."""

import numpy as np
import pytest
from base_folder import MINIATURE
from crossing_skiers import ABSENT, clip, give, track_data
from graphs import Prompt, changed, node

__all__ = ["clip", "give"]  # fixtures

BLUE, RED, WHITE = (0, 0, 255), (255, 0, 0), (255, 255, 255)


def graph_of(given) -> Prompt:
    """SAM 3's tracks -> poses -> both people -> skeletons, and masks by id."""
    return {
        "given": given,
        "model": node("SapiensPoseLoader", checkpoint=MINIATURE),
        "pose": node(
            "SapiensPose",
            model=["model", 0],
            image=["given", 0],
            track_data=["given", 1],
            flip_test=False,
        ),
        "select": node("SapiensPoseSelect", poses=["pose", 0], track_ids="0-1"),
        "render": node("SapiensPoseRender", poses=["select", 0], color_by_person=True),
        "ids": node("SapiensIdentityMasks", poses=["select", 0], track_data=["given", 1]),
        "skeletons": node("SaveImage", images=["render", 0], filename_prefix="skeletons"),
        "colours": node("SaveImage", images=["ids", 0], filename_prefix="colours"),
        "as images": node("MaskToImage", mask=["ids", 1]),
        "masks": node("SaveImage", images=["as images", 0], filename_prefix="masks"),
    }


def images_of(comfyui, run, name) -> np.ndarray:
    assert run.success, (run.node_errors, run.messages)
    return np.stack(comfyui.pictures(run.outputs[name]))[..., :3]


def told(run) -> str:
    return " ".join(data["text"] for kind, data in run.events if kind == "progress_text")


def test_people_who_cross_keep_id_and_colour(comfyui, give, clip):
    """From SAM 3's data to skeletons and masks, and as core colours the same tracks."""
    images, masks = clip
    graph = graph_of(give(images, track_data(masks)))
    graph["core"] = node(
        "SCAIL2ColoredMask",
        driving_track_data=["given", 1],
        object_indices="",
        sort_by="none",
        replacement_mode=False,
    )
    graph["theirs"] = node("SaveImage", images=["core", 0], filename_prefix="theirs")
    run = comfyui.run(graph)
    colours = images_of(comfyui, run, "colours")
    np.testing.assert_array_equal(colours, images_of(comfyui, run, "theirs"))
    for person, colour in enumerate((BLUE, RED)):
        np.testing.assert_array_equal((colours == colour).all(axis=-1), masks[:, person])
    separate = images_of(comfyui, run, "masks")[..., 0] > 0
    np.testing.assert_array_equal(separate, np.concatenate([masks[:, 0], masks[:, 1]]))
    assert "break" not in told(run)
    skeletons = images_of(comfyui, run, "skeletons")
    inks = [
        {tuple(ink) for ink in skeletons[index][mask].tolist() if any(ink)}
        for index in (0, 8)
        for mask in masks[index]
    ]
    assert inks[0] & inks[2]
    assert inks[1] & inks[3]
    assert not (inks[0] | inks[2]) & (inks[1] | inks[3])
    assert not (colours[ABSENT] == RED).all(axis=-1).any()


def test_one_person_of_a_track_that_breaks(comfyui, give, clip):
    """Tracked by poses, the person selected keeps their mask, though SAM 3 exchanges the ids."""
    images, masks = clip
    swapped = masks.copy()
    swapped[6:] = masks[6:, ::-1]
    graph = graph_of(give(images, track_data(swapped)))
    graph["track"] = node("SapiensPoseTrack", poses=["pose", 0])
    graph = changed(graph, "select", poses=["track", 0], track_ids="1")
    run = comfyui.run(changed(graph, "ids", background="white"))
    colours = images_of(comfyui, run, "colours")
    np.testing.assert_array_equal((colours == BLUE).all(axis=-1), masks[:, 1])
    assert (colours[~masks[:, 1]] == WHITE).all()


def test_outlines_of_bodies_without_tracks(comfyui):
    graph = {
        "library": node("SapiensPoseLibrary", pose="two_handshake", width=128, height=96),
        "ids": node("SapiensIdentityMasks", poses=["library", 0]),
        "colours": node("SaveImage", images=["ids", 0], filename_prefix="colours"),
        "as images": node("MaskToImage", mask=["ids", 1]),
        "masks": node("SaveImage", images=["as images", 0], filename_prefix="masks"),
    }
    run = comfyui.run(graph)
    (image,) = images_of(comfyui, run, "colours")
    found = {tuple(color) for color in np.unique(image.reshape(-1, 3), axis=0).tolist()}
    assert found == {(0, 0, 0), BLUE, RED}
    masks = images_of(comfyui, run, "masks")
    assert len(masks) == 2
    assert ((image == BLUE).all(axis=-1) == (masks[0, ..., 0] > 0)).all()


@pytest.mark.exhaustive
def test_poses_without_masks_are_told(comfyui, give, clip):
    images, _ = clip
    nobody = {"packed_masks": None, "n_frames": len(images), "orig_size": images.shape[1:3]}
    graph = changed(graph_of(give(images, nobody)), "pose", detector="whole image")
    del graph["pose"]["inputs"]["track_data"]
    graph["select"] = node("SapiensPoseSelect", poses=["pose", 0])
    run = comfyui.run(graph)
    assert not images_of(comfyui, run, "colours").any()
    assert "9 of 9 poses have no mask in track_data" in told(run)


@pytest.mark.parametrize(("count", "sentence"), [(2, "have no ids"), (7, "7 people and 6 colours")])
def test_colours_that_may_mislead_are_told(comfyui, source, count, sentence):
    person = {"pose_keypoints_2d": [10.0, 10.0, 1.0] * 18}
    frame = {"people": [person] * count, "canvas_width": 64, "canvas_height": 64}
    run = comfyui.run(
        {
            "given": source("POSE_KEYPOINT", [frame, frame]),
            "ids": node("SapiensIdentityMasks", poses=["given", 0]),
        }
    )
    assert run.success, run.messages
    assert sentence in told(run)
