"""One absence in a list: when, who stands in, and cancelling it."""

from __future__ import annotations

from datetime import timedelta

from designer.people.absence_form import cancel_button, may_enter
from designer.people.absence_strip import Away
from designer.people.addresses import person_at
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import anchor, block, chip, words


def absence_line(designer: Designer, visitor: Visitor, one: Away, *, named: bool = True) -> None:
    """`named` False: on the page of the person themselves."""
    t, formats, now = visitor.t, visitor.formats, designer.now()
    with block("ppl-away").mark(f"absence-{one.id}"):
        with block("cz-grow"):
            with block("cz-row cz-tight"):
                if named:
                    anchor(person_at(one.user_id), one.name, "cz-strong")
                if one.starts_at <= now:
                    chip(t("Away now"), "warn")
            first = formats.date_of(one.starts_at)
            last = formats.date_of(one.ends_at - timedelta(seconds=1))
            words(t("{first} to {last}", first=first, last=last), tag="div")
            deputy = t("Deputy: {who}", who=one.deputy) if one.deputy else t("No deputy")
            tone = "cz-soft" if one.deputy else "cz-warn"
            words(deputy, f"{tone} cz-small", tag="div")
            if one.note:
                words(one.note, "cz-soft cz-small", tag="div")
        if may_enter(visitor.somebody, one.user_id):
            cancel_button(designer, visitor, one.id)
