"""Changing what a contact wants, on their behalf: each deed says what follows from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui

from designer.asking import asking_button, plain_button
from designer.problem_words import all_words
from designer.runtime import Designer
from designer.terms import FREQUENCIES
from designer.visitor import Visitor
from designer.widgets import ask_to_sign_in, block, words
from engine.errors import CadenzaError, NotSignedIn
from engine.services import consent
from engine.services.actor import Actor
from engine.services.preferences import Choice, choose
from engine.services.preferences.wishes import Wishes
from engine.services.sending.suppressions import allow, suppress
from engine.services.subscribing import ask_for_consent

SOURCE: Final = "designer"
# What people may take back here; the others are the reader's own word, or stand for an erased one.
LIFTED_HERE: Final = ("manual", "bounced")
Deed = Callable[[Any, Actor], Awaitable[frozenset[int]]]


class WishActions:
    def __init__(self, designer: Designer, visitor: Visitor, wishes: Wishes, email: str) -> None:
        self._designer = designer
        self._visitor = visitor
        self._wishes = wishes
        self._email = email

    def consent_buttons(self, granted: bool | None) -> None:
        t = self._visitor.t
        if granted is not True:
            self._button(
                "mark_email_read",
                t("Ask by mail"),
                t("Ask this contact to confirm by mail?"),
                t(
                    "The flow confirm_subscription sends a letter with a link, once a day at most. "
                    "Marketing goes once they press its button."
                ),
                self._ask,
            )
            self._button(
                "check",
                t("Record a yes"),
                t("Did they agree to marketing mail?"),
                t("Marketing goes to them from now on. Your name is written down with it."),
                self._grant,
            )
        if granted is not False:
            self._button(
                "do_not_disturb_on",
                t("Record a no"),
                t("Do they want no marketing mail?"),
                t("It holds at once, also for messages that are being prepared."),
                self._withdraw,
            )

    def address_buttons(self, reason: str | None) -> None:
        t = self._visitor.t
        if reason is None:
            self._button(
                "block",
                t("Send nothing at all"),
                t("Send nothing at all to this address?"),
                t("Messages about orders and the account are withheld too."),
                self._suppress,
            )
        elif reason in LIFTED_HERE:
            self._button(
                "undo",
                t("Allow the address again"),
                t("Write to this address again?"),
                t("What they agreed to stays as it is."),
                self._allow,
            )

    def choices_button(self) -> None:
        """Opens the form with topics, how often, and not to be measured."""
        t, wishes = self._visitor.t, self._wishes
        with ui.dialog() as dialog, ui.card().classes("cz-dialog"):
            words(t("What they want to hear of"), "cz-h2", tag="h2")
            topics = {
                topic.slug: ui.checkbox(topic.label_in(t.short), value=wishes.hears_of(topic)).mark(
                    f"topic-{topic.slug}"
                )
                for topic in wishes.topics
            }
            often = ui.select(
                {code: t(name) for code, name in FREQUENCIES.items()},
                value=wishes.preference.frequency,
                label=t("How often at most"),
            ).classes("full-width")
            unmeasured = ui.checkbox(
                t("Opens and clicks are not looked at"), value=wishes.preference.unmeasured
            )
            problem = words("", "cz-bad")
            with block("cz-row cz-dialog__buttons"):
                plain_button(t("Cancel"), dialog.close)
                save = plain_button(t("Save"), None, main=True).mark("save-wishes")

        async def chosen(session: Any, actor: Actor) -> frozenset[int]:
            choice = Choice(
                topics={slug: bool(box.value) for slug, box in topics.items()},
                frequency=str(often.value),
                unmeasured=bool(unmeasured.value),
            )
            done = await choose(session, actor, wishes.contact_id, choice, **self._how())
            return done.event_partitions

        async def saved() -> None:
            try:
                await self._do(chosen)
            except NotSignedIn:
                ask_to_sign_in()
            except CadenzaError as error:
                problem.set_text(all_words(error, t))

        save.on("click", saved, args=[])
        plain_button(t("Change"), dialog.open, symbol="tune").mark("change-wishes")

    def _button(self, symbol: str, name: str, question: str, follows: str, deed: Deed) -> None:
        async def done() -> None:
            await self._do(deed)

        asking_button(self._visitor.t, symbol, name, question, follows, done)

    async def _do(self, deed: Deed) -> None:
        actor = await self._designer.actor(self._visitor.token)
        async with self._designer.transaction() as session:
            partitions = await deed(session, actor)
        self._designer.runtime.pokes.dispatch(partitions)
        ui.navigate.reload()

    def _how(self) -> dict[str, Any]:
        partitions = int(self._designer.runtime.settings.drivers.dispatch_partitions)
        return {"source": SOURCE, "now": self._designer.now(), "partitions": partitions}

    async def _grant(self, session: Any, actor: Actor) -> frozenset[int]:
        done = await consent.grant(session, actor, self._wishes.contact_id, **self._how())
        return done.event_partitions

    async def _withdraw(self, session: Any, actor: Actor) -> frozenset[int]:
        done = await consent.withdraw(session, actor, self._wishes.contact_id, **self._how())
        return done.event_partitions

    async def _ask(self, session: Any, actor: Actor) -> frozenset[int]:
        asked = await ask_for_consent(session, actor, self._wishes.contact_id, **self._how())
        return asked.event_partitions

    async def _suppress(self, session: Any, actor: Actor) -> frozenset[int]:
        await suppress(session, actor, [self._email], now=self._designer.now())
        return frozenset()

    async def _allow(self, session: Any, actor: Actor) -> frozenset[int]:
        await allow(session, actor, self._email)
        return frozenset()
