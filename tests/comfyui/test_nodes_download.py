"""Load Sapiens Pose Model fetches what is missing, from a stand-in for the hub."""

import shutil

import pytest
from base_folder import MINIATURE, ROOT
from graphs import PHOTO_TO_SKELETON, changed
from helpers.hub import Hub, point_at, serve

FILE = "sapiens_host/pose/checkpoints/sapiens_0.3b/sapiens_0.3b_coco_best_coco_AP_796.pth"
PATH = f"noahcao/sapiens-pose-coco/resolve/main/{FILE}"
NAME = FILE.rsplit("/", 1)[-1]

GRAPH = changed(
    PHOTO_TO_SKELETON,
    "model",
    checkpoint="official file",
    size="Sapiens 0.3B",
    keypoints="17 COCO body",
)
GRAPH["pose"]["inputs"]["flip_test"] = False


@pytest.fixture
def hub(comfyui, monkeypatch):
    """A hub that gives the miniature out as an official file."""
    folder = comfyui.base / "models" / "sapiens"
    content = (ROOT / "miniature" / MINIATURE).read_bytes()
    with serve(Hub(files={PATH: content})) as running:
        point_at(running, monkeypatch)
        yield running
    (folder / NAME).unlink(missing_ok=True)
    shutil.rmtree(folder / ".cache", ignore_errors=True)


def progress_of(run) -> list[tuple[int, int]]:
    """What was told about the download."""
    return [
        (data["value"], data["max"])
        for kind, data in run.events
        if kind == "progress" and data["node"] == "model"
    ]


def test_a_missing_model_is_fetched_once_and_told_about(comfyui, hub):
    run = comfyui.run(GRAPH)
    assert run.success, run.messages
    size = len(hub.files[PATH])
    assert progress_of(run)[-1] == (size, size)
    assert hub.starts == [0]
    assert (comfyui.base / "models" / "sapiens" / NAME).stat().st_size == size
    hub.requests.clear()
    assert comfyui.run(GRAPH).success
    assert hub.requests == []


@pytest.mark.promise("Downloads continue")
def test_a_download_that_is_cancelled_goes_on_the_next_time(comfyui, hub):
    import comfy.model_management

    hub.block_pause_s = 0.02

    def cancel(kind, data):
        if kind == "progress" and data["node"] == "model" and data["value"] > 1_000_000:
            comfy.model_management.interrupt_current_processing()

    run = comfyui.run(GRAPH, on_event=cancel)
    assert run.kinds[-1] == "execution_interrupted"
    assert progress_of(run)[-1][0] < 2_000_000
    assert not (comfyui.base / "models" / "sapiens" / NAME).exists()
    hub.block_pause_s = 0.0
    assert comfyui.run(GRAPH).success
    assert hub.starts[0] == 0
    assert hub.starts[1] > 1_000_000


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"status": 403, "error_code": "GatedRepo"}, "then set HF_TOKEN"),
        ({"status": 404}, "no longer has this file"),
        ({"status": 429, "retry_after": "900"}, "try again in 900 seconds"),
        ({"announced_sha256": "0" * 64}, "its SHA-256 is not the announced one"),
    ],
    ids=["gated", "missing", "too many", "wrong hash"],
)
def test_why_a_model_cannot_be_fetched_is_said_in_one_sentence(comfyui, hub, behaviour, reason):
    for name, value in behaviour.items():
        setattr(hub, name, value)
    run = comfyui.run(GRAPH)
    assert not run.success
    assert reason in run.failure
    folder = str(comfyui.base / "models" / "sapiens")
    for fact in ("noahcao/sapiens-pose-coco", NAME, "1.32 GB", folder, "To download it yourself"):
        assert fact in run.failure


def test_nothing_is_fetched_if_the_user_does_not_want_it(comfyui, hub):
    run = comfyui.run(changed(GRAPH, "model", download=False))
    assert "Turn on 'download'" in run.failure
    assert hub.requests == []


def test_a_partial_file_is_never_offered_as_a_checkpoint(comfyui, hub):
    partial = comfyui.base / "models" / "sapiens" / ".cache" / "sapiens-pose"
    partial.mkdir(parents=True)
    (partial / f"{NAME}.0123456789ab.partial").write_bytes(b"half")
    assert not [name for name in comfyui.folder_paths.get_filename_list("sapiens") if NAME in name]
