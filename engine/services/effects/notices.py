"""Telling our own people by mail: one notice for each ask and person, at least once.

The same for every effect that tells somebody; what else an ask leaves behind (a request, a case) is
`opened` by its own file. A mail that may have gone goes again only where the provider cannot tell,
and not for ever.
"""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import notices as rows
from crm_store.base import folded
from crm_store.effects import EffectRow
from crm_store.notices import NewNotice, NoticeRow, Recipient, Wanted
from engine.channels.address import is_address
from engine.channels.base import Known, OutgoingMessage
from engine.effects import EFFECTS, Outcome, Receipt
from engine.services.channels import Channels
from engine.services.effects.base import Begun, Means, StillOurs, Verdicts
from engine.services.effects.doing import do_while
from engine.services.effects.notice_text import noticed
from engine.services.effects.send_message import ASK_AGAIN, SETTLE_SOON, ask_all
from engine.services.messages import Answer, Settlement
from engine.services.messages.drafting import PAUSED_AGAIN
from engine.services.receipts import given_up, pause_after
from engine.services.telling.letters import Letter, Said, fault, hand_over, settlement
from engine.steps.notify import NOBODY
from engine.steps.people import addressee

_STATES = {
    Answer.ACCEPTED: "sent",
    Answer.REFUSED: "refused",
    Answer.UNREACHABLE: "put_off",
}
_SETTLED = {
    Settlement.SENT: "sent",
    Settlement.SEND_AGAIN: "put_off",
    Settlement.MAYBE_SENT: "maybe_sent",
}


