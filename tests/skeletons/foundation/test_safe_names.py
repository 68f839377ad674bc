"""Names of files that come from strangers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from comfyui_sapiens_pose.skeletons.foundation.safe_names import (
    check_file_name,
    file_name_of,
    find_long_name,
    max_name_bytes,
    portable_name,
)
from helpers.hostile_names import EMPTY_NAMES, FOLDER_NAMES, IMPOSSIBLE_NAMES, WINDOWS_NAMES

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


@pytest.mark.parametrize(("name", "portable", "message"), WINDOWS_NAMES)
def test_what_windows_does_not_allow_is_refused_or_replaced(
    name: str, portable: str, message: str
) -> None:
    """A new name is refused, a file that exists elsewhere keeps its name, a result gets another."""
    with pytest.raises(ValueError, match=message):
        check_file_name(name)
    assert file_name_of(name) == name
    assert portable_name(name) == portable
    check_file_name(portable)


@pytest.mark.parametrize(("system", "portable"), [("posix", "12:30.png"), ("nt", "12_30.png")])
def test_a_colon_is_kept_where_it_is_common(
    monkeypatch: pytest.MonkeyPatch, system: str, portable: str
) -> None:
    monkeypatch.setattr(os, "name", system)
    assert portable_name("12:30.png") == portable


@pytest.mark.skipif(not hasattr(os, "pathconf"), reason="only POSIX tells what a folder can hold")
def test_names_are_as_long_as_the_folder_allows(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "too"
    limit = max_name_bytes(missing)
    assert limit == os.pathconf(tmp_path, "PC_NAME_MAX")
    assert not find_long_name([], limit)
    assert not find_long_name([missing / ("a" * limit)], limit)
    for name in ("a" * (limit + 1), "\u00fc" * (limit // 2 + 1)):
        assert f"expected at most {limit}" in find_long_name([missing / "a", missing / name], limit)


def test_a_folder_that_holds_shorter_names_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as an encrypted one."""
    monkeypatch.setattr(os, "pathconf", lambda path, _: 143 if path == tmp_path else 255)
    assert max_name_bytes(tmp_path / "missing") == 143
