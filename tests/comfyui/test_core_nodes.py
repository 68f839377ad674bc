"""ComfyUI's own nodes read and draw our poses, and ours theirs."""

import numpy as np
import pytest
from base_folder import CORE_POSES, ROOT
from graphs import FILE_TO_SKELETON, PHOTO_TO_SKELETON, THREE_FRAMES, changed, node
from pictures import read_picture


def test_core_json_is_drawn_as_core_draws_it(comfyui):
    graph = changed(FILE_TO_SKELETON, "render", style="core", hands_swapped=True)
    run = comfyui.run(graph)
    assert run.success, run.messages
    (picture,) = comfyui.pictures(run.outputs["show"])
    golden = ROOT / "tests" / "golden" / "openpose" / CORE_POSES.replace("_pose.json", ".png")
    np.testing.assert_array_equal(picture, read_picture(golden))


def test_our_pose_keypoint_is_drawn_by_core(comfyui):
    run = comfyui.run(
        {
            "file": node("SapiensPoseLoad", file=CORE_POSES),
            "core": node("SDPoseDrawKeypoints", keypoints=["file", 1]),
            "core picture": node("PreviewImage", images=["core", 0]),
            "ours": node("SapiensPoseRender", poses=["file", 1], style="core"),
            "our picture": node("PreviewImage", images=["ours", 0]),
        }
    )
    assert run.success, run.messages
    (core,) = comfyui.pictures(run.outputs["core picture"])
    (ours,) = comfyui.pictures(run.outputs["our picture"])
    assert core.any()
    np.testing.assert_array_equal(core, ours)


def test_the_pose_of_a_photo_is_drawn_by_core(comfyui):
    graph = {
        **THREE_FRAMES,
        "core": node("SDPoseDrawKeypoints", keypoints=["pose", 1]),
        "core picture": node("PreviewImage", images=["core", 0]),
    }
    run = comfyui.run(graph)
    assert run.success, run.messages
    first, middle, last = comfyui.pictures(run.outputs["core picture"])
    assert first.any()
    assert not middle.any()
    np.testing.assert_array_equal(first, last)


def test_faces_of_our_pose_keypoint_are_cut_out_by_core(comfyui):
    run = comfyui.run(
        {
            **FILE_TO_SKELETON,
            "faces": node("SDPoseFaceBBoxes", keypoints=["file", 1], scale=1.0),
            "cut": node("CropByBBoxes", image=["render", 0], bboxes=["faces", 0]),
            "cut picture": node("PreviewImage", images=["cut", 0]),
        }
    )
    assert run.success, run.messages
    (whole,) = comfyui.pictures(run.outputs["show"])
    (cut,) = comfyui.pictures(run.outputs["cut picture"])
    assert cut.shape == (512, 512, 3)
    # Faces are drawn in white, and are most of what is in the cut.
    assert (cut == 255).all(axis=-1).mean() > 2 * (whole == 255).all(axis=-1).mean() > 0


def test_our_boxes_are_shown_by_core(comfyui):
    if "DrawBBoxes" not in comfyui.nodes.NODE_CLASS_MAPPINGS:
        pytest.skip("this ComfyUI has no DrawBBoxes; it came with 0.19")
    run = comfyui.run(
        {
            **THREE_FRAMES,
            "draw": node("DrawBBoxes", image=["three", 0], bboxes=["pose", 2]),
            "boxes": node("PreviewImage", images=["draw", 0]),
            "plain": node("PreviewImage", images=["photo", 0]),
        }
    )
    assert run.success, run.messages
    first, middle, last = comfyui.pictures(run.outputs["boxes"])
    (photo,) = comfyui.pictures(run.outputs["plain"])
    np.testing.assert_array_equal(middle, photo)
    np.testing.assert_array_equal(first, last)
    # The mask was all of the picture, so the frame around it is drawn and its middle is not.
    assert (first[0] != photo[0]).any(axis=-1).mean() > 0.9
    np.testing.assert_array_equal(first[100:-100, 100:-100], photo[100:-100, 100:-100])


def test_a_box_of_core_is_taken(comfyui):
    box = {"x": 0, "y": 0, "width": 640, "height": 425}
    graph = changed(PHOTO_TO_SKELETON, "pose", bboxes=["box", 0])
    run = comfyui.run({**graph, "box": node("PrimitiveBoundingBox", **box)})
    whole = comfyui.run(PHOTO_TO_SKELETON)
    assert run.success, run.messages
    np.testing.assert_array_equal(
        comfyui.pictures(run.outputs["show"])[0], comfyui.pictures(whole.outputs["show"])[0]
    )
