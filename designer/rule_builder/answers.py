"""What a rule on the bench means: in words, with its mistakes, for how many, for whom and why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from nicegui import ui

from designer.asking import plain_button
from designer.contact_picker import pick_contact
from designer.problem_words import refusal_words
from designer.rule_builder.bench import Bench
from designer.rule_builder.builder import placed
from designer.rule_builder.problem_words import problem_words
from designer.rule_builder.reasons import reason_tree
from designer.rule_builder.saying import said_of
from designer.widgets import anchor, ask_to_sign_in, block, icon, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services.actor import may
from engine.services.rules import (
    AskedRule,
    Explanation,
    count_rule,
    examine_closely,
    explain_rule,
    sample_rule,
)

# Long enough not to ask at every key.
WAIT_SECONDS: Final = 0.5
LONGEST_COUNT: Final = timedelta(seconds=4)
SAMPLE: Final = 5
MOST_SHOWN: Final = 8


@dataclass(slots=True)
class _Turn:
    """Which state of the bench an answer is about; a later one makes it worthless."""

    number: int = 0
    seed: int = 0
    matching: bool = True


class Answers:
    """`focus` is told which condition a problem is in when somebody wants to see it."""

    def __init__(self, bench: Bench, focus: Callable[[int], None]) -> None:
        self.bench = bench
        self._focus = focus
        self._turn = _Turn()
        t, somebody = bench.visitor.t, bench.visitor.somebody
        self._counts = (
            bench.subject == "contact" and not bench.event_rule and may(somebody, "read", "contact")
        )
        with block("rb-answers").mark("rule-answers") as self.element:
            words(t("In words"), "rb-answers__title", tag="h3")
            self._said = words("", "rb-said", tag="p").mark("rule-said")
            self._said.props["aria-live"] = "polite"
            self._problems = block("rb-problems")
            if self._counts:
                words(t("How many just now"), "rb-answers__title", tag="h3")
                self._count = words("", "rb-count cz-number", tag="p").mark("rule-count")
                self._count.props["role"] = "status"
                with block("cz-row"):
                    self._sample_button = plain_button(t("Show some"), self._first, symbol="group")
                    self._sample_button.mark("rule-sample")
                    self._why_button = plain_button(
                        t("Why is … (not) in here?"), self._why, symbol="help"
                    ).mark("rule-why")
                self._shown = block("rb-shown")
            elif bench.event_rule:
                note = t("It is asked when the event comes, so nobody can be counted before.")
                words(note, "cz-soft cz-small", tag="p")
        bench.hear(self._heard)
        self._heard(False)

    def _heard(self, _: bool) -> None:
        self._turn.number += 1
        self._say()
        if self._counts:
            self._later(self._counted)

    def _later(self, deed: Callable[[int], Awaitable[None]]) -> None:
        number = self._turn.number

        async def due() -> None:
            if number == self._turn.number:
                await deed(number)

        with self.element:
            ui.timer(WAIT_SECONDS, due, once=True)

    def _say(self) -> None:
        bench, t = self.bench, self.bench.visitor.t
        document = bench.written.document
        lacking = bench.lacking
        self._problems.clear()
        if document is None:
            self._said.set_text(t("Without conditions it holds for everybody."))
            return
        found = placed(bench) if not lacking else ()
        if lacking:
            self._said.set_text(t("Something is still to be chosen."))
        elif found:
            self._said.set_text(t("This cannot be read yet."))
        else:
            self._said.set_text(
                said_of(
                    document,
                    bench.catalogue,
                    t,
                    subject=bench.subject,
                    event_rule=bench.event_rule,
                )
            )
        with self._problems:
            for node_id, problem in found[:MOST_SHOWN]:
                self._problem(node_id, problem_words(problem.code, problem.message, t))

    def _problem(self, node_id: int, message: str) -> None:
        with block("rb-found", tag="button") as button:
            button.props["type"] = "button"
            button.on("click", lambda: self._focus(node_id), args=[])
            icon("error_outline", "18px")
            words(message)

    @property
    def _asked(self) -> AskedRule | None:
        """The rule, when it can be asked at all."""
        bench = self.bench
        document = bench.written.document
        if document is None or bench.lacking or bench.problems():
            return None
        return AskedRule(document, bench.subject, bench.event_rule)

    async def _counted(self, number: int) -> None:
        t, asked = self.bench.visitor.t, self._asked
        self._shown.clear()
        for button in (self._sample_button, self._why_button):
            button.props["disabled"] = asked is None
        if asked is None:
            self._count.set_text("–")
            return
        self._count.set_text(t("Counting …"))

        async def count(session: Any, actor: Any) -> int:
            found = await count_rule(
                session,
                actor,
                asked,
                now=self.bench.designer.now(),
                zone=self._zone,
                longest=LONGEST_COUNT,
            )
            return found.count

        told = await self._ask(count)
        if number != self._turn.number:
            return
        if isinstance(told, str):
            self._count.set_text(told)
        else:
            self._count.set_text(t.n("{count} contact", "{count} contacts", told))
        self._doubts(asked)

    def _doubts(self, asked: AskedRule) -> None:
        """What is allowed and probably not meant: never true, always true."""
        t = self.bench.visitor.t
        if len(str(asked.document)) > 4_000:
            return  # the search takes long for the largest rules, and the page waits for it
        doubts = {
            "impossible": t("This can never be true."),
            "always": t("This is always true."),
        }
        written = self.bench.written
        for one in examine_closely(asked, self.bench.catalogue).warnings[:MOST_SHOWN]:
            said = doubts.get(one.code)
            node_id = written.node_at(one.pointer)
            if said and node_id is not None:
                with self._problems:
                    self._problem(node_id, said)

    @property
    def _zone(self) -> str:
        return str(self.bench.designer.runtime.settings.company.default_zone)

    async def _ask(self, question: Callable[[Any, Any], Awaitable[Any]]) -> Any:
        """The answer, or why there is none, in words."""
        designer = self.bench.designer
        try:
            actor = await designer.actor(self.bench.visitor.token)
            async with designer.transaction() as session:
                return await question(session, actor)
        except NotSignedIn:
            ask_to_sign_in()
            return ""
        except CadenzaError as error:
            return refusal_words(error, self.bench.visitor.t)

    async def _first(self) -> None:
        self._turn.seed = 0
        await self._sample()

    async def _sample(self) -> None:
        asked, turn = self._asked, self._turn
        number = turn.number
        if asked is None:
            return

        async def sample(session: Any, actor: Any) -> list[Explanation]:
            return await sample_rule(
                session,
                actor,
                asked,
                now=self.bench.designer.now(),
                zone=self._zone,
                size=SAMPLE,
                seed=turn.seed,
                matching=turn.matching,
            )

        found = await self._ask(sample)
        if number == turn.number:
            self._show_sample(found)

    def _show_sample(self, found: list[Explanation] | str) -> None:
        t = self.bench.visitor.t
        self._shown.clear()
        with self._shown:
            with block("cz-tabs"):
                for matching, name in ((True, t("It holds")), (False, t("It does not"))):
                    active = " is-active" if matching == self._turn.matching else ""
                    with block(f"cz-tab{active}", tag="button") as tab:
                        tab.props["type"] = "button"
                        tab.on("click", self._turning(matching), args=[])
                        words(name)
            if isinstance(found, str):
                words(found, "cz-bad")
                return
            if not found:
                words(t("Nobody"), "cz-soft")
            for one in found:
                with block("rb-one"):
                    anchor(f"/contacts/{one.contact_id}", one.name or f"#{one.contact_id}")
                    words(capitalised(one.sentences[t.short]), "cz-soft cz-small", tag="p")
            if len(found) == SAMPLE:
                plain_button(t("Show others"), self._others, symbol="casino")

    def _turning(self, matching: bool) -> Callable[[], Awaitable[None]]:
        async def turn() -> None:
            self._turn.matching = matching
            await self._sample()

        return turn

    async def _others(self) -> None:
        self._turn.seed += 1
        await self._sample()

    async def _why(self) -> None:
        t, asked = self.bench.visitor.t, self._asked
        if asked is None:
            return
        contact = await pick_contact(self.bench.designer, self.bench.visitor, t("Why who?"))
        if contact is None:
            return

        async def explain(session: Any, actor: Any) -> Explanation:
            designer = self.bench.designer
            return await explain_rule(
                session, actor, asked, contact, at=designer.now(), default_zone=self._zone
            )

        found = await self._ask(explain)
        self._shown.clear()
        with self._shown:
            if isinstance(found, str):
                words(found, "cz-bad")
            else:
                reason_tree(found, self.bench.visitor)


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
