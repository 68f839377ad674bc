"""Measured lengths against those of puppets."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.convert_sets import convert_pose
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17, OPENPOSE_136
from comfyui_sapiens_pose.skeletons.retarget.body_table import NAMES, length_index
from comfyui_sapiens_pose.skeletons.retarget.limb_lengths import Body, measure_body
from comfyui_sapiens_pose.skeletons.retarget.person_points import (
    PersonPoints,
    convert_points,
    stack_poses,
)
from comfyui_sapiens_pose.skeletons.retarget.rigid_parts import measure_heads
from helpers.puppets import (
    ADULT,
    BODIES,
    Puppet,
    film,
    frames_of,
    make_motion,
    noisy,
    portrait,
)

LIMBS = ("shoulders", "hips", "trunk", "upper_arm", "forearm", "thigh", "shin")


def measure(person: PersonPoints) -> Body:
    steps = np.ones(len(person) - 1)
    body = measure_body(person, measure_heads(person, 0.3), steps, 0.3)
    assert body is not None
    return body


def film_of(puppet, kind: str, angle: float = 0.3, noise: float = 0.0, distance: float = 8.0):
    keypoints = noisy(film(puppet, make_motion(kind).turned(angle), distance), noise)
    return stack_poses([frame.poses[0] for frame in frames_of(keypoints)])


def errors(body: Body, puppet) -> dict[str, float]:
    """Log errors of the limbs, the mean over all of them apart."""
    logs = {name: body.log_lengths[length_index(name)] for name in LIMBS}
    wrong = {name: log - np.log(getattr(puppet, name)) for name, log in logs.items()}
    mean = np.mean(list(wrong.values()))
    return {name: float(value - mean) for name, value in wrong.items()}


@pytest.mark.parametrize("name", [None, *BODIES])
@pytest.mark.parametrize("kind", ["wave", "turn", "march"])
def test_lengths_are_found_within_a_tenth(name, kind):
    puppet = BODIES[name] if name else ADULT
    found = errors(measure(film_of(puppet, kind)), puppet)
    assert max(map(abs, found.values())) < 0.1, found


@pytest.mark.parametrize("keypoint_set", [COCO_17, OPENPOSE_136], ids=lambda each: each.name)
def test_one_look_at_a_drawn_figure_is_believed(keypoint_set):
    """Its legs are shorter than its trunk."""
    figure = Puppet(0.22, 0.12, 0.25, 0.14, 0.12, 0.10, 0.10, 0.2, 2.0, 0.8, 0.8)
    look = stack_poses([convert_pose(portrait(figure), keypoint_set)])
    found = errors(measure(convert_points(look)), figure)
    assert max(map(abs, found.values())) < 0.1, found


def test_noise_adds_little():
    found = errors(measure(film_of(ADULT, "wave", noise=0.01)), ADULT)
    assert max(map(abs, found.values())) < 0.12, found


def test_sitting_for_long_does_not_shorten_thighs():
    found = errors(measure(film_of(ADULT, "sit", angle=0.0)), ADULT)
    assert abs(found["thigh"]) < 0.2
    assert abs(found["shin"]) < 0.15


def test_a_profile_does_not_narrow_shoulders():
    found = errors(measure(film_of(ADULT, "stand", angle=1.3)), ADULT)
    assert abs(found["shoulders"]) < 0.25


def test_size_follows_the_camera():
    body = measure(film_of(ADULT, "closer", distance=4.0))
    growth = body.log_sizes - body.log_sizes[0]
    wanted = np.log(4.0 / (4.0 - make_motion("closer").near))
    assert np.abs(growth - wanted).max() < 0.05


def test_a_hand_that_reaches_for_the_camera_is_no_larger():
    index = length_index("hand")
    hanging, reaching = (
        measure(film_of(ADULT, kind, angle=0.0, distance=2.5)) for kind in ("stand", "reach")
    )
    assert abs(hanging.log_lengths[index] - reaching.log_lengths[index]) < 0.15


def test_what_is_never_seen_follows_the_other_lengths():
    person = film_of(BODIES["long arms"], "wave")
    scores = person.scores.copy()
    scores[:, [9, 10]] = 0.1  # wrists
    body = measure(PersonPoints(person.keypoints, scores, person.keypoint_set))
    adult = measure(film_of(ADULT, "wave"))
    forearm = length_index("forearm")
    assert body.measured.tolist() == [name != "forearm" for name in NAMES]
    assert body.variances[forearm] > 2 * adult.variances[forearm]
    assert body.log_lengths[forearm] - body.log_lengths[length_index("trunk")] > (
        adult.log_lengths[forearm] - adult.log_lengths[length_index("trunk")]
    )


def test_nothing_seen_is_no_body():
    person = film_of(ADULT, "stand")
    nothing = PersonPoints(person.keypoints, 0 * person.scores, person.keypoint_set)
    assert measure_body(nothing, measure_heads(nothing, 0.3), np.ones(47), 0.3) is None
