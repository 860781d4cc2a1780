"""Who wants to hear of a change: flows that start from it or listen for it, rules that read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import version_ids
from crm_store.interest_mark import interest_mark
from crm_store.webhook_subscriptions import subscribed_types
from engine.machines.plan import Plan
from engine.rules import Catalogue, Reads, union
from engine.rules.facts import LIST_KINDS
from engine.rules.ir import Path
from engine.services.plans import FlowBook, Plans

CREATED: Final = "Created"
UPDATED: Final = "Updated"
# Stands for every field of a record.
ANY_FIELD: Final = "*"
_STANDARD: Final = Catalogue.standard()


@dataclass(frozen=True, slots=True)
class Interest:
    """`names` are events that somebody waits for or counts, `fields` what rules read that must be
    asked again at once, as ("contact", "country"); `newcomers` says that rules over all contacts
    must hear of a new one, `records` names the other kinds of records of which they must. `runs`
    are the moments of single flows that start others, as ("Flow Ended", "welcome").
    """

    names: frozenset[str] = frozenset()
    fields: frozenset[tuple[str, str]] = frozenset()
    newcomers: bool = False
    runs: frozenset[tuple[str, str]] = frozenset()
    records: frozenset[str] = frozenset()

    def wants_run(self, event: str, flow: str) -> bool:
        return (event, flow) in self.runs or event in self.names

    def wants_created(self, record: str) -> bool:
        """A new contact matters to every rule that is kept, another record to those that read its
        kind."""
        if event_name(record, CREATED) in self.names:
            return True
        if record == "contact":
            return self.newcomers
        return record in self.records

    def wants_changed(self, record: str, fields: Collection[str]) -> bool:
        if event_name(record, UPDATED) in self.names or (record, ANY_FIELD) in self.fields:
            return True
        return any((record, name) in self.fields for name in fields)


def event_name(record: str, deed: str) -> str:
    """ "Contact Updated"."""
    return f"{record.capitalize()} {deed}"


def fields_of_interest(reads: Reads) -> frozenset[tuple[str, str]]:
    """The fields whose change can change the answer of a rule that reads this."""
    found = {(_kind_of(path[0]), _field_of(path)) for path in reads.fields}
    for need in reads.changes:
        found.add(("contact", need.name or ANY_FIELD))
    # facts that are worked out from a contact's other records change with any of those
    own = _STANDARD.records["contact"]
    for name in {name for kind, name in found if kind == "contact"}:
        fact = own.get(name)
        found |= {(kind, ANY_FIELD) for kind in (fact.follows if fact else ())}
    return frozenset(found)


def records_of_interest(reads: Reads) -> frozenset[str]:
    """The kinds of records of a contact of which a new one can change the answer of a rule."""
    kinds = {kind for kind, _ in fields_of_interest(reads)}
    return frozenset(kinds | {LIST_KINDS[name] for name in reads.lists}) - {"contact"}


@dataclass(slots=True)
class Interests:
    """The interest of all flows, segments and scores; worked out again when one of them changed."""

    plans: Plans
    _known: tuple[tuple[object, ...], Interest] | None = None

    async def now(self, session: AsyncSession) -> Interest:
        book = await self.plans.known(session)
        segments = await self.plans.segments.known(session)
        models = await self.plans.scores.known(session, segments)
        known, mark = self._known, (book, segments.kept, models)
        if known is None or any(a is not b for a, b in zip(known[0], mark, strict=True)):
            # runs keep the version they entered with, so older versions listen as well
            plans = await self.plans.plans(session, await version_ids(session))
            kept = [segment.rule.reads for segment in segments.kept.values()]
            kept += [model.compiled.reads for model in models.kept.values()]
            self._known = known = (mark, _interest(book, plans.values(), kept))
        # systems that are told of changes by webhook wait for them as flows do
        told = await subscribed_types(session)
        return replace(known[1], names=known[1].names | told) if told else known[1]


@dataclass(slots=True)
class RememberedInterests(Interests):
    """For whoever asks hundreds of times a minute: one small statement tells whether anything has
    changed since. It leaves no books behind for others of the same transaction."""

    _last: tuple[tuple[object, ...], Interest] | None = None

    async def now(self, session: AsyncSession) -> Interest:
        mark = await interest_mark(session)
        if self._last is None or self._last[0] != mark:
            self._last = (mark, await Interests.now(self, session))
        return self._last[1]


def _interest(book: FlowBook, plans: Iterable[Plan], kept: Collection[Reads]) -> Interest:
    """`kept` is what rules read whose answers are kept for every contact."""
    names, fields, runs = _started(book)
    at_once = list(kept)
    counted = list(kept)
    for plan in plans:
        names |= plan.listens | plan.counted
        counted.append(plan.reads)
        counted += [rule.reads for rule in (plan.entry_rule, plan.goal_rule) if rule is not None]
        if plan.exit_rule is not None:
            at_once.append(plan.exit_rule.reads)
    names |= {need.name for need in union(counted).events if need.name is not None}
    read = union(at_once)
    fields |= fields_of_interest(read)
    return Interest(
        frozenset(names), frozenset(fields), bool(kept), frozenset(runs), records_of_interest(read)
    )


def _started(book: FlowBook) -> tuple[set[str], set[tuple[str, str]], set[tuple[str, str]]]:
    """What starts flows: event names, changes of single fields, moments of single flows."""
    names: set[str] = set()
    fields: set[tuple[str, str]] = set()
    runs: set[tuple[str, str]] = set()
    for name, flows in book.started_by.items():
        for trigger in (flow.plan.flow.trigger for flow in flows):
            if trigger.only_changes_of:
                fields.update(trigger.only_changes_of)
            elif trigger.only_runs_of is not None:
                runs.add((name, trigger.only_runs_of))
            else:
                names.add(name)
    return names, fields, runs


def _kind_of(head: str) -> str:
    return LIST_KINDS.get(head, head)


def _field_of(path: Path) -> str:
    """ "custom.plan" of ("contact", "custom", "plan"), "amount" of ("deals", "amount", "minor")."""
    return f"custom.{path[2]}" if path[1:2] == ("custom",) and len(path) > 2 else path[1]
