"""Sizes of heads, palms and feet do not depend on where they face."""

import numpy as np
import pytest
from comfyui_sapiens_pose.skeletons.retarget.person_points import LAYOUT, stack_poses
from comfyui_sapiens_pose.skeletons.retarget.rigid_parts import (
    FEET,
    HEAD,
    PALMS,
    fit_rigid,
    measure_feet,
    measure_heads,
    measure_palms,
)
from helpers.puppets import ADULT, film, frames_of, make_motion


def rotations(count: int) -> np.ndarray:
    """(count, 3, 3) anyhow."""
    matrices, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(count, 3, 3)))
    return matrices * np.sign(np.linalg.det(matrices))[:, None, None]


@pytest.mark.parametrize("template", [HEAD, *FEET.values()], ids=["head", "left", "right"])
def test_a_template_is_found_at_any_angle(template):
    turned = rotations(50)
    scales, origins = np.linspace(3, 900, 50), np.random.default_rng(1).uniform(0, 999, (50, 2))
    seen = (template.points @ np.swapaxes(turned, 1, 2))[..., :2] * scales[:, None, None]
    weights = np.ones(seen.shape[:2])
    scale, rotation, origin = fit_rigid(seen + origins[:, None], weights, template.points)
    assert np.allclose(scale, scales, rtol=0.02)
    assert np.median(np.linalg.norm(rotation - turned, axis=(1, 2))) < 0.02
    assert np.allclose(origin, origins, atol=0.005 * scales.max())


def person(motion, **scales):
    return stack_poses([frame.poses[0] for frame in frames_of(film(ADULT, motion, 40.0))])


def test_a_head_keeps_its_size_and_tells_where_it_faces():
    motion = make_motion("turn", 40)
    heads = measure_heads(person(motion), 0.3)
    assert np.ptp(heads.log_sizes) < 0.1
    assert np.abs(heads.widths - np.abs(np.cos(motion.turn))).max() < 0.12
    ears = person(motion).keypoints[:, LAYOUT.indices(("left_ear", "right_ear"))].mean(axis=1)
    assert np.abs(heads.centers - ears).max() < 1


@pytest.mark.parametrize("measure", [measure_palms, measure_feet])
def test_palms_and_feet_keep_their_size(measure):
    sizes = measure(person(make_motion("turn", 40)), 0.3)
    assert sizes.shape == (2, 40)
    assert np.abs(sizes - sizes.mean()).max() < 0.2


def test_what_is_not_seen_has_no_size():
    points = person(make_motion("stand", 3))
    scores = points.scores.copy()
    scores[1] = 0.2
    hidden = type(points)(points.keypoints, scores, points.keypoint_set)
    for sizes in (
        measure_heads(hidden, 0.3).log_sizes[None],
        measure_palms(hidden, 0.3),
        measure_feet(hidden, 0.3),
    ):
        assert np.isnan(sizes).tolist() == [[False, True, False]] * len(sizes)


def test_templates_are_those_of_both_sides():
    left, right = (foot.points for foot in FEET.values())
    assert np.array_equal(left * (1, 1, -1), right)
    assert [len(palm.joints) for palm in PALMS.values()] == [6, 6]
