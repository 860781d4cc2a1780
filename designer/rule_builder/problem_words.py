"""What is wrong, in the reader's language. The checker's own words are English and name the detail;
other readers get the sentence for the kind of mistake.
"""

from __future__ import annotations

from designer.i18n import Translator
from designer.problem_words.rules import SENTENCES


def problem_words(code: str, message: str, t: Translator) -> str:
    """One problem, as exactly as it can be said to this reader."""
    kind = SENTENCES.get(str(code))
    return message if t.short == "en" or kind is None else t(kind)
