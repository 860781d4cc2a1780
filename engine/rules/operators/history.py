"""What a field of the contact once was, from the history of its changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from engine.rules import ir
from engine.rules.check import Placed, Scope
from engine.rules.checked import Checked, Null
from engine.rules.operators.arguments import argument, optional
from engine.rules.operators.comparing import compare
from engine.rules.operators.entry import Call, operator
from engine.rules.operators.kept_fields import KeptField, is_possible, kept_field
from engine.rules.operators.lists import item_scope
from engine.rules.operators.logic import conjunction
from engine.rules.problems import shown, step_into
from engine.rules.types import Type

_CHANGES: Final = ir.Items("changes")
_STAGE = {"var": "contact.lifecycle_stage"}
_MEANS = (
    "The contact's field had this value at some moment of the window, or ever: it has it now, or a "
    "change within the window led to it or away from it. So a value held since before the window "
    "counts. Tags are asked one by one; null: no value."
)
_MEANS_ZH = (
    "联系人的该字段在时间范围内（或一直以来）的某一时刻为此值：现在为此值，或范围内有变更变为此值或"
    "由此值变走；因此范围开始前已有的值也算。标签逐个询问；null 表示没有值。"
)
# Windows that reach until now. In others the value could have come before the window and gone
# after it, which no single change tells.
_WINDOWS: Final = (
    *("in_last", "in_last_calendar", "today", "this_week", "this_month", "this_quarter"),
    *("this_year", "after"),
)


@operator(
    "was_ever",
    "was ever",
    "曾经为",
    takes=(
        argument("field", "kept field"),
        argument("value", "any", "null"),
        optional("window", "window", "null"),
    ),
    means=(_MEANS, _MEANS_ZH),
    absent="false; null asks whether the value was ever absent",
    sql="a = :v OR EXISTS (field_change WHERE field = :f AND changed_at >= :start AND :v IN "
    "(old, new))",
    example={"was_ever": [_STAGE, "customer", ["in_last", 12, "months"]]},
)
def was_ever(call: Call) -> Checked | None:
    field = kept_field(call, 0, ("contact",))
    if field is None:
        return None
    if field.fact.folded:
        # the database cannot fold what it kept, so the two sides could not be compared there
        call.problem("wrong_type", f'"was_ever" cannot look for {_named(field)}.', 0)
        return None
    is_now, was = _values(call, field)
    within = _within(call)
    if is_now is None or was is None or within is None:
        return None
    of_field = ir.Compare(
        "==", ir.Field(Type.TEXT, ("field",)), ir.Literal(Type.TEXT, field.fact.name)
    )
    return ir.Or((is_now, ir.Quantified("some", _CHANGES, conjunction(of_field, within, was))))


def _named(field: KeptField) -> str:
    return f"an {field.fact.label.en}, whose capitals do not count"


def _values(call: Call, field: KeptField) -> tuple[ir.Predicate, ir.Predicate] | tuple[None, None]:
    """That the value is the wanted one now, and that a change tells it was."""
    if field.fact.type is Type.SET:
        return _members(call, field)
    wanted = call.node(1)
    if wanted is None or not is_possible(call, field, wanted, 1):
        return None, None
    if not isinstance(wanted, Null | ir.Literal | ir.Moment) and not _is_amount(wanted):
        call.problem("needs_literal", '"was_ever" needs a written-out value here.', 1)
        return None, None
    is_now = compare(call, "==", field.now, wanted, (0, 1))
    if is_now is None:
        return None, None
    inside = replace(call, scope=item_scope(_CHANGES, call.scope))
    sides = [compare(inside, "==", field.read_at(side), wanted, (0, 1)) for side in ("old", "new")]
    return is_now, ir.Or(tuple(side for side in sides if side is not None))


def _is_amount(wanted: Checked) -> bool:
    return isinstance(getattr(wanted, "minor", None), ir.Literal)


def _members(call: Call, field: KeptField) -> tuple[ir.Predicate, ir.Predicate] | tuple[None, None]:
    wanted = call.text(1)
    if wanted is None or not isinstance(field.now, ir.Field):
        return None, None
    sides: tuple[ir.Predicate, ...]
    if field.fact.dynamic:
        held = (ir.Field(Type.SET, (side,), dynamic=True) for side in ("old", "new"))
        sides = tuple(ir.Has(side, (wanted,)) for side in held)
    else:
        # a tag is a change of its own
        text = ir.Literal(Type.TEXT, wanted)
        tags = (ir.Field(Type.TEXT, (side,), dynamic=True) for side in ("old", "new"))
        sides = tuple(ir.Compare("==", side, text) for side in tags)
    return ir.Has(field.now, (wanted,)), ir.Or(sides)


def _within(call: Call) -> ir.Predicate | None:
    """That a change lies in the window. Only its start counts: it ends now, and no change is later,
    whatever the clocks of two machines say.
    """
    window = call.raw(2)
    if window is None:
        return ir.TRUE
    name = window[0] if isinstance(window, list) and window else window
    if not isinstance(window, list) or name not in _WINDOWS:
        choices = ", ".join(_WINDOWS)
        message = f"{shown(name)} is no window that ends now; choose one of {choices}."
        call.problem("bad_choice", message, 2)
        return None
    return _from_start(call, str(name), window)


def _from_start(call: Call, name: str, window: list[object]) -> ir.Predicate | None:
    place = call.place(2)
    rest = [Placed(item, step_into(place, at)) for at, item in enumerate(window[1:], start=1)]
    spelled = Placed({name: [{"var": "changed_at"}, *rest]}, place)
    scope: Scope = item_scope(_CHANGES, call.scope)
    match call.checker.predicate(spelled, scope, place):
        case ir.Within(value, low):
            return ir.Compare(">=", value, low)
        case ir.Compare(">=") as bound:
            return bound
        case ir.Compare(">", value, low):
            return ir.Compare(">=", value, low)
        case _:
            return None
