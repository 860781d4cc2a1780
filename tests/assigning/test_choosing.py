"""Who is chosen among several, on paper."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.assignment import By, PassedOver, Round, Sought, Target, To, Why, Work, choose
from engine.assignment.handing_over import Dealer, Piece, Share, Way
from engine.people import Absence, Directory, Person, Team

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BEN, CLEO, DAN = 1, 2, 3
NAMES = {BEN: "ben", CLEO: "cleo", DAN: "dan"}


def person(id_: int, *, active: bool = True, speaks: str = "", covers: str = "") -> Person:
    name = NAMES.get(id_, f"p{id_}")
    return Person(
        *(id_, name, f"{name}@example.com", "rep", "Sales"),
        active=active,
        skills=frozenset(speaks.split()),
        territories=frozenset(covers.split()),
    )


def sales(*people: Person, away: tuple[int, ...] = ()) -> Directory:
    ids = tuple(one.id for one in people)
    return Directory(
        {one.id: one for one in people},
        {"Sales": Team("Sales", None, None, ids)},
        {one: (Absence(one, NOW - DAY, NOW + DAY),) for one in away},
    )


def sought(by: By = By.ROUND_ROBIN, **how: object) -> Sought:
    return Sought(Target(To(team="Sales"), by, **how))  # type: ignore[arg-type]


def give(
    count: int, what: Sought, people: Directory, work: Work | None = None, turn: Round | None = None
) -> list[int | None]:
    work, turn = work or Work(), turn or Round()
    return [choose(what, people, work, turn, NOW).user_id for _ in range(count)]


def test_each_in_turn_and_the_turn_goes_on_where_it_was_left() -> None:
    people = sales(person(BEN), person(CLEO), person(DAN))
    turn = Round()
    assert give(4, sought(), people, turn=turn) == [BEN, CLEO, DAN, BEN]
    kept = Round.from_json(turn.as_json())
    assert give(2, sought(), people, turn=kept) == [CLEO, DAN]


def test_who_is_absent_is_passed_over_and_said_so() -> None:
    people = sales(person(BEN), person(CLEO), away=(BEN,))
    chosen = choose(sought(), people, Work(), Round(), NOW)
    assert chosen.user_id == CLEO
    assert chosen.passed == (PassedOver(BEN, Why.ABSENT),)
    anybody = sought(only_present=False)
    assert choose(anybody, people, Work(), Round(), NOW).user_id == BEN


def test_somebody_named_who_has_left_is_said_so() -> None:
    people = sales(person(BEN, active=False), person(CLEO))
    named = Sought(Target(To(users=("ben@example.com", "cleo@example.com"))))
    chosen = choose(named, people, Work(), Round(), NOW)
    assert (chosen.user_id, chosen.passed) == (CLEO, (PassedOver(BEN, Why.INACTIVE),))


def test_a_full_day_is_passed_over() -> None:
    people = sales(person(BEN), person(CLEO))
    given_ = give(5, sought(capacity_per_day=2), people, Work(today={BEN: 1}))
    assert given_ == [BEN, CLEO, CLEO, None, None]


def test_territory_and_skill_are_asked_of_the_record_and_capitals_do_not_matter() -> None:
    people = sales(person(BEN, covers="sg my"), person(CLEO, covers="cn", speaks="mandarin"))
    target = Target(To(team="Sales"))
    assert choose(Sought(target, "SG"), people, Work(), Round(), NOW).user_id == BEN
    assert choose(Sought(target, "CN", "Mandarin"), people, Work(), Round(), NOW).user_id == CLEO
    nobody = choose(Sought(target, "sg", "mandarin"), people, Work(), Round(), NOW)
    assert {one.why for one in nobody.passed} == {Why.TERRITORY, Why.SKILL}


def test_a_record_that_says_no_territory_is_covered_by_nobody() -> None:
    people = sales(person(BEN, covers="sg"))
    assert (
        choose(Sought(Target(To(team="Sales")), ""), people, Work(), Round(), NOW).user_id is None
    )


def test_least_to_do_gets_it_and_equals_take_turns() -> None:
    people = sales(person(BEN), person(CLEO), person(DAN))
    assert give(4, sought(By.LEAST_OPEN), people, Work(open={BEN: 2})) == [CLEO, DAN, CLEO, DAN]


peoples = st.lists(st.integers(1, 40), min_size=1, max_size=9, unique=True)


@given(peoples, st.data())
def test_nobody_absent_inactive_or_full_is_ever_chosen(ids: list[int], data: st.DataObject) -> None:
    some = st.sets(st.sampled_from(ids))
    away, gone = data.draw(some), data.draw(some)
    people = sales(*(person(one, active=one not in gone) for one in ids), away=tuple(away))
    capacity = data.draw(st.integers(1, 4))
    by = data.draw(st.sampled_from(By))
    work = Work()
    given_ = Counter(
        give(data.draw(st.integers(1, 60)), sought(by, capacity_per_day=capacity), people, work)
    )
    nobody = given_.pop(None, 0)
    assert not given_.keys() & (away | gone)
    assert max(given_.values(), default=0) <= capacity
    able = set(ids) - away - gone
    assert not nobody or all(given_[one] == capacity for one in able)


@given(peoples, st.integers(0, 80), st.one_of(st.none(), st.integers(0, 41)))
def test_round_robin_differs_by_at_most_one(ids: list[int], count: int, last: int | None) -> None:
    people = sales(*map(person, ids))
    given_ = Counter(give(count, sought(), people, turn=Round(last)))
    shares = [given_[one] for one in ids]
    assert max(shares) - min(shares) <= 1


@given(st.dictionaries(st.integers(1, 9), st.integers(1, 7), min_size=1, max_size=5), st.data())
def test_weighted_shares_are_exact_after_every_whole_round(
    weights: dict[int, int], data: st.DataObject
) -> None:
    people = sales(*map(person, weights))
    by_address = {people.people[one].email or "": weight for one, weight in weights.items()}
    what, turn, total = sought(By.WEIGHTED, weights=by_address), Round(), sum(weights.values())
    for _ in range(data.draw(st.integers(1, 3))):
        assert Counter(give(total, what, people, turn=turn)) == Counter(weights)
    some = Counter(give(data.draw(st.integers(0, 40)), what, people, turn=turn))
    for one, weight in weights.items():
        assert abs(some[one] - some.total() * weight / total) < len(weights)


@given(peoples, st.integers(1, 30), st.sampled_from(By))
def test_the_same_is_decided_of_the_same(ids: list[int], count: int, by: By) -> None:
    people = sales(*map(person, ids))
    assert give(count, sought(by), people) == give(count, sought(by), people)


@given(st.sampled_from([Way.EVENLY, Way.LOAD, Way.TERRITORY]), peoples, st.data())
def test_work_is_dealt_to_whoever_has_least_by_the_way_that_was_chosen(
    way: Way, ids: list[int], data: st.DataObject
) -> None:
    covers = st.sampled_from(["", "sg", "cn", "sg cn"])
    people = sales(*(person(one, covers=data.draw(covers)) for one in ids))
    load = data.draw(st.dictionaries(st.sampled_from(ids), st.integers(0, 9)))
    dealer = Dealer(Share(way, tuple(sorted(ids))), people, {}, dict(load))
    given_: Counter[int] = Counter()
    for number in range(data.draw(st.integers(0, 40))):
        piece = Piece(number, country=data.draw(st.sampled_from([None, "SG", "CN", "FR"])))
        taker = dealer.taker_of(piece)
        able = set(ids)
        if way is Way.TERRITORY and piece.country:
            wanted = piece.country.lower()
            able = {one for one in ids if wanted in people.people[one].territories} or able
        has = {one: given_[one] + (load.get(one, 0) if way is Way.LOAD else 0) for one in able}
        assert taker in able
        assert has[taker] == min(has.values())
        given_[taker] += 1
    assert dealer.given == dict(given_)
