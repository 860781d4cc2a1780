"""Looking into texts."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.checked import Checked
from engine.rules.operators.entry import Call, operator
from engine.rules.text_folding import fold_part
from engine.rules.types import Type

_TITLE = {"var": "contact.job_title"}


def _text_test(call: Call, test: ir.TextTestName) -> ir.Predicate | None:
    node, wanted = call.node(0), call.text(1)
    if node is None or wanted is None:
        return None
    if test == "contains" and isinstance(node, ir.Field) and node.type is Type.SET:
        return ir.Has(node, (wanted,))
    value = call.typed(node, 0, Type.TEXT)
    if value is None:
        return None
    folded = isinstance(value, ir.Field) and value.folded
    return ir.TextTest(test, value, fold_part(wanted) if folded else wanted)


@operator(
    "contains", "contains", "包含", takes=2, absent="false", example={"contains": [_TITLE, "sales"]}
)
def contains(call: Call) -> Checked | None:
    return _text_test(call, "contains")


@operator(
    "starts_with",
    "starts with",
    "开头是",
    takes=2,
    absent="false",
    example={"starts_with": [_TITLE, "Head"]},
)
def starts_with(call: Call) -> Checked | None:
    return _text_test(call, "starts_with")


@operator(
    "ends_with",
    "ends with",
    "结尾是",
    takes=2,
    absent="false",
    example={"ends_with": [_TITLE, "manager"]},
)
def ends_with(call: Call) -> Checked | None:
    return _text_test(call, "ends_with")
