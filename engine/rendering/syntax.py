"""What may stand in a template: an allow-list over Jinja's syntax tree.

The walk also writes down which variables are read where, with loop variables resolved to the lists
they come from, and puts counting filters around what loops walk through and `~` puts together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from jinja2 import nodes

from engine.rendering.limits import MAX_DEPTH, MAX_LOOP_DEPTH, MAX_NODES
from engine.rendering.problems import ProblemCode, TemplateProblem
from engine.rendering.sandbox import FILTERS, LOOP_FIELDS, PIECE, TESTS, WALK
from engine.rendering.vocabulary import ITEM, Path

_PLAIN: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Neg,
    nodes.Concat,
    nodes.Add,
    nodes.Sub,
    nodes.Mul,
    nodes.Div,
    nodes.List,
    nodes.Keyword,
)
_NAMES: Mapping[type[nodes.Node], str] = {
    nodes.Call: "Calling something with (...)",
    nodes.Include: "{% include %}",
    nodes.Import: "{% import %}",
    nodes.FromImport: "{% import %}",
    nodes.Extends: "{% extends %}",
    nodes.Block: "{% block %}",
    nodes.Macro: "{% macro %}",
    nodes.CallBlock: "{% call %}",
    nodes.FilterBlock: "{% filter %}",
    nodes.Assign: "{% set %}",
    nodes.AssignBlock: "{% set %}",
    nodes.With: "{% with %}",
    nodes.Scope: "{% autoescape %}",
    nodes.ScopedEvalContextModifier: "{% autoescape %}",
    nodes.Pow: '"**"',
    nodes.Mod: '"%"',
    nodes.FloorDiv: '"//"',
    nodes.Dict: "A {...} group",
    nodes.Tuple: "A (..., ...) list",
    nodes.Slice: "A [a:b] slice",
}
_RESERVED = frozenset({"self", "super", "caller", "varargs", "kwargs"})


@dataclass(frozen=True, slots=True)
class Reference:
    """A variable that is read; `printed` into the text as it is, or `walked` by a loop."""

    path: Path
    line: int
    printed: bool = False
    walked: bool = False


@dataclass(slots=True)
class Inspection:
    """What the walk found."""

    problems: list[TemplateProblem] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    has_loops: bool = False


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the walk stands: loop variables in reach, depth, and whether the value gets printed."""

    scope: Mapping[str, Path]
    depth: int = 0
    loops: int = 0
    printed: bool = False
    walked: bool = False


def inspect(tree: nodes.Template) -> Inspection:
    """Walk the tree without recursion; a tree too deep or too large is reported and left."""
    found = Inspection()
    pending: list[tuple[nodes.Node, _Here]] = [(tree, _Here({}))]
    seen = 0
    while pending:
        node, here = pending.pop()
        seen += 1
        if here.depth > MAX_DEPTH:
            _note(found, node, "too_deep", f"Nested more than {MAX_DEPTH} levels deep.")
            break
        if seen > MAX_NODES:
            _note(found, node, "too_large", f"More than {MAX_NODES:,} parts; make it simpler.")
            break
        # children are walked in reading order, so problems come in the order of the text
        pending.extend(reversed(list(_visit(node, here, found))))
    found.problems.sort(key=lambda problem: problem.line)
    return found


def _visit(node: nodes.Node, here: _Here, found: Inspection) -> Iterable[tuple[nodes.Node, _Here]]:
    match node:
        case nodes.Name() | nodes.Getattr() | nodes.Getitem():
            return _read(node, here, found)
        case nodes.For():
            return _loop(node, here, found)
        case nodes.Filter():
            return _filter(node, here, found)
        case nodes.Test():
            if node.name not in TESTS:
                _note(found, node, "unknown_test", _choose("test", node.name, TESTS))
            return _children(node, _inner(here))
        case nodes.Output():
            return _children(node, _inner(here, printed=True))
        case nodes.CondExpr():
            tested = _inner(here)
            shown = _inner(here, printed=here.printed)
            branches = [node.expr1] + ([node.expr2] if node.expr2 is not None else [])
            return [(node.test, tested), *((branch, shown) for branch in branches)]
        case nodes.Concat():
            children = _children(node, _inner(here, printed=True))
            node.nodes = [_put_around(PIECE, child) for child in node.nodes]
            return children
    if isinstance(node, _PLAIN):
        return _children(node, _inner(here))
    what = _NAMES.get(type(node), f"{type(node).__name__}")
    _note(found, node, "not_allowed", f"{what} is not allowed in a template.")
    return ()


def _inner(here: _Here, *, printed: bool = False) -> _Here:
    return _Here(here.scope, here.depth + 1, here.loops, printed)


def _children(node: nodes.Node, here: _Here) -> Iterable[tuple[nodes.Node, _Here]]:
    return [(child, here) for child in node.iter_child_nodes()]


