"""What a simulation answers, as plain JSON."""

from __future__ import annotations

from typing import Any

from engine.effects import ESCALATE, REQUEST_APPROVAL, SEND_MESSAGE
from engine.services.simulating.letters import Letters
from engine.services.simulating.question import Simulated
from engine.simulate.report import report

# What the simulation takes for granted, by the kind of step.
_ASSUMED = {
    "call_webhook": "Calls of other systems are answered with success and give back nothing.",
    "notify": "Notices reach whom they are meant for.",
    "escalate": "Escalations are acknowledged an hour after the first level is told.",
    "assign": "There is somebody to assign.",
    "move_stage": "There is an open deal, and it may be moved.",
    "create_record": "Records can be made.",
    "start_flow": "Other flows let people in; what happens in them is not simulated.",
}
_APPROVED = "Requests for approval are answered after an hour: {}."
_NEVER_APPROVED = "Requests for approval are never answered: they time out."


def as_document(simulated: Simulated) -> dict[str, Any]:
    """Everything, in JSON types."""
    question = simulated.question
    document = report(
        simulated.trace, hours=question.hours, people=simulated.people, listed=simulated.listed
    )
    return {
        **document,
        "seed": question.seed,
        "events_of_others": simulated.strangers,
        "rendered": rendered(simulated.letters),
        "assumed": assumed(simulated),
    }


def rendered(letters: Letters | None) -> dict[str, Any]:
    """The letters that were really written, one of each template and language, and for whom it
    could not be done."""
    if letters is None:
        return {"written": 0, "failed": 0, "problems": [], "examples": []}
    return {
        "written": letters.written,
        "failed": letters.failed,
        "problems": [
            {
                "person": one.person_id,
                "node": one.node,
                "template": one.template,
                "code": one.code,
                "message": one.message,
            }
            for one in letters.complaints
        ],
        "examples": [
            {
                "person": one.person_id,
                "node": one.node,
                "language": one.message.language,
                "subject": one.message.subject,
                "text": one.message.text,
            }
            for one in letters.shown
        ],
    }


def assumed(simulated: Simulated) -> list[str]:
    """What was taken for granted, as far as the flow asks for it."""
    flow, question = simulated.trace.plan.flow, simulated.question
    kinds = dict.fromkeys(node.kind for node in flow.nodes.values())
    said = [_ASSUMED[kind] for kind in kinds if kind in _ASSUMED]
    if REQUEST_APPROVAL.name in kinds:
        never = question.approvals == "timed_out"
        said.append(_NEVER_APPROVED if never else _APPROVED.format(question.approvals))
    if ESCALATE.name in kinds and not question.acknowledged:
        said.remove(_ASSUMED[ESCALATE.name])
        said.append("Nobody acknowledges escalations.")
    if SEND_MESSAGE.name in kinds:
        said.append("Messages are delivered, except for want of an address or of consent.")
    if question.afresh:
        said.append("Earlier runs do not count: everybody comes as if for the first time.")
    elif simulated.returning:
        said.append(
            f"{simulated.returning:,} of the people were in this flow before, as its entry policy "
            "knows; their runs that are not over stay where they are."
        )
    return said
