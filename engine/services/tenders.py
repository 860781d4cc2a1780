"""Whoever tends what is open and takes answers to it, by kind: a line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.services.approvals.answers import answer_request, answer_requests
from engine.services.approvals.tending import tend_approval
from engine.services.deals.tending import tend_deal
from engine.services.escalations.answers import answer_case
from engine.services.escalations.tending import tend_escalation
from engine.services.tending import Answer, Answered, Answerer, ClockKind, Tender, Together
from engine.services.tickets import tend_ticket
from engine.services.work import Work

# Nobody is asked about these; they are moved by services of their own.
UNKNOWN_KIND: Final = "nobody_answers"


async def _nobody_answers(work: Work, entity_id: int, answer: Answer) -> Answered:
    del work, entity_id, answer
    return Answered(UNKNOWN_KIND, "Nothing takes answers of this kind.")


TENDERS: Mapping[ClockKind, Tender] = {
    ClockKind.DEAL: tend_deal,
    ClockKind.APPROVAL: tend_approval,
    ClockKind.ESCALATION: tend_escalation,
    ClockKind.TICKET: tend_ticket,
}

ANSWERS: Mapping[ClockKind, Answerer] = {
    ClockKind.DEAL: _nobody_answers,
    ClockKind.APPROVAL: answer_request,
    ClockKind.ESCALATION: answer_case,
    ClockKind.TICKET: _nobody_answers,
}

# Kinds whose answers in a burst are acted on in few transactions.
TOGETHER: Mapping[ClockKind, Together] = {ClockKind.APPROVAL: answer_requests}
