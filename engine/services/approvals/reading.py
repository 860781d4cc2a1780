"""Requests as people see them: lists, one with its history, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import approvals as rows
from crm_store.approvals import RequestRow
from engine.approvals import Chain, Level
from engine.errors import NotFound
from engine.machines.approval import Here, State, from_json
from engine.machines.approval.seating import acting, may_hold
from engine.people import Directory
from engine.services.actor import Actor, allowed, may
from engine.services.approvals.asking import Amount
from engine.services.approvals.cases import Case, cases_of
from engine.services.approvals.texts import body_of, title_of
from engine.steps.words import Words

if TYPE_CHECKING:
    from engine.services.work import Work

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Voice:
    """One seat of the present level; `acting_id` is who is there to use it now."""

    holder_id: int
    holder: str
    acting_id: int | None
    vote: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Route:
    """Why these levels: `steps` are the labels of all the levels it goes through, `band` the
    amounts from and to (None: no end) that lead there, None where the chain has no bands.
    `currency` is that of the band, or "base". `quorum` is the present level's, `needed` its number.
    """

    steps: tuple[Words, ...]
    at: int
    band: tuple[str, str | None] | None
    currency: str | None
    quorum: str
    needed: int


@dataclass(frozen=True, slots=True)
class Request:
    """`can_decide` and `can_recall` are about whoever looks. `facts` are what was handed in to
    decide by; `level` is the present one's label, `levels` all of them. `question`: it waits for
    the requester's answer."""

    id: int
    title: Words
    body: Words
    status: str
    why: str | None
    subject_kind: str
    subject_id: int
    record: tuple[str, int] | None
    contact_id: int | None
    run_id: int | None
    requester_id: int | None
    requester: str | None
    amount: Amount | None
    facts: Mapping[str, Any]
    chain: str | None
    level: Words
    level_key: str
    levels: tuple[str, ...]
    voices: tuple[Voice, ...]
    decided_by: tuple[str, ...]
    opened_at: datetime
    deadline: datetime | None
    ended_at: datetime | None
    question: bool
    can_decide: bool
    can_recall: bool
    route: Route


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a request's history: a decision or a comment."""

    at: datetime
    by: str | None
    verb: str
    comment: str | None
    level: str | None
    door: str | None
    file_ids: tuple[int, ...] = ()


async def list_requests(
    work: Work,
    actor: Actor,
    *,
    mine: bool = False,
    asked_by_me: bool = False,
    open_only: bool = True,
    after: int = 0,
    limit: int = 100,
) -> list[Request]:
    """The oldest first; for the next page give the last id as `after`.

    `mine`: what this person can decide now, also because they stand in for somebody, or as an admin
    because nobody else can. `asked_by_me`: what they asked for.
    """
    allowed(actor, "read", "approval")
    directory = await work.directory()
    holders = _speaks_for(actor.id, directory, work.now) if mine and actor.id else None
    limit = min(limit, MOST_AT_ONCE)
    wanted: list[Request] = []
    more = True
    # rows say who has a voice, and not whether they may use it
    while more and len(wanted) < limit:
        found = await rows.listed(
            work.session,
            holders=holders,
            held_too=mine and actor.role == "admin",
            requester_id=actor.id if asked_by_me else None,
            open_only=open_only,
            after=after,
            limit=limit,
        )
        shown = await _shown(work, actor, found)
        wanted += [one for one in shown if one.can_decide or not mine]
        more = len(found) == limit
        after = found[-1].id if found else after
    return wanted[:limit]


async def requests_about(
    work: Work,
    actor: Actor,
    record_kind: str,
    record_id: int,
    *,
    subject_kind: str,
    limit: int = 20,
) -> list[Request]:
    """What was asked about one record, the newest first, decided or not. `subject_kind` is who is
    told the end of such requests, "deal_move" of those about deals."""
    allowed(actor, "read", "approval")
    found = await rows.about(
        work.session, subject_kind, record_kind, record_id, min(limit, MOST_AT_ONCE)
    )
    return await _shown(work, actor, found)


async def read_request(
    work: Work, actor: Actor, request_id: int
) -> tuple[Request, Sequence[Entry]]:
    """One request with its history, the oldest entry first. Raises NotFound."""
    allowed(actor, "read", "approval")
    found = await _shown(work, actor, await rows.read_requests(work.session, [request_id]))
    if not found:
        raise _nothing(request_id)
    directory = await work.directory()
    entries = [
        Entry(one.at, _name(one.by_id, directory), one.verb, one.comment, one.level, one.door)
        for one in await rows.decisions_of(work.session, [request_id])
    ] + [
        Entry(
            *(one.at, _name(one.by_id, directory), "comment", one.text),
            *(None, None, tuple(one.file_ids)),
        )
        for one in await rows.comments_of(work.session, [request_id])
    ]
    return found[0], sorted(entries, key=lambda entry: entry.at)


