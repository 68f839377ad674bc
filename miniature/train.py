"""Training the miniature: a real Sapiens network, small enough for tests, that knows one photo.

Run from anywhere, with the package installed:

    python miniature/train.py

It writes ``sapiens_miniature_17.safetensors`` beside this script and prints the distance of the
estimated keypoints of the two bundled photos from the annotated ones. The seed is fixed; another
machine or PyTorch version gives slightly different weights.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import Crop, normalise
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.network.backbone_v1 import BackboneV1Config
from comfyui_sapiens_pose.sapiens_core.network.head import HeadConfig
from comfyui_sapiens_pose.sapiens_core.network.pose_net import (
    SAPIENS_V1,
    SapiensConfig,
    SapiensPoseNet,
)
from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

HERE = Path(__file__).parent
PHOTO = HERE / "photos" / "000000000785.jpg"
WEIGHTS = HERE / "sapiens_miniature_17.safetensors"

SEED = 785
STEPS = 1400
BATCH = 12
PEAK_LEARNING_RATE = 1.5e-3
TARGET_SIGMA_CELLS = 2.0
NEGATIVE_FRACTION = 0.12
"""Fraction of crops that show snow without the person, whose heatmaps must be zero."""

CONFIG = SapiensConfig(
    generation=SAPIENS_V1,
    backbone=BackboneV1Config(
        width=128,
        num_layers=5,
        num_heads=4,
        feedforward_width=512,
        patch_size=16,
        input_size_hw=(256, 192),
    ),
    head=HeadConfig(
        in_channels=128, deconv_channels=(96, 96), conv_channels=(96, 96), num_keypoints=17
    ),
    input_size_hw=(256, 192),
)


@dataclass(frozen=True)
class Photo:
    """A photo with its people: (P, 17, 2) keypoints and (P, 4) boxes in image pixels."""

    image_rgb: NDArray[np.uint8]
    keypoints_image: NDArray[np.float64]
    boxes_xyxy: NDArray[np.float64]

    @classmethod
    def read(cls, path: Path) -> Photo:
        """Read a photo and the COCO annotations beside it."""
        people = json.loads(path.with_suffix(".json").read_text())["people"]
        keypoints = np.array([person["keypoints_coco17_xyv"] for person in people], float)
        x, y, width, height = np.array([person["bbox_xywh"] for person in people], float).T
        image_bgr = cv2.imread(str(path))
        return cls(
            cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB),
            keypoints.reshape(-1, 17, 3)[..., :2],
            np.stack((x, y, x + width, y + height), axis=-1),
        )


def augment(photo: Photo, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray]:
    """One random crop, (256, 192, 3), and its (17, 2) keypoints in crop pixels."""
    box, keypoints = photo.boxes_xyxy[0], photo.keypoints_image[0]
    sides = box[2:] - box[:2]
    center = (box[:2] + box[2:]) / 2 + rng.uniform(-0.14, 0.14, 2) * sides
    zoom = np.exp(rng.uniform(np.log(0.75), np.log(2.7)))
    half = sides / 2 * zoom
    crop = Crop.from_box([*(center - half), *(center + half)], CONFIG.input_size_hw)
    if rng.random() < NEGATIVE_FRACTION:
        left = rng.uniform(0, 60)
        crop = Crop.from_box([left, 40, left + 160, 400], CONFIG.input_size_hw)
    turn = cv2.getRotationMatrix2D(center.tolist(), rng.normal(0, 15), 1.0)
    matrix = crop.matrix @ np.vstack((turn, [0, 0, 1]))
    height, width = CONFIG.input_size_hw
    border = tuple(int(value) for value in rng.integers(0, 255, 3) * (rng.random() < 0.5))
    pixels = cv2.warpAffine(photo.image_rgb, matrix, (width, height), borderValue=border)
    keypoints = keypoints @ matrix[:, :2].T + matrix[:, 2]
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
        keypoints = (keypoints * (-1, 1) + (width - 1, 0))[COCO_17.flip_indices]
    gain, lift = rng.uniform(0.7, 1.3, 3) * rng.uniform(0.7, 1.3), rng.uniform(-25, 25)
    noise = rng.normal(0, rng.uniform(0, 12), pixels.shape)
    return np.clip(pixels * gain + lift + noise, 0, 255).astype(np.uint8), keypoints


def make_targets(keypoints_crop: NDArray) -> Tensor:
    """(B, 17, 2) crop pixels -> (B, 17, 64, 48) Gaussian heatmaps, empty outside the crop."""
    height, width = CONFIG.input_size_hw
    rows, columns = height // 4, width // 4
    cells = keypoints_crop * ((columns - 1) / (width - 1), (rows - 1) / (height - 1))
    x, y = cells[..., 0, None, None], cells[..., 1, None, None]
    distance = (np.arange(columns) - x) ** 2 + (np.arange(rows)[:, None] - y) ** 2
    inside = (x > -0.5) & (x < columns - 0.5) & (y > -0.5) & (y < rows - 0.5)
    return torch.from_numpy(np.exp(-distance / (2 * TARGET_SIGMA_CELLS**2)) * inside).float()


def batches(photo: Photo, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """An endless series of (B, 3, 256, 192) inputs and (B, 17, 64, 48) targets."""
    rng = np.random.default_rng(seed)
    while True:
        crops, keypoints = zip(*(augment(photo, rng) for _ in range(BATCH)), strict=True)
        yield normalise(crops), make_targets(np.stack(keypoints))


def train(photo: Photo) -> SapiensPoseNet:
    """The trained network, float32, in evaluation mode."""
    torch.manual_seed(SEED)
    model = SapiensPoseNet(CONFIG)
    nn.init.trunc_normal_(model.backbone.pos_embed, std=0.02)
    nn.init.normal_(model.head.final_layer.weight, std=0.001)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_LEARNING_RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_LEARNING_RATE, total_steps=STEPS, pct_start=0.08
    )
    started = time.monotonic()
    for step, (inputs, targets) in zip(range(STEPS), batches(photo, SEED), strict=False):
        # Nearly all of a heatmap is empty; the weight keeps the network from learning empty ones.
        loss = ((model(inputs) - targets) ** 2 * (1 + 10 * targets)).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0 or step == STEPS - 1:
            print(f"step {step}: loss {loss.item():.5f}, {time.monotonic() - started:.0f} s")
    return model.eval()


def save(model: SapiensPoseNet) -> None:
    """Write the weights in float16, with the number of heads, which the shapes do not contain."""
    tensors = {key: value.half().contiguous() for key, value in model.state_dict().items()}
    metadata = {
        "num_heads": str(CONFIG.backbone.num_heads),
        "note": "Miniature for tests, trained on one photo. Not a Meta checkpoint.",
    }
    save_file(tensors, WEIGHTS, metadata=metadata)


def report() -> None:
    """Print the largest error on each photo, as a fraction of the box diagonal."""
    estimator = PoseEstimator(load_model(WEIGHTS, dtype=torch.float32))
    for path in sorted(PHOTO.parent.glob("*.jpg")):
        photo = Photo.read(path)
        for flip in (False, True):
            frame = estimator.estimate(
                [photo.image_rgb], [People(photo.boxes_xyxy)], EstimateOptions(flip=flip)
            )[0]
            diagonals = np.linalg.norm(photo.boxes_xyxy[:, 2:] - photo.boxes_xyxy[:, :2], axis=1)
            keypoints = np.stack([pose.keypoints_image for pose in frame.poses])
            error = np.linalg.norm(keypoints - photo.keypoints_image, axis=-1) / diagonals[:, None]
            scores = np.stack([pose.scores for pose in frame.poses])
            print(f"{path.name} flip={flip}: worst {error.max():.4f}, score {scores.min():.2f}")


if __name__ == "__main__":
    save(train(Photo.read(PHOTO)))
    report()
