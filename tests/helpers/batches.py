"""Images that batches are tried on, and the rows of their tables."""

import pyarrow.parquet as pq
from comfyui_sapiens_pose.commands.files.images import encode_png
from helpers.clips import pan


def write_pictures(folder, count):
    """So many images of the photo in a folder, which is made; returns the folder."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number}.png").write_bytes(encode_png(pan(number, count)))
    return folder


def rows(path):
    """The rows of a Parquet file."""
    return pq.read_table(path).to_pylist()
