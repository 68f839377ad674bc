"""Checkpoints made to do harm: refused with a clear sentence, in bounded time and memory.

Each is built here, byte by byte; no code in them is run.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model, read_checkpoint
from comfyui_sapiens_pose.sapiens_core.checkpoints.torchscript import read_torchscript
from safetensors.torch import load_file, save

pytestmark = pytest.mark.usefixtures("bounded")


def header_of(tensors: dict[str, Any], data: bytes = bytes(64)) -> bytes:
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text + data


def row(start: int, end: int, shape: list[int] | None = None) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape or [(end - start) // 4], "data_offsets": [start, end]}


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    "content",
    [
        header_of({"a": row(0, 64), "b": row(0, 64)}),
        header_of({"a": row(0, 40), "b": row(32, 64)}),
        header_of({"a": row(0, 2**62)}),
        header_of({"a": row(0, 64, [2**40, 2**40])}),
        header_of({"a": row(-64, 0, [16])}),
        header_of({"a": {"dtype": "F32", "shape": [16], "data_offsets": [64, 0]}}),
        struct.pack("<Q", 2**63) + b"{" + bytes(64),
        struct.pack("<Q", 10**9) + b"{" + bytes(64),
        struct.pack("<Q", 200_000) + b'{"a":' + b"[" * 199_995 + bytes(64),
    ],
    ids=[
        *("same bytes", "overlap", "beyond the file", "product overflows", "negative"),
        *("backwards", "header of 2^63", "header of 1 GB", "deep header"),
    ],
)
def test_safetensors_that_lie_about_their_bytes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hostile.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"hostile\.safetensors .*damaged.*Download it again"):
        read_checkpoint(path)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("script", [True, False], ids=["TorchScript", "torch.save"])
def test_zip_bombs(tmp_path: Path, script: bool) -> None:
    """64 MB of zeros in 64 kB: no tensor is packed in an honest checkpoint."""
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("archive/data.pkl", "w", force_zip64=True) as file:
            for _ in range(4):
                file.write(bytes(2**24))
        archive.writestr("archive/version", "3\n")
        if script:
            archive.writestr("archive/constants.pkl", pickle.dumps(()))
    assert path.stat().st_size < 2**17
    with pytest.raises(ValueError, match=r"bomb\.pth was refused: it unpacks to 67,108,"):
        read_checkpoint(path)


@pytest.mark.promise("Files cost what they weigh")
def test_many_names_for_the_same_bytes(tmp_path: Path) -> None:
    """A zip file in which every member is the first one: as large as one cares to count."""
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", bytes(2**20))
        first = archive.infolist()[0]
        for number in range(100):
            archive.writestr(f"archive/data/{number}", b"")
            archive.infolist()[-1].header_offset = first.header_offset
            archive.infolist()[-1].file_size = archive.infolist()[-1].compress_size = 2**20
    with pytest.raises(ValueError, match="was refused: it unpacks to"):
        read_checkpoint(path)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy pickle"])
def test_tensors_larger_than_their_file(tmp_path: Path, zipped: bool) -> None:
    """A million rows that are all the same four bytes; a copy would take a terabyte."""
    path = tmp_path / "hostile.pth"
    one = torch.zeros(1)
    tensors = {"backbone.pos_embed": one.expand(1, 10**6, 10**6)}
    torch.save(tensors, path, _use_new_zipfile_serialization=zipped)
    assert path.stat().st_size < 10_000
    with pytest.raises(ValueError, match=r"hostile\.pth .*would take 4,000,000,000,000 bytes"):
        read_checkpoint(path)


@pytest.mark.promise("Files cost what they weigh")
def test_one_block_of_memory_under_many_names(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pth"
    block = torch.zeros(2**20)
    torch.save({f"backbone.layers.{i}.weight": block for i in range(1000)}, path)
    with pytest.raises(ValueError, match="more than a file of its size can hold"):
        read_checkpoint(path)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    "tensor",
    [torch.zeros(2, 2).to_sparse(), torch.zeros(2, 2, device="meta")],
    ids=["sparse", "meta"],
)
def test_tensors_that_are_none(tmp_path: Path, tensor: torch.Tensor) -> None:
    path = tmp_path / "hostile.pth"
    torch.save({"backbone.pos_embed": tensor}, path)
    with pytest.raises(ValueError, match=r"tensor 'backbone\.pos_embed' is not a plain one"):
        read_checkpoint(path)


@pytest.mark.promise("Files cost what they weigh")
def test_a_checkpoint_of_whole_numbers(tmp_path: Path, sapiens1: Path) -> None:
    path = tmp_path / "hostile.pth"
    tensors = load_file(sapiens1 / "tiny_17.safetensors")
    torch.save({key: tensor.to(torch.int32) for key, tensor in tensors.items()}, path)
    with pytest.raises(ValueError, match=r"holds torch\.int32, expected floating point"):
        load_model(path, num_heads=4)


@pytest.mark.promise("Files cost what they weigh")
def test_the_billionth_layer(tmp_path: Path, sapiens1: Path) -> None:
    """One key more, and the network would have a billion layers."""
    path = tmp_path / "hostile.safetensors"
    tensors = load_file(sapiens1 / "tiny_17.safetensors")
    path.write_bytes(save({**tensors, "backbone.layers.999999999.x": torch.zeros(1)}))
    with pytest.raises(ValueError, match=r"no tensor 'backbone\.layers\.2\.attn\.qkv\.weight'"):
        load_model(path, num_heads=4)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("heads", ["0", "-4", "9" * 5000, "3.5"])
def test_heads_of_no_number(tmp_path: Path, sapiens1: Path, heads: str) -> None:
    path = tmp_path / "hostile.safetensors"
    path.write_bytes(save(load_file(sapiens1 / "tiny_17.safetensors"), {"num_heads": heads}))
    with pytest.raises(ValueError, match=r"num_heads|attention heads"):
        load_model(path)


MODULE = b"c__torch__\nM\n"
"""A TorchScript module's class, in a pickle."""


