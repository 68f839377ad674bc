"""The tables of options on the pages are those of the rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from make_option_tables import TABLES, pages, table, with_tables


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_the_tables_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == with_tables(text), "Run python docs/make_option_tables.py"


def test_every_table_is_on_a_page() -> None:
    written = "".join(page.read_text(encoding="utf-8") for page in pages())
    for options in TABLES.values():
        assert table(options) in written, options.title


def test_a_table_of_another_name_is_refused() -> None:
    with pytest.raises(KeyError, match="none"):
        with_tables("<!-- options: none -->\n<!-- end of options -->")
