"""What checks of pipelines, approval chains, escalation policies and assignment rules find, by
their code. Their texts are read as those of flows are, so the codes of reading are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.i18n import N_
from designer.problem_words import flows

_PIPELINES: Final[Mapping[str, str]] = {
    "automatic_approval": N_("A move that waits for an approval cannot happen by itself."),
    "automatic_on_closed": N_("Deals that are over have no clock, so nothing moves them."),
    "automatic_without_cause": N_("Say after which time, or by which rule, it moves by itself."),
    "clock_on_closed": N_("Deals that are over have no clock: take it out."),
    "closed_probability": N_("A closed stage has its probability by itself: leave it out."),
    "endless_moves": N_(
        "Moves by themselves go round in a circle without waiting: give one of them a time."
    ),
    "kind_in_use": N_("Deals stand on this stage: move them before it changes its kind."),
    "moved_from_present": N_("This stage is still there, so nothing moves away from it."),
    "moved_to_other_kind": N_("Deals of a left-out stage go to a stage of the same kind."),
    "no_lost_stage": N_("A pipeline needs a stage for lost deals."),
    "no_open_stage": N_("A pipeline needs a stage on which deals begin."),
    "no_probability": N_("Deals on this stage count for nothing: it has no probability."),
    "no_way_out": N_("From this stage no way leads to an end, so its deals stay open."),
    "no_won_stage": N_("A pipeline needs a stage for won deals."),
    "odd_category": N_("The stage counts in the forecast as something else than it is."),
    "probability_falls": N_("This stage is less likely to be won than the one before it."),
    "stage_in_use": N_("Deals stand on a stage that is left out here: say where they go."),
    "stage_twice": N_("Two stages have the same key: give one of them another."),
    "to_itself": N_("A way leads from a stage to itself: take it out."),
    "unreachable_stage": N_("No way leads to this stage."),
}
_LADDERS: Final[Mapping[str, str]] = {
    "band_gap": N_("Some amounts are in no band: bands follow each other without a gap."),
    "duplicate_key": N_("The same level stands here more than once."),
    "empty_band": N_("The band ends where it begins; nothing is in it."),
    "empty_role": N_("Nobody who is active has this role."),
    "empty_team": N_("Nobody who is active is in this team."),
    "manager_circle": N_("The line of managers goes round in a circle."),
    "no_team_head": N_("The team has no head: name one."),
    "no_working_time": N_("Nobody ever works in this calendar, so its times never come."),
    "overlapping_bands": N_("Two bands take the same amounts."),
    "quorum_too_large": N_("More answers are wanted than there are people."),
    "unknown_level": N_("There is no level of this name."),
    "unknown_role": N_("There is no role of this name."),
    "unknown_team": N_("There is no team of this name."),
    "unreachable_level": N_("No band goes through this level."),
}
_ASSIGNMENT: Final[Mapping[str, str]] = {
    "bad_weight": N_("A weight is a whole number that is not too large."),
    "duplicate_name": N_("A rule above has this name; each has its own."),
    "never_reached": N_("Rules above it take every record that it would take."),
    "no_effect": N_("Weights count only where work is shared by weight."),
    "nobody_fits": N_("Nobody who works here fits all that is asked together."),
    "nobody_takes": N_("Name somebody else who works here, or a team."),
    "nothing_at_the_end": N_("Say what becomes of records that no rule takes."),
    "several_ways": N_("Write either a table or rules, not both."),
    "too_many": N_("These are too many."),
    "unknown_skill": N_("Nobody who works here has this skill."),
    "unknown_territory": N_("Nobody who works here covers this territory."),
    "unknown_value": N_("The field never has this value."),
}
SENTENCES: Final[Mapping[str, str]] = {
    **flows.SENTENCES,
    **_PIPELINES,
    **_LADDERS,
    **_ASSIGNMENT,
    "bad_label": N_("A label is a short text."),
    "several_kinds": N_("Write one definition in a text."),
    "unknown_chain": N_("There is no approval chain of this name."),
    "unknown_kind": N_("The text does not say what it defines."),
    "unknown_stage": N_("The pipeline has no stage of this name."),
}
