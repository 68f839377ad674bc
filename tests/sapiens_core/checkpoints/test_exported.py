"""``torch.export`` archives, which Meta's ``*_bfloat16.pt2`` are: weights as data, nothing run."""

import io
import json
import os
import pickle
import zipfile

import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from safetensors.torch import load_file

DTYPES = {torch.float16: 6, torch.float32: 7, torch.float64: 8, torch.bfloat16: 13, torch.int64: 5}


def saved(content):
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def row(name, tensor):
    """How PyTorch from 2.9 on describes a tensor in an archive."""
    return {
        "path_name": name,
        "is_param": True,
        "use_pickle": False,
        "tensor_meta": {
            "dtype": DTYPES[tensor.dtype],
            "sizes": [{"as_int": size} for size in tensor.shape],
            "requires_grad": True,
            "device": {"type": "cpu", "index": None},
            "strides": [{"as_int": stride} for stride in tensor.stride()],
            "storage_offset": {"as_int": tensor.storage_offset()},
            "layout": 7,
        },
    }


def write_new(path, rows, storages, **others):
    """An archive as 2.9 and newer write it: bytes of storages, and JSON that describes them."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exported/archive_format", "pt2")
        archive.writestr("exported/models/model.json", "{}")
        config = json.dumps({"config": rows})
        archive.writestr("exported/data/weights/model_weights_config.json", config)
        for name, content in (storages | others).items():
            archive.writestr(f"exported/data/weights/{name}", content)


def raw_bytes(tensor):
    return bytes(tensor.contiguous().view(torch.uint8).numpy())


def new(path, tensors):
    names = {key: f"weight_{number}" for number, key in enumerate(tensors)}
    rows = {key: row(names[key], tensor.contiguous()) for key, tensor in tensors.items()}
    write_new(path, rows, {names[key]: raw_bytes(tensor) for key, tensor in tensors.items()})


def version_2_8(path, tensors):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exported/archive_format", "pt2")
        archive.writestr("exported/data/weights/model.pt", saved(tensors))
        archive.writestr("exported/data/sample_inputs/model.pt", b"never opened")


def version_2_3(path, tensors):
    """As Meta's files were written."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("serialized_exported_program.json", "{}")
        parameters = {key: torch.nn.Parameter(value) for key, value in tensors.items()}
        archive.writestr("serialized_state_dict.pt", saved(parameters))
        archive.writestr("serialized_constants.pt", b"never opened")
        archive.writestr("version", "5.1")


def version_2_1(path, tensors):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("serialized_exported_program.json", "{}")
        archive.writestr("serialized_state_dict.json", saved(tensors))


LAYOUTS = [version_2_1, version_2_3, version_2_8, new]


@pytest.fixture(scope="module")
def v1(sapiens1):
    return load_file(sapiens1 / "tiny_17.safetensors")


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
@pytest.mark.parametrize("write", LAYOUTS, ids=lambda write: write.__name__)
def test_the_weights_of_every_layout_are_read(tmp_path, v1, write, dtype):
    path = tmp_path / "sapiens_0.3b_goliath_best_goliath_AP_573_bfloat16.pt2"
    preprocessor = {f"data_preprocessor.{name}": torch.zeros(3, 1, 1) for name in ("mean", "std")}
    write(path, {key: value.to(dtype) for key, value in (v1 | preprocessor).items()})
    found = load_model(path, num_heads=4).state_dict()
    assert found.keys() == v1.keys()
    assert all(torch.equal(found[key], v1[key].to(dtype)) for key in v1)


def test_tensors_that_share_a_storage(tmp_path, v1):
    """Offsets and strides are kept: torch writes a storage once."""
    path, key = tmp_path / "a.pt2", "backbone.layers.0.attn.proj.weight"
    other = "backbone.layers.1.attn.proj.weight"
    both = torch.stack((v1[key].T, v1[other].T))
    tensors = {**v1, key: both[0].T, other: both[1].T}
    rows, storages = {}, {}
    for number, (name, tensor) in enumerate(tensors.items()):
        shared = name in (key, other)
        file = "weight_both" if shared else f"weight_{number}"
        rows[name] = row(file, tensor)
        storages[file] = raw_bytes(both if shared else tensor)
    write_new(path, rows, storages)
    found = load_model(path, num_heads=4).state_dict()
    assert all(torch.equal(found[name], v1[name]) for name in v1)


@pytest.mark.slow
def test_what_torch_itself_exports(tmp_path, sapiens1, v1):
    """Slow: importing the exporter takes seconds."""
    model = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4)
    program = torch.export.export(model, (torch.zeros(1, 3, *model.config.input_size_hw),))
    torch.export.save(program, tmp_path / "a.pt2")
    found = load_model(tmp_path / "a.pt2", num_heads=4).state_dict()
    assert all(torch.equal(found[key], v1[key]) for key in v1)


def test_another_model_is_named_by_its_keys(tmp_path):
    new(tmp_path / "a.pt2", {"l.weight": torch.zeros(4, 4), "l.bias": torch.zeros(4)})
    with pytest.raises(ValueError, match=r"2 tensors, the first being 'l\.weight', 'l\.bias'"):
        load_model(tmp_path / "a.pt2")


def compiled(path, tensors):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("package/archive_format", "pt2")
        archive.writestr("package/data/aotinductor/model/model.so", b"\x7fELF")


