"""The designer's words in the reader's language."""

from designer.i18n.translator import (
    LANGUAGES,
    N_,
    Language,
    Translator,
    as_language,
    preferred,
    translator,
)

__all__ = [
    "LANGUAGES",
    "N_",
    "Language",
    "Translator",
    "as_language",
    "preferred",
    "translator",
]