def script(path: Path, data_pickle: bytes, storage: bytes = bytes(64)) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", data_pickle)
        archive.writestr("model/constants.pkl", pickle.dumps(()))
        archive.writestr("model/code/__torch__.py", "import os\nos.mkdir('made_by_code')\n")
        archive.writestr("model/data/0", storage)
    return path


def module_in_module(depth: int) -> bytes:
    """Modules whose two children are the same one: 2^depth of them, as names are counted."""
    opcodes = [b"\x80\x02", MODULE, b")\x81q\x00"]
    for level in range(depth):
        key = struct.pack("<B", level)
        opcodes += [MODULE, b")\x81}(X\x01\0\0\0ah", key, b"X\x01\0\0\0bh", key, b"ub"]
        opcodes += [b"q", struct.pack("<B", level + 1)]
    return b"".join([*opcodes, b"."])


def module_of_itself() -> bytes:
    return b"\x80\x02" + MODULE + b")\x81q\x00}X\x01\0\0\0ah\x00sb."


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize(
    "data_pickle", [module_in_module(60), module_of_itself()], ids=["doubling", "ring"]
)
def test_modules_without_end(tmp_path: Path, data_pickle: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged .*more than 100000 modules and tensors"):
        read_checkpoint(script(tmp_path / "hostile.pt2", data_pickle))


@pytest.mark.promise("Files cost what they weigh")
def test_a_pickle_that_remembers_in_place_two_billion(tmp_path: Path) -> None:
    """The unpickler in C would make a list of that length, and fill it."""
    path = script(tmp_path / "hostile.pt2", b"\x80\x02" + MODULE + b")\x81r\xff\xff\xff\x7f.")
    assert read_torchscript(path) == {}


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.parametrize("opcode", [b"\x96", b"\x8e", b"\x8d"], ids=["bytearray", "bytes", "text"])
def test_a_pickle_that_says_it_holds_a_terabyte(tmp_path: Path, opcode: bytes) -> None:
    data_pickle = b"\x80\x05" + opcode + struct.pack("<Q", 2**33) + b"a."
    with pytest.raises(ValueError, match=r"damaged .*expected 8589934592 bytes"):
        read_checkpoint(script(tmp_path / "hostile.pt2", data_pickle))


@pytest.mark.promise("Files run nothing")
def test_a_pickle_cannot_change_our_functions(tmp_path: Path) -> None:
    """BUILD gives attributes to whatever is on the stack, a function too."""
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n"
    path = script(tmp_path / "hostile.pt2", b"\x80\x02" + rebuild + b"}X\x04\0\0\0evilK\x01sb.")
    read_torchscript(path)
    from comfyui_sapiens_pose.sapiens_core.checkpoints import torchscript

    assert not hasattr(torchscript._rebuild_tensor, "evil")


@pytest.mark.promise("Files run nothing")
def test_torchscript_code_is_never_run(
    tmp_path: Path, sapiens1: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tensors of an archive are read, and its code is left where it is."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "hostile.pt2"
    with (
        zipfile.ZipFile(sapiens1 / "tiny_17_torchscript.pt2") as honest,
        zipfile.ZipFile(path, "w") as hostile,
    ):
        for name in honest.namelist():
            content = honest.read(name)
            if name.endswith(".py"):
                content = b"import os\nos.mkdir('made_by_code')\n" + content
            hostile.writestr(name, content)
    assert load_model(path, num_heads=4).config.num_keypoints == 17
    assert not (tmp_path / "made_by_code").exists()


class Call:
    """Calls a function when it is unpickled by somebody careless."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> Any:
        return self.function, self.arguments


@pytest.mark.promise("Files run nothing")
@pytest.mark.parametrize(
    "function", [os.mkdir, os.system, exec, eval, torch.load, pickle.loads, open, getattr]
)
@pytest.mark.parametrize("kind", ["legacy", "zip", "torchscript"])
def test_pickles_with_code(
    tmp_path: Path, kind: str, function: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "hostile.pth"
    content = {"state_dict": {"backbone.pos_embed": Call(function, "made_by_code")}}
    if kind == "torchscript":
        script(path, pickle.dumps(content, protocol=2))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=kind == "zip")
    before = sorted(tmp_path.iterdir())
    try:
        tensors, _ = read_checkpoint(path)
        assert tensors == {}  # getattr stands in full checkpoints, and is dead there
        assert function is getattr
    except ValueError as error:
        assert "refused" in str(error) or "damaged" in str(error)  # noqa: PT017
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.promise("Files cost what they weigh")
def test_bytes_that_are_no_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pth"
    file = io.BytesIO(b"PK\x03\x04" + bytes(100))
    path.write_bytes(file.getvalue())
    with pytest.raises(ValueError, match=r"hostile\.pth is a damaged or unfinished checkpoint"):
        read_checkpoint(path)


@pytest.mark.promise("Files cost what they weigh")
def test_dictionaries_without_end(tmp_path: Path) -> None:
    """Dictionaries that hold each other, and more of them than are searched."""
    path = tmp_path / "hostile.pth"
    ring: dict[str, Any] = {"x": torch.zeros(1)}
    ring["a"] = ring["model"] = {"ring": ring}
    few = {f"b{number}": {"c.attn.qkv.weight": ring["x"]} for number in range(3)}
    many = {f"a{number}": dict(few) for number in range(99)}
    for content in (ring, many):
        torch.save(content, path)
        with pytest.raises(ValueError, match=r"neither a tensor .* It holds \d tensors"):
            load_model(path)
