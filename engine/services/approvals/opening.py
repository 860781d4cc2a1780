"""Opening requests, and ending them from outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from crm_store.approvals import (
    NewRequest,
    RequestRow,
    ids_of_keys,
    minor_rate,
    open_about,
    put_requests,
)
from engine.approvals import BASE, Chain
from engine.definitions import DefinitionKind
from engine.errors import NotFound
from engine.machines import approval
from engine.machines.approval import as_json
from engine.services.approvals.asking import Amount, Ask, InlineChain
from engine.services.approvals.cases import Case, cases_of, heres_of, inline_chain
from engine.services.approvals.keeping import keep
from engine.services.definitions import Stored, current

if TYPE_CHECKING:
    from engine.services.work import Work


async def open_request(work: Work, ask: Ask) -> int:
    """The request's id; asking again under the same key gives the one that is there.

    It may end in this very transaction (nobody to ask, and the chain says what then). Raises
    NotFound for a chain that does not exist.
    """
    return (await open_requests(work, [ask]))[0]


async def open_requests(work: Work, asks: Sequence[Ask]) -> list[int]:
    """The ids in the order of the asks."""
    rows, chains = [], {}
    found = await _named(work, {ask.chain for ask in asks if isinstance(ask.chain, str)})
    for number, ask in enumerate(asks):
        row, chain = _row(work, ask, -number - 1, found)
        rows.append(row)
        chains[row.id] = chain
    heres = await heres_of(work, [(row, chains[row.id]) for row in rows])
    opened: dict[str, Case] = {}
    for ask, row in zip(asks, rows, strict=True):
        chain, here = chains[row.id], heres[row.id]
        path = chain.levels_for(*await _in_currency(work, ask.amount, chain))
        moved = approval.opened(here, path, ask.deadline)
        case = Case(row, chain, here, moved.state, None, list(moved.tells))
        opened.setdefault(row.key, case)
    made = await put_requests(work.session, [_new(one) for one in opened.values()], work.now)
    there = await ids_of_keys(work.session, [key for key in opened if key not in made])
    fresh = []
    for key, id_ in made.items():
        case = opened[key]
        case.row = case.row._replace(id=id_)
        fresh.append(case)
    await keep(work, fresh, fresh=True)
    ids = made | there
    return [ids[row.key] for row in rows]


async def cancel_requests(
    work: Work, subject_kind: str, subject_ids: Collection[int], why: str | None = None
) -> None:
    """End what is open about these, as cancelled: nobody waits for it any more."""
    rows = await open_about(work.session, subject_kind, subject_ids)
    cases = await cases_of(work, rows)
    for case in cases.values():
        case.took(approval.cancelled(case.state, case.here, why))
    await keep(work, list(cases.values()))


def _row(work: Work, ask: Ask, id_: int, named: Mapping[str, Stored]) -> tuple[RequestRow, Chain]:
    """The request as a row that is not written yet, and its chain."""
    chain, version, document = _chain(ask.chain, named)
    record = ask.record or (None, None)
    key = ask.key or f"{ask.subject_kind}:{ask.subject_id}:{work.now.isoformat()}"
    row = RequestRow(
        id=id_,
        key=key,
        subject_kind=ask.subject_kind,
        subject_id=ask.subject_id,
        record_kind=record[0],
        record_id=record[1],
        run_id=ask.subject_id if ask.subject_kind == "run" else None,
        contact_id=ask.contact_id,
        requester_id=ask.requester_id,
        owner_id=ask.owner_id,
        chain=ask.chain if isinstance(ask.chain, str) else None,
        definition_version_id=version,
        document=document,
        title=ask.title.en,
        title_zh=ask.title.zh,
        body=ask.body.en,
        body_zh=ask.body.zh,
        amount_minor=ask.amount.minor if ask.amount else None,
        currency=ask.amount.currency if ask.amount else None,
        facts=_plain(ask.facts),
        details=_plain(ask.details),
        editable_fields=[*ask.editable_fields, *chain.editable_fields],
        status="open",
        state={},
        deadline=ask.deadline,
        opened_at=work.now,
        ended_at=None,
    )
    return row, chain


def _new(case: Case) -> NewRequest:
    written = case.row._replace(status=case.state.status, state=as_json(case.state))
    return NewRequest._make(getattr(written, name) for name in NewRequest._fields)


async def _named(work: Work, names: Collection[str]) -> dict[str, Stored]:
    found = {}
    for name in sorted(names):
        stored = await current(work.session, DefinitionKind.APPROVAL, name)
        if stored is None:
            raise NotFound(
                f'There is no approval chain "{name}". Publish it with `cadenza definition '
                "publish`."
            )
        found[name] = stored
    return found


def _chain(
    chain: str | InlineChain, named: Mapping[str, Stored]
) -> tuple[Chain, int | None, dict[str, Any] | None]:
    """The chain with what the request keeps of it: its version, or its document."""
    if isinstance(chain, InlineChain):
        document = _plain(chain.document)
        return inline_chain(document), None, document
    return named[chain].model, named[chain].version_id, None


async def _in_currency(work: Work, amount: Amount | None, chain: Chain) -> tuple[int | None, str]:
    """The amount in the smallest unit of the bands' currency; None when there is no rate for it."""
    base = work.shared.base_currency
    currency = base if chain.currency in (None, BASE) else str(chain.currency)
    if amount is None or not chain.bands:
        return None, currency
    if amount.currency == currency:
        return amount.minor, currency
    in_base: int | None = amount.base_minor
    if in_base is None:
        in_base = await _times(work, amount.minor, base, amount.currency, work.now)
    if in_base is None or currency == base:
        return in_base, currency
    rate = await minor_rate(work.session, base, currency, work.now)
    return (None if not rate else round(in_base / rate)), currency


async def _times(work: Work, minor: int, base: str, currency: str, now: datetime) -> int | None:
    if currency == base:
        return minor
    rate = await minor_rate(work.session, base, currency, now)
    return None if rate is None else round(minor * rate)


def _plain(values: Any) -> dict[str, Any]:
    """As JSON values: times as text, decimals too."""
    plain: dict[str, Any] = orjson.loads(
        orjson.dumps(dict(values), default=str, option=orjson.OPT_NON_STR_KEYS)
    )
    return plain
