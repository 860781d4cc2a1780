"""Moving conditions about: nothing is lost, doubled, or put where it cannot stand."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.rules.building.moves import (
    can_step,
    depth_of,
    duplicated,
    find,
    inserted,
    list_around,
    moved,
    parent_of,
    removed,
    stepped,
    unwrapped,
    wrapped,
)
from engine.rules.building.tree import Comparison, Fact, Group, Membership, Node, Records, walk

A, B, C = (Membership(name) for name in "abc")
PAID = Comparison(Fact("status"), "==", ("paid",))


def tree() -> tuple[Group, Group, Records]:
    inner = Group("any", (B,))
    orders = Records("some", "orders", Group("all", (PAID,)))
    return Group("all", (A, inner, C, orders)), inner, orders


def names(group: Node) -> list[str]:
    return [one.segment or "" for one in walk(group) if isinstance(one, Membership)]


def test_a_step_goes_among_neighbours_into_a_group_and_out_of_it() -> None:
    root, inner, _ = tree()
    assert names(stepped(root, A.id, "down")) == ["b", "a", "c"]
    into = stepped(root, C.id, "in")
    assert parent_of(into, C.id) == Group("any", (B, C))
    out = stepped(into, B.id, "out")
    assert [one.id for one in out.parts[:3]] == [A.id, inner.id, B.id]
    assert not can_step(root, A.id, "up")
    assert not can_step(root, A.id, "out")
    assert stepped(root, 0, "up") is root


def test_a_condition_on_orders_stays_among_conditions_on_orders() -> None:
    root, inner, orders = tree()
    assert moved(root, PAID.id, inner.id, 0) is root
    assert moved(root, A.id, orders.where.id, 0) is root
    assert list_around(root, PAID.id) == "orders"
    assert list_around(root, orders.id) is None


def test_a_group_does_not_go_into_itself_and_the_root_stays() -> None:
    root, inner, orders = tree()
    deeper = inserted(root, inner.id, 0, (Group("all"),))
    child = deeper.parts[1].parts[0]  # type: ignore[union-attr]
    assert moved(deeper, inner.id, child.id, 0) is deeper
    assert removed(root, root.id) is root
    assert removed(root, orders.where.id) is root
    assert wrapped(root, root.id) is root


def test_a_copy_has_numbers_of_its_own_throughout() -> None:
    root, _, orders = tree()
    copied = duplicated(root, orders.id)
    assert copied.parts[3] == copied.parts[4]
    numbers = Counter(one.id for one in walk(copied))
    assert set(numbers.values()) == {1}


def test_wrapping_is_undone_by_dissolving() -> None:
    root, _, orders = tree()
    around = wrapped(root, A.id)
    group = parent_of(around, A.id)
    assert group is not None
    assert depth_of(around, A.id) == 2
    assert unwrapped(around, group.id) == root
    assert unwrapped(root, orders.where.id) is root


class Moving(RuleBasedStateMachine):
    """Whatever is done, every condition is there once and the lists keep their own."""

    @initialize()
    def begin(self) -> None:
        self.root, _, self.orders = tree()

    @rule(data=st.data(), at=st.integers(-1, 5))
    def move(self, data: st.DataObject, at: int) -> None:
        nodes = list(walk(self.root))
        node, group = data.draw(st.sampled_from(nodes)), data.draw(st.sampled_from(nodes))
        self.root = moved(self.root, node.id, group.id, at)

    @rule(data=st.data(), way=st.sampled_from(["up", "down", "in", "out"]))
    def step(self, data: st.DataObject, way: str) -> None:
        node = data.draw(st.sampled_from(list(walk(self.root))))
        self.root = stepped(self.root, node.id, way)  # type: ignore[arg-type]

    @rule(data=st.data())
    def wrap(self, data: st.DataObject) -> None:
        node = data.draw(st.sampled_from(list(walk(self.root))))
        self.root = wrapped(self.root, node.id)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        kept = Counter(one.id for one in walk(self.root) if not isinstance(one, Group))
        assert kept == Counter((A.id, B.id, C.id, PAID.id, self.orders.id))

    @invariant()
    def orders_keep_their_own(self) -> None:
        assert list_around(self.root, PAID.id) == "orders"
        assert all(list_around(self.root, one.id) is None for one in (A, B, C))
        assert find(self.root, self.orders.where.id) is not None


TestMoving = Moving.TestCase
TestMoving.settings = settings(
    max_examples=25, stateful_step_count=15, suppress_health_check=list(HealthCheck), deadline=None
)
