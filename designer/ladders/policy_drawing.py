"""An escalation policy as a ladder: who is told after which time, and where it ends."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from designer.ladders.desk import Desk
from designer.ladders.policy_words import (
    TURNS,
    ending,
    level_sentences,
    listed,
    taken_up,
    target_words,
    urgency_mark,
    waited,
)
from designer.ladders.rungs import adder, between, foot, ladder, rung, small_button
from designer.ladders.sheet import inserted, with_value
from designer.widgets import block, icon, words

LEVELS: Final = ("levels",)
ROTATIONS: Final = ("rotations",)


def draw_policy(desk: Desk) -> None:
    t, document = desk.visitor.t, desk.sheet.document
    levels = document.get("levels") or []
    with ladder(t("Levels of the policy")):
        for index, level in enumerate(levels):
            between(waited(document, level, t))
            _rung(desk, index, level)
        adder(desk, t("Add a level"), partial(_add, desk, len(levels)), "add-level")
        behind, end = ending(document, t)
        between(behind)
        foot("inventory_2", end, "warn")
    words(taken_up(document, t), "cz-soft cz-small", tag="p")
    words(
        t("Each person is told by the ways they chose for that urgency."),
        "cz-soft cz-small",
        tag="p",
    )
    _rotations(desk)


def _rung(desk: Desk, index: int, level: Mapping[str, Any]) -> None:
    t, document = desk.visitor.t, desk.sheet.document
    who = [target_words(one, desk) for one in listed(level.get("to"))]
    rung(
        desk,
        (*LEVELS, index),
        str(index + 1),
        t("Told:"),
        level_sentences(level, document, t),
        who=who,
        marks=urgency_mark(level, t),
    )


def _add(desk: Desk, index: int) -> None:
    desk.selected = (*LEVELS, index)
    new: dict[str, Any] = {"to": ["manager" if index else "owner"]}
    if index:
        new["after"] = "4h"
    desk.turn(inserted(desk.sheet.document, LEVELS, index, new))


def _rotations(desk: Desk) -> None:
    t, rotations = desk.visitor.t, desk.get(ROTATIONS) or {}
    if not rotations and not desk.may_edit:
        return
    with block("cz-row lad-section"):
        words(t("Duties in turn"), "cz-strong")
    with block("lad-duties"):
        for name, rotation in rotations.items():
            _duty(desk, name, rotation)
    if desk.may_edit:
        add = partial(_add_rotation, desk, rotations)
        small_button(t("Add a duty"), "event_repeat", add).mark("add-rotation")


def _duty(desk: Desk, name: str, rotation: Mapping[str, Any]) -> None:
    t, path = desk.visitor.t, (*ROTATIONS, name)
    members = [desk.name_of(str(one)) for one in rotation.get("members") or ()]
    turns = t(TURNS.get(str(rotation.get("turns", "weekly")), "Every week"))
    chosen = desk.selected[:2] == path
    with block("lad-duty" + (" is-chosen" if chosen else ""), tag="button") as face:
        face.props["type"] = "button"
        face.on("click", lambda: desk.select(path), args=[])
        face.mark(f"duty-{name}")
        icon("event_repeat", "20px")
        with block("lad-rung__words"):
            words(name, "cz-strong")
            handoff = rotation.get("handoff", "09:00")
            zone = rotation.get("zone", "")
            text = t("{turns} at {time} ({zone})", turns=turns, time=handoff, zone=zone)
            words(text, "cz-soft cz-small")
            words(" → ".join(members), "cz-small")
            wrong = desk.wrong_below(path)
            if wrong:
                words(t.n("{count} mistake", "{count} mistakes", wrong), "cz-bad cz-small")


def _add_rotation(desk: Desk, rotations: Mapping[str, Any]) -> None:
    number = len(rotations) + 1
    while f"duty_{number}" in rotations:
        number += 1
    name = f"duty_{number}"
    me = desk.visitor.somebody
    person = desk.people.people.get(me.id or 0)
    email = person.email if person and person.email else next(iter(desk.emails()), "")
    today = desk.designer.now().date().isoformat()
    new = {"turns": "weekly", "starts": today, "zone": desk.visitor.zone, "members": [email]}
    desk.selected = (*ROTATIONS, name)
    desk.turn(with_value(desk.sheet.document, (*ROTATIONS, name), new))
