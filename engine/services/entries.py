"""Who enters which flow because of an event, and what the row of a new run holds."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.dispatch import PendingEvent
from crm_store.new_runs import NewRun, earlier_runs
from crm_store.partitions import partition_of
from engine.flows.entry import EarlierRuns, admit, looks_back
from engine.flows.holdout import is_held_out
from engine.local_time import is_zone
from engine.machines.journey import start
from engine.rules import Facts, Reads
from engine.services.changes.causes import goes_round
from engine.services.facts import event_record
from engine.services.plans import ActiveFlow, FlowBook
from engine.services.travelling import Ledger
from engine.telemetry.counts import TRIGGER_SECONDS, timed

HELD_OUT = "holdout"
# Local rules are asked in the contact's own zone, whether or not a rule reads it.
ZONE = Reads(fields=frozenset({("contact", "time_zone")}))

log = logging.getLogger(__name__)


def because(event: PendingEvent) -> dict[str, Any]:
    """What the journal of a run says of how it began or moved."""
    return {"by": "event", "event": event.name, "event_id": event.id}


@dataclass(slots=True)
class Entries:
    """Who enters which flow because of these events, each entry key once."""

    ledger: Ledger
    advance_shards: int
    new: dict[tuple[int, int, str], NewRun] = field(default_factory=dict)
    # By event, the flows whose trigger's rule holds.
    fitting: dict[int, list[ActiveFlow]] = field(default_factory=dict)
    _earlier: dict[tuple[int, int], EarlierRuns] = field(default_factory=dict)

    async def look_up(
        self,
        session: AsyncSession,
        book: FlowBook,
        events: Sequence[PendingEvent],
        facts: Mapping[int, Facts],
    ) -> None:
        """Find the flows that fit each event, and what their entry policies must know."""
        for event in events:
            if event.name in book.started_by and event.contact_id in facts:
                seen = {**facts[event.contact_id], "event": event_record(event)}
                self.fitting[event.id] = self._fitting(book, event, seen)
        pairs = {
            (flow.id, event.contact_id)
            for event in events
            for flow in self.fitting.get(event.id, ())
            if looks_back(flow.plan.flow.entry)
        }
        for pair, found in (await earlier_runs(session, pairs)).items():
            self._earlier[pair] = EarlierRuns(*found)

    def consider(self, flow: ActiveFlow, event: PendingEvent, facts: Facts) -> None:
        """Let the contact in when the entry policy of a fitting flow allows it."""
        if goes_round(flow.name, event.source, event.properties):
            log.warning("flow %s wakes itself by what it changes; event %s", flow.name, event.id)
            return
        plan, zone = flow.plan, zone_of(facts, self.ledger.default_zone)
        pair = (flow.id, event.contact_id)
        earlier = self._earlier.get(pair, EarlierRuns())
        admission = admit(
            plan.flow.entry,
            occasion=f"event:{event.id}",
            event=facts["event"],
            earlier=earlier,
            now=self.ledger.now,
            zone=zone,
        )
        if admission.key is None:
            return
        held_out = is_held_out(flow.name, event.contact_id, plan.flow.holdout_percent)
        run = new_run(flow, event.contact_id, admission.key, self.advance_shards, held_out)
        self.new.setdefault(
            (flow.id, event.contact_id, admission.key),
            NewRun(
                **{
                    **run,
                    "happening": {"what": "entered", "why": because(event)},
                    "entry_event_id": event.id,
                }
            ),
        )

    def _fitting(self, book: FlowBook, event: PendingEvent, facts: Facts) -> list[ActiveFlow]:
        zone = zone_of(facts, self.ledger.default_zone)
        try:
            with timed(TRIGGER_SECONDS):
                found = book.triggers.matching(event.name, (), facts, self.ledger.now, zone)
        except Exception:  # one poisoned trigger must not keep the others from their event
            log.exception("the triggers of event %s could not be asked together", event.id)
            flows = book.started_by[event.name]
            return [flow for flow in flows if self._fits(flow, event, facts, zone)]
        return [book.flows[id_] for id_ in sorted(found)]

    def _fits(self, flow: ActiveFlow, event: PendingEvent, facts: Facts, zone: str) -> bool:
        rule = flow.plan.entry_rule
        if rule is None:
            return True
        try:
            return rule.holds(facts, self.ledger.now, zone)
        except Exception:  # one poisoned event must not stop the partition
            log.exception("the trigger of flow %s failed on event %s", flow.name, event.id)
            return False


def new_run(
    flow: ActiveFlow, contact_id: int, entry_key: str, advance_shards: int, held_out: bool
) -> dict[str, Any]:
    """The fields of a new `run` row; the shard follows from the contact."""
    return {
        "flow_id": flow.id,
        "flow_version_id": flow.version_id,
        "subject_id": contact_id,
        "entry_key": entry_key,
        "shard": partition_of(contact_id, advance_shards),
        "node": start(flow.plan).node,
        "happening": {"what": "entered"},
        "outcome": HELD_OUT if held_out else None,
        "at_most": flow.plan.flow.entry.at_most,
    }


def zone_of(facts: Facts, default_zone: str) -> str:
    """The contact's zone; the default one where none is known, or none that exists."""
    zone = (facts.get("contact") or {}).get("time_zone")
    return zone if zone and is_zone(zone) else default_zone
