"""The Sapiens2 network against the reference: exact keys of all official files, numbers of tiny
ones, and proof that each delicate point is watched.

What the reference does in bfloat16 it does in bfloat16 here, so that a different order of a sum
flips roundings: the tolerances are a few times what that costs, and far below what a mistake does.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.sapiens_core.checkpoints.key_names import canonical_tensors
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import normalise
from comfyui_sapiens_pose.sapiens_core.network import backbone_v2
from comfyui_sapiens_pose.sapiens_core.network.backbone_v2 import rope_periods, rope_tables
from comfyui_sapiens_pose.sapiens_core.network.pose_net import (
    SAPIENS2,
    SapiensPoseNet,
    infer_config,
)
from helpers.counted_layers import CountedLayers
from helpers.samples import sample
from torch import nn

pytestmark = pytest.mark.portable

SIZES = ("0.4b", "0.8b", "1b", "5b")
EXPECTED = {
    "0.4b": (1024, 16, 4096, (1024, 768), (512, 512, 256)),
    "0.8b": (1280, 16, 5120, (1024, 768), (512, 512, 256)),
    "1b": (1536, 24, 6144, (1536, 1024), (768, 512, 256)),
    "5b": (2432, 32, 9728, (1024, 768), (512, 512, 256)),
}

TOLERANCES = {
    "rule": {"features": (8e-4, 1.5e-2), "heatmaps": (7e-4, 2.5e-2)},
    "cfg": {"features": (3e-4, 5e-3), "heatmaps": (3e-4, 8e-3)},
}
"""Mean and largest difference, float32."""


@dataclass(frozen=True)
class Tiny:
    """A tiny network's checkpoint with what the reference computes from it."""

    name: str
    path: Path
    golden: dict[str, np.ndarray]

    @property
    def size_hw(self) -> tuple[int, int]:
        return self.golden["crops_u8"].shape[-2:]

    def model(self, **options) -> SapiensPoseNet:
        return load_model(self.path, **{"dtype": torch.float32, **options})

    def inputs(self) -> torch.Tensor:
        # BCHW in BGR -> HWC in RGB
        return normalise(list(self.golden["crops_u8"][:, ::-1].transpose(0, 2, 3, 1)))

    def check(self, found: torch.Tensor, wanted: np.ndarray, kind: str) -> None:
        mean, largest = TOLERANCES[self.name][kind]
        difference = np.abs(found.float().numpy() - wanted)
        assert difference.mean() <= mean
        assert difference.max() <= largest

    @torch.inference_mode()
    def check_network(self, model: SapiensPoseNet) -> None:
        features = model.backbone(self.inputs())
        self.check(features, self.golden["features"], "features")
        heatmaps = model.head(features)[:, self.golden["heatmap_channels"]]
        self.check(heatmaps, self.golden["heatmaps"], "heatmaps")


def read_tiny(folder: Path, name: str) -> Tiny:
    with np.load(folder / f"{name}.npz") as arrays:
        return Tiny(name, folder / f"{name}_pose.safetensors", dict(arrays))


@pytest.fixture(scope="module", params=["rule", "cfg"])
def tiny(request, sapiens2):
    return read_tiny(sapiens2, request.param)


@pytest.fixture(autouse=True)
def _fresh_tables():
    rope_tables.cache_clear()
    yield
    rope_tables.cache_clear()


@pytest.mark.parametrize("size", SIZES)
def test_official_checkpoints_fit_exactly(sapiens2, size):
    with gzip.open(sapiens2 / "keys" / f"keys_{size}.json.gz", "rt") as file:
        listed = json.load(file)
    official = canonical_tensors(
        {
            key: torch.empty(shape, dtype=getattr(torch, dtype), device="meta")
            for key, shape, dtype in listed["keys"]
        }
    )
    config = infer_config({key: tensor.shape for key, tensor in official.items()})
    with torch.device("meta"):
        model = SapiensPoseNet(config)
    built = {key: (value.shape, value.dtype) for key, value in model.state_dict().items()}
    assert built == {key: (tensor.shape, tensor.dtype) for key, tensor in official.items()}
    assert {key for key, _, _ in listed["keys"] if key.startswith("backbone.")} < built.keys()
    assert len(built) == listed["num_tensors"]
    assert sum(parameter.numel() for parameter in model.parameters()) == listed["params"]
    backbone, head = config.backbone, config.head
    found = (
        backbone.width,
        backbone.num_heads,
        backbone.feedforward_width,
        head.deconv_channels,
        head.conv_channels,
    )
    assert found == EXPECTED[size]
    assert list(backbone.kv_heads) == listed["num_kv_heads"]
    assert (config.generation, config.input_size_hw, head.num_keypoints) == (
        SAPIENS2,
        (1024, 768),
        308,
    )


