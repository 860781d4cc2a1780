"""Checking a template before anybody depends on it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from engine.rendering.compiled import compiled, read
from engine.rendering.problems import TemplateProblem, TemplateRefused
from engine.rendering.syntax import Reference
from engine.rendering.vocabulary import Vocabulary


def check_template(source: str, known: Vocabulary | Iterable[str]) -> tuple[TemplateProblem, ...]:
    """Everything wrong with the source, in the order of its lines; empty when it can be used.

    `known` holds the dotted paths of the variables that will be there (see `Vocabulary`).
    """
    return _checked(source, known if isinstance(known, Vocabulary) else Vocabulary(known))


@lru_cache(maxsize=1_024)
def _checked(source: str, vocabulary: Vocabulary) -> tuple[TemplateProblem, ...]:
    _, found = read(source)
    problems = [*found.problems]
    if not problems:
        try:
            compiled(source, html=False)
        except TemplateRefused as refused:
            problems.extend(refused.problems)
    for reference in found.references:
        problem = _variable_problem(reference, vocabulary)
        if problem is not None and problem not in problems:
            problems.append(problem)
    return tuple(sorted(problems, key=lambda problem: problem.line))


@lru_cache(maxsize=2_048)
def variables_of(source: str) -> frozenset[str]:
    """The dotted paths that the template reads; items of lists are written "orders[].total"."""
    return frozenset(".".join(reference.path) for reference in read(source)[1].references)


def _variable_problem(reference: Reference, known: Vocabulary) -> TemplateProblem | None:
    name = ".".join(reference.path)
    shown = name if len(name) <= 80 else f"{name[:80]}…"
    if not known.knows(reference.path):
        nearest = known.nearest(reference.path)
        meant = f' did you mean "{nearest}"?' if nearest else " see the list of variables."
        message = f'"{shown}" is not known;{meant}'
        return TemplateProblem(reference.line, "unknown_variable", message)
    if reference.printed and not known.is_field(reference.path):
        message = f'"{shown}" is a group of fields; name one of them.'
        return TemplateProblem(reference.line, "not_printable", message)
    if reference.walked and not known.is_list(reference.path):
        message = f'"{shown}" is not a list; a loop needs one.'
        return TemplateProblem(reference.line, "not_printable", message)
    return None
