"""Deciding for a group of asks which messages go, and writing them down before they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import messages as rows
from crm_store.messages import HandedOver, NewMessage
from crm_store.models import MessageState
from crm_store.recipients import hold_contacts_still, recipients
from engine.services.messages.asks import (
    EMAIL,
    NotSent,
    Prepared,
    SendAsk,
    SenderSettings,
    Verdict,
)
from engine.services.messages.composing import compose
from engine.services.messages.drafting import MARKETING, SAID, Draft, draft
from engine.services.templates import TemplateLibrary


async def prepare(
    session: AsyncSession,
    asks: Sequence[SendAsk],
    *,
    library: TemplateLibrary,
    sender_settings: SenderSettings,
    channel_name: str,
    now: datetime,
) -> list[Prepared | NotSent]:
    """One answer for each ask, in their order. Messages may go once this transaction has committed.

    Consent fails closed: marketing needs a recorded yes. And it is exact: the contacts are held
    still (a shared row lock) before consent is read by a later statement, so under READ COMMITTED a
    withdrawal either committed before the lock, and is seen, or has to wait for this transaction's
    commit, and was not acknowledged before it. The unsubscribe page moreover waits for hand-overs
    that are under way before it acknowledges.

    An ask that led to a message before is recognised by its effect: accepted ones are not sent
    again, unanswered ones are `unsettled`, certainly unaccepted ones go again under the same key.
    """
    if not asks:
        return []
    earlier = await rows.earlier_messages(session, [ask.effect_id for ask in asks])
    known = {message.effect_id: message for message in earlier}
    contact_ids = sorted({ask.contact_id for ask in asks})
    await hold_contacts_still(session, contact_ids)
    reads = library.reads({ask.template for ask in asks})
    people = await recipients(session, contact_ids, EMAIL, MARKETING, reads)
    drafts = [
        draft(ask, people.get(ask.contact_id), known.get(ask.effect_id), library, sender_settings)
        for ask in asks
    ]
    written = await rows.insert_messages(
        session, [new for one in drafts if (new := _row(one, channel_name))], now
    )
    return [_outcome(one, written, known, sender_settings) for one in drafts]


def _row(made: Draft, channel_name: str) -> NewMessage | None:
    """The row to write; none where there is nothing to show later or a row is there already."""
    if made.recipient is None or made.verdict is Verdict.HOLD:
        return None
    ask, letter = made.ask, made.letter
    return NewMessage(
        effect_id=ask.effect_id,
        run_id=ask.run_id,
        flow_id=ask.flow_id,
        node=ask.node,
        contact_id=ask.contact_id,
        channel=channel_name,
        purpose=ask.purpose,
        template=ask.template,
        language=letter.language if letter else None,
        address=made.recipient.contact["email"],
        subject=letter.subject if letter else None,
        provider_key=made.key,
        state=MessageState.HANDING_OVER.value if letter else str(made.verdict),
        reason=made.code,
    )


def _outcome(
    made: Draft,
    written: Mapping[str, int],
    known: Mapping[int, HandedOver],
    settings: SenderSettings,
) -> Prepared | NotSent:
    ask = made.ask
    earlier = known.get(ask.effect_id)
    message_id = written.get(made.key) or (earlier.id if earlier else None)
    if made.verdict is not None:
        code = made.code or made.verdict.value
        said = made.message or SAID[code]
        return NotSent(ask, made.verdict, code, said, message_id)
    if made.key not in written:
        # another worker wrote the same message down since we looked
        return NotSent(ask, Verdict.UNSETTLED, "not_settled", SAID["not_settled"])
    return Prepared(ask, written[made.key], compose(made, settings))
