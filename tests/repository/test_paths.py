"""Every file of this repository that a text names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDERS = (
    *("benchmarks", "commands", "docs", "example_workflows", "locales", "miniature", "nodes"),
    *("sapiens_core", "skeletons", "tests", "web"),
)
SUFFIXES = {".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml"}
NAMED = re.compile(
    rf"(?<![\w./-])((?:{'|'.join(FOLDERS)})/[\w/.-]+\.(?:py|md|sh|toml|txt|ya?ml|csv|json))\b"
)


def texts(root: Path) -> list[Path]:
    """The repository's own texts: what lies at the top, and in its folders."""
    found = [path for path in root.iterdir() if path.suffix in SUFFIXES or path.name == "Makefile"]
    found += [root / ".ci" / "run"]
    found += [path for folder in FOLDERS for path in (root / folder).rglob("*")]
    return [path for path in found if path.is_file() and _is_text(path)]


def _is_text(path: Path) -> bool:
    """Whether what is in a file is read; tests name files that they make up."""
    is_test = path.name.startswith("test_")
    return not is_test and (path.suffix in SUFFIXES or path.name in ("Makefile", "run"))


def missing(root: Path, path: Path) -> list[str]:
    """The paths in a text, from the root or from the text's folder, at which nothing lies."""
    names = NAMED.findall(path.read_text(encoding="utf-8"))
    return [n for n in names if not any((base / n).exists() for base in (root, path.parent))]


def test_every_path_that_is_named_exists(root: Path) -> None:
    assert len(texts(root)) > 150
    wrong = {str(path.relative_to(root)): missing(root, path) for path in texts(root)}
    assert {path: names for path, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("see nodes/extension.py, and `skeletons/gone.py`", ["skeletons/gone.py"]),
        ("/elsewhere/docs/gone.md and https://host/docs/gone.md", []),
        ("[page](docs/gone.md#part)", ["docs/gone.md"]),
    ],
)
def test_what_is_missing_is_found(root: Path, tmp_path: Path, text: str, names: list[str]) -> None:
    path = tmp_path / "page.md"
    path.write_text(text)
    assert missing(root, path) == names


LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)")


def test_every_link_of_a_page_leads_somewhere(root: Path) -> None:
    pages = [path for path in texts(root) if path.suffix == ".md"]
    assert len(pages) > 20
    for page in pages:
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            # ComfyUI takes the pictures of all help pages from the folder of the English ones.
            folders = (page.parent, root / "web" / "docs")
            assert any((folder / link).exists() for folder in folders), f"{page} links to {link}"
