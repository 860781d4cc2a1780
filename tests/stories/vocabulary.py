"""Words to tell a story of a flow with: who people are, what they do, and what they got by then.

    story = Story("abandoned_cart")
    ada = story.given("Ada", lives_in="Asia/Singapore")
    ada.does("Checkout Started")
    story.after(days=1)
    ada.got("cart_reminder")

The clock is virtual. The flow, its rules, its steps and its letters are the real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from engine.effects import Outcome, Receipt
from engine.flows.holdout import is_held_out
from engine.local_time import local
from engine.machines.plan import Plan, compile_plan
from engine.rendering import render_text
from engine.rules import Catalogue
from engine.services.templates import RenderedMessage, TemplateLibrary
from engine.services.templates.vocabulary import LINKS as LINK_VARIABLES
from engine.simulate import DELIVERED, Journey, Occurrence, Person
from engine.simulate.arrivals import Doors
from engine.simulate.life import Life
from engine.simulate.surroundings import Letter, Surroundings, replies_of
from tests.flows.reading import CATALOGUE, load

TEMPLATES = Path(__file__).parents[2] / "templates"
SENDER = {"name": "Cadenza", "address": "hello@cadenza.test", "website": "https://example.com/"}
LINKS = {name: f"https://crm.cadenza.test/{name}" for name in LINK_VARIABLES}
HORIZON = timedelta(days=3 * 366)


@cache
def letters() -> TemplateLibrary:
    return TemplateLibrary(TEMPLATES / "messages")


@cache
def ready_plan(name: str) -> Plan:
    return plan_of((TEMPLATES / "flows" / f"{name}.yaml").read_text("utf-8"))


def plan_of(source: str, catalogue: Catalogue = CATALOGUE) -> Plan:
    return compile_plan(load(source), catalogue)


@dataclass
class Mail:
    """A letter as it would have been handed over; `at` is the time on the receiver's clock."""

    template: str
    at: datetime
    letter: RenderedMessage


@dataclass
class Someone:
    """A person of the story. What they `did` moves nothing before the story's clock does."""

    story: Story
    name: str
    life: Life
    mails: list[Mail] = field(default_factory=list)

    def does(self, event: str, **properties: Any) -> Someone:
        """Something happens to the person now."""
        told = Occurrence(self.story.now, self.life.person.id, event, properties)
        self.life.agenda.note(told)
        self.story.settle()
        return self

    def becomes(self, **fields: Any) -> Someone:
        """Somebody else writes fields of the person's record now."""
        contact = self.life.person.facts["contact"]
        changes = {name: [contact.get(name), value] for name, value in fields.items()}
        contact.update(fields)
        return self.does("Contact Updated", record="contact", changes=changes)

    def unsubscribes(self) -> Someone:
        self.life.person.marketing = Receipt(Outcome.WITHHELD, "consent_withdrawn")
        return self

    def cannot_be_reached(self) -> Someone:
        self.life.person.marketing = Receipt(Outcome.REFUSED, "bad_address")
        self.life.person.service = Receipt(Outcome.REFUSED, "bad_address")
        return self

    @property
    def journeys(self) -> list[Journey]:
        """Every time the person entered, the holdout included."""
        return self.life.journeys

    def got(self, *templates: str) -> None:
        """Exactly these messages so far, in this order."""
        assert [mail.template for mail in self.mails] == list(templates), self.told()

    def got_nothing(self) -> None:
        self.got()

    def got_at(self, template: str, moment: str) -> None:
        """The message came at this time on the person's own clock, such as "Tue 3 Mar 09:00"."""
        times = [_said(mail.at) for mail in self.mails if mail.template == template]
        assert times == [moment], self.told()

    def read(self, words: str) -> None:
        """The last message says these words, in its subject or its text."""
        letter = self.mails[-1].letter
        assert words in letter.subject or words in letter.text, letter.text

    def is_inside(self) -> None:
        assert [one.standing.state for one in self.journeys][-1:] == ["active"], self.told()

    def never_entered(self) -> None:
        assert not self.journeys, self.told()

    def left_with(self, outcome: str) -> None:
        """The last journey is over, with this outcome."""
        standing = self.journeys[-1].standing
        assert (standing.state, standing.outcome) == ("ended", outcome), self.told()

    def reached_the_goal(self) -> None:
        assert self.journeys[-1].goal_at is not None, self.told()

    def tasks(self) -> list[str]:
        """Titles of the tasks that colleagues got about the person, in order."""
        nodes = self.story.plan.nodes
        facts, person = self.life.person.facts, self.life.person
        return [
            render_text(nodes[entry["node"]].node.settings["title"], facts, zone=person.zone)
            for journey in self.journeys
            for entry in journey.entries
            if entry["what"] == "moved" and nodes[entry["node"]].node.kind == "create_task"
        ]

    def contact(self) -> Mapping[str, Any]:
        """The person's record as the flow left it."""
        found: Mapping[str, Any] = self.life.person.facts["contact"]
        return found

    def told(self) -> str:
        """What happened, for a test that fails."""
        lines = [f"{self.name} got {[(mail.template, _said(mail.at)) for mail in self.mails]}"]
        for journey in self.journeys:
            lines.append(f"{journey.standing.state} at {journey.standing.node}")
            lines += [f"  {entry}" for entry in journey.entries]
        return "\n".join(lines)


