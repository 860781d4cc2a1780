"""What the checker of rules finds, by its code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_

SENTENCES: Final[Mapping[str, str]] = {
    "not_a_rule": N_("This is not a rule."),
    "unknown_dialect": N_("This dialect of rules is not known."),
    "too_deep": N_("It is nested too deep; split it up."),
    "too_large": N_("It is too large; split it up."),
    "too_many_items": N_("The list holds too many values."),
    "bad_number": N_("This number cannot be used here."),
    "bad_text": N_("This text cannot be used here."),
    "bad_date": N_("This is no date of the calendar."),
    "bad_span": N_("This length of time cannot be used here."),
    "bad_money": N_("Write an amount with its currency."),
    "bad_choice": N_("This is none of the possible values."),
    "unknown_operator": N_("This operator is not known."),
    "wrong_argument_count": N_("Too many or too few values."),
    "unknown_field": N_("This field does not exist."),
    "field_out_of_reach": N_("This field cannot be read here."),
    "unknown_value": N_("The field never has this value."),
    "wrong_type": N_("The kind of value does not fit."),
    "type_unclear": N_("Compare it with a written value or a fact, so that its type is clear."),
    "needs_literal": N_("A written value is needed here."),
    "empty_group": N_("This group is empty: add a condition or remove it."),
    "null_not_allowed": N_("A value is needed here."),
    "too_steep": N_("The numbers grow too large here."),
    "unknown_segment": N_("There is no segment of this name."),
    "circular_segment": N_("The segment is made of itself."),
    "bad_table": N_("The form of the table is wrong here."),
    "bad_name": N_("Small letters, digits and _, with a letter first."),
    "bad_cell": N_("This cell cannot be read; see the examples below the table."),
    "bad_rule": N_("The condition of this row cannot be used."),
    "bad_output": N_("This answer does not fit the type of its column."),
    "missing_score": N_("This row needs a score."),
    "counts_segment_events": N_("A segment cannot count the coming and going of segments."),
    "breaks_segment": N_("A segment that is made of this one would not work any more."),
    "breaks_model": N_("A scoring model would read its own scores."),
}
