"""The sending policy as rows of fields; every mistake stands at its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from designer.asking import plain_button
from designer.i18n import N_
from designer.problem_words import problem_words
from designer.template_editor.policy_words import ABOUT, DAYS, MEDIA, PERIODS, rule_words
from designer.template_editor.switch import set_class
from designer.visitor import Visitor
from designer.widgets import Words, block, card, words
from engine.errors import Problem
from engine.sending.reading import MOST_RULES

# (key, heading, what it does, what a new row says)
SECTIONS: Final[tuple[tuple[str, str, str, Mapping[str, Any]], ...]] = (
    (
        "quiet_hours",
        N_("Quiet hours"),
        N_("Nothing goes in these hours, on the person's own clock. They may pass midnight."),
        {"from": "21:00", "until": "08:00"},
    ),
    (
        "sending_hours",
        N_("Sending hours"),
        N_("Something goes only in these hours, or when a calendar is open."),
        {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "until": "18:00"},
    ),
    (
        "holidays",
        N_("Public holidays"),
        N_("Nothing goes on holidays of a country, or of where the person lives."),
        {"of": "contact"},
    ),
    (
        "caps",
        N_("Caps"),
        N_("At most so many messages to one person."),
        {"most": 3, "per": "week"},
    ),
    (
        "priorities",
        N_("Priorities"),
        N_("What messages are worth (1 to 9), whatever their flow says; the first that fits."),
        {"purpose": "service", "priority": 9},
    ),
    (
        "digests",
        N_("Digests"),
        N_("Messages about a topic are put together into one."),
        {"topic": "", "every": "daily", "at": "08:00"},
    ),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What rules may name."""

    topics: Mapping[str, str]
    calendars: Sequence[str]


