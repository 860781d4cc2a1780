"""Comparing two flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from engine.flows.diff.differences import MISSING, Difference, Fate, FlowDiff, NodeDiff
from engine.flows.diff.renames import guess_renames
from engine.flows.model import Flow, Node, StepKind
from engine.flows.problems import Path
from engine.flows.stored_json import alike

# In the order in which people read a flow file.
_ABOUT: Final = (
    *("label", "purpose", "consent_note", "priority", "trigger", "entry", "exit_when", "goal"),
    *("holdout_percent", "first"),
)


def diff_flows(old: Flow, new: Flow, *, kinds: Mapping[str, StepKind]) -> FlowDiff:
    """What a person must know who has the old flow and gets the new one.

    `kinds` tells where rules stand; a node of an unknown kind is compared value by value.
    """
    renames = guess_renames(old, new)
    came_from = {after: before for before, after in renames.items()}
    nodes = [
        _node_diff(old.nodes.get(came_from.get(name, name)), node, renames, kinds)
        for name, node in new.nodes.items()
    ]
    nodes += [
        NodeDiff(Fate.REMOVED, name, node.kind, was=name, was_kind=node.kind)
        for name, node in old.nodes.items()
        if name not in new.nodes and name not in renames
    ]
    about = (*_about(old, new, renames), *_order(old, new, renames))
    return FlowDiff(about, tuple(nodes), renames)


def _about(old: Flow, new: Flow, renames: Mapping[str, str]) -> Iterator[Difference]:
    before, after = old.definition(), new.definition()
    before["first"] = renames.get(old.first, old.first)
    keys = [*_ABOUT, *(key for key in {**before, **after} if key not in _ABOUT)]
    for key in keys:
        if key in ("flow", "nodes"):
            continue
        one, other = before.get(key, MISSING), after.get(key, MISSING)
        if key == "exit_when":
            yield from _rule((key,), one, other, reads_event=False)
        elif key == "trigger":
            yield from _trigger(old, new)
        else:
            yield from _values((key,), one, other, frozenset())


def _order(old: Flow, new: Flow, renames: Mapping[str, str]) -> Iterator[Difference]:
    """Steps that both have, written in another order: it changes nobody's way, but the hash."""
    before = [name for id_ in old.nodes if (name := renames.get(id_, id_)) in new.nodes]
    after = [name for name in new.nodes if name in set(before)]
    if before != after:
        yield Difference(("order of steps",), ", ".join(before), ", ".join(after))


def _trigger(old: Flow, new: Flow) -> Iterator[Difference]:
    """As people write both; null and nothing are the same there."""
    one, other = old.trigger.written(), new.trigger.written()
    rules = _trigger_rules(old, one) | _trigger_rules(new, other)
    for key in {**one, **other}:
        before, after = one.get(key), other.get(key)
        path: Path = ("trigger", key)
        if key in rules:
            yield from _rule(path, before, after, reads_event=new.trigger.reads_event)
        else:
            yield from _values(path, before, after, frozenset())


def _trigger_rules(flow: Flow, written: Mapping[str, Any]) -> set[str]:
    settings = {key: value for key, value in written.items() if key != "on"}
    return set(flow.trigger.written_rules(settings))


def _node_diff(
    old: Node | None, new: Node, renames: Mapping[str, str], kinds: Mapping[str, StepKind]
) -> NodeDiff:
    if old is None:
        return NodeDiff(Fate.ADDED, new.id, new.kind)
    settings = tuple(_settings(old, new, kinds))
    led = {exit_: renames.get(target, target) for exit_, target in old.exits.items()}
    exits = tuple(
        Difference((exit_,), led.get(exit_, MISSING), new.exits.get(exit_, MISSING))
        for exit_ in {**led, **new.exits}
        if led.get(exit_) != new.exits.get(exit_)
    )
    fate = Fate.SAME
    if old.id != new.id:
        fate = Fate.MOVED
    elif settings or exits or old.kind != new.kind:
        fate = Fate.CHANGED
    return NodeDiff(fate, new.id, new.kind, old.id, old.kind, settings, exits)


def _settings(old: Node, new: Node, kinds: Mapping[str, StepKind]) -> Iterator[Difference]:
    rules = _rule_paths(old, kinds) | _rule_paths(new, kinds)
    kind = kinds.get(new.kind)
    # setting by setting: a step without any has no place that a difference of the whole could name
    found = (
        one
        for name in {**old.settings, **new.settings}
        for one in _values(
            (name,),
            old.settings.get(name, MISSING),
            new.settings.get(name, MISSING),
            frozenset(rules),
        )
    )
    for one in found:
        key = "/".join(map(str, one.path))
        if one.path in rules:
            reads = kind is not None and kind.rule_reads_event(key)
            yield from _rule(one.path, one.before, one.after, reads_event=reads)
        else:
            yield one


def _rule_paths(node: Node, kinds: Mapping[str, StepKind]) -> set[Path]:
    kind = kinds.get(node.kind)
    if kind is None:
        return set()
    return {
        tuple(int(part) if part.isdigit() else part for part in key.split("/"))
        for key in kind.written_rules(node.settings)
    }


def _rule(path: Path, before: Any, after: Any, *, reads_event: bool) -> Iterator[Difference]:
    """No rule is written as null or not at all."""
    one, other = (MISSING if side is None else side for side in (before, after))
    if not _same(one, other):
        yield Difference(path, one, other, is_rule=True, reads_event=reads_event)


def _values(path: Path, one: Any, other: Any, whole: frozenset[Path]) -> Iterator[Difference]:
    """The smallest parts that differ; the parts at `whole` are not taken to pieces."""
    if path not in whole:
        if _are(dict, one, other):
            before, after = (side if isinstance(side, dict) else {} for side in (one, other))
            for key in {**before, **after}:
                below = (*path, key)
                yield from _values(below, before.get(key, MISSING), after.get(key, MISSING), whole)
            return
        if _are((list, tuple), one, other) and _has_parts(one, other):
            for index in range(max(_length(one), _length(other))):
                below = (*path, index)
                yield from _values(below, _at(one, index), _at(other, index), whole)
            return
    if not _same(one, other):
        yield Difference(path, one, other)


def _same(one: Any, other: Any) -> bool:
    if one is MISSING or other is MISSING:
        return one is other
    return alike(one, other)


def _are(kind: type | tuple[type, ...], one: Any, other: Any) -> bool:
    """Whether both are of a kind; what is missing is of any, but something must be there."""
    present = [side for side in (one, other) if side is not MISSING]
    return bool(present) and all(isinstance(side, kind) and side for side in present)


def _has_parts(one: Any, other: Any) -> bool:
    """A list of words is one value; a list of cases or arms has parts of its own."""
    items = [item for side in (one, other) if side is not MISSING for item in side]
    return any(isinstance(item, dict) for item in items)


def _length(side: Any) -> int:
    return 0 if side is MISSING else len(side)


def _at(side: Any, index: int) -> Any:
    return side[index] if index < _length(side) else MISSING
