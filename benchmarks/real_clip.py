"""What tracking and smoothing do to the poses of a real clip, to be looked at and as figures.

    python benchmarks/real_clip.py POSES PICTURES -o SHEET.png

POSES is a folder of pose files of any format, one a frame and named as the frame's picture;
PICTURES is the folder of these. Whoever found the poses found each frame by itself. The sheet
shows some frames three times: as found, tracked, smoothed. The figures are of the whole clip:
which ids are given, how many times smaller the mean acceleration of the joints becomes, and by how
many pixels smoothing moves them, in the mean.
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


def read_clip(poses: Path, pictures: Path) -> tuple[list[Path], list[Frame]]:
    """The pictures of a clip in order, and the people of each; FileNotFoundError if one lacks."""
    paths = [found.path for found in find_inputs([pictures])]
    return paths, [read_poses(poses / f"{path.stem}.json")[0] for path in paths]


def joints_of(frames: list[Frame], person_id: int) -> Array:
    """(T, K, 2) where somebody's joints are, NaN where they are not found."""
    size = next(len(pose.scores) for frame in frames for pose in frame.poses)
    points = np.full((len(frames), size, 2), np.nan)
    for row, frame in enumerate(frames):
        for pose in frame.poses:
            if pose.person_id == person_id:
                found = pose.scores >= THRESHOLD
                points[row, found] = pose.keypoints_image[found]
    return points


def acceleration(points: Array) -> float:
    """Mean length of the joints' acceleration in pixels a squared frame."""
    return float(np.nanmean(np.linalg.norm(np.diff(points, 2, axis=0), axis=-1)))


def sheet(paths: list[Path], rows: dict[str, list[Frame]]) -> np.ndarray:
    """Some frames of the clip in a row for each way."""
    chosen = np.linspace(0, len(paths) - 1, min(COLUMNS, len(paths))).round().astype(int)
    lines = []
    for caption, frames in rows.items():
        cells = []
        for number in chosen.tolist():
            picture = render(frames[number], OVERLAY, read_image(paths[number])).image_rgb
            width = round(picture.shape[1] * HEIGHT / picture.shape[0])
            cells.append(cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA))
        line = cv2.copyMakeBorder(np.hstack(cells), 26, 2, 0, 0, cv2.BORDER_CONSTANT)
        cv2.putText(line, caption, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (230,) * 3, 1)
        lines.append(line)
    return np.vstack(lines)


def main() -> None:
    """Prints the figures and, if asked, writes the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("poses", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("-o", "--output", type=Path, metavar="SHEET.png")
    options = parser.parse_args()
    paths, found = read_clip(options.poses, options.pictures)
    tracked = track(found)
    people = [len(frame.poses) for frame in tracked]
    ids = sorted({pose.person_id for frame in tracked for pose in frame.poses})
    print(f"{len(paths)} frames, {min(people)} to {max(people)} people in each, ids {ids}")
    for method in METHOD_SUMMARIES:
        smoothed = smooth(tracked, SmoothOptions(method))
        for person_id in ids:
            raw, steady = (joints_of(frames, person_id) for frames in (tracked, smoothed))
            moved = np.nanmean(np.linalg.norm(steady - raw, axis=-1))
            print(
                f"  {method:15} id {person_id}: acceleration / "
                f"{acceleration(raw) / acceleration(steady):4.1f}, moved by {moved:.1f} px"
            )
    if options.output:
        steady = smooth(tracked, SmoothOptions(SHEET_METHOD))
        rows = {"found": found, "tracked": tracked, f"smoothed: {SHEET_METHOD}": steady}
        picture = np.asarray(sheet(paths, rows), dtype=np.uint8)
        write_bytes(options.output, encode_png(picture))


if __name__ == "__main__":
    main()
