"""Files made to do harm: refused with a clear sentence, in bounded time and memory.

Each is built here, byte by byte; none is run, and nothing is written where it points to.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import read_image
from comfyui_sapiens_pose.commands.files.masks_folder import MasksFolder
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model, read_checkpoint
from comfyui_sapiens_pose.sapiens_core.checkpoints.torchscript import read_torchscript
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.formats.table import read_named_poses, read_poses
from comfyui_sapiens_pose.skeletons.foundation.limits import check_batch
from comfyui_sapiens_pose.skeletons.foundation.safe_names import check_file_name, file_name_of
from comfyui_sapiens_pose.skeletons.pose import Frame
from helpers import odd_pictures
from helpers.fuzzing import peak_bytes
from safetensors.torch import load_file, save

GIGABYTE = 2**30
SECONDS = 60
"""A bound for a case on a busy machine; most take none."""


@pytest.fixture(autouse=True)
def _bounded() -> Any:
    """No case of this file takes long, or a gigabyte more than the process had."""
    started, before = time.monotonic(), peak_bytes()
    yield
    assert time.monotonic() - started < SECONDS
    assert peak_bytes() - before < 1.5 * GIGABYTE


# Checkpoints


def header_of(tensors: dict[str, Any], data: bytes = bytes(64)) -> bytes:
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text + data


def row(start: int, end: int, shape: list[int] | None = None) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape or [(end - start) // 4], "data_offsets": [start, end]}


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
    with pytest.raises(ValueError, match=r"hostile\.safetensors .*damaged.*Fetch it again"):
        read_checkpoint(path)


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


def test_one_block_of_memory_under_many_names(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pth"
    block = torch.zeros(2**20)
    torch.save({f"backbone.layers.{i}.weight": block for i in range(1000)}, path)
    with pytest.raises(ValueError, match="more than a file of its size can hold"):
        read_checkpoint(path)


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


def test_a_checkpoint_of_whole_numbers(tmp_path: Path, sapiens1: Path) -> None:
    path = tmp_path / "hostile.pth"
    tensors = load_file(sapiens1 / "tiny_17.safetensors")
    torch.save({key: tensor.to(torch.int32) for key, tensor in tensors.items()}, path)
    with pytest.raises(ValueError, match=r"holds torch\.int32, expected floating point"):
        load_model(path, num_heads=4)


def test_the_billionth_layer(tmp_path: Path, sapiens1: Path) -> None:
    """One key more, and the network would have a billion layers."""
    path = tmp_path / "hostile.safetensors"
    tensors = load_file(sapiens1 / "tiny_17.safetensors")
    path.write_bytes(save({**tensors, "backbone.layers.999999999.x": torch.zeros(1)}))
    with pytest.raises(ValueError, match=r"no tensor 'backbone\.layers\.2\.attn\.qkv\.weight'"):
        load_model(path, num_heads=4)


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


@pytest.mark.parametrize(
    "data_pickle", [module_in_module(60), module_of_itself()], ids=["doubling", "ring"]
)
def test_modules_without_end(tmp_path: Path, data_pickle: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged .*more than 100000 modules and tensors"):
        read_checkpoint(script(tmp_path / "hostile.pt2", data_pickle))


def test_a_pickle_that_remembers_in_place_two_billion(tmp_path: Path) -> None:
    """The unpickler in C would make a list of that length, and fill it."""
    path = script(tmp_path / "hostile.pt2", b"\x80\x02" + MODULE + b")\x81r\xff\xff\xff\x7f.")
    assert read_torchscript(path) == {}


@pytest.mark.parametrize("opcode", [b"\x96", b"\x8e", b"\x8d"], ids=["bytearray", "bytes", "text"])
def test_a_pickle_that_says_it_holds_a_terabyte(tmp_path: Path, opcode: bytes) -> None:
    data_pickle = b"\x80\x05" + opcode + struct.pack("<Q", 2**33) + b"a."
    with pytest.raises(ValueError, match=r"damaged .*expected 8589934592 bytes"):
        read_checkpoint(script(tmp_path / "hostile.pt2", data_pickle))


def test_a_pickle_cannot_change_our_functions(tmp_path: Path) -> None:
    """BUILD gives attributes to whatever is on the stack, a function too."""
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n"
    path = script(tmp_path / "hostile.pt2", b"\x80\x02" + rebuild + b"}X\x04\0\0\0evilK\x01sb.")
    read_torchscript(path)
    from comfyui_sapiens_pose.sapiens_core.checkpoints import torchscript

    assert not hasattr(torchscript._rebuild_tensor, "evil")


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


# JSON


def ten_million_points() -> bytes:
    return b'{"people":[{"pose_keypoints_2d":[' + b"5,5,1," * 10**7 + b"5,5,1]}]}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b'{"people":' * 100_000, "nested too deeply"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"people":[' + b"{}," * 300_000 + b"{}]}", "300,001 people; at most 262,144"),
        (b'{"instance_info":[' + b"{}," * 300_000 + b"{}]}", "300,001 people; at most 262,144"),
        (b"[" + b'{"image_id":1},' * 300_000 + b'{"image_id":1}]', "300,001 people; at most"),
        (b'{"people":[{"pose_keypoints_2d":"' + b"1" * 10**7 + b'"}]}', "expected a list of"),
        (b'{"people":[],"canvas_width":1e400,"canvas_height":1}', "expected two numbers"),
        (b'{"people":[],"canvas_width":-1,"canvas_height":1}', "expected at least 1 x 1"),
        (b'{"people":[],"canvas_width":1e12,"canvas_height":1}', "at most 1,000,000,000 pixels"),
        (b'{"instance_info":[],"canvas":{"width":1e400,"height":1}}', "expected a width and a"),
        (b"9" * 5000, "not a JSON file that can be read"),
        (b"\xff\xfe\xfd", "not a JSON file that can be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_json(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "hostile.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_poses(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.slow
def test_too_many_frames(tmp_path: Path) -> None:
    path = tmp_path / "hostile.json"
    path.write_bytes(b"[" + b'{"people":[]},' * 2**20 + b'{"people":[]}]')
    with pytest.raises(ValueError, match="1,048,577 frames; at most 1,048,576"):
        read_poses(path)


@pytest.mark.slow
def test_ten_million_points(tmp_path: Path) -> None:
    """One person's body; 60 MB of text."""
    path = tmp_path / "hostile.json"
    path.write_bytes(ten_million_points())
    with pytest.raises(ValueError, match="10000001 points, expected one of 17, 18, 24, 25"):
        read_poses(path)


