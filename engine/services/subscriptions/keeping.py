"""Subscriptions: made, changed, tested, enabled, disabled, removed; their secrets rotated."""

from __future__ import annotations

import secrets as chance
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import webhook_subscriptions as rows
from crm_store.people import user_by_id
from crm_store.webhook_deliveries import add_test
from crm_store.webhook_log import Figures, figures
from crm_store.webhook_subscriptions import SubscriptionRow
from engine.errors import Conflict, NotFound, Problem, Refused
from engine.services.actor import Actor, allowed
from engine.services.audit import record
from engine.services.plans import current_catalogue
from engine.services.secrets import SecretBox, new_signing_secret
from engine.services.segment_door import ChangedMeanwhile
from engine.services.subscriptions.asked import TEST_TYPE, AskedSubscription, values_of
from engine.services.subscriptions.secrets import purpose_of, secret_problem

MOST: Final = 200
USUAL_OVERLAP: Final = timedelta(days=1)
LONGEST_OVERLAP: Final = timedelta(days=30)
# Numbers beside a subscription are counted up to here.
MOST_COUNTED: Final = 1_000
_NOTHING: Final = Figures(0, 0, 0)


@dataclass(frozen=True, slots=True)
class KnownSubscription:
    row: SubscriptionRow
    figures: Figures


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """`secret` is shown this once."""

    id: int
    secret: str

    def __repr__(self) -> str:
        return f"NewSubscription({self.id})"


async def existing(
    session: AsyncSession, subscription_id: int, *, lock: bool = False
) -> SubscriptionRow:
    """Raises NotFound."""
    row = await rows.subscription(session, subscription_id, lock=lock)
    if row is None:
        raise NotFound(f"There is no webhook subscription {subscription_id}.")
    return row


async def list_subscriptions(session: AsyncSession, actor: Actor) -> list[KnownSubscription]:
    """All by name, with how many of their deliveries stand where, counted up to `MOST_COUNTED`."""
    allowed(actor, "read", "webhook")
    counted = await figures(session, MOST_COUNTED)
    found = await rows.subscriptions(session)
    return [KnownSubscription(row, counted.get(row.id, _NOTHING)) for row in found]


async def see_subscription(
    session: AsyncSession, actor: Actor, subscription_id: int
) -> KnownSubscription:
    """Raises NotFound."""
    allowed(actor, "read", "webhook")
    row = await existing(session, subscription_id)
    counted = await figures(session, MOST_COUNTED)
    return KnownSubscription(row, counted.get(row.id, _NOTHING))


async def create_subscription(
    session: AsyncSession,
    actor: Actor,
    box: SecretBox,
    asked: AskedSubscription,
    now: datetime,
    *,
    secret: str | None = None,
) -> NewSubscription:
    """Not enabled yet: a test that succeeds enables it, or a person does. The secret is ours,
    unless the receiver has one of its own. Raises Refused with every mistake."""
    allowed(actor, "create", "webhook")
    values = await _values(session, asked)
    _refuse_bad_secret(secret)
    if await rows.count_subscriptions(session) >= MOST:
        raise Conflict(f"There are {MOST} webhook subscriptions already. Remove one first.")
    if values["owner_id"] is None and actor.kind == "user":
        values["owner_id"] = actor.id
    made = secret or new_signing_secret()
    changed = {"changed_at": now, "changed_by": actor.name}
    id_ = await rows.add_subscription(session, {**values, **changed, "secret": ""})
    if id_ is None:
        raise _taken(values["name"])
    await rows.change_subscription(session, id_, {"secret": box.seal(made, purpose_of(id_))})
    await record(session, actor, "create", "webhook", id_, after=_plain(values))
    return NewSubscription(id_, made)


async def change_subscription(
    session: AsyncSession,
    actor: Actor,
    subscription_id: int,
    asked: AskedSubscription,
    now: datetime,
    *,
    revision: int | None = None,
) -> None:
    """All of it anew. What is waiting goes to the new address. `revision` is what was read; None
    overwrites whatever is there. Raises ChangedMeanwhile, NotFound, Refused."""
    allowed(actor, "edit", "webhook")
    row = await existing(session, subscription_id, lock=True)
    if revision is not None and revision != row.revision:
        raise ChangedMeanwhile(
            f"The webhook {row.name} was changed meanwhile by {row.changed_by}. Read it again."
        )
    values = await _values(session, asked)
    if await rows.name_is_taken(session, values["name"], row.id):
        raise _taken(values["name"])
    before = {name: getattr(row, name) for name in values}
    changed = {name: one for name, one in values.items() if one != before[name]}
    if not changed:
        return
    await rows.change_subscription(
        session, row.id, {**changed, "changed_at": now, "changed_by": actor.name}
    )
    await record(
        session,
        actor,
        "edit",
        "webhook",
        row.id,
        before=_plain({name: before[name] for name in changed}),
        after=_plain(changed),
    )


