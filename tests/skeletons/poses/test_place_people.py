"""People on another canvas."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from comfyui_sapiens_pose.skeletons.pose import Frame, Pose
from comfyui_sapiens_pose.skeletons.poses.place_people import MARGIN, place_people


def person(low, high, canvas_wh, outside=()):
    """Somebody whose keypoints lie on a line, but for some joints far below the canvas."""
    points = np.linspace(low, high, len(COCO_17))
    points[list(outside)] += (0, 5000)
    return Pose(points, np.ones(len(COCO_17)), COCO_17, canvas_wh, [*low, *high])


@pytest.mark.parametrize("canvas_wh", [(300, 900), (900, 300), (512, 512)])
def test_people_fill_the_canvas_up_to_the_margin(canvas_wh):
    people = (person((10, 20), (60, 120), (200, 200)), person((80, 30), (110, 180), (200, 200)))
    placed = place_people(Frame((200, 200), people), canvas_wh)
    points = np.concatenate([pose.keypoints_image for pose in placed.poses])
    low, high = points.min(axis=0), points.max(axis=0)
    assert low + high == pytest.approx(np.array(canvas_wh))
    room = (1 - 2 * MARGIN) * np.array(canvas_wh) - (high - low)
    assert room.min() == pytest.approx(0)
    before = np.concatenate([pose.keypoints_image for pose in people])
    scale = (points[1] - points[0])[0] / (before[1] - before[0])[0]
    assert points - points[0] == pytest.approx(scale * (before - before[0]))
    assert placed.poses[0].box_xyxy == pytest.approx([*points[0], *points[16]])


def test_what_lay_outside_does_not_count():
    frames = [
        Frame((200, 200), (person((10, 20), (60, 120), (200, 200), outside),))
        for outside in ((), (3, 7))
    ]
    whole, cut = (place_people(frame, (400, 400)).poses[0].keypoints_image for frame in frames)
    kept = [joint for joint in range(17) if joint not in (3, 7)]
    assert cut[kept] == pytest.approx(whole[kept])


@pytest.mark.parametrize("poses", [(), (person((500, 500), (600, 600), (200, 200)),)])
def test_nobody_to_be_seen_keeps_the_canvas(poses):
    placed = place_people(Frame((200, 200), poses), (400, 400))
    assert placed.canvas_wh == (400, 400)
    assert len(placed.poses) == len(poses)


def test_on_the_same_canvas_nothing_changes():
    frame = Frame((200, 200), (person((10, 20), (60, 120), (200, 200)),))
    assert place_people(frame, (200, 200)) is frame
