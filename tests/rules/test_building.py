"""A rule drawn as a tree and written again means the same; a tree comes back as it was."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.rules import Catalogue, parse
from engine.rules.building.choices import (
    Place,
    about,
    asked_of,
    asked_otherwise,
    operators_for,
)
from engine.rules.building.reading import read_node, read_tree
from engine.rules.building.tree import (
    Comparison,
    EventTime,
    Fact,
    Group,
    Happened,
    Membership,
    Node,
    Quiet,
    Records,
    Total,
    Written,
    walk,
)
from engine.rules.building.writing import incomplete, written
from engine.rules.operators import all_operators
from tests.rules import random_rules as some
from tests.rules.agreement import parsed
from tests.rules.every_way import every_way
from tests.rules.facts_in_memory import facts

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PEOPLE = [facts(random.Random(seed)) for seed in range(25)]
CATALOGUE = Catalogue.standard()
PLACE = Place(CATALOGUE.reachable(event_rule=False))
ROOT = Path(__file__).parents[2]


def again(document: Any) -> Any:
    return written(read_tree(document)).document


@settings(max_examples=120, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.one_of(*every_way(), some.condition("root", 2)))
def test_a_drawn_rule_holds_for_the_same_people(document: Any) -> None:
    rule, drawn = parsed(document), parsed(again(document))
    for person in PEOPLE:
        assert rule.holds(person, NOW) == drawn.holds(person, NOW), again(document)


TEXTS = st.sampled_from(["SG", "a b", "Ü", "0"])
PATHS = st.sampled_from(["contact.country", "contact.score", "account.name", "status"])
WINDOWS = st.sampled_from([None, ("in_last", 3, "days"), ("this_month",), ("after", "2026-01-01")])


def groups(parts: st.SearchStrategy[Node], least: int = 0) -> st.SearchStrategy[Group]:
    joins = st.sampled_from(["all", "any", "none"])
    many = st.lists(parts, min_size=least, max_size=3).map(tuple)
    return st.builds(Group, joins, many)


def trees() -> st.SearchStrategy[Group]:
    plain = st.one_of(
        st.builds(Comparison, st.builds(Fact, PATHS), st.just("=="), st.tuples(TEXTS)),
        st.builds(Comparison, st.builds(Fact, PATHS), st.just("in"), st.tuples(st.tuples(TEXTS))),
        st.builds(
            Comparison, st.builds(Fact, PATHS), st.just("was_ever"), st.tuples(TEXTS, WINDOWS)
        ),
        st.builds(Membership, TEXTS),
        st.builds(Quiet, TEXTS, st.integers(1, 9), st.sampled_from(["days", "weeks"])),
        st.just(Written({"if": [True, True, False]})),
        st.builds(Written, st.just({"<": [{"+": [{"var": "a"}, 1]}, 2]})),
    )
    # a group that stands for the items of a list is written bare when it is empty
    where = groups(plain, 1) | st.builds(Group)
    deep = st.one_of(
        plain,
        st.builds(
            Happened, TEXTS, st.just("done"), st.just(">="), st.integers(1, 3), WINDOWS, where
        ),
        st.builds(Happened, TEXTS, st.just("not_done"), st.just(">="), st.just(1), WINDOWS, where),
        st.builds(Records, st.sampled_from(["some", "none", "all"]), st.just("orders"), where),
        st.builds(
            Comparison,
            st.one_of(
                st.builds(Total, st.just("count"), st.just("deals"), where=where),
                st.builds(
                    Total,
                    st.just("money_sum"),
                    st.just("orders"),
                    st.just("total"),
                    st.just("EUR"),
                    where,
                ),
                st.builds(EventTime, st.just("last_done"), TEXTS, where),
            ),
            st.just(">"),
            st.tuples(st.integers(0, 9)),
        ),
    )
    nested = st.recursive(deep, lambda inner: groups(inner), max_leaves=6)
    return groups(nested, 1)


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(trees())
def test_a_tree_comes_back_as_it_was(root: Group) -> None:
    document = json.loads(json.dumps(written(root).document))
    assert read_tree(document) == root


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(trees())
def test_every_condition_is_found_at_its_place(root: Group) -> None:
    found = written(root)
    for node in walk(root):
        if node.id not in found.places:
            assert isinstance(node, Group)
            assert not node.parts
            continue
        here = found.document
        for key in found.places[node.id].split("/")[1:]:
            here = here[int(key)] if isinstance(here, list) else here[key]
        if isinstance(node, Written):
            assert here == node.document
            assert found.node_at(found.places[node.id] + "/x/0") == node.id


def shipped_rules() -> Iterator[Any]:
    def within(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in ("rule", "when", "where", "if", "until") and isinstance(inner, dict):
                    yield inner
                else:
                    yield from within(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from within(inner)

    for path in sorted((ROOT / "templates").rglob("*.yaml")):
        yield from within(yaml.safe_load(path.read_text(encoding="utf-8")))


def leaves(document: Any) -> list[Any]:
    bare = document.get("rule", document) if "dialect" in document else document
    return [one.document for one in walk(read_tree(bare)) if isinstance(one, Written)]


def test_what_is_shipped_is_drawn() -> None:
    rules = list(shipped_rules())
    assert len(rules) > 30
    # one compares two counts with arithmetic, which stays as it is written
    assert sum(1 for rule in rules if leaves(rule)) <= 1


def test_every_operator_is_drawn_but_arithmetic_and_choices() -> None:
    kept = {name for name, one in all_operators().items() if leaves(one.example)}
    assert kept == {"!!", "if", "+", "-", "*", "/"}


@pytest.mark.parametrize(
    "document",
    [
        {"between": [1, 2, 3]},
        {"no_such": [1]},
        {"==": []},
        {"done": [{"var": "x"}]},
        {"and": "x"},
        {"some": [{"var": "contact.tags"}, True]},
        {"in_last": [{"var": "contact.created_at"}, "many", "days"]},
        {"performed": ["A", ">=", 1, None, {"a": {"nothing": 1}}]},
        {"money_sum": [{"var": "orders"}, {"var": "total"}, ["EUR"]]},
        {"==": [{"": [1]}, {"var": {"var": "x"}}]},
        7,
        "text",
        [1, 2],
        {"==": [1, 2], "!=": [1, 2]},
    ],
)
def test_what_cannot_be_drawn_is_not_lost(document: Any) -> None:
    assert [one for one in walk(read_tree(document)) if isinstance(one, Written)]
    node = read_node(document)
    assert not isinstance(node, Written) or node.document == document


def test_what_is_not_chosen_yet_is_told_and_never_means_unknown() -> None:
    open_ = about(Fact("contact.country"), PLACE, CATALOGUE)
    hollow = Group("any")
    root = Group("all", (open_, hollow, Happened(), Membership()))
    assert incomplete(root) == [open_.id, hollow.id, root.parts[2].id, root.parts[3].id]
    assert not incomplete(read_tree({"is_empty": [{"var": "contact.country"}]}))


def test_operators_follow_the_type_of_the_fact() -> None:
    def offered(path: str, place: Place = PLACE) -> tuple[str, ...]:
        return operators_for(Fact(path), place, CATALOGUE)

    assert "contains" in offered("contact.city")
    assert "contains" not in offered("contact.lifecycle_stage")
    assert "anniversary_in_next" in offered("contact.birthday")
    assert "anniversary_in_next" not in offered("contact.created_at")
    assert "was_ever" in offered("contact.score")
    assert "was_ever" not in offered("contact.order_count")
    event = Place(CATALOGUE.reachable(event_rule=True), event_rule=True)
    assert "changed_to" in offered("contact.score", event)
    assert "changed_to" not in offered("contact.score")
    assert offered("contact.no_such") == ()
    items = Place((), items="orders")
    assert "was_ever" not in operators_for(Fact("status"), items, CATALOGUE)


@pytest.mark.parametrize("kind", ["contact", "account"])
def test_every_offered_operator_can_be_saved_once_it_is_filled(kind: Any) -> None:
    values = {"text": "a", "number": 3, "money": {"money": [100, "EUR"]}, "set": "a"}
    for name, fact in CATALOGUE.records[kind].items():
        if name == "segments":
            continue
        left = Fact(f"{kind}.{name}")
        for operator in operators_for(left, PLACE, CATALOGUE):
            node = asked_otherwise(Comparison(left, "is_set"), operator)
            value = fact.values[0] if fact.values else values.get(fact.type, "2026-01-01")
            filled = tuple(
                (value,) if one == () else value if one is None else one for one in node.arguments
            )
            if operator == "was_ever":
                filled = (filled[0], None)
            rule = written(Group("all", (Comparison(left, operator, filled),))).document
            parse(rule, CATALOGUE, event_rule=False)


def test_what_was_chosen_stays_where_it_still_fits() -> None:
    node = Comparison(Fact("contact.country"), "==", ("SG",))
    many = asked_otherwise(node, "in")
    assert many.arguments == (("SG",),)
    assert asked_otherwise(many, "!=").arguments == ("SG",)
    seen = Comparison(Fact("contact.last_seen_at"), "in_last", (7, "weeks"))
    assert asked_otherwise(seen, "more_than_ago").arguments == (7, "weeks")
    city = asked_of(node, Fact("contact.city"), PLACE, CATALOGUE)
    assert (city.operator, city.arguments, city.id) == ("==", ("SG",), node.id)
    score = asked_of(node, Fact("contact.score"), PLACE, CATALOGUE)
    assert score.arguments == (None,)
