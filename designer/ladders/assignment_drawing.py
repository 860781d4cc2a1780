"""Assignment rules as a ladder: the first rule that holds takes the record."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from designer.ladders.assignment_words import (
    SUBJECTS,
    condition_words,
    people_words,
    rule_sentences,
    tell_words,
)
from designer.ladders.desk import Desk
from designer.ladders.rungs import adder, between, foot, ladder, rung
from designer.ladders.sheet import inserted
from designer.widgets import notice, words

RULES: Final = ("rules",)


def draw_assignment(desk: Desk) -> None:
    t, document = desk.visitor.t, desk.sheet.document
    if document.get("table"):
        name = document["table"]
        notice(t("The decision table “{name}” says who gets what.", name=name))
        return
    about = t(SUBJECTS.get(str(document.get("of", "contact")), "Contacts"))
    words(t("{records}: the first rule that holds decides.", records=about), "cz-soft", tag="p")
    rules = document.get("rules") or []
    with ladder(t("Rules, in order")):
        for index, rule in enumerate(rules):
            if index:
                between(t("else"))
            _rung(desk, index, rule)
        adder(desk, t("Add a rule"), partial(_add, desk, rules), "add-level")
        _end(desk, rules)


def _rung(desk: Desk, index: int, rule: Mapping[str, Any]) -> None:
    t = desk.visitor.t
    given = rule.get("to")
    to = given if isinstance(given, Mapping) else {}
    lines = [condition_words(rule, desk), *rule_sentences(rule, t)]
    title = str(rule.get("name") or t("Rule {number}", number=index + 1))
    who = people_words(to, desk)
    rung(desk, (*RULES, index), str(index + 1), title, lines, who=who)


def _end(desk: Desk, rules: list[Mapping[str, Any]]) -> None:
    t, otherwise = desk.visitor.t, desk.get(("otherwise",))
    tell = otherwise.get("tell", "head") if isinstance(otherwise, Mapping) else None
    if tell is not None:
        people = [tell] if isinstance(tell, str) else tell
        names = ", ".join(tell_words(str(one), desk) for one in people)
        between(t("nobody can take it"))
        foot("notifications_active", t("It waits, and is told: {names}.", names=names), "warn")
    elif rules and rules[-1].get("when") is None:
        foot("task_alt", t("The last rule takes everything."), "good")
    else:
        foot("error_outline", t("Nothing is said of what no rule takes."), "bad")


def _add(desk: Desk, rules: list[Mapping[str, Any]]) -> None:
    """Before the one that takes everything, if there is one."""
    index = len(rules)
    if rules and rules[-1].get("when") is None:
        index -= 1
    taken, number = {one.get("name") for one in rules}, len(rules) + 1
    while f"rule_{number}" in taken:
        number += 1
    desk.selected = (*RULES, index)
    new = {"name": f"rule_{number}", "when": None, "to": {"role": "rep"}}
    desk.turn(inserted(desk.sheet.document, RULES, index, new))
