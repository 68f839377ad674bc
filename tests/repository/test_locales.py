"""The texts of the nodes, in English and Chinese, and the help pages."""

import ast
import json
import re
import string

import pytest

LANGUAGES = ("zh",)
HELP_PICTURES_BYTES = 800_000


def read_locale(root, language):
    return json.loads((root / "locales" / language / "nodeDefs.json").read_text(encoding="utf-8"))


def entries(texts, *above):
    """The places of a tree's texts, each as its keys."""
    if not isinstance(texts, dict):
        return {".".join(above)}
    return {entry for key, value in texts.items() for entry in entries(value, *above, key)}


@pytest.fixture(scope="module")
def english(root):
    return read_locale(root, "en")


def test_every_input_has_a_tooltip(english):
    missing = [
        f"{node}.{name}"
        for node, texts in english.items()
        for name, each in texts["inputs"].items()
        if not each.get("tooltip")
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_every_text_and_no_other(root, english, language):
    texts, expected = entries(read_locale(root, language)), entries(english)
    assert texts - expected == set(), f"Remove from locales/{language}/nodeDefs.json"
    assert expected - texts == set(), f"Translate in locales/{language}/nodeDefs.json"


def test_every_node_has_help_in_every_language(root, english):
    help_root = root / "web" / "docs"
    for node in english:
        pages = [help_root / f"{node}.md", *(help_root / node / f"{x}.md" for x in LANGUAGES)]
        for page in pages:
            text = page.read_text(encoding="utf-8")
            pictures = re.findall(r"!\[.+?\]\((.+?)\)", text)
            assert pictures, f"{page} shows nothing"
            # ComfyUI takes every picture from the folder of the English pages.
            assert all((help_root / picture).is_file() for picture in pictures), page


def test_help_begins_with_the_node_in_a_graph_and_what_will_be_seen(root, english):
    for node in english:
        for page, words in (
            (f"{node}.md", "What you will see: "),
            (f"{node}/zh.md", "你会看到："),  # noqa: RUF001
        ):
            title, picture, seen = (root / "web/docs" / page).read_text("utf-8").split("\n\n")[:3]
            assert title.startswith("# ")
            assert picture.endswith(f"](images/{node}_graph.webp)"), page
            assert seen.startswith(words), page


def test_help_is_of_nodes_that_exist(root, english):
    pages = [*(root / "web/docs").glob("*.md"), *(root / "web/docs").glob("*/*.md")]
    named = {page.stem if page.parent.name == "docs" else page.parent.name for page in pages}
    assert named == set(english)


def test_help_pictures_are_small(root):
    pictures = list((root / "web/docs/images").iterdir())
    assert pictures
    assert sum(picture.stat().st_size for picture in pictures) < HELP_PICTURES_BYTES


TELLING = (
    "nodes/host/found_people.py",
    "nodes/host/node_errors.py",
    "nodes/identity_masks.py",
    "nodes/loader.py",
    "nodes/poses/edit.py",
    "nodes/poses/select.py",
    "nodes/poses/track.py",
    "nodes/wan_animate.py",
    "sapiens_core/checkpoints/download.py",
    "skeletons/draw/trained/model_advice.py",
)


def sentences_on_nodes(root):
    """What nodes show on the page while they run: sentences that are constants of modules."""
    trees = [ast.parse((root / path).read_text(encoding="utf-8")) for path in TELLING]
    texts = [node.value for tree in trees for node in tree.body if isinstance(node, ast.Assign)]
    found = [node.value for text in texts for node in ast.walk(text) if is_text(node)]
    return {text for text in found if text.endswith(".") and " " in text}


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def placeholders(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nodes_tell_is_translated(root, language):
    messages = json.loads((root / f"locales/{language}/messages.json").read_text(encoding="utf-8"))
    assert len(messages) >= 12
    assert messages.keys() == sentences_on_nodes(root)
    for english, translation in messages.items():
        assert placeholders(translation) == placeholders(english)
