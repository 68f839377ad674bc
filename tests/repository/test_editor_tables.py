"""The page's tables of joints are those of the package."""

from make_editor_tables import TABLES, tables_text


def test_the_tables_are_up_to_date():
    assert TABLES.read_text(encoding="utf-8") == tables_text(), "Run docs/make_editor_tables.py"
