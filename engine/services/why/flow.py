"""Why a contact is in a flow or not, also one who never was: everything that decides, as of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import why as rows
from crm_store.contact_lookup import contact_id_called, contact_names
from crm_store.flows import flow_named
from crm_store.merged_contacts import now_known_as
from crm_store.models import Flow as FlowRecord
from crm_store.new_runs import earlier_runs
from crm_store.recipients import recipients
from engine.errors import NotFound
from engine.flows.entry import EarlierRuns, admit
from engine.flows.holdout import is_held_out
from engine.flows.words import Words
from engine.rules import parse, union
from engine.services.actor import Actor, allowed
from engine.services.entries import ZONE, zone_of
from engine.services.facts import event_record, load_facts
from engine.services.messages.asks import EMAIL
from engine.services.messages.drafting import MARKETING, barrier_to
from engine.services.plans import ActiveFlow, FlowBook, Plans, current_catalogue
from engine.services.roles.visibility import shows_address
from engine.services.why import sayings as say
from engine.services.why.findings import Finding, Judge, Stance, finding
from engine.steps.send_message import SendMessage

MOST_EVENTS: Final = 3
MOST_RUNS: Final = 5


@dataclass(frozen=True, slots=True)
class WhyFlow:
    """`code` is the answer in a word: "inside", "not_open", "been_before", "held_out", "no_event",
    "rule_fails", "entry_refused", "waits" (an event is still to be looked at) or "would_enter".
    `findings` are all reasons, in the order in which they decide; `run_ids` the latest runs.
    """

    flow: str
    flow_label: str
    contact_id: int
    contact: str
    at: datetime
    code: str
    said: Mapping[str, str]
    findings: tuple[Finding, ...]
    run_ids: tuple[int, ...]


async def why(
    session: AsyncSession,
    actor: Actor,
    flow: str,
    contact: int | str,
    *,
    plans: Plans,
    now: datetime,
    default_zone: str,
) -> WhyFlow:
    """Everything that decides whether this contact, by number or e-mail address, is in the flow.

    Rules are asked now, with the values of now; for an event trigger with each of the last events
    of its name. Raises NotAllowed, NotFound.
    """
    allowed(actor, "read", "run")
    allowed(actor, "read", "flow")
    allowed(actor, "read", "contact")
    record = await flow_named(session, flow)
    if record is None:
        raise NotFound(f'There is no flow "{flow}".')
    contact_id = await _the_contact(session, contact)
    asked = _Asked(session, actor, record, contact_id, plans, now, default_zone)
    findings, run_ids = await asked.findings()
    code = _verdict(findings)
    names = await contact_names(session, [contact_id], by_address=shows_address(actor))
    name = names.get(contact_id, "") or f"#{contact_id}"
    words = say.VERDICTS[code]
    said = {"en": words.en.format(name=name), "zh": words.zh.format(name=name)}
    return WhyFlow(
        flow, record.label, contact_id, name, now, code, said, tuple(findings), tuple(run_ids)
    )


async def _the_contact(session: AsyncSession, reference: int | str) -> int:
    if isinstance(reference, int):
        reference = await now_known_as(session, reference)
    found = await contact_id_called(session, reference)
    if found is None:
        raise NotFound(f"There is no contact {reference}.")
    return found


@dataclass(slots=True)
class _Asked:
    session: AsyncSession
    actor: Actor
    record: FlowRecord
    contact_id: int
    plans: Plans
    now: datetime
    default_zone: str

    async def findings(self) -> tuple[list[Finding], list[int]]:
        runs = await rows.runs_of(self.session, self.record.id, self.contact_id, MOST_RUNS)
        found = [_of_run(run) for run in runs]
        run_ids = [run.id for run in runs]
        book = await self.plans.book(self.session)
        active = book.flows.get(self.record.id)
        found.append(self._of_state(active))
        if active is None:
            return found, run_ids
        found += self._of_pauses(book)
        judge = await self._judge(active)
        found += await self._of_trigger(active, judge)
        found += await self._of_entry(active, judge)
        found.append(self._of_holdout(active))
        found += await self._of_messages(active)
        found += _of_exit(active, judge)
        return found, run_ids

    def _of_state(self, active: ActiveFlow | None) -> Finding:
        if self.record.published_version_id is None:
            return finding("draft", Stance.AGAINST, say.DRAFT)
        if active is None:
            reason = self.plans.why_broken(self.record.published_version_id)
            return finding("unreadable", Stance.AGAINST, say.UNREADABLE, reason=reason)
        if not active.enterable:
            return finding("retired", Stance.AGAINST, say.RETIRED)
        if self.record.state == "paused":
            return finding("paused", Stance.NOTE, say.PAUSED)
        return finding("open", Stance.FOR, say.OPEN)

    def _of_pauses(self, book: FlowBook) -> list[Finding]:
        nodes = sorted(book.paused_nodes.get(self.record.id, ()))
        if not nodes:
            return []
        return [finding("node_paused", Stance.NOTE, say.NODES_PAUSED, nodes=", ".join(nodes))]

    async def _judge(self, active: ActiveFlow) -> Judge:
        catalogue = await current_catalogue(self.session)
        plan = active.plan
        audience = plan.flow.trigger.audience
        rules = [plan.entry_rule, plan.exit_rule]
        if audience is not None:
            rules.append(parse(audience, catalogue, event_rule=False))
        reads = union([ZONE, *(rule.reads for rule in rules if rule is not None)])
        facts = await load_facts(self.session, [self.contact_id], reads, self.now)
        known = facts.get(self.contact_id, {"contact": {}})
        zone = zone_of(known, self.default_zone)
        return Judge(self.actor, catalogue, known, self.now, zone)

    async def _of_trigger(self, active: ActiveFlow, judge: Judge) -> list[Finding]:
        trigger, rule = active.plan.flow.trigger, active.plan.entry_rule
        found: list[Finding] = []
        if trigger.starts_on is not None:
            found += await self._of_events(active, judge)
        elif rule is not None and trigger.audience is None:
            holds, words = judge.ask(rule)
            code = "rule_holds" if holds else "rule_fails"
            found.append(_ruled(code, holds, say.RULE_HOLDS, say.RULE_FAILS, words))
        if trigger.audience is not None:
            document = parse(trigger.audience, judge.catalogue, event_rule=False)
            holds, words = judge.ask(document)
            stance = None if trigger.starts_on is None else Stance.NOTE
            code = "audience" if holds else "rule_fails"
            one = _ruled(code, holds, say.IN_AUDIENCE, say.NOT_IN_AUDIENCE, words)
            found.append(one if stance is None else replace(one, code="audience", stance=stance))
        return found or [finding("by_hand", Stance.NOTE, say.BY_HAND)]

    async def _of_events(self, active: ActiveFlow, judge: Judge) -> list[Finding]:
        """The last events of the trigger's name, each with what the rule says of it."""
        name = active.plan.flow.trigger.starts_on or ""
        seen = await rows.last_events(self.session, self.contact_id, name, active.id, MOST_EVENTS)
        if not seen:
            return [finding("no_event", Stance.AGAINST, say.NO_EVENT, event=name)]
        since = await rows.published_at(self.session, active.version_id)
        return [_of_event(active, judge, one, since) for one in seen]

    async def _of_entry(self, active: ActiveFlow, judge: Judge) -> list[Finding]:
        pair = (active.id, self.contact_id)
        earlier = (await earlier_runs(self.session, {pair})).get(pair)
        event = await self._fitting_event(active, judge)
        admission = admit(
            active.plan.flow.entry,
            occasion="asked",
            event=event,
            earlier=EarlierRuns(*earlier) if earlier else EarlierRuns(),
            now=self.now,
            zone=judge.zone,
            late_by=active.plan.flow.trigger.late_by,
        )
        why_ = dict(admission.why)
        policy = say.POLICIES.get(str(why_.get("policy")), Words("", ""))
        if admission.key is not None:
            taken = await rows.has_entered_as(
                self.session, active.id, self.contact_id, admission.key
            )
            if not taken:
                return [_entry("entry_allows", Stance.FOR, policy, say.ENTRY_ALLOWS, why_)]
            return [_entry("been_before", Stance.AGAINST, policy, say.BEEN_BEFORE, why_)]
        reason = str(why_.get("reason"))
        if reason == "absent" and event is None:
            return [_entry("entry_by_event", Stance.NOTE, policy, say.ENTRY_BY_EVENT, why_)]
        words = say.REFUSALS.get(reason, say.ENTRY_REFUSES)
        return [_entry("entry_refused", Stance.AGAINST, policy, words, why_)]

    async def _fitting_event(self, active: ActiveFlow, judge: Judge) -> dict[str, Any] | None:
        name, rule = active.plan.flow.trigger.starts_on, active.plan.entry_rule
        if name is None:
            return None
        for one in await rows.last_events(
            self.session, self.contact_id, name, active.id, MOST_EVENTS
        ):
            event = event_record(one.event)
            if rule is None or judge.ask(rule, event)[0]:
                return event
        return None

    def _of_holdout(self, active: ActiveFlow) -> Finding:
        percent = active.plan.flow.holdout_percent
        if is_held_out(active.name, self.contact_id, percent):
            return finding("held_out", Stance.AGAINST, say.HELD_OUT, percent=percent)
        return finding("not_held_out", Stance.FOR, say.NOT_HELD_OUT, percent=percent)

    async def _of_messages(self, active: ActiveFlow) -> list[Finding]:
        """What would stop the flow's messages; entering does not depend on it."""
        flow = active.plan.flow
        if not any(isinstance(one.step, SendMessage) for one in active.plan.nodes.values()):
            return []
        people = await recipients(self.session, [self.contact_id], EMAIL, MARKETING, frozenset())
        recipient = people.get(self.contact_id)
        barrier = None if recipient is None else barrier_to(recipient, flow.purpose.value)
        if barrier is None:
            return [finding("may_be_written_to", Stance.NOTE, say.MAY_BE_WRITTEN_TO)]
        words = say.BARRIERS.get(barrier[1], say.BARRIERS["suppressed"])
        return [finding(barrier[1], Stance.NOTE, words)]


