"""An escalation policy in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from designer.case_words import URGENCIES
from designer.i18n import N_, Translator
from designer.ladders.desk import Desk
from designer.ladders.span_words import span_words
from designer.tone import Tone

TARGETS: Final[Mapping[str, str]] = {
    "owner": N_("The owner"),
    "manager": N_("The owner's manager"),
    "team_head": N_("The head of a team"),
    "team": N_("Everybody in a team"),
    "role": N_("Everybody with a role"),
    "on_duty": N_("Whoever is on duty"),
    "user": N_("One person"),
}
TURNS: Final[Mapping[str, str]] = {"daily": N_("Every day"), "weekly": N_("Every week")}


def listed(value: Any) -> list[str]:
    """Targets are written alone or as a list."""
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, list) else []


def split_target(text: str) -> tuple[str, str]:
    """Kind and value of a target, also of one that is not finished."""
    kind, colon, value = text.partition(":")
    if kind in TARGETS and (colon or kind in ("owner", "manager", "team_head")):
        return kind, value.strip()
    return "user", text


def target_words(text: str, desk: Desk) -> str:
    t = desk.visitor.t
    kind, value = split_target(text)
    match kind:
        case "owner":
            return t("the owner")
        case "manager" if value in ("", "1"):
            return t("the owner's manager")
        case "manager":
            return t("the manager {count} levels above the owner", count=value)
        case "team_head" if not value:
            return t("the head of the owner's team")
        case "team_head":
            return t("the head of the team {team}", team=value)
        case "team":
            return t("everybody in the team {team}", team=value)
        case "role":
            return t("everybody with the role {role}", role=desk.roles().get(value, value))
        case "on_duty":
            return t("on duty: {rotation}", rotation=value)
    return desk.name_of(value)


def is_working(document: Mapping[str, Any], level: Mapping[str, Any] | None = None) -> bool:
    """Whether the time before this level is working time; of the policy without a level."""
    if level is not None:
        time = level.get("time") or ("working" if level.get("calendar") is not None else None)
        if time is not None:
            return bool(time == "working")
    return bool(document.get("time", "working") == "working")


def waited(document: Mapping[str, Any], level: Mapping[str, Any], t: Translator) -> str:
    """What lies before a level."""
    after = level.get("after")
    if after is None:
        return t("at once")
    span = span_words(after, t, working=is_working(document, level))
    return t("after {span} without anybody taking it up", span=span)


def level_sentences(
    level: Mapping[str, Any], document: Mapping[str, Any], t: Translator
) -> list[str]:
    said = []
    repeat = level.get("repeat")
    if isinstance(repeat, Mapping):
        every = span_words(repeat.get("every"), t, working=is_working(document, level))
        times = repeat.get("times", 1)
        if times == 1:
            said.append(t("Told again after {span}, once.", span=every))
        else:
            said.append(t("Told again every {span}, {count} times.", span=every, count=times))
    if level.get("if_empty", "skip") == "hold":
        said.append(t("If nobody is there: the case is held where admins see it."))
    else:
        said.append(t("If nobody is there: the level is passed over."))
    return said


def urgency_mark(level: Mapping[str, Any], t: Translator) -> tuple[tuple[str, Tone], ...]:
    found = URGENCIES.get(str(level.get("urgency")))
    return ((t(found[0]), found[1]),) if found else ()


def ending(document: Mapping[str, Any], t: Translator) -> tuple[str, str]:
    """What lies behind the last level, and where it ends."""
    wait = span_words(document.get("wait", "PT4H"), t, working=is_working(document))
    rounds = document.get("rounds", 1)
    behind = t("after another {span}", span=wait)
    if rounds > 1:
        behind = t("after another {span} all levels again, {count} rounds", span=wait, count=rounds)
    if document.get("at_the_end", "hold") == "resolve":
        return behind, t("Nobody took it up: the case ends.")
    return behind, t("Nobody took it up: the case is held where admins see it.")


def taken_up(document: Mapping[str, Any], t: Translator) -> str:
    if document.get("once_taken_up", "keep") == "resolve":
        return t("Whoever takes it up ends it.")
    if document.get("acknowledged_for"):
        span = span_words(document["acknowledged_for"], t, working=is_working(document))
        return t("Whoever takes it up has {span}; then it is open again.", span=span)
    return t("Whoever takes it up has it until it is resolved.")
