"""Whatever the text, a flow is loaded or refused with places; nothing else ever comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.flows.problems import FlowProblem, FlowRefused
from engine.flows.written import read_text
from tests.flows.reading import load

FOLDER = Path(__file__).parents[2] / "templates" / "flows"
TEXTS = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
DOCUMENTS = [read_text(text, "ready.yaml").data for text in TEXTS]
SPLIT = {"do": "split", "arms": [{"name": "a", "weight": 1, "next": "done"}]}

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=5),
        st.sampled_from(["do", "next", "exits", "cases", "else", "when", "arms", "done", "branch"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["do", "next", "exits", "when", "name", "set", "x", "", "a/b~"]), inner
        ),
    ),
    max_leaves=5,
)


def accepted_or_refused(text: str | bytes) -> None:
    problems: tuple[FlowProblem, ...] = ()
    try:
        load(text, "hostile.yaml")
    except FlowRefused as refused:
        problems = refused.flow_problems
        assert problems
    for problem in problems:
        assert problem.file == "hostile.yaml"
        assert problem.line is not None
        assert problem.line >= 1
        assert problem.message


def replaced(value: Any, draw: st.DrawFn) -> Any:
    """The document with something else at one place, chosen on the way down."""
    if draw(st.integers(0, 4)) == 0 or not isinstance(value, dict | list) or not value:
        return draw(ANYTHING)
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    chosen = draw(st.sampled_from(keys))
    copied = value.copy()
    copied[chosen] = replaced(value[chosen], draw)
    return copied


@st.composite
def bent_documents(draw: st.DrawFn) -> str:
    document = draw(st.sampled_from(DOCUMENTS))
    if draw(st.booleans()):
        document = {**document, "steps": {**document["steps"], "parts": SPLIT}}
    for _ in range(draw(st.integers(1, 3))):
        document = replaced(document, draw)
        if not isinstance(document, dict):
            break
    return json.dumps(document)


@st.composite
def torn_texts(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.integers(0, 12))
        text = (
            text[:start] + draw(st.text(":{}[]&*!|>%@`'\"#-?, \t\n\\xna0", max_size=4)) + text[end:]
        )
    return text


@given(bent_documents())
@settings(max_examples=150, deadline=None)
def test_a_document_with_something_else_somewhere(text: str) -> None:
    accepted_or_refused(text)


@given(torn_texts())
@settings(max_examples=150, deadline=None)
def test_a_torn_text(text: str) -> None:
    accepted_or_refused(text)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_any_bytes(data: bytes) -> None:
    accepted_or_refused(data)