def _of_run(run: rows.RunOf) -> Finding:
    entered, ended = run.entered_at.isoformat(), run.ended_at.isoformat() if run.ended_at else ""
    details: dict[str, Any] = {"run_id": run.id, "node": run.node, "entered_at": entered}
    if run.state == "ended":
        words = say.HAS_BEEN
        return finding(
            "has_been", Stance.NOTE, words, **details, ended_at=ended, outcome=run.outcome or ""
        )
    words = say.INSIDE_HELD if run.state == "held" else say.INSIDE
    return finding("inside", Stance.NOTE, words, **details, code=run.outcome or "")


def _of_event(active: ActiveFlow, judge: Judge, seen: rows.Seen, since: datetime | None) -> Finding:
    event, rule = seen.event, active.plan.entry_rule
    details: dict[str, Any] = {"event": event.name, "at": event.occurred_at.isoformat()}
    if seen.run_id is not None:
        return finding("let_in", Stance.NOTE, say.EVENT_LET_IN, **details, run_id=seen.run_id)
    if seen.pending:
        return finding("waits", Stance.NOTE, say.EVENT_WAITS, **details)
    holds, words = (True, None) if rule is None else judge.ask(rule, event_record(event))
    if not holds:
        return finding("rule_fails", Stance.AGAINST, say.EVENT_FAILS, because=words, **details)
    if since is not None and seen.received_at < since:
        return finding("before_published", Stance.AGAINST, say.EVENT_BEFORE, **details)
    return finding("rule_holds", Stance.FOR, say.EVENT_FITS, because=words, **details)


