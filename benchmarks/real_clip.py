"""The effect of tracking and smoothing on the poses of a real clip, as figures and as a sheet.

    python benchmarks/real_clip.py POSES IMAGES -o SHEET.png

POSES is a folder of pose files of any format, one per frame and named like the frame's image;
IMAGES is the folder of these images. The poses must have been estimated frame by frame. The sheet
shows some frames three times: as estimated, tracked, smoothed. The figures are of the whole clip:
the ids, how many times smaller the mean acceleration of the keypoints becomes, and the mean
distance in pixels by which smoothing moves them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from comfyui_sapiens_pose.commands.files.find_inputs import find_inputs
from comfyui_sapiens_pose.commands.files.images import encode_png, read_image
from comfyui_sapiens_pose.sapiens_core.clip.smooth import SmoothOptions, smooth
from comfyui_sapiens_pose.sapiens_core.clip.tracker import track
from comfyui_sapiens_pose.skeletons.choices import METHOD_SUMMARIES
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.formats.table import read_poses
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_bytes
from comfyui_sapiens_pose.skeletons.pose import Array, Frame

COLUMNS = 12
SHEET_METHOD = "savitzky-golay"
HEIGHT = 320
THRESHOLD = 0.3
OVERLAY = DrawOptions("sapiens", background="image", color_by_person=True, line_width=5)


def read_clip(poses: Path, images: Path) -> tuple[list[Path], list[Frame]]:
    """The images of a clip in order, and their people; FileNotFoundError if a file is missing."""
    paths = [image.path for image in find_inputs([images])]
    return paths, [read_poses(poses / f"{path.stem}.json")[0] for path in paths]


def keypoints_of(frames: list[Frame], person_id: int) -> Array:
    """(T, K, 2) keypoints of a person in pixels, NaN where they were not found."""
    count = next(len(pose.scores) for frame in frames for pose in frame.poses)
    keypoints = np.full((len(frames), count, 2), np.nan)
    for row, frame in enumerate(frames):
        for pose in frame.poses:
            if pose.person_id == person_id:
                visible = pose.scores >= THRESHOLD
                keypoints[row, visible] = pose.keypoints_image[visible]
    return keypoints


def acceleration(keypoints: Array) -> float:
    """Mean length of the keypoints' acceleration, in pixels per squared frame."""
    return float(np.nanmean(np.linalg.norm(np.diff(keypoints, 2, axis=0), axis=-1)))


def make_sheet(paths: list[Path], rows: dict[str, list[Frame]]) -> np.ndarray:
    """Some frames of the clip, one row per list of frames."""
    chosen = np.linspace(0, len(paths) - 1, min(COLUMNS, len(paths))).round().astype(int)
    lines = []
    for caption, frames in rows.items():
        cells = []
        for number in chosen.tolist():
            image = render(frames[number], OVERLAY, read_image(paths[number])).image_rgb
            width = round(image.shape[1] * HEIGHT / image.shape[0])
            cells.append(cv2.resize(image, (width, HEIGHT), interpolation=cv2.INTER_AREA))
        line = cv2.copyMakeBorder(np.hstack(cells), 26, 2, 0, 0, cv2.BORDER_CONSTANT)
        cv2.putText(line, caption, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (230,) * 3, 1)
        lines.append(line)
    return np.vstack(lines)


def main() -> None:
    """Print the figures and, with ``-o``, write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("poses", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("-o", "--output", type=Path, metavar="SHEET.png")
    options = parser.parse_args()
    paths, estimated = read_clip(options.poses, options.images)
    tracked = track(estimated)
    people = [len(frame.poses) for frame in tracked]
    ids = sorted({pose.person_id for frame in tracked for pose in frame.poses})
    print(f"{len(paths)} frames, {min(people)} to {max(people)} people per frame, ids {ids}")
    for method in METHOD_SUMMARIES:
        smoothed = smooth(tracked, SmoothOptions(method))
        for person_id in ids:
            raw, steady = (keypoints_of(frames, person_id) for frames in (tracked, smoothed))
            moved = np.nanmean(np.linalg.norm(steady - raw, axis=-1))
            print(
                f"  {method:15} id {person_id}: acceleration / "
                f"{acceleration(raw) / acceleration(steady):4.1f}, moved by {moved:.1f} px"
            )
    if options.output:
        steady = smooth(tracked, SmoothOptions(SHEET_METHOD))
        rows = {"found": estimated, "tracked": tracked, f"smoothed: {SHEET_METHOD}": steady}
        image = np.asarray(make_sheet(paths, rows), dtype=np.uint8)
        write_bytes(options.output, encode_png(image))


if __name__ == "__main__":
    main()