def test_text_larger_than_the_limit(tmp_path: Path) -> None:
    """A terabyte of zeros, none of them on disk: read to the limit and no farther."""
    with (tmp_path / "hostile.json").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(ValueError, match="larger than the limit of 512 MB"):
        read_poses(tmp_path / "hostile.json")


def test_gzipped_text_larger_than_the_limit(tmp_path: Path) -> None:
    """Four gigabytes in four megabytes: unpacked to the limit and no farther."""
    bomb = tmp_path / "hostile.json.gz"
    bomb.write_bytes(gzip.compress(bytes(2**24)) * 2**8)
    assert bomb.stat().st_size < 2**23
    with pytest.raises(ValueError, match="larger than the limit of 512 MB"):
        read_poses(bomb)


# Sizes of drawings


@pytest.mark.parametrize(
    ("canvas_wh", "options", "message"),
    [
        ((10**6, 10**6), {}, "1,000,000 x 1,000,000 pixels; at most 268,435,456 can be drawn"),
        ((10**9, 1), {}, "1,000,000,000 x 1 pixels"),
        ((64, 48), {"canvas_wh": (10**6, 10**6)}, "can be drawn"),
        ((64, 48), {"detect_resolution": 10**400}, "a whole number from 0 to 16384"),
        ((1, 20_000), {"detect_resolution": 16_384}, "the detect_resolution that was asked for"),
        (
            (1, 20_000),
            {"canvas_wh": (8192, 8192), "layout": "fill", "background": "image"},
            "laid over the whole canvas, has 8,192 x 163,840,000 pixels",
        ),
        ((64, 48), {"line_width": 1e9}, "line_width is 1000000000.0, expected 0 to 1000"),
        ((64, 48), {"point_radius": float("nan")}, "point_radius is nan, expected 0 to 1000"),
        ((64, 48), {"face_point_radius": float("inf")}, "face_point_radius is inf"),
        ((64, 48), {"score_threshold": float("nan")}, "score_threshold is nan, expected a number"),
        ((64, 48), {"image_opacity": float("nan")}, "image_opacity is nan, expected 0 to 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_drawings(canvas_wh: tuple[int, int], options: dict[str, Any], message: str) -> None:
    image_rgb = np.zeros((*canvas_wh[::-1], 3), np.uint8) if max(canvas_wh) < 10**5 else None
    with pytest.raises(ValueError, match=message):
        render(Frame(canvas_wh), DrawOptions(**options), image_rgb)


def test_batches_of_drawings() -> None:
    check_batch(4000, (1920, 1080))
    with pytest.raises(ValueError, match="1,000,000 drawings of 512 x 512 pixels are too many"):
        check_batch(10**6, (512, 512))


# Pictures


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (odd_pictures.bomb(), r"more than 178,956,970 pixels|at most 178,956,970"),
        (odd_pictures.png_of(2**31 - 1, 2**31 - 1), "more than 178,956,970 pixels"),
        (odd_pictures.png_of(100_000, 100), "sides of at most 32,766"),
        (odd_pictures.bmp_of(30_000, 30_000), "more than 178,956,970 pixels"),
        (b"", r"not a picture that can be read \(0 bytes\)"),
        (b"no picture", "not a picture"),
        (b"GIF89a" + b"\xff" * 10_000, "not a picture|pixels"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
    ],
    ids=["bomb", "2^62", "too wide", "bmp", "empty", "text", "gif", "svg"],
)
def test_pictures(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "hostile.png"
    path.write_bytes(content)
    before = peak_bytes()
    with pytest.raises(ValueError, match=message):
        read_image(path)
    assert peak_bytes() - before < 2**28


def test_a_chunk_longer_than_its_file(tmp_path: Path) -> None:
    path = tmp_path / "hostile.png"
    whole = odd_pictures.kinds()["png"]
    at = whole.index(b"IDAT")
    path.write_bytes(whole[: at - 4] + struct.pack(">I", 2**31 - 1) + whole[at:])
    before = peak_bytes()
    with pytest.raises(ValueError, match="not a picture"):
        read_image(path)
    assert peak_bytes() - before < 2**28


def test_a_file_of_a_terabyte_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "hostile.png"
    path.write_bytes(odd_pictures.kinds()["png"])
    with path.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(ValueError, match="1,099,511,627,776 bytes; pictures of at most"):
        read_image(path)


# Names

HOSTILE_NAMES = [
    ("", "empty or nothing but dots"),
    (".", "empty or nothing but dots"),
    ("..", "empty or nothing but dots"),
    ("a/b.png", "holds a folder"),
    ("a\\b.png", "holds a folder"),
    ("a\0.png", "control character"),
    ("a\n.png", "control character"),
    ("CON", "Windows keeps it for a device"),
    ("aux.json", "Windows keeps it for a device"),
    ("Nul .tar.gz", "Windows keeps it for a device"),
    ("com1.png", "Windows keeps it for a device"),
    ("lpt³", "Windows keeps it for a device"),
    ("a" * 300, "longer than 200 bytes"),
    ("写" * 100, "longer than 200 bytes"),
    ("\ud800.png", "half a letter"),
]


@pytest.mark.parametrize(("name", "message"), HOSTILE_NAMES, ids=lambda value: repr(value)[:30])
def test_names_that_no_file_can_have(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_file_name(name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a.png", "a.png"),
        ("../../a.png", "a.png"),
        ("/etc/cron.d/a", "a"),
        ("C:\\Windows\\a.png", "a.png"),
        ("C:a.png", "a.png"),
        ("\\\\server\\share\\folder\\a.png", "a.png"),
        ("..\\a.png", "a.png"),
        ("folder/写真.png", "写真.png"),
        ("console.png", "console.png"),
        (".hidden", ".hidden"),
    ],
)
def test_folders_in_a_name_mean_nothing(path: str, name: str) -> None:
    assert file_name_of(path) == name


def pose_file(folder: Path, image: Any) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "pose.json"
    canvas = {"width": 8, "height": 8}
    document = {"image": image, "canvas": canvas, "instance_info": []}
    path.write_bytes(json.dumps(document).encode("utf-8", "surrogatepass"))
    return path


OUTSIDE = ["../../stolen.png", "/stolen.png", "..\\..\\stolen.png", "C:\\stolen.png", "x/../stolen"]


@pytest.mark.parametrize("image", OUTSIDE)
@pytest.mark.parametrize("command", ["render", "convert"])
def test_commands_write_into_their_folder_alone(tmp_path: Path, command: str, image: str) -> None:
    pose = pose_file(tmp_path / "in", image)
    out = tmp_path / "out" / "deep"
    options = ["--to", "openpose"] if command == "convert" else []
    assert main([command, str(pose), "-o", str(out), *options]) == 0
    written = {path for path in tmp_path.rglob("*") if path.is_file()} - {pose}
    assert len(written) == 1
    assert written.pop().parent == out


@pytest.mark.parametrize(("image", "message"), HOSTILE_NAMES[5:], ids=lambda x: repr(x)[:30])
@pytest.mark.parametrize("command", ["render", "convert"])
def test_commands_write_nothing_under_a_hostile_name(
    tmp_path: Path, command: str, image: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Reported in a line; what else was asked for is done."""
    hostile = pose_file(tmp_path / "in", image)
    honest = pose_file(tmp_path / "honest", "a.png")
    options = ["--to", "comfy"] if command == "convert" else []
    arguments = [command, str(hostile), str(honest), "-o", str(tmp_path / "out"), *options]
    assert main(arguments) == 1
    error = capfd.readouterr().err
    assert message in error
    assert str(hostile) in error
    assert "Traceback" not in error
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.parametrize("image", [None, 3, ["a"], {"a": 1}, True, ""])
def test_a_name_that_is_no_text_is_no_name(tmp_path: Path, image: Any) -> None:
    ((name, _),) = read_named_poses(pose_file(tmp_path, image))
    assert name == "pose"


def test_output_that_is_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    """A link planted in the folder does not turn a drawing into an overwritten file elsewhere."""
    target = tmp_path / "precious.txt"
    target.write_text("precious")
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").symlink_to(target)
    assert main(["render", str(pose_file(tmp_path / "in", "a.png")), "-o", str(out)]) == 0
    assert target.read_text() == "precious"
    assert not (out / "a.png").is_symlink()


IMAGE = np.zeros((8, 8, 3), np.uint8)


@pytest.mark.parametrize("linked", ["a.png", "a"])
def test_masks_that_lead_out_of_their_folder(tmp_path: Path, linked: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "1.png").write_bytes(odd_pictures.kinds()["png"])
    masks = tmp_path / "masks"
    masks.mkdir()
    target = elsewhere if linked == "a" else elsewhere / "1.png"
    (masks / linked).symlink_to(target, target_is_directory=linked == "a")
    with pytest.raises(ValueError, match="leads out of the folder of masks"):
        MasksFolder.at(masks).people(tmp_path / "a.jpg", IMAGE)


def test_a_picture_called_dots_has_no_masks_in_the_folder_above(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(odd_pictures.kinds()["png"])
    masks = tmp_path / "masks"
    masks.mkdir()
    with pytest.raises(ValueError, match="leads out of the folder of masks"):
        MasksFolder.at(masks).people(tmp_path / "...jpg", IMAGE)


@pytest.mark.parametrize("line", ["/dev/zero", "pipe.png", "..", "/", "a\0b.png", "x" * 5000])
def test_lists_of_what_is_no_picture(
    tmp_path: Path, root: Path, line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Reported in a line each; nothing is read without end."""
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")  # reading would wait for somebody who writes
    (tmp_path / "list.txt").write_text(f"{line}\n")
    weights = root / "miniature" / "sapiens_miniature_17.safetensors"
    arguments = ["estimate", tmp_path / "list.txt", "-o", tmp_path / "out", "--weights", weights]
    assert main([str(each) for each in arguments]) == 1
    error = capfd.readouterr().err
    assert "picture" in error or "name too long" in error or "no file's name" in error
    assert "Traceback" not in error


def test_a_list_that_is_no_text(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    assert main(["estimate", str(tmp_path / "list.txt"), "-o", str(tmp_path / "out")]) == 1
    assert "not a list of paths in UTF-8" in capfd.readouterr().err


def test_bytes_that_are_no_zip_file(tmp_path: Path) -> None:
    path = tmp_path / "hostile.pth"
    file = io.BytesIO(b"PK\x03\x04" + bytes(100))
    path.write_bytes(file.getvalue())
    with pytest.raises(ValueError, match=r"hostile\.pth is a damaged or unfinished checkpoint"):
        read_checkpoint(path)
