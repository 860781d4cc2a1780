"""Looking into texts. There are no wildcards: % and _ are letters like others."""

from __future__ import annotations

from engine.rules import ir
from engine.rules.check import Placed
from engine.rules.checked import Checked
from engine.rules.operators.arguments import argument
from engine.rules.operators.entry import Call, macro, operator
from engine.rules.text_folding import fold_part
from engine.rules.types import Type

_TITLE = {"var": "contact.job_title"}
_TAKES = (argument("value", "text"), argument("piece", "written text"))
_PIECE_OF = (argument("value", "text", "set"), argument("piece", "written text"))


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
    "contains",
    "contains",
    "包含",
    takes=_PIECE_OF,
    means=(
        "The piece occurs in the text, letter by letter; in a set it is a whole member.",
        "文本中逐字出现该片段；对集合则为完整的一项。",
    ),
    absent="false",
    sql="strpos(a, :piece) > 0",
    example={"contains": [_TITLE, "sales"]},
)
def contains(call: Call) -> Checked | None:
    return _text_test(call, "contains")


@operator(
    "starts_with",
    "starts with",
    "开头是",
    takes=_TAKES,
    means=("The text begins with the piece.", "文本以该片段开头。"),
    absent="false",
    sql="starts_with(a, :piece)",
    example={"starts_with": [_TITLE, "Head"]},
)
def starts_with(call: Call) -> Checked | None:
    return _text_test(call, "starts_with")


@operator(
    "ends_with",
    "ends with",
    "结尾是",
    takes=_TAKES,
    means=("The text ends with the piece.", "文本以该片段结尾。"),
    absent="false",
    sql="right(a, length(:piece)) = :piece",
    example={"ends_with": [_TITLE, "manager"]},
)
def ends_with(call: Call) -> Checked | None:
    return _text_test(call, "ends_with")


@macro(
    "not_contains",
    "does not contain",
    "不包含",
    takes=_PIECE_OF,
    means=("The exact complement of contains.", "“包含”的完全相反。"),
    absent="true",
    example={"not_contains": [_TITLE, "intern"]},
)
def not_contains(arguments: list[Placed]) -> object:
    return {"!": [{"contains": arguments}]}


@macro(
    "not_starts_with",
    "does not start with",
    "开头不是",
    takes=_TAKES,
    means=("The exact complement of starts with.", "“开头是”的完全相反。"),
    absent="true",
    example={"not_starts_with": [_TITLE, "Junior"]},
)
def not_starts_with(arguments: list[Placed]) -> object:
    return {"!": [{"starts_with": arguments}]}


@macro(
    "not_ends_with",
    "does not end with",
    "结尾不是",
    takes=_TAKES,
    means=("The exact complement of ends with.", "“结尾是”的完全相反。"),
    absent="true",
    example={"not_ends_with": [_TITLE, "assistant"]},
)
def not_ends_with(arguments: list[Placed]) -> object:
    return {"!": [{"ends_with": arguments}]}
