"""How the camera moves, found from images that are made for it, and tracks that follow it."""

import cv2
import numpy as np
import pytest
from comfyui_sapiens_pose.sapiens_core.clip.images.camera import (
    SIDE,
    find_motion,
    find_motions,
    local_motion,
    make_grey,
)
from comfyui_sapiens_pose.sapiens_core.clip.tracker import TrackOptions, follow
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers.scenes import CANVAS, figure, make_pose

SMALL = (640, 360)
"""Size in which images are made; people and truth are in pixels of ``CANVAS``, twice as large."""
STILL = np.eye(3)


def patches(seed: int = 0):
    """(720, 1280, 3) an image of soft and small patches, in pixels of ``SMALL``, with a border."""
    rng = np.random.default_rng(seed)
    layers = [
        cv2.resize(
            rng.uniform(0, 85, (9 * n, 16 * n, 3)), (1280, 720), interpolation=cv2.INTER_CUBIC
        )
        for n in (1, 3, 8)
    ]
    return np.clip(sum(layers), 0, 255).astype(np.uint8)


WORLD = patches()


def shift(dx, dy=0.0):
    return np.array([[1, 0, dx], [0, 1, dy], [0, 0, 1]], float)


def about_middle(zoom: float, degrees: float = 0.0):
    matrix = cv2.getRotationMatrix2D((CANVAS[0] / 2, CANVAS[1] / 2), degrees, zoom)
    return np.vstack([matrix, (0, 0, 1)])


def turn(degrees: float, focal_px: float = 900.0):
    """A camera that turns to the side: no similarity, since the edges move farther."""
    angle = np.radians(degrees)
    camera = np.array([[focal_px, 0, CANVAS[0] / 2], [0, focal_px, CANVAS[1] / 2], [0, 0, 1]])
    c, s = np.cos(angle), np.sin(angle)
    return camera @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ np.linalg.inv(camera)


