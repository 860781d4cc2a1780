"""Publishing that a chain must agree to: saying so, asking, and doing it once they have."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.approvals import OPEN, read_requests, status_of_key
from crm_store.flows import flow_named
from crm_store.publish_rules import chain_for, publish_rules, put_publish_rule
from engine.definitions import DefinitionKind, Draft, read_definition
from engine.errors import CadenzaError, Conflict, NotAllowed, NotFound, Problem, Refused
from engine.flows.problems import did_you_mean
from engine.services import audit, flows
from engine.services.actor import SYSTEM, Actor, allowed
from engine.services.approvals.asking import Ask
from engine.services.approvals.opening import open_request
from engine.services.definitions import current
from engine.services.ended import Ended
from engine.services.roles.acting import actor_of
from engine.services.telling import Telling, tell
from engine.services.templates.drafts import draft_of
from engine.services.templates.publishing import publish_template
from engine.steps.words import Words

if TYPE_CHECKING:
    from engine.services.work import Work

PUBLISH: Final = "publish"
KINDS: Final = ("flow", "template", *(kind.value for kind in DefinitionKind))
_KIND_ZH: Final = {
    "flow": "流程",
    "template": "模板",
    "pipeline": "销售管道",
    "approval_chain": "审批链",
    "escalation_policy": "上报策略",
    "assignment": "分配规则",
}


class PublishRule(NamedTuple):
    """`name` is empty for everything of the kind."""

    kind: str
    name: str
    chain: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Exactly what is to be published: `mark` tells whether it was changed since."""

    kind: str
    name: str
    mark: str
    source: str | None = None


async def require_chain(
    session: AsyncSession, actor: Actor, kind: str, name: str, chain: str | None
) -> None:
    """From now on publishing this needs the chain's agreement; None: it does not. Raises Refused
    for a kind or chain that does not exist."""
    allowed(actor, "manage", "approval_chain")
    problems = []
    if kind not in KINDS:
        message = f'there is no kind "{kind}"; {did_you_mean(kind, KINDS)}'
        problems.append(Problem("kind", "unknown_kind", message))
    if chain is not None and await current(session, DefinitionKind.APPROVAL, chain) is None:
        message = f'no approval chain "{chain}" is published.'
        problems.append(Problem("chain", "unknown_chain", message))
    if problems:
        raise Refused("Nothing was changed.", problems)
    await put_publish_rule(session, kind, name, chain)
    after = {"name": name, "chain": chain}
    await audit.record(session, actor, "require", "approval_chain", kind, after=after)


async def list_publish_rules(session: AsyncSession, actor: Actor) -> list[PublishRule]:
    allowed(actor, "read", "approval_chain")
    return [PublishRule(*row) for row in await publish_rules(session)]


async def ask_to_publish(
    work: Work, actor: Actor, kind: str, name: str, *, draft: Draft | None = None
) -> int:
    """Open the request that the rule wants; the same draft is one request as long as that is open.
    A flow's or template's own draft is meant, of a definition the one given. Raises Conflict when
    no rule wants it, and NotFound."""
    allowed(actor, "publish", kind)  # type: ignore[arg-type]  # refused below when it is no kind
    chain = await chain_for(work.session, kind, name)
    if chain is None:
        raise Conflict(f'Publishing the {_spoken(kind)} "{name}" needs nobody\'s agreement.')
    wanted = await _wanted(work, kind, name, draft)
    said = _spoken(kind)
    return await open_request(
        work,
        Ask(
            chain=chain,
            subject_kind=PUBLISH,
            subject_id=0,
            requester_id=actor.id if actor.kind == "user" else None,
            title=Words(f'Publish the {said} "{name}"', f"发布{_KIND_ZH.get(kind, said)}“{name}”"),
            facts={"kind": said, "name": name},
            key=await _free_key(work, f"publish:{kind}:{name}:{wanted.mark}"),
            details={
                "kind": kind,
                "name": name,
                "mark": wanted.mark,
                "source": wanted.source,
            },
        ),
    )


