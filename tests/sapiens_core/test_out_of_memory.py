"""Memory that runs out at every stage: the run goes on with less, or ends with one sentence."""

import subprocess
import sys
import weakref

import cv2
import numpy as np
import pytest
import torch
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.images import encode_png, read_image
from comfyui_sapiens_pose.sapiens_core import estimator as estimator_module
from comfyui_sapiens_pose.sapiens_core.batches import run_in_batches
from comfyui_sapiens_pose.sapiens_core.checkpoints.load import load_model
from comfyui_sapiens_pose.sapiens_core.crop import Crop
from comfyui_sapiens_pose.sapiens_core.detection.people import People
from comfyui_sapiens_pose.sapiens_core.estimator import EstimateOptions, PoseEstimator
from comfyui_sapiens_pose.sapiens_core.out_of_memory import (
    OutOfMemory,
    explain_out_of_memory,
    is_out_of_memory,
)
from comfyui_sapiens_pose.sapiens_core.pipeline import PoseOptions, find_poses
from comfyui_sapiens_pose.skeletons.poses.cleanup import CleanupOptions
from helpers.command_lines import ESTIMATE
from helpers.failing_memory import FailingMemory
from memory import tiny_estimator
from PIL.PngImagePlugin import PngImageFile

PICTURE = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
PEOPLE = People([[0, 0, 40, 60], [35, 0, 80, 60]])
OPTIONS = PoseOptions(
    EstimateOptions(batch_size=2),
    CleanupOptions.from_switches(duplicates=False, guesses=False),
    refine="both",
)
TOO_MANY = 10**15
POINTS = 8
"""At so many operations of a run memory is made to end, in the quick test."""


@pytest.fixture(autouse=True)
def _one_thread(_few_threads) -> None:
    """Threads of so small a network would wait for one another."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def model():
    return tiny_estimator().model


@pytest.fixture(scope="module")
def expected(model):
    return find_poses(PoseEstimator(model), [PICTURE], [PEOPLE], OPTIONS)


def run(model):
    with explain_out_of_memory("finding poses"):
        return find_poses(PoseEstimator(model), [PICTURE], [PEOPLE], OPTIONS)


def assert_alike(found, expected):
    assert len(found[0].poses) == len(expected[0].poses) == len(PEOPLE)
    for pose, twin in zip(found[0].poses, expected[0].poses, strict=True):
        np.testing.assert_allclose(pose.scores, twin.scores, atol=1e-4)


@pytest.mark.promise("Memory that runs out is explained")
@pytest.mark.parametrize(
    "ask",
    [
        lambda: torch.empty(TOO_MANY),
        lambda: np.empty(TOO_MANY),
        lambda: cv2.resize(np.zeros((2, 2, 3)), (2**31 - 1, 2**20)),
        lambda: bytearray(TOO_MANY),
    ],
    ids=["torch", "numpy", "opencv", "python"],
)
def test_every_librarys_error_is_told_alike(ask):
    tell(ask)


@pytest.mark.parametrize("said", ["can't allocate", "not enough"], ids=["Linux", "Windows"])
def test_the_processors_allocator_is_understood_on_every_system(said):
    def ask():
        text = f"data. DefaultCPUAllocator: {said} memory: you tried to allocate 26214400 bytes."
        raise RuntimeError(f"[enforce fail at alloc_cpu.cpp:117] {text}")

    tell(ask)


def tell(ask):
    message = r"^Memory ran out while reading\. Use a smaller .* is kept\. \(.+\)$"
    with pytest.raises(OutOfMemory, match=message), explain_out_of_memory("reading"):
        ask()


@pytest.mark.parametrize(
    "error", [ValueError("out of memory"), RuntimeError("shapes"), cv2.error("no memory")], ids=repr
)
def test_other_errors_pass_as_they_are(error):
    assert not is_out_of_memory(error)
    with pytest.raises(type(error)) as raised, explain_out_of_memory("reading"):
        raise error
    assert raised.value is error


def operations(model) -> int:
    with FailingMemory() as memory:
        run(model)
    return memory.count


def memory_ends_once_at_each_of(model, expected, numbers):
    for at in numbers:
        with FailingMemory(lambda number, at=at: number == at):
            assert_alike(run(model), expected)


@pytest.mark.promise("Memory that runs out is explained")
def test_a_pass_that_fails_anywhere_is_done_again_with_fewer(model, expected):
    """Two people share each pass, so that there always is a smaller one."""
    total = operations(model)
    assert total > 200
    memory_ends_once_at_each_of(model, expected, range(0, total, total // POINTS))


@pytest.mark.promise("Memory that runs out is explained")
@pytest.mark.slow
def test_a_pass_that_fails_at_any_operation_is_done_again_with_fewer(model, expected):
    memory_ends_once_at_each_of(model, expected, range(operations(model)))


@pytest.mark.promise("Memory that runs out is explained")
def test_memory_that_stays_full_ends_the_run_and_the_next_one_is_right(model, expected):
    for full_from in (0, operations(model) // 2):
        with (
            pytest.raises(OutOfMemory, match="while finding poses"),
            FailingMemory(lambda number, full_from=full_from: number >= full_from),
        ):
            run(model)
        assert_alike(run(model), expected)


@pytest.mark.promise("Memory that runs out is explained")
@pytest.mark.parametrize(
    ("place", "name", "ask"),
    [
        (Crop, "pixels", lambda: cv2.resize(np.zeros((2, 2, 3)), (2**31 - 1, 2**20))),
        (estimator_module, "normalise", lambda: np.empty(TOO_MANY)),
        (estimator_module, "decode", lambda: torch.empty(TOO_MANY)),
    ],
    ids=["crop", "normalise", "decode"],
)
def test_a_stage_that_always_fails_ends_the_run_and_the_next_one_is_right(
    model, expected, monkeypatch, place, name, ask
):
    with monkeypatch.context() as patch:
        patch.setattr(place, name, lambda *args, **kwargs: ask())
        with pytest.raises(OutOfMemory, match="while finding poses"):
            run(model)
    assert_alike(run(model), expected)


class Remembering(torch.nn.Module):
    """Fails with more than one crop; tells whether what a failed pass held was let go."""

    def __init__(self, model):
        super().__init__()
        self.model, self.config = model, model.config
        self.held, self.kept = [], []

    def forward(self, images):
        self.kept += [reference() is not None for reference in self.held]
        activations = images * 2
        self.held.append(weakref.ref(activations))
        if len(images) > 1:
            raise torch.cuda.OutOfMemoryError("out of memory")
        return self.model(images)


@pytest.mark.promise("Memory that runs out is explained")
@pytest.mark.parametrize("count", [1, 2], ids=["mirrored crops", "people"])
def test_what_a_failed_pass_held_is_let_go_before_the_next_try(model, count):
    remembering = Remembering(model)
    people = People(np.asarray(PEOPLE.boxes_xyxy)[:count])
    PoseEstimator(remembering).estimate([PICTURE], [people], EstimateOptions(batch_size=2))
    assert remembering.kept
    assert not any(remembering.kept)


def test_any_librarys_error_halves_a_batch():
    def work(batch):
        if len(batch) > 1:
            np.empty(TOO_MANY)
        return batch

    assert list(run_in_batches(work, range(3), 3, 2)) == [0, 1, 2]


@pytest.mark.promise("Memory that runs out is explained")
@pytest.mark.parametrize("name", ["tiny_17.pth", "tiny_17_torchscript.pt2"])
def test_a_model_that_does_not_fit_is_not_called_damaged(sapiens1, name):
    def load():
        with explain_out_of_memory("loading the model"):
            return load_model(sapiens1 / name, num_heads=4, dtype=torch.float64)

    with FailingMemory() as memory:
        load()
    for at in range(0, memory.count, max(1, memory.count // 5)):
        with (
            pytest.raises(OutOfMemory, match="while loading the model"),
            FailingMemory(lambda number, at=at: number == at),
        ):
            load()
    assert load().config.num_keypoints == 17


DRAW_IN_LITTLE_MEMORY = """
import resource
from pathlib import Path
from comfyui_sapiens_pose.skeletons.draw import DrawOptions, render
from comfyui_sapiens_pose.skeletons.pose import Frame

