"""How deals go from stage to stage, and how long they stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.chosen import Chosen

# A won deal has come further than any stage, a lost one nowhere.
_RANK: Final = "CASE s.kind WHEN 'won' THEN 1000000 WHEN 'lost' THEN -1 ELSE s.position END"
_OWNER: Final = 'LEFT JOIN "user" u ON u.id = d.owner_id'


class ConversionRow(NamedTuple):
    """Deals that came to the stage for the first time. `advanced` came further, `dropped` were lost
    without that; `won` and `lost` are how they stand today."""

    stage_id: int
    entered: int
    advanced: int
    dropped: int
    won: int
    lost: int


async def conversions(session: AsyncSession, chosen: Chosen) -> list[ConversionRow]:
    """By open stage; deals that first came there in the time asked for."""
    recent = _came_lately(chosen)
    found = await session.execute(
        text(
            f"""
            WITH walk AS (
                SELECT v.deal_id, v.stage_id, v.entered_at, s.kind, s.position,
                       max({_RANK}) OVER (
                           PARTITION BY v.deal_id ORDER BY v.entered_at DESC, v.id DESC
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS furthest
                FROM stage_visit v JOIN stage s ON s.id = v.stage_id
                {_deals_of_visits(chosen)} WHERE {_of_visits(chosen)} {recent}
            ), came AS (
                SELECT deal_id, stage_id, position, min(entered_at) AS at,
                       coalesce(max(furthest), -2) AS furthest
                FROM walk WHERE kind = 'open' GROUP BY 1, 2, 3
            )
            SELECT c.stage_id, count(*), count(*) FILTER (WHERE c.furthest > c.position),
                   count(*) FILTER (WHERE c.furthest <= c.position AND s.kind = 'lost'),
                   count(*) FILTER (WHERE s.kind = 'won'), count(*) FILTER (WHERE s.kind = 'lost')
            FROM came c JOIN deal d ON d.id = c.deal_id JOIN stage s ON s.id = d.stage_id
            WHERE {chosen.within("c.at")} GROUP BY 1
            """  # noqa: S608 - constants
        ),
        chosen.parameters(),
    )
    return [ConversionRow(*row) for row in found]


class PassageRow(NamedTuple):
    """So many moves from one stage to another; from none: that is where deals began."""

    from_stage_id: int | None
    stage_id: int
    moves: int


async def passages(session: AsyncSession, chosen: Chosen) -> list[PassageRow]:
    found = await session.execute(
        text(
            f"""
            SELECT v.from_stage_id, v.stage_id, count(*) FROM stage_visit v
            {_deals_of_visits(chosen)}
            WHERE {_of_visits(chosen)} AND {chosen.within("v.entered_at")}
            GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
            """  # noqa: S608 - constants
        ),
        chosen.parameters(),
    )
    return [PassageRow(*row) for row in found]


class StayRow(NamedTuple):
    """Stays that ended. `points` are the seconds at the fractions asked for; `working_points` those
    of the `working` stays whose working time is known, None without any."""

    stage_id: int
    who: int | None
    stays: int
    seconds: float
    points: list[float]
    working: int
    working_seconds: float
    working_points: list[float] | None


By = Literal["stage", "owner", "team"]
_WHO: Final = {"stage": "CAST(NULL AS bigint)", "owner": "d.owner_id", "team": "u.team_id"}


async def stays(
    session: AsyncSession, chosen: Chosen, fractions: Sequence[float], by: By = "stage"
) -> list[StayRow]:
    """How long deals stayed on open stages that they left in the time asked for."""
    joined = _deals_of_visits(chosen, needed=by != "stage")
    found = await session.execute(
        text(
            f"""
            SELECT stage_id, who, count(*), sum(wall),
                   percentile_cont(CAST(:fractions AS float8[])) WITHIN GROUP (ORDER BY wall),
                   count(working), coalesce(sum(working), 0),
                   percentile_cont(CAST(:fractions AS float8[])) WITHIN GROUP (ORDER BY working)
            FROM (SELECT v.stage_id, {_WHO[by]} AS who, v.working_seconds::float8 AS working,
                         extract(epoch FROM v.left_at - v.entered_at)::float8 AS wall
                  FROM stage_visit v JOIN stage s ON s.id = v.stage_id {joined}
                  WHERE s.kind = 'open' AND v.left_at IS NOT NULL AND {_of_visits(chosen)}
                    AND {chosen.within("v.left_at")}) stay
            GROUP BY 1, 2
            """  # noqa: S608 - constants
        ),
        {**chosen.parameters(), "fractions": list(fractions)},
    )
    return [StayRow(*row) for row in found]


def _deals_of_visits(chosen: Chosen, *, needed: bool = False) -> str:
    """A visit knows its pipeline; for people its deal must be looked up."""
    if not (needed or chosen.names_people):
        return ""
    return f"JOIN deal d ON d.id = v.deal_id {_OWNER}"


def _of_visits(chosen: Chosen) -> str:
    pipeline = "TRUE" if chosen.pipeline_id is None else "v.pipeline_id = :pipeline"
    return f"{pipeline} AND {chosen.deals()}" if chosen.names_people else pipeline


def _came_lately(chosen: Chosen) -> str:
    """Of other deals no stay need be looked at."""
    if chosen.since is None and chosen.until is None:
        return ""
    pipeline = "" if chosen.pipeline_id is None else "w.pipeline_id = :pipeline AND "
    return (
        "AND v.deal_id IN (SELECT w.deal_id FROM stage_visit w"  # noqa: S608 - constants
        f" WHERE {pipeline}{chosen.within('w.entered_at')})"
    )
