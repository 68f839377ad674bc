"""Render takes any picture as the background: of another size, another shape, other frames."""

import numpy as np
import pytest
from graphs import PHOTO_TO_SKELETON, changed, node


def scaled(width, height):
    return node(
        "ImageScale",
        image=["photo", 0],
        width=width,
        height=height,
        crop="disabled",
        upscale_method="bilinear",
    )


def over(background, **options):
    """The skeleton of the photo, which is 640 x 425, over another image."""
    graph = {
        **PHOTO_TO_SKELETON,
        "another": background,
        "plain": node("PreviewImage", images=["another", 0]),
    }
    return changed(graph, "render", background="image", image=["another", 0], **options)


def shown(comfyui, graph):
    run = comfyui.run(graph)
    assert run.success, (run.node_errors, run.messages)
    return comfyui.pictures(run.outputs["show"]), comfyui.pictures(run.outputs["plain"])


@pytest.mark.parametrize("size_wh", [(1280, 850), (320, 320), (100, 850)])
def test_a_background_of_another_size_is_the_size_of_the_drawing(comfyui, size_wh):
    (drawn,), (background,) = shown(comfyui, over(scaled(*size_wh)))
    assert drawn.shape == (*size_wh[::-1], 3)
    # Core's preview cuts off the fraction of a level that our images are rounded by.
    covered = (np.abs(drawn.astype(int) - background) > 1).any(axis=-1)
    assert 0 < covered.mean() < 0.2


def test_a_background_of_another_shape_than_the_drawing_follows_layout(comfyui):
    white = node("EmptyImage", width=30, height=60, color=0xFFFFFF)
    graph = over(white, body=False, hands=False, face=False, width=90, height=60)
    (fitted,), _ = shown(comfyui, graph)
    (filled,), _ = shown(comfyui, changed(graph, "render", layout="fill"))
    lit = np.zeros((60, 90), bool)
    lit[:, 30:60] = True
    np.testing.assert_array_equal(fitted[..., 0] > 0, lit)
    assert (filled == 255).all()


@pytest.mark.parametrize(("frames", "backgrounds"), [(3, 1), (3, 2), (1, 3)])
def test_the_last_frame_of_a_background_serves_those_beyond_it(comfyui, frames, backgrounds):
    graph = over(node("ImageBatch", image1=["first", 0], image2=["others", 0]))
    graph |= {
        "first": node("EmptyImage", width=64, height=42, color=0x0000FF),
        "others": node("EmptyImage", width=64, height=42, batch_size=2, color=0x00FF00),
        "some": node("ImageFromBatch", image=["another", 0], batch_index=0, length=backgrounds),
        "frames": node("RepeatImageBatch", image=["photo", 0], amount=frames),
    }
    graph = changed(changed(graph, "pose", image=["frames", 0]), "render", image=["some", 0])
    drawn, _ = shown(comfyui, graph)
    corners = [tuple(picture[0, 0]) for picture in drawn]
    blue, green = (0, 0, 255), (0, 255, 0)
    assert corners == ([blue, green, green] if backgrounds > 1 else [blue] * 3)[:frames]
