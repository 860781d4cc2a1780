"""A drawing and its text: one from the other, without losing what either says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from engine.errors import Conflict
from engine.flows.dump import dump_written
from engine.flows.editing import FlowDocument, OperationRefused, from_written
from engine.flows.stored_json import canonical
from engine.flows.written import TextRefused, read_text
from engine.steps import STEP_KINDS

_HEAD_LINE = r"(?m)^{key}:[ \t]*\S.*$"


def document_of(source: str, name: str, like: FlowDocument | None = None) -> FlowDocument:
    """The drawing of a text; notes and places are those of `like`. Raises Conflict for a text that
    is no document at all."""
    try:
        data = read_text(source, f"{name}.yaml").data
    except TextRefused as refused:
        raise Conflict(
            f'The text of flow "{name}" cannot be drawn; mend it first: {refused.problems[0]}'
        ) from refused
    written = data if isinstance(data, dict) else {}
    return from_written(
        written,
        STEP_KINDS,
        notes=like.notes if like else None,
        positions=like.positions if like else None,
    )


def text_of(document: FlowDocument) -> str:
    """The text that is read back to the same drawing. Raises OperationRefused for what no text can
    hold: too much, too deep, characters that cannot be stored."""
    written = document.written(STEP_KINDS)
    try:
        text = dump_written(written)
        read = read_text(text, "flow")
    except (TextRefused, RecursionError, ValueError) as error:
        raise OperationRefused("cannot_be_written", f"This cannot be kept: {error}") from error
    if read.problems:
        raise OperationRefused(
            "cannot_be_written", f"This cannot be kept: {read.problems[0].message}"
        )
    if canonical(read.data) != canonical(written):
        message = "This holds a value that a flow file cannot say."
        raise OperationRefused("cannot_be_written", message)
    return text


def hash_of(document: FlowDocument) -> str:
    """Equal drawings have one hash, whatever their notes and places."""
    said = {"written": document.written(STEP_KINDS), "first": document.first}
    return hashlib.sha256(canonical(said).encode()).hexdigest()


@lru_cache(maxsize=256)
def hash_of_text(source: str, name: str) -> str:
    """Of published texts, which never change."""
    return hash_of(document_of(source, name))


def renamed_text(source: str, document: FlowDocument) -> str:
    """The text with the name and the label of `document` and all its comments; written anew where
    that does not come out as the same flow."""
    text = source
    for key in ("flow", "label"):
        line = dump_written({key: document.head.get(key, "")}).strip().replace("\\", r"\\")
        text = re.sub(_HEAD_LINE.format(key=key), line, text, count=1)
    if _reads_as(text, document.written(STEP_KINDS)):
        return text
    return text_of(document)


def _reads_as(text: str, written: Mapping[str, Any]) -> bool:
    try:
        data = read_text(text, "flow").data
    except TextRefused:
        return False
    if not isinstance(data, dict):
        return False
    return canonical(from_written(data, STEP_KINDS).written(STEP_KINDS)) == canonical(written)
