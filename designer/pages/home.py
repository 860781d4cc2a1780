"""The start page: what waits for somebody, how things stand, and what a newcomer does next."""

from __future__ import annotations

from dataclasses import dataclass

from designer.backups.banner import held_notice
from designer.page import page
from designer.runtime import Designer
from designer.shell import frame
from designer.visitor import Visitor, current
from designer.widgets import anchor, block, button_link, card, notice, tile, words
from engine.services.views.overview import Overview, home_overview


@dataclass(frozen=True, slots=True)
class FirstStep:
    """`command` is what to type where no page does it."""

    done: bool
    title: str
    text: str
    link: tuple[str, str] | None = None
    command: str | None = None


def register(designer: Designer) -> None:
    @page("/")
    async def home() -> None:
        visitor = current()
        t = visitor.t

        async def question() -> Overview:
            async with designer.transaction() as session:
                return await home_overview(session, visitor.somebody)

        overview = await designer.pulses.ask(("home", visitor.somebody.sight), question)
        with frame("/", t("Home")), block("cz-stack cz-narrow"):
            await held_notice(designer, visitor)
            _waiting(overview, visitor)
            _tiles(overview, visitor)
            _first_steps(overview, visitor, has_mailbox=designer.mailbox is not None)


def _waiting(overview: Overview, visitor: Visitor) -> None:
    t = visitor.t
    if overview.held:
        text = t.n(
            "{count} person is held in a flow and waits for somebody to decide.",
            "{count} people are held in flows and wait for somebody to decide.",
            overview.held,
        )
        with notice(text, "warn", "pan_tool"):
            anchor("/runs?state=held", t("Look at them"))
    if overview.maybe_sent:
        text = t.n(
            "{count} message may or may not have been sent: the connection broke at the wrong "
            "moment.",
            "{count} messages may or may not have been sent: the connection broke at the wrong "
            "moment.",
            overview.maybe_sent,
        )
        with notice(text, "warn", "help_outline"):
            anchor("/messages?state=maybe_sent", t("Look at them"))


def _tiles(overview: Overview, visitor: Visitor) -> None:
    t, number = visitor.t, visitor.formats.compact
    with block("cz-tiles"):
        for title, figure, address in (
            (t("Contacts"), overview.contacts, "/contacts"),
            (t("Live flows"), overview.active_flows, "/flows"),
            (t("People in flows now"), overview.here, "/runs?state=active"),
            (t("Messages sent"), overview.sent, "/messages"),
        ):
            if figure is not None:
                tile(title, number(figure), address)


def _first_steps(overview: Overview, visitor: Visitor, *, has_mailbox: bool) -> None:
    t = visitor.t
    steps = first_steps(overview, visitor, has_mailbox=has_mailbox)
    finished = all(step.done for step in steps)
    title = t("What you can look at") if finished else t("What to do next")
    with card(title), block("cz-steps", tag="ol"):
        for step in steps:
            with block("is-done" if step.done else "", tag="li"):
                with block("cz-stack cz-tight"):
                    words(step.title, "cz-strong", tag="div")
                    words(step.text, "cz-soft", tag="div")
                    if step.command and not step.done:
                        words(step.command, "cz-code", tag="code")
                if step.link:
                    button_link(step.link[0], step.link[1])


def first_steps(
    overview: Overview, visitor: Visitor, *, has_mailbox: bool
) -> tuple[FirstStep, ...]:
    """Of what the person may read; what leads nowhere is left out."""
    t = visitor.t
    steps = []
    if overview.contacts is not None:
        steps.append(
            FirstStep(
                overview.contacts > 0,
                t("Bring your contacts"),
                t("From a CSV or Excel file. Importing the same file twice changes nothing."),
                ("/contacts", t("See contacts")) if overview.contacts else None,
                "cadenza import contacts.csv --as contacts",
            )
        )
    if overview.active_flows is not None:
        steps.append(
            FirstStep(
                overview.active_flows > 0,
                t("Publish a flow"),
                t(
                    "A flow says who gets what, when, and what happens next. Begin with a ready "
                    "one."
                ),
                ("/flows", t("See flows")),
                None if overview.flows else "cadenza flow publish templates/flows/win_back.yaml",
            )
        )
    if overview.here is not None:
        steps.append(
            FirstStep(
                overview.has_runs,
                t("Watch somebody go through it"),
                t("Every run shows its way on the drawn flow and says why each thing happened."),
                ("/runs", t("See runs")),
            )
        )
    if has_mailbox and overview.sent is not None:
        steps.append(
            FirstStep(
                overview.has_messages,
                t("Read the mail it sent"),
                t("Mail goes to the local mailbox, so nothing leaves this machine while you try."),
                ("/mailbox", t("Open the mailbox")),
            )
        )
    steps.append(
        FirstStep(
            overview.has_events,
            t("Send events from your product"),
            t("Segment's libraries work unchanged; make a write key and point them here."),
        )
    )
    return tuple(steps)
