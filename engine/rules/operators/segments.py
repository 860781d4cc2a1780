"""Being a member of a segment. The rule of a saved segment is written out in place; of a static
list, which people keep by hand, it is asked who is on it.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from engine.rules import ir
from engine.rules.checked import Checked
from engine.rules.envelope import unwrap
from engine.rules.limits import MAX_NESTED_SEGMENTS, size_problems
from engine.rules.operators.arguments import argument
from engine.rules.operators.entry import Call, operator
from engine.rules.problems import RuleRefused, shown
from engine.rules.types import Type


class SegmentKind(Enum):
    """What stands in `segments` for one that has no rule."""

    STATIC_LIST = "static list"


STATIC_LIST: Final = SegmentKind.STATIC_LIST
_SEGMENTS: Final = ir.Field(Type.SET, ("contact", "segments"))


@operator(
    "member_of",
    "is a member of",
    "属于客户群",
    takes=(argument("segment", "name"),),
    means=(
        "The rule of the segment holds, or the static list has the contact on it.",
        "客户群的规则成立，或静态名单中有该联系人。",
    ),
    sql="the segment's rule in place; EXISTS (segment_member) for a static list",
    absent="as the segment's own rule says",
    example={"member_of": ["customers"]},
)
def member_of(call: Call) -> Checked | None:
    """Segments may be made of segments, but not of themselves."""
    name = call.raw(0)
    document = call.checker.segments.get(name) if isinstance(name, str) else None
    if not isinstance(name, str) or document is None:
        call.problem("unknown_segment", f"There is no segment {shown(name)}.", 0)
        return None
    if call.scope.item is not None:
        call.problem("field_out_of_reach", "A record in a list is not a member of segments.", 0)
        return None
    if name in call.checker.writing_out:
        round_trip = " -> ".join((*call.checker.writing_out, name))
        call.problem("circular_segment", f"The segment is made of itself: {round_trip}.", 0)
        return None
    if document is STATIC_LIST:
        return ir.Has(_SEGMENTS, (name,))
    return _written_out(call, name, document)


def _written_out(call: Call, name: str, document: object) -> Checked | None:
    try:
        bare, _ = unwrap(document)
    except RuleRefused as refused:
        call.problem("unknown_segment", f"The segment {shown(name)} cannot be read: {refused}", 0)
        return None
    if problems := size_problems(bare, call.place(0)):
        call.checker.problems.extend(problems)
        return None
    if len(call.checker.writing_out) == MAX_NESTED_SEGMENTS:
        call.problem("too_deep", "Segments are nested too deep.", 0)
        return None
    call.checker.writing_out.append(name)
    try:
        return call.checker.predicate(bare, call.scope, call.place(0))
    finally:
        call.checker.writing_out.pop()
