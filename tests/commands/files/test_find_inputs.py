"""Which pictures and videos a command line stands for, and what their results are called."""

import errno
import os
from pathlib import Path

import pytest
from comfyui_sapiens_pose.commands.files import find_inputs as find_inputs_module
from comfyui_sapiens_pose.commands.files.find_inputs import (
    are_found_again,
    find_inputs,
    output_names,
)


def make(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def relatives(*inputs, **options):
    return [found.relative.as_posix() for found in find_inputs(inputs, **options)]


def test_nothing_in_gives_nothing(tmp_path):
    assert find_inputs([]) == []
    with pytest.raises(ValueError, match="has no image or video"):
        find_inputs([tmp_path])
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        find_inputs([tmp_path / "missing"])
    with pytest.raises(ValueError, match="No image or video matches"):
        find_inputs([tmp_path / "*.jpg"])


def test_inputs_are_pictures_folders_and_lists(tmp_path):
    make(tmp_path, "folder/notes.md", "folder/b.PNG", "folder/a.png", "single.png")
    listing = tmp_path / "list.txt"
    listing.write_text(f"folder/b.PNG\n\n{tmp_path / 'single.png'}\nmissing.jpg\n")
    found = find_inputs([tmp_path / "single.png", tmp_path / "folder", listing])
    assert [each.path.relative_to(tmp_path).as_posix() for each in found] == [
        "single.png",
        *("folder/a.png", "folder/b.PNG"),
        *("folder/b.PNG", "single.png", "missing.jpg"),
    ]
    assert [each.relative.name for each in found] == [str(each.relative) for each in found]


def test_frames_of_a_folder_come_by_their_numbers(tmp_path):
    make(tmp_path, "g.png", "f100.png", "f10.png", "f02.png", "f2.png", "f1.png")
    assert relatives(tmp_path) == ["f1.png", "f02.png", "f2.png", "f10.png", "f100.png", "g.png"]


def test_videos_are_told_from_pictures(tmp_path):
    make(tmp_path, "a.MP4", "b.png", "c.mkv")
    assert [each.is_video for each in find_inputs([tmp_path])] == [True, False, True]


TREE = ("a.png", "day2/b.png", "day10/b.png", "day10/deep/c.jpg", "out/a.png", ".hidden/d.png")


@pytest.mark.parametrize(
    ("pattern", "options", "expected"),
    [
        ("", {}, ["a.png"]),
        ("", {"recursive": True}, ["a.png", *TREE[1:5]]),
        ("day10", {"recursive": True}, ["b.png", "deep/c.jpg"]),
        ("*.png", {}, ["a.png"]),
        ("day*/*.png", {}, ["day2/b.png", "day10/b.png"]),
        ("d*y*/*b*.p?g", {}, ["day2/b.png", "day10/b.png"]),
        ("day*/deep/*.jpg", {}, ["day10/deep/c.jpg"]),
        ("day*/**/*", {}, ["day2/b.png", "day10/b.png", "day10/deep/c.jpg"]),
        ("**/*.jpg", {}, ["day10/deep/c.jpg"]),
        ("day10/**/*", {}, ["b.png", "deep/c.jpg"]),
    ],
)
def test_folders_of_folders_and_patterns(tmp_path, pattern, options, expected):
    make(tmp_path, *TREE)
    assert relatives(tmp_path / pattern, **options) == expected


def test_results_of_an_earlier_run_are_no_inputs(tmp_path):
    make(tmp_path, *TREE)
    assert "out/a.png" not in relatives(tmp_path, recursive=True, leave_out=tmp_path / "out")


@pytest.mark.parametrize(
    ("pattern", "out", "expected"),
    [
        ("**/*.png", "out", ["a.png", "day2/b.png", "day10/b.png"]),
        ("*/*.png", "out", ["day2/b.png", "day10/b.png"]),
        ("*.png", ".", ["a.png"]),
        ("out/*.png", "out", ["a.png"]),
    ],
)
def test_a_pattern_matches_no_results_of_an_earlier_run(tmp_path, pattern, out, expected):
    make(tmp_path, *TREE)
    assert relatives(tmp_path / pattern, leave_out=tmp_path / out) == expected


@pytest.mark.parametrize(
    ("searched", "recursive", "result", "again"),
    [
        (".", False, "a.png", True),
        (".", False, "a.json", False),
        (".", False, "day2/a.png", False),
        (".", True, "day2/a.png", True),
        ("a.jpg", False, "a.png", False),
        ("*.jpg", False, "a.png", False),
        ("*.mp4", False, "clip_skeleton.mp4", True),
        ("*.mp4", False, "day2/clip_skeleton.mp4", False),
        ("*l*p*.mp4", False, "clip_skeleton.mp4", True),
        ("day*/*.mp4", False, "day2/clip_skeleton.mp4", True),
        ("day*/*.mp4", False, "night/clip_skeleton.mp4", False),
        ("day*/*.mp4", False, "clip_skeleton.mp4", False),
        ("day*/*.mp4", False, "day2/deep/clip_skeleton.mp4", False),
        ("**/*.mp4", False, "clip_skeleton.mp4", True),
        ("**/*.mp4", False, "day2/deep/clip_skeleton.mp4", True),
        ("day*/**/*.mp4", False, "day2/deep/clip_skeleton.mp4", True),
        ("../o*/*.mp4", False, "clip_skeleton.mp4", False),
        ("day2/c*.mp4", False, "clip_skeleton.mp4", False),
        ("..", True, "a.png", False),
    ],
)
def test_results_that_the_next_run_would_find(tmp_path, searched, recursive, result, again):
    out = tmp_path / "out"
    make(out, "a.jpg", "clip.mp4", "day2/b.jpg")
    assert are_found_again([out / result], [out / searched], recursive, out) == again


def test_a_circle_of_links_is_walked_once(tmp_path):
    make(tmp_path, "in/a.png", "in/deep/b.png")
    (tmp_path / "in/deep/up").symlink_to("..")
    assert relatives(tmp_path / "in", recursive=True) == ["a.png", "deep/b.png"]
    assert relatives(tmp_path / "in/**/*.png") == ["a.png", "deep/b.png"]


@pytest.mark.promise("One bad input does not stop the others")
@pytest.mark.parametrize(
    ("link", "target", "recursive", "fault"),
    [
        ("a.png", "a.png", False, "cannot be used: Too many levels"),
        ("a.png", "missing.png", False, "cannot be used: No such file"),
        ("deep/a.png", "a.png", True, "cannot be used: Too many levels"),
        ("deep/loop", "loop", True, "cannot be used: Too many levels"),
        ("deep/loop", "loop", False, ""),
        ("loop", "loop", False, ""),
        ("broken", "missing", True, ""),
    ],
)
def test_a_link_that_leads_nowhere_does_not_hinder_the_rest(
    tmp_path, link, target, recursive, fault
):
    make(tmp_path, "b.png", "deep/c.png")
    (tmp_path / link).symlink_to(target)
    found = find_inputs([tmp_path], recursive=recursive)
    faulty = [each for each in found if each.fault]
    expected = ["b.png", "deep/c.png"] if recursive else ["b.png"]
    assert [each.relative.as_posix() for each in found if not each.fault] == expected
    assert [each.path for each in faulty] == ([tmp_path / link] if fault else [])
    assert all(fault in each.fault for each in faulty)


@pytest.mark.promise("One bad input does not stop the others")
def test_a_folder_that_may_not_be_searched_does_not_hinder_the_rest(tmp_path, monkeypatch):
    """Root may search all: the listing refuses instead."""
    make(tmp_path, "a.png", "locked/b.png", "open/c.png")
    listing = os.scandir

    def refuse(folder):
        if Path(folder).name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied")
        return listing(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find_inputs([tmp_path], recursive=True)
    assert [each.relative.as_posix() for each in found] == ["a.png", "locked", "open/c.png"]
    assert [each.fault for each in found if each.fault] == [
        f"Folder {tmp_path / 'locked'} cannot be searched: Permission denied."
    ]
    with pytest.raises(PermissionError):
        find_inputs([tmp_path / "locked"], recursive=True)


def test_hidden_files_are_no_pictures_of_a_folder(tmp_path):
    make(tmp_path, "._a.png", "a.png")  # as macOS writes beside files on a memory card
    assert relatives(tmp_path) == ["a.png"]
    assert relatives(tmp_path / "._a.png") == ["._a.png"]


def test_an_empty_list_is_told(tmp_path):
    (tmp_path / "list.txt").write_text("\n")
    with pytest.raises(ValueError, match="is an empty list"):
        find_inputs([tmp_path / "list.txt"])


@pytest.mark.promise("Files cost what they weigh")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("kind", ["device", "pipe"])
def test_a_list_without_an_end_is_refused(tmp_path, kind):
    if kind == "device":
        (tmp_path / "list.txt").symlink_to("/dev/zero")
    else:
        os.mkfifo(tmp_path / "list.txt")
    with pytest.raises(ValueError, match=r"list\.txt is not a regular file"):
        find_inputs([tmp_path / "list.txt"])


@pytest.mark.promise("Files cost what they weigh")
def test_a_list_is_read_to_the_limit(tmp_path, monkeypatch):
    """A terabyte of zeros, none of them on disk; and more lines than are read."""
    listing = tmp_path / "list.txt"
    with listing.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(
        ValueError, match="too long for a list; expected at most 16,777,216 lines of 32,768"
    ):
        find_inputs([listing])
    monkeypatch.setattr(find_inputs_module, "MAX_LIST_LINES", 2)
    listing.write_text("a.png\n\nb.png\n\n")
    assert relatives(listing) == ["a.png", "b.png"]
    listing.write_text("a.png\nb.png\nc.png\n")
    with pytest.raises(ValueError, match="at most 2 lines"):
        find_inputs([listing])


def test_a_name_with_brackets_is_a_name_first(tmp_path):
    make(tmp_path, "a[1].png", "a1.png")
    assert relatives(tmp_path / "a[1].png") == ["a[1].png"]


@pytest.mark.parametrize(
    ("names", "stems"),
    [
        ([], []),
        (["a.png"], ["a"]),
        (["a.png", "b/a.png"], ["a", "b/a"]),
        (["a.png", "a.png", "A.jpg"], ["a", "a_2", "A_3"]),
        (["a.png", "a.jpg", "a_2.png"], ["a", "a_3", "a_2"]),
        (["x/a.v1.png", "X/A.v1.jpg"], ["x/a.v1", "X/A.v1_2"]),
    ],
)
def test_names_of_results_are_unique_whatever_the_case(names, stems):
    assert output_names([Path(name) for name in names]) == stems


@pytest.mark.promise("Files cost what they weigh")
def test_thirty_thousand_results_of_one_name_take_no_time():
    names = output_names([Path("image.jpg")] * 30_000)
    assert names == ["image", *(f"image_{number}" for number in range(2, 30_001))]
