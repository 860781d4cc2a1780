"""Deciding for a group of asks which messages go, and writing them down before they do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import messages as rows
from crm_store.messages import HandedOver, NewMessage
from crm_store.models import MessageState
from engine.services.channels import Channels
from engine.services.messages.asks import (
    EMAIL,
    NotSent,
    Prepared,
    SendAsk,
    SenderSettings,
    Verdict,
)
from engine.services.messages.composing import compose
from engine.services.messages.deciding import decide_all, items_of, stored_medium
from engine.services.messages.drafting import SAID, Draft, under_its_purpose
from engine.services.messages.enclosing import enclose
from engine.services.messages.going import with_senders, within_limits
from engine.services.messages.kept_back import not_for_ever
from engine.services.messages.measured import measure
from engine.services.messages.sender_domains import sender_domain, unless_paused
from engine.services.sending.arbiter import Arbiter
from engine.services.sending.collected import collect
from engine.services.templates import TemplateLibrary


async def prepare(
    session: AsyncSession,
    asks: Sequence[SendAsk],
    *,
    library: TemplateLibrary,
    sender_settings: SenderSettings,
    channel_name: str,
    now: datetime,
    arbiter: Arbiter | None = None,
    channels: Channels | None = None,
) -> list[Prepared | NotSent]:
    """One answer for each ask, in their order. Messages may go once this transaction has committed.

    Consent fails closed: marketing needs a recorded yes. And it is exact: the contacts are held
    still (a shared row lock) before consent is read by a later statement, so under READ COMMITTED a
    withdrawal either committed before the lock, and is seen, or has to wait for this transaction's
    commit, and was not acknowledged before it. The unsubscribe page moreover waits for hand-overs
    that are under way before it acknowledges.

    What nothing forbids is ruled on by the arbiter, which has the contacts' turns until the commit.

    An ask that led to a message before is recognised by its effect: accepted ones are not sent
    again, unanswered ones are `unsettled`, certainly unaccepted ones go again under the same key.
    """
    if not asks:
        return []
    await library.refresh(session)
    asks = [under_its_purpose(library, ask) for ask in asks]
    earlier = await rows.earlier_messages(session, [ask.effect_id for ask in asks])
    known = {message.effect_id: message for message in earlier}
    arbiter = arbiter or Arbiter()
    drafts = await decide_all(
        session,
        asks,
        known,
        library,
        sender_settings,
        arbiter,
        now,
        medium_of=_media(channels),
    )
    if channels is not None:
        drafts = with_senders(drafts, channels)
    drafts = await unless_paused(session, drafts, sender_settings, now)
    drafts = await within_limits(session, drafts, now)
    drafts = await not_for_ever(session, drafts, arbiter, now)
    drafts = await enclose(session, drafts)
    written = await rows.insert_messages(
        session, [new for one in drafts if (new := _row(one, channel_name, sender_settings))], now
    )
    await collect(session, items_of(drafts, sender_settings.default_zone, now), now)
    drafts = await measure(session, drafts, written, sender_settings, now)
    return [_outcome(one, written, known, sender_settings) for one in drafts]


def _media(channels: Channels | None) -> Callable[[str | None], str]:
    """The medium of a channel by its name; of one that is gone, the usual one."""

    def medium_of(name: str | None) -> str:
        way = None if channels is None else channels.way(name)
        return EMAIL if way is None else way.medium

    return medium_of


# What waits has not come to anything yet, and what is held is shown by its run.
_WITHOUT_A_ROW = (Verdict.HOLD, Verdict.LATER)


def _row(made: Draft, channel_name: str, settings: SenderSettings) -> NewMessage | None:
    """The row to write; none where there is nothing to show later or a row is there already."""
    if made.recipient is None or made.verdict in _WITHOUT_A_ROW:
        return None
    ask, letter = made.ask, made.letter
    return NewMessage(
        effect_id=ask.effect_id,
        run_id=ask.run_id,
        flow_id=ask.flow_id,
        node=ask.node,
        contact_id=ask.contact_id,
        channel=channel_name if ask.way.name is None else ask.way.stored,
        purpose=ask.purpose,
        template=ask.template,
        language=letter.language if letter else None,
        address=ask.way.address(made.recipient.contact),
        subject=letter.subject if letter else None,
        provider_key=made.key,
        state=MessageState.HANDING_OVER.value if made.verdict is None else str(made.verdict),
        reason=made.code,
        sender_domain=sender_domain(made, settings),
        topic=made.topic,
        template_version=letter.version or None if letter else None,
        medium=stored_medium(ask),
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
        return NotSent(ask, made.verdict, code, said, message_id, made.until)
    if made.key not in written:
        # another worker wrote the same message down since we looked
        return NotSent(ask, Verdict.UNSETTLED, "not_settled", SAID["not_settled"])
    return Prepared(ask, written[made.key], compose(made, settings), made.counted)