async def must_exist(session: AsyncSession, actor: Actor, request_id: int) -> None:
    """Before an answer is handed to the request's host, which would be begun for nothing. Raises
    NotFound."""
    allowed(actor, "edit", "approval")
    if not await rows.existing(session, [request_id]):
        raise _nothing(request_id)


async def has_voted(
    session: AsyncSession, request_id: int, seat: int, user_id: int, verb: str
) -> bool:
    """Whether this person gave this voice so."""
    given = await rows.decisions_of(session, [request_id])
    return any((one.seat, one.by_id, one.verb) == (seat, user_id, verb) for one in given)


async def existing(
    session: AsyncSession, actor: Actor, request_ids: Sequence[int]
) -> frozenset[int]:
    """Those of many that there are."""
    allowed(actor, "edit", "approval")
    return await rows.existing(session, request_ids)


def _nothing(request_id: int) -> NotFound:
    return NotFound(f"There is no request {request_id}. `cadenza approval list` shows all.")


def can_decide(actor: Actor, state: State, here: Here) -> bool:
    """Whether this person could vote now."""
    if actor.id is None or state.ended or state.status == "returned":
        return False
    if not may_hold(actor.id, here) or any(seat.by == actor.id for seat in state.seats):
        return False
    if any(actor.id in (s.holder, acting(s, state, here)) for s in state.open_seats):
        return True
    return actor.role == "admin"


async def _shown(work: Work, actor: Actor, found: Sequence[RequestRow]) -> list[Request]:
    directory = await work.directory()
    cases = await cases_of(work, found)
    return [_request(cases[row.id], actor, directory) for row in found]


def _request(case: Case, actor: Actor, directory: Directory) -> Request:
    row, state = case.row, from_json(case.row.state)
    level = case.chain.level(state.level)
    amount = None
    if row.amount_minor is not None and row.currency is not None:
        amount = Amount(row.amount_minor, row.currency)
    record = None
    if row.record_kind is not None and row.record_id is not None:
        record = (row.record_kind, row.record_id)
    own = actor.id is not None and actor.id == row.requester_id
    return Request(
        id=row.id,
        title=title_of(row),
        body=body_of(row),
        status=row.status,
        why=state.why,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        record=record,
        contact_id=row.contact_id,
        run_id=row.run_id,
        requester_id=row.requester_id,
        requester=_name(row.requester_id, directory),
        amount=amount,
        facts=row.facts,
        chain=row.chain,
        level=_label(level),
        level_key=level.key,
        levels=state.path,
        voices=tuple(
            Voice(
                seat.holder,
                _name(seat.holder, directory) or "",
                acting(seat, state, case.here) if seat.vote is None else None,
                seat.vote,
                _name(seat.by, directory),
            )
            for seat in state.seats
        ),
        decided_by=tuple(name for one in state.by if (name := _name(one, directory))),
        opened_at=row.opened_at,
        deadline=row.deadline,
        ended_at=row.ended_at,
        question=state.question is not None,
        can_decide=may(actor, "edit", "approval") and can_decide(actor, state, case.here),
        can_recall=not state.ended and (own or actor.role == "admin"),
        route=_route(case.chain, state),
    )


def _route(chain: Chain, state: State) -> Route:
    bands = [one for one in chain.bands if one.levels == state.path]
    band = bands[-1] if bands else None
    quorum = chain.level(state.level).quorum
    return Route(
        tuple(_label(chain.level(key)) for key in state.path),
        state.at,
        (str(band.begins), None if band.ends is None else str(band.ends)) if band else None,
        chain.currency,
        quorum.kind,
        quorum.needed,
    )


def _label(level: Level) -> Words:
    label = level.label or level.key.replace("_", " ")
    return Words(label, level.label_zh or label)


def _speaks_for(user_id: int, directory: Directory, now: datetime) -> set[int]:
    """This person, and everybody they stand in for now."""
    away = (one for one in directory.absences if directory.is_absent(one, now))
    return {user_id} | {one for one in away if directory.stands_in(one, now) == user_id}


def _name(user_id: int | None, directory: Directory) -> str | None:
    person = directory.people.get(user_id) if user_id is not None else None
    return person.name if person else None
