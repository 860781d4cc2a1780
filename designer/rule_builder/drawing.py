"""What drawing a condition needs of the builder around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from designer.i18n import Translator
from designer.rule_builder.bench import Bench
from designer.rule_builder.field_picker import pick_offer
from designer.rule_builder.offers import Offer, offers
from designer.rule_builder.saying import said_of
from engine.rules.building.choices import asked_of, fact_at, type_of
from engine.rules.building.moves import changed, find, list_around
from engine.rules.building.tree import Comparison, Fact, Node, Written, where_of, with_where
from engine.rules.limits import size_problems


@dataclass(slots=True)
class Drawing:
    bench: Bench

    @property
    def t(self) -> Translator:
        return self.bench.visitor.t

    def said_alone(self, node: Written) -> str:
        """A condition in words, where it is about the subject itself."""
        bench = self.bench
        if list_around(bench.root, node.id) is not None or size_problems(node.document, ""):
            return ""
        return said_of(
            node.document,
            bench.catalogue,
            self.t,
            subject=bench.subject,
            event_rule=bench.event_rule,
        )

    async def choose(self, node_id: int) -> Offer | None:
        """Ask what a condition in the place of this node is to be about."""
        place = self.bench.place_of(node_id)
        known = offers(place, self.bench.catalogue, self.t)
        return await pick_offer(self.t, known, place, self.t("What should be asked?"))

    async def pick_about(self, node_id: int) -> None:
        """Another thing to ask about, in the same condition."""
        offer = await self.choose(node_id)
        bench = self.bench
        if offer is None:
            return
        place = bench.place_of(node_id)

        def change(node: Node) -> Node:
            if isinstance(node, Comparison) and offer.operand is not None:
                return asked_of(node, offer.operand, place, bench.catalogue)
            return _in_place_of(node, offer.make())

        bench.put(changed(bench.root, node_id, change))

    async def pick_other_fact(self, node_id: int, at: int) -> None:
        """A fact to compare with, of the same type."""
        bench = self.bench
        node = find(bench.root, node_id)
        if not isinstance(node, Comparison):
            return
        place = bench.place_of(node_id)
        kind = type_of(node.left, place, bench.catalogue)
        known = [
            one
            for one in offers(place, bench.catalogue, self.t)
            if isinstance(one.operand, Fact)
            and not one.operand.in_base
            and one.operand != node.left
            and _fits(fact_at(one.operand.path, place, bench.catalogue), kind)
        ]
        title = self.t("Compare with which fact?")
        offer = await pick_offer(self.t, known, place, title)
        if offer is None or not isinstance(offer.operand, Fact):
            return
        value: Any = {"var": offer.operand.path}

        def change(here: Node) -> Node:
            if not isinstance(here, Comparison) or at >= len(here.arguments):
                return here
            given = (*here.arguments[:at], value, *here.arguments[at + 1 :])
            return replace(here, arguments=given)

        bench.put(changed(bench.root, node_id, change))


def _fits(fact: Any, kind: Any) -> bool:
    return fact is not None and (fact.type == kind or kind is None)


def _in_place_of(old: Node, new: Node) -> Node:
    """A new condition keeps the number, and the conditions on items of the same list."""
    named = replace(new, id=old.id)
    before, after = where_of(old), where_of(named)
    same = getattr(old, "list", None) == getattr(named, "list", None)
    if before is not None and after is not None and type(old) is type(named) and same:
        return with_where(named, before)
    return named
