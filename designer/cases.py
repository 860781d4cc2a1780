"""Cases that somebody must take up: the list, one of them with who was told when, and answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.case_words import (
    HELD_FOR,
    ROOM,
    STATES,
    SUBJECTS,
    TAB,
    URGENCIES,
    address_of,
    because,
    said,
    state_of,
)
from designer.components.data_table import Cell, Column, DataTable, Row
from designer.components.filter_tabs import filter_tabs
from designer.duty_card import duty_card
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.terms import term, toned
from designer.visitor import Visitor
from designer.widgets import (
    anchor,
    ask_to_sign_in,
    block,
    card,
    chip,
    empty_state,
    facts,
    notice,
    words,
)
from engine.errors import CadenzaError, NotSignedIn
from engine.services.actor import may
from engine.services.escalations import CaseStep, ListedCase, answer_as, list_cases, show_case
from engine.services.people_shelf import PeopleShelf

MOST_SHOWN = 200
_NUMBER_DIGITS = 15


async def cases_room(designer: Designer, visitor: Visitor, query: Mapping[str, str]) -> None:
    """The tab's content, built where it is called: one case if `case` names it, else the list."""
    number = query.get("case", "")
    if number.isdecimal() and len(number) <= _NUMBER_DIGITS:
        await _OneCase(designer, visitor, int(number)).build()
        return
    await _list(designer, visitor, query)


async def _list(designer: Designer, visitor: Visitor, query: Mapping[str, str]) -> None:
    t = visitor.t
    which = query.get("which") if query.get("which") in ("mine", "over") else None
    async with designer.transaction() as session:
        found = await list_cases(
            session,
            visitor.somebody,
            mine=which == "mine",
            over=which == "over",
            limit=MOST_SHOWN,
        )
    choices = [(None, t("Everybody's")), ("mine", t("Mine")), ("over", t("Over"))]
    filter_tabs(t("Which cases"), ROOM, {"tab": TAB, "which": which}, "which", choices)
    with block("cz-card"):
        if found:
            ranks = list(URGENCIES)
            # the most urgent first, and of those the oldest
            found.sort(key=lambda one: -ranks.index(one.urgency) if one.urgency in ranks else 0)
            DataTable(t("Cases"), _columns(visitor), [_row(one, visitor) for one in found])
        else:
            empty_state(
                "task_alt",
                t("Nothing waits to be taken up"),
                t("Cases come from flows, deals, tickets and other systems."),
            )
    await duty_card(designer, visitor)


def _columns(visitor: Visitor) -> list[Column]:
    t = visitor.t
    return [
        Column(t("What it is about"), wraps=True),
        Column(t("State")),
        Column(t("Urgency")),
        Column(t("Level"), "right"),
        Column(t("Told"), wraps=True),
        Column(t("Since")),
    ]


def _row(one: ListedCase, visitor: Visitor) -> Row:
    t = visitor.t
    state, tone = toned(STATES, state_of(one), t)
    urgency, hue = toned(URGENCIES, one.urgency, t)
    has_it = one.acknowledged_by or ""
    title = one.title.in_language(t.short)
    return Row(
        (
            Cell(title, address_of(one.id), sub=_subject(one, visitor)),
            Cell(state, tone=tone, sub=has_it),
            Cell(urgency, tone=hue),
            Cell(str(one.level) if one.level else ""),
            Cell(", ".join(one.told)),
            Cell(visitor.formats.moment(one.opened_at)),
        ),
        address_of(one.id),
    )


def _subject(one: ListedCase, visitor: Visitor) -> str:
    return f"{term(SUBJECTS, one.subject_kind, visitor.t)} {one.subject_id}"


