"""Checkpoints of training programs: wrappers in keys, and weights in a dictionary of many."""

import argparse
import copy
import re
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model, read_checkpoint
from safetensors.torch import load_file, save_file
from torch import nn


@pytest.fixture(scope="module")
def v1(sapiens1):
    """The tensors of a tiny Sapiens v1 by its own keys."""
    return load_file(sapiens1 / "tiny_17.safetensors")


@pytest.fixture(scope="module")
def v2(sapiens2):
    """The tensors of a tiny Sapiens2 by Meta's keys."""
    return load_file(sapiens2 / "cfg_pose.safetensors")


def in_front(*wrappers):
    return lambda key: ".".join([*wrappers, key])


def after(part, wrapper):
    """Puts a wrapper behind one part of the keys that have it."""
    return lambda key: re.sub(rf"\b{part}\.", rf"{part}.{wrapper}.", key)


FSDP = "_fsdp_wrapped_module"
CHECKPOINT = "_checkpoint_wrapped_module"

RENAMINGS = {
    "torch.compile": in_front("_orig_mod"),
    "compiled, then parallel": in_front("module", "_orig_mod"),
    "parallel, then compiled": in_front("_orig_mod", "module"),
    "Lightning": in_front("model"),
    "Lightning, compiled inside": in_front("model", "_orig_mod"),
    "Lightning Fabric": in_front("_forward_module", "module"),
    "twice the same": in_front("model", "model"),
    "another name": in_front("net", "pose_model"),
    "teacher": in_front("teacher", "module"),
    "FSDP in front": in_front(FSDP),
    "FSDP of the backbone": after("backbone", FSDP),
    "FSDP of each layer, compiled": lambda key: in_front("_orig_mod", FSDP)(
        re.sub(r"\b(layers|blocks)\.(\d+)\.", rf"\1.\2.{FSDP}.{CHECKPOINT}.", key)
    ),
    "checkpointed attention": after("attn", CHECKPOINT),
    "compiled backbone alone": after("backbone", "_orig_mod"),
    "a model in the backbone": after("backbone", "model"),
    "a model in a module in a model": lambda key: in_front("model", "module")(
        after("backbone", "model")(key)
    ),
}


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[key], expected[key]) for key in expected)


@pytest.mark.parametrize("rename", RENAMINGS.values(), ids=RENAMINGS)
def test_wrappers_are_taken_off_wherever_they_stand(tmp_path, v1, rename):
    path = tmp_path / "a.safetensors"
    save_file({rename(key): value for key, value in v1.items()}, path)
    assert_same(load_model(path, num_heads=4).state_dict(), v1)


@pytest.mark.parametrize(
    "name", ["torch.compile", "FSDP of each layer, compiled", "a model in a module in a model"]
)
def test_wrappers_are_taken_off_sapiens2_too(tmp_path, sapiens2, v2, name):
    path = tmp_path / "a.safetensors"
    save_file({RENAMINGS[name](key): value for key, value in v2.items()}, path)
    whole = load_model(sapiens2 / "cfg_pose.safetensors")
    assert_same(load_model(path).state_dict(), whole.state_dict())


TORCH_ITSELF = {
    "parallel": lambda model: nn.DataParallel(model).state_dict(),
    "averaged, with its counter": lambda model: torch.optim.swa_utils.AveragedModel(
        model
    ).state_dict(),
    "in a training module": lambda model: nn.ModuleDict({"model": model}).state_dict(),
}


def assert_loads_as(wrap, model, path):
    expected = model.state_dict()
    wrapped = wrap(copy.deepcopy(model))
    assert wrapped.keys() != expected.keys()
    torch.save(wrapped, path)
    assert_same(load_model(path, num_heads=4).state_dict(), expected)


@pytest.mark.parametrize("wrap", TORCH_ITSELF.values(), ids=TORCH_ITSELF)
def test_keys_that_torch_itself_writes(tmp_path, sapiens1, wrap):
    model = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4)
    assert_loads_as(wrap, model, tmp_path / "a.pth")


def compiled(model):
    return torch.compile(nn.DataParallel(model)).state_dict()


def checkpointed(model):
    from torch.distributed.algorithms._checkpoint import checkpoint_wrapper

    checkpoint_wrapper.apply_activation_checkpointing(
        model, check_fn=lambda module: not isinstance(module, nn.GELU)
    )
    return dict(model.named_parameters())


@pytest.mark.slow
@pytest.mark.parametrize("wrap", [compiled, checkpointed], ids=lambda wrap: wrap.__name__)
def test_keys_that_slow_parts_of_torch_write(tmp_path, sapiens1, wrap):
    """Slow: importing the compiler, or what trains on many machines, takes seconds."""
    model = load_model(sapiens1 / "tiny_17.safetensors", num_heads=4)
    assert_loads_as(wrap, model, tmp_path / "a.pth")


def test_files_of_transformers_may_be_wrapped_too(tmp_path, sapiens2, v2):
    """Their own keys begin with model."""
    transformers_keys = {
        "decode_head.conv_pose.weight": "decode_head.predictor.weight",
        "decode_head.conv_pose.bias": "decode_head.predictor.bias",
        "backbone.cls_token": "model.embeddings.cls_token",
        "backbone.ln1.weight": "model.norm.weight",
    }
    for prefix in ("model.", "_orig_mod.model."):
        renamed = {prefix + transformers_keys.get(k, k): value for k, value in v2.items()}
        save_file(renamed, tmp_path / "a.safetensors")
        assert load_model(tmp_path / "a.safetensors").config.num_keypoints == 308


