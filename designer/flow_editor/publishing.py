"""Publishing a draft: what it will do to people, said before it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui

from designer.agreement import ask_for_agreement
from designer.asking import plain_button
from designer.flow_editor.drawing import Drawing
from designer.flow_graph import title_of
from designer.i18n import Translator
from designer.problem_words import all_words, problem_words
from designer.terms import MOVE_ANSWERS
from designer.widgets import ask_to_sign_in, block, button_link, icon, notice, words
from engine.errors import CadenzaError, NotSignedIn
from engine.flows.diff import listed
from engine.flows.problems import FlowProblem, FlowRefused, Severity
from engine.services import flows
from engine.services.agreement import NeedsApproval
from engine.services.flow_checks import busiest
from engine.services.flow_files import Forecast, forecast
from engine.services.flows import Published

_MOST_LINES: Final = 12


class PublishDialog:
    """Opened anew each time; `published` is called once a version is in force."""

    def __init__(self, drawing: Drawing, published: Callable[[], Awaitable[None]]) -> None:
        self._drawing, self._published = drawing, published
        self._t = drawing.visitor.t
        with ui.dialog() as self._dialog, ui.card().classes("cz-dialog fe-publish"):
            words(self._t("Publish this flow?"), "cz-h2", tag="h2")
            self._body = block("cz-stack")
            self._told = block("cz-stack cz-tight")
            with block("cz-row cz-dialog__buttons"):
                self._close = plain_button(self._t("Cancel"), self._dialog.close)
                self._go = plain_button(self._t("Publish"), self._publish, main=True)
                self._go.mark("confirm-publish")

    async def open(self) -> None:
        """Ask what would happen, and show it."""
        self._body.clear()
        self._told.clear()
        self._dialog.open()
        drawing, designer = self._drawing, self._drawing.designer
        try:
            actor = await designer.actor(drawing.visitor.token)
            async with designer.transaction() as session:
                found = await forecast(
                    session,
                    actor,
                    drawing.draft.source,
                    file=f"{drawing.name}.yaml",
                    library=designer.runtime.templates,
                    now=designer.now(),
                    zone=designer.runtime.settings.company.default_zone,
                )
        except NotSignedIn:
            ask_to_sign_in()
            return
        except FlowRefused as refused:
            self._go.set_visibility(False)
            self._mend([_placed(one, self._t) for one in refused.flow_problems])
            return
        except CadenzaError as error:
            self._go.set_visibility(False)
            with self._told:
                notice(all_words(error, self._t, "flow"), "bad", "error_outline")
            return
        errors = [_placed(one, self._t) for one in found.problems if one.severity is Severity.ERROR]
        may_go = not errors and not found.is_unchanged
        self._go.set_visibility(may_go)
        if errors:
            self._mend(errors)
            return
        with self._body:
            self._what(found)

    def _mend(self, problems: list[str]) -> None:
        with self._body:
            words(self._t("It cannot be published yet:"), "cz-strong")
            for problem in problems[:_MOST_LINES]:
                words(problem, "cz-code", tag="div")

    def _what(self, found: Forecast) -> None:
        t = self._t
        if found.is_unchanged:
            notice(t("This is exactly what is published; there is nothing to do."))
            return
        words(t("It becomes version {number}.", number=found.becomes), "cz-strong")
        self._people(found)
        self._messages(found)
        self._inside(found)
        self._warnings(found)
        self._differences(found)

    def _people(self, found: Forecast) -> None:
        t, number = self._t, self._drawing.visitor.formats.number
        if found.audience is not None and found.enters_at_once:
            _line(
                "group_add",
                t.n(
                    "{count} person fits now and enters at once.",
                    "{count} people fit now and enter at once.",
                    found.audience,
                ),
            )
        elif found.audience is not None:
            text = t("{count} people would fit now.", count=number(found.audience))
            _line("groups", text)
        elif found.not_counted is not None:
            text = t("How many people fit could not be counted: {why}", why=found.not_counted)
            _line("help", text)
        else:
            _line("groups", t("People enter one by one, when it happens to them."))

    def _messages(self, found: Forecast) -> None:
        t, number = self._t, self._drawing.visitor.formats.number
        by_day, by_week = busiest(found.flow)
        if by_day == 0:
            _line("mail", t("It sends no messages."))
            return
        if by_day is None or by_week is None:
            _line("mail", t("There is no bound to the messages that one person may get."))
            return
        text = t(
            "Messages to one person at worst: {day} within a day, {week} within a week.",
            day=number(by_day),
            week=number(by_week),
        )
        if found.audience and found.enters_at_once:
            most = number(found.audience * by_day)
            text += " " + t("That is {count} messages on the first day at most.", count=most)
        _line("mail", text)

    def _inside(self, found: Forecast) -> None:
        t = self._t
        inside: Counter[int] = Counter()
        for one in found.inside:
            inside[one.number] += one.people
        if not inside:
            return
        total = sum(inside.values())
        _line(
            "route",
            t.n(
                "{count} person inside finishes the version they have.",
                "{count} people inside finish the version they have.",
                total,
            ),
        )
        at = {one.node: one.people for one in found.inside if one.number == found.published}
        plan = [one for one in found.proposals if at.get(one.node)]
        if not plan:
            return
        with block("fe-plan"):
            words(t("If you move them over afterwards:"), "cz-soft cz-small", tag="p")
            for proposal in plan[:_MOST_LINES]:
                deed = t(MOVE_ANSWERS[proposal.answer.deed])
                if proposal.answer.to is not None:
                    deed = t("Go to “{step}”", step=title_of(proposal.answer.to))
                with block("fe-plan__line"):
                    words(f"{title_of(proposal.node)} ({at[proposal.node]})")
                    words(deed, "cz-soft")

    def _warnings(self, found: Forecast) -> None:
        for problem in found.problems[:_MOST_LINES]:
            _line("warning", _said(problem, self._t), "is-warn")

    def _differences(self, found: Forecast) -> None:
        t = self._t
        if found.diff is None or found.diff.is_empty:
            return
        title = t("What differs from version {number}", number=found.published)
        with ui.expansion(title), block("fe-plan"):
            for line in list(listed(found.diff, found.catalogue, t.short))[:60]:
                with block("fe-plan__line"):
                    words(line.what)
                    words(f"{line.before} → {line.after}" if line.before else line.after)

    async def _publish(self) -> None:
        self._told.clear()
        drawing, designer, t = self._drawing, self._drawing.designer, self._t
        try:
            actor = await designer.actor(drawing.visitor.token)
            async with designer.transaction() as session:
                done = await flows.publish(
                    session,
                    actor,
                    drawing.name,
                    plans=designer.plans,
                    library=designer.runtime.templates,
                    now=designer.now(),
                )
        except NotSignedIn:
            ask_to_sign_in()
            return
        except NeedsApproval as refused:
            self._offer_to_ask(refused.chain)
            return
        except FlowRefused as refused:
            with self._told:
                words(t("It cannot be published yet:"), "cz-strong")
                for problem in refused.flow_problems[:_MOST_LINES]:
                    words(_placed(problem, t), "cz-code", tag="div")
            return
        except CadenzaError as error:
            with self._told:
                notice(all_words(error, t, "flow"), "bad", "error_outline")
            return
        self._poke(done)
        await self._told_done(done)

    def _poke(self, done: Published) -> None:
        pokes = self._drawing.designer.runtime.pokes
        if done.enrolment_id is not None:
            pokes.audience(done.enrolment_id)
        pokes.due_dates()
        self._drawing.designer.pulses.clear()

    async def _told_done(self, done: Published) -> None:
        t, name = self._t, self._drawing.name
        before = self._drawing.draft.published
        await self._published()
        self._body.clear()
        self._go.set_visibility(False)
        with self._body:
            with block("fe-clear"):
                icon("rocket_launch", "22px")
                words(t("Version {number} is in force.", number=done.number))
            with block("cz-row"):
                button_link(f"/flows/{name}", t("Watch it live"), "monitoring", main=True)
                if before is not None and before != done.number:
                    address = f"/flows/{name}?view=versions&from={before}&to={done.number}"
                    button_link(address, t("Move people over"), "moving")

    def _offer_to_ask(self, chain: str) -> None:
        t = self._t
        with self._told:
            text = t("The approval chain “{chain}” must agree to this first.", chain=chain)
            notice(text, "warn", "how_to_reg")
            plain_button(t("Ask them"), self._ask, main=True, symbol="send").mark("ask-publish")

    async def _ask(self) -> None:
        t, drawing = self._t, self._drawing
        self._told.clear()
        try:
            whom = await ask_for_agreement(drawing.designer, drawing.visitor, "flow", drawing.name)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except CadenzaError as error:
            with self._told:
                notice(all_words(error, t, "flow"), "bad", "error_outline")
            return
        self._go.set_visibility(False)
        with self._told:
            words(t("They were asked. It comes into force once they agree."), "cz-good")
            words(whom, "cz-strong").mark("waits-for")


def _line(symbol: str, text: str, tone: str = "") -> None:
    with block(f"fe-fact {tone}".strip()):
        icon(symbol, "18px")
        words(text)


def _said(problem: FlowProblem, t: Translator) -> str:
    return problem_words("flow", problem.code.value, problem.message, t, detail=problem.detail)


def _placed(problem: FlowProblem, t: Translator) -> str:
    return f"{problem.place}: {_said(problem, t)}"
