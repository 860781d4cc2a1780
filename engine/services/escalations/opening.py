"""Opening cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_store import escalations as rows
from crm_store.escalation_steps import StepRow, add_steps
from crm_store.escalations import NewCase
from engine.definitions import DefinitionKind
from engine.errors import Problem, Refused
from engine.machines.escalation import Opened
from engine.services.definitions import current
from engine.services.escalations.asking import InlinePolicy, OpenCase
from engine.services.escalations.going_on import go_on
from engine.services.escalations.policies import read_inline

if TYPE_CHECKING:
    from engine.services.work import Work


async def open_case(work: Work, case: OpenCase) -> int:
    """The case's id: a new one, or the open one of the same subject and policy.

    The first level is told in this transaction, where it is told at once. Raises Refused when no
    policy of this name is published, or when an inline one cannot be read.
    """
    known = await rows.case_asked(work.session, case.key)
    if known is not None:
        return known
    case_id, is_new = await rows.put_case(work.session, await _row(work, case), work.now)
    is_news = await rows.put_ask(work.session, case_id, case.key, case.run, work.now)
    if is_new:
        await go_on(work, await rows.lock_cases(work.session, [case_id]), Opened())
    elif is_news:
        await add_steps(work.session, [StepRow(case_id, work.now, "folded")])
    return case_id


async def _row(work: Work, case: OpenCase) -> NewCase:
    version_id, document = None, None
    if isinstance(case.policy, InlinePolicy):
        name, document = case.policy.name, case.policy.document
        read_inline(document)
    else:
        name = case.policy
        found = await current(work.session, DefinitionKind.ESCALATION, name)
        if found is None:
            message = f'No escalation policy "{name}" is published; `cadenza definition list`.'
            raise Refused(message, [Problem("/policy", "unknown_policy", message)])
        version_id = found.version_id
    return NewCase(
        subject_kind=case.subject_kind,
        subject_id=case.subject_id,
        contact_id=case.subject_id if case.subject_kind == "contact" else case.contact_id,
        policy=name,
        fold_key=name,
        policy_version_id=version_id,
        policy_document=document,
        title=case.title.en,
        body=case.body.en,
        title_zh=case.title.zh,
        body_zh=case.body.zh,
        path=case.path,
        urgency=case.urgency.value,
        owner_id=case.owner_id,
        team=case.team,
    )
