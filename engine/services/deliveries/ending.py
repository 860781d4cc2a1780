"""Disabling subscriptions that cannot be served, and telling whoever keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from crm_store.session import Store
from crm_store.webhook_subscriptions import SubscriptionRow, change_subscription, subscription
from engine.flows.words import Words
from engine.people import Directory
from engine.services.actor import SYSTEM
from engine.services.audit import record
from engine.services.pokes import Pokes
from engine.services.telling import Telling, Urgency, tell
from engine.services.work import Shared, working


class Ended(NamedTuple):
    subscription_id: int
    reason: str


_WHY: Final[Mapping[str, Words]] = {
    "gone": Words(
        "The receiver answered 410 (Gone): it wants nothing more. Enable it again if that was a "
        "mistake.",
        "接收方回答 410（Gone），表示不再需要任何通知。若属误报，请重新启用。",
    ),
    "failing": Words(
        "Every call has failed for five days. What is waiting is kept: mend the receiver, test, "
        "and enable it again.",
        "连续五天每次调用都失败。等待中的内容仍保留：修好接收方，测试后重新启用。",
    ),
    "broken_rule": Words(
        "Its rule cannot be read any more, because a field or segment that it names is gone. Mend "
        "the rule, and enable it again.",
        "其规则引用的字段或分群已不存在，规则无法读取。请修正规则后重新启用。",
    ),
}


async def end_subscriptions(
    store: Store, shared: Shared, pokes: Pokes, ended: Sequence[Ended], now: datetime
) -> None:
    """Once each: one that is disabled already is left alone."""
    async with working(store, shared, pokes, now) as work:
        directory = await work.directory()
        for one in ended:
            known = await subscription(work.session, one.subscription_id, lock=True)
            if known is None or not known.enabled:
                continue
            values = {"enabled": False, "reason": one.reason, "changed_at": now}
            await change_subscription(work.session, known.id, values)
            await record(
                work.session,
                SYSTEM,
                "disable",
                "webhook",
                known.id,
                before={"enabled": True},
                after={"enabled": False, "reason": one.reason},
            )
            await tell(work, [_telling(known, one.reason, id_) for id_ in _told(known, directory)])


def _told(known: SubscriptionRow, directory: Directory) -> list[int]:
    """Its owner; every admin where there is none, or they have left."""
    owner = directory.people.get(known.owner_id) if known.owner_id is not None else None
    if owner is not None and owner.active:
        return [owner.id]
    return [one.id for one in directory.people.values() if one.active and one.role == "admin"]


def _telling(known: SubscriptionRow, reason: str, user_id: int) -> Telling:
    return Telling(
        # the same again after it was enabled and changed
        key=f"webhook:{known.id}:{known.revision}",
        user_id=user_id,
        kind="webhook",
        title=Words(f"The webhook “{known.name}” is disabled", f"Webhook“{known.name}”已停用"),
        body=_WHY[reason],
        subject_kind="webhook",
        subject_id=known.id,
        urgency=Urgency.HIGH,
        path=f"/webhooks/{known.id}",
    )