@dataclass
class Story:
    """A flow, a clock and people. `flow` is the name of a ready flow, or the text of one."""

    flow: str
    starts: str = "2026-03-02 09:00"
    colleagues_answer: bool = True
    people: dict[int, Someone] = field(default_factory=dict)
    plan: Plan = field(init=False)
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.plan = plan_of(self.flow) if "\n" in self.flow else ready_plan(self.flow)
        self.now = datetime.fromisoformat(self.starts).replace(tzinfo=UTC)

    def given(
        self, name: str, *, lives_in: str = "UTC", id_: int | None = None, **contact: Any
    ) -> Someone:
        """Somebody with consent and an address; `contact` are fields, lists such as `orders` too.

        Whom the flow takes as its audience enters now, whom it takes on a date then.
        """
        number = id_ or self._somebody_not_held_out()
        lists = {
            kind: list(contact.pop(kind, ()))
            for kind in ("orders", "events", "deals", "tickets", "messages")
        }
        known = {"id": number, "first_name": name, "email": f"{name.lower()}@example.com"}
        known |= {"language": "en", "lifecycle_stage": "lead", "time_zone": lives_in}
        known |= {"birthday_calendar": "gregorian", "open_tickets": 0} | contact
        facts: dict[str, Any] = {"contact": known, "account": None, **lists}
        person = Person(number, facts, lives_in)
        replies = replies_of(acknowledged=self.colleagues_answer)
        around = Surroundings(postman=self._write, replies=replies)
        life = Life(self.plan, person, around)
        someone = self.people[number] = Someone(self, name, life)
        doors = Doors(
            self.plan.flow.trigger,
            self.now,
            self.now + HORIZON,
            default_zone=around.default_zone,
            days_off=around.days_off,
        )
        for at, arrival in doors.of(person):
            life.agenda.note_arrival(at, arrival)
        self.settle()
        return someone

    def after(self, **span: float) -> None:
        """The clock goes on, as in `after(days=3)`; people move as their time comes."""
        self._go_to(self.now + timedelta(**span))

    def on(self, moment: str) -> None:
        """The clock goes on to this instant, in UTC."""
        self._go_to(datetime.fromisoformat(moment).replace(tzinfo=UTC))

    def _go_to(self, moment: datetime) -> None:
        assert moment >= self.now, "a story does not go back"
        self.now = moment
        self.settle()

    def settle(self) -> None:
        """Everything that is due by now has happened."""
        for someone in self.people.values():
            someone.life.live(self.now + timedelta(microseconds=1))

    def _somebody_not_held_out(self) -> int:
        number = max(self.people, default=0) + 1
        while is_held_out(self.plan.flow.name, number, self.plan.flow.holdout_percent):
            number += 1
        return number

    def _write(self, letter: Letter) -> Receipt:
        """Render the letter as in life; a letter that cannot be written fails the test."""
        someone = self.people[letter.person.id]
        contact = someone.contact()
        written = letters().render(
            letter.template,
            {**letter.person.facts, "sender": SENDER},
            language=contact["language"],
            zone=letter.person.zone,
            links=LINKS,
        )
        someone.mails.append(Mail(letter.template, local(letter.at, letter.person.zone), written))
        sent = {"state": "sent", "template": letter.template, "handed_over_at": letter.at}
        letter.person.facts["messages"].append(sent | {"purpose": self.plan.flow.purpose.value})
        return DELIVERED


def _said(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"
