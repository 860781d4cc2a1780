"""An approval chain as a ladder: its levels, and which amounts go through which of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from designer.ladders import chain_document as changes
from designer.ladders.chain_words import approver_words, is_working, level_sentences
from designer.ladders.desk import Desk
from designer.ladders.rungs import adder, foot, ladder, rung, small_button
from designer.ladders.span_words import span_words
from designer.widgets import block, icon, words

ABOUT = ("about",)


def draw_chain(desk: Desk) -> None:
    t, document = desk.visitor.t, desk.sheet.document
    levels = document.get("levels") or []
    _bands(desk, levels)
    with ladder(t("Levels of the chain")):
        for index, level in enumerate(levels):
            _rung(desk, index, level)
        adder(desk, t("Add a level"), partial(_add, desk, len(levels)), "add-level")
        foot("task_alt", t("Everybody agreed: it is approved."), "good")
    back = document.get("resubmit_within", "10d")
    given = span_words(back, t, working=is_working(document))
    words(
        t("A request that is given back waits {span} for whoever asked.", span=given),
        "cz-soft cz-small",
        tag="p",
    )


def _rung(desk: Desk, index: int, level: Mapping[str, Any]) -> None:
    t = desk.visitor.t
    title = _label(level, t.short)
    who = [approver_words(one, desk) for one in level.get("approvers") or ()]
    path = (*changes.LEVELS, index)
    rung(desk, path, str(index + 1), title, level_sentences(level, desk), who=who)


def _label(level: Mapping[str, Any], language: str) -> str:
    said = level.get("label_zh") if language == "zh" else None
    return str(said or level.get("label") or str(level.get("key", "")).replace("_", " "))


def _add(desk: Desk, index: int) -> None:
    desk.selected = (*changes.LEVELS, index)
    desk.turn(changes.with_level(desk.sheet.document, index))


def _bands(desk: Desk, levels: list[Mapping[str, Any]]) -> None:
    """A table of amounts and levels; a tick says that these amounts go through this level."""
    t, bands = desk.visitor.t, desk.get(changes.BANDS) or []
    if not bands:
        with block("lad-bands is-empty"):
            words(t("Every amount goes through all levels."), "cz-soft")
            if desk.may_edit:
                add = partial(_turn, desk, changes.with_band)
                small_button(t("Divide by amount"), "stacked_line_chart", add).mark("add-band")
        return
    currency = desk.get(("currency",), "")
    with block("lad-bands"), block("lad-grid", tag="table").mark("bands") as table:
        table.props["aria-label"] = t("Amounts and levels")
        with block(tag="thead"), block(tag="tr"):
            words(_currency(currency, desk), "cz-soft cz-small", tag="th")
            for index, band in enumerate(bands):
                _head(desk, index, band)
        with block(tag="tbody"):
            for level in levels:
                _row(desk, level, bands)
    if desk.may_edit:
        add = partial(_turn, desk, changes.with_band)
        small_button(t("Add a band for larger amounts"), "add", add).mark("add-band")


def _currency(currency: str, desk: Desk) -> str:
    t = desk.visitor.t
    base = desk.designer.runtime.shared.base_currency
    return t("Amounts in {currency}", currency=base if currency in ("", "base") else currency)


def _head(desk: Desk, index: int, band: Mapping[str, Any]) -> None:
    t = desk.visitor.t
    with block(tag="th").props("scope=col"):
        with block("lad-band", tag="button") as button:
            button.props["type"] = "button"
            button.on("click", partial(desk.select, (*changes.BANDS, index)), args=[])
            button.mark(f"band-{index}")
            words(band_words(band, desk))
        wrong = desk.wrong_below((*changes.BANDS, index))
        if wrong:
            words(t.n("{count} mistake", "{count} mistakes", wrong), "cz-bad cz-small")


def band_words(band: Mapping[str, Any], desk: Desk) -> str:
    t = desk.visitor.t
    begins, ends = _amount(band.get("from"), desk), band.get("to")
    if ends is None:
        return t("from {amount}", amount=begins)
    return t("{amount} to below {end}", amount=begins, end=_amount(ends, desk))


def _amount(value: Any, desk: Desk) -> str:
    try:
        return desk.visitor.formats.number(float(value))
    except (TypeError, ValueError):
        return str(value)


def _row(desk: Desk, level: Mapping[str, Any], bands: list[Mapping[str, Any]]) -> None:
    t, key = desk.visitor.t, str(level.get("key", ""))
    title = _label(level, t.short)
    with block(tag="tr"):
        words(title, tag="th").props("scope=row")
        for index, band in enumerate(bands):
            goes = changes.goes_through(band, key)
            with block(tag="td"), block("lad-tick" + (" is-on" if goes else ""), tag="button") as b:
                b.props["type"] = "button"
                b.props["role"] = "checkbox"
                b.props["aria-checked"] = "true" if goes else "false"
                b.props["aria-label"] = f"{title}: {band_words(band, desk)}"
                if desk.may_edit:
                    b.on("click", partial(_toggle, desk, index, key, not goes), args=[])
                else:
                    b.props["disabled"] = True
                b.mark(f"tick-{index}-{key}")
                icon("check" if goes else "remove", "16px")


def _toggle(desk: Desk, band: int, key: str, goes: bool) -> None:
    desk.turn(changes.with_through(desk.sheet.document, band, key, goes=goes))


def _turn(desk: Desk, change: Any) -> None:
    desk.turn(change(desk.sheet.document))
