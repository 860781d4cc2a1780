"""The form of one line of a level: who is asked, when, and what their word weighs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from designer.ladders import chain_document as changes
from designer.ladders import fields
from designer.ladders.chain_words import WAYS
from designer.ladders.desk import Desk
from designer.ladders.rungs import sign_button
from designer.ladders.sheet import Path, with_value, without
from designer.rule_builder import RuleField
from designer.widgets import block, words


def approver_form(desk: Desk, path: Path, at: int, *, alone: bool, weighs: bool) -> None:
    t, here = desk.visitor.t, (*path, at)
    approver = desk.get(here)
    way = changes.way_of(approver)
    with block("lad-approver").mark(f"approver-{at}"):
        with block("cz-row lad-nowrap"):
            with block("cz-grow"):
                _way(desk, here, approver, way)
            if desk.may_edit and not alone:
                gone = partial(_remove, desk, path, at)
                sign_button(t("Ask them no more"), "close", gone).mark(f"remove-approver-{at}")
        _whom(desk, here, way)
        if weighs:
            fields.number(desk, (*here, "weight"), t("Weight"), 1, 1000, usual=1)
        deputies = {"": t("Whoever stands in for them"), **desk.emails()}
        fields.choice(desk, (*here, "deputy"), t("Deputy when time is over"), deputies, usual="")
        fields.switch(desk, (*here, "veto"), t("Their no ends it"))
        _condition(desk, here, approver)


def _way(desk: Desk, here: Path, approver: Mapping[str, Any], way: str) -> None:
    def turned(value: str) -> Any:
        return with_value(desk.sheet.document, here, changes.with_way(approver, value))

    known = {key: desk.visitor.t(said) for key, said in WAYS.items()}
    place = (*here, "way")
    field = fields.choice(desk, place, desk.visitor.t("Who"), known, usual=way, turn=turned)
    field.mark("way")
    desk.place(here, words("", "cz-bad cz-small lad-wrong"))


def _whom(desk: Desk, here: Path, way: str) -> None:
    t = desk.visitor.t
    match way:
        case "role":
            fields.choice(desk, (*here, "role"), t("Role"), desk.roles())
        case "team":
            fields.choice(desk, (*here, "team"), t("Team"), desk.teams())
        case "team_head":
            whose = {
                "requester": t("The team of whoever asks"),
                "owner": t("The owner's team"),
                **desk.teams(),
            }
            fields.choice(desk, (*here, "team_head"), t("Which team"), whose)
        case "manager_of":
            whose = {"requester": t("Whoever asks"), "owner": t("The owner of the record")}
            place = (*here, "manager_of")
            fields.choice(desk, (*place, "of"), t("Above whom"), whose, usual="requester")
            fields.number(desk, (*place, "levels"), t("How many levels up"), 1, 10, usual=1)
        case "user":
            fields.choice(desk, (*here, "user"), t("Person"), desk.emails())
        case _:
            known = {
                "owner": t("The owner of the record"),
                "deal.owner_id": t("The owner of the deal"),
                "contact.owner_id": t("The owner of the contact"),
            }
            fields.choice(desk, (*here, "field"), t("Field"), known)


def _condition(desk: Desk, here: Path, approver: Mapping[str, Any]) -> None:
    t = desk.visitor.t

    def changed(rule: Any) -> None:
        desk.put((*here, "when"), rule)

    RuleField(
        desk.designer,
        desk.visitor,
        desk.world.catalogue,
        approver.get("when"),
        subject=desk.get(("subject",), "deal"),
        on_change=changed,
        label=t("Only if"),
        may_edit=desk.may_edit,
    )
    desk.place((*here, "when"), words("", "cz-bad cz-small lad-wrong"))


def _remove(desk: Desk, path: Path, at: int) -> None:
    desk.turn(without(desk.sheet.document, path, at))
