"""The words for cases that somebody must take up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_, Translator
from designer.tone import Tone
from engine.services.escalations import CaseStep, ListedCase

ROOM: Final = "/inbox"
TAB: Final = "cases"

STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "open": (N_("Waits for somebody"), "accent"),
    "acknowledged": (N_("Taken up"), "good"),
    "held": (N_("Held"), "bad"),
    "paused": (N_("Paused"), "warn"),
    "resolved": (N_("Resolved"), "plain"),
    "unanswered": (N_("Ended unanswered"), "warn"),
}
URGENCIES: Final[Mapping[str, tuple[str, Tone]]] = {
    "low": (N_("Low"), "plain"),
    "normal": (N_("Normal"), "plain"),
    "high": (N_("High"), "warn"),
    "urgent": (N_("Urgent"), "bad"),
}
SUBJECTS: Final[Mapping[str, str]] = {
    "contact": N_("Contact"),
    "account": N_("Account"),
    "deal": N_("Deal"),
    "ticket": N_("Ticket"),
}
HELD_FOR: Final[Mapping[str, str]] = {
    "nobody": N_("Nobody of those who should be told is there."),
    "unanswered": N_("Everybody was told, and nobody took it up."),
    "no_working_time": N_("Its calendar has no working hours."),
}
_STEPS: Final[Mapping[str, str]] = {
    "told": N_("Level {level}: {who} was told"),
    "told_again": N_("Level {level}: {who} was told again"),
    "skipped": N_("Level {level}: nobody is there, passed over"),
    "taken": N_("{who} took it up"),
    "stood_in": N_("{who} stands in for whoever has it"),
    "reopened": N_("{who} has it no more"),
    "paused": N_("The clocks were stopped"),
    "resumed": N_("The clocks went on"),
    "folded": N_("Asked for again"),
}
_REOPENED: Final[Mapping[str, str]] = {
    "expired": N_("The time to resolve it is over."),
    "away": N_("They are not there, and nobody stands in."),
}
_HOW: Final[Mapping[str, str]] = {
    "owner": N_("owner"),
    "manager": N_("manager"),
    "team_head": N_("head of the team"),
}


def state_of(case: ListedCase) -> str:
    over = case.ended_at is not None
    return "paused" if case.paused and not over else case.status


def address_of(case_id: int) -> str:
    return f"{ROOM}?tab={TAB}&case={case_id}"


def said(step: CaseStep, t: Translator) -> str:
    """One line of the log."""
    if step.kind == "ended":
        if step.why == "unanswered":
            return t("Ended: nobody took it up")
        return t("{who} resolved it", who=step.who) if step.who else t("Resolved by itself")
    if step.kind == "held":
        return t(HELD_FOR.get(step.why or "", N_("Held")))
    line = _STEPS.get(step.kind)
    if line is None:
        return step.kind.replace("_", " ")
    return t(line, level=step.level, who=step.who or t("Somebody"))


def because(step: CaseStep, t: Translator) -> str:
    """How somebody came to be told, or why the case came back; empty where the line says it all."""
    why = step.why or ""
    if step.kind == "reopened":
        return t(_REOPENED[why]) if why in _REOPENED else ""
    if step.kind not in ("told", "told_again"):
        return ""
    deputy = why.startswith("deputy of ")
    how = why.removeprefix("deputy of ")
    kind, _, value = how.partition(":")
    name = f"{t(_HOW[kind])} {value}".strip() if kind in _HOW else how
    if kind in ("role", "team", "user"):
        name = value
    if kind == "on_duty":
        name = t("on duty: {rotation}", rotation=value)
    return t("stands in for: {whom}", whom=name) if deputy else name
