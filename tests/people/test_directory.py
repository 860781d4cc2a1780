"""Who acts for whom, who leads whom, and when that changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.people import ROLES, Absence, Directory, Person, Team
from engine.services.people import ROLES as SERVICE_ROLES

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA, BEN, CLEO, DAN = 1, 2, 3, 4


def person(id_: int, **more: object) -> Person:
    return Person(id_, f"p{id_}", f"p{id_}@example.com", "rep", **more)  # type: ignore[arg-type]


def away(user_id: int, deputy: int | None, begins: int = -1, ends: int = 1) -> Absence:
    return Absence(user_id, NOON + begins * HOUR, NOON + ends * HOUR, deputy)


def directory(*absences: Absence, **more: object) -> Directory:
    people = {id_: person(id_) for id_ in (ADA, BEN, CLEO, DAN)} | more.get("people", {})  # type: ignore[operator]
    by_person: dict[int, tuple[Absence, ...]] = {}
    for one in absences:
        by_person[one.user_id] = (*by_person.get(one.user_id, ()), one)
    return Directory(people=people, absences=by_person)


def test_whoever_is_there_acts_for_themselves() -> None:
    assert directory().stands_in(BEN, NOON) == BEN


def test_a_deputy_acts_while_somebody_is_away_and_not_a_moment_longer() -> None:
    who = directory(away(BEN, CLEO))
    assert who.stands_in(BEN, NOON) == CLEO
    assert who.stands_in(BEN, NOON - HOUR) == CLEO
    assert who.stands_in(BEN, NOON + HOUR) == BEN


def test_a_deputy_who_is_away_has_a_deputy_of_their_own() -> None:
    assert directory(away(BEN, CLEO), away(CLEO, DAN)).stands_in(BEN, NOON) == DAN


def test_deputies_in_a_circle_are_nobody() -> None:
    assert directory(away(BEN, CLEO), away(CLEO, BEN)).stands_in(BEN, NOON) is None
    assert directory(away(BEN, BEN)).stands_in(BEN, NOON) is None


def test_of_two_absences_at_once_either_deputy_will_do() -> None:
    who = directory(away(BEN, CLEO), away(BEN, DAN), away(CLEO, None))
    assert who.stands_in(BEN, NOON) == DAN


def test_somebody_who_has_left_is_replaced_only_by_the_deputy_of_a_lasting_absence() -> None:
    left = {BEN: person(BEN, active=False)}
    assert directory(people=left).stands_in(BEN, NOON) is None
    assert directory(away(BEN, CLEO), people=left).stands_in(BEN, NOON) == CLEO
    assert directory().stands_in(99, NOON) is None


def test_managers_are_counted_upward_until_the_line_ends_or_goes_round() -> None:
    line = {ADA: person(ADA, manager_id=BEN), BEN: person(BEN, manager_id=CLEO)}
    who = directory(people=line)
    assert [who.manager_of(ADA, up) for up in (1, 2, 3)] == [BEN, CLEO, None]
    circle = directory(people={**line, CLEO: person(CLEO, manager_id=ADA)})
    assert [circle.manager_of(ADA, up) for up in (1, 2, 3, 50)] == [BEN, CLEO, None, None]


def test_a_person_s_calendar_goes_before_the_team_s() -> None:
    who = Directory(
        people={
            ADA: person(ADA, team="East"),
            BEN: person(BEN, team="East", calendar="night", zone="Asia/Tokyo"),
            CLEO: person(CLEO, team="East", active=False),
        },
        teams={"East": Team("East", ADA, "china", (ADA, BEN, CLEO))},
    )
    assert [who.calendar_of(one) for one in (ADA, BEN, 99)] == ["china", "night", ""]
    assert who.zone_of(BEN, "UTC") == "Asia/Tokyo"
    assert who.zone_of(ADA, "UTC") == "UTC"
    assert who.members("East") == (ADA, BEN)
    assert who.head_of("East") == ADA
    assert (who.members("West"), who.head_of("West")) == ((), None)


def test_an_address_is_found_however_it_is_written() -> None:
    assert directory().by_email(" P2@Example.com ") == BEN
    assert directory().by_email("nobody@example.com") is None


def test_the_next_change_is_of_the_person_or_of_who_stands_in() -> None:
    who = directory(away(BEN, CLEO, -1, 5), away(CLEO, None, 2, 3), away(DAN, None, 1, 2))
    assert who.next_change([BEN], NOON) == NOON + 2 * HOUR
    assert who.next_change([BEN], NOON + 2 * HOUR) == NOON + 3 * HOUR
    assert who.next_change([ADA], NOON) is None


ABSENCES = st.lists(
    st.builds(
        away,
        st.integers(1, 6),
        st.one_of(st.none(), st.integers(1, 7)),
        st.integers(-5, 0),
        st.integers(1, 5),
    ),
    max_size=12,
)


@given(ABSENCES, st.sets(st.integers(1, 6)), st.integers(1, 6), st.integers(-6, 6))
def test_whoever_stands_in_is_there(
    absences: list[Absence], gone: set[int], asked: int, hours: int
) -> None:
    people = {id_: person(id_, active=id_ not in gone) for id_ in range(1, 7)}
    who, at = directory(*absences, people=people), NOON + hours * HOUR
    found = who.stands_in(asked, at)
    assert found is None or who.is_present(found, at)
    assert found == asked or not who.is_present(asked, at)
    change = who.next_change([asked], at)
    # until something changes the answer is the same
    if change is not None and change > at + HOUR / 2:
        assert who.stands_in(asked, at + HOUR / 2) == found


def test_there_is_one_list_of_roles() -> None:
    assert tuple(SERVICE_ROLES) == ROLES
