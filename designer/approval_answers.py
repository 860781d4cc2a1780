"""Answering requests: one dialog for every verb, with a comment and whom to hand it to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from nicegui import ui

from designer.asking import plain_button
from designer.i18n import N_
from designer.runtime import Designer
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, chip, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.approvals.codes import ACCEPTED
from engine.services.approvals.doors import BulkAnswer, give_answer, give_answers, insisted

_LONGEST: Final = "maxlength=2000"
# So many titles are told before one answers many; the rest is a number.
_MOST_NAMED: Final = 6


class Way(NamedTuple):
    """One thing that can be answered. `needs_words`: nothing is said without a comment."""

    verb: str
    icon: str
    name: str
    question: str
    main: bool = False
    needs_words: bool = False
    key: str = ""


APPROVE = Way("approve", "check", N_("Approve"), N_("Approve it?"), main=True, key="a")
REJECT = Way("reject", "close", N_("Reject"), N_("Reject it?"), key="r")
ASK_BACK = Way(
    "ask_back", "help", N_("Ask back"), N_("What do you want to know?"), needs_words=True, key="b"
)
RETURN = Way("return", "undo", N_("Give back"), N_("Give it back to who asked?"), key="g")
DELEGATE = Way("delegate", "person_add", N_("Hand on"), N_("Hand it to somebody else?"), key="d")
ANSWER = Way("answer", "reply", N_("Answer"), N_("Answer the question"), needs_words=True)
RECALL = Way("recall", "block", N_("Recall"), N_("Take the request back?"))
RESUBMIT = Way("resubmit", "send", N_("Submit again"), N_("Submit it again?"), main=True)
SEND_BACK = Way(
    "send_back", "fast_rewind", N_("Send back"), N_("Send it back to an earlier level?")
)
COMMENT = Way(
    "comment", "chat", N_("Comment"), N_("Say something about it"), needs_words=True, key="c"
)


class Answers:
    """The dialog of a page; `after` is where one is led once an answer was taken. `titles` are
    those of the requests by id, `levels` what one can be sent back to."""

    def __init__(
        self,
        designer: Designer,
        visitor: Visitor,
        people: Mapping[int, str],
        after: str,
        *,
        titles: Mapping[int, str] | None = None,
        levels: Mapping[str, str] | None = None,
    ) -> None:
        self.designer, self.visitor, self.after = designer, visitor, after
        self._titles, self._levels = titles or {}, levels or {}
        self._ids: Sequence[int] = ()
        self._way = APPROVE
        t = visitor.t
        with ui.dialog() as self._dialog, ui.card().classes("cz-dialog"):
            self._question = words("", "cz-h2", tag="h2")
            self._count = words("", "cz-soft", tag="p")
            self._named = block("cz-stack cz-tight")
            self._level = ui.select(dict(self._levels), label=t("Which level"))
            self._level.classes("full-width").mark("approval-level")
            self._person = ui.select(dict(people), label=t("Person"), with_input=True)
            self._person.classes("full-width").mark("approval-person")
            self._comment = ui.textarea(t("Comment")).classes("full-width").props(_LONGEST)
            self._comment.mark("approval-comment")
            self._problem = words("", "cz-bad")
            self._results = block("cz-stack cz-tight").mark("answer-results")
            self._results.props["aria-live"] = "polite"
            with block("cz-row cz-dialog__buttons") as self._buttons:
                plain_button(t("Cancel"), self._dialog.close)
                go = plain_button(t("Send"), None, main=True).mark("confirm-answer")
                go.classes("inb-send")
        go.on("click", self._send, args=[])

    def button(self, way: Way, ids: Callable[[], Sequence[int]], *, quiet: bool = False) -> None:
        def ask() -> None:
            self._ask(way, ids())

        main = way.main and not quiet
        button = plain_button(self.visitor.t(way.name), ask, main=main, symbol=way.icon)
        button.mark(f"{'bulk' if quiet else 'answer'}-{way.verb}")
        button.classes(f"inb-{way.verb}")
        if way.key and not quiet:
            button.props["data-key"] = way.key
            button.props["title"] = f"{self.visitor.t(way.name)} ({way.key})"

    def _ask(self, way: Way, ids: Sequence[int]) -> None:
        t = self.visitor.t
        self._way, self._ids = way, ids
        self._question.set_text(t(way.question))
        some = len(ids) != 1
        said = t.n("This answers {count} request.", "This answers {count} requests.", len(ids))
        self._count.set_text(said if some else "")
        self._named.clear()
        if some:
            with self._named:
                for id_ in ids[:_MOST_NAMED]:
                    words(self._titles.get(id_, str(id_)), "cz-small", tag="div")
                if len(ids) > _MOST_NAMED:
                    more = len(ids) - _MOST_NAMED
                    words(t.n("and {count} more", "and {count} more", more), "cz-soft cz-small")
        self._results.clear()
        self._buttons.visible = True
        self._level.set_visibility(way is SEND_BACK)
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
        if self._way is SEND_BACK:
            given["level"] = str(self._level.value or "")
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
            self.designer.pulses.clear()
            ui.navigate.to(self.after)
            return
        found = await give_answers(pokes, actor, self._ids, verb, given, door="designer")
        self.designer.pulses.clear()
        if all(one.code == ACCEPTED for one in found):
            ui.navigate.to(self.after)
            return
        self._show(found)

    def _show(self, found: Sequence[BulkAnswer]) -> None:
        """What became of each; what was taken is taken."""
        t = self.visitor.t
        taken = sum(one.code == ACCEPTED for one in found)
        self._named.clear()
        self._count.set_text(t("{taken} of {count} were answered.", taken=taken, count=len(found)))
        self._buttons.visible = False
        self._results.clear()
        with self._results:
            for one in found:
                good = one.code == ACCEPTED
                with block("cz-finding"):
                    chip("✓" if good else "✕", "good" if good else "bad")
                    with block("cz-grow"):
                        words(self._titles.get(one.request_id, str(one.request_id)), tag="div")
                        if not good:
                            words(one.message, "cz-soft cz-small", tag="div")
            with block("cz-row cz-dialog__buttons"):
                again = plain_button(t("Done"), lambda: ui.navigate.to(self.after), main=True)
                again.mark("results-done")
