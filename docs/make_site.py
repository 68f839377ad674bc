"""Lays out the pages for MkDocs in ``build/pages``: ``python docs/make_site.py``.

Links between pages name files of the repository, so the pages keep its folders. Help pages in
Chinese stay out: ComfyUI takes their images from another folder than their own.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "build" / "pages"
WHAT = (
    *("*.md", "docs/*.md", "docs/images/*", "web/docs/*.md", "web/docs/images/*"),
    *("benchmarks/README.md", "benchmarks/results/*", "miniature/README.md"),
    *("tests/fuzz/README.md",),
)
"""Patterns of what a page is or shows."""
LIST_AFTER_TEXT = re.compile(r"^(?![-*|>\s]|\d+\. )(.+)\n(?=(?:[-*]|1\.) )", re.M)
"""GitHub begins a list right below a paragraph; MkDocs wants an empty line between them."""


def files() -> list[Path]:
    """The files of the site, from the root of the repository."""
    found = (path for pattern in WHAT for path in ROOT.glob(pattern))
    return sorted(path.relative_to(ROOT) for path in found if path.is_file())


def main() -> None:
    """Writes all files anew."""
    shutil.rmtree(PAGES, ignore_errors=True)
    for name in files():
        (PAGES / name).parent.mkdir(parents=True, exist_ok=True)
        if name.suffix == ".md":
            text = (ROOT / name).read_text(encoding="utf-8")
            (PAGES / name).write_text(LIST_AFTER_TEXT.sub(r"\1\n\n", text), encoding="utf-8")
        else:
            shutil.copy(ROOT / name, PAGES / name)


if __name__ == "__main__":
    main()
