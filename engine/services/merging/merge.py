"""Merging: one transaction in which everything of one contact becomes another's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import consents, merging
from crm_store.effects import cancel_pending
from crm_store.giving_way import impatiently
from crm_store.merging import MergedRun
from crm_store.partitions import partition_of
from crm_store.runs import add_counts
from crm_store.segment_members import OWN_SLOT, hold_stripes
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.flows.model import EntryPolicy
from engine.local_time import local_date
from engine.services import audit
from engine.services.actor import Actor
from engine.services.changes.announcing import Announcer
from engine.services.events import record_event
from engine.services.merging.runs import MERGED, RunPlan, plan_runs
from engine.services.merging.values import (
    FieldPolicy,
    former_names,
    given_up_names,
    merged_values,
    stricter,
)
from engine.services.plans import Plans
from engine.services.roles.one_record import allowed_record

CONTACT_MERGED: Final = "Contact Merged"
SOURCE: Final = "cadenza"
# People enter these once for each occasion, so two runs of one contact are as meant.
_PER_OCCASION: Final = frozenset({EntryPolicy.ALWAYS, EntryPolicy.ONCE_PER})
# An address that cannot be written to is nobody's wish.
_OF_THE_ADDRESS: Final = ("bounce", "soft_bounce")
_NOT_SHOWN: Final = frozenset({"name_key", "email_key", "updated_at"})


@dataclass(frozen=True, slots=True)
class RunsMerged:
    """`moved` go on (or are over) as the other contact's, `ended` were ended by merging."""

    moved: int
    ended: int


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging came to. `fields` of the contact that stays got another value; `rows` by table
    became its own. Poke the dispatch drivers of `partitions` after the commit."""

    keep: int
    lose: int
    fields: tuple[str, ...]
    rows: Mapping[str, int]
    runs: RunsMerged
    partitions: frozenset[int] = field(default_factory=frozenset)


async def merge_contacts(
    session: AsyncSession,
    actor: Actor,
    keep: int,
    lose: int,
    policy: FieldPolicy | None = None,
    *,
    plans: Plans,
    announcer: Announcer,
    now: datetime,
    zone: str,
) -> Merged:
    """Make contact `lose` one with contact `keep`, which stays. It cannot be undone.

    Drivers are waited for only a moment: do the whole transaction again (`again_and_again`) when it
    fails with a code of `giving_way.AGAIN`. Raises NotAllowed, NotFound, Refused, Conflict.
    """
    for one in (keep, lose):
        await allowed_record(session, actor, "edit", "contact", one)
        await allowed_record(session, actor, "delete", "contact", one)
    policy = policy or FieldPolicy()
    _require_sense(keep, lose, policy)
    await hold_stripes(session, [keep, lose])
    async with impatiently(session):
        both = await merging.lock_both(session, [keep, lose])
        for one in (keep, lose):
            if one not in both:
                raise NotFound(f"There is no contact {one}.")
        runs = await merging.lock_runs_of(session, [keep, lose])
        merge = _Merge(session, keep, lose, both, policy, now, local_date(now, zone))
        ended, moved = await merge.take_runs(runs, plans)
        splits = await _splits(session, plans, runs[lose])
        partition = partition_of(keep, announcer.partitions)
        rows = await merging.carry_over(
            session,
            keep,
            lose,
            partition=partition,
            run_ids=[run.id for run in runs[lose]],
            splits=splits,
        )
        fields = await merge.take_values()
    await _tell(session, keep, lose, announcer.partitions, now)
    told = await announcer.announce(session, now)
    await add_counts(session, ended, OWN_SLOT)
    merged = Merged(keep, lose, fields, rows, moved, told | {partition})
    await _note(session, actor, merged, both[lose])
    return merged


async def preview_merge(
    session: AsyncSession,
    actor: Actor,
    keep: int,
    lose: int,
    policy: FieldPolicy | None = None,
    *,
    plans: Plans,
    announcer: Announcer,
    now: datetime,
    zone: str,
) -> Merged:
    """What merging would come to: it is done and taken back. Do nothing else in the transaction."""
    savepoint = await session.begin_nested()
    try:
        return await merge_contacts(
            session, actor, keep, lose, policy, plans=plans, announcer=announcer, now=now, zone=zone
        )
    finally:
        await savepoint.rollback()


def _require_sense(keep: int, lose: int, policy: FieldPolicy) -> None:
    if keep == lose:
        raise Conflict(f"Contact {keep} cannot be merged with itself. Name two contacts.")
    if unknown := policy.unknown():
        problems = [Problem(name, "unknown_field", "is no field of a contact.") for name in unknown]
        raise Refused("The contacts were not merged.", problems)


@dataclass(slots=True)
class _Merge:
    session: AsyncSession
    keep: int
    lose: int
    both: Mapping[int, Mapping[str, Any]]
    policy: FieldPolicy
    now: datetime
    day: date

    async def take_runs(
        self, runs: Mapping[int, Sequence[MergedRun]], plans: Plans
    ) -> tuple[dict[tuple[int, str, str], int], RunsMerged]:
        """Move all runs and end those that must not go on; counters to be added at the end."""
        plan = plan_runs(
            runs[self.keep], runs[self.lose], self.lose, await _side_by_side(self.session, plans)
        )
        going = [run for run in runs[self.lose] if run.id in plan.ends]
        await cancel_pending(self.session, [run.id for run in going], self.now)
        entries = {run.id: self._last_entry(run, plan) for run in going}
        counts = await merging.end_runs(self.session, going, MERGED, entries, self.now)
        await merging.take_runs(self.session, self.keep, plan.keys, plan.freed)
        return counts, RunsMerged(len(plan.keys) - len(going), len(going))

    def _last_entry(self, run: MergedRun, plan: RunPlan) -> dict[str, Any]:
        return {
            "at": self.now.isoformat(),
            "node": run.node,
            "visit": 1,
            "what": "ended",
            "outcome": MERGED,
            "why": {"run_id": plan.ends[run.id], "merged_contact": self.lose},
        }

    async def take_values(self) -> tuple[str, ...]:
        """Fields, wishes and names; then the other contact goes, as its address must be free."""
        session, mine, theirs = self.session, self.both[self.keep], self.both[self.lose]
        values = merged_values(mine, theirs, self.policy)
        after = {**mine, **values}
        if not await merging.has_default_model(session):
            values["score"] = mine["score"] + theirs["score"]
        await self._take_wishes(after)
        await merging.remove_merged(session, self.keep, self.lose, self.now, self.day)
        await merging.write_contact(session, self.keep, {**values, "updated_at": self.now})
        names = {**former_names(theirs, after), **given_up_names(mine, after)}
        await merging.add_former_names(session, self.keep, names)
        return tuple(
            sorted(
                name
                for name, value in values.items()
                if name not in _NOT_SHOWN and mine[name] != value
            )
        )

    async def _take_wishes(self, after: Mapping[str, Any]) -> None:
        session, address = self.session, after["email_key"]
        addresses = (self.both[self.keep]["email_key"], self.both[self.lose]["email_key"])
        mine = await consents.consents_of(session, self.keep)
        theirs = await consents.consents_of(session, self.lose)
        put, gone = stricter(mine, theirs, address=address, addresses=addresses)
        for one in put:
            await consents.put_consent(session, self.keep, one)
        for one in gone:
            await consents.forget_consent(session, self.keep, one.channel, one.purpose)
        phones = [self.both[one]["phone"] for one in (self.keep, self.lose)]
        await self._take_suppressions(address, addresses)
        await self._take_suppressions(after["phone"], phones)
        number = consents.number_key
        await self._take_suppressions(number(self.keep), [number(self.lose)])

    async def _take_suppressions(self, address: str | None, others: Sequence[str | None]) -> None:
        """Who wanted nothing at one address wants nothing at the other."""
        if address is None:
            return
        for other in filter(None, others):
            for channel, reason in await consents.suppressions_of_address(self.session, other):
                if not reason.startswith(_OF_THE_ADDRESS):
                    await consents.suppress(self.session, channel, address, reason, self.now)


async def _side_by_side(session: AsyncSession, plans: Plans) -> frozenset[int]:
    book = await plans.book(session)
    return frozenset(
        id_ for id_, flow in book.flows.items() if flow.plan.flow.entry.policy in _PER_OCCASION
    )


async def _splits(
    session: AsyncSession, plans: Plans, runs: Sequence[MergedRun]
) -> list[tuple[int, str]]:
    known = await plans.plans(session, {run.flow_version_id for run in runs})
    return sorted(
        {
            (run.flow_id, node)
            for run in runs
            if (plan := known.get(run.flow_version_id)) is not None
            for node in plan.contests
        }
    )


async def _tell(
    session: AsyncSession, keep: int, lose: int, partitions: int, now: datetime
) -> None:
    """An event about the person: segments and scores ask everything about them again."""
    await record_event(
        session,
        source=SOURCE,
        message_id=f"merged:{lose}",
        name=CONTACT_MERGED,
        contact_id=keep,
        properties={"record": "contact", "record_id": keep, "merged": lose},
        occurred_at=now,
        partitions=partitions,
        kind="record",
    )


async def _note(
    session: AsyncSession, actor: Actor, merged: Merged, lost: Mapping[str, Any]
) -> None:
    before = {name: _plain(value) for name, value in lost.items() if name not in _NOT_SHOWN}
    after = {
        "merged": merged.lose,
        "fields": list(merged.fields),
        "rows": dict(merged.rows),
        "runs_moved": merged.runs.moved,
        "runs_ended": merged.runs.ended,
    }
    await audit.record(session, actor, "merge", "contact", merged.keep, before, after)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
