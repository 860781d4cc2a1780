"""The hours of one day as rows of two times, of which there may be several or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

from designer.calendars.week_text import Shift, filled, next_shift, read, shifts_in
from designer.ladders.rungs import sign_button
from designer.visitor import Visitor
from designer.widgets import block, words


@dataclass(frozen=True, slots=True)
class _Line:
    begins: ui.input
    ends: ui.input
    place: ui.element


class DayHours:
    """`on_change` is called while somebody types. `day` is how the day is called; "" where it is
    chosen beside."""

    def __init__(
        self,
        visitor: Visitor,
        day: str,
        hours: Any,
        *,
        may_edit: bool,
        on_change: Callable[[], None],
        mark: str,
    ) -> None:
        self._visitor, self._day, self._may = visitor, day, may_edit
        self._on_change, self._mark = on_change, mark
        self._lines: list[_Line] = []
        t = visitor.t
        with block("cal-day-hours") as place:
            place.mark(f"hours-{mark}")
            place.props["role"] = "group"
            place.props["aria-label"] = day or t("Hours")
            if day:
                words(day, "cal-day-name")
            with block("cal-spans"):
                self._spans = block("cal-spans__list")
                self._off = words(t("off"), "cz-soft cz-small cal-off")
            if may_edit:
                name = t("Add hours: {day}", day=day) if day else t("Add hours")
                self._add = sign_button(name, "add", self._added).mark(f"add-hours-{mark}")
        for shift in shifts_in(hours):
            self._line(shift)
        self._tidy()

    def given(self) -> list[Shift]:
        return [read(line.begins.value, line.ends.value) for line in self._lines]

    def put(self, shifts: Sequence[Shift]) -> None:
        """Without a word to `on_change`."""
        self._lines.clear()
        self._spans.clear()
        for shift in shifts:
            self._line(shift)
        self._tidy()

    def _line(self, shift: Sequence[str]) -> _Line:
        t, number = self._visitor.t, len(self._lines)
        begins, ends = filled(shift)
        with self._spans, block("cal-span") as place:
            first = self._time(t("Begins"), begins, f"from-{self._mark}-{number}")
            words("–", "cz-soft").props["aria-hidden"] = "true"
            last = self._time(t("Ends"), ends, f"to-{self._mark}-{number}")
            line = _Line(first, last, place)
            if self._may:
                sign_button(t("Remove these hours"), "close", lambda: self._removed(line)).mark(
                    f"remove-hours-{self._mark}-{number}"
                )
        self._lines.append(line)
        return line

    def _time(self, label: str, value: str, mark: str) -> ui.input:
        field = ui.input(value=value).mark(mark)
        field.props("outlined dense type=time debounce=300").classes("cz-field cal-time")
        field.props["aria-label"] = f"{self._day}: {label}" if self._day else label
        field.on_value_change(self._typed)
        if not self._may:
            field.disable()
        return field

    def _typed(self) -> None:
        self._tidy()
        self._on_change()

    def _added(self) -> None:
        offered = next_shift(self.given())
        if offered is None:
            return
        line = self._line(offered)
        self._typed()
        line.begins.run_method("focus")

    def _removed(self, line: _Line) -> None:
        self._lines.remove(line)
        line.place.delete()
        self._typed()
        # what had the focus is gone
        self._add.run_method("focus")

    def _tidy(self) -> None:
        self._off.visible = not self._lines
        if self._may:
            self._add.visible = next_shift(self.given()) is not None
