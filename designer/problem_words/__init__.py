"""Problems that services tell, in the reader's language.

Services say them in English with every detail. For other readers a table has a sentence for each
code; what the service put between quotes, a name that somebody wrote, stands behind it. A code
without a sentence is shown as the service said it. One table a kind; a test names what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from designer.i18n import Translator
from designer.problem_words import flows, imports, letters
from designer.rule_builder.problem_words import KINDS as RULES
from engine.errors import Problem

Kind = Literal["flow", "letter", "import", "rule"]
TABLES: Final[Mapping[Kind, Mapping[str, str]]] = {
    "flow": flows.SENTENCES,
    "letter": letters.SENTENCES,
    "import": imports.SENTENCES,
    "rule": RULES,
}
# Only shown, never acted on: what a sentence is about is its own word in every language.
_QUOTED: Final = re.compile(r'"([^"\n]{1,60})"')


def problem_words(
    kind: Kind, code: str, message: str, t: Translator, *, detail: str | None = None
) -> str:
    """`detail` is the rule language's own code where a rule in something else is wrong."""
    if t.short == "en":
        return message
    sentence = RULES.get(detail) if detail else None
    sentence = sentence or TABLES[kind].get(code)
    if sentence is None:
        return message
    named = _QUOTED.search(message)
    said = t(sentence)
    return t("{said} It is about “{name}”.", said=said, name=named[1]) if named else said


def placed_words(kind: Kind, problem: Problem, t: Translator) -> str:
    """With its place, such as a file and line, where it has one."""
    said = problem_words(kind, problem.code, problem.message, t)
    return f"{problem.place}: {said}" if problem.place else said
