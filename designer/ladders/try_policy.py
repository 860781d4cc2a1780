"""What would happen if a case were opened now and nobody took it up."""

from __future__ import annotations

from typing import Any

from nicegui import ui

from designer.asking import plain_button
from designer.case_words import HELD_FOR, URGENCIES
from designer.ladders.desk import Desk
from designer.ladders.trying import Happened, what_happens
from designer.people.names import choices, name_of
from designer.terms import toned
from designer.widgets import block, card, chip, words
from engine.escalations.policy import Policy
from engine.escalations.targets import Scene
from engine.machines.escalation import Held, Over, Skipped, Tell

# Somebody reads it; ten rounds of repeats are a hundred lines.
MOST_LINES = 60


def try_policy(desk: Desk) -> None:
    t, people = desk.visitor.t, choices(desk.people)
    me = desk.visitor.somebody.id
    with card(t("Try it: a case is opened now, and nobody takes it up")) as place:
        place.mark("try")
        with block("cz-row cz-pad"):
            owner = ui.select(people, label=t("Owner"), value=me if me in people else None)
            owner.props("outlined dense").classes("cz-field lad-try")
            go = plain_button(t("Show"), None, symbol="play_arrow").mark("try-go")
        answer = block("cz-pad cz-stack cz-tight").mark("try-answer")

    def show() -> None:
        answer.clear()
        with answer:
            _answer(desk, owner.value)

    go.on("click", show, args=[])


def _answer(desk: Desk, owner: Any) -> None:
    t, policy = desk.visitor.t, desk.model
    if not isinstance(policy, Policy) or desk.problems:
        words(t("Mend the mistakes first."), "cz-bad")
        return
    person = desk.people.people.get(owner or 0)
    scene = Scene(desk.people, policy.rotations, owner or None, person.team if person else None)
    zone = desk.designer.runtime.shared.default_zone
    calendars = desk.world.calendars or {}
    found = what_happens(policy, scene, calendars, zone, desk.designer.now())
    lines = [line for one in found for line in _lines(desk, one)]
    for at, text, urgency in lines[:MOST_LINES]:
        with block("lad-happened"):
            words(at, "cz-soft cz-small cz-number")
            words(text, "cz-grow")
            if urgency:
                chip(*toned(URGENCIES, urgency, t))
    if len(lines) > MOST_LINES:
        more = len(lines) - MOST_LINES
        words(t.n("and {count} more", "and {count} more", more), "cz-soft cz-small")


def _lines(desk: Desk, one: Happened) -> list[tuple[str, str, str]]:
    t = desk.visitor.t
    at = desk.visitor.formats.weekday_moment(one.at)
    found = []
    for effect in one.effects:
        match effect:
            case Tell(level=level, telling=telling, people=people, urgency=urgency):
                names = ", ".join(name_of(desk.people, found.user_id) for found in people)
                text = t("Level {level}: {who} was told", level=level + 1, who=names)
                if telling:
                    text = t("Level {level}: {who} was told again", level=level + 1, who=names)
                found.append((at, text, urgency.value if urgency else ""))
            case Skipped(level=level):
                text = t("Level {level}: nobody is there, passed over", level=level + 1)
                found.append((at, text, ""))
            case Held(reason=reason):
                found.append((at, t(HELD_FOR[reason.value]), ""))
            case Over():
                found.append((at, t("Ended: nobody took it up"), ""))
    return found
