"""What people do with a ticket: answer, note, solve, hand over, change its priority."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.i18n import N_
from designer.problem_words import all_words
from designer.records.words import choice_words
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, card, words
from engine.errors import CadenzaError, NotSignedIn
from engine.machines.ticket import STATUSES_BY_HAND
from engine.services.actor import Actor
from engine.services.tickets import answer, note, set_owner, set_priority, set_status
from engine.services.tickets.intake import LONGEST_BODY
from engine.services.work import Work, working

NOBODY: Final = 0
PRIORITIES: Final = ("low", "normal", "high", "urgent")
# What a button says, by the status it brings.
_VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "open": (N_("Take into work"), "play_arrow"),
    "pending": (N_("Wait for the customer"), "hourglass_top"),
    "on_hold": (N_("Put on hold"), "pause"),
    "solved": (N_("Mark as solved"), "check_circle"),
    "closed": (N_("Close"), "lock"),
}
_REOPENS: Final = ("solved", "closed")
Deed = Callable[[Work, Actor], Awaitable[Any]]


class TicketActions:
    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        row: Mapping[str, Any],
        people: Mapping[int, str],
    ) -> None:
        self._designer, self._visitor, self._row, self._people = designer, visitor, row, people

    def deciding(self) -> None:
        """State, owner and priority; every change is a line of the audit."""
        t, row = self._visitor.t, self._row
        with card(t("What to do")), block("cz-pad cz-stack"):
            with block("cz-row"):
                for status, (name, symbol) in _VERBS.items():
                    if status in STATUSES_BY_HAND and status != row["status"]:
                        said = t(name)
                        if status == "open" and row["status"] in _REOPENS:
                            said = t("Open again")
                        deed = self._setting_status(status)
                        plain_button(said, deed, symbol=symbol).mark(f"ticket-{status}")
            with block("cz-row"):
                owners = {NOBODY: t("Nobody"), **self._people}
                held = row["owner_id"] or NOBODY
                owner = ui.select(
                    owners if held in owners else {**owners, held: f"#{held}"},
                    value=held,
                    label=t("Owner"),
                    with_input=True,
                )
                owner.props("outlined dense options-dense").classes("cz-field cz-narrowfield")
                owner.mark("ticket-owner").on_value_change(lambda: self._give(owner.value))
                priority = ui.select(
                    {one: choice_words("priority", one, t)[0] for one in PRIORITIES},
                    value=row["priority"],
                    label=t("Priority"),
                )
                priority.props("outlined dense options-dense").classes("cz-field cz-narrowfield")
                priority.mark("ticket-priority").on_value_change(
                    lambda: self._prioritise(priority.value)
                )
                if self._visitor.somebody.id != row["owner_id"]:
                    plain_button(t("Take it"), self._take, symbol="pan_tool").mark("ticket-take")

    def talking(self) -> None:
        """An answer that the customer can read, or a note among ourselves."""
        t = self._visitor.t
        with card(t("Answer")), block("cz-pad cz-stack"):
            text = ui.textarea(label=t("What you say")).props("outlined autogrow")
            text.props["maxlength"] = LONGEST_BODY
            text.classes("full-width cz-field cz-answer").mark("ticket-text")
            then = ui.select(
                {
                    None: t("leave the state as it is"),
                    "pending": t("then wait for the customer"),
                    "solved": t("then mark as solved"),
                },
                value=None,
                label=t("And the ticket"),
            )
            then.props("outlined dense options-dense").classes("cz-field cz-search")
            then.mark("ticket-then")
            problem = words("", "cz-bad").props("role=alert")

            async def say() -> None:
                async def deed(work: Work, actor: Actor) -> None:
                    await answer(work, actor, self._row["id"], text.value or "", then=then.value)

                problem.set_text(await self._do(deed))

            async def keep() -> None:
                async def deed(work: Work, actor: Actor) -> None:
                    await note(work, actor, self._row["id"], text.value or "")

                problem.set_text(await self._do(deed))

            with block("cz-row"):
                plain_button(t("Answer"), say, main=True, symbol="send").mark("ticket-answer")
                plain_button(t("Keep as a note among us"), keep, symbol="sticky_note_2").mark(
                    "ticket-note"
                )

    def _setting_status(self, status: str) -> Callable[[], Awaitable[None]]:
        async def clicked() -> None:
            async def deed(work: Work, actor: Actor) -> None:
                await set_status(work, actor, self._row["id"], status)

            await self._told(deed)

        return clicked

    async def _give(self, owner: int | None) -> None:
        async def deed(work: Work, actor: Actor) -> None:
            await set_owner(work, actor, self._row["id"], owner or None)

        await self._told(deed)

    async def _take(self) -> None:
        await self._give(self._visitor.somebody.id)

    async def _prioritise(self, priority: str) -> None:
        async def deed(work: Work, actor: Actor) -> None:
            await set_priority(work, actor, self._row["id"], priority)

        await self._told(deed)

    async def _told(self, deed: Deed) -> None:
        if said_no := await self._do(deed):
            ui.notify(said_no, type="negative", multi_line=True)

    async def _do(self, deed: Deed) -> str:
        """What was said against it; empty when it was done and the page is drawn anew."""
        runtime = self._designer.runtime
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with working(
                runtime.store, runtime.shared, runtime.pokes, self._designer.now()
            ) as work:
                await deed(work, actor)
        except NotSignedIn:
            ask_to_sign_in()
            return ""
        except CadenzaError as error:
            return all_words(error, self._visitor.t)
        ui.navigate.reload()
        return ""
