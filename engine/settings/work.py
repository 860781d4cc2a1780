"""How the masses are moved, how a worker runs, what is logged."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.settings.loading import Group


class Drivers(Group):
    """How the masses are moved. More shards let more workers take part."""

    dispatch_partitions: int = Field(
        4,
        alias="DISPATCH_PARTITIONS",
        ge=1,
        le=64,
        description="Events are dealt with in order per contact, in this many lines side by side. "
        "With fewer than before, what waits in the others is still dealt with.",
    )
    advance_shards: int = Field(
        2,
        alias="DRIVER_SHARDS",
        ge=1,
        le=64,
        description="Drivers that move each flow's runs. It may be changed at any time: a run "
        "keeps its shard, and every shard that has runs has a driver.",
    )
    perform_shards: int = Field(
        2,
        alias="PERFORM_SHARDS",
        ge=1,
        le=64,
        description="Drivers that carry out effects. It may be changed at any time: every shard "
        "that has open effects has a driver.",
    )
    dispatch_batch: int = Field(
        1000, alias="DISPATCH_BATCH", ge=1, le=10_000, description="Events per transaction."
    )
    advance_batch: int = Field(
        2000, alias="ADVANCE_BATCH", ge=1, le=10_000, description="Runs per transaction."
    )
    enrol_batch: int = Field(
        5000, alias="ENROL_BATCH", ge=1, le=20_000, description="Contacts entered per transaction."
    )
    perform_lanes: int = Field(
        2,
        alias="PERFORM_LANES",
        ge=1,
        le=32,
        description="Groups of effects that each performing driver has under way side by side.",
    )
    effect_lease_seconds: float = Field(
        60,
        alias="EFFECT_LEASE_SECONDS",
        gt=0,
        description="How long a claimed effect belongs to its worker before it counts as unclear. "
        "A worker that lives renews its claims. The clocks of all workers must agree far closer.",
    )
    idle_seconds: float = Field(
        30,
        alias="DRIVER_IDLE_SECONDS",
        gt=0,
        description="A driver that nobody pokes looks for work at least this often.",
    )


class Worker(Group):
    """One worker process."""

    activities: int = Field(
        50, alias="WORKER_ACTIVITIES", ge=1, le=1000, description="Activities at the same time."
    )
    grace_seconds: float = Field(
        20,
        alias="WORKER_GRACE_SECONDS",
        ge=0,
        description="Time that work under way gets when the worker is told to stop.",
    )


class Log(Group):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", alias="LOG_LEVEL", description="The least serious thing to write."
    )
    format: Literal["auto", "text", "json"] = Field(
        "auto",
        alias="LOG_FORMAT",
        description="text for people, json for machines; auto is text on a terminal.",
    )
    most_alike: int = Field(
        200,
        alias="LOG_MOST_ALIKE",
        ge=0,
        description="Lines of one kind written in ten seconds; how many more there were is said "
        "afterwards. 0 writes all.",
    )
