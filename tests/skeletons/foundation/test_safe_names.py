"""Names of files that come from strangers."""

from __future__ import annotations

import pytest
from comfyui_sapiens_pose.skeletons.foundation.safe_names import check_file_name, file_name_of
from helpers.hostile_names import EMPTY_NAMES, FOLDER_NAMES, IMPOSSIBLE_NAMES

pytestmark = pytest.mark.promise("Files stay in their folder")


@pytest.mark.parametrize(
    ("name", "message"),
    [*EMPTY_NAMES, *FOLDER_NAMES, *IMPOSSIBLE_NAMES],
    ids=lambda value: repr(value)[:30],
)
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
