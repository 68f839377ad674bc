"""Mutated checkpoints of every kind: loaded, or refused in words; nothing of theirs is run."""

from __future__ import annotations

import io
import json
import pickle
import pickletools
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import read_checkpoint
from comfyui_sapiens_pose.sapiens_core.network.pose_net import SapiensPoseNet, infer_config
from helpers.fuzzing import Make, fuzz, mutate, mutated_bytes, mutated_documents
from safetensors.torch import load_file, save
from torch import Size

SMALL = {
    "backbone.pos_embed": torch.arange(4.0),
    "head.final_layer.weight": torch.zeros(2, 2, dtype=torch.bfloat16),
    "head.final_layer.bias": torch.zeros(()),
}
"""A few tensors, so that headers are what is mutated."""


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


class Canary:
    """Fails the test if it is ever unpickled."""

    def __reduce__(self) -> Any:
        return exec, ("raise SystemExit('code of a checkpoint was run')",)


def read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        read_checkpoint(path)
    except ValueError as error:
        told(error, path)


def told(error: Exception, path: Path) -> None:
    """A message names the file."""
    assert str(path) in str(error)


def test_safetensors_headers(cases: int, memory_path: Path) -> None:
    path = memory_path / "weights.safetensors"
    content = save(SMALL, {"num_heads": "4"})
    length = struct.unpack("<Q", content[:8])[0]
    header, data = json.loads(content[8 : 8 + length]), content[8 + length :]

    def check(document: Any) -> None:
        text = json.dumps(document).encode()
        read(path, struct.pack("<Q", len(text)) + text + data)

    fuzz(check, mutated_documents([header]), cases)


def test_safetensors_bytes(cases: int, memory_path: Path) -> None:
    path = memory_path / "weights.safetensors"
    fuzz(lambda content: read(path, content), mutated_bytes([save(SMALL)]), cases)


def torch_saved(content: Any, *, zipped: bool) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def test_zip_bytes(cases: int, memory_path: Path, sapiens1: Path) -> None:
    path = memory_path / "weights.pth"
    valid = [torch_saved({"state_dict": SMALL}, zipped=True), script_with(pickle.dumps(()))]
    fuzz(lambda content: read(path, content), mutated_bytes(valid), cases)


def test_legacy_pickles(cases: int, memory_path: Path) -> None:
    path = memory_path / "weights.pth"
    valid = [
        torch_saved({"state_dict": SMALL}, zipped=False),
        torch_saved(SMALL, zipped=False),
        pickle.dumps({"a": Canary()}, protocol=2),
    ]
    fuzz(lambda content: read(path, content), mutated_bytes(valid), cases)


