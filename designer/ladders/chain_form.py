"""The form beside an approval chain: one level, one band, or the chain itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from nicegui import ui

from designer.i18n import Translator
from designer.ladders import chain_document as changes
from designer.ladders import chain_words as said
from designer.ladders import fields
from designer.ladders.approver_form import approver_form
from designer.ladders.chain_drawing import band_words
from designer.ladders.desk import Desk
from designer.ladders.rungs import sign_button, small_button
from designer.ladders.sheet import Path, inserted, with_value
from designer.widgets import block, words
from engine.approvals import ALL_HOURS

MOST_LEVELS: Final = 20


def chain_form(desk: Desk) -> None:
    match desk.selected:
        case ("levels", int(index), *_) if index < len(desk.get(changes.LEVELS) or ()):
            _level(desk, index)
        case ("bands", int(index), *_) if index < len(desk.get(changes.BANDS) or ()):
            _band(desk, index)
        case _:
            _chain(desk)


def _chain(desk: Desk) -> None:
    t = desk.visitor.t
    words(t("The chain"), "cz-h2", tag="h2")
    fields.text(desk, ("label",), t("Display name"))
    fields.text(desk, ("label_zh",), t("Name in Chinese"))
    subjects = {"deal": t("Deals"), "contact": t("Contacts"), "ticket": t("Tickets")}
    fields.choice(desk, ("subject",), t("What its rules are about"), subjects, usual="deal")
    hours = {**desk.calendars(), ALL_HOURS: t("Day and night, without a calendar")}
    fields.choice(desk, ("calendar",), t("Time is counted in"), hours, usual="")
    if desk.get(changes.BANDS):
        fields.text(
            desk,
            ("currency",),
            t("Currency of the amounts"),
            longest=4,
            hint=t("“base” is the company's own"),
        )
    fields.span(desk, ("resubmit_within",), t("Given back: wait at most"), usual="10d")
    fields.switch(desk, ("allow_self",), t("One may approve what one asked for"))
    fields.words_list(
        desk,
        ("editable_fields",),
        t("Fields that may still be changed meanwhile"),
        hint=t("With commas between"),
    )


def _level(desk: Desk, index: int) -> None:
    t, path = desk.visitor.t, (*changes.LEVELS, index)
    level = desk.get(path)
    _head(desk, index, len(desk.get(changes.LEVELS)))
    fields.text(desk, (*path, "label"), t("Display name"))
    fields.text(desk, (*path, "label_zh"), t("Name in Chinese"))
    words(t("Who is asked"), "cz-strong lad-section")
    approvers = level.get("approvers") or []
    weighs = said.quorum_of(level)[0] == "weighted"
    for at in range(len(approvers)):
        approver_form(desk, (*path, "approvers"), at, alone=len(approvers) == 1, weighs=weighs)
    if desk.may_edit:
        add = partial(_add_approver, desk, path, len(approvers))
        small_button(t("Ask somebody else too"), "person_add", add).mark("add-approver")
    _quorum(desk, path, level)
    words(t("When nobody answers"), "cz-strong lad-section")
    fields.span(desk, (*path, "remind_every"), t("Remind every"))
    _timeout(desk, path, level)
    nobody = _told(said.NOBODY, t)
    fields.choice(desk, (*path, "nobody"), t("If nobody is there"), nobody, usual="manager")


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
    desk.selected = (*changes.LEVELS, index + by)
    desk.turn(changes.moved_level(desk.sheet.document, index, by))


def _remove(desk: Desk, index: int) -> None:
    desk.selected = ()
    desk.turn(changes.without_level(desk.sheet.document, index))


def _add_approver(desk: Desk, path: Path, at: int) -> None:
    new = {"role": "sales_manager"}
    desk.turn(inserted(desk.sheet.document, (*path, "approvers"), at, new))


def _quorum(desk: Desk, path: Path, level: Mapping[str, Any]) -> None:
    t = desk.visitor.t
    kind, needed = said.quorum_of(level)
    place = (*path, "quorum")

    def written(kind: str, needed: int) -> Any:
        return {
            "n_of": {"n_of": needed},
            "weighted": {"weighted": {"needed": needed}},
        }.get(kind, kind)

    def turned(event: Any) -> None:
        many = max(needed, 2)
        desk.turn(with_value(desk.sheet.document, place, written(str(event.value), many)))

    def counted(event: Any) -> None:
        if event.value:
            desk.put(place, written(kind, int(event.value)))

    words(t("How many must agree"), "cz-strong lad-section")
    ways = ui.select(_told(said.QUORA, t), value=kind, on_change=turned).mark("quorum")
    ways.props("outlined dense").classes("cz-field full-width")
    ways.props["aria-label"] = t("How many must agree")
    shown: list[Any] = [ways]
    if kind in ("n_of", "weighted"):
        label = t("How many") if kind == "n_of" else t("How much weight")
        many = ui.number(label, value=needed, min=1, max=1000, precision=0, on_change=counted)
        many.props("outlined dense debounce=350").classes("cz-field full-width").mark("needed")
        shown.append(many)
    for one in shown:
        if not desk.may_edit:
            one.disable()
    desk.place(place, words("", "cz-bad cz-small lad-wrong"))
    usual = kind in ("any", "all")
    fields.switch(desk, (*path, "veto"), t("One no ends the level"), usual=usual)


def _timeout(desk: Desk, path: Path, level: Mapping[str, Any]) -> None:
    t, place = desk.visitor.t, (*path, "timeout")
    has = isinstance(level.get("timeout"), Mapping)

    def turned(event: Any) -> None:
        value = {"after": "2d", "then": "next_level"} if event.value else None
        desk.turn(with_value(desk.sheet.document, place, value))

    box = ui.checkbox(t("Only so long"), value=has, on_change=turned).mark("has-timeout")
    if not desk.may_edit:
        box.disable()
    if not has:
        return
    fields.span(desk, (*place, "after"), t("How long"))

    def then(value: str) -> Any:
        return with_value(desk.sheet.document, (*place, "then"), value)

    after = _told(said.AFTER, t)
    fields.choice(desk, (*place, "then"), t("And then"), after, usual="end", turn=then)
    if level["timeout"].get("then", "end") not in said.AT_THE_END:
        end = _told(said.AT_THE_END, t)
        label = t("If there is nobody further")
        fields.choice(desk, (*place, "at_the_end"), label, end, usual="end")


def _band(desk: Desk, index: int) -> None:
    t, bands = desk.visitor.t, desk.get(changes.BANDS)
    with block("cz-row lad-panel__head"):
        words(band_words(bands[index], desk), "cz-h2 cz-grow", tag="h2")
        if desk.may_edit:
            gone = partial(_without_band, desk, index)
            sign_button(t("Remove this band"), "delete", gone).mark("remove-band")
    if index > 0:
        _bound(desk, t("From"), index - 1, bands[index].get("from"))
        desk.place((*changes.BANDS, index, "from"), words("", "cz-bad cz-small lad-wrong"))
    if index + 1 < len(bands):
        _bound(desk, t("To below"), index, bands[index].get("to"))
        desk.place((*changes.BANDS, index, "to"), words("", "cz-bad cz-small lad-wrong"))
    desk.place((*changes.BANDS, index, "levels"), words("", "cz-bad cz-small lad-wrong"))
    hint = t("Neighbouring bands move along. The ticks say which levels these amounts go through.")
    words(hint, "cz-soft cz-small", tag="p")


def _bound(desk: Desk, label: str, index: int, value: Any) -> None:
    def changed(event: Any) -> None:
        if event.value is not None:
            number = float(event.value)
            bound = int(number) if number.is_integer() else number
            desk.turn(changes.with_bound(desk.sheet.document, index, bound))

    try:
        shown = float(value)
    except (TypeError, ValueError):
        shown = None
    field = ui.number(label, value=shown, min=0).props("outlined dense").mark(f"bound-{index}")
    field.classes("cz-field full-width")
    field.on("change", lambda: changed(field), args=[])
    if not desk.may_edit:
        field.disable()


def _without_band(desk: Desk, index: int) -> None:
    desk.selected = ()
    desk.turn(changes.without_band(desk.sheet.document, index))


def _told(table: Mapping[str, str], t: Translator) -> dict[str, str]:
    return {key: t(text) for key, text in table.items()}
