"""Why something was not done, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from designer.flow_graph import title_of
from designer.i18n import N_, Translator
from designer.visitor import Visitor
from engine.flows.editing import OperationRefused
from engine.services.flow_drafts import DraftConflict

_WORDS: Final[Mapping[str, str]] = {
    "unknown_node": N_("This step is not there any more."),
    "unknown_kind": N_("There is no such kind of step."),
    "unknown_exit": N_("The step has no such way out any more."),
    "taken": N_("There is a step of that name already. Choose another."),
    "bad_name": N_(
        "A step's name has small letters, digits and “_”, begins with a letter, and is at most 63 "
        "characters long."
    ),
    "too_many_nodes": N_("A flow has at most 500 steps. Part it into two flows."),
    "name_stays": N_("The short name of a flow never changes. Make a copy under another name."),
    "bad_paste": N_("There is no step to paste. Copy one first."),
    "first_needed": N_("A flow needs a first step. Lead the trigger to another one instead."),
}
_PLACES: Final[Mapping[str, str]] = {
    "$trigger": N_("the trigger"),
    "$first": N_("the first step"),
    "$entry": N_("who may come back"),
    "$goal": N_("the goal"),
    "$exit_when": N_("who leaves early"),
    "$label": N_("the name"),
    "$purpose": N_("the purpose"),
}


def refused_words(refused: OperationRefused, t: Translator) -> str:
    known = _WORDS.get(refused.code)
    return t(known) if known else str(refused)


def conflict_words(conflict: DraftConflict, visitor: Visitor) -> str:
    t = visitor.t
    places = ", ".join(_place(place, t) for place in conflict.places[:3])
    return t(
        "{who} changed {places} at {time}, so yours was not kept. Here is the newest: look at it "
        "and do it again.",
        who=conflict.by or t("Somebody who saved a file"),
        places=places,
        time=visitor.formats.moment(conflict.at),
    )


def _place(place: str, t: Translator) -> str:
    known = _PLACES.get(place)
    if known:
        return t(known)
    return f"“{title_of(place.removeprefix('$'))}”"
