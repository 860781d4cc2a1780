"""Requests with everything the machine needs to move them, many at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

from crm_store.approvals import RequestRow, lock_requests, read_requests
from engine.approvals import ALL_HOURS, Chain, read_chain
from engine.approvals.approvers import OWNER_FIELD
from engine.errors import Problem, Unavailable
from engine.machines.approval import Here, Moved, Seat, State, Tell, from_json
from engine.rules import Catalogue, Facts, Reads, Rule, RuleRefused, parse, union
from engine.services.definitions import stored_many
from engine.services.facts import load_facts
from engine.services.subject_facts import load_subject_facts
from engine.working_time import NoWorkingTime, WorkingCalendar, next_working_instant

if TYPE_CHECKING:
    from engine.services.work import Work

_LOCKED_FIRST: Final = {
    "deal": text("SELECT id FROM deal WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
    "ticket": text("SELECT id FROM ticket WHERE id = ANY(:ids) ORDER BY id FOR UPDATE"),
}


@dataclass(slots=True)
class Case:
    """One request under way: `state` is where it stands after the moves so far, `before` where it
    stood when it was read."""

    row: RequestRow
    chain: Chain
    here: Here
    state: State
    before: State | None
    tells: list[Tell] = field(default_factory=list)
    comment: str | None = None
    # Voices that were used, with the round and level they were used in.
    used: list[tuple[int, str, Seat]] = field(default_factory=list)

    def took(self, moved: Moved) -> Moved:
        if moved.refused is None:
            if moved.seat is not None and moved.seat.vote is not None:
                self.used.append((self.state.round, self.state.level, moved.seat))
            self.state = moved.state
            self.tells += moved.tells
        return moved


async def locked_cases(
    work: Work,
    ids: Collection[int],
    *,
    free_only: bool = False,
    only: Callable[[RequestRow], bool] | None = None,
) -> dict[int, Case]:
    """The requests, locked, after the records they are about: whoever moves a deal locks it before
    the request that waits for it. `free_only`: without those that somebody else holds."""
    about: dict[str, set[int]] = {}
    wanted = [row for row in await read_requests(work.session, ids) if only is None or only(row)]
    for row in wanted:
        if row.record_kind in _LOCKED_FIRST and row.record_id is not None:
            about.setdefault(row.record_kind, set()).add(row.record_id)
    for kind in sorted(about):
        await work.session.execute(_LOCKED_FIRST[kind], {"ids": sorted(about[kind])})
    ids = [row.id for row in wanted]
    return await cases_of(work, await lock_requests(work.session, ids, free_only=free_only))


async def cases_of(work: Work, rows: Sequence[RequestRow]) -> dict[int, Case]:
    chains = await _chains(work, rows)
    heres = await heres_of(work, [(row, chains[row.id]) for row in rows])
    return {
        row.id: Case(row, chains[row.id], heres[row.id], state, state)
        for row in rows
        for state in (from_json(row.state),)
    }


async def heres_of(work: Work, requests: Sequence[tuple[RequestRow, Chain]]) -> dict[int, Here]:
    """What the machine may know of each, by the id of its row."""
    directory, calendars = await work.directory(), await work.calendars()
    catalogue = await work.catalogue() if any(map(_asks_rules, requests)) else None
    rules = {row.id: _rules(chain, catalogue) for row, chain in requests}
    facts = await _facts(work, requests, rules)
    found = {}
    for row, chain in requests:
        known = {**row.facts, **facts.get(row.id, {})}
        of_chain = rules[row.id]

        def holds(
            rule: Mapping[str, Any], of: Mapping[str, Rule] = of_chain, known: Facts = known
        ) -> bool:
            ready = of.get(_written(rule))
            # a rule that cannot be read any more (a field was taken away) leaves nobody out
            return ready is None or ready.holds(known, work.now, work.shared.default_zone)

        found[row.id] = Here(
            chain,
            directory,
            work.now,
            _calendar(chain.calendar, calendars, work),
            work.shared.default_zone,
            row.requester_id,
            row.owner_id,
            known,
            holds,
        )
    return found


def inline_chain(document: Mapping[str, Any]) -> Chain:
    """The chain of a document that is valid by the time it is asked for. Raises Unavailable for one
    that this release cannot read."""
    return _inline(_written(document))


@lru_cache(maxsize=512)
def _inline(document: str) -> Chain:
    problems: list[Problem] = []
    chain = read_chain(json.loads(document), problems)
    if chain is None:
        raise Unavailable(f"An approval chain cannot be read any more: {problems[0]}")
    return chain


async def _chains(work: Work, rows: Sequence[RequestRow]) -> dict[int, Chain]:
    versions = {row.definition_version_id for row in rows if row.definition_version_id}
    stored = await stored_many(work.session, versions)
    return {
        row.id: stored[row.definition_version_id].model
        if row.definition_version_id
        else inline_chain(row.document or {})
        for row in rows
    }


def _calendar(
    name: str, calendars: Mapping[str, WorkingCalendar], work: Work
) -> WorkingCalendar | None:
    """None counts time of the clock: for a calendar that is gone, or in which nobody works, a
    request must end all the same."""
    calendar = None if name == ALL_HOURS else calendars.get(name, calendars.get(""))
    if calendar is None:
        return None
    try:
        next_working_instant(work.now, calendar, work.shared.default_zone)
    except NoWorkingTime:
        return None
    return calendar


def _asks_rules(request: tuple[RequestRow, Chain]) -> bool:
    return any(approver.when is not None for approver in _approvers(request[1]))


def _rules(chain: Chain, catalogue: Catalogue | None) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for approver in _approvers(chain):
        if approver.when is None or catalogue is None:
            continue
        try:
            rule = parse(approver.when, catalogue, event_rule=False, subject=chain.rule_subject)
        except RuleRefused:
            continue
        found[_written(approver.when)] = rule
    return found


async def _facts(
    work: Work,
    requests: Sequence[tuple[RequestRow, Chain]],
    rules: Mapping[int, Mapping[str, Rule]],
) -> dict[int, Facts]:
    """What rules and fields of the chains read, as it is now."""
    by_kind: dict[str, dict[int, list[int]]] = {}
    reads: dict[str, Reads] = {}
    for row, chain in requests:
        wanted = _reads(chain, rules[row.id].values())
        record = _record(row)
        if record is None or not (wanted.fields or wanted.lists):
            continue
        kind, id_ = record
        by_kind.setdefault(kind, {}).setdefault(id_, []).append(row.id)
        reads[kind] = union([reads.get(kind, Reads()), wanted])
    found: dict[int, Facts] = {}
    for kind, rows in by_kind.items():
        if kind == "contact":
            loaded = await load_facts(work.session, list(rows), reads[kind], work.now)
        else:
            loaded = await load_subject_facts(
                work.session,
                kind,  # type: ignore[arg-type]  # one of the two that `_record` gives besides
                list(rows),
                reads[kind],
                work.now,
            )
        for record_id, facts in loaded.items():
            found.update(dict.fromkeys(rows[record_id], facts))
    return found


def _record(row: RequestRow) -> tuple[str, int] | None:
    if row.record_kind in ("deal", "ticket", "contact") and row.record_id is not None:
        return row.record_kind, row.record_id
    return None if row.contact_id is None else ("contact", row.contact_id)


def _reads(chain: Chain, rules: Iterable[Rule]) -> Reads:
    paths = {
        tuple(approver.named_in.split(".", 1))
        for approver in _approvers(chain)
        if approver.named_in is not None and approver.named_in != OWNER_FIELD
    }
    named = Reads(fields=frozenset(paths))
    return union([named, *(rule.reads for rule in rules)])


def _approvers(chain: Chain) -> list[Any]:
    return [approver for level in chain.levels for approver in level.approvers]


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False)
