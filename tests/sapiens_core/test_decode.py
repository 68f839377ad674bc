"""Heatmaps to keypoints: the reference's numbers where it is well conditioned, sense elsewhere."""

import numpy as np
import plain
import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.decode import MAX_OFFSET_CELLS, MAX_SCORE, decode

pytestmark = pytest.mark.portable

NAN, INF = float("nan"), float("inf")

NO_LIMIT = float("inf")


def to_input_px(keypoints_heatmap: torch.Tensor, heatmaps: np.ndarray) -> np.ndarray:
    """The reference's unit: heatmap cells times input size over (cells - 1)."""
    height, width = heatmaps.shape[-2:]
    cells = keypoints_heatmap.double().numpy()
    return cells / (width - 1, height - 1) * (4 * width, 4 * height)


@pytest.mark.parametrize(
    ("maps", "tag"), [("heatmaps", "noflip"), ("heatmaps_flipavg", "flip")], ids=["plain", "flip"]
)
def test_network_heatmaps_decode_as_the_reference(e2e, maps, tag):
    golden = e2e[2]
    heatmaps = golden[maps]
    keypoints, scores = decode(torch.from_numpy(heatmaps), max_offset_cells=NO_LIMIT)
    stable = golden[f"sens_{tag}"] < 0.05
    error = np.abs(to_input_px(keypoints, heatmaps) - golden[f"keypoints_input_{tag}"]).max(-1)
    assert stable.mean() > 0.85
    assert error[stable].max() <= 0.05
    assert np.array_equal(scores.numpy(), golden[f"scores_{tag}"])


def test_long_newton_steps_fall_back_to_the_maximum(e2e):
    heatmaps = torch.from_numpy(e2e[2]["heatmaps"])
    unlimited, _ = decode(heatmaps, max_offset_cells=NO_LIMIT)
    limited, _ = decode(heatmaps)
    width = heatmaps.shape[-1]
    flat = heatmaps.flatten(2).argmax(-1)
    cells = torch.stack((flat % width, flat // width), -1).float()
    far = ((unlimited - cells).abs() > MAX_OFFSET_CELLS).any(-1)
    assert 0 < far.float().mean() < 0.5
    assert torch.equal(limited[far], cells[far])
    assert torch.equal(limited[~far], unlimited[~far])


def test_codec_cases_decode_as_the_reference(sapiens1):
    with np.load(sapiens1 / "codec_133.npz") as golden:
        keypoints, scores = decode(torch.from_numpy(golden["heatmaps"])[None])
        error = np.abs(to_input_px(keypoints, golden["heatmaps"]) - golden["keypoints_input"])
        stable = golden["sens"] < 0.1
        assert stable.sum() >= 120
        assert error[0].max(-1)[stable].max() <= 0.02
        assert np.array_equal(scores.numpy(), golden["scores"])


@pytest.mark.parametrize("fill", [0.0, -1.0, 0.4, 1e30, float("inf"), float("-inf"), float("nan")])
def test_flat_maps_never_give_nan_or_infinity(fill):
    keypoints, scores = decode(torch.full((1, 2, 64, 48), fill))
    assert keypoints.isfinite().all()
    assert scores.isfinite().all()


@pytest.mark.parametrize("fill", [0.0, -1.0])
def test_maps_without_a_positive_value_have_no_keypoint(fill):
    keypoints, scores = decode(torch.full((1, 1, 64, 48), fill))
    assert scores.item() == fill
    assert keypoints.tolist() == [[[-1.0, -1.0]]]


def test_equal_maxima_take_the_first_in_row_major_order():
    maps = torch.zeros(1, 1, 16, 12)
    maps[0, 0, 4, 9] = maps[0, 0, 9, 3] = 1.0
    keypoints, _ = decode(maps)
    assert torch.equal(keypoints.round()[0, 0], torch.tensor([9.0, 4.0]))


def gaussian(x: float, y: float) -> torch.Tensor:
    rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(48.0), indexing="ij")
    return torch.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 18)


def test_sub_pixel_positions_are_found():
    truth = torch.tensor([[20.3, 30.7], [10.5, 40.25], [33.0, 22.1]])
    keypoints, scores = decode(torch.stack([gaussian(*xy.tolist()) for xy in truth])[None])
    assert (keypoints[0] - truth).abs().max() < 1e-2
    assert scores.min() > 0.9


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_any_float_type_is_decoded_in_float32(dtype):
    keypoints, scores = decode(gaussian(20.3, 30.7)[None, None].to(dtype))
    assert keypoints.dtype == scores.dtype == torch.float32
    assert (keypoints - torch.tensor([20.3, 30.7])).abs().max() < 0.2


def noise(rng):
    return rng.normal(0, 1, (64, 48))