async def enable_subscription(
    session: AsyncSession, actor: Actor, subscription_id: int, now: datetime
) -> None:
    """From now on. What waited goes; events that came meanwhile are sent by `send_missed`. Poke
    the driver afterwards."""
    await _switch(session, actor, subscription_id, True, now)


async def disable_subscription(
    session: AsyncSession, actor: Actor, subscription_id: int, now: datetime
) -> None:
    """What waits stays, and new events are not written down for it."""
    await _switch(session, actor, subscription_id, False, now)


async def remove_subscription(session: AsyncSession, actor: Actor, subscription_id: int) -> None:
    """With everything that waits and its log."""
    allowed(actor, "delete", "webhook")
    row = await existing(session, subscription_id, lock=True)
    await rows.remove_subscription(session, row.id)
    await record(
        session,
        actor,
        "remove",
        "webhook",
        row.id,
        before={"name": row.name, "url": row.url, "event_types": row.event_types},
    )


async def rotate_secret(
    session: AsyncSession,
    actor: Actor,
    box: SecretBox,
    subscription_id: int,
    now: datetime,
    *,
    overlap: timedelta = USUAL_OVERLAP,
    secret: str | None = None,
) -> NewSubscription:
    """A new secret; until the overlap is over, messages are signed with both."""
    allowed(actor, "edit", "webhook")
    _refuse_bad_secret(secret)
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        message = f"give a time of at most {LONGEST_OVERLAP.days} days"
        raise Refused("Nothing was changed.", [Problem("/overlap", "out_of_range", message)])
    row = await existing(session, subscription_id, lock=True)
    before = await rows.sealed_secret(session, row.id)
    made = secret or new_signing_secret()
    until = now + overlap if overlap else None
    await rows.change_subscription(
        session,
        row.id,
        {
            "secret": box.seal(made, purpose_of(row.id)),
            "previous_secret": before if until else None,
            "previous_until": until,
            "changed_at": now,
            "changed_by": actor.name,
        },
    )
    after = {"previous_until": until.isoformat() if until else None}
    await record(session, actor, "rotate", "webhook", row.id, after=after)
    return NewSubscription(row.id, made)


async def test_subscription(
    session: AsyncSession, actor: Actor, subscription_id: int, now: datetime
) -> int:
    """Queue a test, which goes at once and only once; the id of its delivery. One that succeeds
    enables a new subscription. Poke the driver afterwards."""
    allowed(actor, "edit", "webhook")
    row = await existing(session, subscription_id)
    await record(session, actor, "test", "webhook", row.id)
    return await add_test(session, row.id, f"msg_{chance.token_hex(16)}", TEST_TYPE, now)


# pytest takes it for a test of its own otherwise.
test_subscription.__test__ = False  # type: ignore[attr-defined]


async def _switch(
    session: AsyncSession, actor: Actor, subscription_id: int, enabled: bool, now: datetime
) -> None:
    allowed(actor, "edit", "webhook")
    row = await existing(session, subscription_id, lock=True)
    if row.enabled is enabled:
        return
    values: dict[str, Any] = {
        "enabled": enabled,
        "reason": None if enabled else "by_hand",
        "changed_at": now,
        "changed_by": actor.name,
    }
    if enabled:
        values |= {"failures": 0, "failing_since": None, "resting_until": None}
    await rows.change_subscription(session, row.id, values)
    await record(
        session,
        actor,
        "enable" if enabled else "disable",
        "webhook",
        row.id,
        before={"enabled": row.enabled, "reason": row.reason},
        after={"enabled": enabled, "reason": values["reason"]},
    )


async def _values(session: AsyncSession, asked: AskedSubscription) -> dict[str, Any]:
    values = values_of(asked, await current_catalogue(session))
    if asked.owner_id is not None and await user_by_id(session, asked.owner_id) is None:
        problem = Problem("/owner_id", "unknown_person", "name somebody who works here")
        raise Refused("The subscription was not kept.", [problem])
    return values


def _refuse_bad_secret(secret: str | None) -> None:
    wrong = secret_problem(secret) if secret is not None else None
    if wrong is not None:
        raise Refused("The secret was not kept.", [Problem("/secret", "bad_secret", wrong)])


def _taken(name: str) -> Conflict:
    return Conflict(f'There is a webhook called "{name}" already. Give this one another name.')


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in values.items() if one is not None}


def asked_of(row: SubscriptionRow, **changed: Any) -> AskedSubscription:
    """A subscription as somebody would ask for it, with some of it changed."""
    asked = AskedSubscription(
        *(row.name, row.url, row.event_types, row.rule, row.owner_id),
        *(row.per_second, row.concurrency),
    )
    return replace(asked, **changed)