async def asked_definition(session: AsyncSession, actor: Actor, request_id: int) -> Draft | None:
    """Exactly the definition that a request is about; None where it is about something else."""
    allowed(actor, "read", "approval")
    found = await read_requests(session, [request_id])
    details: Any = found[0].details if found else {}
    if not found or found[0].subject_kind != PUBLISH or not details.get("source"):
        return None
    allowed(actor, "read", details["kind"])
    return read_definition(details["source"], f"{details['name']}.yaml")


async def publish_ended(work: Work, ended: Ended) -> None:
    """Once the chain has agreed, exactly what it agreed to is published; what was changed since is
    not, and its requester is told so."""
    if ended.state != "approved":
        return
    try:
        async with work.session.begin_nested():
            await _publish(work, ended)
    except CadenzaError as error:
        await _tell_why_not(work, ended, error)


async def _free_key(work: Work, key: str) -> str:
    """That of the open request about this draft, else a new one: what has ended tells nobody."""
    number, free = 1, key
    while await status_of_key(work.session, free) not in (None, *OPEN):
        number += 1
        free = f"{key}:{number}"
    return free


async def _publish(work: Work, ended: Ended) -> None:
    details: Any = ended.details
    kind, name = details["kind"], details["name"]
    actor = await _requester(work, ended.request_id)
    if kind in set(DefinitionKind):
        # what is done when a definition is published opens requests itself
        from engine.services.definitions.publishing import publish

        draft = read_definition(details["source"], f"{name}.yaml")
        note = f"Approval request {ended.request_id}"
        await publish(work.session, actor, draft, note=note, now=work.now, approved=True)
        return
    library = work.shared.library() if work.shared.library is not None else None
    if library is None:
        raise Conflict("This process has no templates at hand. Publish it again.")
    wanted = await _wanted(work, kind, name, None)
    if wanted.mark != details["mark"]:
        raise Conflict(f'The {_spoken(kind)} "{name}" was changed since it was asked for.')
    if kind == "flow":
        await flows.publish(
            work.session,
            actor,
            name,
            plans=work.shared.plans,
            library=library,
            now=work.now,
            approved=True,
        )
    else:
        await publish_template(work.session, actor, library, name, now=work.now, approved=True)


async def _requester(work: Work, request_id: int) -> Actor:
    """Whoever asked, as they are now, for they publish it; what may be published by them is asked
    again."""
    [row] = await read_requests(work.session, [request_id])
    if row.requester_id is None:
        return SYSTEM
    person = (await work.directory()).people.get(row.requester_id)
    if person is None or not person.active:
        raise NotAllowed("Whoever asked for it does not work here any more.")
    return await actor_of(work.session, person)


async def _wanted(work: Work, kind: str, name: str, draft: Draft | None) -> _Wanted:
    if draft is not None:
        if (draft.kind.value, draft.name) != (kind, name):
            raise Conflict(f'The file is of the {draft.kind.spoken} "{draft.name}".')
        return _Wanted(kind, name, draft.hash(), draft.source)
    if kind == "flow":
        record = await flow_named(work.session, name)
        if record is None:
            raise NotFound(f'There is no flow "{name}".')
        return _Wanted(kind, name, _hash(record.draft_source))
    if kind == "template":
        template = await draft_of(work.session, name)
        return _Wanted(kind, name, f"revision{template.revision}")
    raise Conflict(f'Hand in the {_spoken(kind)} "{name}" that is to be published.')


async def _tell_why_not(work: Work, ended: Ended, error: CadenzaError) -> None:
    kind, name = ended.details["kind"], ended.details["name"]
    [row] = await read_requests(work.session, [ended.request_id])
    if row.requester_id is None:
        return
    title = Words(
        f'Not published: {_spoken(kind)} "{name}"', f"未发布：{_KIND_ZH.get(kind, kind)}“{name}”"
    )
    key = f"approval:{ended.request_id}:not_published"
    body = Words(str(error), str(error))
    await tell(
        work,
        [Telling(key, row.requester_id, "approval", title, body, "approval", ended.request_id)],
    )


def _spoken(kind: str) -> str:
    return kind.replace("_", " ")


def _hash(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()[:16]
