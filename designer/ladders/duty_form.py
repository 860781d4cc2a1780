"""The form of a duty that people have in turn."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from designer.ladders import fields
from designer.ladders.desk import Desk
from designer.ladders.policy_drawing import LEVELS, ROTATIONS
from designer.ladders.policy_words import TURNS, listed
from designer.ladders.rungs import sign_button, small_button
from designer.ladders.sheet import Path, inserted, moved, with_value, without
from designer.widgets import block, words
from engine.local_time import zone_names


def duty_form(desk: Desk, name: str) -> None:
    t, path = desk.visitor.t, (*ROTATIONS, name)
    with block("cz-row lad-panel__head"):
        words(t("Duty {name}", name=name), "cz-h2 cz-grow", tag="h2")
        if desk.may_edit:
            gone = partial(_remove, desk, name)
            sign_button(t("Remove this duty"), "delete", gone).mark("remove-duty")
    _name(desk, name)
    turns = {key: t(said) for key, said in TURNS.items()}
    fields.choice(desk, (*path, "turns"), t("Handed over"), turns, usual="weekly")
    fields.number(desk, (*path, "every"), t("Turns in a row for each"), 1, 52, usual=1)
    _date(desk, (*path, "starts"), t("Day of the first turn"))
    fields.text(desk, (*path, "handoff"), t("Time of the handoff"), longest=5, usual="09:00")
    zones = {zone: zone for zone in sorted(zone_names())}
    fields.choice(desk, (*path, "zone"), t("Time zone"), zones)
    words(t("Members, in the order of their turns"), "cz-strong lad-section")
    members = desk.get((*path, "members")) or []
    for at in range(len(members)):
        _member(desk, path, at, len(members))
    if desk.may_edit:
        add = partial(_add, desk, path, len(members))
        small_button(t("Add a member"), "person_add", add).mark("add-member")
    desk.place((*path, "members"), words("", "cz-bad cz-small lad-wrong"))
    entered = len(desk.get((*path, "overrides")) or ())
    if entered:
        said = t.n(
            "{count} dated swap stands in the text.",
            "{count} dated swaps stand in the text.",
            entered,
        )
        words(said, "cz-soft cz-small")


def _name(desk: Desk, name: str) -> None:
    t = desk.visitor.t

    def renamed() -> None:
        new = str(field.value or "").strip()
        known = desk.get(ROTATIONS) or {}
        if new and new != name and new not in known:
            desk.selected = (*ROTATIONS, new)
            desk.turn(renamed_duty(desk.sheet.document, name, new))

    field = ui.input(t("Short name"), value=name).props("outlined dense maxlength=63")
    field.classes("cz-field full-width").mark("duty-name")
    field.on("change", renamed, args=[])
    if not desk.may_edit:
        field.disable()


def renamed_duty(document: Any, name: str, new: str) -> Any:
    """Levels that tell this duty follow."""
    rotations = {new if key == name else key: one for key, one in document["rotations"].items()}
    document = with_value(document, ROTATIONS, rotations)
    for index, level in enumerate(document.get("levels") or ()):
        targets = listed(level.get("to"))
        if f"on_duty:{name}" in targets:
            renamed = [f"on_duty:{new}" if one == f"on_duty:{name}" else one for one in targets]
            document = with_value(document, (*LEVELS, index, "to"), renamed)
    return document


def _remove(desk: Desk, name: str) -> None:
    desk.selected = ()
    left = {key: one for key, one in (desk.get(ROTATIONS) or {}).items() if key != name}
    desk.turn(with_value(desk.sheet.document, ROTATIONS, left or None))


def _add(desk: Desk, path: Path, at: int) -> None:
    taken = desk.get((*path, "members")) or []
    free = next((one for one in desk.emails() if one not in taken), next(iter(desk.emails()), ""))
    desk.turn(inserted(desk.sheet.document, (*path, "members"), at, free))


def _member(desk: Desk, path: Path, at: int, count: int) -> None:
    t, members = desk.visitor.t, (*path, "members")
    with block("cz-row lad-nowrap"):
        with block("cz-grow"):
            label = t("Member {number}", number=at + 1)
            fields.choice(desk, (*members, at), label, desk.emails()).mark(f"member-{at}")
        if not desk.may_edit:
            return
        if at:
            up = partial(_up, desk, members, at)
            sign_button(t("Move up"), "arrow_upward", up)
        if count > 1:
            gone = partial(_out, desk, members, at)
            sign_button(t("Take out"), "close", gone)


def _up(desk: Desk, members: Path, at: int) -> None:
    desk.turn(moved(desk.sheet.document, members, at, -1))


def _out(desk: Desk, members: Path, at: int) -> None:
    desk.turn(without(desk.sheet.document, members, at))


def _date(desk: Desk, path: Path, label: str) -> None:
    def changed() -> None:
        desk.put(path, str(field.value or "") or None)

    field = ui.input(label, value=str(desk.get(path) or "")).props("outlined dense type=date")
    field.props["stack-label"] = True
    field.classes("cz-field full-width")
    field.on_value_change(changed)
    if not desk.may_edit:
        field.disable()
    desk.place(path, words("", "cz-bad cz-small lad-wrong"))