def script_with(data_pickle: bytes) -> bytes:
    """A TorchScript archive whose modules are what a pickle says."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.pkl", data_pickle)
        archive.writestr("model/constants.pkl", pickle.dumps((), protocol=2))
        archive.writestr("model/code/__torch__.py", "raise SystemExit('code was run')")
        archive.writestr("model/data/0", bytes(64))
    return file.getvalue()


def mutated_pickles(valid: list[bytes]) -> Make:
    """Whole opcodes of pickles exchanged, doubled and left out: bytes alone hardly ever parse."""
    programs = [opcodes(each) for each in valid]
    pool = [opcode for program in programs for opcode in program]

    def change(chance: random.Random) -> bytes:
        program = list(chance.choice(programs))
        for _ in range(chance.choice((1, 1, 2, 4))):
            at = chance.randrange(len(program))
            kind = chance.randrange(4)
            if kind == 0:
                program[at] = chance.choice(pool)
            elif kind == 1:
                program.insert(at, chance.choice(pool))
            elif kind == 2:
                del program[at]
            else:
                program[at:at] = program[at : at + chance.randrange(12)]
            program = program or [b"."]
        return b"".join(program)

    return change


def opcodes(content: bytes) -> list[bytes]:
    starts = [at for *_, at in pickletools.genops(content)]
    return [content[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def pickles_of(sapiens1: Path) -> list[bytes]:
    """What lies in a TorchScript archive, and in a file of torch.save, and what neither has."""
    with zipfile.ZipFile(sapiens1 / "tiny_17_torchscript.pt2") as archive:
        script = archive.read("tiny_17_torchscript/data.pkl")
    with zipfile.ZipFile(io.BytesIO(torch_saved({"state_dict": SMALL}, zipped=True))) as archive:
        saved = archive.read("archive/data.pkl")
    odd = pickle.dumps([10**30, -1, 1.5, "x", b"x", None, {"a": (1, 2)}, Canary()], protocol=2)
    return [shortened(script), saved, odd]


def shortened(script: bytes, size: int = 1500) -> bytes:
    """The end of a pickle is mostly tensors like those before: the first of them will do."""
    program, length = opcodes(script), 0
    for count, opcode in enumerate(program):
        length += len(opcode)
        if length > size:
            return b"".join([*program[:count], b"."])
    return script


def test_pickles_of_torchscript(cases: int, memory_path: Path, sapiens1: Path) -> None:
    path = memory_path / "weights.pt2"

    def check(content: bytes) -> None:
        read(path, script_with(content))

    fuzz(check, mutated_pickles(pickles_of(sapiens1)), cases)


def test_pickles_of_torch_save(cases: int, memory_path: Path, sapiens1: Path) -> None:
    path = memory_path / "weights.pth"
    whole = torch_saved({"state_dict": SMALL}, zipped=True)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def check(content: bytes) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, content if name.endswith("data.pkl") else data)
        read(path, file.getvalue())

    fuzz(check, mutated_pickles(pickles_of(sapiens1)), cases)


def test_descriptions_in_exported_programs(cases: int, memory_path: Path) -> None:
    path = memory_path / "weights.pt2"
    row = {
        "path_name": "weight_0",
        "use_pickle": False,
        "tensor_meta": {
            "dtype": 7,
            "sizes": [{"as_int": 2}, {"as_int": 3}],
            "strides": [{"as_int": 3}, {"as_int": 1}],
            "storage_offset": {"as_int": 0},
        },
    }

    def check(document: Any) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("model/archive_format", "pt2")
            archive.writestr("model/data/weights/model_weights_config.json", json.dumps(document))
            archive.writestr("model/data/weights/weight_0", bytes(24))
        read(path, file.getvalue())

    fuzz(check, mutated_documents([{"config": {"backbone.pos_embed": row}}]), cases)


def test_indices(cases: int, memory_path: Path) -> None:
    """A missing file is told as such; everything else is refused as a bad index."""
    path = memory_path / "model.safetensors.index.json"
    (memory_path / "a.safetensors").write_bytes(save(SMALL))
    weight_map = dict.fromkeys(SMALL, "a.safetensors")

    def check(document: Any) -> None:
        path.write_text(json.dumps(document))
        try:
            read_checkpoint(path)
        except (FileNotFoundError, ValueError) as error:
            told(error, memory_path)

    fuzz(check, mutated_documents([{"metadata": {}, "weight_map": weight_map}]), cases)


def test_shapes(cases: int, sapiens1: Path, sapiens2: Path) -> None:
    """Names and shapes that do not belong together: the network is never built with them."""
    files = [sapiens1 / "tiny_17.safetensors", sapiens2 / "cfg_pose.safetensors"]
    known = [{k: list(v.shape) for k, v in load_file(file).items()} for file in files]

    def change(chance: random.Random) -> Any:
        shapes = {key: list(shape) for key, shape in chance.choice(known).items()}
        for _ in range(chance.choice((1, 2, 4))):
            key = chance.choice(list(shapes))
            if chance.random() < 0.3:
                shapes[key.replace("0", "999999999", 1)] = shapes.pop(key)
            else:
                shapes[key] = mutate(shapes[key], chance)
        usable = (s for s in shapes.items() if isinstance(s[1], list))
        return {k: whole(s) for k, s in usable}, chance.choice([None, 4, 0, -1, 3, 10**9])

    def check(case: tuple[dict[str, Size], int | None]) -> None:
        try:
            config = infer_config(*case)
        except ValueError:
            return
        with torch.device("meta"):
            SapiensPoseNet(config)

    fuzz(check, change, cases)


def whole(shape: list[Any]) -> Size:
    return Size(x for x in shape if isinstance(x, int) and 0 <= x < 2**40)