@dataclass(slots=True)
class _OneCase:
    designer: Designer
    visitor: Visitor
    number: int

    async def build(self) -> None:
        visitor, t = self.visitor, self.visitor.t
        async with self.designer.transaction() as session:
            case, steps = await show_case(session, visitor.somebody, self.number)
            people = (await PeopleShelf().directory(session)).people
        with block("cz-row"):
            anchor(f"{ROOM}?tab={TAB}", t("All cases"), "cz-small")
        with block("cz-row"):
            words(case.title.in_language(t.short), "cz-h2", tag="h2")
            for table, code in ((STATES, state_of(case)), (URGENCIES, case.urgency)):
                chip(*toned(table, code, t))
        if case.held_for and case.ended_at is None and case.status == "held":
            notice(t(HELD_FOR.get(case.held_for, case.held_for)), "bad", "front_hand")
        if case.ended_at is None and may(visitor.somebody, "edit", "escalation"):
            others = {one.id: one.name for one in people.values() if one.active}
            self._buttons(case, others)
        with block("cz-letter"):
            with block("cz-stack"):
                self._log(steps)
            with block("cz-stack"):
                self._about(case)

    def _about(self, case: ListedCase) -> None:
        visitor, t = self.visitor, self.visitor.t
        body = case.body.in_language(t.short).splitlines()
        with card(t("What it is about")):
            if any(body):
                with block("cz-pad cz-stack cz-tight"):
                    for line in filter(None, body):
                        words(line, tag="p")
            facts(
                [
                    (t("About"), _subject(case, visitor)),
                    (t("Policy"), case.policy),
                    (t("Owner"), case.owner or ""),
                    (t("Has it in hand"), case.acknowledged_by or ""),
                    (t("Asked for"), t.n("{count} time", "{count} times", case.asked)),
                    (t("Since"), visitor.formats.moment(case.opened_at)),
                    (t("Next step"), visitor.formats.moment(case.due_at) if case.due_at else ""),
                    (t("Comment"), case.comment or ""),
                ]
            )
            if case.path.startswith("/") and not case.path.startswith("//"):
                with block("cz-pad"):
                    anchor(case.path, t("Look at it"), "cz-small")

    def _log(self, steps: list[CaseStep]) -> None:
        visitor, t = self.visitor, self.visitor.t
        rows = [
            Row(
                (
                    Cell(visitor.formats.moment(one.at)),
                    Cell(said(one, t), sub=because(one, t)),
                )
            )
            for one in reversed(steps)
        ]
        with card(t("Who was told when")):
            DataTable(
                t("Who was told when"), [Column(t("At")), Column(t("What"), wraps=True)], rows
            )

    def _buttons(self, case: ListedCase, people: Mapping[int, str]) -> None:
        t, mine = self.visitor.t, case.acknowledged_by_id == self.visitor.somebody.id
        with block("cz-row cz-bulk").mark("answers"):
            if case.status != "acknowledged":
                asking_button(
                    t,
                    "pan_tool",
                    t("Take it up"),
                    t("Take it up?"),
                    t("Nobody else is told while you have it."),
                    self._deed("acknowledge"),
                    main=True,
                )
            self._resolve(main=mine)
            self._give(people)
            verb, symbol = ("resume", "play_arrow") if case.paused else ("pause", "pause")
            asking_button(
                t,
                symbol,
                t("Let the clocks go on") if case.paused else t("Stop the clocks"),
                t("Let the clocks go on?") if case.paused else t("Stop the clocks?"),
                t("What is left before the next level stays as it is."),
                self._deed(verb),
            )

    def _resolve(self, *, main: bool) -> None:
        t = self.visitor.t
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(t("Is it resolved?"), "cz-h2", tag="h2")
            words(t("Nobody is told any more."), "cz-soft", tag="p")
            comment = ui.textarea(t("What was done")).classes("full-width").props("maxlength=2000")
            comment.mark("case-comment")
            self._dialog_buttons(
                dialog,
                t("Resolved"),
                "resolve",
                lambda: {"comment": str(comment.value or "")},
            )
        plain_button(t("Resolve"), dialog.open, main=main, symbol="task_alt").mark("do-resolve")

    def _give(self, people: Mapping[int, str]) -> None:
        t = self.visitor.t
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(t("Give it to somebody?"), "cz-h2", tag="h2")
            words(t("They are told, and have it in hand from now on."), "cz-soft", tag="p")
            chosen = ui.select(dict(people), label=t("Person"), with_input=True)
            chosen.classes("full-width")
            chosen.mark("case-person")
            self._dialog_buttons(dialog, t("Give"), "reassign", lambda: {"to": chosen.value or 0})
        plain_button(t("Give to somebody"), dialog.open, symbol="person_add").mark("do-reassign")

    def _dialog_buttons(
        self,
        dialog: ui.dialog,
        name: str,
        verb: str,
        given: Callable[[], Mapping[str, object]],
    ) -> None:
        problem = words("", "cz-bad")
        with block("cz-row cz-dialog__buttons"):
            plain_button(self.visitor.t("Cancel"), dialog.close)
            go = plain_button(name, None, main=True).mark(f"confirm-{verb}")

        async def confirmed() -> None:
            try:
                await self._deed(verb, given)()
            except NotSignedIn:
                ask_to_sign_in()
            except CadenzaError as error:
                problem.set_text(all_words(error, self.visitor.t))

        go.on("click", confirmed, args=[])

    def _deed(
        self, verb: str, given: Callable[[], Mapping[str, object]] = dict
    ) -> Callable[[], Awaitable[None]]:
        async def deed() -> None:
            runtime, visitor = self.designer.runtime, self.visitor
            actor = await self.designer.actor(visitor.token)
            await answer_as(
                *(runtime.store, runtime.pokes, actor, self.number, verb, given()),
                door="designer",
            )
            ui.navigate.to(address_of(self.number))

        return deed
