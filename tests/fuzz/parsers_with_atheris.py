"""Fuzzes one parser with atheris, which is led by the code that an input reaches.

    pip install -r tests/fuzz/requirements.txt
    python tests/fuzz/parsers_with_atheris.py json_text -max_total_time=300

Parsers: ``json_text`` (any pose file), ``pose_keypoint`` (bytes made into documents), ``boxes``,
``safetensors``, ``zip`` and ``pickle`` (checkpoints), ``torchscript`` (the pickle of an archive),
``picture``, ``names``. What follows the parser's name goes to libFuzzer. Any error that is not
documented ends the run, and its input is left in the current folder.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import pickle
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import atheris
import torch
from safetensors.torch import save

with atheris.instrument_imports(include=["comfyui_sapiens_pose"]):
    from comfyui_sapiens_pose.commands.files.boxes_file import BoxesFile
    from comfyui_sapiens_pose.commands.files.images import read_image
    from comfyui_sapiens_pose.sapiens_core.checkpoints.load import read_checkpoint
    from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_reader import decode
    from comfyui_sapiens_pose.skeletons.formats.pose_keypoint_writer import EncodeOptions
    from comfyui_sapiens_pose.skeletons.formats.read_options import ReadOptions
    from comfyui_sapiens_pose.skeletons.formats.table import FORMATS, read_named_poses
    from comfyui_sapiens_pose.skeletons.foundation.safe_names import file_name_of
    from comfyui_sapiens_pose.skeletons.keypoint_sets import COCO_17
    from comfyui_sapiens_pose.skeletons.pose import Frame

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import odd_pictures
from helpers.poses import make_pose

KEYS = ["people", "canvas_width", "canvas_height", "sapiens", "version", "digest", "canvas"]
KEYS += ["width", "height", "pose_keypoints_2d", "face_keypoints_2d", "keypoints_2d", "person_id"]


def document(data: atheris.FuzzedDataProvider, depth: int = 0) -> Any:
    """A JSON value of known keys and odd values, as the bytes say."""
    kind = data.ConsumeIntInRange(0, 9 if depth < 5 else 6)
    if kind == 0:
        return None
    if kind == 1:
        return data.ConsumeFloat()
    if kind == 2:
        return data.ConsumeInt(8)
    if kind == 3:
        return data.ConsumeUnicode(4)
    if kind == 4:
        return [data.ConsumeFloatInRange(-9, 900) for _ in range(data.ConsumeIntInRange(0, 80))]
    if kind == 5:
        return [1.0, 2.0, 1.0] * data.PickValueInList([17, 18, 21, 24, 25, 68, 70, 71, 133, 308])
    if kind == 6:
        return data.ConsumeBool()
    count = data.ConsumeIntInRange(0, 6)
    if kind == 7:
        return [document(data, depth + 1) for _ in range(count)]
    return {data.PickValueInList(KEYS): document(data, depth + 1) for _ in range(count)}


def pose_keypoint(content: bytes, path: Path) -> None:
    data = atheris.FuzzedDataProvider(content)
    options = ReadOptions(lossless=data.ConsumeBool(), hands_swapped=data.ConsumeBool())
    decode(document(data), options)


def of_file(read: Callable[[Path], Any]) -> Callable[[bytes, Path], None]:
    def parse(content: bytes, path: Path) -> None:
        path.write_bytes(content)
        read(path)

    return parse


def starting_with(magic: bytes) -> Callable[[bytes, Path], None]:
    """Checkpoints are told by their first bytes: a kind is fuzzed with its own."""
    return lambda content, path: of_file(read_checkpoint)(magic + content, path)


def torchscript(content: bytes, path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", b"\x80\x02" + content)
        archive.writestr("model/constants.pkl", pickle.dumps(()))
        archive.writestr("model/data/0", bytes(64))
    of_file(read_checkpoint)(file.getvalue(), path)


def names(content: bytes, path: Path) -> None:
    name = file_name_of(content.decode("utf-8", "replace"))
    (path.parent / name).write_bytes(b"")
    (path.parent / name).unlink()


PARSERS: dict[str, Callable[[bytes, Path], None]] = {
    "json_text": of_file(read_named_poses),
    "pose_keypoint": pose_keypoint,
    "boxes": of_file(lambda path: BoxesFile.read(path).people(Path("a"), 1).usable((64, 48))),
    "safetensors": lambda content, path: of_file(read_checkpoint)(
        len(content).to_bytes(8, "little") + b"{" + content, path
    ),
    "zip": starting_with(b"PK\x03\x04"),
    "pickle": starting_with(b"\x80\x02"),
    "torchscript": torchscript,
    "picture": of_file(read_image),
    "names": names,
}


def saved(*, zipped: bool) -> bytes:
    file = io.BytesIO()
    torch.save({"a": torch.zeros(2)}, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def seeds(parser: str) -> list[bytes]:
    """Good inputs, for libFuzzer to change."""
    frame = Frame((640, 480), (make_pose(COCO_17),))
    documents = [
        each.encode([frame], ["a"], EncodeOptions(lossless=lossless))
        for each in FORMATS.values()
        for lossless in (True, False)
    ]
    with zipfile.ZipFile(io.BytesIO(saved(zipped=True))) as archive:
        data_pickle = archive.read("archive/data.pkl")
    return {
        "json_text": [json.dumps(each).encode() for each in documents],
        "boxes": [b"[[1,2,3,4]]", b'{"a":[[1,2,3,4],[5,6,7,8]]}'],
        "safetensors": [save({"a": torch.zeros(2)})[9:]],
        "zip": [saved(zipped=True)[4:]],
        "pickle": [saved(zipped=False)[2:], data_pickle[2:]],
        "torchscript": [data_pickle[2:]],
        "picture": list(odd_pictures.kinds().values()),
        "names": [b"a.png", b"C:\\a\\..\\con.png"],
    }.get(parser, [])


def main() -> None:
    """Runs until libFuzzer's limit, or the first error that is not documented."""
    name = sys.argv.pop(1)
    parser = PARSERS[name]
    logging.disable()
    warnings.simplefilter("ignore")
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:

        def once(content: bytes) -> None:
            with contextlib.suppress(ValueError, FileNotFoundError):
                parser(content, Path(folder) / "input.json")

        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, content in enumerate(seeds(name)):
            (corpus / str(number)).write_bytes(content)
        atheris.Setup([*sys.argv, str(corpus)], once)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
