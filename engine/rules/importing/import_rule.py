"""From a document in another tool's JSONLogic to a rule of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from engine.rules.check import Checker, Placed, Scope
from engine.rules.envelope import DIALECT
from engine.rules.facts import Catalogue, Subject
from engine.rules.importing.awesome_query_builder import AWESOME_QUERY_BUILDER, logic_of
from engine.rules.importing.jsonlogic import JSONLOGIC
from engine.rules.importing.react_querybuilder import REACT_QUERYBUILDER
from engine.rules.importing.translation import FAILED, Tongue, Translation
from engine.rules.limits import size_problems
from engine.rules.operators import find
from engine.rules.problems import RuleProblem, RuleRefused, nearest

# Plain JSONLogic, react-awesome-query-builder's export, react-querybuilder's formatQuery output.
Source = Literal["jsonlogic", "awesome_query_builder", "react_querybuilder"]
_TONGUES: Mapping[Source, Tongue] = {
    "jsonlogic": JSONLOGIC,
    "awesome_query_builder": AWESOME_QUERY_BUILDER,
    "react_querybuilder": REACT_QUERYBUILDER,
}
assert set(_TONGUES) == set(get_args(Source))


def import_rule(
    document: object,
    source: Source,
    catalogue: Catalogue,
    *,
    event_rule: bool = False,
    subject: Subject = "contact",
    zone: str = "UTC",
) -> dict[str, object]:
    """The rule as it is stored, `{"dialect": 1, "rule": ...}`.

    Facts may be named without "contact." before them. Where a builder writes a day as an instant,
    or a time without an offset, `zone` is where it was meant. Raises RuleRefused with every place
    of `document` that has no counterpart or does not fit the catalogue; nothing is left out or
    bent to fit.
    """
    logic, pointer = logic_of(document) if source == "awesome_query_builder" else (document, "")
    if problems := size_problems(logic, pointer):
        raise RuleRefused(tuple(problems))
    translation = Translation(_TONGUES[source], catalogue, zone)
    translated = translation.node(logic, pointer)
    checker = Checker(catalogue, find, catalogue.segments)
    reach = catalogue.reachable(event_rule=event_rule, subject=subject)
    root = checker.predicate(translated, Scope(reach), pointer)
    found = [*translation.problems, *filter(_is_new, checker.problems)]
    if found or root is None:
        raise RuleRefused(_in_order([nearest(problem, document) for problem in found]))
    return {"dialect": DIALECT, "rule": bare(translated)}


def bare(translated: object) -> object:
    """The translated document without the places it came from."""
    match translated:
        case Placed(document):
            return bare(document)
        case dict():
            return {key: bare(value) for key, value in translated.items()}
        case list() | tuple():
            return [bare(item) for item in translated]
        case _:
            return translated


def _is_new(problem: RuleProblem) -> bool:
    """The checker also trips over what could not be translated, of which there is word already."""
    return not problem.pointer.endswith(f"/{FAILED}")


def _in_order(problems: list[RuleProblem]) -> tuple[RuleProblem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=_place))


def _place(problem: RuleProblem) -> list[tuple[int, str]]:
    """Items of a list come by their number, not by its digits."""
    parts = problem.pointer.split("/")
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
