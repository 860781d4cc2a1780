"""The index finds exactly the rules that asking every rule would find, as rules come and go."""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.local_time import Span
from engine.rules import Facts, Rule, RuleRefused, Type, ir, parse
from engine.rules.index import Listens, RuleIndex, Shelf, changed_paths
from engine.rules.ir import Path
from tests.rules.adversarial import CATALOGUE, NOW, TAGS, ZONE
from tests.rules.facts_in_memory import facts
from tests.rules.random_rules import condition, rules

HISTORIES = int(os.environ.get("CADENZA_INDEX_HISTORIES", "12"))
EVENTS = ("Signed Up", "Order Completed")
FIELDS = (("contact", "country"), ("contact", "score"), ("deal", "amount", "minor"))
SCORE, SEEN = {"var": "contact.score"}, {"var": "contact.last_seen_at"}
# A batch asks about many contacts at the very same now.
MOMENTS = (NOW, NOW + timedelta(seconds=1), NOW + timedelta(days=1))
STAFF = {"var": "account.employee_count"}


def parsed(document: Any) -> Rule | None:
    """The rule, or None when it is refused for a product of too many factors."""
    try:
        return parse(document, CATALOGUE, event_rule=True)
    except RuleRefused as refused:
        assume({problem.code for problem in refused.problems} == {"too_steep"})
        return None


def of_event(plan: str) -> Any:
    return {"==": [{"var": "event.properties.plan"}, plan]}


# Rows of conditions on a few values, as people write them: many rules ask the same things.
rows = st.lists(condition("root", 0), min_size=1, max_size=5).map(lambda parts: {"and": parts})
turned = rows.map(lambda row: {"!": row})
told = st.tuples(st.sampled_from(["vip", "5", ""]), rows).map(
    lambda given: {"and": [of_event(given[0]), given[1]]}
)
listening = st.builds(
    Listens,
    events=st.frozensets(st.sampled_from(EVENTS)),
    fields=st.frozensets(st.sampled_from(FIELDS), max_size=2),
    to_all=st.sampled_from([False, False, False, True]),
)
entries = st.tuples(st.one_of(rows, rows, told, turned, rules), listening)


class Everyone:
    """The rules of an index, asked one by one."""

    def __init__(self) -> None:
        self.rules: dict[int, tuple[Rule | None, Listens]] = {}

    def matching(
        self, event: str, changed: tuple[Path, ...], seen: Facts, now: datetime, zone: str
    ) -> list[int]:
        return sorted(
            key
            for key, (rule, listens) in self.rules.items()
            if (listens.to_all or event in listens.events or listens.fields & set(changed))
            and (rule is None or rule.holds(seen, now, zone))
        )


def agree(index: RuleIndex[int], everyone: Everyone, chance: random.Random) -> None:
    for _ in range(6):
        seen, now = facts(chance), chance.choice(MOMENTS)
        event = chance.choice([*EVENTS, "Never Heard Of"])
        changed = tuple(field for field in FIELDS if chance.random() < 0.3)
        zone = chance.choice([ZONE, "Asia/Tokyo", "UTC"])
        expected = everyone.matching(event, changed, seen, now, zone)
        found = index.matching(event, changed, seen, now, zone)
        assert sorted(found) == expected
        assert set(found) <= set(index.candidates(event, changed))


@given(st.lists(entries, min_size=20, max_size=60), st.integers(0, 2**32))
@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize="CADENZA_INDEX_HISTORIES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_the_index_answers_like_asking_every_rule_while_rules_come_and_go(
    given_entries: list[tuple[Any, Listens]], seed: int
) -> None:
    chance = random.Random(seed)
    index: RuleIndex[int] = RuleIndex()
    everyone = Everyone()
    for number, (document, listens) in enumerate(given_entries):
        # a key that is known already has its rule replaced
        key = chance.choice([number, number, number, chance.randrange(number + 1)])
        rule = parsed(document)
        everyone.rules[key] = rule, listens
        index.put(key, rule, listens)
        if chance.random() < 0.2:
            gone = chance.randrange(number + 1)
            everyone.rules.pop(gone, None)
            index.remove(gone)
        if number % 10 == 9:
            agree(index, everyone, chance)
    before, then = index.copy(), Everyone()
    then.rules = dict(everyone.rules)
    for key in list(everyone.rules)[::2]:
        del everyone.rules[key]
        index.remove(key)
    agree(index, everyone, chance)
    agree(before, then, chance)


