"""Tasks of a deal to be done, and what was written down about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Final

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import refusal_words
from designer.runtime import Designer
from designer.sales.choices import Choices
from designer.sales.words import problem_words
from designer.terms import ACTIVITY_KINDS
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, card, icon, words
from engine.errors import CadenzaError, NotSignedIn, Problem, Refused
from engine.local_time import start_of_day
from engine.services.actor import may
from engine.services.deals.activities import (
    LONGEST_BODY,
    LONGEST_SUBJECT,
    DealActivity,
    NewActivity,
    add_activity,
    set_task_done,
)
from engine.services.work import working

_USUAL: Final = "task"


class ActivitiesCard:
    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        choices: Choices,
        deal_id: int,
        found: Sequence[DealActivity],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._designer, self._visitor, self._choices = designer, visitor, choices
        self._deal_id, self._changed = deal_id, changed
        self.is_open = False
        t = visitor.t
        with card() as place:
            place.mark("deal-activities")
            with block("cz-card__head"):
                words(t("Tasks and activities"), "cz-h2", tag="h2")
                if may(visitor.somebody, "create", "activity"):
                    plain_button(t("Add"), self._open, symbol="add").mark("add-activity")
            self._form = block("sl-form cz-hidden")
            with block("sl-acts", tag="ul"):
                for one in found:
                    self._line(one)
            if not found:
                words(
                    t("Nothing yet. Calls, meetings and notes are signs of life of a deal."),
                    "cz-soft cz-pad",
                    tag="p",
                )

    def _line(self, one: DealActivity) -> None:
        t, formats, now = self._visitor.t, self._visitor.formats, self._designer.now()
        kind, symbol = ACTIVITY_KINDS.get(one.kind, (one.kind, "circle"))
        is_task, done = one.kind == "task", one.done_at is not None
        with block("sl-act is-done" if done else "sl-act", tag="li"):
            if is_task and may(self._visitor.somebody, "edit", "activity"):
                box = ui.checkbox(value=done).props("dense").mark(f"task-{one.id}")
                box.props["aria-label"] = one.subject
                box.on_value_change(lambda: self._turn(one.id, done=bool(box.value)))
            else:
                icon(symbol, "18px")
            with block("cz-grow"):
                words(one.subject, "sl-act__subject", tag="p")
                if one.body:
                    words(one.body, "cz-said__text cz-soft cz-small", tag="p")
                about = [t(kind), one.owner or t("Nobody")]
                if is_task and not done and one.due_at is not None:
                    about.append(t("due {when}", when=formats.ago(one.due_at, now)))
                else:
                    about.append(formats.moment(one.done_at or one.created_at))
                late = is_task and not done and one.due_at is not None and one.due_at < now
                words(" · ".join(about), "cz-small cz-bad" if late else "cz-small cz-soft", tag="p")

    async def _turn(self, activity_id: int, *, done: bool) -> None:
        runtime = self._designer.runtime
        try:
            actor = await self._designer.actor(self._visitor.token)
            async with working(
                runtime.store, runtime.shared, runtime.pokes, self._designer.now()
            ) as work:
                await set_task_done(work, actor, self._deal_id, activity_id, done=done)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            ui.notify(refusal_words(error, self._visitor.t))
            return
        await self._changed()

    def _open(self) -> None:
        t = self._visitor.t
        self.is_open = True
        self._form.classes(remove="cz-hidden")
        self._form.clear()
        with self._form:
            kinds = {key: t(name) for key, (name, _) in ACTIVITY_KINDS.items()}
            with block("sl-row"):
                self._kind = ui.toggle(kinds, value=_USUAL, on_change=self._of_kind)
                self._kind.props("no-caps unelevated dense").classes("sl-kinds").mark("act-kind")
            self._subject = ui.input(t("What is it about?")).props("outlined dense autofocus")
            self._subject.props(f"maxlength={LONGEST_SUBJECT}").classes("cz-field sl-box")
            self._subject.mark("act-subject")
            self._body = ui.textarea(t("More words")).props("outlined dense autogrow")
            self._body.props(f"maxlength={LONGEST_BODY}").classes("sl-box").mark("act-body")
            with block("sl-row") as self._for_tasks:
                who = ui.select(self._choices.people, value=self._me(), label=t("Owner"))
                self._owner = who.props("outlined dense").classes("cz-field sl-half")
                due = ui.input(t("Due")).props("outlined dense type=date stack-label")
                self._due = due.classes("cz-field sl-half").mark("act-due")
            self._told = block("cz-stack cz-tight").props("role=alert")
            with block("cz-row"):
                plain_button(t("Write it down"), self._add, main=True).mark("act-save")
                plain_button(t("Cancel"), self._close)

    def _me(self) -> int | None:
        me = self._visitor.somebody.id
        return me if me in self._choices.people else None

    def _of_kind(self) -> None:
        if self._kind.value == "task":
            self._for_tasks.classes(remove="cz-hidden")
        else:
            self._for_tasks.classes(add="cz-hidden")

    def _close(self) -> None:
        self.is_open = False
        self._form.clear()
        self._form.classes(add="cz-hidden")

    async def _add(self) -> None:
        runtime, is_task = self._designer.runtime, self._kind.value == "task"
        try:
            new = NewActivity(
                str(self._kind.value or _USUAL),
                str(self._subject.value or ""),
                str(self._body.value or ""),
                self._owner.value if is_task else None,
                self._due_at() if is_task else None,
            )
            actor = await self._designer.actor(self._visitor.token)
            async with working(
                runtime.store, runtime.shared, runtime.pokes, self._designer.now()
            ) as work:
                await add_activity(work, actor, self._deal_id, new)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except Refused as refused:
            self._tell(refused.problems)
            return
        except CadenzaError as error:
            self._tell([Problem("", error.code, refusal_words(error, self._visitor.t))])
            return
        self.is_open = False
        await self._changed()

    def _due_at(self) -> datetime | None:
        """The beginning of the day on the wall clock of whoever asks. Raises Refused."""
        text = str(self._due.value or "")
        if not text:
            return None
        try:
            return start_of_day(date.fromisoformat(text), self._visitor.zone)
        except ValueError:
            problem = Problem("/due_at", "bad_date", f"{text[:20]} is no day.")
            raise Refused("Nothing was written down.", [problem]) from None

    def _tell(self, problems: Sequence[Problem]) -> None:
        self._told.clear()
        with self._told:
            for problem in problems:
                words(problem_words(problem, self._visitor.t), "cz-bad cz-small", tag="p")
