"""Absences over the coming weeks, as bars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from designer.visitor import Visitor
from designer.widgets import anchor, block, words
from engine.local_time import local_date, start_of_day

WEEKS: Final = 6
_DAYS: Final = WEEKS * 7


class Away(Protocol):
    """`crm_store.organisation.AbsenceLine`."""

    @property
    def id(self) -> int: ...
    @property
    def user_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def deputy(self) -> str | None: ...
    @property
    def note(self) -> str | None: ...


def absence_strip(found: Sequence[Away], visitor: Visitor, now: datetime) -> None:
    """One line a person; six weeks from this week's Monday."""
    t = visitor.t
    today = local_date(now, visitor.zone)
    monday = today - timedelta(days=today.weekday())
    begins = start_of_day(monday, visitor.zone)
    length = timedelta(days=_DAYS)
    by_person: dict[int, list[Away]] = defaultdict(list)
    for one in found:
        if one.starts_at < begins + length and one.ends_at > begins:
            by_person[one.user_id].append(one)
    if not by_person:
        return
    with block("ppl-strip"):
        with block("ppl-strip__row ppl-strip__head"):
            words("", "ppl-strip__name")
            with block("ppl-strip__weeks"):
                for week in range(WEEKS):
                    day = monday + timedelta(days=7 * week)
                    words(visitor.formats.day(day), "cz-soft cz-small")
        for user_id, lines in by_person.items():
            with block("ppl-strip__row"):
                anchor(f"/people/{user_id}", lines[0].name, "ppl-strip__name")
                with block("ppl-strip__track"):
                    _mark_today(begins, now, length)
                    for one in lines:
                        _bar(one, visitor, begins, length)
    words(t("Six weeks from this Monday."), "visually-hidden")


def _mark_today(begins: datetime, now: datetime, length: timedelta) -> None:
    share = (now - begins) / length * 100
    block("ppl-today").style(f"left: {share:.2f}%")


def _bar(one: Away, visitor: Visitor, begins: datetime, length: timedelta) -> None:
    t, formats = visitor.t, visitor.formats
    left = max((one.starts_at - begins) / length, 0.0)
    right = min((one.ends_at - begins) / length, 1.0)
    bar = block("ppl-bar" + ("" if one.deputy else " is-alone"))
    bar.style(f"left: {left * 100:.2f}%; width: {max(right - left, 0.004) * 100:.2f}%")
    first, last = formats.date_of(one.starts_at), formats.date_of(one.ends_at - timedelta(1e-5))
    who = one.deputy or t("nobody")
    said = t("{first} to {last}, deputy: {who}", first=first, last=last, who=who)
    bar.props["title"] = said
    bar.props["role"] = "img"
    bar.props["aria-label"] = said
