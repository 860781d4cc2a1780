"""The form beside assignment rules: one rule, or all of them together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui

from designer.i18n import Translator
from designer.ladders import fields
from designer.ladders.assignment_drawing import RULES
from designer.ladders.assignment_words import BY, NOBODY, SUBJECTS
from designer.ladders.desk import Desk
from designer.ladders.rungs import sign_button
from designer.ladders.sheet import Path, moved, with_value, without
from designer.rule_builder import RuleField
from designer.widgets import block, words


def assignment_form(desk: Desk) -> None:
    match desk.selected:
        case ("rules", int(index), *_) if index < len(desk.get(RULES) or ()):
            _rule(desk, index)
        case _:
            _all(desk)


def _all(desk: Desk) -> None:
    t = desk.visitor.t
    words(t("All rules together"), "cz-h2", tag="h2")
    fields.text(desk, ("label",), t("Display name"))
    fields.text(desk, ("label_zh",), t("Name in Chinese"))
    subjects = _told(SUBJECTS, t)
    fields.choice(desk, ("of",), t("What is given out"), subjects, usual="contact")
    has = isinstance(desk.get(("otherwise",)), Mapping)

    def turned(event: Any) -> None:
        value = {"tell": ["head"]} if event.value else None
        desk.turn(with_value(desk.sheet.document, ("otherwise",), value))

    label = t("Tell somebody when nobody can take it")
    box = ui.checkbox(label, value=has, on_change=turned).mark("has-otherwise")
    if not desk.may_edit:
        box.disable()
    if has:
        known = {"head": t("The head of the team that should have taken it")}
        known |= {f"role:{key}": said for key, said in desk.roles().items()}
        known |= desk.emails()
        tell = desk.get(("otherwise", "tell"), "head")
        if isinstance(tell, str) or len(tell) == 1:
            place: Path = ("otherwise", "tell") if isinstance(tell, str) else _FIRST
            fields.choice(desk, place, t("Who is told"), known)
        else:
            words(t("Several people are told; the text names them."), "cz-soft cz-small")
    desk.place((), words("", "cz-bad cz-small lad-wrong"))


_FIRST: Path = ("otherwise", "tell", 0)


def _rule(desk: Desk, index: int) -> None:
    t, path = desk.visitor.t, (*RULES, index)
    rule, count = desk.get(path), len(desk.get(RULES))
    _head(desk, index, count)
    fields.text(desk, (*path, "name"), t("Short name"), longest=63)
    RuleField(
        desk.designer,
        desk.visitor,
        desk.world.catalogue,
        rule.get("when"),
        subject=desk.get(("of",), "contact"),
        on_change=partial(_condition, desk, (*path, "when")),
        label=t("Only if (without a rule: everything else)"),
        may_edit=desk.may_edit,
    )
    desk.place((*path, "when"), words("", "cz-bad cz-small lad-wrong"))
    words(t("Who may get it"), "cz-strong lad-section")
    words(t("Everything that is said here narrows."), "cz-soft cz-small")
    to = (*path, "to")
    nobody = {"": "–"}
    fields.choice(desk, (*to, "team"), t("Team"), {**nobody, **desk.teams()}, usual="")
    fields.choice(desk, (*to, "role"), t("Role"), {**nobody, **desk.roles()}, usual="")
    _users(desk, (*to, "users"))
    _wanted(desk, (*to, "territory"), t("Covers the territory"))
    _wanted(desk, (*to, "skill"), t("Has the skill"))
    desk.place(to, words("", "cz-bad cz-small lad-wrong"))
    words(t("How it is given"), "cz-strong lad-section")
    fields.choice(desk, (*path, "by"), t("To whom of them"), _told(BY, t), usual="round_robin")
    most = t("At most so many a day for each")
    fields.number(desk, (*path, "capacity_per_day"), most, 1, 100_000)
    fields.switch(desk, (*path, "only_present"), t("Only to people who are there"), usual=True)
    fields.switch(desk, (*path, "keep_owner"), t("Whoever has it already keeps it"))
    nobody = _told(NOBODY, t)
    label = t("If nobody of them can take it")
    fields.choice(desk, (*path, "if_nobody"), label, nobody, usual="queue")


def _condition(desk: Desk, path: Path, rule: Any) -> None:
    desk.put(path, rule)


def _head(desk: Desk, index: int, count: int) -> None:
    t = desk.visitor.t
    with block("cz-row lad-panel__head"):
        words(t("Rule {number}", number=index + 1), "cz-h2 cz-grow", tag="h2")
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
            sign_button(t("Remove this rule"), "delete", gone).mark("remove-level")


def _move(desk: Desk, index: int, by: int) -> None:
    desk.selected = (*RULES, index + by)
    desk.turn(moved(desk.sheet.document, RULES, index, by))


def _remove(desk: Desk, index: int) -> None:
    desk.selected = ()
    desk.turn(without(desk.sheet.document, RULES, index))


def _users(desk: Desk, path: Path) -> None:
    stored = desk.get(path) or []
    chosen = [stored] if isinstance(stored, str) else [str(one) for one in stored]
    known = desk.emails() | {one: one for one in chosen if one not in desk.emails()}

    def changed(event: Any) -> None:
        desk.put(path, list(event.value or ()) or None)

    field = ui.select(
        known, label=desk.visitor.t("Named people"), value=chosen, multiple=True, on_change=changed
    )
    field.props("outlined use-chips use-input input-debounce=0")
    field.classes("cz-field full-width").mark("rule-users")
    if not desk.may_edit:
        field.disable()
    desk.place(path, words("", "cz-bad cz-small lad-wrong"))


def _wanted(desk: Desk, path: Path, label: str) -> None:
    """A name, or what a fact of the record says."""
    t, stored = desk.visitor.t, desk.get(path)
    read = isinstance(stored, Mapping)
    ways = {"": "–", "name": t("By name"), "fact": t("As a fact of the record says")}
    way = "fact" if read else "name" if stored is not None else ""

    def turned(event: Any) -> None:
        value: Any = {"name": "", "fact": {"fact": "contact.country"}}.get(str(event.value))
        desk.turn(with_value(desk.sheet.document, path, value))

    select = ui.select(ways, label=label, value=way, on_change=turned).props("outlined dense")
    select.classes("cz-field full-width").mark(f"wanted-{path[-1]}")
    if not desk.may_edit:
        select.disable()
    if way == "name":
        _name(desk, path, label)
    elif way == "fact":
        facts = desk.world.catalogue.readable(
            event_rule=False, subject=desk.get(("of",), "contact")
        )
        known = {key: key for key, fact in facts if fact.type.value == "text"}
        fields.choice(desk, (*path, "fact"), t("Which fact"), known)
    desk.place(path, words("", "cz-bad cz-small lad-wrong"))


def _name(desk: Desk, path: Path, label: str) -> None:
    def changed(event: Any) -> None:
        desk.put(path, str(event.value or "").strip())

    field = ui.input(value=str(desk.get(path) or ""), on_change=changed)
    field.props("outlined dense maxlength=40 debounce=350").classes("cz-field full-width")
    field.props["aria-label"] = label
    if not desk.may_edit:
        field.disable()


def _told(table: Mapping[str, str], t: Translator) -> dict[str, str]:
    return {key: t(text) for key, text in table.items()}
