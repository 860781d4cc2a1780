"""Who would have entered, asked of a past that is known to the minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm_store.past import only_read
from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.services.actor import Actor
from engine.services.backtesting import Answer, Question, backtest, doors
from tests.backtesting.history import History, flow

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
SIGNED_UP = "{on: event, event: Signed Up}"
FROM_SG = '{on: event, event: Signed Up, when: {"==": [{var: contact.country}, SG]}}'


@pytest.fixture
def history(store: Store) -> History:
    return History(store)


def entered(answer: Answer) -> list[tuple[int, datetime]]:
    """With nothing to compare with, everybody is added."""
    return [(one.contact_id, one.at) for one in answer.added]


def codes(answer: Answer) -> set[str]:
    return {limit.code for limit in answer.limits}


async def test_a_rule_reads_what_was_so_then(history: History) -> None:
    ada = await history.contact("Ada", LONG_AGO, country="SG")
    ben = await history.contact("Ben", LONG_AGO, country="DE")
    await history.event(ada, "Signed Up", MARCH + timedelta(days=1))
    await history.event(ben, "Signed Up", MARCH + timedelta(days=1))
    # both moved afterwards, each to where the other was
    await history.change(ada, MARCH + timedelta(days=2), country="DE")
    await history.change(ben, MARCH + timedelta(days=2), country="SG")
    answer = await history.ask(flow(FROM_SG), MARCH, APRIL, against="life")
    assert entered(answer) == [(ada, MARCH + timedelta(days=1))]
    assert answer.added[0].name == "Ada"
    assert "SG" in answer.added[0].enters["en"]


async def test_a_field_changed_between_two_events(history: History) -> None:
    ada = await history.contact("Ada", LONG_AGO, country="DE")
    await history.event(ada, "Signed Up", MARCH + timedelta(days=1))
    await history.event(ada, "Signed Up", MARCH + timedelta(days=9))
    await history.change(ada, MARCH + timedelta(days=5), country="SG")
    await history.change(ada, MARCH + timedelta(days=20), country="FR")
    answer = await history.ask(flow(FROM_SG), MARCH, APRIL, against="life")
    assert entered(answer) == [(ada, MARCH + timedelta(days=9))]


async def test_an_event_that_arrives_late_counts_from_then(history: History) -> None:
    """It happened while Ada lived in Singapore, and was heard of when she no longer did."""
    ada = await history.contact("Ada", LONG_AGO, country="SG")
    day = MARCH + timedelta(days=1)
    await history.event(ada, "Signed Up", day, received=day + timedelta(days=10))
    await history.change(ada, day + timedelta(days=5), country="DE")
    received = await history.ask(flow(FROM_SG), MARCH, APRIL, against="life")
    assert entered(received) == []
    assert "late_events" in codes(received)
    occurred = await history.ask(flow(FROM_SG), MARCH, APRIL, against="life", clock="occurred")
    assert entered(occurred) == [(ada, day)]


async def test_rules_that_count_events_know_only_what_was_heard_by_then(history: History) -> None:
    ada = await history.contact("Ada", LONG_AGO)
    first, second = MARCH + timedelta(days=1), MARCH + timedelta(days=3)
    counting = (
        '{on: event, event: Signed Up, when: {"done": ["Order Completed", ">=", 1,'
        ' ["in_last", 30, "days"]]}}'
    )
    await history.event(ada, "Order Completed", MARCH, received=first + timedelta(hours=1))
    await history.event(ada, "Signed Up", first)
    await history.event(ada, "Signed Up", second)
    answer = await history.ask(flow(counting), MARCH, APRIL, against="life")
    assert entered(answer) == [(ada, second)]


async def test_against_the_published_version_it_says_who_is_added_and_who_removed(
    history: History,
) -> None:
    await history.publish(flow(FROM_SG))
    ada = await history.contact("Ada", LONG_AGO, country="SG")
    ben = await history.contact("Ben", LONG_AGO, country="DE")
    cleo = await history.contact("Cleo", LONG_AGO, country="MY")
    for who in (ada, ben, cleo):
        await history.event(who, "Signed Up", MARCH + timedelta(hours=who))
    tried = flow(FROM_SG.replace("SG}", "DE}").replace("SG]", "DE]"))
    answer = await history.ask(tried, MARCH, APRIL)
    assert [(one.contact_id, one.reason) for one in answer.added] == [(ben, "rule_does_not_hold")]
    assert [(one.contact_id, one.reason) for one in answer.removed] == [(ada, "rule_does_not_hold")]
    assert "DE" in answer.added[0].stays_out["en"]
    assert (answer.tried.people, answer.other.people, answer.both) == (1, 1, 0)
    same = await history.ask(flow(FROM_SG), MARCH, APRIL)
    assert (same.added_count, same.removed_count, same.both, same.moved) == (0, 0, 1, 0)


async def test_another_trigger_and_the_entry_policy_are_named_as_reasons(history: History) -> None:
    flow_id = await history.publish(flow(SIGNED_UP))
    ada = await history.contact("Ada", LONG_AGO)
    ben = await history.contact("Ben", LONG_AGO)
    await history.event(ada, "Visited Pricing", MARCH + timedelta(days=1))
    elsewhere = await history.ask(flow("{on: event, event: Visited Pricing}"), MARCH, APRIL)
    assert [(one.contact_id, one.reason) for one in elsewhere.added] == [(ada, "other_trigger")]
    # Ben went through it in February; "once" lets him in no more, "always" does
    await history.run(flow_id, ben, MARCH - timedelta(days=20))
    await history.event(ben, "Signed Up", MARCH + timedelta(days=2))
    again = await history.ask(flow(SIGNED_UP, entry="always"), MARCH, APRIL)
    assert [(one.contact_id, one.reason) for one in again.added] == [(ben, "entry_policy")]


async def test_against_life_it_names_runs_that_would_not_be(history: History) -> None:
    flow_id = await history.publish(flow(SIGNED_UP))
    ada = await history.contact("Ada", LONG_AGO, country="DE")
    await history.event(ada, "Signed Up", MARCH + timedelta(days=1))
    await history.run(flow_id, ada, MARCH + timedelta(days=1, seconds=2))
    answer = await history.ask(flow(FROM_SG), MARCH, APRIL, against="life")
    assert (answer.added_count, answer.removed_count) == (0, 1)
    assert answer.removed[0].contact_id == ada
    same = await history.ask(flow(SIGNED_UP), MARCH, APRIL, against="life")
    assert (same.added_count, same.removed_count, same.both) == (0, 0, 1)


async def test_a_birthday_is_kept_on_the_local_morning_of_a_clock_change(history: History) -> None:
    """Clocks in Berlin went forward on 29 March 2026 at two in the morning."""
    birthday = "{on: date, field: birthday, yearly: true, at: '09:00'}"
    ada = await history.contact(
        "Ada", LONG_AGO, birthday=datetime(1990, 3, 29).date(), time_zone="Europe/Berlin"
    )
    ben = await history.contact(
        "Ben", LONG_AGO, birthday=datetime(1990, 3, 28).date(), time_zone="Europe/Berlin"
    )
    answer = await history.ask(flow(birthday, entry="always"), MARCH, APRIL, against="life")
    assert entered(answer) == [
        (ben, datetime(2026, 3, 28, 8, 0, tzinfo=UTC)),
        (ada, datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),
    ]


async def test_a_birthday_that_was_corrected_counts_as_it_was_on_the_day(history: History) -> None:
    birthday = "{on: date, field: birthday, yearly: true, at: '09:00'}"
    ada = await history.contact("Ada", LONG_AGO, birthday=datetime(1990, 3, 10).date())
    await history.change(ada, MARCH + timedelta(days=14), birthday=datetime(1990, 3, 5).date())
    answer = await history.ask(flow(birthday, entry="always"), MARCH, APRIL, against="life")
    assert entered(answer) == [(ada, datetime(2026, 3, 10, 9, 0, tzinfo=UTC))]


async def test_a_change_of_a_record_lets_in_as_its_event_would(history: History) -> None:
    ada = await history.contact("Ada", LONG_AGO, country="DE", city="Bonn")
    await history.change(ada, MARCH + timedelta(days=3), city="Berlin")
    await history.change(ada, MARCH + timedelta(days=5), country="SG")
    moved = flow("{on: record, record: contact, updated: true, fields: [country]}")
    answer = await history.ask(moved, MARCH, APRIL, against="life")
    assert entered(answer) == [(ada, MARCH + timedelta(days=5))]


async def test_a_new_contact_lets_in_by_being_made(history: History) -> None:
    await history.contact("Ada", LONG_AGO)
    ben = await history.contact("Ben", MARCH + timedelta(days=4))
    made = flow("{on: record, record: contact, created: true}")
    answer = await history.ask(made, MARCH, APRIL, against="life")
    assert entered(answer) == [(ben, MARCH + timedelta(days=4))]


SINGAPORE = flow('{on: segment, when: {"==": [{var: contact.country}, SG]}}')


async def test_a_rule_over_contacts_is_asked_when_the_flow_is_published(history: History) -> None:
    """Ada came to match it before, Ben afterwards: nobody looks at him."""
    ada = await history.contact("Ada", LONG_AGO, country="DE")
    ben = await history.contact("Ben", LONG_AGO, country="DE")
    await history.change(ada, MARCH + timedelta(days=3), country="SG")
    await history.change(ben, MARCH + timedelta(days=9), country="SG")
    published = MARCH + timedelta(days=7)
    await history.publish(SINGAPORE, at=published)
    answer = await history.ask(SINGAPORE, MARCH, APRIL, against="life")
    assert entered(answer) == [(ada, published)]
    assert "asked_when_published" in codes(answer)
    later = await history.ask(SINGAPORE, published + timedelta(days=1), APRIL, against="life")
    assert entered(later) == []


async def test_a_rule_over_contacts_is_asked_when_an_audience_is_let_in(history: History) -> None:
    ada = await history.contact("Ada", LONG_AGO, country="SG")
    flow_id = await history.publish(SINGAPORE, at=LONG_AGO)
    by_hand = MARCH + timedelta(days=5)
    await history.audience(flow_id, by_hand)
    answer = await history.ask(SINGAPORE, MARCH, APRIL, against="life")
    assert entered(answer) == [(ada, by_hand)]


async def test_a_rule_of_a_flow_that_never_was_is_asked_at_the_start(history: History) -> None:
    ada = await history.contact("Ada", LONG_AGO, country="SG")
    ben = await history.contact("Ben", LONG_AGO, country="DE")
    await history.change(ben, MARCH + timedelta(days=9), country="SG")
    answer = await history.ask(SINGAPORE, MARCH, APRIL, against="life")
    assert entered(answer) == [(ada, MARCH)]


async def test_one_change_of_many_fields_lets_in_once_wherever_a_page_ends(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "PAGE", 2)
    ada = await history.contact("Ada", LONG_AGO, country="DE", city="Bonn", job_title="Cook")
    ben = await history.contact("Ben", LONG_AGO, country="DE", city="Bonn", job_title="Cook")
    for days, who in enumerate((ada, ben, ada), start=3):
        moved = {"country": f"S{days}", "city": f"Town {days}", "job_title": f"Baker {days}"}
        await history.change(who, MARCH + timedelta(days=days), **moved)
    changed = flow("{on: record, record: contact, updated: true}", entry="always")
    answer = await history.ask(changed, MARCH, APRIL, against="life")
    assert answer.tried.entries == answer.knocks == 3


async def test_a_schedule_lets_its_audience_in_at_its_times(history: History) -> None:
    ada = await history.contact("Ada", MARCH + timedelta(days=10), country="SG")
    weekly = flow(
        "{on: schedule, cron: '0 9 * * mon', zone: Asia/Singapore,"
        ' when: {"==": [{var: contact.country}, SG]}}',
        entry="always",
    )
    answer = await history.ask(weekly, MARCH, APRIL, against="life")
    assert answer.tried.entries == 3
    assert entered(answer) == [(ada, datetime(2026, 3, 16, 1, 0, tzinfo=UTC))]


async def test_what_cannot_be_known_is_said(history: History) -> None:
    ada = await history.contact("Ada", LONG_AGO)
    await history.change(ada, MARCH + timedelta(days=3), country="SG")
    reading = flow('{on: event, event: Signed Up, when: {">": [{var: contact.order_count}, 1]}}')
    answer = await history.ask(reading, MARCH, APRIL, against="life")
    assert codes(answer) == {"history_is_younger", "values_of_now"}
    assert "manual" not in codes(answer)
    by_hand = await history.ask(flow("{on: manual}"), MARCH, APRIL, against="life")
    assert "by_hand" in codes(by_hand)


async def test_a_share_of_the_contacts_is_the_same_for_the_same_seed(history: History) -> None:
    for number in range(60):
        one = await history.contact(f"Person {number}", LONG_AGO)
        await history.event(one, "Signed Up", MARCH + timedelta(minutes=number))
    half, again, other = [
        {
            id_
            for id_, _ in entered(
                await history.ask(
                    flow(SIGNED_UP), MARCH, APRIL, against="life", share=50, seed=seed
                )
            )
        }
        for seed in ("1", "1", "2")
    ]
    assert half == again != other
    assert 10 < len(half) < 50


async def test_it_writes_nothing_and_could_not(history: History, store: Store) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        async with store.transaction() as session:
            await only_read(session)
            await session.execute(text("INSERT INTO tag (name) VALUES ('x')"))


async def test_what_makes_no_sense_is_refused(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="empty"):
        await history.ask(flow(SIGNED_UP), APRIL, MARCH)
    with pytest.raises(Refused, match="longer than"):
        await history.ask(flow(SIGNED_UP), MARCH, MARCH + timedelta(days=2_000))
    with pytest.raises(NotFound, match="no published version"):
        await history.ask(flow(SIGNED_UP), MARCH, APRIL)
    for name in ("Ada", "Ben"):
        await history.contact(name, LONG_AGO)
    hourly = flow(
        "{on: schedule, cron: '0 * * * *', zone: UTC, when: {is_set: [{var: contact.city}]}}"
    )
    monkeypatch.setattr(doors, "MOST_LOOKS", 1_000)
    with pytest.raises(Refused, match="looks"):
        await history.ask(hourly, MARCH, APRIL, against="life")


async def test_a_key_that_may_not_read_orders_learns_nothing_of_them(
    history: History, store: Store
) -> None:
    reading = flow('{on: event, event: Signed Up, when: {">": [{var: contact.order_count}, 1]}}')
    narrow = frozenset({("read", "flow"), ("read", "run"), ("read", "contact")})
    actor = Actor("user", 1, "Cleo", "marketer", scopes=narrow)  # type: ignore[arg-type]
    question = Question(MARCH, APRIL, against="life")
    with pytest.raises(NotAllowed):
        async with store.transaction() as session:
            await backtest(session, actor, reading, question, file="test.yaml")
