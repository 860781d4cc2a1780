"""The form of a trial: with whom, from when, and what happens on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.contact_picker import pick_contact
from designer.runtime import Designer
from designer.try_it.asked import MOST_LINES, Asked, EventLine, HabitLine
from designer.visitor import Visitor
from designer.widgets import Words, block, icon, words
from engine.errors import Problem
from engine.services.views.faces import faces

EVERYBODY: Final = ""


class Panel:
    """`tried` is called with what is asked; problems are shown at their fields by `show`."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        asked: Asked,
        *,
        versions: Sequence[str],
        segments: Mapping[str, str],
        asks_approval: bool,
        contact: str,
        tried: Callable[[], Awaitable[None]],
        version_changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._designer, self._visitor, self.asked = designer, visitor, asked
        self._versions, self._segments = versions, segments
        self._asks_approval, self._contact = asks_approval, contact
        self._tried, self._version_changed = tried, version_changed
        self._places: dict[str, Words] = {}
        self._paints: list[Callable[[], None]] = []
        self._build()

    def show(self, problems: Sequence[Problem]) -> None:
        """Each at its field; what belongs to none stands above the button."""
        t = self._visitor.t
        for place in self._places.values():
            place.set_text("")
        rest = []
        for one in problems:
            if one.place in self._places:
                self._places[one.place].set_text(t(one.message))
            else:
                rest.append(t(one.message))
        self._places["/"].set_text(" ".join(rest))

    def busy(self, now: bool) -> None:
        self._go.props["disabled"] = now
        self._go.update()
        self._go_words.set_text(self._visitor.t("Trying…") if now else self._visitor.t("Try it"))

    async def choose(self, contact_id: int, name: str) -> None:
        """Take this contact and try at once."""
        self.asked.whom, self.asked.contact_id, self._contact = "contact", contact_id, name
        for paint in self._paints:
            paint()
        self._draw_whom()
        await self._tried()

    def _build(self) -> None:
        t = self._visitor.t
        with block("cz-stack"):
            if len(self._versions) > 1:
                choices = {"draft": t("Draft"), "published": t("Published version")}
                self._choice(t("Which version?"), choices, "which", self._which_changed)
            with block("cz-try__group"):
                words(t("With whom?"), "cz-h2", tag="h2")
                choices = {"contact": t("One contact"), "segment": t("Many people")}
                self._choice(t("With whom?"), choices, "whom", self._whom_changed)
                self._whom = block("cz-stack cz-tight")
                self._draw_whom()
            with block("cz-try__group"):
                words(t("From when, how long?"), "cz-h2", tag="h2")
                with block("cz-try__pair"):
                    self._input(t("Day"), self.asked, "day").props("type=date")
                    self._input(t("Time"), self.asked, "clock").props("type=time")
                self._problem("/start")
                self._input(t("For how many days"), self.asked, "days").props("inputmode=numeric")
                self._problem("/days")
            with block("cz-try__group"):
                words(t("What happens on the way?"), "cz-h2", tag="h2")
                self._events = block("cz-stack cz-tight")
                self._draw_events()
            with ui.expansion(t("More")).classes("cz-try__more") as more:
                more.mark("try-more")
                self._rest()
            self._problem("/")
            with block("cz-try__go"):
                self._go = plain_button("", self._tried, main=True).mark("try-go")
                with self._go:
                    icon("play_arrow", "18px")
                    self._go_words = words(t("Try it"))
                words(t("Nothing is sent and nothing is changed."), "cz-soft cz-small")

    def _rest(self) -> None:
        t = self._visitor.t
        with block("cz-stack"):
            self._box(t("As if for the first time"), "afresh")
            self._box(t("Quiet hours and caps of the sending policy count"), "by_policy")
            if self._asks_approval:
                answers = {
                    "approved": t("are approved"),
                    "rejected": t("are rejected"),
                    "timed_out": t("are never answered"),
                }
                box = ui.select(answers, label=t("Requests for approval"))
                box.props("outlined dense").classes("cz-field")
                box.bind_value(self.asked, "approvals")
            words(t("What people do after a message"), "cz-h2", tag="h3")
            self._habits = block("cz-stack cz-tight")
            self._draw_habits()

    def _draw_whom(self) -> None:
        t = self._visitor.t
        self._whom.clear()
        with self._whom:
            if self.asked.whom == "contact":
                name = self._contact or t("Choose a contact…")
                plain_button(name, self._pick, symbol="person_search").mark("try-contact")
                self._problem("/contact")
                return
            options = {EVERYBODY: t("Everybody the flow lets in"), **self._segments}
            box = ui.select(options, value=self.asked.segment, label=t("Members of"))
            box.props("outlined dense").classes("cz-field").mark("try-segment")
            box.on_value_change(lambda event: self._set("segment", event.value or EVERYBODY))
            self._input(t("How many at most"), self.asked, "people").props("inputmode=numeric")
            self._problem("/people")
            words(t("Drawn by chance, always the same ones."), "cz-soft cz-small")

    async def _pick(self) -> None:
        chosen = await pick_contact(self._designer, self._visitor, self._visitor.t("Try it with"))
        if chosen is None:
            return
        self.asked.contact_id = chosen
        self._contact = await self._name_of(chosen)
        self._draw_whom()
        await self._tried()

    async def _name_of(self, contact_id: int) -> str:
        return await named(self._designer, self._visitor, contact_id) or f"#{contact_id}"

    def _draw_events(self) -> None:
        t = self._visitor.t
        self._events.clear()
        self._forget("/events/")
        with self._events:
            if not self.asked.events:
                words(t("Nothing: only time goes by."), "cz-soft cz-small")
            for place, line in enumerate(self.asked.events):
                self._event(place, line)
            if len(self.asked.events) < MOST_LINES:
                button = plain_button(t("Add an event"), self._add_event, symbol="add")
                button.classes("is-quiet").mark("try-add-event")

    def _event(self, place: int, line: EventLine) -> None:
        t = self._visitor.t
        with block("cz-try__line"):
            with block("cz-try__pair"):
                self._input(t("Event"), line, "event").mark(f"try-event-{place}")
                self._input(t("After"), line, "after").props["title"] = t("2d, 3h or 30m")
            self._input(t("Properties, such as plan = trial"), line, "properties")
            for name in ("event", "after", "properties"):
                self._problem(f"/events/{place}/{name}")
            self._drop(t("Remove this event"), self.asked.events, line, self._draw_events)

    def _draw_habits(self) -> None:
        t = self._visitor.t
        self._habits.clear()
        self._forget("/habits/")
        with self._habits:
            for place, line in enumerate(self.asked.habits):
                with block("cz-try__line"):
                    self._input(t("Event"), line, "event")
                    with block("cz-try__pair"):
                        self._input(t("Share in %"), line, "percent").props("inputmode=numeric")
                        self._input(t("Within"), line, "within")
                    for one in fields(HabitLine):
                        self._problem(f"/habits/{place}/{one.name}")
                    self._drop(t("Remove this habit"), self.asked.habits, line, self._draw_habits)
            if len(self.asked.habits) < MOST_LINES:
                button = plain_button(t("Add a habit"), self._add_habit, symbol="add")
                button.classes("is-quiet").mark("try-add-habit")

    def _add_event(self) -> None:
        self.asked.events.append(EventLine(after="1d" if self.asked.events else "0m"))
        self._draw_events()

    def _add_habit(self) -> None:
        self.asked.habits.append(HabitLine())
        self._draw_habits()

    def _drop(self, name: str, lines: list[Any], line: object, redraw: Callable[[], None]) -> None:
        def dropped() -> None:
            lines[:] = [one for one in lines if one is not line]
            redraw()

        button = block("cz-button is-quiet cz-try__drop", tag="button")
        button.props["type"] = "button"
        button.props["aria-label"] = name
        button.on("click", dropped, args=[])
        with button:
            icon("close", "18px")

    def _input(self, label: str, owner: object, name: str) -> ui.input:
        field = ui.input(label=label, value=str(getattr(owner, name)))
        field.on_value_change(lambda event: setattr(owner, name, str(event.value or "")))
        return field.props("outlined dense maxlength=2000").classes("cz-field")

    def _box(self, label: str, name: str) -> None:
        box = ui.checkbox(label, value=bool(getattr(self.asked, name)))
        box.on_value_change(lambda event: self._set(name, bool(event.value)))

    def _choice(
        self,
        label: str,
        choices: Mapping[str, str],
        name: str,
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        with block("cz-tabs") as tabs:
            tabs.props["role"] = "group"
            tabs.props["aria-label"] = label
            buttons: dict[str, ui.element] = {}
            for value, text in choices.items():
                buttons[value] = words(text, "cz-tab", tag="button").mark(f"try-{name}-{value}")
                buttons[value].props["type"] = "button"

        def paint() -> None:
            for value, button in buttons.items():
                active = getattr(self.asked, name) == value
                button.classes(add="is-active") if active else button.classes(remove="is-active")
                button.props["aria-pressed"] = "true" if active else "false"
                button.update()

        async def chosen(value: str) -> None:
            self._set(name, value)
            paint()
            await changed()

        for value, button in buttons.items():
            button.on("click", lambda value=value: chosen(value), args=[])
        paint()
        self._paints.append(paint)

    def _set(self, name: str, value: object) -> None:
        setattr(self.asked, name, value)

    async def _whom_changed(self) -> None:
        self._draw_whom()

    async def _which_changed(self) -> None:
        await self._version_changed()

    def _problem(self, place: str) -> None:
        self._places[place] = words("", "cz-bad cz-small cz-try__problem", tag="p")
        self._places[place].props["role"] = "alert"

    def _forget(self, below: str) -> None:
        for place in [one for one in self._places if one.startswith(below)]:
            del self._places[place]


async def named(designer: Designer, visitor: Visitor, contact_id: int) -> str:
    """Empty when there is no such contact."""
    actor = await designer.actor(visitor.token)
    async with designer.transaction() as session:
        found = await faces(session, actor, [contact_id])
    return found[contact_id].name if contact_id in found else ""
