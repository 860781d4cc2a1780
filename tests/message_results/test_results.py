"""Figures equal what a plain count over the same history gives."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.local_time import is_zone, local
from engine.services.actor import SYSTEM, Actor
from engine.services.message_results import (
    BY,
    Figures,
    Question,
    Result,
    Revenue,
    csv_of,
    link_results,
    message_results,
    response,
)
from engine.services.spreadsheet_text import harmless
from tests.message_results.histories import History, Sent, random_history
from tests.messages.people import NOW

LATER = NOW + timedelta(days=20)
Key = tuple[str | None, ...]
USUAL = timedelta(days=30)
COLUMNS: dict[str, Callable[[Sent], str]] = {
    "template": lambda one: one.template,
    "version": lambda one: one.version,
    "flow": lambda one: one.flow,
    "node": lambda one: one.node,
    "language": lambda one: one.language,
    "channel": lambda one: "smtp",
    "domain": lambda one: one.domain,
    "day": lambda one: f"{one.at:%Y-%m-%d}",
}


def meant(history: History, question: Question) -> Iterator[Sent]:
    for one in history.messages:
        if one.state in ("sent", "maybe_sent") and _fits(one, question):
            yield one


def _fits(one: Sent, question: Question) -> bool:
    return (
        question.flow in (None, one.flow)
        and question.template in (None, one.template)
        and question.node in (None, one.node)
        and (question.since is None or one.at >= question.since)
        and (question.until is None or one.at < question.until)
    )


def key_of(history: History, one: Sent, columns: tuple[str, ...]) -> Key | None:
    arm = history.arms.get((one.flow, one.contact))
    if "arm" in columns and (arm is None or arm[2] > one.at):
        return None
    values = {"split": arm[0] if arm else None, "arm": arm[1] if arm else None, "topic": None}
    return tuple(values[c] if c in values else COLUMNS[c](one) for c in columns)


def counted(history: History, question: Question) -> dict[Key, Figures]:
    groups: dict[Key, list[Sent]] = defaultdict(list)
    for one in meant(history, question):
        key = key_of(history, one, question.columns)
        if key is not None:
            groups[key].append(one)
    return {key: figures(group) for key, group in groups.items()}


def figures(group: list[Sent]) -> Figures:
    def times(name: str) -> int:
        return sum(name in one.first for one in group)

    back = {"bounced", "soft_bounced", "blocked"}
    arrived = {"delivered", "opened", "clicked", "complained", "unsubscribed"}

    def came_through(one: Sent) -> bool:
        return one.state == "sent" and not back & one.first.keys()

    silent = sum(not ({"delivered"} | back) & one.first.keys() for one in group)
    delivered = times("delivered")
    return Figures(
        sent=sum(one.state == "sent" for one in group),
        maybe_sent=sum(one.state == "maybe_sent" for one in group),
        delivered=None if delivered == 0 and silent else delivered,
        opened=times("opened"),
        machine_opened=sum("machine_opened" in m.first and "opened" not in m.first for m in group),
        clicked=times("clicked"),
        **{name: times(name) for name in ("bounced", "soft_bounced", "blocked")},
        complained=times("complained"),
        unsubscribed=times("unsubscribed"),
        reached=sum(bool(arrived & one.first.keys()) or came_through(one) for one in group),
    )


def converted(history: History, question: Question) -> Counter[tuple[Key, str | None, int]]:
    found: Counter[tuple[Key, str | None, int]] = Counter()
    for goal in history.goals:
        window = history.flows[goal.flow] or USUAL
        before = [
            one
            for one in history.messages
            if (one.contact, one.flow) == (goal.contact, goal.flow)
            and one.state in ("sent", "maybe_sent")
            and goal.at - window < one.at <= goal.at
        ]
        if before:
            last = max(before, key=lambda one: (one.at, one.id))
            key = key_of(history, last, question.columns)
            if key is not None and _fits(last, question):
                found[key, goal.currency, goal.amount or 0] += 1
    return found


def check(history: History, question: Question, results: list[Result]) -> None:
    keys = [tuple(one.key[column] for column in question.columns) for one in results]
    assert len(set(keys)) == len(keys)
    by_key = dict(zip(keys, results, strict=True))
    wanted = counted(history, question)
    if question.columns or wanted:
        assert {key: one.figures for key, one in by_key.items()} == wanted
    goals = converted(history, question)
    for key, one in by_key.items():
        rates = one.figures
        for rate in (rates.open_rate, rates.click_rate, rates.unsubscribe_rate):
            assert rate is None or rate <= 1
        mine = {k: times for k, times in goals.items() if k[0] == key}
        assert one.conversions == sum(mine.values())
        money = {
            currency: sum(k[2] * times for k, times in mine.items() if k[1] == currency)
            for currency in {k[1] for k in mine if k[1] is not None}
        }
        assert {found.currency: found.amount_minor for found in one.revenue} == money


QUESTIONS = [
    *(Question(by=by) for by in BY),
    *(Question(by=by, since=NOW + timedelta(days=1), until=NOW + timedelta(days=3)) for by in BY),
    Question(by="message", template="offer"),
    Question(by="version", node="hello", until=NOW + timedelta(days=2)),
]


async def test_figures_equal_a_plain_count_over_random_histories(store: Store) -> None:
    for seed in range(2):
        async with store.transaction() as session:
            history = await random_history(session, seed)
            own = [Question(by="variant", flow=flow) for flow in history.flows]
            for question in (*QUESTIONS, *own):
                check(history, question, await message_results(session, SYSTEM, question))
            await check_links_and_response(session, history)
            await session.rollback()


async def check_links_and_response(session: AsyncSession, history: History) -> None:
    for question in (Question(), Question(template="offer", since=NOW + timedelta(days=1))):
        mine = list(meant(history, question))
        links = {
            one.link: (one.clicked, one.machines)
            for one in await link_results(session, SYSTEM, question)
        }
        people = Counter(link for one in mine for link, machine in one.clicks if not machine)
        either = Counter(link for one in mine for link in {link for link, _ in one.clicks})
        assert links == {link: (people[link], either[link] - people[link]) for link in either}
        found = await response(session, SYSTEM, question, LATER, "Europe/Berlin")
        hours: Counter[int] = Counter()
        for one in mine:
            if (at := one.first.get("opened")) is not None:
                zone = history.zones[one.contact]
                where = zone if zone and is_zone(zone) else "Europe/Berlin"
                hours[local(at, where).hour] += 1
        assert {one.hour: one.opened for one in found.hours} == {h: hours[h] for h in range(24)}
        for what in ("opened", "clicked"):
            waits = [(m.first[what] - m.at) / timedelta(hours=1) for m in mine if what in m.first]
            for delay in found.delays:
                end = delay.until_hours if delay.until_hours is not None else float("inf")
                assert getattr(delay, what) == sum(delay.from_hours <= w < end for w in waits)


async def test_what_cannot_be_asked_is_refused(store: Store) -> None:
    async with store.transaction() as session:
        with pytest.raises(Refused):
            await message_results(session, SYSTEM, Question(by="weather"))
        with pytest.raises(Refused):
            await message_results(session, SYSTEM, Question(since=LATER, until=NOW))
        with pytest.raises(NotFound):
            await message_results(session, SYSTEM, Question(flow="nowhere"))
        with pytest.raises(NotAllowed):
            await message_results(session, Actor("key", 1, "A key"), Question())
        (nothing,) = await message_results(session, SYSTEM, Question(by="all"))
        assert nothing.figures == Figures()
        assert nothing.figures.open_rate is None
        assert await message_results(session, SYSTEM, Question()) == []


def test_rates_of_people_are_of_what_arrived() -> None:
    known = Figures(sent=100, delivered=80, opened=40, clicked=10, bounced=5, blocked=5, reached=80)
    assert (known.open_rate, known.click_rate, known.click_to_open) == (0.5, 0.125, 0.25)
    assert known.bounce_rate == 0.1
    unknown = Figures(sent=100, delivered=None, opened=40, reached=100)
    assert unknown.open_rate == 0.4


async def test_one_report_of_a_delivery_is_not_all_that_arrived(store: Store) -> None:
    async with store.transaction() as session:
        history = await random_history(session, 7)
        await session.execute(text("UPDATE message SET delivered_at = NULL, state = 'sent'"))
        await session.execute(
            text(
                "UPDATE message SET delivered_at = handed_over_at"
                " WHERE id = (SELECT min(id) FROM message)"
            )
        )
        (found,) = await message_results(session, SYSTEM, Question(by="all"))
        await session.rollback()
    assert found.figures.delivered == 1
    assert found.figures.reached > 0.5 * len(history.messages)
    assert 0 < (found.figures.open_rate or 0) <= 1


def test_a_spreadsheet_finds_no_formula_and_numbers_stay() -> None:
    assert (harmless("+1"), harmless("-1 200.50"), harmless("+65 6123-4567")) == (
        "+1",
        "-1 200.50",
        "+65 6123-4567",
    )
    nasty = ["=1+1", "+1+1", "-A1", "@x", "\t=1", "\r=1", " =1", "fine", 'a"b,c', "\n=1", None]
    results = [
        Result(
            {"template": name}, Figures(sent=n, delivered=None), 1, (Revenue("EUR", 5, None, 1),)
        )
        for n, name in enumerate(nasty)
    ]
    head, *lines = csv.reader(io.StringIO(csv_of(results, ("template",)), newline=""))
    assert head[:4] == ["template", "sent", "maybe_sent", "delivered"]
    assert head[-1] == "revenue_minor_EUR"
    assert [line[0][:1] for line in lines] == ["'"] * 7 + ["f", "a", "'", ""]
    assert [line[1] for line in lines] == [str(n) for n in range(len(nasty))]
    assert {(line[3], line[-1]) for line in lines} == {("", "5")}
