"""What happened with a contact, in words: a symbol, a title, and what more there is to say."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from designer.i18n import N_
from designer.records.words import FIELD_NAMES, choice_words
from designer.terms import (
    ACTIVITY_KINDS,
    CHANNELS,
    CONSENT_SOURCES,
    MESSAGE_STATES,
    ORDER_STATUSES,
    OUTCOMES,
    PURPOSES,
    RUN_STATES,
    STAGE_KINDS,
    reason,
    term,
    toned,
)
from designer.tone import Tone
from designer.visitor import Visitor
from engine.services.views.life import Happened, LifeLine

KIND_NAMES: Final[Mapping[Happened, str]] = {
    "event": N_("Events"),
    "message": N_("Messages"),
    "run": N_("Flows"),
    "deal": N_("Deals"),
    "ticket": N_("Tickets"),
    "order": N_("Orders"),
    "task": N_("Tasks"),
    "consent": N_("Consent"),
    "change": N_("Changes"),
}
LONGEST_VALUE: Final = 160


@dataclass(frozen=True, slots=True)
class Said:
    """`why` leads to the reason for it, where there is one."""

    symbol: str
    title: str
    more: str = ""
    chip: tuple[str, Tone] | None = None
    address: str | None = None
    why: str | None = None


def said(line: LifeLine, visitor: Visitor) -> Said:
    return _SAYING[line.kind](line, visitor)


def _event(line: LifeLine, _visitor: Visitor) -> Said:
    values = line.values
    told = ", ".join(f"{name}: {plain(value)}" for name, value in values["properties"].items())
    return Said("bolt", values["name"], _short(told), (values["source"], "plain"))


def _message(line: LifeLine, visitor: Visitor) -> Said:
    t, formats, values = visitor.t, visitor.formats, line.values
    later = [
        t(name, when=formats.moment(values[column]))
        for column, name in _LATER.items()
        if values[column] is not None
    ]
    more = reason(values["reason"], t) or " · ".join(later)
    return Said(
        "mail",
        values["subject"] or values["template"],
        more,
        toned(MESSAGE_STATES, values["state"], t),
        f"/messages/{line.id}",
        why=f"/messages/{line.id}",
    )


_LATER: Final = {
    "opened_at": N_("opened {when}"),
    "clicked_at": N_("clicked {when}"),
    "bounced_at": N_("came back {when}"),
}


def _run(line: LifeLine, visitor: Visitor) -> Said:
    t, values = visitor.t, line.values
    title = t("Entered the flow {flow}", flow=values["label"])
    chip = toned(RUN_STATES, values["state"], t)
    here = f"/runs/{line.id}"
    return Said("route", title, term(OUTCOMES, values["outcome"], t), chip, here, why=here)


def _deal(line: LifeLine, visitor: Visitor) -> Said:
    t, values = visitor.t, line.values
    stage = values["stage_zh"] or values["stage"] if t.short == "zh" else values["stage"]
    amount = ""
    if values["amount_minor"] is not None and values["currency"]:
        amount = visitor.formats.money(values["amount_minor"], values["currency"])
    tone = STAGE_KINDS.get(values["stage_kind"], "plain")
    return Said("handshake", values["name"], amount, (stage, tone), f"/deals/{line.id}")


def _ticket(line: LifeLine, visitor: Visitor) -> Said:
    values = line.values
    chip = choice_words("status", values["status"], visitor.t)
    priority = choice_words("priority", values["priority"], visitor.t)[0]
    return Said("support_agent", values["subject"], priority, chip, f"/tickets/{line.id}")


def _order(line: LifeLine, visitor: Visitor) -> Said:
    values = line.values
    title = visitor.t("Order {number}", number=values["external_id"] or f"#{line.id}")
    total = visitor.formats.money(values["total_minor"], values["currency"])
    chip = toned(ORDER_STATUSES, values["status"], visitor.t)
    return Said("shopping_cart", title, total, chip)


def _task(line: LifeLine, visitor: Visitor) -> Said:
    t, values = visitor.t, line.values
    name, symbol = ACTIVITY_KINDS.get(values["activity_kind"], (values["activity_kind"], "circle"))
    chip: tuple[str, Tone] = (t("Done"), "good") if values["done_at"] else (t("Open"), "accent")
    if values["activity_kind"] == "note":
        chip = (t(name), "plain")
    more = values["body"] or ""
    if values["due_at"] is not None and values["done_at"] is None:
        due = t("due {when}", when=visitor.formats.moment(values["due_at"]))
        more = f"{due} · {more}" if more else due
    why = f"/runs/{values['run_id']}" if values["run_id"] else None
    return Said(symbol, values["subject"], _short(more), chip, why=why)


def _consent(line: LifeLine, visitor: Visitor) -> Said:
    t, values = visitor.t, line.values
    what = f"{term(CHANNELS, values['channel'], t)} · {term(PURPOSES, values['purpose'], t)}"
    chip: tuple[str, Tone] = (t("Agreed"), "good") if values["granted"] else (t("Refused"), "bad")
    return Said("verified_user", what, term(CONSENT_SOURCES, values["source"], t), chip)


def _change(line: LifeLine, visitor: Visitor) -> Said:
    t, values = visitor.t, line.values
    field = values["field"]
    if field == "tags":
        added = values["new"] is not None
        tag = plain(values["new"] if added else values["old"])
        title = t("Got the tag {tag}", tag=tag) if added else t("Lost the tag {tag}", tag=tag)
        return Said("label", title)
    name = t(FIELD_NAMES[field]) if field in FIELD_NAMES else field.removeprefix("custom.")
    before, after = (value_words(field, values[side], visitor) for side in ("old", "new"))
    more = t("{before} → {after}", before=before or "–", after=after or "–")
    return Said("edit_note", t("{field} changed", field=name), _short(more))


def value_words(field: str, value: Any, visitor: Visitor) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and field in ("lifecycle_stage", "lead_status"):
        return choice_words(field, value, visitor.t)[0]
    return plain(value)


def plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


_SAYING: Final[Mapping[Happened, Callable[[LifeLine, Visitor], Said]]] = {
    "event": _event,
    "message": _message,
    "run": _run,
    "deal": _deal,
    "ticket": _ticket,
    "order": _order,
    "task": _task,
    "consent": _consent,
    "change": _change,
}
