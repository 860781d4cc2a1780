"""What the event at hand says has changed. Only rules that an event sets off can ask it."""

from __future__ import annotations

from typing import Final, Literal

from engine.rules import ir
from engine.rules.checked import Checked, Money, Null
from engine.rules.fact import RecordKind
from engine.rules.operators.arguments import argument
from engine.rules.operators.comparing import compare, presence
from engine.rules.operators.entry import Call, operator
from engine.rules.operators.kept_fields import KeptField, is_possible, kept_field
from engine.rules.operators.logic import conjunction, negation
from engine.rules.types import Type

# Nobody stands behind a change of an account, so no event tells of it.
TOLD: Final[tuple[RecordKind, ...]] = ("contact", "deal", "ticket", "order")
_STAGE = {"var": "contact.lifecycle_stage"}
_SCORE = {"var": "contact.score"}
_FIELD = argument("field", "kept field")
_NO_SQL = "none: there is no event in a segment"
_ABSENT = "false; so it is in an event that tells of no such change"


def _changing(call: Call) -> KeptField | None:
    if "event" not in call.scope.reach and call.scope.item is None:
        message = (
            f'"{call.name}" asks about the change that an event tells of, and here is no event; '
            'ask with "was_ever", or use the rule in a trigger.'
        )
        call.problem("field_out_of_reach", message)
        return None
    return kept_field(call, 0, TOLD)


def _at(field: KeptField, *inside: str) -> tuple[str, ...]:
    return ("event", "changes", field.record, field.fact.name, *inside)


def _happened(field: KeptField) -> ir.Predicate:
    return ir.IsSet(ir.Field(Type.PROPERTY, _at(field), dynamic=True))


@operator(
    "changed",
    "changed",
    "发生了变化",
    takes=(_FIELD,),
    means=(
        "The event tells that this field of the record got another value.",
        "事件表明记录的该字段有了新的值。",
    ),
    absent=_ABSENT,
    sql=_NO_SQL,
    example={"changed": [_STAGE]},
)
def changed(call: Call) -> Checked | None:
    field = _changing(call)
    return None if field is None else _happened(field)


@operator(
    "changed_to",
    "changed to",
    "变为",
    takes=(_FIELD, argument("value", "any", "null")),
    means=(
        "The field got this value, says the event; of tags, that this was added. null: no value.",
        "事件表明该字段变为此值；对于标签，即添加了此标签。null 表示没有值。",
    ),
    absent=_ABSENT,
    sql=_NO_SQL,
    example={"changed_to": [_STAGE, "customer"]},
)
def changed_to(call: Call) -> Checked | None:
    return _turned(call, "new")


@operator(
    "changed_from",
    "changed from",
    "原为",
    takes=(_FIELD, argument("value", "any", "null")),
    means=(
        "The field had this value before; of tags, that this was removed. null: no value.",
        "事件表明该字段原为此值；对于标签，即移除了此标签。null 表示没有值。",
    ),
    absent=_ABSENT,
    sql=_NO_SQL,
    example={"changed_from": [_STAGE, "customer"]},
)
def changed_from(call: Call) -> Checked | None:
    return _turned(call, "old")


def _turned(call: Call, side: Literal["old", "new"]) -> ir.Predicate | None:
    field = _changing(call)
    if field is None:
        return None
    if field.fact.type is Type.SET:
        return _member(call, field, side)
    value = call.node(1)
    if value is None or not is_possible(call, field, value, 1):
        return None
    there = field.read_at(*_at(field, side))
    if isinstance(value, Null):
        present = presence(call, there, 0)
        return None if present is None else conjunction(_happened(field), negation(present))
    return compare(call, "==", there, value, (0, 1))


def _member(call: Call, field: KeptField, side: Literal["old", "new"]) -> ir.Predicate | None:
    """A text that came into a set, or left it. Tags tell which; of others both states are known."""
    wanted = call.text(1)
    if wanted is None:
        return None

    def holds(where: str) -> ir.Predicate:
        return ir.Has(ir.Field(Type.SET, _at(field, where), dynamic=True), (wanted,))

    if not field.fact.dynamic:
        return holds("added" if side == "new" else "removed")
    return conjunction(holds(side), negation(holds("old" if side == "new" else "new")))


@operator(
    "increased_by",
    "increased by at least",
    "至少增加",
    takes=(_FIELD, argument("amount", "written number", "money")),
    means=(
        "The event tells that the number grew by this much or more; amounts within one currency.",
        "事件表明该数值至少增加了这么多；金额须为同一币种。",
    ),
    absent=f"{_ABSENT}, and where there was no value before",
    sql=_NO_SQL,
    example={"increased_by": [_SCORE, 10]},
)
def increased_by(call: Call) -> Checked | None:
    field, least = _changing(call), call.node(1)
    if field is None or least is None:
        return None
    old, new = field.read_at(*_at(field, "old")), field.read_at(*_at(field, "new"))
    match old, new, least:
        case ir.Field(type=Type.NUMBER), ir.Field(), ir.Literal(type=Type.NUMBER):
            return _grew(call, old, new, least)
        case Money(), Money(), Money(minor=ir.Literal() as minor):
            grew = _grew(call, old.minor, new.minor, minor)
            same = (ir.Compare("==", one.currency, least.currency) for one in (old, new))
            return None if grew is None else conjunction(*same, grew)
    message = '"increased_by" needs a number and how much it grew: both numbers, or both amounts.'
    call.problem("wrong_type", message, 1)
    return None


def _grew(call: Call, old: ir.Value, new: ir.Value, least: ir.Literal) -> ir.Predicate | None:
    assert isinstance(least.value, int | float)
    if least.value <= 0:
        call.problem("bad_number", "Write by how much it grew at least, more than 0.", 1)
        return None
    return ir.Compare(">=", ir.Arithmetic("-", new, old), least)