def _read(
    node: nodes.Name | nodes.Getattr | nodes.Getitem, here: _Here, found: Inspection
) -> Iterable[tuple[nodes.Node, _Here]]:
    """A variable with its fields: `a.b["c"][0]` is one reference."""
    parts: list[str] = []
    base: nodes.Node = node
    while not isinstance(base, nodes.Name):
        if len(parts) > MAX_DEPTH:
            _note(found, node, "too_deep", f"Nested more than {MAX_DEPTH} levels deep.")
            return ()
        match base:
            case nodes.Getattr():
                parts.append(base.attr)
            case nodes.Getitem(arg=nodes.Const(value=str() as key)):
                parts.append(key)
            case nodes.Getitem(arg=nodes.Const(value=int() as index)) if index is not True:
                parts.append(ITEM)
            case nodes.Getitem():
                _note(found, base, "not_allowed", "Only a fixed name or number may stand in [...].")
                return ()
            case _:
                _note(found, base, "not_allowed", "Only a variable has fields.")
                return ()
        base = base.node
    _refer(node, [base.name, *reversed(parts)], here, found)
    return ()


def _refer(node: nodes.Node, parts: list[str], here: _Here, found: Inspection) -> None:
    if any(part.startswith("_") for part in parts) or parts[0] in _RESERVED:
        _note(found, node, "not_allowed", f'"{_shown(".".join(parts))}" is not a name to be used.')
        return
    if parts[0] == "loop" and here.loops:
        if len(parts) != 2 or parts[1] not in LOOP_FIELDS:
            known = ", ".join(sorted(f"loop.{name}" for name in LOOP_FIELDS))
            _note(found, node, "unknown_variable", f"A loop offers {known}.")
        return
    path: list[str] = [*here.scope.get(parts[0], (parts[0],))]
    for part in parts[1:]:
        if part == ITEM:
            path[-1] += ITEM
        else:
            path.append(part)
    found.references.append(Reference(tuple(path), node.lineno, here.printed, here.walked))


def _loop(node: nodes.For, here: _Here, found: Inspection) -> Iterable[tuple[nodes.Node, _Here]]:
    found.has_loops = True
    if node.recursive:
        _note(found, node, "not_allowed", "A recursive loop is not allowed in a template.")
        return ()
    if here.loops >= MAX_LOOP_DEPTH:
        _note(found, node, "too_deep", f"Loops may stand {MAX_LOOP_DEPTH} deep in each other.")
        return ()
    if not isinstance(node.target, nodes.Name):
        _note(found, node, "not_allowed", "A loop has one variable: {% for order in orders %}.")
        return ()
    name = node.target.name
    if name.startswith("_") or name in _RESERVED or name == "loop":
        _note(found, node, "not_allowed", f'"{_shown(name)}" is not a name to be used.')
        return ()
    if not isinstance(node.iter, nodes.Name | nodes.Getattr | nodes.Getitem):
        _note(found, node, "not_allowed", "A loop walks through a list that is a variable.")
        return ()
    listed = Inspection()
    _read(node.iter, here, listed)
    found.problems.extend(listed.problems)
    if not listed.references:
        return ()
    source = listed.references[0].path
    items = (*source[:-1], source[-1] + ITEM)
    within = _Here({**here.scope, name: items}, here.depth + 1, here.loops + 1)
    around = _inner(here)
    walked = _Here(here.scope, here.depth + 1, here.loops, walked=True)
    inside = [*node.body, *([node.test] if node.test is not None else [])]
    children = [(node.iter, walked), *((child, within) for child in inside)]
    children.extend((child, around) for child in node.else_)
    node.iter = _put_around(WALK, node.iter)
    return children


def _put_around(name: str, node: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _filter(
    node: nodes.Filter, here: _Here, found: Inspection
) -> Iterable[tuple[nodes.Node, _Here]]:
    if node.name not in FILTERS:
        _note(found, node, "unknown_filter", _choose("filter", node.name, tuple(FILTERS)))
    if node.node is None or node.dyn_args is not None or node.dyn_kwargs is not None:
        _note(found, node, "not_allowed", "A filter stands behind a value: {{ value | upper }}.")
        return ()
    return [
        (node.node, _inner(here)),
        *((child, _inner(here)) for child in (*node.args, *node.kwargs)),
    ]


def _choose(kind: str, name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, n=1)
    meant = f'; did you mean "{close[0]}"?' if close else f"; there are {', '.join(known)}."
    return f'There is no {kind} "{_shown(name)}"{meant}'


def _shown(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def _note(found: Inspection, node: nodes.Node, code: ProblemCode, message: str) -> None:
    # some nodes that Jinja puts around others carry no line of their own
    line = node.lineno or next((one.lineno for one in node.find_all(nodes.Node) if one.lineno), 1)
    found.problems.append(TemplateProblem(line, code, message))
