"""Files are either whole or not there."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from comfyui_sapiens_pose.skeletons.foundation import atomic_files


def test_a_file_is_made_with_its_folder_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "pose.json"
    atomic_files.write_text(path, "ü")
    assert path.read_bytes() == b"\xc3\xbc"
    assert [each.name for each in path.parent.iterdir()] == ["pose.json"]


def test_a_failed_write_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pose.json"
    atomic_files.write_text(path, "old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        atomic_files.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_the_file_as_any_other(tmp_path: Path) -> None:
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.write_text("")
    atomic_files.write_text(ours, "")
    assert ours.stat().st_mode == plain.stat().st_mode


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("error_number", [None, errno.EPERM, errno.EOPNOTSUPP])
def test_a_new_file_never_replaces_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error_number: int | None
) -> None:
    """Also on disks that have no links."""
    if error_number is not None:

        def fail(*_: object) -> None:
            raise OSError(error_number, os.strerror(error_number))

        monkeypatch.setattr(os, "link", fail)
    path = tmp_path / "pose.json"
    atomic_files.write_new_text(path, "ü")
    assert path.read_bytes() == b"\xc3\xbc"
    with pytest.raises(FileExistsError, match=r"pose\.json was not written: File exists"):
        atomic_files.write_new_text(path, "other")
    assert path.read_bytes() == b"\xc3\xbc"
    assert list(tmp_path.iterdir()) == [path]


WRITE_UNTIL_NEW = """
import sys
from pathlib import Path
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_new_text
for number in range(60):
    try:
        write_new_text(Path(sys.argv[1]) / f"{number}.json", sys.argv[2])
        print(number)
    except FileExistsError:
        pass
"""


@pytest.mark.promise("What was finished stays")
def test_of_several_processes_one_gets_a_name(tmp_path: Path) -> None:
    """Each finds in its files what it wrote."""
    names = "abc"
    processes = {
        name: subprocess.Popen(
            [sys.executable, "-c", WRITE_UNTIL_NEW, tmp_path, name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    }
    got = {name: process.communicate()[0].split() for name, process in processes.items()}
    assert sorted(int(number) for numbers in got.values() for number in numbers) == [*range(60)]
    for name, numbers in got.items():
        assert all((tmp_path / f"{number}.json").read_text() == name for number in numbers)
    assert len(list(tmp_path.iterdir())) == 60


HOLD = """
import sys
from pathlib import Path
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import replace_atomically
with replace_atomically(Path(sys.argv[1])) as temporary:
    temporary.write_text("whole")
    print(temporary, flush=True)
    sys.stdin.read()
"""


@pytest.mark.promise("What was finished stays")
@pytest.mark.parametrize("is_killed", [False, True])
def test_cleaning_takes_no_file_that_a_process_still_writes(
    tmp_path: Path, is_killed: bool
) -> None:
    """However long ago it wrote last; the file of one that was killed is a leftover."""
    command = [sys.executable, "-c", HOLD, tmp_path / "pose.json"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        temporary = Path(process.stdout.readline().strip())
        if is_killed:
            process.kill()
            process.wait()
        os.utime(temporary, (0, 0))
        atomic_files.prepare_folder(tmp_path)
        assert temporary.exists() != is_killed
        if not is_killed:
            assert not atomic_files.remove_unless_written(temporary)
        process.communicate()
    assert [path.name for path in tmp_path.iterdir()] == ([] if is_killed else ["pose.json"])


def test_a_file_that_is_taken_for_a_leftover_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = tempfile.mkstemp
    made: list[str] = []

    def make_and_lose(*arguments: object) -> tuple[int, str]:
        handle, path = make(*arguments)  # type: ignore[call-overload]
        made.append(path)
        if len(made) == 1:
            os.unlink(path)
        return handle, path

    monkeypatch.setattr(tempfile, "mkstemp", make_and_lose)
    atomic_files.write_text(tmp_path / "pose.json", "whole")
    assert (tmp_path / "pose.json").read_text() == "whole"
    assert len(made) == 2
