"""Plain words in every English sentence that a user reads: pages, help, node texts and errors."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_trees import read_tree

ROOT = Path(__file__).resolve().parents[2]
PLAIN_WORDS = {
    r"for want of": "because ... is not available",
    r"cannot be had": "is not available",
    r"(leave|leaving|left) (it|them|this|that) away|left away": "omit",
    r"very many": "large sets of, or a number",
    r"by way of": "with",
    r"goes on when the same command": "to resume, repeat the command",
    r"(starting|begun|starts) anew": "starting over, retrying",
    r"would change nothing": "has no effect",
    r"c[oa]mes? to nothing": "failed",
    r"went away": "stopped unexpectedly",
    r"half a letter": "an unpaired surrogate",
    r"is no file that": "is not a regular file",
    r"others than in": "changed since",
    r"frame is asked for": "--every is 0; expected 1 or more",
    r"is left by what was selected": "the selection left none",
    r"lesser (one )?goes": "the lower-scoring one is removed",
    r"still (be )?known again": "keeps its id",
    r"put between them": "replaced by the value between its neighbours",
    r"(twice|half|times) as quick": "twice as fast",
    r"surer one": "the higher-scoring one",
    r"foreseen": "predicted, expected",
    r"so many at most": "maximum number of",
    r"wanted is\b": "a subject and a verb",
    r"one a (frame|line|limb|person)\b": "one per ...",
    r"(mask|colou?r|list|crop|word|pass|entry|file|points?|people|images|pixels|frames|cores|workers)"
    r" a (person|frame|limb|line|second|side|gpu|worker|file)\b": "... per ...",
    r"(?<!\")pictures?\b(?!\")": "image",
    r"quick(er|est)?\b(?! start)": "fast",
    r"so many\b": "a number, or this many",
    r"(go|goes|going) on\b": "continue, or resume",
    r"switched (off|on)\b": "turned off, turned on",
    r"(?<!there )(is|are) no (file|image|video|address|list|dict|shard|size)\b": "is not a ...",
    r"also where\b": "even if",
    r"anew\b": "again",
    r"(take|takes|taken|taking) away\b": "remove",
    r"mend(s|ed|ing)?\b": "correct, fill in",
    r"knob\b": "control",
    r"(takes?|would take) the place of\b": "replace, overwrite",
    r"no frame at all\b": "no frames",
    r"is (to get|told from)\b": "needs, is recognised from",
    r"(lie|lying) or stand": "landscape or portrait",
    r"nor is there\b": "is missing too",
    r"(look|looked) at what makes\b": "check the node that makes",
}
"""Patterns of words, each from the start of a word, and what to write instead."""
CHINESE_WORDS = {
    "您": "你",
    "蒙版": "遮罩",
    "骨骼": "骨架",
    "姿势": "姿态",
    "检查点": "模型, 权重",
    "许可证": "许可",
    "裁切": "裁剪",
    "文件夹": "目录",
    "帧速率": "帧率",
    "追踪": "跟踪",
}
"""Chinese words of other programs, and the terms of CONTRIBUTING.md."""
PAGES = ("*.md", "docs/*.md", "web/docs/*.md")
"""English pages; those in other languages lie in folders."""


def join_lines(text: str) -> str:
    """The text with its lines joined, so that a break within a phrase hides nothing."""
    return " ".join(text.split())


def page_texts() -> Iterator[tuple[str, str]]:
    """Each page's name and words."""
    for pattern in PAGES:
        for path in sorted(ROOT.glob(pattern)):
            yield str(path.relative_to(ROOT)), join_lines(path.read_text(encoding="utf-8"))


def node_texts() -> Iterator[tuple[str, str]]:
    """The names and tooltips of all nodes, as ComfyUI shows them."""
    path = ROOT / "locales" / "en" / "nodeDefs.json"
    for node, texts in json.loads(path.read_text(encoding="utf-8")).items():
        yield node, json.dumps(texts)


def code_texts() -> Iterator[tuple[str, str]]:
    """Options, help of the command line, errors and log lines: all strings but docstrings."""
    for package in ("skeletons", "sapiens_core", "nodes", "commands"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            for text in _said(read_tree(path)):
                yield name, join_lines(text)


def _said(tree: ast.AST) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring, which users do not see
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        yield from _said(node)


def find(text: str) -> list[str]:
    """The words in a text that are to be plainer, with what to write instead."""
    return [
        f"{match[0]!r}: write {plain!r}"
        for pattern, plain in PLAIN_WORDS.items()
        for match in re.finditer(rf"\b(?:{pattern})", text, re.IGNORECASE)
    ]


ANY = re.compile(rf"\b(?:{'|'.join(PLAIN_WORDS)})")
"""All of them at once, for texts in lower case: a quarter of a second less than each by itself."""


@pytest.mark.parametrize("texts", [page_texts, node_texts, code_texts])
def test_sentences_use_plain_words(texts):
    read = list(texts())
    assert len(read) > 10
    assert [(name, find(text)) for name, text in read if ANY.search(text.lower())] == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("one per frame", 0),
        ("Nobody is there, for want of people; give one a frame", 2),
        ("FOR WANT\nof it", 1),
        ('Pictures, never "picture"; 30 frames a second, quicker anew', 4),
        ("There is no file; it is no file, and goes\non", 2),
    ],
)
def test_what_is_not_plain_is_found(text, count):
    assert len(find(join_lines(text))) == count


def test_chinese_texts_use_the_terms_of_comfyui():
    paths = [*ROOT.glob("web/docs/*/zh.md"), *ROOT.glob("locales/zh/*.json")]
    paths.append(ROOT / "web/editor/words/zh.js")
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    assert len(texts) > 10
    found = [(path, word) for path in paths for word in CHINESE_WORDS if word in texts[path]]
    assert found == []
