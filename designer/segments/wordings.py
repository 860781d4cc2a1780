"""What the rooms of segments say of states and kinds, and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_
from designer.tone import Tone

ROOM: Final = "/segments"
STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "counting": (N_("Being counted"), "accent"),
    "kept": (N_("Kept up to date"), "good"),
    "broken": (N_("Rule broken"), "bad"),
}
KINDS: Final[Mapping[str, str]] = {"rule": N_("By rule"), "static": N_("By hand")}


def address_of(name: str) -> str:
    return f"{ROOM}/{name}"


def label_in(language: str, label: str, label_zh: str | None) -> str:
    return label_zh if language == "zh" and label_zh else label
