"""The form beside an escalation policy: one level, one duty, or the policy itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from nicegui import ui

from designer.case_words import URGENCIES
from designer.ladders import fields
from designer.ladders.desk import Desk
from designer.ladders.duty_form import duty_form
from designer.ladders.policy_drawing import LEVELS, ROTATIONS
from designer.ladders.policy_words import TARGETS, listed, split_target
from designer.ladders.rungs import sign_button, small_button
from designer.ladders.sheet import Path, moved, with_value, without
from designer.widgets import block, words

_STARTS: Final = {"role": "role:admin", "owner": "owner", "manager": "manager"}


def policy_form(desk: Desk) -> None:
    match desk.selected:
        case ("levels", int(index), *_) if index < len(desk.get(LEVELS) or ()):
            _level(desk, index)
        case ("rotations", str(name), *_) if name in (desk.get(ROTATIONS) or {}):
            duty_form(desk, name)
        case _:
            _policy(desk)


def _policy(desk: Desk) -> None:
    t = desk.visitor.t
    words(t("The policy"), "cz-h2", tag="h2")
    fields.text(desk, ("label",), t("Display name"))
    fields.text(desk, ("label_zh",), t("Name in Chinese"))
    times = {"working": t("In working time"), "clock": t("Day and night")}
    fields.choice(desk, ("time",), t("Time is counted"), times, usual="working")
    fields.choice(desk, ("calendar",), t("By the calendar"), desk.calendars(), usual="")
    fields.span(desk, ("acknowledged_for",), t("Whoever takes it up has"))
    fields.span(desk, ("wait",), t("After the last level: wait"), usual="4h")
    fields.number(desk, ("rounds",), t("Go through all levels so often"), 1, 10, usual=1)
    ends = {"hold": t("The case is held where admins see it"), "resolve": t("The case ends")}
    fields.choice(desk, ("at_the_end",), t("When nobody took it up"), ends, usual="hold")
    once = {"keep": t("They have it until it is resolved"), "resolve": t("That ends the case")}
    fields.choice(desk, ("once_taken_up",), t("Once somebody takes it up"), once, usual="keep")
    nobody = {
        "hold": t("The case is held where admins see it"),
        "end": t("It goes on to its end all the same"),
    }
    fields.choice(desk, ("if_nobody",), t("If nobody at all is there"), nobody, usual="hold")


def _level(desk: Desk, index: int) -> None:
    t, path = desk.visitor.t, (*LEVELS, index)
    level, count = desk.get(path), len(desk.get(LEVELS))
    _head(desk, index, count)
    fields.span(desk, (*path, "after"), t("After (empty: at once)"))
    words(t("Who is told"), "cz-strong lad-section")
    targets = listed(level.get("to"))
    for at, target in enumerate(targets):
        _target(desk, path, at, target, targets)
    if desk.may_edit:
        add = partial(_put_targets, desk, path, [*targets, "role:admin"])
        small_button(t("Tell somebody else too"), "person_add", add).mark("add-target")
    desk.place((*path, "to"), words("", "cz-bad cz-small lad-wrong"))
    urgencies = {"": t("That of the case")}
    urgencies |= {key: t(said[0]) for key, said in URGENCIES.items()}
    fields.choice(desk, (*path, "urgency"), t("Urgency"), urgencies, usual="")
    _repeat(desk, path, level)
    empty = {"skip": t("Pass the level over"), "hold": t("Hold the case where admins see it")}
    fields.choice(desk, (*path, "if_empty"), t("If nobody is there"), empty, usual="skip")
    times = {
        "": t("As the policy says"),
        "working": t("In working time"),
        "clock": t("Day and night"),
    }
    fields.choice(desk, (*path, "time"), t("Time before it is counted"), times, usual="")


def _head(desk: Desk, index: int, count: int) -> None:
    t = desk.visitor.t
    with block("cz-row lad-panel__head"):
        words(t("Level {number}", number=index + 1), "cz-h2 cz-grow", tag="h2")
        if not desk.may_edit:
            return
        if index:
            up = partial(_move, desk, index, -1)
            sign_button(t("Move up"), "arrow_upward", up).mark("move-up")
        if index + 1 < count:
            down = partial(_move, desk, index, 1)
            sign_button(t("Move down"), "arrow_downward", down).mark("move-down")
        if count > 1:
            gone = partial(_remove, desk, index)
            sign_button(t("Remove this level"), "delete", gone).mark("remove-level")


def _move(desk: Desk, index: int, by: int) -> None:
    desk.selected = (*LEVELS, index + by)
    desk.turn(moved(desk.sheet.document, LEVELS, index, by))


def _remove(desk: Desk, index: int) -> None:
    desk.selected = ()
    desk.turn(without(desk.sheet.document, LEVELS, index))


def _put_targets(desk: Desk, path: Path, targets: list[str]) -> None:
    desk.turn(with_value(desk.sheet.document, (*path, "to"), targets))


def _target(desk: Desk, path: Path, at: int, target: str, targets: list[str]) -> None:
    t = desk.visitor.t
    kind, value = split_target(target)
    choices = _values(desk, kind)

    def put(text: str) -> None:
        _put_targets(desk, path, [*targets[:at], text, *targets[at + 1 :]])

    def turned(event: Any) -> None:
        kind = str(event.value)
        first = next(iter(_values(desk, kind) or {}), "")
        put(_written(kind, _STARTS.get(kind, "").partition(":")[2] or first))

    with block("lad-approver").mark(f"target-{at}"), block("cz-row lad-nowrap"):
        known = {key: t(said) for key, said in TARGETS.items()}
        with block("cz-grow cz-stack cz-tight"):
            ways = ui.select(known, value=kind, on_change=turned).props("outlined dense")
            ways.classes("cz-field full-width").mark("target-kind")
            ways.props["aria-label"] = t("Who is told")
            shown: list[Any] = [ways]
            if choices is not None:
                if value not in choices:
                    choices = {**choices, value: value}

                def chosen(event: Any) -> None:
                    put(_written(kind, str(event.value)))

                which = ui.select(choices, value=value, on_change=chosen).props("outlined dense")
                which.classes("cz-field full-width").mark("target-value")
                which.props["aria-label"] = t("Which one")
                shown.append(which)
            desk.place((*path, "to", at), words("", "cz-bad cz-small lad-wrong"))
        for one in shown:
            if not desk.may_edit:
                one.disable()
        if desk.may_edit and len(targets) > 1:
            gone = partial(_put_targets, desk, path, [*targets[:at], *targets[at + 1 :]])
            sign_button(t("Tell them no more"), "close", gone).mark(f"remove-target-{at}")


def _values(desk: Desk, kind: str) -> dict[str, str] | None:
    """What can stand behind a kind of target; None where nothing does."""
    t = desk.visitor.t
    match kind:
        case "manager":
            levels = {"": t("One level up")}
            up = {str(n): t("{count} levels up", count=n) for n in range(2, 6)}
            return levels | up
        case "team_head":
            return {"": t("The owner's team"), **desk.teams()}
        case "team":
            return desk.teams()
        case "role":
            return desk.roles()
        case "on_duty":
            return {name: name for name in desk.get(ROTATIONS) or {}}
        case "user":
            return desk.emails()
    return None


def _written(kind: str, value: str) -> str:
    if kind == "user":
        return value
    return f"{kind}:{value}" if value else kind


def _repeat(desk: Desk, path: Path, level: Mapping[str, Any]) -> None:
    t, place = desk.visitor.t, (*path, "repeat")
    has = isinstance(level.get("repeat"), Mapping)

    def turned(event: Any) -> None:
        value = {"every": "2h", "times": 2} if event.value else None
        desk.turn(with_value(desk.sheet.document, place, value))

    box = ui.checkbox(t("Tell them again"), value=has, on_change=turned).mark("has-repeat")
    if not desk.may_edit:
        box.disable()
    if has:
        fields.span(desk, (*place, "every"), t("Every"))
        fields.number(desk, (*place, "times"), t("How often"), 1, 50)
