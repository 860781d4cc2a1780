"""Letting people into another flow because a step of theirs says so.

The other flow's entry policy and holdout decide. The entry is an event ("Flow Started"), which
carries what led to it, so that flows that start each other do not go round without end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.new_runs import NewRun, earlier_runs, insert_runs, remember_entry_events
from engine.flows.entry import Admission, EarlierRuns, admit, looks_back
from engine.flows.holdout import is_held_out
from engine.flows.triggers.flow import FLOW_KIND
from engine.services.changes.causes import MOST_TIMES, Cause, chains_of
from engine.services.changes.run_events import RunEvent, lines_of, tell
from engine.services.deciding.asked import AskedRun, Begun
from engine.services.entries import new_run
from engine.services.plans import ActiveFlow, FlowBook
from engine.steps.questions import EnterFlow, Verdict

FLOW_STARTED: Final = "Flow Started"

Asked = AskedRun[EnterFlow]
Key = tuple[int, int, str]


@dataclass(slots=True)
class Entering:
    """One batch of entries. `advance_shards` and `partitions` are the settings of the drivers."""

    session: AsyncSession
    book: FlowBook
    now: datetime
    advance_shards: int
    partitions: int
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    begun: Begun = field(default_factory=Begun)
    _new: dict[Key, tuple[NewRun, Asked]] = field(default_factory=dict)

    async def let_in(self, asked: Sequence[Asked]) -> None:
        """Answer every question; `verdicts` and `begun` hold what came of it."""
        causes = {one.run_id: _cause(one) for one in asked}
        chains = await chains_of(self.session, list(causes.values()), self.now)
        flows = {id_: self._flow(one) for id_, one in ((one.run_id, one) for one in asked)}
        earlier = await self._earlier(asked, flows)
        for one in asked:
            flow = flows[one.run_id]
            if flow is None:
                self._refuse(one, {"reason": "no_such_flow"})
            elif chains[one.contact_id].get(flow.name, 0) >= MOST_TIMES:
                self._refuse(one, {"reason": "goes_round"})
            else:
                self._consider(one, flow, earlier)
        await self._write(causes)

    def _flow(self, asked: Asked) -> ActiveFlow | None:
        id_ = self.book.id_of(asked.question.flow)
        flow = None if id_ is None else self.book.flows.get(id_)
        return flow if flow is not None and flow.enterable else None

    async def _earlier(
        self, asked: Sequence[Asked], flows: Mapping[int, ActiveFlow | None]
    ) -> dict[tuple[int, int], EarlierRuns]:
        pairs = {
            (flow.id, one.contact_id)
            for one in asked
            if (flow := flows[one.run_id]) is not None and looks_back(flow.plan.flow.entry)
        }
        found = await earlier_runs(self.session, pairs)
        return {pair: EarlierRuns(*row) for pair, row in found.items()}

    def _consider(
        self, asked: Asked, flow: ActiveFlow, earlier: Mapping[tuple[int, int], EarlierRuns]
    ) -> None:
        admission: Admission = admit(
            flow.plan.flow.entry,
            occasion=f"started:{asked.run_id}:{asked.node}:{asked.visit}",
            event={"properties": _told(asked)},
            earlier=earlier.get((flow.id, asked.contact_id), EarlierRuns()),
            now=self.now,
            zone=asked.zone,
        )
        if admission.key is None:
            self._refuse(asked, admission.why)
            return
        key = (flow.id, asked.contact_id, admission.key)
        if key in self._new:
            self._refuse(asked, {"reason": "entered_before"})
            return
        held_out = is_held_out(flow.name, asked.contact_id, flow.plan.flow.holdout_percent)
        run = new_run(flow, asked.contact_id, admission.key, self.advance_shards, held_out)
        why = {"by": "flow", "flow": asked.flow, "from_run_id": asked.run_id}
        self._new[key] = NewRun(**{**run, "happening": {"what": "entered", "why": why}}), asked

    async def _write(self, causes: Mapping[int, Cause]) -> None:
        entered = await insert_runs(self.session, [run for run, _ in self._new.values()], self.now)
        events: dict[str, tuple[RunEvent, int]] = {}
        for key, (run, asked) in self._new.items():
            run_id = entered.get(key)
            if run_id is None:
                self._refuse(asked, {"reason": "entered_before"})
                continue
            held_out = {} if run.outcome is None else {"held_out": True}
            why = {"flow": asked.question.flow, "run_id": run_id, **held_out}
            self.verdicts[asked.run_id] = Verdict("started", why)
            place = f"{asked.node}:{asked.visit}"
            event = RunEvent(causes[asked.run_id], place, FLOW_KIND, FLOW_STARTED, _told(asked))
            events[event.message_id] = event, run_id
            if run.outcome is None:
                self.begun.dues[run.flow_id, run.shard] = self.now
        told = [event for event, _ in events.values()]
        ids = await tell(self.session, told, self.now, self.partitions)
        self.begun.partitions |= lines_of(told, self.partitions)
        because = {events[message][1]: id_ for (_, message), id_ in ids.items()}
        await remember_entry_events(self.session, because)

    def _refuse(self, asked: Asked, why: Mapping[str, Any]) -> None:
        self.verdicts[asked.run_id] = Verdict("refused", {"flow": asked.question.flow, **why})


def _cause(asked: Asked) -> Cause:
    return Cause(asked.run_id, asked.contact_id, asked.flow, asked.behind)


def _told(asked: Asked) -> dict[str, Any]:
    return {"flow": asked.question.flow, "by": asked.flow, "run_id": asked.run_id}