def test_features_and_heatmaps_are_the_references(tiny):
    tiny.check_network(tiny.model())


@torch.inference_mode()
def test_every_layer_is_the_references(tiny):
    model, tokens = tiny.model(), []
    for block in model.backbone.blocks:
        block.register_forward_hook(lambda module, inputs, output: tokens.append(output[0]))
    model.backbone(tiny.inputs()[:1])
    mean, largest = TOLERANCES[tiny.name]["features"]
    difference = np.abs(torch.stack(tokens).numpy() - tiny.golden["block_tokens"])
    assert difference.mean() <= 3 * mean
    assert difference.max() <= 3 * largest


@pytest.mark.parametrize("size", SIZES)
def test_rotary_tables_of_the_official_sizes_are_exact(sapiens2, size):
    width, num_heads, *_ = EXPECTED[size]
    periods = rope_periods(width // num_heads)
    sines, cosines = rope_tables((64, 48), tuple(periods.tolist()))
    suffix = size.replace(".", "_")
    with np.load(sapiens2 / "rope_real.npz") as golden:
        assert np.array_equal(periods.float().numpy(), golden[f"periods_{suffix}"])
        assert np.array_equal(sines[::97].float().numpy(), golden[f"sin_{suffix}"])
        assert np.array_equal(cosines[::97].float().numpy(), golden[f"cos_{suffix}"])


def test_rotary_tables_of_a_checkpoint_are_exact(tiny):
    grid_hw = (tiny.size_hw[0] // 16, tiny.size_hw[1] // 16)
    sines, cosines = tiny.model().backbone.rope_embed(grid_hw, torch.device("cpu"))
    prefix = 9
    assert torch.equal(sines[:prefix], torch.zeros_like(sines[:prefix]))
    assert torch.equal(cosines[:prefix], torch.ones_like(cosines[:prefix]))
    assert np.array_equal(sines[prefix:].float().numpy(), tiny.golden["rope_sin"])
    assert np.array_equal(cosines[prefix:].float().numpy(), tiny.golden["rope_cos"])


def test_rotary_tables_are_built_once_a_grid(tiny):
    model, inputs = tiny.model(), tiny.inputs()
    for images in (inputs, inputs[:1], inputs.mT, inputs):
        model(images)
    assert rope_tables.cache_info().misses == 2


@pytest.mark.parametrize(
    "dtype",
    sample(
        [torch.float32, torch.float16, torch.bfloat16, torch.float64],
        [torch.float32, torch.float16],
    ),
)
def test_positions_do_not_depend_on_the_dtype_of_the_network(tiny, dtype):
    model = tiny.model(dtype=dtype).to(dtype)
    tables = model.backbone.rope_embed((4, 3), torch.device("cpu"))
    expected = tiny.model(dtype=None).backbone.rope_embed((4, 3), torch.device("cpu"))
    assert all(table.dtype == torch.bfloat16 for table in tables)
    assert all(map(torch.equal, tables, expected))


def test_a_network_cast_to_float32_is_still_the_references(tiny):
    tiny.check_network(tiny.model(dtype=None).float())


@pytest.mark.parametrize(
    ("dtype", "key", "mean", "largest"),
    [
        (torch.bfloat16, "heatmaps_bf16_sub", 0.04, 0.6),
        (torch.float16, "heatmaps_fp16_sub", 0.01, 0.15),
    ],
)
@torch.inference_mode()
def test_16_bit_networks_stay_near_the_references(tiny, dtype, key, mean, largest):
    heatmaps = tiny.model(dtype=dtype)(tiny.inputs()[:1].to(dtype))[:, ::28]
    difference = np.abs(heatmaps.float().numpy() - tiny.golden[key])
    assert difference.mean() <= mean
    assert difference.max() <= largest


@pytest.mark.parametrize("size_hw", [(64, 48), (48, 64), (16, 16), (80, 112)])
@torch.inference_mode()
def test_any_input_size_of_whole_patches_works(sapiens2, size_hw):
    tiny = read_tiny(sapiens2, "cfg")
    model = tiny.model(input_size_hw=size_hw)
    assert model.config.input_size_hw == size_hw
    heatmaps = model(torch.zeros(2, 3, *size_hw))
    assert heatmaps.shape == (2, 308, size_hw[0] // 4, size_hw[1] // 4)
    assert heatmaps.isfinite().all()


@pytest.mark.parametrize("size_hw", [(1000, 768), (1024, 760), (0, 768), (-16, 16)])
def test_other_input_sizes_are_refused(sapiens2, size_hw):
    with pytest.raises(ValueError, match=r"cfg_pose.* multiples of 16, such as 1024 x 768"):
        load_model(sapiens2 / "cfg_pose.safetensors", input_size_hw=size_hw)


def test_every_layer_with_weights_comes_from_the_operations_namespace(tiny):
    operations = CountedLayers()
    model = tiny.model(operations=operations)
    own = {"BackboneV2", "LayerScale"}  # whose tensors are parameters of their own
    with_weights = [
        type(module).__name__
        for module in model.modules()
        if next(module.parameters(recurse=False), None) is not None
    ]
    assert sorted(operations.made) == sorted(name for name in with_weights if name not in own)


@torch.inference_mode()
def test_raw_parameters_follow_the_input(tiny):
    """ComfyUI may keep weights in another dtype than it computes in, layer by layer."""
    model = tiny.model()
    for name in ("cls_token", "storage_tokens"):
        getattr(model.backbone, name).data = getattr(model.backbone, name).double()
    for block in model.backbone.blocks:
        block.attn.gamma.double()
    tiny.check_network(model)


# Each mutation breaks one delicate point; the golden numbers must notice.


def rotating_in_float32(patch, model):
    patch.setattr(backbone_v2, "ROPE_DTYPE", torch.float32)


def queries_not_rounded(patch, model):
    def rotate(heads, sines, cosines, rotate=backbone_v2.rotate):
        return rotate(heads, sines.to(heads), cosines.to(heads))

    patch.setattr(backbone_v2, "rotate", rotate)


def rotating_neighbours(patch, model):
    def rotate(heads, sines, cosines):
        first, second = heads.bfloat16()[..., ::2], heads.bfloat16()[..., 1::2]
        turned = torch.stack((-second, first), dim=-1).flatten(-2)
        return (heads.bfloat16() * cosines + turned * sines).to(heads.dtype)

    patch.setattr(backbone_v2, "rotate", rotate)


def y_and_x_swapped(patch, model):
    def tables(grid_hw, periods):
        found = rope_tables(grid_hw, periods)
        return tuple(t.unflatten(1, (2, 2, -1)).flip(2).flatten(1) for t in found)

    patch.setattr(backbone_v2, "rope_tables", tables)


def keys_tiled(patch, model):
    def shared(self, heads):
        return heads.repeat(1, 1, self.queries_per_key, 1)

    patch.setattr(backbone_v2.Attention, "_shared", shared)


def no_layer_scale(patch, model):
    patch.setattr(backbone_v2.LayerScale, "forward", lambda self, tokens: tokens)


def no_query_norm(patch, model):
    for block in model.backbone.blocks:
        nn.init.ones_(block.attn.q_norm.weight)


def no_registers(patch, model):
    nn.init.zeros_(model.backbone.storage_tokens)


def periods_by_formula(patch, model):
    rope = model.backbone.rope_embed
    patch.setattr(rope, "periods", rope_periods(model.config.backbone.head_width))


MUTATIONS = [
    rotating_in_float32,
    queries_not_rounded,
    rotating_neighbours,
    y_and_x_swapped,
    keys_tiled,
    no_layer_scale,
    no_query_norm,
    no_registers,
]


@pytest.mark.parametrize("tiny", sample(["rule", "cfg"], ["rule"]), indirect=True)
@pytest.mark.parametrize(
    "mutate", sample(MUTATIONS, [y_and_x_swapped, no_registers]), ids=lambda mutate: mutate.__name__
)
def test_golden_numbers_notice_every_mutation(tiny, monkeypatch, mutate):
    model = tiny.model()
    with torch.no_grad():
        mutate(monkeypatch, model)
    with pytest.raises(AssertionError):
        tiny.check_network(model)


def test_golden_numbers_notice_periods_that_were_not_read(sapiens2, monkeypatch):
    tiny = read_tiny(sapiens2, "cfg")
    model = tiny.model()
    periods_by_formula(monkeypatch, model)
    with pytest.raises(AssertionError):
        tiny.check_network(model)
