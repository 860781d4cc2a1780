"""What stands against a move, in words; what is missing is filled in here and tried again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from designer.asking import plain_button
from designer.problem_words import refusal_words
from designer.runtime import Designer
from designer.sales.choices import Choices
from designer.sales.dialogs import taken_away
from designer.sales.fields import DealFields
from designer.sales.moving import Refusal, before_losing, refusal_of, try_move, values_of
from designer.sales.words import in_language, problem_words
from designer.visitor import Visitor
from designer.widgets import anchor, ask_to_sign_in, block, icon, words
from engine.errors import CadenzaError, NotSignedIn, Problem, Refused
from engine.services.deals import MoveAnswer, MoveRefused

Instead = Callable[[str], Awaitable[None]]


def _nothing() -> None:
    pass


async def move_asking(
    designer: Designer,
    visitor: Visitor,
    choices: Choices,
    deal_id: int,
    to_stage: str,
    *,
    kind: str,
    from_stage: str | None,
    undoes: bool = False,
    before_dialog: Callable[[], None] = _nothing,
    instead: Instead | None = None,
) -> MoveAnswer | None:
    """Move a deal, and ask for what it lacks. `kind` is that of the stage. None: it was left where
    it is. A refusal is answered only where the deal stands elsewhere by now. `before_dialog` is
    called once the deal is known to stay for the moment."""
    if kind == "lost" and not undoes:
        asking = await before_losing(designer, visitor, deal_id, to_stage)
        if asking is not None:
            before_dialog()
            return await refused_dialog(designer, visitor, choices, asking, instead=instead)
    answer = await try_move(designer, visitor, deal_id, to_stage, from_stage=from_stage)
    if not isinstance(answer, MoveRefused):
        return answer
    before_dialog()
    if any(one.code == "moved_meanwhile" for one in answer.problems):
        return answer
    refusal = await refusal_of(designer, visitor, to_stage, answer)
    return await refused_dialog(designer, visitor, choices, refusal, instead=instead)


async def refused_dialog(
    designer: Designer,
    visitor: Visitor,
    choices: Choices,
    refusal: Refusal,
    *,
    instead: Instead | None = None,
) -> MoveAnswer | None:
    """The answer of the move that was tried again; None when the deal was left where it is.
    `instead` is called with another stage that was chosen."""
    asking = _Asking(designer, visitor, choices, refusal, instead)
    answer = await asking.dialog
    taken_away(asking.dialog)
    return answer if not isinstance(answer, str) else None


class _Asking:
    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        choices: Choices,
        refusal: Refusal,
        instead: Instead | None,
    ) -> None:
        self._designer, self._visitor, self._choices = designer, visitor, choices
        self._refusal, self._instead = refusal, instead
        self._fields: DealFields | None = None
        with ui.dialog() as self.dialog, ui.card().classes("cz-dialog") as self._card:
            self._card.mark("move-dialog")
        self._draw()

    def _draw(self) -> None:
        t, refusal = self._visitor.t, self._refusal
        self._card.clear()
        with self._card:
            title = self._title()
            self.dialog.props["aria-label"] = title
            words(title, "cz-h2", tag="h2")
            words(refusal.deal.line.name, "cz-soft", tag="p")
            self._told = block("cz-stack cz-tight").props("role=alert").mark("move-told")
            self._tell(refusal.others)
            if refusal.asked:
                if refusal.others:
                    words(t("This is missing as well:"), "cz-strong cz-small", tag="p")
                self._fields = self._form()
            self._ways()
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Leave it there"), lambda: self.dialog.submit("left")).mark("leave")
                if refusal.asked:
                    name = t("Save and move") if not refusal.others else t("Save and try again")
                    plain_button(name, self._again, main=True).mark("fill-and-move")

    def _title(self) -> str:
        t, refusal = self._visitor.t, self._refusal
        if refusal.others or not refusal.asked:
            return t("It cannot go to {stage}", stage=refusal.to_label)
        if refusal.asked == ("lost_reason",):
            return t("Why is it lost?")
        return t("{stage} needs a little more", stage=refusal.to_label)

    def _form(self) -> DealFields:
        refusal = self._refusal
        fields = DealFields(
            self._designer,
            self._visitor,
            self._choices,
            refusal.asked,
            values_of(refusal.deal),
            lost_reasons=refusal.lost_reasons,
        )
        if refusal.asked != ("lost_reason",):
            fields.show([one for one in refusal.problems if one not in refusal.others])
        return fields

    def _tell(self, problems: tuple[Problem, ...] | list[Problem]) -> None:
        t = self._visitor.t
        self._told.clear()
        with self._told:
            for problem in problems:
                with block("sl-against"):
                    icon("block", "18px")
                    words(problem_words(problem, t, from_pipeline=True))
                    self._link(problem)

    def _link(self, problem: Problem) -> None:
        """A field of the contact is filled in at the contact."""
        contact_id = self._refusal.deal.line.contact_id
        if problem.place.startswith("/contact/") and contact_id is not None:
            anchor(f"/contacts/{contact_id}", self._visitor.t("Open the contact"))

    def _ways(self) -> None:
        """Where it may go instead, when nothing can be filled in."""
        t, refusal = self._visitor.t, self._refusal
        others = [one for one in refusal.ways if one.stage.key != refusal.to_stage]
        if refusal.asked or self._instead is None or not others:
            return
        words(t("It may go here instead:"), "cz-small cz-soft", tag="p")
        with block("cz-row"):
            for one in others:
                label = in_language(one.stage.label, one.stage.label_zh, t)

                async def go(key: str = one.stage.key) -> None:
                    self.dialog.submit("left")
                    if self._instead is not None:
                        await self._instead(key)

                plain_button(label, go).mark(f"instead-{one.stage.key}")

    async def _again(self) -> None:
        if self._fields is None:
            return
        given, problems = self._fields.read()
        if problems:
            self._fields.show(problems)
            return
        reason = given.pop("lost_reason", None)
        try:
            answer = await self._try(given, reason)
        except NotSignedIn:
            ask_to_sign_in()
            return
        except Refused as refused:
            self._tell(self._fields.show(refused.problems))
            return
        except CadenzaError as error:
            self._tell([Problem("", error.code, refusal_words(error, self._visitor.t))])
            return
        if not isinstance(answer, MoveRefused):
            self.dialog.submit(answer)
            return
        self._refusal = await refusal_of(
            self._designer, self._visitor, self._refusal.to_stage, answer
        )
        if set(self._refusal.asked) <= set(self._fields.names):
            self._tell(self._fields.show(self._refusal.problems))
            return
        self._draw()

    async def _try(self, given: Mapping[str, Any], reason: str | None) -> MoveAnswer:
        line = self._refusal.deal.line
        return await try_move(
            self._designer,
            self._visitor,
            line.id,
            self._refusal.to_stage,
            from_stage=line.stage,
            fields=given,
            lost_reason=reason,
        )