def test_wrappers_stay_where_not_all_keys_fit_without_them(tmp_path, v1):
    """Half of another network in the file: what it holds is named."""
    path = tmp_path / "a.safetensors"
    renamed = {f"model.{key}": value for key, value in v1.items()}
    save_file({**renamed, "critic.layers.0.weight": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match=r"critic\.layers\.0\.weight is not part of the model"):
        load_model(path, num_heads=4)
    save_file({**renamed, "backbone.pos_embed": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match=r"two tensors for 'backbone.pos_embed'"):
        load_model(path, num_heads=4)


NAMES = [
    *("state_dict", "model", "model_state_dict", "module", "ema_state_dict", "teacher"),
    *("model_ema", "state_dict_ema", "network", "generator", "params", "weights"),
]


@pytest.mark.parametrize("name", NAMES)
def test_weights_one_dictionary_deep(tmp_path, v1, name):
    path = tmp_path / "a.ckpt"
    optimizer = {"state": {0: {"exp_avg": torch.zeros(4)}}, "param_groups": [{"lr": 0.1}]}
    wrapped = {f"module.{key}": value for key, value in v1.items()}
    torch.save({"epoch": 3, "step": torch.tensor(4), "optimizer": optimizer, name: wrapped}, path)
    assert load_model(path, num_heads=4).config.num_keypoints == 17
    assert read_checkpoint(path)[0].keys() == v1.keys()


def doubled(tensors):
    return {key: 2 * value for key, value in tensors.items()}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ema_state_dict", "state_dict"),
        ("model_ema", "model"),
        ("teacher", "model_state_dict"),
        ("student", "teacher"),
        ("best", "state_dict"),
    ],
)
def test_of_two_dictionaries_the_usual_name_counts(tmp_path, v1, first, second):
    path = tmp_path / "a.pth"
    torch.save({first: doubled(v1), second: v1}, path)
    key = "backbone.pos_embed"
    assert torch.equal(load_model(path, num_heads=4).state_dict()[key], v1[key])


def test_a_dictionary_that_does_not_fit_is_passed_over(tmp_path, v1):
    path = tmp_path / "a.pth"
    backbone = {key: value for key, value in v1.items() if key.startswith("backbone.")}
    torch.save({"state_dict": backbone, "teacher": v1}, path)
    assert load_model(path, num_heads=4).config.num_keypoints == 17
    torch.save({"checkpoint": {"model": v1}, "args": {"lr": 0.1}}, path)
    assert load_model(path, num_heads=4).config.num_keypoints == 17


def of_module(full_name):
    """An object of a class of a library that need not be installed here."""
    module, name = full_name.rsplit(".", 1)
    base = dict if name == "AttributeDict" else SimpleNamespace
    return type(name, (base,), {"__module__": module})


SETTINGS = {
    "arguments": argparse.Namespace(lr=0.1, output=Path("runs") / "1"),
    "a path": Path("runs"),
    "times": [datetime(2026, 11, 30), timedelta(seconds=3)],
    "numbers": [np.float64(0.5), np.arange(3), np.bool_(True), np.float32(1)],
    "counts": defaultdict(int, a=1),
    "Lightning": "lightning.fabric.utilities.data.AttributeDict",
    "OmegaConf": "omegaconf.dictconfig.DictConfig",
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_settings_beside_the_weights_do_no_harm(tmp_path, monkeypatch, v1, settings):
    """Training programs save what they were told along with the weights."""
    if isinstance(settings, str):
        kind = of_module(settings)
        parent = ""
        for part in kind.__module__.split("."):
            parent = f"{parent}.{part}".lstrip(".")
            monkeypatch.setitem(sys.modules, parent, ModuleType(parent))
        setattr(sys.modules[kind.__module__], kind.__name__, kind)
        settings = kind(lr=0.1, size=kind(a=1))
    path = tmp_path / "a.pth"
    torch.save({"args": settings, "model": v1}, path)
    assert_same(load_model(path, num_heads=4).state_dict(), v1)


NOTHING_KNOWN = [
    ({}, "It holds 0 tensors."),
    ({"epoch": 3, "model": {}}, r"0 tensors. Beside them, it holds 'epoch'; 'model' \(0 entries"),
    ({"optimizer": {"state": {}}}, r"'optimizer' \(1 entries, the first being 'state'\)"),
    ({"vae": {"a.b": torch.zeros(1)}}, r"'vae' \(1 entries, the first being 'a.b'\)"),
    ({"model.unet.weight": torch.zeros(1)}, "1 tensors, the first being 'model.unet.weight'"),
    (dict.fromkeys("abcdefg", 1), "'a'; 'b'; 'c'; 'd'; 'e' and 2 more"),
]


@pytest.mark.parametrize(
    ("content", "told"), NOTHING_KNOWN, ids=[told for _, told in NOTHING_KNOWN]
)
def test_a_failure_names_the_keys_that_were_seen(tmp_path, content, told):
    path = tmp_path / "a.pth"
    torch.save(content, path)
    with pytest.raises(
        ValueError, match=rf"a\.pth cannot be used as a Sapiens pose checkpoint.*{told}"
    ):
        load_model(path)
