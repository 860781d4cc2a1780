"""Calling other systems: at least once, whatever the flow's purpose.

Whether a call that was cut off arrived cannot be asked. It is made again with the same id, by which
the receiver drops what it had before; so there is nothing to settle but to try again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.effects import EffectRow
from engine.effects import Outcome, Receipt, manner_of
from engine.outgoing import Call, NoAnswer, NotAllowed, NotSent
from engine.outgoing.sorting import pause_asked_for
from engine.services.effects.base import Begun, Means, StillOurs, Verdicts
from engine.services.effects.doing import do_while
from engine.services.effects.taken_values import Missing, take_values
from engine.services.effects.webhook_call import (
    BadSecret,
    WebhookResult,
    call_id,
    call_of,
    result_of,
    secrets_named,
)
from engine.services.receipts import given_up, pause_after
from engine.services.secrets import opened_secrets

log = logging.getLogger(__name__)

CUT_OFF = WebhookResult("unclear", "claim_lost")
FAULT = WebhookResult("unclear", "internal_fault")
PreparedCall = tuple[EffectRow, Call]


class CallWebhooks:
    def __init__(self, means: Means) -> None:
        self._means = means

    async def prepare(
        self,
        session: AsyncSession,
        effects: Sequence[EffectRow],
        flow_names: Mapping[int, str],
        now: datetime,
    ) -> Begun:
        del flow_names
        names = {name for effect in effects for name in secrets_named(effect.ask)}
        secrets = await opened_secrets(session, self._means.secrets, names)
        ready: list[tuple[EffectRow, PreparedCall]] = []
        answered: list[tuple[EffectRow, Receipt]] = []
        taken = await take_values(session, effects, now)
        for asked in effects:
            effect = taken[asked.id]
            if isinstance(effect, Missing):
                answered.append((asked, _cannot("nothing_to_take", str(effect))))
                continue
            call = self._call(effect, secrets, now)
            if isinstance(call, Receipt):
                answered.append((effect, call))
            else:
                ready.append((effect, (effect, call)))
        return Begun(ready, answered)

    async def do(
        self, ready: Sequence[PreparedCall], *, still_ours: StillOurs, every: timedelta
    ) -> Sequence[WebhookResult]:
        return await do_while(
            [partial(self._result, *one) for one in ready],
            cut_off=CUT_OFF,
            fault=_fault,
            still_ours=still_ours,
            every=every,
        )

    async def record(
        self,
        session: AsyncSession,
        mine: Sequence[tuple[EffectRow, WebhookResult]],
        late: Sequence[tuple[EffectRow, WebhookResult]],
        now: datetime,
    ) -> Verdicts:
        del session, late
        verdicts = Verdicts()
        for effect, result in mine:
            receipt = _receipt(effect, result, now)
            if receipt is not None:
                verdicts.receipts.append((effect, receipt))
                continue
            pause = pause_asked_for(result.retry_after, now)
            pause = pause or manner_of(effect.kind, effect.ask).retry_delay(effect.attempts + 1)
            verdicts.again.append((effect.id, now + pause))
        return verdicts

    async def open_cases(
        self, session: AsyncSession, effects: Sequence[EffectRow]
    ) -> Sequence[None]:
        del session, effects
        return ()

    async def ask(self, cases: Sequence[None]) -> Sequence[None]:
        return cases

    async def settle(
        self,
        session: AsyncSession,
        ours: Sequence[EffectRow],
        cases: Sequence[None],
        known: Sequence[None],
        now: datetime,
    ) -> Verdicts:
        del session, cases, known
        verdicts = Verdicts()
        for effect in ours:
            receipt = given_up(effect, now, "no_answer", None)
            if receipt is not None:
                verdicts.receipts.append((effect, receipt))
            else:
                verdicts.again.append((effect.id, now + pause_after(effect)))
        return verdicts

    def _call(self, effect: EffectRow, secrets: Mapping[str, str], now: datetime) -> Call | Receipt:
        missing = [name for name in secrets_named(effect.ask) if name not in secrets]
        if missing:
            message = (
                f'the secret "{missing[0]}" is not kept; set it with `cadenza hook secret set`.'
            )
            return _cannot("unknown_secret", message)
        identity = call_id(effect, self._means.sender.key_secret)
        try:
            return call_of(effect, identity, secrets, now)
        except BadSecret as wrong:
            message = f'the secret "{wrong}" cannot be used for this; make one with `--generate`.'
            return _cannot("bad_secret", message)

    async def _result(self, effect: EffectRow, call: Call) -> WebhookResult:
        try:
            answer = await self._means.outgoing.send(call)
        except NotAllowed as refusal:
            return WebhookResult("cannot", refusal.code, refusal.reason)
        except NotSent as refusal:
            return WebhookResult("later", refusal.code)
        except NoAnswer as refusal:
            return WebhookResult("unclear", refusal.code)
        return result_of(answer, effect.ask)


def _receipt(effect: EffectRow, result: WebhookResult, now: datetime) -> Receipt | None:
    """What the run is told; None when it is to be tried again."""
    details: dict[str, object] = {}
    if result.status is not None:
        details["status"] = result.status
    match result.how:
        case "ok":
            kept = {"kept": dict(result.kept)} if result.kept else {}
            noted = {"remembered": dict(result.remembered)} if result.remembered else {}
            return Receipt(Outcome.DONE, details=details | kept | noted)
        case "refused":
            return Receipt(Outcome.REFUSED, result.reason, details=details)
        case "cannot":
            return _cannot(result.reason, result.message, details)
    late = given_up(effect, now, result.reason, None)
    return None if late is None else Receipt(late.outcome, late.reason, details=details)


def _cannot(
    code: str | None, message: str | None, more: Mapping[str, object] = MappingProxyType({})
) -> Receipt:
    return Receipt(Outcome.CANNOT, code, details={"message": message or "See the log.", **more})


def _fault(error: Exception) -> WebhookResult:
    log.error("a call failed by a fault of ours", exc_info=error)
    return FAULT
