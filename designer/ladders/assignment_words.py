"""Assignment rules in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from designer.i18n import N_, Translator
from designer.ladders.desk import Desk
from designer.rule_builder.saying import said_of

BY: Final[Mapping[str, str]] = {
    "round_robin": N_("Each in turn"),
    "least_open": N_("Whoever has least open work"),
    "weighted": N_("In proportion to weights"),
}
NOBODY: Final[Mapping[str, str]] = {
    "queue": N_("It waits until somebody is there"),
    "next": N_("The rules below are tried"),
}
NOBODY_SAID: Final[Mapping[str, str]] = {
    "queue": N_("it waits until somebody is there"),
    "next": N_("the rules below are tried"),
}
SUBJECTS: Final[Mapping[str, str]] = {
    "contact": N_("Contacts"),
    "deal": N_("Deals"),
    "ticket": N_("Tickets"),
}


def people_words(to: Mapping[str, Any], desk: Desk) -> list[str]:
    """Who may be chosen; everything said narrows."""
    t, said = desk.visitor.t, []
    if to.get("team"):
        said.append(t("in the team {team}", team=to["team"]))
    if to.get("role"):
        role = str(to["role"])
        said.append(t("with the role {role}", role=desk.roles().get(role, role)))
    users = to.get("users")
    if users:
        names = [users] if isinstance(users, str) else users
        said.append(", ".join(desk.name_of(str(one)) for one in names))
    for key, fixed, read in (
        ("territory", t("who covers {what}"), t("who covers what {fact} says")),
        ("skill", t("with the skill {what}"), t("with the skill that {fact} says")),
    ):
        wanted = to.get(key)
        if isinstance(wanted, Mapping):
            said.append(read.format(fact=fact_words(str(wanted.get("fact", "")), desk)))
        elif wanted:
            said.append(fixed.format(what=wanted))
    return said or [t("anybody")]


def fact_words(path: str, desk: Desk) -> str:
    for known, fact in desk.world.catalogue.readable(
        event_rule=False, subject=desk.get(("of",), "contact")
    ):
        if known == path:
            return fact.label.in_language(desk.visitor.t.short)
    return path


def condition_words(rule: Mapping[str, Any], desk: Desk) -> str:
    t = desk.visitor.t
    when = rule.get("when")
    if when is None:
        return t("Everything else")
    subject = desk.get(("of",), "contact")
    said = said_of(when, desk.world.catalogue, t, subject=subject)
    return t("If {rule}", rule=said) if said else t("If a rule holds that has mistakes")


def rule_sentences(rule: Mapping[str, Any], t: Translator) -> list[str]:
    said = [f"{t(BY.get(str(rule.get('by', 'round_robin')), 'Each in turn'))}."]
    if rule.get("keep_owner"):
        said.append(t("Whoever has it already keeps it, if they fit."))
    if rule.get("capacity_per_day"):
        said.append(t("At most {count} a day for each.", count=rule["capacity_per_day"]))
    if not rule.get("only_present", True):
        said.append(t("Also to people who are away."))
    nobody = NOBODY_SAID.get(str(rule.get("if_nobody", "queue")), "")
    said.append(t("If nobody can take it: {what}.", what=t(nobody)) if nobody else "")
    return [one for one in said if one]


def tell_words(text: str, desk: Desk) -> str:
    t = desk.visitor.t
    kind, _, value = text.partition(":")
    if text == "head":
        return t("the head of the team that should have taken it")
    if kind == "role":
        return t("everybody with the role {role}", role=desk.roles().get(value, value))
    if kind == "team":
        return t("the head of the team {team}", team=value)
    return desk.name_of(text)