def everyday(chance: random.Random) -> Any:
    """A row of conditions from a few kinds, so that hundreds of rules ask about the same values."""
    pick = chance.choice
    kinds: list[Any] = [
        {pick(["<", "<=", ">", ">=", "==", "!="]): [SCORE, pick([0, 1, 2, 3, 7, 10, 12, 40])]},
        {"!": [{"<": [SCORE, chance.randrange(50)]}]},
        {"!": [{pick(["<", "<=", ">"]): [STAFF, chance.randrange(50)]}]},
        {pick(["<", ">="]): [STAFF, chance.randrange(50)]},
        {"between": [SCORE, chance.randrange(10), chance.randrange(20)]},
        {pick(["in", "!in"]): [{"var": "contact.country"}, [pick(["a", "A", "b", ""]), "ab"]]},
        {pick(["is_set", "is_empty"]): [{"var": "contact.city"}]},
        {"has_any": [{"var": "contact.tags"}, chance.sample(TAGS, 2)]},
        {pick(["has_all", "has_none"]): [{"var": "contact.tags"}, chance.sample(TAGS, 2)]},
        {pick(["in_last", "in_next", "more_than_ago"]): [SEEN, chance.randrange(1, 4), "days"]},
        {"is_true": [{"var": "contact.custom.gold"}]},
        {pick([">", "<="]): [{"count": [{"var": "orders"}]}, chance.randrange(4)]},
        {"or": [{">": [SCORE, chance.randrange(9)]}, {"==": [{"var": "contact.city"}, "b"]}]},
        {"or": [{"<": [SCORE, 3]}, {">": [SCORE, 7]}, {"has": [{"var": "contact.tags"}, "vip"]}]},
        {"contains": [{"var": "contact.job_title"}, pick(["a", "b"])]},
        {"this_month": [SEEN]},
    ]
    row = {"and": [pick(kinds) for _ in range(chance.randrange(1, 5))]}
    return pick([row, row, row, {"or": [row, pick(kinds)]}, {"!": [row]}])


