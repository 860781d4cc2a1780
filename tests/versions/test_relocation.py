"""Where one run stands after a move, and what it was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.flows.migration import EXIT, LEAVE, RESTART, STAY, Answer, Deed, Pair, propose
from engine.machines.journey import Standing
from engine.machines.relocation import (
    TO_ANOTHER_VERSION,
    Pinned,
    Relocated,
    Relocation,
    Situation,
    Stays,
    Way,
    relocate,
)
from engine.steps.working import DEFAULT_CALENDAR
from engine.working_time import WorkingCalendar
from tests.versions.editions import HEAD, NEW, OLD, edition, plan_of

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = MONDAY + timedelta(days=1)
SETTLING = Standing("settle", due_at=MONDAY + timedelta(days=3))
LOOKING = Standing(
    "look",
    memo={"deadline": (MONDAY + timedelta(days=5)).isoformat()},
    due_at=MONDAY + timedelta(days=5),
    listens=("Visited",),
)


def way(
    new: str = NEW, answers: Mapping[str, Answer] | None = None, old: str = OLD, head: str = HEAD
) -> Way:
    both = Pair(edition(old), edition(new, head=head))
    chosen = {one.node: one.answer for one in propose(both)} | dict(answers or {})
    return Way(both, plan_of(both.new), chosen, 1, 2)


def moved(
    standing: Standing,
    chosen: Way | None = None,
    facts: Mapping[str, Any] | None = None,
    **more: Any,
) -> Relocation:
    return relocate(
        chosen or way(),
        Situation(standing, MONDAY, **more),
        dict(facts or {"contact": {}}),
        subject_id=7,
        now=NOW,
        zone="UTC",
    )


def relocated(standing: Standing, chosen: Way | None = None, **more: Any) -> Relocated:
    found = moved(standing, chosen, **more)
    assert isinstance(found, Relocated)
    return found


def test_a_wait_of_an_unchanged_node_keeps_its_time() -> None:
    found = relocated(SETTLING, way(OLD.replace("template: offer", "template: second_offer")))
    assert found.standing == SETTLING
    assert found.left == (("settle", TO_ANOTHER_VERSION),)
    assert found.entered == (("settle", ""),)


def test_a_changed_wait_is_counted_from_when_it_began() -> None:
    assert relocated(SETTLING).standing.due_at == MONDAY + timedelta(days=5)


def test_a_shortened_wait_may_be_over_already() -> None:
    found = relocated(SETTLING, way(NEW.replace("for: 5d", "for: 1h")))
    assert found.standing.due_at == MONDAY + timedelta(hours=1)


def test_a_wait_for_an_event_goes_on_under_another_name() -> None:
    found = relocated(LOOKING)
    assert found.standing == LOOKING._replace(node="watch")
    assert found.entry["was"] == "look"
    assert found.entry["began"] == MONDAY.isoformat()


def test_a_changed_event_is_listened_for_from_now_on() -> None:
    new = OLD.replace("event: Visited, timeout: 5d", "event: Called, timeout: 7d")
    found = relocated(LOOKING, way(new))
    assert found.standing.listens == ("Called",)
    assert found.standing.due_at == MONDAY + timedelta(days=7)
    assert found.standing.memo == {"deadline": (MONDAY + timedelta(days=7)).isoformat()}


def test_an_open_ask_is_answered_first() -> None:
    assert moved(Standing("hello"), has_open_ask=True, asked={"hello": 1}) == Pinned("asks")
    ending = way(answers={"hello": EXIT})
    assert moved(Standing("hello"), ending, has_open_ask=True, asked={"hello": 1}) == Pinned("asks")


def test_what_was_set_aside_is_told_where_it_fits() -> None:
    same = way(OLD.replace("template: offer", "template: second_offer"))
    assert relocated(LOOKING, same, has_untold=True).keeps_happening
    away = way(answers={"look": Answer(Deed.TO, "call")})
    assert moved(LOOKING, away, has_untold=True) == Pinned("untold")


def test_who_waits_before_a_node_of_another_kind_enters_it_anew() -> None:
    new = NEW.replace("settle: {do: wait, for: 5d,", "settle: {do: create_task, title: Call,")
    found = relocated(SETTLING, way(new, {"settle": STAY}))
    assert (found.standing.node, found.standing.arriving) == ("settle", True)
    assert found.standing.due_at == NOW
    assert found.entered == ()


def test_to_another_node_begins_there() -> None:
    found = relocated(SETTLING, way(answers={"settle": Answer(Deed.TO, "call")}))
    assert found.standing == Standing("call", arriving=True, due_at=NOW)


def test_going_back_to_a_message_is_another_visit() -> None:
    back = way(answers={"settle": Answer(Deed.TO, "hello")})
    found = relocated(SETTLING, back, asked={"hello": 1})
    assert (found.standing.node, found.standing.visit) == ("hello", 2)
    assert found.standing.visits == {"hello": 2}


def test_restarting_begins_with_the_first_node_and_counts_rounds_anew() -> None:
    again = way(answers={"settle": RESTART})
    found = relocated(SETTLING._replace(visits={"settle": 3}), again, asked={"hello": 1})
    assert (found.standing.node, found.standing.visit) == ("hello", 2)
    assert found.standing.visits == {"hello": 2}


def test_leaving_and_no_answer_change_nothing() -> None:
    assert moved(SETTLING, way(answers={"settle": LEAVE})) == Stays()
    assert moved(Standing("unheard_of")) == Stays()


def test_an_exit_ends_the_run_in_the_old_version() -> None:
    found = relocated(SETTLING, way(answers={"settle": EXIT}))
    assert (found.standing.state, found.standing.outcome) == ("ended", "ended_by_move")
    assert found.left == (("settle", "(ended_by_move)"),)
    assert found.entered == ()
    arriving = Standing("settle", arriving=True, due_at=NOW)
    assert relocated(arriving, way(answers={"settle": EXIT})).left == (
        ("settle", ""),
        ("settle", "(ended_by_move)"),
    )


def test_who_stands_at_the_door_begins_the_new_version() -> None:
    new = "first: {do: wait, for: 1d, next: hello}\n" + NEW.strip()
    found = relocated(Standing("hello", arriving=True, due_at=MONDAY), way(new), at_door=True)
    assert (found.standing.node, found.standing.arriving) == ("first", True)
    assert found.keeps_happening
    assert (found.left, found.entered) == ((), ())


def test_an_exit_rule_of_the_new_version_holds_at_once() -> None:
    head = HEAD.replace("steps:", 'exit_when: {"==": [{var: contact.country}, SG]}\nsteps:')
    found = relocated(SETTLING, way(head=head), facts={"contact": {"country": "SG"}})
    assert (found.standing.state, found.standing.outcome) == ("ended", "exit_rule")
    stays = relocated(SETTLING, way(head=head), facts={"contact": {"country": "MY"}})
    assert stays.standing.state == "active"


def test_a_held_run_stays_held_on_its_node_and_is_freed_elsewhere() -> None:
    held = Standing("settle", state="held", outcome="plan_broken")
    assert relocated(held).standing.state == "held"
    assert relocated(held).standing.outcome == "plan_broken"
    freed = relocated(held, way(answers={"settle": Answer(Deed.TO, "call")}))
    assert (freed.standing.state, freed.standing.outcome) == ("active", None)


def test_a_held_message_is_never_asked_again_under_another_name() -> None:
    new = NEW.replace("hello", "greet")
    held = Standing("hello", state="held", outcome="exit_leads_nowhere")
    assert moved(held, way(new), asked={"hello": 1}) == Pinned("asked_here")
    assert relocated(held, way(new)).standing.node == "greet"


LOOP = """
hello:  {do: send_message, template: welcome, next: settle}
settle: {do: wait, for: 3d, next: again}
again:  {do: jump, at_most: 3, exits: {again: hello, enough: done}}
done:   {do: exit}
"""


def test_rounds_are_counted_on_under_another_name() -> None:
    new = LOOP.replace("again:  {", "round:  {").replace("next: again", "next: round")
    standing = SETTLING._replace(visit=2, visits={"hello": 2, "settle": 2, "again": 1})
    found = relocated(standing, way(new, old=LOOP), asked={"hello": 2})
    assert found.standing.visits == {"hello": 2, "settle": 2, "round": 1}


def test_a_node_that_comes_to_lie_on_a_loop_is_counted_from_where_the_run_is() -> None:
    found = relocated(SETTLING, way(LOOP, {"settle": STAY}), asked={"hello": 1})
    assert found.standing.visits == {"hello": 1, "settle": 1}


WORKING = """
rest: {do: wait, for: 3d, in: working_time, next: done}
done: {do: exit}
"""


def resting(**calendars: WorkingCalendar) -> Way:
    longer = way(WORKING.replace("3d", "4d"), old=WORKING)
    return replace(longer, plan=replace(longer.plan, calendars=calendars))


def test_a_changed_working_wait_is_counted_from_when_it_began() -> None:
    week = WorkingCalendar((*(((540, 1020),),) * 5, (), ()))
    standing = Standing("rest", due_at=MONDAY + timedelta(days=3))
    found = relocated(standing, resting(**{DEFAULT_CALENDAR: week}))
    assert (found.standing.due_at, found.standing.arriving) == (MONDAY + timedelta(days=4), False)


def test_a_working_wait_without_its_calendar_is_held() -> None:
    found = relocated(Standing("rest", due_at=MONDAY + timedelta(days=3)), resting())
    assert found.standing == Standing("rest", state="held", outcome="no_calendar")
    assert found.entry["why"]["code"] == "no_calendar"


SWAPPED = """
a: {do: send_message, template: hello, next: w}
w: {do: wait, for: 3d, next: b}
b: {do: send_message, template: offer, next: done}
done: {do: exit}
"""


def test_contents_that_changed_places_are_not_sent_twice() -> None:
    swapped = SWAPPED.replace("hello", "Z").replace("offer", "hello").replace("Z", "offer")
    both = Pair(edition(SWAPPED), edition(swapped))
    proposed = {one.node: one for one in propose(both)}
    assert (proposed["w"].answer, proposed["w"].again) == (LEAVE, ("b",))


def test_the_same_message_at_two_places_is_no_news() -> None:
    twice = SWAPPED.replace("offer", "hello")
    both = Pair(edition(twice), edition(twice.replace("3d", "4d")))
    assert {one.node: one.again for one in propose(both)}["w"] == ()
