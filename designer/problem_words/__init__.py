"""Problems that services tell, in the reader's language.

Services say them in English with every detail. For other readers a table has a sentence for each
code; what the service put between quotes, a name that somebody wrote, stands behind it. A code
without a sentence is shown as the service said it. One table a kind; a test names what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from designer.i18n import Translator
from designer.problem_words import definitions, flows, forms, imports, letters, refusals, rules
from engine.errors import CadenzaError, Problem, Refused
from engine.flows.problems import FlowProblem

Kind = Literal["flow", "letter", "import", "rule", "definition", "form"]
TABLES: Final[Mapping[Kind, Mapping[str, str]]] = {
    "flow": flows.SENTENCES,
    "letter": letters.SENTENCES,
    "import": imports.SENTENCES,
    "rule": rules.SENTENCES,
    "definition": definitions.SENTENCES,
    "form": forms.SENTENCES,
}
# Only shown, never acted on: what a sentence is about is its own word in every language.
_QUOTED: Final = re.compile(r'"([^"\n]{1,60})"')


def problem_words(
    kind: Kind, code: str, message: str, t: Translator, *, detail: str | None = None
) -> str:
    """`detail` is the rule language's own code where a rule in something else is wrong."""
    if t.short == "en":
        return message
    sentence = rules.SENTENCES.get(detail) if detail else None
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


def flow_problem_words(problem: FlowProblem, t: Translator) -> str:
    """With its place in the text or in the drawing."""
    code, detail = problem.code.value, problem.detail
    return f"{problem.place}: {problem_words('flow', code, problem.message, t, detail=detail)}"


def refusal_words(error: CadenzaError, t: Translator) -> str:
    """Why something was not done, in one sentence; the mistakes of a form are not in it."""
    if t.short == "en":
        return error.message
    known = next((code for code in _codes(error) if code in refusals.KNOWN), "error")
    if sentence := refusals.SENTENCES.get(known):
        named = _QUOTED.search(error.message)
        said = t(sentence)
        return t("{said} It is about “{name}”.", said=said, name=named[1]) if named else said
    if isinstance(error, Refused) and error.problems:
        count = len(error.problems)
        return t.n("{count} thing must be put right.", "{count} things must be put right.", count)
    said = t(refusals.VAGUE[known])
    return t("{said} The server says: {detail}", said=said, detail=error.message)


def _codes(error: CadenzaError) -> Iterator[str]:
    """Its own code, then those of the kinds of error that it belongs to."""
    yield error.code
    for kind in type(error).__mro__:
        # the code of some is told by each error alone
        if isinstance(code := getattr(kind, "code", None), str):
            yield code


def all_words(error: CadenzaError, t: Translator, kind: Kind = "form") -> str:
    """Why something was not done, and every mistake: for places with room for one text."""
    problems = error.problems if isinstance(error, Refused) else ()
    told = (problem_words(kind, one.code, one.message, t) for one in problems)
    return " ".join([refusal_words(error, t), *told])
