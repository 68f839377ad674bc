"""What is at fault: a file, or the place where it lies."""

import errno

import pytest
from comfyui_sapiens_pose.commands.failures import (
    Cause,
    PlaceError,
    cause_of_reading,
    cause_of_writing,
)
from comfyui_sapiens_pose.skeletons.foundation.atomic_files import write_text

MISSING = FileNotFoundError("There is no image.")


def numbered(number):
    return OSError(number, "as the system says it")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ValueError("no picture"), Cause.FILE),
        (OSError("without a number"), Cause.FILE),
        (numbered(errno.ENOENT), Cause.FILE),
        (numbered(errno.EACCES), Cause.FILE),
        (numbered(errno.ENAMETOOLONG), Cause.FILE),
        (numbered(errno.EIO), Cause.PLACE),
        (numbered(errno.ENOTCONN), Cause.PLACE),
        (numbered(errno.ETIMEDOUT), Cause.PLACE),
        (numbered(errno.EMFILE), Cause.PLACE),
        (PlaceError("The server is down."), Cause.PLACE),
    ],
)
def test_a_file_that_is_not_read(tmp_path, error, cause):
    (tmp_path / "other.png").touch()
    assert cause_of_reading(error, tmp_path / "a.png", None) is cause


@pytest.mark.parametrize(
    ("there", "wanted", "last_read", "cause"),
    [
        ([], "share/a.png", None, Cause.PLACE),
        ([], "share/deep/a.png", None, Cause.PLACE),
        ([], "share/a.png", "share/b.png", Cause.PLACE),
        (["share/b.png"], "share/a.png", None, Cause.FILE),
        (["share/b.png"], "share/a.png", "share/b.png", Cause.FILE),
        (["share/b.png"], "share/a.png", "share/c.png", Cause.PLACE),
        (["share/b.png"], "share/misspelt/a.png", None, Cause.FILE),
    ],
)
def test_a_share_that_is_gone_is_told_from_a_file(tmp_path, there, wanted, last_read, cause):
    (tmp_path / "share").mkdir()
    for name in there:
        (tmp_path / name).touch()
    last = last_read and tmp_path / last_read
    assert cause_of_reading(MISSING, tmp_path / wanted, last) is cause


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ValueError("an image of no size"), Cause.FILE),
        (numbered(errno.ENAMETOOLONG), Cause.FILE),
        (numbered(errno.ENOSPC), Cause.PLACE),
        (numbered(errno.EDQUOT), Cause.PLACE),
        (numbered(errno.EROFS), Cause.PLACE),
        (numbered(errno.EACCES), Cause.PLACE),
        (OSError("without a number"), Cause.PLACE),
    ],
)
def test_a_result_that_is_not_written(error, cause):
    assert cause_of_writing(error) is cause


@pytest.mark.parametrize("name", ["folder", "a" * 300])
def test_writing_keeps_the_number_of_an_error(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="was not written") as caught:
        write_text(tmp_path / name, "{}")
    assert cause_of_writing(caught.value) is Cause.FILE
