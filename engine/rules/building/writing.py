"""From the tree to the rule, remembering where each node is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.rules.building.tree import (
    Comparison,
    EventTime,
    Fact,
    Group,
    Happened,
    Membership,
    Node,
    Operand,
    Quiet,
    Records,
    Total,
    Written,
    walk,
)
from engine.rules.problems import step_into


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """`document` is None for a tree without conditions. `places` are pointers into it, by node;
    what is empty stands nowhere."""

    document: Any
    places: Mapping[int, str]

    def node_at(self, pointer: str) -> int | None:
        """The innermost node that a pointer lies in."""
        best: int | None = None
        length = -1
        for node, place in self.places.items():
            inside = pointer == place or pointer.startswith(f"{place}/") or place == ""
            # of a group and its lone part, which share a place, the later one is the inner one
            if inside and len(place) >= length:
                best, length = node, len(place)
        return best


def written(root: Group) -> WrittenRule:
    """The rule of a whole tree."""
    writer = _Writer()
    if not root.parts:
        return WrittenRule(None, {root.id: ""})
    return WrittenRule(writer.whole(root, ""), writer.places)


def document_of(node: Node) -> Any:
    """The rule of one node alone."""
    return _Writer().node(node, "")


def incomplete(root: Group) -> list[int]:
    """The conditions in which something is not chosen yet, and groups without any, in order."""
    hollow = {
        part.id
        for one in walk(root)
        if isinstance(one, Group)
        for part in one.parts
        if isinstance(part, Group) and not part.parts
    }
    return [one.id for one in walk(root) if one.id in hollow or _lacks(one)]


def _lacks(node: Node) -> bool:
    match node:
        case Comparison(left=left, operator=operator, arguments=arguments):
            return _operand_lacks(left) or _arguments_lack(operator, arguments)
        case Happened(event=event, times=times, window=window):
            return not event or times is None or (window is not None and None in window)
        case Quiet(event=event, times=times):
            return not event or times is None
        case Membership(segment=segment):
            return not segment
        case Records(quantifier="all", where=where):
            return not where.parts
        case _:
            return False


def _operand_lacks(left: Operand) -> bool:
    match left:
        case Fact(path=path):
            return not path
        case Total(function="count"):
            return False
        case Total(function="money_sum", of=of, currency=currency):
            return not of or not currency
        case Total(of=of):
            return not of
        case EventTime(event=event):
            return not event


def _arguments_lack(operator: str, arguments: tuple[Any, ...]) -> bool:
    # the window of "was ever" may be left out
    needed = arguments[:1] if operator == "was_ever" else arguments
    if operator == "was_ever" and len(arguments) > 1 and arguments[1] is not None:
        needed = (*needed, *arguments[1])
    return any(one is None or one in ([], "") for one in needed)


@dataclass(slots=True)
class _Writer:
    places: dict[int, str] = field(default_factory=dict)

    def whole(self, group: Group, pointer: str) -> Any:
        """A group of its own: one condition alone needs no group around it."""
        if group.join == "all" and len(group.parts) == 1 and not isinstance(group.parts[0], Group):
            self.places[group.id] = pointer
            return self.node(group.parts[0], pointer)
        return self.group(group, pointer)

    def where(self, group: Group, pointer: str) -> Any:
        """The conditions on the items of a list; None when there are none."""
        return self.whole(group, pointer) if group.parts else None

    def node(self, node: Node, pointer: str) -> Any:
        self.places[node.id] = pointer
        match node:
            case Group():
                return self.group(node, pointer)
            case Comparison():
                return self.comparison(node, pointer)
            case Happened():
                return self.happened(node, pointer)
            case Quiet():
                return {"inactive_for": [node.event, node.times, node.unit]}
            case Records():
                return self.records(node, pointer)
            case Membership():
                return {"member_of": [node.segment]}
            case Written():
                return node.document

    def group(self, group: Group, pointer: str) -> Any:
        self.places[group.id] = pointer
        if group.join != "none":
            name = "and" if group.join == "all" else "or"
            return {name: self._parts(group, step_into(pointer, name))}
        inner = step_into(step_into(pointer, "!"), 0)
        lone = group.parts[0] if len(group.parts) == 1 else None
        # a lone "any" stays a group of its own when it is read again
        if lone is not None and not (isinstance(lone, Group) and lone.join == "any"):
            return {"!": [self.node(lone, inner)]}
        return {"!": [{"or": self._parts(group, step_into(inner, "or"))}]}

    def _parts(self, group: Group, pointer: str) -> list[Any]:
        return [self.node(part, step_into(pointer, at)) for at, part in enumerate(group.parts)]

    def comparison(self, node: Comparison, pointer: str) -> Any:
        inner = step_into(step_into(pointer, node.operator), 0)
        arguments = [list(one) if isinstance(one, tuple) else one for one in node.arguments]
        if node.operator == "was_ever" and arguments[1:] == [None]:
            arguments.pop()
        return {node.operator: [self.operand(node.left, inner), *arguments]}

    def operand(self, left: Operand, pointer: str) -> Any:
        match left:
            case Fact(path=path, in_base=True):
                return {"in_base": [{"var": path}]}
            case Fact(path=path):
                return {"var": path}
            case EventTime(which=which, event=event):
                where = self.where(left.where, f"{pointer}/{which}/1")
                return {which: [event] if where is None else [event, where]}
            case Total(function=function):
                arguments: list[Any] = [{"var": left.list}]
                if function != "count":
                    arguments.append({"var": left.of})
                if function == "money_sum":
                    arguments.append(left.currency)
                where = self.where(left.where, f"{pointer}/{function}/{len(arguments)}")
                return {function: arguments if where is None else [*arguments, where]}

    def happened(self, node: Happened, pointer: str) -> Any:
        window = None if node.window is None else list(node.window)
        arguments: list[Any]
        if node.how == "not_done":
            arguments = [node.event, window]
        else:
            arguments = [node.event, node.sign, node.times, window]
        where = self.where(node.where, f"{pointer}/{node.how}/{len(arguments)}")
        if where is not None:
            return {node.how: [*arguments, where]}
        if window is None:
            arguments.pop()
            if arguments[1:] == [">=", 1]:
                arguments = arguments[:1]
        return {node.how: arguments}

    def records(self, node: Records, pointer: str) -> Any:
        items = {"var": node.list}
        if not node.where.parts and node.quantifier != "all":
            return {"is_set" if node.quantifier == "some" else "is_empty": [items]}
        place = f"{pointer}/{node.quantifier}/1"
        if not node.where.parts:
            return {node.quantifier: [items, self.group(node.where, place)]}
        return {node.quantifier: [items, self.whole(node.where, place)]}
