"""Deals of a pipeline as a board shows them: columns with sums, pages of cards, what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

Sorting = Literal["newest", "oldest", "amount", "close"]
# A number that grows down the column, so that the browser can put a card in its place.
_RANKS: Final[Mapping[Sorting, str]] = {
    "newest": "-round(extract(epoch FROM d.stage_entered_at) * 1000)::bigint",
    "oldest": "round(extract(epoch FROM d.stage_entered_at) * 1000)::bigint",
    "amount": "-coalesce(d.amount_base_minor, d.amount_minor, -1)",
    "close": "coalesce(d.expected_close_on - DATE '2000-01-01', 1000000)::bigint",
}
_STUCK: Final = """
    (y.request_id IS NOT NULL OR y.state->>'rotted_at' IS NOT NULL
     OR jsonb_array_length(coalesce(y.state->'told', '[]')) > 0
     OR d.expected_close_on < :today OR d.owner_id IS NULL
     OR EXISTS (SELECT 1 FROM escalation_case e WHERE e.subject_kind = 'deal'
                AND e.subject_id = d.id AND e.ended_at IS NULL))
"""


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """None leaves a question out. `text` is a part of the name of the deal or its account; `stuck`
    asks for open deals that something holds up: an alert, silence, an approval, a case, a date that
    is over, no owner. `seen_owners` are those whose deals whoever asks may see; None: all."""

    owner_id: int | None = None
    no_owner: bool = False
    team_id: int | None = None
    text: str | None = None
    closes_from: date | None = None
    closes_until: date | None = None
    stuck: bool = False
    seen_owners: frozenset[int] | None = None
    sees_unowned: bool = False

    def said(self) -> str:
        """As a condition; what was not asked for is left out, so that the database plans for what
        is really asked."""
        asked = {
            "d.owner_id = :owner_id": self.owner_id is not None,
            "d.owner_id IS NULL": self.no_owner,
            "u.team_id = :team_id": self.team_id is not None,
            "(d.name ILIKE :text OR a.name ILIKE :text)": self.text is not None,
            "d.expected_close_on >= :closes_from": self.closes_from is not None,
            "d.expected_close_on <= :closes_until": self.closes_until is not None,
            f"s.kind = 'open' AND {_STUCK}": self.stuck,
        }
        said = [said for said, wanted in asked.items() if wanted]
        return " AND ".join(["TRUE", *said, self.may_be_seen()])

    def may_be_seen(self) -> str:
        if self.seen_owners is None:
            return "TRUE"
        unowned = " OR d.owner_id IS NULL" if self.sees_unowned else ""
        return f"(d.owner_id = ANY(:seen_owners){unowned})"

    def parameters(self, today: date) -> dict[str, Any]:
        return {
            "owner_id": self.owner_id,
            "team_id": self.team_id,
            "text": None if self.text is None else f"%{_plain(self.text)}%",
            "closes_from": self.closes_from,
            "closes_until": self.closes_until,
            "today": today,
            "seen_owners": sorted(self.seen_owners or ()),
        }


class ColumnRow(NamedTuple):
    """`base_minor` leaves out the amounts of `without_rate` deals."""

    stage_id: int
    deals: int
    base_minor: int
    without_rate: int


class CardRow(NamedTuple):
    """`rank` grows down a column, and with it the id. `changed_at` is the last change of the deal
    or of how it stands; `matches` the filter; `cases` are open ones about it."""

    id: int
    rank: int
    name: str
    stage_id: int
    stage: str
    stage_label: str
    stage_label_zh: str | None
    amount_minor: int | None
    currency: str | None
    account: str | None
    contact: str | None
    contact_id: int | None
    owner_id: int | None
    owner: str | None
    expected_close_on: date | None
    stage_entered_at: datetime
    stay_version_id: int | None
    stay: dict[str, Any] | None
    pending: dict[str, Any] | None
    request_id: int | None
    cases: int
    changed_at: datetime
    matches: bool


_FROM: Final = """
    FROM deal d JOIN stage s ON s.id = d.stage_id
    LEFT JOIN deal_stay y ON y.deal_id = d.id
    LEFT JOIN account a ON a.id = d.account_id
    LEFT JOIN "user" u ON u.id = d.owner_id