frame = Frame((40, 30))
render(frame)
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, resource.RLIM_INFINITY))
try:
    render(frame, DrawOptions(canvas_wh=(16_000, 16_000)))
except MemoryError as error:
    print(error, render(frame).image_rgb.shape)
"""


RENDER_IN_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.skeletons import draw, formats

used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, resource.RLIM_INFINITY))
sys.exit(main(["render", "large.json", "-o", "out"]))
"""


@pytest.mark.promise("Memory that runs out is explained")
@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are told by Linux alone")
def test_a_command_that_runs_out_of_memory_says_so(tmp_path):
    (tmp_path / "large.json").write_bytes(b"[" + b"1.5," * 2**23 + b"0]")
    command = [sys.executable, "-c", RENDER_IN_LITTLE_MEMORY]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "sapiens-pose: Memory ran out. Use a smaller file" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.promise("Memory that runs out is explained")
@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are told by Linux alone")
@pytest.mark.parametrize(
    ("ending", "place", "name", "ask"),
    [
        (".jpg", cv2, "imdecode", lambda *_: cv2.resize(np.zeros((2, 2, 3)), (2**31 - 1, 2**20))),
        (".png", PngImageFile, "load", lambda *_: np.empty(TOO_MANY)),
    ],
    ids=["jpg", "png"],
)
def test_a_picture_that_does_not_fit_is_not_called_unreadable(
    tmp_path, monkeypatch, ending, place, name, ask
):
    """OpenCV reads plain JPEG, and Pillow everything else."""
    path = tmp_path / f"a{ending}"
    path.write_bytes(cv2.imencode(ending, PICTURE)[1].tobytes())
    monkeypatch.setattr(place, name, ask)
    with pytest.raises(OutOfMemory), explain_out_of_memory("reading"):
        read_image(path)


def test_a_drawing_that_does_not_fit_says_its_size():
    command = [sys.executable, "-c", DRAW_IN_LITTLE_MEMORY]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "drawing 16000 x 16000 pixels; choose a smaller size. (30, 40, 3)" in told


@pytest.mark.promise("One bad input does not stop the others")
def test_a_picture_that_does_not_fit_is_told_and_the_others_are_done(
    root, tmp_path, monkeypatch, capfd
):
    """All three at once do not fit, nor does the second by itself."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.png").write_bytes(encode_png(PICTURE))
    find_keypoints, calls = PoseEstimator.find_keypoints, []

    def full_at_times(self, *args):
        calls.append(args)
        with FailingMemory(lambda number: len(calls) in (1, 3)):
            return find_keypoints(self, *args)

    monkeypatch.setattr(PoseEstimator, "find_keypoints", full_at_times)
    weights = root / "miniature/sapiens_miniature_17.safetensors"
    out = tmp_path / "out"
    assert main([*ESTIMATE, str(folder), "-o", str(out), "--weights", str(weights)]) == 1
    assert sorted(path.name for path in out.glob("*.json")) == ["a.json", "c.json"]
    error = capfd.readouterr().err
    assert "Memory ran out while finding poses in b.png" in error
    assert "1 of 3 images failed; the others are done" in error
