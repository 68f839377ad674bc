"""From heatmaps to sub-pixel keypoints.

The maximum gives the score and the cell; a Newton step on the logarithm of the blurred map gives
the fraction of a cell (DARK, Zhang et al. 2020, in the unbiased form of UDP, Huang et al. 2020).
Formulas follow the reference: ``pose/mmpose/codecs/udp_heatmap.py`` and ``codecs/utils/
{post_processing,refinement}.py``. Where the reference answers with NaN, infinity or a point far
from the maximum, this module answers with the maximum's cell.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

BLUR_RADIUS = 5
BLUR_SIGMA = 2.0
"""OpenCV's choice for an 11-cell kernel: 0.3 * (5 - 1) + 0.8."""

LOG_RANGE = (1e-3, 50.0)
HESSIAN_EPS = 1.1920929e-07
MAX_OFFSET_CELLS = 2.0


def decode(heatmaps: Tensor, max_offset_cells: float = MAX_OFFSET_CELLS) -> tuple[Tensor, Tensor]:
    """Finds the keypoint of each heatmap.

    Args:
        heatmaps: (B, K, h, w) raw network output, on any device and of any float dtype.
        max_offset_cells: a Newton step longer than this, in x or y, is not believed.

    Returns:
        keypoints_heatmap: (B, K, 2) float32 x, y in heatmap cells, always finite. A map without
            a positive value has no keypoint: it is put at (-1, -1), as the reference does.
        scores: (B, K) float32 maximum of each map, unbounded; 0 or less means not found.
    """
    maps = torch.nan_to_num(heatmaps.float())
    cells, scores = _argmax(maps)
    offsets = _newton_offsets(_log_blurred(maps, scores), cells)
    found = scores > 0
    usable = offsets.isfinite().all(-1) & (offsets.abs() <= max_offset_cells).all(-1) & found
    keypoints = cells + torch.where(usable[..., None], offsets, 0.0)
    return torch.where(found[..., None], keypoints, -1.0), scores


def _argmax(maps: Tensor) -> tuple[Tensor, Tensor]:
    """(B, K, 2) int64 x, y of the first maximum in row-major order, and (B, K) its value."""
    scores, flat = maps.flatten(2).max(dim=-1)
    # max() does not promise the first of equal values; argmax on the equality mask does.
    flat = (maps.flatten(2) == scores[..., None]).to(torch.uint8).argmax(dim=-1)
    width = maps.shape[-1]
    return torch.stack((flat % width, flat // width), dim=-1), scores


def _log_blurred(maps: Tensor, scores: Tensor) -> Tensor:
    """(B, K, h, w) logarithm of the blurred maps, each rescaled to its former maximum."""
    count = maps.shape[0] * maps.shape[1]
    steps = torch.arange(-BLUR_RADIUS, BLUR_RADIUS + 1, dtype=torch.float64, device=maps.device)
    kernel = torch.exp(-(steps**2) / (2 * BLUR_SIGMA**2))
    kernel = (kernel / kernel.sum()).float()
    flat = maps.reshape(count, 1, *maps.shape[2:])
    blurred = F.conv2d(flat, kernel.view(1, 1, 1, -1), padding=(0, BLUR_RADIUS))
    blurred = F.conv2d(blurred, kernel.view(1, 1, -1, 1), padding=(BLUR_RADIUS, 0))
    blurred = blurred.view_as(maps)
    rescale = scores / blurred.amax(dim=(-2, -1))
    return (blurred * rescale[..., None, None]).clamp(*LOG_RANGE).log()


def _newton_offsets(log_maps: Tensor, cells: Tensor) -> Tensor:
    """(B, K, 2) step in cells from each cell to the top of the parabola through it.

    ``log_maps`` is (B, K, h, w), ``cells`` (B, K, 2) int64. The mixed derivative is the
    reference's one-diagonal form, not the symmetric one.
    """
    height, width = log_maps.shape[-2:]
    x, y = cells.unbind(-1)

    def at(dx: int, dy: int) -> Tensor:
        column = (x + dx).clamp(0, width - 1)
        row = (y + dy).clamp(0, height - 1)
        flat = log_maps.flatten(2)
        return flat.gather(-1, (row * width + column)[..., None]).squeeze(-1)

    here, left, right, up, down = at(0, 0), at(-1, 0), at(1, 0), at(0, -1), at(0, 1)
    gradient = torch.stack((0.5 * (right - left), 0.5 * (down - up)), dim=-1).double()
    dxx = right - 2 * here + left
    dyy = down - 2 * here + up
    dxy = 0.5 * (at(1, 1) - right - down + 2 * here - left - up + at(-1, -1))
    a, b, d = (value.double() for value in (dxx + HESSIAN_EPS, dxy, dyy + HESSIAN_EPS))
    determinant = a * d - b * b
    inverse_times_gradient = torch.stack(
        (d * gradient[..., 0] - b * gradient[..., 1], a * gradient[..., 1] - b * gradient[..., 0]),
        dim=-1,
    )
    return (-inverse_times_gradient / determinant[..., None]).float()