def _of_exit(active: ActiveFlow, judge: Judge) -> list[Finding]:
    if active.plan.exit_rule is None:
        return []
    holds, words = judge.ask(active.plan.exit_rule)
    saying = say.EXIT_HOLDS if holds else say.EXIT_FAILS
    return [finding("exit_rule" if holds else "stays", Stance.NOTE, saying, because=words)]


def _ruled(code: str, holds: bool, yes: Words, no: Words, words: Mapping[str, str]) -> Finding:
    stance = Stance.FOR if holds else Stance.AGAINST
    return finding(code, stance, yes if holds else no, because=words)


def _entry(
    code: str, stance: Stance, policy: Words, words: Words, why_: Mapping[str, Any]
) -> Finding:
    """The policy and what it says now, as one sentence each."""
    details = {name: value for name, value in why_.items() if name != "policy"}
    asked = {"span": "", "property": "", "at_most": "", "opens_at": "", "inside": "", **details}
    said = {
        "en": f"{policy.en} {words.en}".strip().format(**asked),
        "zh": f"{policy.zh}{words.zh}".format(**asked),
    }
    return Finding(code, stance, said, dict(why_))


def _verdict(findings: Sequence[Finding]) -> str:
    """The answer in a word: the first that decides."""
    codes = [one.code for one in findings]
    if "inside" in codes:
        return "inside"
    if {"draft", "unreadable", "retired"} & set(codes):
        return "not_open"
    if "waits" in codes:
        return "waits"
    if "been_before" in codes:
        return "been_before"
    events = [one for one in findings if one.code in _OF_EVENTS]
    fits = any(one.code in ("rule_holds", "let_in") for one in events)
    if "no_event" in codes:
        return "no_event"
    if "rule_fails" in codes and not fits:
        return "rule_fails"
    for code in ("held_out", "entry_refused"):
        if code in codes:
            return code
    return "would_enter"


_OF_EVENTS: Final = frozenset({"rule_holds", "rule_fails", "let_in", "before_published"})