class Noticing:
    """Subclasses name their `kind` and what they leave behind."""

    kind: ClassVar[str]

    def __init__(self, means: Means) -> None:
        self._means = means
        self._channels = Channels.of(means.channel, means.outgoing, means.secrets)

    async def opened(
        self,
        session: AsyncSession,
        asks: Sequence[tuple[EffectRow, Sequence[Recipient]]],
        now: datetime,
    ) -> Mapping[int, Mapping[str, Any]]:
        """What else is written for asks that there is somebody for; details of their receipts, by
        effect."""
        del session, asks, now
        return {}

    async def prepare(
        self,
        session: AsyncSession,
        effects: Sequence[EffectRow],
        flow_names: Mapping[int, str],
        now: datetime,
    ) -> Begun:
        people: dict[int, list[Recipient]] = defaultdict(list)
        for one in await rows.addressees(session, [_wanted(effect) for effect in effects]):
            people[one.effect_id].append(one)
        nobody = Receipt(Outcome.REFUSED, NOBODY)
        answered = [(effect, nobody) for effect in effects if not people[effect.id]]
        meant = [(effect, people[effect.id]) for effect in effects if people[effect.id]]
        details = await self.opened(session, meant, now)
        earlier = await rows.earlier_notices(session, [effect.id for effect, _ in meant])
        open_ = {one.effect_id for one in earlier if one.state == "handing_over"}
        fresh = [(effect, people) for effect, people in meant if effect.id not in open_]
        if await self._paused(session):
            await self._shown_only(session, fresh, now)
            until = now + PAUSED_AGAIN
            return Begun((), answered, sorted(open_), [(effect.id, until) for effect, _ in fresh])
        written = await self._written(session, fresh, now)
        ready: list[tuple[EffectRow, list[Letter]]] = []
        for effect, to in fresh:
            letters = self._letters(
                effect, to, written[effect.id], flow_names, details.get(effect.id, {})
            )
            ready.append((effect, letters))
        return Begun(ready, answered, sorted(open_))

    async def do(
        self, ready: Sequence[list[Letter]], *, still_ours: StillOurs, every: timedelta
    ) -> Sequence[list[Said]]:
        letters = [letter for group in ready for letter in group]
        answers = await do_while(
            [partial(hand_over, self._means.channel, letter) for letter in letters],
            cut_off=None,
            fault=fault,
            still_ours=still_ours,
            every=every,
        )
        ended = iter(zip(letters, answers, strict=True))
        return [
            [
                said or Said(letter.id, Answer.UNCLEAR, "unclear")
                for letter, said in (next(ended) for _ in group)
            ]
            for group in ready
        ]

    async def record(
        self,
        session: AsyncSession,
        mine: Sequence[tuple[EffectRow, list[Said]]],
        late: Sequence[tuple[EffectRow, list[Said]]],
        now: datetime,
    ) -> Verdicts:
        accepted = [one for _, said in late for one in said if one.answer is Answer.ACCEPTED]
        told = [one for _, said in mine for one in said]
        answers = [
            (one.id, _STATES[one.answer], one.code)
            for one in (*told, *accepted)
            if one.answer is not Answer.UNCLEAR
        ]
        await rows.write_notice_answers(session, answers, now)
        pauses = {
            effect.id: max(
                (one.retry_after for one in said if one.retry_after), default=timedelta()
            )
            for effect, said in mine
        }
        codes = {effect.id: [one.code for one in said] for effect, said in mine}
        return await self._concluded(session, [effect for effect, _ in mine], now, pauses, codes)

    async def open_cases(
        self, session: AsyncSession, effects: Sequence[EffectRow]
    ) -> Sequence[NoticeRow]:
        earlier = await rows.earlier_notices(session, [effect.id for effect in effects])
        return [one for one in earlier if one.state == "handing_over"]

    async def ask(self, cases: Sequence[NoticeRow]) -> Sequence[Known | None]:
        return await ask_all(self._means.channel, [case.provider_key for case in cases])

    async def settle(
        self,
        session: AsyncSession,
        ours: Sequence[EffectRow],
        cases: Sequence[NoticeRow],
        known: Sequence[Known | None],
        now: datetime,
    ) -> Verdicts:
        by_id = {effect.id: effect for effect in ours}
        settled = []
        for case, answer in zip(cases, known, strict=True):
            effect = by_id.get(case.effect_id)
            if effect is not None and answer is not None:
                state = _SETTLED[settlement(answer, effect.attempts)]
                settled.append((case.id, state, "settled"))
        await rows.write_notice_answers(session, settled, now)
        begun = {case.effect_id for case in cases}
        verdicts = Verdicts(again=[(e.id, now) for e in ours if e.id not in begun])
        left = [effect for effect in ours if effect.id in begun]
        verdicts.add(await self._concluded(session, left, now, {}, {}))
        return verdicts

    async def _written(
        self,
        session: AsyncSession,
        asks: Sequence[tuple[EffectRow, Sequence[Recipient]]],
        now: datetime,
    ) -> Mapping[int, Mapping[int, NoticeRow]]:
        """The notices whose mails are to go, by effect and person."""
        new = [self._new(effect, person) for effect, people in asks for person in people]
        found: dict[int, dict[int, NoticeRow]] = defaultdict(dict)
        for row in await rows.put_notices(session, new, now):
            if row.state == "handing_over":
                found[row.effect_id][row.user_id] = row
        return found

    async def _paused(self, session: AsyncSession) -> bool:
        await self._channels.refresh(session)
        way = self._channels.way(None)
        return way is not None and way.paused

    async def _shown_only(
        self,
        session: AsyncSession,
        asks: Sequence[tuple[EffectRow, Sequence[Recipient]]],
        now: datetime,
    ) -> None:
        """The notices as rows, whose mails go once the channel is resumed."""
        new = [self._new(effect, person) for effect, people in asks for person in people]
        waiting = [
            one._replace(state="put_off", reason="channel_paused")
            for one in new
            if one.state == "handing_over"
        ]
        await rows.put_notices(session, waiting, now)

    def _new(self, effect: EffectRow, person: Recipient) -> NewNotice:
        said = effect.ask["said"]
        writable = bool(person.email) and is_address(person.email or "")
        return NewNotice(
            effect_id=effect.id,
            run_id=effect.run_id,
            contact_id=effect.subject_id,
            user_id=person.user_id,
            kind=self.kind,
            title=said["title"],
            body=said["body"],
            provider_key=self._key(effect, person),
            state="handing_over" if writable else "refused",
            reason=None if writable else "no_address",
        )

    def _key(self, effect: EffectRow, person: Recipient) -> str:
        place = f"notice:{effect.id}:{effect.run_id}:{person.user_id}"
        secret = self._means.sender.key_secret
        return hmac.digest(secret, place.encode(), "sha256").hex()[:32]

    def _letters(
        self,
        effect: EffectRow,
        people: Sequence[Recipient],
        written: Mapping[int, NoticeRow],
        flow_names: Mapping[int, str],
        details: Mapping[str, Any],
    ) -> list[Letter]:
        flow = flow_names.get(effect.flow_id, "")
        return [
            Letter(
                notice.id,
                OutgoingMessage(
                    provider_key=notice.provider_key,
                    sender=self._means.sender.sender,
                    to=person.email or "",
                    subject=effect.ask["said"]["title"],
                    text=noticed(effect, person.language, flow, details, self._means.public_url),
                    headers={"Auto-Submitted": "auto-generated"},
                ),
            )
            for person in people
            if (notice := written.get(person.user_id)) is not None
        ]

    async def _concluded(
        self,
        session: AsyncSession,
        effects: Sequence[EffectRow],
        now: datetime,
        pauses: Mapping[int, timedelta],
        codes: Mapping[int, Sequence[str | None]],
    ) -> Verdicts:
        """From what is known of all mails of each ask by now."""
        verdicts = Verdicts()
        states = await rows.states_of(session, [effect.id for effect in effects])
        details = await self.details(session, effects)
        for effect in effects:
            found = states.get(effect.id, [])
            code = next((one for one in codes.get(effect.id, ()) if one), None)
            if "handing_over" in found:
                soon = SETTLE_SOON if effect.id in codes else ASK_AGAIN
                verdicts.unclear.append((effect.id, now + soon))
            elif "put_off" in found and given_up(effect, now, code, None) is None:
                pause = pauses.get(effect.id) or _pause(effect, effect.id in codes)
                verdicts.again.append((effect.id, now + pause))
            else:
                verdicts.receipts.append(
                    (effect, _receipt(found, code, details.get(effect.id, {})))
                )
        return verdicts

    async def details(
        self, session: AsyncSession, effects: Sequence[EffectRow]
    ) -> Mapping[int, Mapping[str, Any]]:
        """What the run is told besides how it ended, by effect."""
        del session, effects
        return {}


def _receipt(states: Sequence[str], code: str | None, details: Mapping[str, Any]) -> Receipt:
    told = sum(state in ("sent", "maybe_sent") for state in states)
    more = {**details, "told": told}
    if "sent" in states:
        return Receipt(Outcome.DONE, details=more)
    if "maybe_sent" in states:
        return Receipt(Outcome.MAYBE_DONE, "no_answer", details=more)
    if "put_off" in states:
        return Receipt(Outcome.GAVE_UP, code, details=more)
    return Receipt(Outcome.REFUSED, code or "no_address", details=more)


def _pause(effect: EffectRow, was_tried: bool) -> timedelta:
    if was_tried:
        return EFFECTS[effect.kind].retry_delay(effect.attempts + 1)
    return pause_after(effect)


def _wanted(effect: EffectRow) -> Wanted:
    to = addressee(effect.ask["to"])
    value = folded(to.value) if to.kind == "user" else to.value
    return Wanted(effect.id, effect.subject_id, to.kind, value)
