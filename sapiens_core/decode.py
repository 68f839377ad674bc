"""From heatmaps to sub-pixel keypoints.

The maximum gives the score and the cell; a Newton step on the logarithm of the blurred map gives
the offset within the cell (DARK, Zhang et al. 2020, in the unbiased form of UDP, Huang et al.
2020). Formulas follow the reference: ``pose/mmpose/codecs/udp_heatmap.py`` and ``codecs/utils/
{post_processing,refinement}.py``. Where the reference returns NaN, infinity or a keypoint far from
the maximum, this module returns the maximum's cell.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

BLUR_RADIUS = 5
"""Cells on either side of the blur's centre, as in the reference's kernel of 11."""
BLUR_SIGMA = 2.0
"""Standard deviation that OpenCV chooses for a kernel of 11 cells: 0.3 * (5 - 1) + 0.8."""
LOG_RANGE = (1e-3, 50.0)
"""Range that the blurred map is clipped to before its logarithm, as in the reference."""
HESSIAN_EPS = 1.1920929e-07
"""Number that the reference adds to the second derivatives: the float32 rounding step at 1."""
MAX_OFFSET_CELLS = 2.0
"""Maximum length of the Newton step in x or y, in cells; a longer one is ignored."""
MAX_SCORE = 1e6
"""Maximum absolute value of a heatmap; normal maxima are about 1, and larger values overflowed."""


def _gaussian() -> Tensor:
    """(11,) float32 weights of the blur, sum 1."""
    steps = torch.arange(-BLUR_RADIUS, BLUR_RADIUS + 1, dtype=torch.float64)
    kernel = torch.exp(-(steps**2) / (2 * BLUR_SIGMA**2))
    return (kernel / kernel.sum()).float()


_KERNEL = _gaussian()
_BANDS = torch.stack([F.pad(_KERNEL, (shift, 2 - shift)) for shift in range(3)])
"""(3, 13) weights of 13 cells that blur the cell before the middle, the middle, and the next."""


def decode(heatmaps: Tensor, max_offset_cells: float = MAX_OFFSET_CELLS) -> tuple[Tensor, Tensor]:
    """Finds the keypoint of each heatmap.

    Args:
        heatmaps: (B, K, h, w) raw network output, on any device and of any float dtype.
        max_offset_cells: a Newton step longer than this, in x or y, is ignored.

    Returns:
        keypoints_heatmap: (B, K, 2) float32 x, y in heatmap cells, always finite. A map without
            a positive value has no keypoint: the result is (-1, -1), as in the reference.
        scores: (B, K) float32 maximum of each map, at most ``MAX_SCORE``; 0 or less means not
            found. NaN in a map counts as 0.
    """
    maps = heatmaps.float()
    cells, scores = _argmax(maps)
    if not (scores.abs() <= MAX_SCORE).all():  # NaN is not
        maps = torch.nan_to_num(maps).clamp(-MAX_SCORE, MAX_SCORE)
        cells, scores = _argmax(maps)
    # Nine numbers per map go to the CPU, as Apple's GPUs have no float64.
    offsets = _newton_offsets(_log_neighbourhoods(maps, cells, scores).cpu()).to(maps.device)
    found = scores > 0
    usable = (offsets.abs() <= max_offset_cells).all(-1) & found  # NaN is not
    keypoints = cells + torch.where(usable[..., None], offsets, 0.0)
    return torch.where(found[..., None], keypoints, -1.0), scores


def _argmax(maps: Tensor) -> tuple[Tensor, Tensor]:
    """(B, K, 2) int64 x, y of the first maximum in row-major order, and (B, K) its value."""
    # Maxima are four times as fast as their positions, so positions are found in one row per map.
    y = maps.amax(dim=-1).argmax(dim=-1)
    width = maps.shape[-1]
    rows = maps.gather(-2, y[..., None, None].expand(*y.shape, 1, width)).squeeze(-2)
    x = rows.argmax(dim=-1)
    scores = rows.gather(-1, x[..., None]).squeeze(-1)
    return torch.stack((x, y), dim=-1), scores


def _log_neighbourhoods(maps: Tensor, cells: Tensor, scores: Tensor) -> Tensor:
    """(B, K, 3, 3) logarithm of the blurred, rescaled and clipped maps around each cell.

    Rescaling a map adds a constant to its logarithm, which no derivative depends on. The constant,
    and with it the maximum of the whole blurred map, matters only where ``LOG_RANGE`` may clip:
    only those maps, few in practice, are blurred as a whole.
    """
    near = _blurred_neighbourhoods(maps, cells)
    rescale = torch.ones_like(scores)
    # The true factor lies between 1 and score / near.max.
    clipped = (near.amin(dim=(-2, -1)) < LOG_RANGE[0]) | (scores > LOG_RANGE[1])
    clipped &= scores > 0
    if clipped.any():
        rescale[clipped] = scores[clipped] / _blurred_maxima(maps[clipped])
    return (near * rescale[..., None, None]).clamp(*LOG_RANGE).log()


def _blurred_neighbourhoods(maps: Tensor, cells: Tensor) -> Tensor:
    """(B, K, 3, 3) blurred values around each cell of zero-padded maps; edges are repeated."""
    width, height = maps.shape[-1], maps.shape[-2]
    last = torch.tensor(((width - 1,), (height - 1,)), device=maps.device)
    reach = BLUR_RADIUS + 1
    steps = torch.arange(-reach, reach + 1, device=maps.device)
    positions = cells[..., None] + steps  # (B, K, 2, 13) columns and rows around the cell
    on_map = torch.minimum(positions.clamp(min=0), last)
    columns, rows = on_map.unbind(-2)
    index = rows[..., :, None] * width + columns[..., None, :]
    values = maps.flatten(2).gather(-1, index.flatten(2)).view(index.shape)
    columns_exist, rows_exist = (positions == on_map).unbind(-2)
    values = torch.where(rows_exist[..., :, None] & columns_exist[..., None, :], values, 0.0)
    # The cell and its two neighbours, or at an edge the cell itself again.
    near = on_map[..., reach - 1 : reach + 2] - positions[..., :1]
    weights_x, weights_y = _BANDS.to(maps.device)[near - BLUR_RADIUS].unbind(2)  # (B, K, 3, 13)
    # Not a matrix product: its rounding depends on the other people in the batch.
    blurred_rows = (weights_y[..., :, :, None] * values[..., None, :, :]).sum(-2)
    return (blurred_rows[..., :, None, :] * weights_x[..., None, :, :]).sum(-1)


def _blurred_maxima(maps: Tensor) -> Tensor:
    """(N,) maximum of each of (N, h, w) maps after the blur."""
    kernel = _KERNEL.to(maps.device)
    blurred = F.conv2d(maps[:, None], kernel.view(1, 1, 1, -1), padding=(0, BLUR_RADIUS))
    blurred = F.conv2d(blurred, kernel.view(1, 1, -1, 1), padding=(BLUR_RADIUS, 0))
    return blurred.amax(dim=(-3, -2, -1))


def _newton_offsets(log_maps: Tensor) -> Tensor:
    """(B, K, 2) step in cells from the centre of (B, K, 3, 3) to the top of the parabola there.

    The mixed derivative is the reference's one-diagonal form, not the symmetric one.
    """
    (up_left, up, _), (left, here, right), (_, down, down_right) = (
        row.unbind(-1) for row in log_maps.unbind(-2)
    )
    gradient = torch.stack((0.5 * (right - left), 0.5 * (down - up)), dim=-1).double()
    dxx = right - 2 * here + left
    dyy = down - 2 * here + up
    dxy = 0.5 * (down_right - right - down + 2 * here - left - up + up_left)
    a, b, d = (value.double() for value in (dxx + HESSIAN_EPS, dxy, dyy + HESSIAN_EPS))
    determinant = a * d - b * b
    inverse_times_gradient = torch.stack(
        (d * gradient[..., 0] - b * gradient[..., 1], a * gradient[..., 1] - b * gradient[..., 0]),
        dim=-1,
    )
    return (-inverse_times_gradient / determinant[..., None]).float()
