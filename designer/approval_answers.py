"""Answering requests: one dialog for every verb, with a comment and whom to hand it to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from nicegui import ui

from designer.asking import plain_button
from designer.i18n import N_
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.approvals.doors import give_answer, give_answers, insisted

_LONGEST: Final = "maxlength=2000"


class Way(NamedTuple):
    """One thing that can be answered. `needs_words`: nothing is said without a comment."""

    verb: str
    icon: str
    name: str
    question: str
    main: bool = False
    needs_words: bool = False


APPROVE = Way("approve", "check", N_("Approve"), N_("Approve it?"), main=True)
REJECT = Way("reject", "close", N_("Reject"), N_("Reject it?"))
ASK_BACK = Way(
    "ask_back", "help", N_("Ask back"), N_("What do you want to know?"), needs_words=True
)
RETURN = Way("return", "undo", N_("Give back"), N_("Give it back to who asked?"))
DELEGATE = Way("delegate", "person_add", N_("Hand on"), N_("Hand it to somebody else?"))
ANSWER = Way("answer", "reply", N_("Answer"), N_("Answer the question"), needs_words=True)
RECALL = Way("recall", "block", N_("Recall"), N_("Take the request back?"))
RESUBMIT = Way("resubmit", "send", N_("Submit again"), N_("Submit it again?"), main=True)
COMMENT = Way("comment", "chat", N_("Comment"), N_("Say something about it"), needs_words=True)


class Answers:
    """The dialog of a page; `after` is where one is led once an answer was taken."""

    def __init__(
        self, designer: Designer, visitor: Visitor, people: Mapping[int, str], after: str
    ) -> None:
        self.designer, self.visitor, self.after = designer, visitor, after
        self._ids: Sequence[int] = ()
        self._way = APPROVE
        t = visitor.t
        with ui.dialog() as self._dialog, ui.card().classes("cz-dialog"):
            self._question = words("", "cz-h2", tag="h2")
            self._count = words("", "cz-soft", tag="p")
            self._person = ui.select(dict(people), label=t("Person"), with_input=True)
            self._person.classes("full-width").mark("approval-person")
            self._comment = ui.textarea(t("Comment")).classes("full-width").props(_LONGEST)
            self._comment.mark("approval-comment")
            self._problem = words("", "cz-bad")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), self._dialog.close)
                go = plain_button(t("Send"), None, main=True).mark("confirm-answer")
        go.on("click", self._send, args=[])

    def button(self, way: Way, ids: Callable[[], Sequence[int]], *, quiet: bool = False) -> None:
        def ask() -> None:
            self._ask(way, ids())

        main = way.main and not quiet
        button = plain_button(self.visitor.t(way.name), ask, main=main, symbol=way.icon)
        button.mark(f"{'bulk' if quiet else 'answer'}-{way.verb}")

    def _ask(self, way: Way, ids: Sequence[int]) -> None:
        t = self.visitor.t
        self._way, self._ids = way, ids
        self._question.set_text(t(way.question))
        some = len(ids) != 1
        self._count.set_text(t.n("{count} request", "{count} requests", len(ids)) if some else "")
        self._problem.set_text("")
        self._comment.value = ""
        self._person.set_visibility(way is DELEGATE)
        self._dialog.open()

    async def _send(self) -> None:
        t = self.visitor.t
        comment = str(self._comment.value or "").strip()
        if self._way.needs_words and not comment:
            self._problem.set_text(t("Write what you want to say."))
            return
        if not self._ids:
            self._problem.set_text(t("Choose requests first."))
            return
        given: dict[str, object] = {"comment": comment} if comment else {}
        if self._way is DELEGATE:
            given["to"] = self._person.value or 0
        try:
            await self._give(given)
        except NotSignedIn:
            ask_to_sign_in()
        except CadenzaError as error:
            self._problem.set_text(error.message)

    async def _give(self, given: Mapping[str, object]) -> None:
        actor = await self.designer.actor(self.visitor.token)
        pokes, verb = self.designer.runtime.pokes, self._way.verb
        if len(self._ids) == 1:
            answered = await give_answer(pokes, actor, self._ids[0], verb, given, door="designer")
            insisted(answered, self._ids[0])
            ui.navigate.to(self.after)
            return
        found = await give_answers(pokes, actor, self._ids, verb, given, door="designer")
        left = [one for one in found if one.code != "accepted"]
        if not left:
            ui.navigate.to(self.after)
            return
        told = {f"{one.request_id}: {one.message}" for one in left[:5]}
        self._problem.set_text(" ".join(sorted(told)))