def photo(way, people=(), seed=0, world=WORLD):
    """The image of a camera that has moved by the homography ``way``, with people and noise."""
    half = np.diag([0.5, 0.5, 1])
    place = shift(-320, -180)
    image = cv2.warpPerspective(world, half @ way @ np.linalg.inv(half) @ place, SMALL)
    for keypoints in people:
        for x, y in keypoints / 2:
            cv2.circle(image, (int(x), int(y)), 12, (int(x * 7) % 255, 250, 20), -1)
    noise = np.random.default_rng(seed).normal(0, 3, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def frame(people=()):
    return Frame(CANVAS, [make_pose(keypoints) for keypoints in people])


WAYS = {
    "still": STILL,
    "shift": shift(40, -16),
    "large shift": shift(100),
    "zoom": about_middle(1.1),
    "zoom out": about_middle(0.9),
    "roll": about_middle(1, 5),
    "pan of 60 degrees a second at 12 frames a second": turn(5),
    "all of it": shift(-30, 10) @ about_middle(1.04, 2) @ turn(1.5),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_motion_is_that_of_the_camera_not_of_the_people(way):
    """People cover a third of the image and walk the other way."""
    before, after = (
        [figure((x + step, 360), 500, step / 20) for x in (200, 420, 900)] for step in (0, -60)
    )
    greys = make_grey(photo(STILL, before)), make_grey(photo(way, after, seed=1))
    motion = find_motion(*greys, frame(before))
    for corner in ((160, 90), (1120, 90), (640, 360), (160, 630), (1120, 630)):
        expected = local_motion(way, np.array(corner))[0]
        assert np.linalg.norm(local_motion(motion, np.array(corner))[0] - expected) < 5
    assert np.array_equal(motion, STILL) == (way is STILL)


GREY = make_grey(photo(STILL))
FLAT = np.full_like(GREY, 128)
EVERYWHERE = np.random.default_rng(0).uniform((0, 0), CANVAS, (17, 2))
UNKNOWN = {
    "nothing to see": (FLAT, FLAT, ()),
    "nothing to see any more": (GREY, FLAT, ()),
    "another place": (GREY, make_grey(photo(STILL, world=patches(9))), ()),
    "another size": (GREY, GREY[:, :-1], ()),
    "a strip": (GREY[:8], GREY[:8], ()),
    "somebody in front of everything": (GREY, GREY, [EVERYWHERE]),
}


@pytest.mark.parametrize(("before", "after", "people"), UNKNOWN.values(), ids=UNKNOWN)
def test_without_enough_to_see_the_motion_is_unknown(before, after, people):
    assert find_motion(before, after, frame(people)) is None


@pytest.mark.parametrize(
    ("size_hw", "expected"),
    [
        ((1, 1), (160, 160)),
        ((720, 1280), (90, 160)),
        ((1280, 720), (160, 90)),
        ((2, 900), (1, 160)),
    ],
)
def test_grey_images_have_one_long_side(size_hw, expected):
    assert make_grey(np.zeros((*size_hw, 3), np.uint8)).shape == expected
    assert max(expected) == SIDE


def test_an_image_that_is_not_known_hides_two_motions():
    images = [(GREY, frame()), (GREY, frame()), (None, frame()), (GREY, frame()), (GREY, frame())]
    motions = list(find_motions(images))
    assert [motion is None for motion in motions] == [True, False, True, True, False]
    assert [motion is None for motion in find_motions(images[:1], (GREY, frame()))] == [False]
    assert list(find_motions([])) == []


def test_a_derivative_is_that_of_the_homography():
    way, point, step = turn(8), np.array([900.0, 200.0]), np.array([0.01, -0.02])
    moved, derivative = local_motion(way, point)
    there, _ = local_motion(way, point + step)
    np.testing.assert_allclose(derivative @ step, there - moved, atol=1e-5)


def jerky_pan(num_frames: int):
    """Two people who stand, and a camera that jerks so far that nobody is foreseen without it."""
    steps = np.random.default_rng(3).choice([-220, 220], num_frames - 1)
    steps[1::2] = -steps[::2][: len(steps[1::2])]
    motions = [None, *(shift(step) for step in steps)]
    places = np.cumsum([0, *steps])
    people = [[figure((x + place, 400), 250, 0) for x in (500, 800)] for place in places]
    return [frame(each) for each in people], motions


def ids_of(frames, motions=()):
    tracked = follow(frames, TrackOptions(min_frames=1), (), motions)
    return [[pose.person_id for pose in each.poses] for each in tracked]


def test_ids_last_where_the_camera_jerks_and_images_show_it():
    frames, motions = jerky_pan(12)
    assert ids_of(frames, motions) == [[0, 1]] * 12
    assert ids_of(frames) != [[0, 1]] * 12


def test_somebody_missing_moves_along_with_the_camera():
    frames, motions = jerky_pan(12)
    frames[4:7] = [frame()] * 3
    assert ids_of(frames, motions) == [[0, 1]] * 4 + [[]] * 3 + [[0, 1]] * 5


@pytest.mark.parametrize("unknown", [(), (4,), (4, 5, 6), (5, 8, 9)])
def test_ids_last_where_the_camera_is_lost_for_a_moment_in_a_steady_pan(unknown):
    """The way goes on as it was, and is taken from velocities again when it is found."""
    motions = [None if n in (0, *unknown) else shift(90) for n in range(12)]
    frames = [
        frame([figure((x + 90 * n + 3 * n, 400), 250, 0) for x in (100, 400)]) for n in range(12)
    ]
    frames[5] = frame()
    assert ids_of(frames, motions) == [[0, 1]] * 5 + [[]] + [[0, 1]] * 6


def test_a_camera_that_stands_still_changes_nothing():
    frames = [frame([figure((200 + 9 * n, 400), 250, n / 3)]) for n in range(8)]
    known, unknown = (
        list(follow(frames, TrackOptions(), (), motions)) for motions in ([None, *[STILL] * 7], ())
    )
    assert known == unknown
