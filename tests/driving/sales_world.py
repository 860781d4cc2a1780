"""People who can own things, pipelines, deals: rows for the steps that touch them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from tests.driving.world import START, World


async def team(world: World, name: str, *people: str, inactive: tuple[str, ...] = ()) -> list[int]:
    """A team of users by first names; ids in the order of the names, the inactive ones last."""
    ids = []
    async with world.store.store.transaction() as session:
        await session.execute(
            text("INSERT INTO role (key, label) VALUES ('rep', 'Rep') ON CONFLICT DO NOTHING")
        )
        team_id = await session.scalar(
            text("INSERT INTO team (name) VALUES (:name) RETURNING id"), {"name": name}
        )
        for person in (*people, *inactive):
            ids.append(
                await session.scalar(
                    text(
                        'INSERT INTO "user" (email, email_key, name, name_key, role, team_id, '
                        "active) VALUES (:email, :email, :name, :name, 'rep', :team, :active) "
                        "RETURNING id"
                    ),
                    {
                        "email": f"{person}@example.com",
                        "name": person,
                        "team": team_id,
                        "active": person not in inactive,
                    },
                )
            )
    return ids


async def pipeline(world: World, key: str, **kinds: str) -> int:
    """A pipeline whose stages come in this order, each with its kind."""
    async with world.store.store.transaction() as session:
        id_: int = (
            await session.execute(
                text("INSERT INTO pipeline (key, label) VALUES (:key, :key) RETURNING id"),
                {"key": key},
            )
        ).scalar_one()
        for position, (stage, kind) in enumerate(kinds.items()):
            await session.execute(
                text(
                    "INSERT INTO stage (pipeline_id, key, label, kind, position, "
                    "probability_percent, forecast_category) VALUES "
                    "(:pipeline, :key, :key, :kind, :position, 50, 'pipeline')"
                ),
                {"pipeline": id_, "key": stage, "kind": kind, "position": position},
            )
    return id_


async def deal(
    world: World,
    contact: int,
    stage: str = "lead",
    *,
    days_ago: int = 0,
    amount: int | None = None,
    owner: int | None = None,
) -> int:
    """A deal of the contact; `amount` is in cents of the base currency."""
    async with world.store.store.transaction() as session:
        id_: int = (
            await session.execute(
                text(
                    """
                    INSERT INTO deal (name, contact_id, pipeline_id, stage_id, stage_entered_at,
                                      opened_at, forecast_category, amount_minor, currency,
                                      owner_id)
                    SELECT 'Deal', :contact, s.pipeline_id, s.id, :at, :at, 'pipeline',
                           CAST(:amount AS bigint),
                           CASE WHEN CAST(:amount AS bigint) IS NOT NULL THEN 'USD' END, :owner
                    FROM stage s WHERE s.key = :stage ORDER BY s.id LIMIT 1 RETURNING id
                    """
                ),
                {
                    "contact": contact,
                    "stage": stage,
                    "at": START - timedelta(days=days_ago),
                    "amount": amount,
                    "owner": owner,
                },
            )
        ).scalar_one()
    return id_


def flow(
    name: str, step: str, *, event: str = "Signed Up", more: str = "", entry: str = "always"
) -> str:
    """A flow of one step, named "act", whose exits each lead to an end of their name."""
    return (
        f"flow: {name}\npurpose: service\ntrigger: {{on: event, event: {event}}}\n"
        f"entry: always\nsteps:\n  act: {step}\n{more}  done: {{do: exit}}\n"
    )