def test_hundreds_of_rules_on_few_values_are_told_apart_as_they_change() -> None:
    chance = random.Random(11)
    index: RuleIndex[int] = RuleIndex()
    everyone = Everyone()
    listens = Listens(frozenset({EVENTS[0]}))
    for turn in range(12):
        for _ in range(50):
            key = chance.randrange(300)
            rule = parsed(everyday(chance)) if chance.random() < 0.97 else None
            everyone.rules[key] = rule, listens
            index.put(key, rule, listens)
        if turn % 3 == 2:
            for key in chance.sample(sorted(everyone.rules), len(everyone.rules) // 2):
                del everyone.rules[key]
                index.remove(key)
        agree(index, everyone, chance)
        agree(index, everyone, chance)
    assert sorted(index) == sorted(everyone.rules)


def test_a_window_without_its_end_lets_the_end_out() -> None:
    field = ir.Field(Type.DATETIME, ("contact", "last_seen_at"))
    day = ir.Moment(Type.DATETIME, "now", Span(seconds=86_400))
    shelf: Shelf[tuple[int, bool]] = Shelf()
    # several of a kind, so that the value is looked up
    for number in range(4):
        for closed in (True, False):
            root = ir.Within(field, ir.Moment(Type.DATETIME, "now"), day, closed)
            shelf.add((number, closed), ir.And((root, ir.Not(ir.Constant(False)))))

    def found(seconds: float) -> set[bool]:
        seen = {"contact": {"last_seen_at": NOW + timedelta(seconds=seconds)}}
        return {closed for _, closed in shelf.matching(seen, NOW, "UTC")}

    assert [found(at) for at in (-1, 0, 86_399, 86_400, 86_401)] == [
        set(),
        {True, False},
        {True, False},
        {True},
        set(),
    ]


def test_a_shelf_that_grows_lets_new_rules_past_the_values_it_knows() -> None:
    shelf: Shelf[int] = Shelf()
    seen = {"contact": {"score": 5, "country": "a"}}
    scores, country = parsed({">": [SCORE, 1]}), parsed({"==": [{"var": "contact.country"}, "a"]})
    assert scores is not None
    assert country is not None
    for key in range(64):
        shelf.add(key, scores.root)
    assert len(shelf.matching(seen, NOW, "UTC")) == 64
    for key in range(64, 70):
        shelf.add(key, country.root)
    assert len(shelf.matching(seen, NOW, "UTC")) == 70


def test_a_rule_with_several_ways_to_hold_is_found_once() -> None:
    index: RuleIndex[str] = RuleIndex()
    ways = [{"and": [{">": [SCORE, 1]}, {"<": [SCORE, 9]}]}, {">": [SCORE, 0]}, {"==": [SCORE, 5]}]
    index.put("rule", parsed({"or": ways}), Listens(frozenset({"E"}), frozenset(FIELDS)))
    assert index.matching("E", FIELDS, {"contact": {"score": 5}}, NOW) == ["rule"]


def test_only_rules_that_read_a_changed_field_are_asked() -> None:
    index: RuleIndex[str] = RuleIndex()
    rule = parsed({">=": [SCORE, 0]})
    index.put("score", rule, Listens(fields=frozenset({("contact", "score")})))
    index.put("plan", rule, Listens(fields=frozenset({("contact", "custom", "plan")})))
    index.put("amount", rule, Listens(fields=frozenset({("deals", "amount", "minor")})))
    seen: Facts = {"contact": {"score": 1}}

    def asked(record: str, *fields: str) -> list[str]:
        changed = changed_paths(record, fields)
        found = index.matching("Contact Updated", changed, seen, NOW)
        assert sorted(found) == sorted(index.candidates("Contact Updated", changed))
        return sorted(found)

    assert asked("contact", "score") == ["score"]
    assert asked("contact", "custom.plan", "score") == ["plan", "score"]
    assert asked("contact", "custom.seats") == []
    assert asked("deal", "amount") == ["amount"]
    index.remove("score")
    assert asked("contact", "score") == []


def test_a_rule_that_is_put_again_unchanged_disturbs_nothing() -> None:
    index: RuleIndex[str] = RuleIndex()
    listens = Listens(frozenset({"E"}))
    index.put("rule", parsed({">": [SCORE, 1]}), listens)
    assert index.matching("E", (), {"contact": {"score": 2}}, NOW) == ["rule"]
    index.put("rule", parsed({">": [SCORE, 1]}), listens)
    assert index.matching("E", (), {"contact": {"score": 1}}, NOW) == []
    index.put("rule", parsed({">": [SCORE, 0]}), listens)
    assert index.matching("E", (), {"contact": {"score": 1}}, NOW) == ["rule"]
    index.remove("rule")
    index.remove("rule")
    assert index.matching("E", (), {"contact": {"score": 1}}, NOW) == []
    assert "rule" not in index


def test_a_shelf_that_lost_most_of_its_rules_says_so() -> None:
    shelf: Shelf[int] = Shelf()
    rule = parsed({">": [SCORE, 1]})
    assert rule is not None
    for key in range(200):
        shelf.add(key, rule.root)
    for key in range(100):
        shelf.remove(key)
    assert not shelf.is_worn_out
    shelf.remove(100)
    shelf.remove(101)
    assert shelf.is_worn_out
    assert len(shelf.matching({"contact": {"score": 2}}, NOW, "UTC")) == 98
