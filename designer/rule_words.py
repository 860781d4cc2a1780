"""Why a rule held or did not, as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.i18n import Translator


def because(document: Any, t: Translator) -> str:
    """The journal's explanation of a rule in the reader's language; empty when there is none."""
    if not isinstance(document, Mapping):
        return ""
    sentence = document.get("sentence")
    if isinstance(sentence, Mapping):
        return str(sentence.get(t.short) or sentence.get("en") or "")
    return ""
