"""`meta.yaml` as a document that a form changes one entry of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from engine.services.templates.yaml_text import read_yaml

ORDER: Final = (
    *("label", "help", "purpose", "language", "frame", "topic", "sender"),
    *("defaults", "fallbacks", "attachments"),
)


def document_of(source: str) -> dict[str, Any] | None:
    """None for a text that is no mapping: it can only be mended as text."""
    try:
        found = read_yaml(source)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return dict(found) if isinstance(found, Mapping) else None


def has_remarks(source: str) -> bool:
    """Whether writing the document anew would lose remarks."""
    return any(line.lstrip().startswith("#") or " #" in line for line in source.splitlines())


def text_of(document: Mapping[str, Any]) -> str:
    """Entries in their usual order, without those that say nothing."""
    known = [key for key in ORDER if key in document]
    others = [key for key in document if key not in ORDER]
    kept = {
        key: document[key] for key in (*known, *others) if document[key] not in (None, "", {}, [])
    }
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=100)


def changed(source: str, key: str, value: Any) -> str | None:
    """The text with one entry changed; None where it cannot be read."""
    document = document_of(source)
    if document is None:
        return None
    if document.get(key) == value:
        return source
    return text_of({**document, key: value})


def labels_of(document: Mapping[str, Any], key: str) -> tuple[str, str]:
    """English and Chinese of a label, each empty where it is missing or no text."""
    found = document.get(key)
    if not isinstance(found, Mapping):
        return "", ""
    en, zh = found.get("en"), found.get("zh")
    return (en if isinstance(en, str) else ""), (zh if isinstance(zh, str) else "")