def faint_noise(rng):
    return rng.uniform(0, 3e-3, (64, 48))


def faint_blob(rng):
    return 2e-3 * gaussian(*rng.uniform(5, 40, 2)).numpy() + rng.uniform(0, 1e-4, (64, 48))


def huge_blob(rng):
    return 80 * gaussian(*rng.uniform(5, 40, 2)).numpy() + noise(rng)


def blob_on_negatives(rng):
    return gaussian(*rng.uniform(5, 40, 2)).numpy() - 0.3


def blob_at_the_border(rng):
    return gaussian(rng.uniform(-2, 2), rng.uniform(60, 66)).numpy() + 0.01 * noise(rng)


@pytest.mark.parametrize(
    "make",
    [noise, faint_noise, faint_blob, huge_blob, blob_on_negatives, blob_at_the_border],
    ids=lambda make: make.__name__,
)
def test_looking_at_the_neighbourhood_alone_changes_nothing(make):
    rng = np.random.default_rng(7)
    maps = np.stack([make(rng) for _ in range(60)]).astype(np.float32)
    expected, scores = plain.decode(maps)
    keypoints, found_scores = decode(torch.from_numpy(maps)[None], max_offset_cells=NO_LIMIT)
    cells = np.array([np.unravel_index(heatmap.argmax(), (64, 48))[::-1] for heatmap in maps])
    believed = (np.abs(expected - cells) <= MAX_OFFSET_CELLS).all(-1)
    assert believed.mean() > 0.3
    assert np.abs(keypoints[0].numpy() - expected)[believed].max() < 1e-3
    assert np.array_equal(found_scores[0].numpy(), scores)


def test_nobody_decodes_to_nothing():
    keypoints, scores = decode(torch.zeros(0, 17, 64, 48))
    assert keypoints.shape == (0, 17, 2)
    assert scores.shape == (0, 17)


def test_each_map_is_decoded_alone():
    first, second = gaussian(12.4, 13.3), gaussian(30.1, 50.8)
    together, _ = decode(torch.stack((first, second))[None])
    alone, _ = decode(second[None, None])
    assert torch.allclose(together[0, 1], alone[0, 0], atol=1e-5)


def test_a_person_decodes_the_same_whoever_else_is_in_the_batch():
    rng = np.random.default_rng(0)
    maps = torch.from_numpy(rng.random((4, 133, 64, 48), dtype=np.float32))
    together, _ = decode(maps)
    for size in (1, 2, 3):
        apart = torch.cat([decode(part)[0] for part in maps.split(size)])
        assert torch.equal(apart, together)


def blob(fill: float = 0.0) -> torch.Tensor:
    """(1, 1, 16, 12) ``fill`` around a smooth maximum at 5, 9."""
    rows, columns = torch.meshgrid(torch.arange(16.0), torch.arange(12.0), indexing="ij")
    maps = torch.exp(-((columns - 5) ** 2 + (rows - 9) ** 2) / 8)
    return torch.where(maps > 0.01, maps, fill)[None, None]


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize(
    ("fill", "at", "score"),
    [
        (0.0, (-1, -1), 0),
        (-5.0, (-1, -1), -5),
        (0.5, (0, 0), 0.5),
        (NAN, (-1, -1), 0),
        (-INF, (-1, -1), -MAX_SCORE),
        (INF, (0, 0), MAX_SCORE),
        (1e30, (0, 0), MAX_SCORE),
    ],
)
def test_flat_heatmaps(fill: float, at: tuple[int, int], score: float) -> None:
    points, scores = decode(torch.full((1, 1, 16, 12), fill))
    assert (points[0, 0] - torch.tensor(at)).abs().max() < 0.51  # flat maps lean to the corner
    assert scores.item() == score


@pytest.mark.promise("Any number gets an answer")
@pytest.mark.parametrize("fill", [NAN, -INF, -1e30])
def test_a_maximum_among_what_is_no_number_is_found(fill: float) -> None:
    points, scores = decode(blob(fill))
    assert (points - torch.tensor([5.0, 9.0])).abs().max() <= 1
    assert scores.item() == 1


@pytest.mark.promise("Any number gets an answer")
def test_an_infinite_cell_is_the_maximum() -> None:
    maps = blob()
    maps[0, 0, 2, 3] = INF
    points, scores = decode(maps)
    assert points.tolist() == [[[3, 2]]]
    assert scores.item() == MAX_SCORE


@pytest.mark.promise("Any number gets an answer")
def test_one_broken_heatmap_does_not_touch_the_others() -> None:
    broken = torch.full_like(blob(), NAN)
    together, scores = decode(torch.cat([blob(), broken], 1))
    alone, _ = decode(blob())
    assert torch.allclose(together[:, :1], alone, atol=1e-5)
    assert scores[0].tolist() == [1, 0]
