"""The words for definitions, and where they are found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_
from designer.tone import Tone
from engine.definitions import DefinitionKind

ROOM: Final = "/definitions"
KINDS: Final[Mapping[str, str]] = {
    DefinitionKind.PIPELINE: N_("Pipeline"),
    DefinitionKind.APPROVAL: N_("Approval chain"),
    DefinitionKind.ESCALATION: N_("Escalation policy"),
    DefinitionKind.ASSIGNMENT: N_("Assignment rules"),
}
MANY: Final[Mapping[str, str]] = {
    DefinitionKind.PIPELINE: N_("Pipelines"),
    DefinitionKind.APPROVAL: N_("Approval chains"),
    DefinitionKind.ESCALATION: N_("Escalation policies"),
    DefinitionKind.ASSIGNMENT: N_("Assignment"),
}
STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "active": (N_("In force"), "good"),
    "retired": (N_("Retired"), "plain"),
    "ready": (N_("Ready to publish"), "accent"),
}


def address_of(kind: str, name: str) -> str:
    return f"{ROOM}/{kind}/{name}"


def kind_of(text: str | None) -> DefinitionKind | None:
    """None for what is no kind."""
    return DefinitionKind(text) if text in set(DefinitionKind) else None


def label_in(language: str, label: str, document: Mapping[str, object]) -> str:
    """The label in the reader's language, where the definition has one in it."""
    chinese = document.get("label_zh")
    return chinese if language == "zh" and isinstance(chinese, str) and chinese else label
