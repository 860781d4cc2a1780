"""What is wrong with the draft, and a way to each place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from designer.flow_graph import TRIGGER, title_of
from designer.forms import Problems
from designer.i18n import N_, Translator
from designer.problem_words import problem_words
from designer.widgets import block, icon, words
from engine.services.flow_drafts import DraftProblem

# What the most frequent mistakes are called; the message below says the rest.
_CODES: Final[Mapping[str, str]] = {
    "open_exit": N_("A way out leads nowhere"),
    "missing_key": N_("Something is missing"),
    "no_steps": N_("There are no steps yet"),
    "unreachable_node": N_("Nobody comes here"),
    "loop_without_wait": N_("A circle without a wait"),
    "endless_loop": N_("A circle without an end"),
    "bad_rule": N_("The rule has a mistake"),
    "bad_span": N_("This is no length of time"),
    "bad_value": N_("This value does not fit"),
    "bad_choice": N_("This cannot be chosen"),
    "wrong_type": N_("This is of the wrong kind"),
    "unknown_key": N_("This key is not known"),
    "unknown_field": N_("This field is not known"),
    "unknown_step": N_("There is no such kind of step."),
    "missing_template": N_("The message is missing"),
    "no_consent_note": N_("Where does the consent come from?"),
    "never_true": N_("This rule never holds"),
    "unreachable_case": N_("This case is never reached"),
    "overlapping_cases": N_("Two cases overlap"),
    "many_messages": N_("Many messages in a short time"),
    "shared_audience": N_("Another flow has the same people"),
    "unknown_event": N_("This event was never seen"),
}


def problem_list(
    problems: Sequence[DraftProblem], t: Translator, go: Callable[[DraftProblem], Any]
) -> None:
    if not problems:
        with block("fe-clear"):
            icon("check_circle", "22px")
            words(t("Nothing stands in the way of publishing."))
        return
    for problem in sorted(problems, key=lambda one: not one.is_error):
        with block("fe-problem is-bad" if problem.is_error else "fe-problem", tag="button") as row:
            row.props["type"] = "button"
            row.mark(f"problem-{problem.code}")
            icon("error" if problem.is_error else "warning", "18px")
            with block("cz-grow"):
                words(_headline(problem, t), "fe-problem__head", tag="p")
                words(told(problem, t), "fe-problem__text", tag="p")
        row.on("click", lambda problem=problem: go(problem), args=[])


def _headline(problem: DraftProblem, t: Translator) -> str:
    where = title_of(problem.node) if problem.node else t("The flow itself")
    known = _CODES.get(problem.code)
    return f"{where}: {t(known)}" if known else where


def told(problem: DraftProblem, t: Translator) -> str:
    return problem_words("flow", problem.code, problem.message, t, detail=problem.detail)


def by_place(problems: Sequence[DraftProblem], node: str | None, t: Translator) -> Problems:
    """Those of one step, or of the flow itself, by their path below it."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        if problem.node == node:
            found.setdefault(problem.path, []).append(told(problem, t))
    return found


def by_node(problems: Sequence[DraftProblem], t: Translator) -> dict[str, list[str]]:
    """What stops publishing, by the place of the drawing that shows it."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        if not problem.is_error:
            continue
        place = problem.node
        if place is None and problem.path.startswith(("trigger", "entry")):
            place = TRIGGER
        if place is not None:
            found.setdefault(place, []).append(told(problem, t))
    return found