class PolicyForm:
    """`changed` is told after each change of `document`, which is edited in place."""

    def __init__(
        self,
        visitor: Visitor,
        document: dict[str, Any],
        known: Known,
        changed: Callable[[], None],
        *,
        editable: bool,
    ) -> None:
        self.document = document
        self._visitor = visitor
        self._known = known
        self._changed = changed
        self._editable = editable
        self._places: dict[str, ui.element] = {}
        self._rows: dict[tuple[str, int], tuple[ui.element, Words, Words]] = {}
        self._wrong: dict[str, Words] = {}

    def build(self) -> None:
        t = self._visitor.t
        for key, heading, does, _ in SECTIONS:
            with card(t(heading)) as place:
                place.mark(f"section-{key}")
                with block("te-rules"):
                    words(t(does), "cz-soft cz-small", tag="p")
                    self._places[key] = block("cz-stack cz-tight")
                    self._wrong[key] = words("", "cz-bad cz-small")
                    if self._editable:
                        add = plain_button(t("Add"), partial(self._add, key), symbol="add")
                        add.classes("is-quiet").mark(f"add-{key}")
            self._draw(key)
        with card(t("Longest wait")), block("te-rules"):
            said = t("What would have to wait longer is not sent. From 1h to 92d; 7d is usual.")
            words(said, "cz-soft cz-small", tag="p")
            value = str(self.document.get("longest_wait") or "7d")
            self._input(self.document, "longest_wait", t("Longest wait"), value)
            self._wrong["longest_wait"] = words("", "cz-bad cz-small")

    def show_problems(self, problems: Sequence[Problem]) -> list[Problem]:
        """Each at its row; what has none is given back."""
        said: dict[tuple[str, int], list[str]] = {}
        of_section: dict[str, list[str]] = {}
        rest, t = [], self._visitor.t
        for one in problems:
            sentence = problem_words("form", one.code, one.message, t)
            parts = one.place.strip("/").split("/")
            if len(parts) > 1 and parts[1].isdecimal() and (parts[0], int(parts[1])) in self._rows:
                field = f"{parts[2]}: " if len(parts) > 2 else ""
                said.setdefault((parts[0], int(parts[1])), []).append(f"{field}{sentence}")
            elif parts[0] in self._wrong:
                of_section.setdefault(parts[0], []).append(sentence)
            else:
                rest.append(one)
        for at, (row, wrong, _) in self._rows.items():
            wrong.set_text(" ".join(said.get(at, ())))
            set_class(row, "is-bad", on=at in said)
        for key, place in self._wrong.items():
            place.set_text(" ".join(of_section.get(key, ())))
        return rest

    def _rules(self, key: str) -> list[Any]:
        found = self.document.get(key)
        return found if isinstance(found, list) else []

    def _draw(self, key: str) -> None:
        t = self._visitor.t
        self._places[key].clear()
        self._rows = {at: row for at, row in self._rows.items() if at[0] != key}
        with self._places[key]:
            rules = self._rules(key)
            if not rules:
                words(t("None."), "cz-soft")
            for at, rule in enumerate(rules):
                with block("te-rule") as row:
                    row.mark(f"rule-{key}-{at}")
                    if isinstance(rule, dict):
                        self._fields(key, rule)
                    else:
                        words(str(rule)[:200], "cz-code")
                    if self._editable:
                        drop = plain_button("", partial(self._drop, key, at), symbol="close")
                        drop.props["aria-label"] = t("Take this rule out")
                        drop.classes("is-quiet te-icon").mark(f"drop-{key}-{at}")
                    say = words("", "te-rule__say")
                    wrong = words("", "te-rule__wrong")
                self._rows[(key, at)] = (row, wrong, say)
        self._say()

    def _fields(self, key: str, rule: dict[str, Any]) -> None:
        t = self._visitor.t
        if key in ("quiet_hours", "sending_hours"):
            self._hours(key, rule)
        elif key == "holidays":
            self._input(
                rule, "of", t("Country such as SG, or contact"), str(rule.get("of", "contact"))
            )
        elif key == "caps":
            self._number(rule, "most", t("At most"), 1, 1_000)
            self._select(rule, "per", t("Per"), {one: t(name) for one, name in PERIODS.items()})
        elif key == "priorities":
            self._number(rule, "priority", t("Worth"), 1, 9)
        elif key == "digests":
            self._digest(rule)
            return
        usual = "any" if key == "priorities" else "marketing"
        about = {one: t(name) for one, name in ABOUT.items()}
        if not isinstance(rule.get("purpose"), list):
            self._select(rule, "purpose", t("About"), about, usual)
        self._many(rule, "medium", t("Sent as"), {one: t(name) for one, name in MEDIA.items()})
        self._many(rule, "topic", t("Topics"), dict(self._known.topics), typed=True)

    def _hours(self, key: str, rule: dict[str, Any]) -> None:
        t = self._visitor.t
        if "calendar" in rule:
            known = {one: one for one in self._known.calendars}
            self._select(rule, "calendar", t("Calendar"), known)
            return
        if "hours" in rule:
            words(t("Hours by weekday: edit them as text."), "cz-soft cz-small")
            return
        if key == "sending_hours":
            self._many(rule, "days", t("Days"), {day: t(name) for day, name in DAYS.items()})
        self._clock(rule, "from", t("Begins"))
        self._clock(rule, "until", t("Ends"))

    def _digest(self, rule: dict[str, Any]) -> None:
        t = self._visitor.t
        known = {"": "—", **self._known.topics}
        self._select(rule, "topic", t("Topic"), known)
        every = {"daily": t("Every day"), "weekly": t("Every week")}
        self._select(rule, "every", t("How often"), every, "daily", redraw="digests")
        if rule.get("every") == "weekly":
            days = {day: t(name) for day, name in DAYS.items()}
            self._select(rule, "on", t("On"), days, "mon")
        self._clock(rule, "at", t("At"))

    def _clock(self, rule: dict[str, Any], key: str, name: str) -> None:
        field = self._input(rule, key, name, str(rule.get(key) or ""))
        field.props('mask="##:##" placeholder=21:00').classes("is-short")

    def _number(self, rule: dict[str, Any], key: str, name: str, least: int, most: int) -> None:
        def typed(event: ValueChangeEventArguments[float | None]) -> None:
            value = event.value
            self._set(rule, key, int(value) if value is not None and value == int(value) else value)

        found = rule.get(key)
        shown = found if isinstance(found, int) else None
        field = ui.number(name, value=shown, min=least, max=most, step=1, on_change=typed)
        self._styled(field, "is-short")

    def _input(self, rule: dict[str, Any], key: str, name: str, value: str) -> ui.input:
        def typed(event: ValueChangeEventArguments[str | None]) -> None:
            self._set(rule, key, (event.value or "").strip())

        field = ui.input(name, value=value, on_change=typed)
        field.props("debounce=250 maxlength=60")
        self._styled(field)
        return field

    def _select(
        self,
        rule: dict[str, Any],
        key: str,
        name: str,
        options: dict[str, str],
        usual: str = "",
        *,
        redraw: str = "",
    ) -> None:
        value = str(rule.get(key) or usual)
        shown = {**options} if value in options or not value else {**options, value: value}

        def chosen(event: ValueChangeEventArguments[str | None]) -> None:
            if redraw and event.value == "daily":
                rule.pop("on", None)
            self._set(rule, key, event.value)
            if redraw:
                self._draw(redraw)

        field = ui.select(shown, value=value or None, label=name, on_change=chosen)
        self._styled(field)

    def _many(
        self,
        rule: dict[str, Any],
        key: str,
        name: str,
        options: dict[str, str],
        *,
        typed: bool = False,
    ) -> None:
        found = rule.get(key)
        value = (
            [str(one) for one in found]
            if isinstance(found, list)
            else [str(found)]
            if found
            else []
        )
        value = [one for one in value if one != "any"]
        shown = {**options, **{one: one for one in value if one not in options}}

        def chosen(event: ValueChangeEventArguments[list[str] | None]) -> None:
            wanted = list(event.value or [])
            if wanted:
                self._set(rule, key, wanted)
            else:
                rule.pop(key, None)
                self._tell()

        field = ui.select(
            shown,
            value=value,
            label=name,
            multiple=True,
            on_change=chosen,
            new_value_mode="add-unique" if typed else None,
            with_input=typed,
        )
        self._styled(field).props("use-chips" if typed else "")

    def _styled(self, field: Any, classes: str = "") -> Any:
        field.props("outlined dense").classes(f"cz-field {classes}")
        if not self._editable:
            field.disable()
        return field

    def _add(self, key: str) -> None:
        start = next(start for name, _, _, start in SECTIONS if name == key)
        rules = self._rules(key)
        if len(rules) < MOST_RULES:
            copied = {name: list(v) if isinstance(v, list) else v for name, v in start.items()}
            self.document[key] = [*rules, copied]
            self._draw(key)
            self._changed()

    def _drop(self, key: str, at: int) -> None:
        rest = [one for place, one in enumerate(self._rules(key)) if place != at]
        if rest:
            self.document[key] = rest
        else:
            self.document.pop(key, None)
        self._draw(key)
        self._changed()

    def _set(self, rule: dict[str, Any], key: str, value: Any) -> None:
        rule[key] = value
        self._tell()

    def _tell(self) -> None:
        self._say()
        self._changed()

    def _say(self) -> None:
        t = self._visitor.t
        for (key, at), (_, _, say) in self._rows.items():
            rules = self._rules(key)
            if at < len(rules) and isinstance(rules[at], dict):
                say.set_text(rule_words(key, rules[at], t))
