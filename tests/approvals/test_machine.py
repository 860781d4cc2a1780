"""What a request does when people decide, are away, or say nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.machines import approval
from engine.people import Absence
from tests.approvals.office import (
    BEN,
    DORA,
    EVE,
    FINN,
    GUS,
    HOPE,
    MONDAY,
    WEEK,
    Office,
    chain,
    directory,
    user,
)

YEAR = timedelta(days=365)


def away(user_id: int, deputy: int | None = None, days: int = 365) -> Absence:
    return Absence(user_id, MONDAY - timedelta(days=1), MONDAY + timedelta(days=days), deputy)


def test_levels_are_passed_in_turn() -> None:
    office = Office(chain({"approvers": [user("eve")]}, {"approvers": [user("finn")]})).open()
    assert office.asked() == [EVE]
    assert office.votes(FINN) == "not_asked"
    assert office.votes(EVE) is None
    assert (office.status, office.asked()) == ("open", [EVE, FINN])
    assert office.votes(FINN) is None
    assert (office.status, office.state.by) == ("approved", (FINN,))
    assert office.votes(FINN) == "closed"


@pytest.mark.parametrize(
    ("quorum", "votes", "status"),
    [
        ("any", [(EVE, "approved")], "approved"),
        ("any", [(EVE, "rejected")], "rejected"),
        ("all", [(EVE, "approved"), (GUS, "approved")], "open"),
        ("all", [(EVE, "approved"), (GUS, "approved"), (HOPE, "approved")], "approved"),
        ("all", [(HOPE, "rejected")], "rejected"),
        ({"n_of": 2}, [(EVE, "rejected"), (GUS, "approved"), (HOPE, "approved")], "approved"),
        ({"n_of": 2}, [(EVE, "rejected"), (GUS, "rejected")], "rejected"),
        ({"weighted": {"needed": 3}}, [(EVE, "approved")], "approved"),
        ({"weighted": {"needed": 3}}, [(GUS, "approved"), (HOPE, "approved")], "open"),
        ({"weighted": {"needed": 3}}, [(EVE, "rejected")], "rejected"),
    ],
)
def test_a_quorum_decides(quorum: object, votes: list[tuple[int, str]], status: str) -> None:
    approvers = [user("eve", weight=3), user("gus"), user("hope")]
    office = Office(chain({"approvers": approvers, "quorum": quorum})).open()
    for by, vote in votes:
        assert office.votes(by, vote) is None
    assert office.status == status


def test_one_veto_ends_it_where_others_are_counted() -> None:
    approvers = [user("eve"), user("gus", veto=True), user("hope")]
    office = Office(chain({"approvers": approvers, "quorum": {"n_of": 2}})).open()
    assert office.votes(EVE, "rejected") is None
    assert office.status == "open"
    assert office.votes(GUS, "rejected") is None
    assert office.status == "rejected"


def test_a_decision_counts_once() -> None:
    approvers = [user("eve"), user("gus")]
    office = Office(chain({"approvers": approvers, "quorum": "all"})).open()
    assert office.votes(EVE) is None
    assert office.votes(EVE) == "already_decided"
    assert office.votes(EVE, "rejected") == "already_decided"
    assert office.status == "open"


def test_nobody_approves_their_own_request() -> None:
    office = Office(chain({"approvers": [user("ben"), user("eve")]})).open()
    assert office.asked() == [EVE]
    assert office.votes(BEN) == "own_request"
    assert office.took(approval.delegated(office.state, office.here(), EVE, BEN)) == "own_request"
    mine = Office(chain({"approvers": [user("ben")]}, allow_self=True)).open()
    assert mine.votes(BEN) is None
    assert mine.status == "approved"


def test_the_requester_does_not_decide_as_the_deputy_of_their_approver() -> None:
    office = Office(chain({"approvers": [user("eve")]}), directory(away(EVE, BEN))).open()
    assert office.asked() == []
    assert office.votes(BEN) == "own_request"
    assert approval.next_due(office.state, office.here()) is not None


def test_an_admin_who_asked_does_not_decide_either() -> None:
    office = Office(chain({"approvers": [user("eve")]}), requester=DORA).open()
    assert office.votes(DORA) == "own_request"


def test_a_deputy_decides_while_the_approver_is_away_and_is_told() -> None:
    absences = (away(EVE, GUS), away(GUS, HOPE))
    office = Office(chain({"approvers": [user("eve")]}), directory(*absences)).open()
    assert office.asked() == [HOPE]
    assert office.votes(GUS) == "not_asked"
    assert office.votes(HOPE) is None
    assert office.status == "approved"


def test_whoever_is_away_may_still_decide() -> None:
    office = Office(chain({"approvers": [user("eve")]}), directory(away(EVE, GUS))).open()
    assert office.votes(EVE) is None
    assert office.votes(GUS) == "closed"


def test_an_absence_that_begins_later_brings_the_deputy_in() -> None:
    absence = Absence(EVE, MONDAY + timedelta(hours=2), MONDAY + timedelta(days=3), GUS)
    office = Office(chain({"approvers": [user("eve")]}), directory(absence)).open()
    assert office.asked() == [EVE]
    assert approval.next_due(office.state, office.here()) == absence.starts_at
    office.later(hours=2)
    assert office.asked() == [EVE, GUS]
    office.later(days=3)
    assert office.asked() == [EVE, GUS]


@pytest.mark.parametrize(
    ("timeout", "status"),
    [
        ({"then": "approve"}, "approved"),
        ({"then": "reject"}, "rejected"),
        ({"then": "end"}, "timed_out"),
        ({"then": "next_level"}, "timed_out"),
        ({"then": "next_level", "at_the_end": "reject"}, "rejected"),
        ({"then": "deputy"}, "timed_out"),
        ({"then": "manager", "at_the_end": "approve"}, "approved"),
    ],
)
def test_everybody_away_for_a_year_ends_as_the_policy_says(
    timeout: dict[str, str], status: str
) -> None:
    people = directory(*(away(one) for one in (EVE, FINN, GUS, HOPE, DORA)))
    level = {"remind_every": "4h", "timeout": {"after": "2d", **timeout}}
    office = Office(
        chain({"approvers": [user("eve")], **level}, {"approvers": [user("gus")], **level}),
        people,
        calendar=WEEK,
    ).open()
    office.until_ended(YEAR)
    assert (office.status, office.state.why) == (status, "timeout")
    assert office.now < MONDAY + timedelta(days=30)
    assert office.asked() == []


def test_without_a_timeout_it_waits_until_somebody_is_back() -> None:
    office = Office(chain({"approvers": [user("eve")]}), directory(away(EVE, days=365))).open()
    office.until_ended(YEAR + timedelta(days=1))
    assert office.asked() == [EVE]
    assert office.status == "open"


def test_time_that_nobody_works_does_not_count() -> None:
    level = {"approvers": [user("eve")], "timeout": {"after": "1d", "then": "reject"}}
    office = Office(chain(level), calendar=WEEK, now=MONDAY + timedelta(days=4, hours=7)).open()
    friday_four = office.now
    office.until_ended(YEAR)
    # an hour on Friday, seven on Monday
    assert office.now - friday_four == timedelta(days=3)
    assert office.status == "rejected"


def test_reminders_come_in_working_time_and_name_who_is_there() -> None:
    level = {"approvers": [user("eve")], "remind_every": "4h"}
    office = Office(chain(level), calendar=WEEK).open()
    office.until_ended(timedelta(days=1))
    assert [tell.about for tell in office.told] == ["asked", "reminded", "reminded"]
    assert len({tell.mark for tell in office.told}) == 3


def test_silent_approvers_hand_on_to_their_managers_up_to_the_top() -> None:
    level = {"approvers": [user("gus")], "timeout": {"after": "1d", "then": "manager"}}
    office = Office(chain(level)).open()
    office.until_ended(timedelta(days=30))
    assert office.asked() == [GUS, EVE, FINN]
    assert (office.status, office.now) == ("timed_out", MONDAY + timedelta(days=3))


def test_a_named_deputy_takes_over_from_who_is_silent() -> None:
    level = {
        "approvers": [user("gus", deputy="hope@example.com")],
        "timeout": {"after": "1d", "then": "deputy"},
    }
    office = Office(chain(level)).open().later(days=1)
    assert office.asked() == [GUS, HOPE]
    assert office.votes(GUS) == "not_asked"
    assert office.votes(HOPE) is None


@pytest.mark.parametrize(
    ("nobody", "asked", "status"),
    [("manager", [EVE], "open"), ("hold", [], "held"), ("skip", [FINN], "open")],
)
def test_a_level_with_nobody_to_ask(nobody: str, asked: list[int], status: str) -> None:
    office = Office(
        chain({"approvers": [user("ben")], "nobody": nobody}, {"approvers": [user("finn")]})
    ).open()
    assert (office.asked(), office.status) == (asked, status)


def test_nothing_is_approved_because_nobody_was_there() -> None:
    office = Office(chain({"approvers": [user("ben")], "nobody": "skip"})).open()
    assert office.status == "held"
    assert [(tell.about, tell.user_id) for tell in office.told] == [("held", DORA)]
    office.later(days=10)
    assert len(office.told) == 1
    assert office.votes(HOPE) == "not_asked"
    assert office.votes(DORA) is None
    assert office.status == "approved"


def test_a_held_request_goes_on_when_somebody_comes() -> None:
    office = Office(chain({"approvers": [user("gus")], "nobody": "hold"}))
    office.people = directory(left=frozenset({GUS}))
    office.open()
    assert office.status == "held"
    office.people = directory()
    office.later(hours=4)
    assert (office.status, office.asked()) == ("open", [GUS])


def test_a_seat_of_somebody_who_left_goes_to_their_manager() -> None:
    office = Office(chain({"approvers": [user("gus"), user("hope")], "quorum": "all"})).open()
    office.votes(HOPE)
    office.people = directory(left=frozenset({GUS}))
    assert office.votes(GUS) == "not_active"
    office.later(hours=4)
    assert office.asked() == [GUS, HOPE, EVE]
    assert office.votes(EVE) is None
    assert office.status == "approved"


def test_it_is_given_back_and_submitted_again() -> None:
    office = Office(chain({"approvers": [user("eve")]}, {"approvers": [user("finn")]})).open()
    office.votes(EVE)
    assert office.took(approval.returned(office.state, office.here(), FINN)) is None
    assert office.votes(FINN) == "returned"
    assert office.took(approval.resubmitted(office.state, office.here(), EVE)) == "not_requester"
    assert office.took(approval.resubmitted(office.state, office.here(), BEN)) is None
    assert (office.state.level, office.asked()) == ("level_1", [EVE, FINN, EVE])


def test_what_is_given_back_and_forgotten_is_rejected() -> None:
    office = Office(chain({"approvers": [user("eve")]}, resubmit_within="3d")).open()
    office.took(approval.returned(office.state, office.here(), EVE))
    office.until_ended(YEAR)
    assert (office.status, office.state.why) == ("rejected", "not_resubmitted")
    assert office.now == MONDAY + timedelta(days=3)


def test_it_is_sent_back_to_an_earlier_level() -> None:
    office = Office(chain({"approvers": [user("eve")]}, {"approvers": [user("finn")]})).open()
    office.votes(EVE)
    assert office.took(approval.sent_back(office.state, office.here(), FINN, "level_2")) == (
        "not_earlier"
    )
    assert office.took(approval.sent_back(office.state, office.here(), FINN, "level_1")) is None
    assert office.state.level == "level_1"
    assert office.votes(EVE) is None


def test_a_question_stops_the_clock_and_its_answer_starts_it() -> None:
    level = {"approvers": [user("eve")], "timeout": {"after": "2d", "then": "reject"}}
    office = Office(chain(level)).open().later(days=1)
    assert office.took(approval.asked_back(office.state, office.here(), EVE)) is None
    office.later(days=1, hours=12)
    assert office.took(approval.answered(office.state, office.here(), EVE)) == "not_requester"
    assert office.took(approval.answered(office.state, office.here(), BEN)) is None
    office.until_ended(YEAR)
    assert office.now - MONDAY == timedelta(days=3, hours=12)


def test_a_question_that_nobody_answers_stops_the_clock_for_one_timeout_only() -> None:
    level = {"approvers": [user("eve")], "timeout": {"after": "2d", "then": "reject"}}
    office = Office(chain(level)).open()
    office.took(approval.asked_back(office.state, office.here(), EVE))
    office.until_ended(YEAR)
    assert (office.status, office.now - MONDAY) == ("rejected", timedelta(days=4))


def test_only_its_requester_or_an_admin_recalls_it() -> None:
    office = Office(chain({"approvers": [user("eve")]})).open()
    assert office.took(approval.recalled(office.state, office.here(), EVE)) == "not_requester"
    assert office.took(approval.recalled(office.state, office.here(), BEN)) is None
    assert office.status == "recalled"
    assert (EVE, "withdrawn") in [(tell.user_id, tell.about) for tell in office.told]
    assert office.took(approval.recalled(office.state, office.here(), BEN)) == "closed"


def test_a_handover_gives_the_open_voices_to_somebody_else() -> None:
    office = Office(chain({"approvers": [user("gus"), user("hope")], "quorum": "all"})).open()
    here = office.here()
    assert approval.reassigned(office.state, here, GUS, HOPE).refused == "already_seated"
    assert approval.reassigned(office.state, here, GUS, BEN).refused == "own_request"
    assert office.took(approval.reassigned(office.state, here, GUS, FINN)) is None
    assert office.asked() == [GUS, HOPE, FINN]


def test_the_deadline_ends_it_whatever_the_levels_say() -> None:
    office = Office(chain({"approvers": [user("eve")], "timeout": {"after": "9d"}}))
    office.open(MONDAY + timedelta(days=2)).until_ended(YEAR)
    assert (office.status, office.now) == ("timed_out", MONDAY + timedelta(days=2))
