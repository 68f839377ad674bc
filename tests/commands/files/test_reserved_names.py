"""Names of results that two runs would give at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from comfyui_sapiens_pose.cli import main
from comfyui_sapiens_pose.commands.files.reserved_names import reserve_names
from helpers.command_lines import ESTIMATE
from helpers.openpose_goldens import FOLDER as GOLDENS

pytestmark = pytest.mark.promise("What was finished stays")

NOBODY = GOLDENS / "o13_empty_512x512.pose.json"

HOLD = """
import sys
from pathlib import Path
from comfyui_sapiens_pose.commands.files.reserved_names import reserve_names
output = Path(sys.argv[1])
with reserve_names(output, [output / name for name in sys.argv[2:]]):
    print("reserved", flush=True)
    sys.stdin.read()
"""


@contextmanager
def other_run(output: Path, *names: str) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps some names."""
    command = [sys.executable, "-c", HOLD, output, *names]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "reserved\n"
        try:
            yield process
        finally:
            process.kill()


def test_names_that_several_runs_would_give_belong_to_the_first(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    (tmp_path / "link").symlink_to(out)
    with other_run(out, "a.json", "b\nc.json", "sub/d.json"):
        with reserve_names(out, []), reserve_names(out, [out / "other.json"]):
            pass
        for output, name in [
            (out, "a.json"),
            (out, "A.JSON"),
            (out, "b\nc.json"),
            (tmp_path / "link", "a.json"),
            (tmp_path, "out/a.json"),
            (out / "sub", "d.json"),
        ]:
            results = [output / "e.json", output / name]
            with pytest.raises(ValueError, match="Another run is at work that writes"):
                reserve_names(output, results).__enter__()
    with reserve_names(out, [out / "a.json"]):
        pass
    assert [path.name for path in out.iterdir()] == ["sub"]


def test_names_of_a_killed_run_are_free(tmp_path: Path) -> None:
    with other_run(tmp_path, "a.json") as process:
        process.kill()
        process.wait()
        assert len(list((tmp_path / ".sapiens-pose").iterdir())) == 1
        with reserve_names(tmp_path, [tmp_path / "a.json"]):
            pass
    assert not list(tmp_path.iterdir())


def test_a_list_of_names_never_lies_elsewhere_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".sapiens-pose").symlink_to(tmp_path / "home")
    with pytest.raises(ValueError, match=r"leads to .* by a link"):
        reserve_names(tmp_path / "out", []).__enter__()


WORK_ALONE = """
import sys
from pathlib import Path
from comfyui_sapiens_pose.commands.files.reserved_names import reserve_names
output, inside = Path(sys.argv[1]), Path(sys.argv[2])
for _ in range(100):
    try:
        with reserve_names(output, [output / "a.json"]):
            inside.mkdir()
            inside.rmdir()
            print("at work")
    except ValueError:
        pass
"""


def test_of_many_runs_at_the_same_moment_never_do_two_go_on(tmp_path: Path) -> None:
    """Each makes a folder while it is at work, which fails if another has."""
    command = [sys.executable, "-c", WORK_ALONE, tmp_path, tmp_path / "inside"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert b"at work" in b"".join(outputs)
    assert not list(tmp_path.iterdir())


def cut_parts(output: Path, source: Path, root: Path) -> list[str]:
    return ["parts", str(NOBODY), "-o", str(output)]


def estimate(output: Path, source: Path, root: Path) -> list[str]:
    weights = root / "miniature" / "sapiens_miniature_17.safetensors"
    return [*ESTIMATE, str(source), "-o", str(output), "--weights", str(weights)]


@pytest.mark.parametrize(
    ("command", "taken"),
    [
        (cut_parts, "boxes.json"),
        (cut_parts, "o13_empty_512x512.pose_mask.png"),
        (estimate, "photo.json"),
        (estimate, "photo.png"),
    ],
)
def test_a_command_whose_results_another_run_writes_begins_nothing(
    tmp_path: Path,
    root: Path,
    command: Callable[[Path, Path, Path], list[str]],
    taken: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    source = tmp_path / "photo.jpg"
    source.write_bytes((root / "miniature/photos/000000000785.jpg").read_bytes())
    out = tmp_path / "out"
    out.mkdir()
    with other_run(out, taken):
        assert main(command(out, source, root)) == 1
        error = capfd.readouterr().err
        assert f"Another run is at work that writes {out / taken}. Wait until it has" in error
        assert "Traceback" not in error
        assert [path.name for path in out.iterdir()] == [".sapiens-pose"]


@pytest.mark.parametrize("part", ["face", "hands"])
def test_crops_are_reserved_for_each_person_and_part(
    tmp_path: Path, part: str, capfd: pytest.CaptureFixture[str]
) -> None:
    three = GOLDENS / "o05_three_1024x1024.pose.json"
    name = "o05_three_1024x1024.pose"
    taken = f"{name}_face_2.png" if part == "face" else f"{name}_right_hand_1.png"
    with other_run(tmp_path, taken):
        assert main(["parts", str(three), "-o", str(tmp_path), "--part", part]) == 1
    assert taken in capfd.readouterr().err


def test_results_of_an_earlier_run_are_replaced_as_ever(tmp_path: Path) -> None:
    (tmp_path / "boxes.json").write_text("old")
    assert main(["parts", str(NOBODY), "-o", str(tmp_path)]) == 0
    assert json.loads((tmp_path / "boxes.json").read_text()) == {"o13_empty_512x512.pose": []}
    assert len(list(tmp_path.iterdir())) == 2
