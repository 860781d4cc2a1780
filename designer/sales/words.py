"""The words for deals, their clocks, and what was refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_, Translator
from designer.tone import Tone
from engine.errors import Problem
from engine.services.deals.clock_states import ClockState

BOARD: Final = "/board"
STUCK: Final = "/stuck"
PIPELINES: Final = "/pipelines"

CLOCKS: Final[Mapping[ClockState, tuple[str, Tone]]] = {
    "none": ("", "plain"),
    "on_time": (N_("On time"), "good"),
    "warned": (N_("Warned"), "warn"),
    "late": (N_("Too late"), "bad"),
    "rotting": (N_("Rotting"), "warn"),
    "waiting": (N_("Clock rests"), "accent"),
}
CATEGORIES: Final[Mapping[str, str]] = {
    "omitted": N_("Left out"),
    "pipeline": N_("Pipeline (usual)"),
    "best_case": N_("Best case"),
    "commit": N_("Commit"),
    "closed": N_("Closed"),
}
KINDS: Final[Mapping[str, str]] = {"open": N_("Open"), "won": N_("Won"), "lost": N_("Lost")}
FIELDS: Final[Mapping[str, str]] = {
    "name": N_("Name"),
    "amount": N_("Amount"),
    "currency": N_("Currency"),
    "expected_close_on": N_("Expected close"),
    "owner_id": N_("Owner"),
    "contact_id": N_("Contact"),
    "account_id": N_("Account"),
    "product_id": N_("Product"),
    "forecast_category": N_("Forecast category"),
    "lost_reason": N_("Why it was lost"),
    "external_id": N_("External id"),
}
# What services say in English, for readers of other languages; what a pipeline says is in theirs.
_CODES: Final[Mapping[str, str]] = {
    "moved_meanwhile": N_("Somebody moved the deal meanwhile."),
    "being_decided": N_("Its move is being decided at this moment. Try again when that is over."),
    "locked": N_("This is locked while an approval is open."),
    "unknown_stage": N_("The pipeline has no such stage any more."),
    "no_chain": N_("Nobody has published the approval chain that this move waits for."),
    "not_approved": N_("The approval ended at once, and not with a yes."),
    "unknown_record": N_("It is not there any more; choose another one."),
    "not_with_a_move": N_("This is changed by itself, before the move."),
    "missing": N_("This must be filled in."),
    "not_a_number": N_("This is not an amount."),
    "unknown_currency": N_("This is not a currency."),
    "taken": N_("Another deal has this external id."),
    "not_lost": N_("A deal that is not lost has no reason for it."),
    "too_long": N_("This is too long."),
    "no_beginning": N_(
        "A deal cannot begin on this stage; make it on the first one, then move it."
    ),
}
_SAID_BY_PIPELINE: Final = frozenset({"no_transition", "not_theirs", "rule", "rule_broken"})


def problem_words(problem: Problem, t: Translator, *, from_pipeline: bool = False) -> str:
    """`from_pipeline`: the service was asked for the reader's language."""
    said = problem.message[:1].upper() + problem.message[1:]
    if t.short == "en" or problem.code in _SAID_BY_PIPELINE:
        return said
    if problem.code == "missing" and from_pipeline:
        return said
    known = _CODES.get(problem.code)
    return t(known) if known else said


def in_language(label: str, label_zh: str | None, t: Translator) -> str:
    return label_zh if label_zh and t.short == "zh" else label
