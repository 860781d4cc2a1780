"""What is printed in place of a variable that has no value, said once for a whole template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import nodes

Defaults = tuple[tuple[str, str], ...]


def write_defaults(tree: nodes.Template, defaults: Mapping[str, str]) -> None:
    """Put `| default(...)` behind each of these variables wherever its value is written.

    Conditions still see that it is missing, and a `default` that stands in the text already wins.
    """
    targets = (loop.target for loop in tree.find_all(nodes.For))
    taken = {target.name for target in targets if isinstance(target, nodes.Name)}
    known = {path: text for path, text in defaults.items() if path.split(".")[0] not in taken}
    for output in tree.find_all(nodes.Output):
        output.nodes = [_written(one, known) for one in output.nodes]


def _written(node: nodes.Expr, known: Mapping[str, str]) -> nodes.Expr:
    path = _path(node)
    if path is not None:
        text = known.get(path)
        return node if text is None else _default(node, text)
    match node:
        case nodes.Filter(name="default"):
            return node
        case nodes.Filter(node=nodes.Expr() as inner):
            node.node = _written(inner, known)
        case nodes.CondExpr():
            node.expr1 = _written(node.expr1, known)
            node.expr2 = None if node.expr2 is None else _written(node.expr2, known)
        case nodes.Concat():
            node.nodes = [_written(one, known) for one in node.nodes]
    return node


def _default(node: nodes.Expr, text: str) -> nodes.Filter:
    said = nodes.Const(text, lineno=node.lineno)
    return nodes.Filter(node, "default", [said], [], None, None, lineno=node.lineno)


def _path(node: nodes.Node) -> str | None:
    parts = list(_parts(node))
    return ".".join(reversed(parts)) if parts and all(parts) else None


def _parts(node: nodes.Node) -> Iterator[str]:
    """The names of a chain of fields, last first; an empty one where it is something else."""
    while not isinstance(node, nodes.Name):
        match node:
            case nodes.Getattr():
                yield node.attr
            case nodes.Getitem(arg=nodes.Const(value=str() as key)):
                yield key
            case _:
                yield ""
                return
        node = node.node
    yield node.name