"""


def _cards(rank: str, matches: str) -> str:
    return f"""
    SELECT d.id, {rank}, d.name, d.stage_id, s.key, s.label, s.label_zh, d.amount_minor,
           d.currency, a.name,
           coalesce(nullif(concat_ws(' ', c.first_name, c.last_name), ''), c.email), d.contact_id,
           d.owner_id, u.name, d.expected_close_on, d.stage_entered_at, y.version_id, y.state,
           y.pending, y.request_id,
           (SELECT count(*) FROM escalation_case e WHERE e.subject_kind = 'deal'
            AND e.subject_id = d.id AND e.ended_at IS NULL),
           greatest(d.updated_at, y.updated_at), {matches}
    {_FROM} LEFT JOIN contact c ON c.id = d.contact_id
    """  # noqa: S608 - constants


async def board_columns(
    session: AsyncSession, pipeline_id: int, wanted: BoardFilter, today: date
) -> list[ColumnRow]:
    """Stages without a deal are left out."""
    found = await session.execute(
        text(
            f"""
            SELECT d.stage_id, count(*), coalesce(sum(d.amount_base_minor), 0)::bigint,
                   count(*) FILTER (WHERE d.amount_minor IS NOT NULL
                                    AND d.amount_base_minor IS NULL)
            {_FROM} WHERE d.pipeline_id = :pipeline_id AND {wanted.said()} GROUP BY 1
            """
        ),
        {**wanted.parameters(today), "pipeline_id": pipeline_id},
    )
    return [ColumnRow._make(row) for row in found]


async def board_cards(
    session: AsyncSession,
    stage_ids: Collection[int],
    wanted: BoardFilter,
    today: date,
    *,
    sorting: Sorting,
    after: tuple[int, int] | None = None,
    limit: int,
) -> list[CardRow]:
    """The cards of one column (or several together) after (rank, id), in their order."""
    rank = _RANKS[sorting]
    further = f"AND ({rank}, d.id) > (:after_rank, :after_id)" if after else ""
    found = await session.execute(
        text(
            f"{_cards(rank, 'TRUE')} WHERE d.stage_id = ANY(:stages) AND {wanted.said()} {further}"
            f" ORDER BY {rank}, d.id LIMIT :limit"
        ),
        {
            **wanted.parameters(today),
            "stages": sorted(stage_ids),
            "after_rank": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
    )
    return [CardRow._make(row) for row in found]


async def first_cards(
    session: AsyncSession,
    stage_ids: Sequence[int],
    wanted: BoardFilter,
    today: date,
    *,
    sorting: Sorting,
    limit: int,
) -> list[CardRow]:
    """The first cards of every column, in one statement."""
    rank = _RANKS[sorting]
    one = f"{_cards(rank, 'TRUE')} WHERE d.stage_id = t.id AND {wanted.said()}"
    found = await session.execute(
        text(
            "SELECT f.* FROM unnest(CAST(:stages AS bigint[])) AS t(id), LATERAL"  # noqa: S608
            f" ({one} ORDER BY {rank}, d.id LIMIT :limit) f"
        ),
        {**wanted.parameters(today), "stages": list(stage_ids), "limit": limit},
    )
    return [CardRow._make(row) for row in found]


async def changed_cards(
    session: AsyncSession,
    pipeline_id: int,
    wanted: BoardFilter,
    today: date,
    *,
    sorting: Sorting,
    since: datetime,
    limit: int,
) -> list[CardRow]:
    """Deals of the pipeline that were changed since then, the newest change first, whether the
    filter finds them or not."""
    found = await session.execute(
        text(
            f"{_cards(_RANKS[sorting], f'({wanted.said()})')} WHERE d.pipeline_id = :pipeline_id"
            f" AND {wanted.may_be_seen()} AND (d.updated_at > :since OR y.updated_at > :since)"
            " ORDER BY greatest(d.updated_at, y.updated_at) DESC LIMIT :limit"
        ),
        {
            **wanted.parameters(today),
            "pipeline_id": pipeline_id,
            "since": since,
            "limit": limit,
        },
    )
    return [CardRow._make(row) for row in found]


async def cards_by_id(
    session: AsyncSession,
    ids: Collection[int],
    wanted: BoardFilter,
    today: date,
    *,
    sorting: Sorting,
) -> list[CardRow]:
    found = await session.execute(
        text(
            f"{_cards(_RANKS[sorting], f'({wanted.said()})')} WHERE d.id = ANY(:ids)"
            f" AND {wanted.may_be_seen()}"
        ),
        {**wanted.parameters(today), "ids": sorted(ids)},
    )
    return [CardRow._make(row) for row in found]


class Named(NamedTuple):
    """Something to choose, and what it is called."""

    id: int
    name: str


async def accounts_called(session: AsyncSession, part: str, *, limit: int) -> list[Named]:
    """Those whose name has the part in it, the ones that begin with it first."""
    plain = _plain(part)
    found = await session.execute(
        text(
            "SELECT id, name FROM account WHERE name ILIKE :anywhere"
            " ORDER BY name NOT ILIKE :begins, lower(name), id LIMIT :limit"
        ),
        {"anywhere": f"%{plain}%", "begins": f"{plain}%", "limit": limit},
    )
    return [Named._make(row) for row in found]


async def products(session: AsyncSession, *, limit: int) -> list[Named]:
    found = await session.execute(
        text("SELECT id, name FROM product ORDER BY lower(name), id LIMIT :limit"),
        {"limit": limit},
    )
    return [Named._make(row) for row in found]


async def usual_lost_reasons(session: AsyncSession, pipeline_id: int, *, limit: int) -> list[str]:
    """The ones given most often."""
    found = await session.scalars(
        text(
            "SELECT lost_reason FROM deal WHERE pipeline_id = :pipeline AND lost_reason IS NOT NULL"
            " AND length(lost_reason) <= 80"
            " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT :limit"
        ),
        {"pipeline": pipeline_id, "limit": limit},
    )
    return [str(one) for one in found]


def _plain(part: str) -> str:
    r"""What `LIKE` reads as signs of its own is meant as it is written."""
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
