"""Who would be asked for such an amount now: the drawn chain, tried before it counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from nicegui import ui

from designer.asking import plain_button
from designer.ladders.chain_words import is_working, quorum_words
from designer.ladders.desk import Desk
from designer.ladders.trying import AskedLevel, Voice, who_is_asked
from designer.people.names import choices, name_of
from designer.widgets import block, card, chip, words
from engine.approvals import ALL_HOURS, Chain
from engine.machines.approval import Here
from engine.rules.tables.splitting import CellRefused
from engine.rules.tables.values import minor_units


def try_chain(desk: Desk) -> None:
    t = desk.visitor.t
    people = choices(desk.people)
    me = desk.visitor.somebody.id
    with card(t("Try it: who would be asked now?")) as place:
        place.mark("try")
        with block("cz-row cz-pad"):
            amount = ui.number(t("Amount"), value=12_000, min=0).mark("try-amount")
            asks = ui.select(people, label=t("Who asks"), value=me if me in people else None)
            owner = ui.select(people, label=t("Owner of the record"), value=asks.value)
            for field in (amount, asks, owner):
                field.props("outlined dense").classes("cz-field lad-try")
            go = plain_button(t("Show"), None, symbol="play_arrow").mark("try-go")
        answer = block("cz-pad cz-stack cz-tight").mark("try-answer")

    def show() -> None:
        answer.clear()
        with answer:
            _answer(desk, amount.value, asks.value, owner.value)

    go.on("click", show, args=[])


def _answer(desk: Desk, amount: float | None, asks: Any, owner: Any) -> None:
    t, chain = desk.visitor.t, desk.model
    if not isinstance(chain, Chain) or desk.problems:
        words(t("Mend the mistakes first."), "cz-bad")
        return
    base = desk.designer.runtime.shared.base_currency
    currency = chain.currency if chain.currency not in (None, "base") else base
    minor = None
    if amount is not None:
        try:
            minor = minor_units(str(Decimal(str(amount))), str(currency))
        except CellRefused as refused:
            words(str(refused), "cz-bad")
            return
    now = desk.designer.now()
    calendars = desk.world.calendars or {}
    zone = desk.designer.runtime.shared.default_zone
    calendar = None if chain.calendar == ALL_HOURS else calendars.get(chain.calendar)
    here = Here(chain, desk.people, now, calendar, zone, asks or None, owner or None)
    found = who_is_asked(here, minor, str(currency))
    for number, level in enumerate(found, 1):
        _level(desk, chain, number, level)
    if not is_working(desk.sheet.document):
        return
    if calendar is None:
        words(t("There is no such calendar: time of the clock counts."), "cz-warn cz-small")


def _level(desk: Desk, chain: Chain, number: int, asked: AskedLevel) -> None:
    t, level = desk.visitor.t, chain.level(asked.key)
    label = level.label_zh if t.short == "zh" and level.label_zh else level.label
    with block("lad-tried"):
        words(str(number), "lad-number")
        with block("cz-stack cz-tight"):
            with block("cz-row cz-tight"):
                words(str(label or asked.key.replace("_", " ")), "cz-strong")
                if asked.above:
                    chip(t("nobody is there: asked above"), "warn")
            for voice in asked.voices:
                words(_voice(desk, voice))
            if not asked.voices:
                passed = level.nobody == "skip"
                told = t("Nobody: passed over.") if passed else t("Nobody: held for the admins.")
                words(told, "cz-warn")
            if len(asked.voices) > 1:
                said = quorum_words(level.quorum.kind, level.quorum.needed, t)
                words(said, "cz-soft cz-small")
            if asked.until is not None:
                at = desk.visitor.formats.weekday_moment(asked.until)
                words(t("If asked now: time until {moment}", moment=at), "cz-soft cz-small")


def _voice(desk: Desk, voice: Voice) -> str:
    t, name = desk.visitor.t, name_of(desk.people, voice.holder_id)
    if voice.acting_id is None:
        said = t("{name} (away, and nobody stands in)", name=name)
    elif voice.acting_id != voice.holder_id:
        deputy = name_of(desk.people, voice.acting_id)
        said = t("{name} (away: {deputy} stands in)", name=name, deputy=deputy)
    else:
        said = name
    return t("{name}, if the rule holds", name=said) if voice.perhaps else said