def without_weights(path, tensors):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exported/archive_format", "pt2")
        archive.writestr("exported/models/model.json", "{}")


def with_empty_storages(path, tensors):
    rows = {key: row("weight_0", tensor) for key, tensor in tensors.items()}
    write_new(path, rows, {"weight_0": b""})


def quantised(path, tensors):
    rows = {key: row("weight_0", tensor) | {"use_pickle": True} for key, tensor in tensors.items()}
    write_new(path, rows, {"weight_0": saved(torch.zeros(1))})


def complex_numbers(path, tensors):
    rows = {key: row("weight_0", tensor) for key, tensor in tensors.items()}
    for each in rows.values():
        each["tensor_meta"]["dtype"] = 10
    write_new(path, rows, {"weight_0": bytes(64)})


@pytest.mark.parametrize(
    ("write", "told"),
    [
        (compiled, "an AOTInductor package: code that was compiled for one kind of machine"),
        (without_weights, "a torch.export archive without weights"),
        (with_empty_storages, "a torch.export archive without weights"),
        (quantised, "a torch.export archive whose tensor 'backbone.*' is quantised"),
        (complex_numbers, "a torch.export archive whose tensor 'backbone.*' is quantised"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_has_no_weights_says_what_it_is_and_what_to_take(tmp_path, v1, write, told):
    write(tmp_path / "a.pt2", v1)
    with pytest.raises(ValueError, match=rf"a\.pt2 is {told}.*Use the \.safetensors or \.pth"):
        load_model(tmp_path / "a.pt2", num_heads=4)


def test_a_zip_file_of_other_things_says_so(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.pt2", "w") as archive:
        archive.writestr("sapiens/model.safetensors", b"")
    with pytest.raises(ValueError, match=r"not one that PyTorch writes \(it holds 'sapiens/model"):
        load_model(tmp_path / "a.pt2")


class Call:
    """Makes a folder when it is unpickled by somebody careless."""

    def __reduce__(self):
        return os.mkdir, ("made_by_code",)


def pickled_program(path):
    version_2_3(path, {"a": torch.zeros(1)})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("serialized_example_inputs.pt", pickle.dumps(Call()))


def pickled_sample(path):
    write_new(path, {"a": row("weight_0", torch.zeros(1))}, {"weight_0": bytes(4)})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("exported/data/sample_inputs/model.pt", pickle.dumps(Call()))


def pickled_weights(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("serialized_exported_program.json", "{}")
        archive.writestr("serialized_state_dict.pt", saved({"a": Call()}))


def pickled_weight(path):
    rows = {"a": row("weight_0", torch.zeros(1)) | {"use_pickle": True}}
    write_new(path, rows, {"weight_0": pickle.dumps(Call())})


def bare_pickle(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exported/archive_format", "pt2")
        archive.writestr("exported/data/weights/model.pt", pickle.dumps(Call()))


@pytest.mark.promise("Files run nothing")
@pytest.mark.parametrize(
    "write",
    [pickled_program, pickled_sample, pickled_weights, pickled_weight, bare_pickle],
    ids=lambda write: write.__name__,
)
def test_code_in_an_archive_is_never_run(tmp_path, monkeypatch, write):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.pt2")
    with pytest.raises(ValueError, match=r"a\.pt2"):
        load_model(tmp_path / "a.pt2")
    assert not (tmp_path / "made_by_code").exists()


def expanded(path):
    """A terabyte, all of it the same four bytes."""
    tensor = torch.zeros(1).expand(10**6, 10**6)
    write_new(path, {"a": row("weight_0", tensor)}, {"weight_0": bytes(4)})


def beyond_its_bytes(path):
    write_new(path, {"a": row("weight_0", torch.zeros(100))}, {"weight_0": bytes(4)})


def negative(path):
    rows = {"a": row("weight_0", torch.zeros(4))}
    rows["a"]["tensor_meta"]["storage_offset"] = {"as_int": -1}
    write_new(path, rows, {"weight_0": bytes(16)})


def elsewhere(path):
    """A name that leads out of the archive's folder leads to nothing."""
    rows = {"a": row("../../../../../etc/passwd", torch.zeros(4))}
    write_new(path, rows, {"weight_0": bytes(16)})


def bomb(path):
    """16 MB of zeros in 16 kB, as the torch.save file in the archive."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(2**24))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("serialized_exported_program.json", "{}")
        archive.writestr("serialized_state_dict.pt", inner.getvalue())


def outer_bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("exported/archive_format", "pt2")
        archive.writestr("exported/data/weights/model.pt", bytes(2**24))


def not_json(path):
    write_new(path, {}, {})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("exported/archive_format", "pt2")
        archive.writestr("exported/data/weights/model_weights_config.json", "[" * 100_000)


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    ("write", "told"),
    [
        (expanded, "would take 4,000,000,000,000 bytes"),
        (beyond_its_bytes, "damaged"),
        (negative, "damaged .*expected a whole number"),
        (elsewhere, "damaged .*no item named"),
        (bomb, "was refused: it unpacks to 16,777"),
        (outer_bomb, "was refused: it unpacks to 16,777"),
        (not_json, "damaged .*nested too deeply"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_archives_that_lie(tmp_path, write, told):
    write(tmp_path / "a.pt2")
    with pytest.raises(ValueError, match=rf"a\.pt2 .*{told}"):
        load_model(tmp_path / "a.pt2")
